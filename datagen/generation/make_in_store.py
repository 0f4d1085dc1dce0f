"""Making a dataset in an object store: workers upload their shards, the manifest comes last.

There is no lock: two runs at once with the same recipe write the same bytes, and with another recipe the
second is refused by the record that the first has left.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from datagen.dataset.metadata import PREVIEW_AMONG, write_metadata
from datagen.dataset.writer import Job, difference_of
from datagen.generation.engines import Engine
from datagen.generation.engines.machines import Machines
from datagen.generation.made import MakeResult, job_of, manifest_of, result_of
from datagen.generation.missing_shards import make_missing
from datagen.generation.recipe import Recipe
from datagen.places import StoredFolder
from datagen.places.object_store import BEGUN, NOTES, StorePlace
from datagen.schemas import InputError
from datagen.schemas.folder import CARD, MANIFEST, MOST_MANIFEST_BYTES, Manifest
from datagen.schemas.progress import RowProgress
from datagen.schemas.yaml_file import validate

if TYPE_CHECKING:
    from datagen.places.hub_bucket import BucketPlace


def write_to_store(
    recipe: Recipe,
    address: str,
    engine: Engine,
    machines: Machines,
    progress: RowProgress,
    *,
    resume: bool,
    overwrite: bool,
) -> MakeResult:
    """Make the dataset of a recipe at ``address``. See :func:`datagen.generation.make.make`.

    Raises InputError where the store refuses or holds something else, RunFailed where it fails.
    """
    started, place, job = time.perf_counter(), _place(address), job_of(recipe)
    place.ready()
    if manifest := _claim(place, job, resume=resume, overwrite=overwrite):
        progress(recipe.rows)
        return result_of(manifest, address, started, rows_made=0)
    shards = recipe.shards()
    place = place.resumed() if resume else place
    records = make_missing(recipe, shards, place, engine, machines, progress)
    manifest = manifest_of(recipe, shards, records.every)
    with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
        stored = StoredFolder(Path(folder), manifest, recipe.schema, recipe.profile, place)
        write_metadata_of(stored, lambda name: place.fetch(name, Path(folder) / name))
        others = [name for name in manifest.files if not name.startswith("data/") and name != MANIFEST]
        for name in others:
            if (Path(folder) / name).is_file():
                place.put(name, Path(folder) / name)
        place.put(MANIFEST, Path(folder) / MANIFEST)
    place.remove([name for name in place.files() if name not in manifest.files])
    return result_of(manifest, address, started, sum(record.rows for record in records.made))


def _place(address: str) -> StorePlace | BucketPlace:
    if not address.startswith("hf://"):
        return StorePlace(address)
    from datagen.places.hub_bucket import bucket_place

    return bucket_place(address)


def _claim(place: StorePlace | BucketPlace, job: Job, *, resume: bool, overwrite: bool) -> Manifest | None:
    """Leave the record of this run at a place, or return the manifest of an earlier one that finished it.

    Raises InputError where something else is there.
    """
    files, address = place.files(), place.address
    begun = place.read(BEGUN)
    if MANIFEST in files:
        there = place.read(MANIFEST, MOST_MANIFEST_BYTES)
        finished = finished_there(there, address, job, resume=resume, overwrite=overwrite)
        if finished:
            place.remove([name for name in files if name.startswith(f"{NOTES}/")])
            return finished
    elif files and begun is None:
        raise InputError(
            f"{address} holds files that this tool did not write ({files[0]}); give another --out."
        )
    elif begun is not None and resume:
        if difference := difference_of(job.record, begun):
            raise InputError(
                f"{address} was started with other settings ({difference}); give the same ones, or "
                "--overwrite."
            )
    elif begun is not None and not overwrite:
        raise InputError(
            f"{address} is not finished; give --resume to continue it, or --overwrite to start again."
        )
    if not resume:
        # The manifest first: without it there is no dataset, and then nothing to resume from.
        place.remove([name for name in (MANIFEST, CARD) if name in files])
        place.remove([name for name in files if name not in (MANIFEST, CARD)])
    place.write(BEGUN, json.dumps(job.record))
    return None


def finished_there(
    found: object, address: str, job: Job, *, resume: bool, overwrite: bool
) -> Manifest | None:
    """The manifest at an address, where the run that made it was this one; None where it may be replaced.

    Raises InputError where it may not.
    """
    manifest = validate(Manifest, found, f"{address}/{MANIFEST}") if found else None
    if manifest is None or manifest.recipe is None:
        raise InputError(f"{address} is not a dataset that was made; give another --out.")
    if overwrite:
        return None
    recipe = manifest.recipe.model_dump(mode="json", by_alias=True)
    difference = difference_of(job.record, {"versions": manifest.versions, "recipe": recipe})
    if resume and not difference:
        return manifest
    why = f"differs in {difference}" if resume else "already exists"
    raise InputError(f"{address} {why}; give --overwrite to replace it, or another --out.")


def write_metadata_of(folder: StoredFolder, fetch: Callable[[str], None]) -> None:
    """Write card, manifest and the like into the local folder, with the first shards for the sheet."""
    rows = 0
    if folder.has_pictures:
        (folder.path / "data").mkdir()
        for shard in folder.manifest.shards:
            if rows >= PREVIEW_AMONG:
                break
            fetch(shard.path)
            rows += shard.rows
    write_metadata(folder)
