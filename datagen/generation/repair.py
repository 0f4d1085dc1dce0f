"""Making shards of a dataset again that are missing or were changed, byte for byte as they were."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from datagen.dataset.folder import Folder, open_folder
from datagen.dataset.shards import Shard, is_intact
from datagen.dataset.writer import versions
from datagen.generation.engines.local import make_shards
from datagen.generation.engines.machines import Machines
from datagen.generation.engines.workers import refuse_inside_a_worker
from datagen.generation.missing_shards import make_missing
from datagen.generation.recipe import Recipe
from datagen.generation.recipe_of import recipe_of
from datagen.places.folder import FolderPlace
from datagen.schemas import InputError, RunFailed
from datagen.schemas.folder import ShardEntry
from datagen.schemas.progress import StageProgress

WORK = ".repair"
"""The folder within the dataset where shards are made before they replace others."""


@dataclass(frozen=True)
class Repair:
    """Which shards were made again, as paths within the dataset, and how many rows they have."""

    shards: tuple[str, ...]
    rows: int


def repair(path: str | Path, *, workers: int = 1, progress: StageProgress | None = None) -> Repair:
    """Make the shards again that are missing, links, or not as the manifest records them.

    A shard is replaced only by one with the checksum in the manifest. Raises InputError where the dataset
    was imported or another process repairs it, or where its schema, profile or manifest do not fit
    together; RunFailed where other bytes come out; OSError.
    """
    refuse_inside_a_worker()
    folder = open_folder(path)
    if folder.manifest.recipe is None:
        raise InputError(
            f"{folder.path} was imported, so its shards cannot be made again; run its datagen pull command "
            "with --overwrite."
        )
    recipe = recipe_of(folder)
    with _locked(folder.path):
        broken = _broken(folder, recipe)
        if broken:
            _remake(folder, recipe, broken, workers, progress or (lambda stage, done, total: None))
    return Repair(tuple(shard.name for shard in broken), sum(shard.rows for shard in broken))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a finished dataset for this process, without a file in it; the system releases it."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise InputError(f"{folder} is being repaired by another process; wait for it.") from None
    finally:
        os.close(handle)


def _broken(folder: Folder, recipe: Recipe) -> list[Shard]:
    shards, entries = recipe.shards(), folder.manifest.shards
    planned = [(shard.name, shard.rows, shard.split) for shard in shards]
    if planned != [(entry.path, entry.rows, entry.split) for entry in entries]:
        raise InputError(
            f"The recipe of {folder.path} does not give the shards in its manifest; make the dataset again."
        )
    if (folder.path / "data").is_symlink():
        raise InputError(f"{folder.path / 'data'} is a link; put a folder in its place.")
    return [shard for shard, entry in zip(shards, entries, strict=True) if not _is_whole(folder, entry)]


def _is_whole(folder: Folder, entry: ShardEntry) -> bool:
    path = folder.path / entry.path
    return path.is_file() and not path.is_symlink() and is_intact(path, entry)


def _remake(
    folder: Folder, recipe: Recipe, broken: list[Shard], workers: int, progress: StageProgress
) -> None:
    work, entries = folder.path / WORK, {entry.path: entry for entry in folder.manifest.shards}
    total = sum(shard.rows for shard in broken)
    if work.exists():  # a repair was killed
        shutil.rmtree(work)
    try:
        (work / "data").mkdir(parents=True)
        make_missing(
            recipe,
            broken,
            FolderPlace(work.absolute()),
            make_shards,
            Machines(workers),
            lambda rows: progress("Making", rows, total),
        )
        for shard in broken:
            if not is_intact(work / shard.name, entries[shard.name]):
                raise RunFailed(f"{shard.name} cannot be made again as it was{_why(folder, recipe)}.")
        (folder.path / "data").mkdir(exist_ok=True)
        for shard in broken:
            (work / shard.name).replace(folder.path / shard.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _why(folder: Folder, recipe: Recipe) -> str:
    """The first package whose version is not the one that the dataset was made with."""
    then, now = folder.manifest.versions, versions(recipe.libraries)
    for name in now:
        if then.get(name) != now[name]:
            return f": the dataset was made with {name} {then.get(name)}, and this is {now[name]}"
    layers = folder.manifest.recipe.layers if folder.manifest.recipe else None
    mine = recipe.as_json()["layers"]
    if mine and (layers is None or layers.sha256 != mine["sha256"]):
        return ": the dataset was made with other layers of figures and garments than this datagen has"
    return "; its checksum in the manifest is not that of the recipe"
