"""Making a dataset folder: shard by shard into OUT.partial, renamed to OUT when whole.

Killed at any moment, the same command with ``resume`` keeps every whole shard and makes the rest;
since a shard is a pure function of the recipe, the finished folder is the same, byte for byte.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from datagen.dataset.card import card_of
from datagen.dataset.collection import DEFAULT_CONFIG, DEFAULT_SPLIT, Part
from datagen.dataset.folder import Folder
from datagen.dataset.preview import write_preview
from datagen.dataset.shards import Piece, Shard, arrow_schema, write_shard
from datagen.dataset.unfinished import (
    BEGUN,
    LOCK,
    Head,
    already_made,
    begun,
    drop_leftovers,
    is_whole,
    locked,
    prepare,
    put_in_place,
    read_manifest,
    versions,
)
from datagen.generation.engines import cook, worth
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe, write_recipe
from datagen.schemas import DEFAULT_SCHEMA, InputError
from datagen.schemas.files import sha256, write_file
from datagen.schemas.folder import (
    CARD,
    MANIFEST,
    PREVIEW,
    PROFILE,
    SCHEMA,
    Manifest,
    RecipeRecord,
    ShardEntry,
    Size,
    partial,
)
from datagen.schemas.yaml_file import to_yaml

Progress = Callable[[int], None]
"""Called with the number of rows that are done."""

PREVIEW_COUNT, PREVIEW_AMONG = 32, 256
"""Products on the contact sheet that is kept with a dataset, and the first rows that they are taken from."""


@dataclass(frozen=True)
class MakeResult:
    """What a run made."""

    path: Path
    rows: int
    families: int
    shards: int
    bytes: int
    seconds: float
    rows_made: int

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values; ``rows_per_second`` counts the rows that this run made."""
        return {
            "path": str(self.path),
            "rows": self.rows,
            "families": self.families,
            "shards": self.shards,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "rows_made": self.rows_made,
            "rows_per_second": round(self.rows_made / max(self.seconds, 1e-9), 1),
        }


def make(
    rows: int,
    out: str | Path,
    *,
    seed: int = 0,
    schema: str | Path = DEFAULT_SCHEMA,
    profile: str | Path | None = None,
    image_size: Size | None = (480, 640),
    jpeg_quality: int = 90,
    shard_rows: int | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    attributes: bool = False,
    masks: bool = False,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> MakeResult:
    """Make a dataset of ``rows`` rows in the folder ``out``.

    ``image_size`` is (width, height) in pixels, or None for rows only. ``attributes`` and ``masks`` add a
    column of what each picture shows (:mod:`datagen.columns.ground_truth`). The bytes depend on neither
    ``workers`` nor interruptions. With more than one worker, call it under
    ``if __name__ == "__main__":``, as Python's spawned processes need.

    Raises InputError for wrong input or a folder that is already there, RunFailed or OSError when
    the run could not be finished; what was made until then is kept for ``resume``.
    """
    recipe = write_recipe(
        rows,
        seed=seed,
        schema=schema,
        profile=profile,
        image_size=image_size,
        jpeg_quality=jpeg_quality,
        shard_rows=shard_rows,
        where=where,
        attributes=attributes,
        masks=masks,
    )
    return write_dataset(
        recipe, Path(out), workers=workers, resume=resume, overwrite=overwrite, progress=progress
    )


def stream(
    rows: int | None = None,
    *,
    start: int = 0,
    seed: int = 0,
    schema: str | Path = DEFAULT_SCHEMA,
    profile: str | Path | None = None,
    image_size: Size | None = (480, 640),
    jpeg_quality: int = 90,
    where: Mapping[str, Sequence[str]] | None = None,
    attributes: bool = False,
    masks: bool = False,
) -> Iterator[dict[str, Any]]:
    """Rows one by one as dicts, from row ``start``, without touching the disk and at constant memory.

    The rows are those that :func:`make` would write. ``rows=None`` goes on to the profile's last code.
    A picture is ``{"bytes": JPEG, "path": "<code>.jpg"}``; so is a mask, as PNG. Raises InputError at the
    call, not at the first row.
    """
    if start < 0:
        raise InputError(f"The first row cannot be {start}; rows count from 0.")
    if rows is not None and rows < 1:
        raise InputError(f"{rows} rows cannot be made; ask for 1 or more.")
    recipe = write_recipe(
        start + (rows or 1),
        seed=seed,
        schema=schema,
        profile=profile,
        image_size=image_size,
        jpeg_quality=jpeg_quality,
        shard_rows=start + (rows or 1),
        where=where,
        attributes=attributes,
        masks=masks,
    )
    return _rows(Maker(recipe), start, None if rows is None else start + rows)


def _rows(kitchen: Maker, start: int, stop: int | None) -> Iterator[dict[str, Any]]:
    stop = kitchen.capacity if stop is None else stop
    step = 16 if kitchen.recipe.image_size else 1024
    for at in range(start, stop, step):
        yield from kitchen.piece(at, min(at + step, stop)).table.to_pylist()


def write_dataset(
    recipe: Recipe,
    out: Path,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> MakeResult:
    """Follow a recipe into the folder ``out``. See :func:`make`."""
    if workers < 1:
        raise InputError(f"{workers} workers cannot work; give 1 or more.")
    started = time.perf_counter()
    tell = progress or (lambda rows: None)
    work = partial(out)
    overwrite = overwrite or (resume and bool((begun(work) or {}).get("overwrite")))
    if already_made(head_of(recipe), out, resume=resume, overwrite=overwrite):
        tell(recipe.rows)
        return _summary(read_manifest(out), out, started, 0)
    prepare(head_of(recipe), out, work, resume=resume, overwrite=overwrite)
    with locked(work):
        shards = recipe.shards()
        (work / "data").mkdir(exist_ok=True)
        drop_leftovers(work, shards)
        missing = [shard for shard in shards if not is_whole(work, shard)]
        made = _make_shards(recipe, work, missing, workers, tell)
        manifest = _finish(recipe, work, shards)
    put_in_place(out, work)
    return _summary(manifest, out, started, made)


def _make_shards(recipe: Recipe, work: Path, missing: list[Shard], workers: int, tell: Progress) -> int:
    """Make the missing shards; the number of rows that were made."""
    done = recipe.rows - sum(shard.stop - shard.start for shard in missing)
    before = done
    tell(done)
    columns = arrow_schema(recipe.schema, bool(recipe.image_size), recipe.ground_truth)
    ranges = chain.from_iterable(recipe.pieces(shard) for shard in missing)
    pieces = cook(recipe, ranges, worth(recipe, workers))

    def counted(shard: Shard) -> Iterator[Piece]:
        nonlocal done
        for _ in recipe.pieces(shard):
            piece = next(pieces)
            yield piece
            done += len(piece.table)
            tell(done)

    try:
        for shard in missing:
            write_shard(work / shard.name, columns, counted(shard))
    finally:
        pieces.close()
    return done - before


def _finish(recipe: Recipe, work: Path, shards: list[Shard]) -> Manifest:
    """Everything beside the shards."""
    entries, families = [], 0
    for shard in shards:
        path = work / shard.name
        families += int((pq.read_metadata(path).metadata or {}).get(b"families", b"0"))
        entries.append(
            ShardEntry(
                path=shard.name, rows=shard.stop - shard.start, bytes=path.stat().st_size, sha256=sha256(path)
            )
        )
    manifest = Manifest(
        versions=versions(recipe.libraries),
        recipe=RecipeRecord(**recipe.as_json()),
        families=families,
        shards=tuple(entries),
    )
    write_file(work / SCHEMA, to_yaml(recipe.schema))
    write_file(work / PROFILE, to_yaml(recipe.profile))
    write_file(work / MANIFEST, manifest.as_json())
    folder = Folder(work, manifest, recipe.schema, recipe.profile)
    if folder.has_pictures:
        write_preview(work, work / PREVIEW, count=PREVIEW_COUNT, among=PREVIEW_AMONG)
    card = card_of(Part(DEFAULT_CONFIG, DEFAULT_SPLIT, "", folder), "path/to/this/folder")
    write_file(work / CARD, card.text())
    (work / BEGUN).unlink(missing_ok=True)
    (work / LOCK).unlink()
    return manifest


def _summary(manifest: Manifest, out: Path, started: float, made: int) -> MakeResult:
    return MakeResult(
        path=out,
        rows=manifest.rows,
        families=manifest.families,
        shards=len(manifest.shards),
        bytes=sum(shard.bytes for shard in manifest.shards),
        seconds=time.perf_counter() - started,
        rows_made=made,
    )


def head_of(recipe: Recipe) -> Head:
    """What decides the bytes of a dataset that is made."""
    return {"versions": versions(recipe.libraries), "recipe": recipe.as_json()}
