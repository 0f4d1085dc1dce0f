"""A dataset of the Hub: its table is found in the list of its files, and those files are fetched.

Nothing of the repository is run or followed anywhere: its card only says which of its own files to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.hf_api import RepoFile

from datagen.card_merge import MOST_CHARACTERS, read_card
from datagen.folder import CARD
from datagen.hub import connect, patiently
from datagen.push import THREADS, sentences
from datagen.push_plan import is_there, tree_of
from datagen.readers.layout import Layout, find_layout
from datagen.readers.source import Progress
from schemas import InputError, RunFailed

MOST_FILES = 500_000
CACHE = ".cache"
"""Where the client notes in the folder what it has; a second run asks the Hub, and fetches nothing twice."""


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


def fetch(
    api: HfApi,
    repo: str,
    commit: str,
    wanted: Mapping[str, RepoFile],
    work: Path,
    tell: Progress,
) -> None:
    """Have files of a commit in a folder, a few at once, each with its bytes; what is there is kept.

    ``tell`` is called with the bytes that are there and those of all files. The paths must be safe
    (:func:`is_safe`). Raises RunFailed for a file whose bytes are not those of the Hub.
    """

    def one(path: str) -> int:
        patiently(
            lambda: hf_hub_download(
                repo,
                path,
                repo_type="dataset",
                revision=commit,
                local_dir=work,
                token=api.token,
                endpoint=api.endpoint,
            )
        )
        if not is_there(wanted[path], work / path):
            (work / path).unlink()
            raise RunFailed(f"{path} did not arrive whole; start the same command again.")
        return int(wanted[path].size)

    work.mkdir(parents=True, exist_ok=True)
    done, total = 0, sum(file.size for file in wanted.values())
    with ThreadPoolExecutor(THREADS) as pool:
        for size in pool.map(one, wanted):
            done += size
            tell(done, total)


def is_safe(path: str) -> bool:
    """Whether a path of a repository stays in the folder it is put in, and apart from the client's notes."""
    parts = path.split("/")
    odd = any(part in ("", ".", "..") or not part.isprintable() or "\\" in part for part in parts)
    return not odd and parts[0] != CACHE and not PurePosixPath(path).is_absolute()


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
