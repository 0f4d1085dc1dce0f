"""Pulling a pushed dataset back from the Hub: the same folder, the same checksums."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.dataset.collection import DEFAULT_SPLIT, config_and_split
from datagen.dataset.folder import open_folder
from datagen.dataset.writer import Job, refuse_existing, writing
from datagen.hub.client import commit_of, connect, repo_and_revision
from datagen.hub.errors import translate_errors
from datagen.hub.files import CACHE, download_files, list_files
from datagen.hub.plan import SHARD
from datagen.hub.retries import with_retries
from datagen.schemas import InputError
from datagen.schemas.files import sha256
from datagen.schemas.folder import (
    CARD,
    MANIFEST,
    PREVIEW,
    PROFILE,
    REPORT,
    REPORT_NUMBERS,
    SCHEMA,
    read_manifest,
)
from datagen.schemas.progress import ByteProgress

_PLACE = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9_.-]{0,62}/){0,2}manifest\.json")


_BESIDE = (MANIFEST, SCHEMA, PROFILE, PREVIEW, REPORT, REPORT_NUMBERS)
"""The files of a dataset folder besides its card and its shards."""


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
    refuse_existing(target, overwrite=overwrite)
    api = connect()
    with translate_errors(repo, "pull"):
        commit = commit_of(api, repo, revision)
        tree = with_retries(lambda: list_files(api, repo, commit))
    places = _places(list(tree), config, split, repo)
    files = {path: entry for path, entry in tree.items() if _belongs(path, places)}
    record = {"pull": {"repo": repo, "commit": commit, "places": places}}
    job = Job(record, exact=False, costly=(CACHE,))
    on_received = progress or (lambda done, total: None)
    with writing(target, job, resume=True, overwrite=overwrite) as unfinished, translate_errors(repo, "pull"):
        manifests = {path: entry for path, entry in files.items() if path.endswith(MANIFEST)}
        if not unfinished.complete:
            download_files(api, repo, commit, manifests, unfinished.path, lambda done, total: None)
        listed = _listed(unfinished.path, places, repo, split)
        files = {path: entry for path, entry in files.items() if path in listed}
        if not unfinished.complete:
            rest = {path: entry for path, entry in files.items() if path not in manifests}
            first = sum(entry.size for entry in manifests.values())
            download_files(
                api, repo, commit, rest, unfinished.path, lambda n, of: on_received(first + n, first + of)
            )
        rows = sum(_rows(unfinished.path / place, f"{repo}/{place}".rstrip("/")) for place in places)
        unfinished.finish(files)
    return PullResult(target, repo, commit, len(places), rows)


def _places(paths: list[str], config: str | None, split: str | None, repo: str) -> list[str]:
    """The folders of the repository that are dataset folders of these configs and splits ("" is its top)."""
    every = [path[: -len(MANIFEST)].strip("/") for path in sorted(paths) if _PLACE.fullmatch(path)]
    if not every:
        raise NotPushed(f"{repo} was not pushed by datagen: it has no {MANIFEST}.")
    matching = [
        place
        for place in every
        if config in (None, config_and_split(place)[0]) and split in (None, config_and_split(place)[1])
    ]
    if not matching:
        known = ", ".join(_table(place, paths) for place in every)
        raise InputError(f"{repo} has no such config and split; it has {known}.")
    return matching


def _table(place: str, paths: list[str]) -> str:
    """The name of a table, for a message: its config and split, or the splits that are pulled together."""
    config, split = config_and_split(place)
    prefix = f"{place}/" if place else ""
    shards = [SHARD.fullmatch(path.removeprefix(prefix)) for path in paths if path.startswith(prefix)]
    splits = sorted({match["split"] for match in shards if match})
    if splits in ([], [DEFAULT_SPLIT]):
        return f"{config}/{split}"
    return f"{config} with the splits {' and '.join(splits)}, which are pulled together without --split"


def _listed(folder: Path, places: list[str], repo: str, split: str | None) -> set[str]:
    """The files of some tables, according to their manifests. Raises InputError."""
    listed = {CARD}
    for place in places:
        manifest = read_manifest(folder / place)
        if split is not None and manifest.splits:
            raise InputError(
                f"{repo} has the splits {', '.join(manifest.splits)} in one dataset, which is pulled whole; "
                "leave out --split."
            )
        names = [*_BESIDE, *(shard.path for shard in manifest.shards)]
        listed |= {f"{place}/{name}" if place else name for name in names}
    return listed


def _belongs(path: str, places: list[str]) -> bool:
    """Whether a file belongs to one of these tables; no other name is ever written to this disk."""
    names = set(_BESIDE)
    folders = [f"{place}/" if place else "" for place in places]
    inside = [path[len(folder) :] for folder in folders if path.startswith(folder)]
    return path == CARD or any(name in names or SHARD.fullmatch(name) for name in inside)


def _rows(place: Path, where: str) -> int:
    """The rows of a table whose shards have the checksums of its manifest. Raises InputError."""
    folder = open_folder(place)
    for shard, path in zip(folder.manifest.shards, folder.shard_paths(), strict=True):
        if not path.is_file() or sha256(path) != shard.sha256:
            raise InputError(f"{where} is not whole on the Hub: {shard.path} does not match its manifest.")
    return folder.manifest.rows
