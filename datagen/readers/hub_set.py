"""A dataset of the Hub: its table is located in the list of its files, and those files are downloaded.

Nothing in the repository is executed, and no link in it is followed: its card only says which of its own
files to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.hf_api import RepoFile

from datagen.dataset.card_merge import MOST_CHARACTERS, read_card
from datagen.hub.client import connect, repo_and_revision, translate_errors, with_retries
from datagen.hub.files import download_files, is_safe_path, list_files
from datagen.readers.layout import MAX_FILES, Layout, find_layout
from datagen.schemas import InputError
from datagen.schemas.folder import CARD
from datagen.schemas.progress import ByteProgress


@dataclass(frozen=True)
class HubTable:
    """A table of the Hub whose files are now in a local folder, and the commit they come from."""

    repo: str
    commit: str
    layout: Layout


def download_table(
    source: str,
    folder: Path,
    revision: str | None,
    config: str | None,
    split: str | None,
    progress: ByteProgress,
) -> HubTable:
    """Download one config and split of ``owner/name[@revision]`` into ``folder``; files keep their paths.

    Raises InputError for what does not exist or cannot be read, RunFailed where the Hub or the connection
    to it fails.
    """
    repo, revision = repo_and_revision(source, revision)
    api = connect()
    with translate_errors(repo):
        info = with_retries(lambda: api.repo_info(repo, repo_type="dataset", revision=revision))
        commit = str(info.sha)
        remote = with_retries(lambda: list_files(api, repo, commit))
        if len(remote) > MAX_FILES:
            raise InputError(f"{repo} has {len(remote):,} files; at most {MAX_FILES:,} can be read.")
        safe = {path: file for path, file in remote.items() if is_safe_path(path)}
        front = _front_matter(api, repo, commit, safe, folder)
        layout = find_layout(safe, front, repo, config, split)
        files = {path: safe[path] for path in layout.files}
        download_files(api, repo, commit, files, folder, progress)
    return HubTable(repo, commit, layout)


def _front_matter(
    api: HfApi, repo: str, commit: str, remote: Mapping[str, RepoFile], folder: Path
) -> Mapping[str, Any]:
    """The YAML of the card, empty where there is none. Raises InputError where it is broken."""
    if CARD not in remote:
        return {}
    if remote[CARD].size > 4 * MOST_CHARACTERS:
        raise InputError(f"{repo}/{CARD} is larger than any card.")
    download_files(api, repo, commit, {CARD: remote[CARD]}, folder, lambda done, total: None)
    text = (folder / CARD).read_text(encoding="utf-8", errors="replace")
    return read_card(text, f"{repo}/{CARD}").front
