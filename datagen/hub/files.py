"""The files of a repository: listing them, comparing them with files on disk, downloading them.

A server may list anything. What its list holds is checked here, and is not checked again.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.hf_api import RepoFile

from datagen.dataset.card_merge import MOST_CHARACTERS, Card, read_card
from datagen.hub.client import RepoType
from datagen.hub.errors import odd_answer
from datagen.hub.retries import with_retries
from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import sha256
from datagen.schemas.folder import CARD
from datagen.schemas.hub_pages import OddPage, listed
from datagen.schemas.progress import ByteProgress

CACHE = ".cache"
"""Where the client notes in a folder what it has downloaded; a second run asks the Hub, and fetches nothing
twice."""

THREADS = 4
"""Files that are transferred at once."""


MAX_FILES = 500_000
"""Files and folders of a repository; a list without an end would fill the memory."""

MAX_PATH_CHARACTERS = 4096


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository.

    ``size``: in bytes. ``blob_id``: Git's id of the content or, for an LFS file, of the pointer to it.
    ``sha256``: of an LFS file's content, None for any other file.
    """

    __slots__ = ("blob_id", "sha256", "size")
    size: int
    blob_id: str
    sha256: str | None


def list_files(
    api: HfApi, repo: str, revision: str, repo_type: RepoType = "dataset"
) -> dict[str, RemoteFile]:
    """Every file of a revision by its path. Raises InputError where there are too many."""
    files: dict[str, RemoteFile] = {}
    for entry in list_entries(api, repo, f"{repo_type}s/{repo}/tree/{quote(revision, safe='')}"):
        if entry.get("type") == "file":
            file = RepoFile(**entry)  # type: ignore[no-untyped-call]
            path = file.path
            if not isinstance(path, str) or len(path) > MAX_PATH_CHARACTERS:
                raise odd_answer(f"{str(path)[:80]!r} is not a path")
            files[path] = _remote_file(file)
    return files


def list_entries(api: HfApi, name: str, path: str) -> Iterator[dict[str, Any]]:
    """The entries of a list of files; ``path`` is that of the Hub's API. Raises InputError, RunFailed."""
    try:
        for number, entry in enumerate(listed(api, path, recursive=True)):
            if number == MAX_FILES:
                raise InputError(
                    f"{name} has more than {MAX_FILES:,} files and folders, the most that can be read."
                )
            yield entry
    except OddPage as odd:
        raise odd_answer(str(odd)) from None


def _remote_file(entry: RepoFile) -> RemoteFile:
    sha256 = entry.lfs.sha256 if entry.lfs is not None else None
    is_size = type(entry.size) is int and 0 <= entry.size < 2**63
    hashes = [entry.blob_id, *([sha256] if entry.lfs is not None else [])]
    if not is_size or not all(
        isinstance(each, str) and re.fullmatch("[0-9a-f]{40,64}", each) for each in hashes
    ):
        raise odd_answer(f"{entry.path[:80]!r} has no size or no hash")
    return RemoteFile(entry.size, entry.blob_id, sha256)


def is_safe_path(path: str) -> bool:
    """Whether a path of a repository stays inside the folder it is put in, and out of the client's notes."""
    parts = path.split("/")
    odd = any(part in ("", ".", "..") or not part.isprintable() or "\\" in part for part in parts)
    return not odd and parts[0] != CACHE and not PurePosixPath(path).is_absolute()


def same_content(entry: RemoteFile | None, path: Path) -> bool:
    """Whether a file of a repository has the same bytes as the file ``path``."""
    if entry is None or entry.size != path.stat().st_size:
        return False
    if entry.sha256 is not None:
        return entry.sha256 == sha256(path)
    return entry.blob_id == git_blob_id(path.read_bytes())


def damaged_download(path: str) -> RunFailed:
    """The error for a file whose bytes are not those that the Hub lists."""
    return RunFailed(f"{path} arrived incomplete or damaged; run the same command again.")


def git_blob_id(content: bytes) -> str:
    """The id that Git gives to a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def download_files(
    api: HfApi,
    repo: str,
    commit: str,
    files: Mapping[str, RemoteFile],
    folder: Path,
    progress: ByteProgress,
    repo_type: RepoType = "dataset",
) -> None:
    """Download files of a commit into a folder, several at once; those that are there already are kept.

    The paths must be safe (:func:`is_safe_path`). Raises RunFailed for a file whose bytes differ from those
    on the Hub.
    """

    def download(path: str) -> int:
        with_retries(
            lambda: hf_hub_download(
                repo,
                path,
                repo_type=repo_type,
                revision=commit,
                local_dir=folder,
                token=api.token,
                endpoint=api.endpoint,
            )
        )
        if not same_content(files[path], folder / path):
            (folder / path).unlink()
            raise damaged_download(path)
        return files[path].size

    folder.mkdir(parents=True, exist_ok=True)
    done, total = 0, sum(file.size for file in files.values())
    with ThreadPoolExecutor(THREADS) as pool:
        for size in pool.map(download, files):
            done += size
            progress(done, total)


def download_card(
    api: HfApi,
    repo: str,
    commit: str,
    files: Mapping[str, RemoteFile],
    repo_type: RepoType = "dataset",
) -> Card:
    """The card of a commit, empty where it has none. Raises InputError for one that is too long or broken."""
    if CARD not in files:
        return Card({}, "")
    if files[CARD].size > 4 * MOST_CHARACTERS:
        raise InputError(f"{repo}/{CARD} is larger than any card; shorten it on the Hub.")
    text = download_file(api, repo, commit, CARD, files, repo_type).decode("utf-8", errors="replace")
    return read_card(text, f"{repo}/{CARD}")


def download_file(
    api: HfApi,
    repo: str,
    commit: str,
    path: str,
    files: Mapping[str, RemoteFile],
    repo_type: RepoType = "dataset",
) -> bytes:
    """The bytes of one small file of a commit. Raises RunFailed where they are not those on the Hub."""
    with tempfile.TemporaryDirectory() as folder:
        download_files(
            api, repo, commit, {path: files[path]}, Path(folder), lambda done, total: None, repo_type
        )
        return (Path(folder) / path).read_bytes()
