"""Making a dataset folder: shard by shard into OUT.partial, renamed to OUT when whole.

Killed at any moment, the same command with ``resume`` keeps every whole shard and makes the rest;
since a shard is a pure function of the recipe, the finished folder is the same, byte for byte.
"""

from __future__ import annotations

import inspect
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from typing_extensions import Unpack

from datagen.dataset.folder import Folder
from datagen.dataset.metadata import write_metadata
from datagen.dataset.writer import check_writing, finished_before, writing
from datagen.generation.engines import ENGINES
from datagen.generation.engines.machines import Machines
from datagen.generation.engines.workers import refuse_inside_a_worker
from datagen.generation.made import MakeResult, job_of, manifest_of, result_of
from datagen.generation.maker import Maker
from datagen.generation.missing_shards import make_missing
from datagen.generation.options import check_options
from datagen.generation.recipe import Recipe, RecipeOptions, RowOptions, write_recipe
from datagen.generation.row_stream import RowStream
from datagen.places.folder import ASIDE, FolderPlace
from datagen.schemas import InputError
from datagen.schemas.addresses import is_address
from datagen.schemas.folder import read_manifest
from datagen.schemas.progress import RowProgress
from datagen.schemas.yaml_file import nearest

if TYPE_CHECKING:
    import datasets

F = TypeVar("F", bound=Callable[..., Any])


def _shows_options(options: Any) -> Callable[[F], F]:
    """Let ``inspect.signature``, and with it ``help``, show every option instead of ``**options``."""
    defaults = inspect.signature(write_recipe).parameters

    def mark(function: F) -> F:
        signature = inspect.signature(function)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        named = [each for each in defaults.values() if each.name in options.__annotations__]
        function.__signature__ = signature.replace(parameters=own + named)  # type: ignore[attr-defined]
        return function

    return mark


@_shows_options(RecipeOptions)
def make(
    rows: int | None,
    out: str | Path,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    engine: str = "local",
    address: str | None = None,
    progress: RowProgress | None = None,
    **options: Unpack[RecipeOptions],
) -> MakeResult:
    """Make a dataset of ``rows`` rows in ``out``; None: as many as the option ``count`` asks for.

    ``out`` is a folder, or an address such as ``s3://bucket/prefix`` (docs/scale.md).

    The options are those of :class:`~datagen.generation.recipe.RecipeOptions`; ``inspect.signature`` shows
    them with their defaults. Neither ``workers`` nor interruptions change a byte. With more than one
    worker, call it under ``if __name__ == "__main__":``, as Python's spawned processes need.
    ``engine`` is local, ray or spark; ``address`` that of a running cluster, without which one is started
    here with ``workers`` processes (docs/scale.md).

    Raises InputError for wrong input or a folder that already exists, RunFailed or OSError when
    the run could not be finished; what was made until then is kept for ``resume``.
    """
    check_options(
        {
            "out": out,
            "workers": workers,
            "resume": resume,
            "overwrite": overwrite,
            "engine": engine,
            "address": address,
            "progress": progress,
        }
    )
    return write_dataset(
        write_recipe(rows, **options),
        str(out) if is_address(out) else Path(out),
        workers=workers,
        resume=resume,
        overwrite=overwrite,
        engine=engine,
        address=address,
        progress=progress,
    )


@_shows_options(RowOptions)
def stream(
    rows: int | None = None,
    *,
    start: int = 0,
    **options: Unpack[RowOptions],
) -> RowStream:
    """Rows one by one as dicts, from row ``start``, without touching the disk and at constant memory.

    ``stream(...).to_pandas()``, ``.to_arrow()``, ``.to_dataset()`` and ``.to_iterable_dataset()`` give them
    all as one object (:class:`~datagen.generation.row_stream.RowStream`). The rows are those that
    :func:`make` would write with the same options, those of
    :class:`~datagen.generation.recipe.RowOptions`. ``rows=None`` continues to the last code of the profile,
    or with ``count`` to the last row that is counted. A picture is ``{"bytes": JPEG, "path": "<code>.jpg"}``;
    so are a mask and maps, as PNG, None where there is no map. Raises InputError at the call, not at the
    first row.
    """
    check_options({"rows": 1 if rows is None else rows, "start": start})
    if start < 0:
        raise InputError(f"The first row cannot be {start}; rows are counted from 0.")
    if rows is not None and rows < 1:
        raise InputError(f"{rows} rows cannot be made; give 1 or more.")
    last = None if rows is None and options.get("count") else start + (rows or 1)
    recipe = write_recipe(last, shard_rows=last, **options)
    return RowStream(recipe, start, None if rows is None else start + rows)


@_shows_options(RowOptions)
def as_iterable(
    rows: int | None = None,
    *,
    start: int = 0,
    **options: Unpack[RowOptions],
) -> datasets.IterableDataset:
    """Rows for a training run, without a disk: :func:`stream` as a ``datasets.IterableDataset``.

    Pictures are decoded; ``rows=None`` ends at the last code of the profile, after millions. Shared by the
    workers of a data loader and by ``datasets.distributed.split_dataset_by_node``; resumable by its
    ``state_dict`` (:meth:`~datagen.generation.row_stream.RowStream.to_iterable_dataset`). Raises InputError.
    """
    return stream(rows, start=start, **options).to_iterable_dataset()


def write_dataset(
    recipe: Recipe,
    out: Path | str,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    engine: str = "local",
    address: str | None = None,
    progress: RowProgress | None = None,
) -> MakeResult:
    """Make the dataset of a recipe with one of :data:`ENGINES`. See :func:`make`.

    ``out``: the path of a folder, or an address in an object store as text.
    """
    refuse_inside_a_worker()
    if workers < 1:
        raise InputError(f"{workers} workers cannot make anything; give at least 1 worker.")
    if engine not in ENGINES:
        raise InputError(f"No such engine {engine!r}; {nearest(engine, ENGINES)}.")
    if address and engine == "local":
        raise InputError(
            "The engine local has no cluster to connect to; leave out the address, or give ray or spark."
        )
    started, machines = time.perf_counter(), Machines(workers, address)
    progress = progress or (lambda rows: None)
    if isinstance(out, str):
        # Not before: their clients take as long to import as many a dataset to make.
        from datagen.generation.make_in_store import write_to_store
        from datagen.generation.make_on_hub import write_to_hub

        repository = out.startswith("hf://") and not out.startswith("hf://buckets/")
        write = write_to_hub if repository else write_to_store
        return write(recipe, out, ENGINES[engine], machines, progress, resume=resume, overwrite=overwrite)
    job = job_of(recipe)
    if resume and not overwrite and (manifest := finished_before(out, job)):
        progress(recipe.rows)
        return result_of(manifest, out, started, rows_made=0)
    shards = recipe.shards()
    with writing(out, job, resume=resume, overwrite=overwrite) as unfinished:
        folder = unfinished.path
        (folder / "data").mkdir(exist_ok=True)
        shutil.rmtree(folder / ASIDE, ignore_errors=True)  # of workers that were killed
        place = FolderPlace(folder.absolute(), _digests(folder))
        records = make_missing(recipe, shards, place, ENGINES[engine], machines, progress)
        made = sum(record.rows for record in records.made)
        manifest = manifest_of(recipe, shards, records.every)
        write_metadata(Folder(folder, manifest, recipe.schema, recipe.profile))
        unfinished.finish(manifest.files)
    return result_of(manifest, out, started, made)


def check_dataset(recipe: Recipe, out: Path, *, resume: bool = False, overwrite: bool = False) -> int:
    """About how many bytes the dataset of a recipe takes, after a few rows were made in memory.

    Nothing is written. Raises what :func:`write_dataset` would raise for the folder ``out``, and RunFailed
    where its disk has too little room.
    """
    size = about_bytes(recipe)
    check_writing(out, job_of(recipe), size, resume=resume, overwrite=overwrite)
    return size


def about_bytes(recipe: Recipe) -> int:
    """About how many bytes the dataset of a recipe takes, after a few rows were made in memory."""
    rows = min(recipe.rows, 8 if recipe.image_size else 1000)
    sample = pa.BufferOutputStream()
    pq.write_table(Maker(recipe).piece(0, rows).table, sample)
    return int(sample.tell()) * recipe.rows // rows


def _digests(folder: Path) -> tuple[tuple[str, str], ...]:
    """The checksums of shards in a manifest that an earlier run wrote before it was killed."""
    try:
        return tuple((entry.path, entry.sha256) for entry in read_manifest(folder).shards)
    except InputError:
        return ()
