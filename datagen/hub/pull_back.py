"""Pulling a pushed set back from the Hub: the same folder, the same checksums."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub.hf_api import RepoFile

from datagen.dataset.collection import config_and_split, parts
from datagen.dataset.folder import open_folder
from datagen.dataset.unfinished import begun
from datagen.hub.client import connect, repo_and_revision, translate_errors, with_retries
from datagen.hub.files import damaged_download, download_files, list_files, same_content
from datagen.hub.plan import SHARD
from datagen.schemas import InputError
from datagen.schemas.files import sha256
from datagen.schemas.folder import CARD, MANIFEST, PREVIEW, PROFILE, SCHEMA, partial
from datagen.schemas.progress import ByteProgress

_CACHE = ".cache"
_PLACE = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,62}/){0,2}manifest\.json")


class NotPushed(InputError):
    """A repository has no dataset folder that this tool pushed."""


@dataclass(frozen=True)
class PullResult:
    """What was pulled: the folder, the commit it came from, its tables and rows."""

    path: Path
    repo: str
    commit: str
    tables: int
    rows: int

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return {**self.__dict__, "path": str(self.path)}


def pull_back(
    source: str,
    out: str | Path,
    *,
    revision: str | None = None,
    config: str | None = None,
    split: str | None = None,
    overwrite: bool = False,
    progress: ByteProgress | None = None,
) -> PullResult:
    """Pull ``owner/name`` or ``owner/name@revision`` into the folder ``out``.

    ``revision`` is a branch, a tag or a commit. What was downloaded before an interruption is kept in
    OUT.partial and not downloaded again. Raises InputError, RunFailed or OSError.
    """
    repo, revision = repo_and_revision(source, revision)
    target = Path(out)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        if not overwrite:
            raise InputError(f"{target} is already there; give --overwrite to replace it, or another --out.")
        if target.is_symlink() or not _is_set(target):
            raise InputError(f"{target} is not a dataset of this tool; it will not be overwritten.")
    api = connect()
    with translate_errors(repo):
        info = with_retries(lambda: api.repo_info(repo, repo_type="dataset", revision=revision))
        commit = str(info.sha)
        tree = with_retries(lambda: list_files(api, repo, commit))
        places = _places(list(tree), config, split, repo)
        wanted = {path: entry for path, entry in tree.items() if _is_wanted(path, places)}
        work = _work(target)
        download_files(api, repo, commit, wanted, work, progress or (lambda done, total: None))
    shutil.rmtree(work / _CACHE, ignore_errors=True)
    _keep_only(work, wanted)
    rows = sum(_rows(work / place, f"{repo}/{place}".rstrip("/")) for place in places)
    if target.exists():
        shutil.rmtree(target)
    work.rename(target)
    return PullResult(target, repo, commit, len(places), rows)


def _places(paths: list[str], config: str | None, split: str | None, repo: str) -> list[str]:
    """The folders of the repository that are dataset folders and are asked for ("" is its top)."""
    every = [path[: -len(MANIFEST)].strip("/") for path in sorted(paths) if _PLACE.fullmatch(path)]
    if not every:
        raise NotPushed(f"{repo} was not pushed by datagen: it has no {MANIFEST}.")
    kept = [
        place
        for place in every
        if config in (None, config_and_split(place)[0]) and split in (None, config_and_split(place)[1])
    ]
    if not kept:
        known = ", ".join("/".join(config_and_split(place)) for place in every)
        raise InputError(f"{repo} has no such table; its tables are: {known}.")
    return kept


def _is_wanted(path: str, places: list[str]) -> bool:
    """Whether a file belongs to one of these tables: no other name is ever written to this disk."""
    names = {MANIFEST, SCHEMA, PROFILE, PREVIEW}
    inside = [path[len(place) + 1 :] if place else path for place in places if path.startswith(place)]
    return path == CARD or any(name in names or SHARD.fullmatch(name) for name in inside)


def _work(target: Path) -> Path:
    """OUT.partial, new or as an earlier pull left it. Raises InputError."""
    work = partial(target)
    known = (work / _CACHE).is_dir() or "pull" in (begun(work) or {})
    if work.exists() and any(work.iterdir()) and not known:
        raise InputError(f"{work} is not from a pull; finish or remove it, or give another --out.")
    work.mkdir(parents=True, exist_ok=True)
    return work


def _keep_only(work: Path, wanted: dict[str, RepoFile]) -> None:
    """Have the files of the commit there, each with its bytes, and none of another. Raises RunFailed."""
    for path, entry in wanted.items():
        if not (work / path).is_file() or not same_content(entry, work / path):
            (work / path).unlink(missing_ok=True)
            (work / _CACHE).mkdir(exist_ok=True)
            raise damaged_download(path)
    for file in work.rglob("*"):
        if file.is_file() and file.relative_to(work).as_posix() not in wanted:
            file.unlink()


def _rows(place: Path, where: str) -> int:
    """The rows of a table whose shards have the checksums of its manifest. Raises InputError."""
    folder = open_folder(place)
    for shard, path in zip(folder.manifest.shards, folder.shard_paths(), strict=True):
        if not path.is_file() or sha256(path) != shard.sha256:
            raise InputError(f"{where} is not whole on the Hub: {shard.path} is not that of its manifest.")
    return folder.manifest.rows


def _is_set(path: Path) -> bool:
    try:
        return bool(parts(path))
    except InputError:
        return False
