"""Making a dataset folder: shard by shard into OUT.partial, renamed to OUT when whole.

Killed at any moment, the same command with ``resume`` keeps every whole shard and makes the rest;
since a shard is a pure function of the recipe, the finished folder is the same, byte for byte.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datagen.card import card_of
from datagen.collection import DEFAULT_CONFIG, DEFAULT_SPLIT, Part
from datagen.engines import cook, worth
from datagen.folder import (
    CARD,
    MANIFEST,
    PREVIEW,
    PROFILE,
    SCHEMA,
    Asked,
    Folder,
    Manifest,
    ShardEntry,
    partial,
    to_yaml,
    write_file,
)
from datagen.preview import write_preview
from datagen.recipe import Cook, Piece, Recipe, Shard, Size, write_recipe
from datagen.shards import arrow_schema, sha256, write_shard
from schemas import DEFAULT_SCHEMA, InputError

Progress = Callable[[int], None]
"""Called with the number of rows that are done."""

PREVIEW_COUNT = 32
"""Products on the contact sheet that is kept with a dataset."""

_LOCK = ".lock"
_BEGUN = "begun.json"


@dataclass(frozen=True)
class Made:
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
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Made:
    """Make a dataset of ``rows`` rows in the folder ``out``.

    ``image_size`` is (width, height) in pixels, or None for rows only. The bytes depend on neither
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
) -> Iterator[dict[str, Any]]:
    """Rows one by one as dicts, from row ``start``, without touching the disk and at constant memory.

    The rows are those that :func:`make` would write. ``rows=None`` goes on to the profile's last code.
    A picture is ``{"bytes": JPEG, "path": "<code>.jpg"}``. Raises InputError at the call, not at the
    first row.
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
    )
    return _rows(Cook(recipe), start, None if rows is None else start + rows)


def _rows(kitchen: Cook, start: int, stop: int | None) -> Iterator[dict[str, Any]]:
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
) -> Made:
    """Follow a recipe into the folder ``out``. See :func:`make`."""
    if workers < 1:
        raise InputError(f"{workers} workers cannot work; give 1 or more.")
    began = time.perf_counter()
    tell = progress or (lambda rows: None)
    work = partial(out)
    overwrite = overwrite or (resume and bool((_begun(work) or {}).get("overwrite")))
    if _already_made(recipe, out, resume=resume, overwrite=overwrite):
        tell(recipe.rows)
        return _summary(_read_manifest(out), out, began, 0)
    _prepare(recipe, out, work, resume=resume, overwrite=overwrite)
    with _locked(work):
        shards = recipe.shards()
        (work / "data").mkdir(exist_ok=True)
        _drop_leftovers(work, shards)
        missing = [shard for shard in shards if not _is_whole(work, shard)]
        made = _make_shards(recipe, work, missing, workers, tell)
        manifest = _finish(recipe, work, shards)
    if overwrite and out.exists():
        _replace(out, work)
    else:
        work.rename(out)
    return _summary(manifest, out, began, made)


def _make_shards(recipe: Recipe, work: Path, missing: list[Shard], workers: int, tell: Progress) -> int:
    """Make the missing shards; the number of rows that were made."""
    done = recipe.rows - sum(shard.stop - shard.start for shard in missing)
    before = done
    tell(done)
    columns = arrow_schema(recipe.schema, bool(recipe.image_size))
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
        versions=_versions(), recipe=Asked(**recipe.as_json()), families=families, shards=tuple(entries)
    )
    write_file(work / SCHEMA, to_yaml(recipe.schema))
    write_file(work / PROFILE, to_yaml(recipe.profile))
    write_file(work / MANIFEST, manifest.model_dump_json(indent=2, by_alias=True) + "\n")
    folder = Folder(work, manifest, recipe.schema, recipe.profile)
    if folder.has_pictures:
        write_preview(work, work / PREVIEW, count=PREVIEW_COUNT)
    card = card_of(Part(DEFAULT_CONFIG, DEFAULT_SPLIT, "", folder), "path/to/this/folder")
    write_file(work / CARD, card.text())
    (work / _BEGUN).unlink(missing_ok=True)
    (work / _LOCK).unlink()
    return manifest


def _already_made(recipe: Recipe, out: Path, *, resume: bool, overwrite: bool) -> bool:
    """Whether ``out`` holds just this dataset. Raises InputError when something else is in the way."""
    if not out.exists() and not out.is_symlink():
        return False
    if out.is_dir() and not out.is_symlink() and not any(out.iterdir()):
        return False
    if overwrite:
        if out.is_symlink() or not _is_dataset(out):
            raise InputError(f"{out} is not a dataset that this tool made; it will not be overwritten.")
        if _old(out).exists():
            raise InputError(f"{_old(out)} is in the way; remove it or give another --out.")
        return False
    if not resume:
        raise InputError(f"{out} is already there; give --overwrite to replace it, or another --out.")
    if not (out / MANIFEST).is_file():
        raise InputError(f"{out} is there and is not a dataset of this tool; give another --out.")
    other = _difference(_head(recipe), _head_of(_read_manifest(out)))
    if other:
        raise InputError(f"{out} is finished and differs in {other}; give --overwrite to replace it.")
    return True


def _prepare(recipe: Recipe, out: Path, work: Path, *, resume: bool, overwrite: bool) -> None:
    """Have the folder OUT.partial ready for this recipe. Raises InputError."""
    if work.is_symlink() or (work.exists() and not work.is_dir()):
        raise InputError(f"{work} is in the way; remove it or give another --out.")
    if work.is_dir():
        before = _begun(work)
        if before is None and any(path.name not in {_LOCK, _BEGUN + ".part"} for path in work.iterdir()):
            raise InputError(f"{work} is in the way; remove it or give another --out.")
        if resume and before is not None:
            other = _difference(_head(recipe), before)
            if other:
                raise InputError(
                    f"{work} was begun with other settings ({other}); give the same ones, or --overwrite."
                )
            return
        if not (resume or overwrite) and any(work.iterdir()):
            raise InputError(
                f"{work} is an unfinished run; give --resume to go on, or --overwrite to begin anew."
            )
        with _locked(work):
            _remove(work)
    try:
        work.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"The folder {out} cannot be made ({error.strerror}); give another --out.") from None
    begun = {**_head(recipe), "overwrite": overwrite}
    write_file(work / _BEGUN, json.dumps(begun, indent=2) + "\n")


def _begun(work: Path) -> dict[str, Any] | None:
    """What an unfinished folder was begun with; None where that cannot be told."""
    for name in (_BEGUN, MANIFEST):
        try:
            value = json.loads((work / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(value, dict):
            return value
    return None


@contextmanager
def _locked(work: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets go of it however the process ends."""
    with (work / _LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                f"Another run is writing {work} now; wait for it or give another --out."
            ) from None
        yield


def _is_whole(work: Path, shard: Shard) -> bool:
    """Whether a shard is there with all its rows; what is there but broken is removed."""
    path = work / shard.name
    if not path.exists():
        return False
    try:
        if pq.read_metadata(path).num_rows == shard.stop - shard.start:
            return True
    except (OSError, pa.ArrowException):
        pass
    path.unlink()
    return False


def _drop_leftovers(work: Path, shards: list[Shard]) -> None:
    names = {shard.name for shard in shards}
    for path in (work / "data").iterdir():
        if f"data/{path.name}" not in names:
            path.unlink()


def _replace(out: Path, work: Path) -> None:
    """Put the finished folder in the place of an older one, which is removed last."""
    out.rename(_old(out))
    work.rename(out)
    _remove(_old(out))


def _old(out: Path) -> Path:
    """Where the dataset that is being replaced stands for a moment."""
    return out.with_name(out.name + ".old")


def _remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def _versions() -> dict[str, str]:
    """What the bytes depend on besides the recipe."""
    return {name: version(name) for name in ("datagen", "numpy", "pillow", "pyarrow")}


def _head(recipe: Recipe) -> dict[str, Any]:
    return {"versions": _versions(), "recipe": recipe.as_json()}


def _head_of(manifest: Manifest) -> dict[str, Any]:
    return {"versions": manifest.versions, "recipe": manifest.recipe.model_dump(mode="json", by_alias=True)}


def _difference(wanted: dict[str, Any], there: dict[str, Any]) -> str:
    """The first thing that differs between two heads, as "rows 10, not 20"; empty when nothing does."""
    for part in wanted:
        found = there.get(part)
        for name, value in wanted[part].items():
            other = found.get(name) if isinstance(found, dict) else None
            if other != value:
                return f"{name.replace('_', ' ')} {_short(other)}, not {_short(value)}"
    return ""


def _short(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("name", "")) + " " + str(value.get("sha256", ""))[:12]
    return str(value)


def _read_manifest(out: Path) -> Manifest:
    try:
        return Manifest.model_validate_json((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{out / MANIFEST} cannot be read; remove {out} or give another --out.") from None


def _is_dataset(out: Path) -> bool:
    """Whether this tool made the folder ``out``: other things are called manifest.json, too."""
    try:
        _read_manifest(out)
    except InputError:
        return False
    return True


def _summary(manifest: Manifest, out: Path, began: float, made: int) -> Made:
    return Made(
        path=out,
        rows=manifest.rows,
        families=manifest.families,
        shards=len(manifest.shards),
        bytes=sum(shard.bytes for shard in manifest.shards),
        seconds=time.perf_counter() - began,
        rows_made=made,
    )
