"""The files of a repository: listing them, comparing them with files on disk, downloading them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from huggingface_hub import HfApi, hf_hub_download
from huggingface_hub.hf_api import RepoFile

from datagen.hub.client import with_retries
from datagen.schemas import RunFailed
from datagen.schemas.files import sha256
from datagen.schemas.progress import ByteProgress

CACHE = ".cache"
"""Where the client notes in a folder what it has downloaded; a second run asks the Hub, and fetches nothing
twice."""

THREADS = 4
"""Files that are transferred at once."""


def list_files(api: HfApi, repo: str, revision: str) -> dict[str, RepoFile]:
    """Every file of a revision by its path."""
    entries = api.list_repo_tree(repo, repo_type="dataset", revision=revision, recursive=True)
    return {entry.path: entry for entry in entries if isinstance(entry, RepoFile)}


def is_safe_path(path: str) -> bool:
    """Whether a path of a repository stays inside the folder it is put in, and out of the client's notes."""
    parts = path.split("/")
    odd = any(part in ("", ".", "..") or not part.isprintable() or "\\" in part for part in parts)
    return not odd and parts[0] != CACHE and not PurePosixPath(path).is_absolute()


def same_content(entry: RepoFile | None, path: Path) -> bool:
    """Whether a file of a repository has the same bytes as the file ``path``."""
    if entry is None or entry.size != path.stat().st_size:
        return False
    if entry.lfs is not None:
        return str(entry.lfs.sha256) == sha256(path)
    return str(entry.blob_id) == git_blob_id(path.read_bytes())


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
    files: Mapping[str, RepoFile],
    folder: Path,
    progress: ByteProgress,
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
                repo_type="dataset",
                revision=commit,
                local_dir=folder,
                token=api.token,
                endpoint=api.endpoint,
            )
        )
        if not same_content(files[path], folder / path):
            (folder / path).unlink()
            raise damaged_download(path)
        return int(files[path].size)

    folder.mkdir(parents=True, exist_ok=True)
    done, total = 0, sum(file.size for file in files.values())
    with ThreadPoolExecutor(THREADS) as pool:
        for size in pool.map(download, files):
            done += size
            progress(done, total)
