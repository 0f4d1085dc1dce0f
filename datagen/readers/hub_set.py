"""A dataset of the Hub: its table is found in the list of its files, and those files are fetched.

Nothing of the repository is run or followed anywhere: its card only says which of its own files to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.hf_api import RepoFile

from datagen.dataset.card_merge import MOST_CHARACTERS, read_card
from datagen.hub.client import connect, patiently, sentences
from datagen.hub.files import MOST_FILES, fetch, is_safe, tree_of
from datagen.readers.layout import Layout, find_layout
from datagen.readers.source import Progress
from datagen.schemas import InputError
from datagen.schemas.folder import CARD


@dataclass(frozen=True)
class Fetched:
    """The files of a table, now in a folder of this machine, and the commit that they are of."""

    commit: str
    layout: Layout


def fetch_set(
    repo: str,
    work: Path,
    revision: str | None,
    config: str | None,
    split: str | None,
    tell: Progress,
) -> Fetched:
    """Have the files of one config and split of ``repo`` in the folder ``work``, under their own paths.

    Raises InputError for what is not there or cannot be read, RunFailed where the way to the Hub fails.
    """
    api = connect()
    with sentences(repo):
        info = patiently(lambda: api.repo_info(repo, repo_type="dataset", revision=revision))
        commit = str(info.sha)
        tree = patiently(lambda: tree_of(api, repo, commit))
        if len(tree) > MOST_FILES:
            raise InputError(f"{repo} has {len(tree):,} files; more than {MOST_FILES:,} are not read.")
        safe = {path: file for path, file in tree.items() if is_safe(path)}
        front = _front(api, repo, commit, safe, work)
        layout = find_layout(safe, front, repo, config, split)
        fetch(api, repo, commit, {path: safe[path] for path in layout.files}, work, tell)
    return Fetched(commit, layout)


def _front(
    api: HfApi, repo: str, commit: str, there: Mapping[str, RepoFile], work: Path
) -> Mapping[str, Any]:
    """The YAML of the card, empty where there is none. Raises InputError where it is broken."""
    if CARD not in there:
        return {}
    if there[CARD].size > 4 * MOST_CHARACTERS:
        raise InputError(f"{repo}/{CARD}: larger than any card.")
    fetch(api, repo, commit, {CARD: there[CARD]}, work, lambda done, total: None)
    return read_card((work / CARD).read_text(encoding="utf-8", errors="replace"), f"{repo}/{CARD}").front
