"""Files of a repository: their list, whether one is here already, and having them in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from huggingface_hub import (
    HfApi,
    hf_hub_download,
)
from huggingface_hub.hf_api import RepoFile

from datagen.hub.client import (
    patiently,
)
from datagen.schemas import RunFailed
from datagen.schemas.files import sha256

MOST_FILES = 500_000

CACHE = ".cache"
"""Where the client notes in the folder what it has; a second run asks the Hub, and fetches nothing twice."""

THREADS = 4

Progress = Callable[[int, int], None]
"""Called with the bytes that are done and the bytes of all that is to be sent or received."""


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


def tree_of(api: HfApi, repo: str, revision: str) -> dict[str, RepoFile]:
    """Every file of a revision by its path."""
    found = api.list_repo_tree(repo, repo_type="dataset", revision=revision, recursive=True)
    return {entry.path: entry for entry in found if isinstance(entry, RepoFile)}


def is_there(entry: RepoFile | None, path: Path) -> bool:
    """Whether a file of the repository has the bytes of ``path``."""
    if entry is None or entry.size != path.stat().st_size:
        return False
    if entry.lfs is not None:
        return str(entry.lfs.sha256) == sha256(path)
    return str(entry.blob_id) == _git_sha1(path.read_bytes())


def _git_sha1(content: bytes) -> str:
    """The id that Git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
