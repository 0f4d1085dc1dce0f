"""A dataset of the Hub: its table is located in the list of its files, and those files are downloaded.

Nothing in the repository is executed, and no link in it is followed: its card only says which of its own
files to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datagen.hub.client import commit_of, connect, repo_and_revision
from datagen.hub.errors import translate_errors
from datagen.hub.files import download_card, download_files, is_safe_path, list_files
from datagen.hub.retries import with_retries
from datagen.readers.layout import Layout, find_layout
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
    with translate_errors(repo, "pull"):
        commit = commit_of(api, repo, revision)
        remote = with_retries(lambda: list_files(api, repo, commit))
        safe = {path: file for path, file in remote.items() if is_safe_path(path)}
        card = download_card(api, repo, commit, safe)
        layout = find_layout(safe, card.front, repo, config, split)
        files = {path: safe[path] for path in layout.files}
        download_files(api, repo, commit, files, folder, progress)
    return HubTable(repo, commit, layout)
