"""The folder OUT.partial, in which a dataset is written until it is whole, and the way to its own name.

It remembers what it was begun with, is held by one run at a time, and only ever replaces or removes
what this tool made.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datagen.dataset.shards import Shard
from datagen.schemas import InputError
from datagen.schemas.files import write_file
from datagen.schemas.folder import MANIFEST, Manifest

LOCK, BEGUN = ".lock", "begun.json"

Head = dict[str, dict[str, Any]]
"""What decides a dataset's bytes: ``versions``, and the ``recipe`` or the ``pull`` that was asked for."""


def already_made(head: Head, out: Path, *, resume: bool, overwrite: bool) -> bool:
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
    other = _difference(head, _head_of(read_manifest(out)))
    if other:
        raise InputError(f"{out} is finished and differs in {other}; give --overwrite to replace it.")
    return True


def prepare(head: Head, out: Path, work: Path, *, resume: bool, overwrite: bool) -> None:
    """Have the folder OUT.partial ready for what ``head`` tells. Raises InputError."""
    if work.is_symlink() or (work.exists() and not work.is_dir()):
        raise InputError(f"{work} is in the way; remove it or give another --out.")
    if work.is_dir():
        before = begun(work)
        if before is None and any(path.name not in {LOCK, BEGUN + ".part"} for path in work.iterdir()):
            raise InputError(f"{work} is in the way; remove it or give another --out.")
        if resume and before is not None:
            other = _difference(head, before)
            if other:
                raise InputError(
                    f"{work} was begun with other settings ({other}); give the same ones, or --overwrite."
                )
            return
        if not (resume or overwrite) and any(work.iterdir()):
            raise InputError(
                f"{work} is an unfinished run; give --resume to go on, or --overwrite to begin anew."
            )
        with locked(work):
            _remove(work)
    try:
        work.mkdir(parents=True)
    except OSError as error:
        raise InputError(f"The folder {out} cannot be made ({error.strerror}); give another --out.") from None
    write_file(work / BEGUN, json.dumps({**head, "overwrite": overwrite}, indent=2) + "\n")


def begun(work: Path) -> dict[str, Any] | None:
    """What an unfinished folder was begun with; None where that cannot be told."""
    for name in (BEGUN, MANIFEST):
        try:
            value = json.loads((work / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(value, dict):
            return value
    return None


@contextmanager
def locked(work: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets go of it however the process ends."""
    with (work / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(
                f"Another run is writing {work} now; wait for it or give another --out."
            ) from None
        yield


def is_whole(work: Path, shard: Shard) -> bool:
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


def drop_leftovers(work: Path, shards: list[Shard]) -> None:
    """Remove what lies in the data folder and is no shard of this dataset."""
    names = {shard.name for shard in shards}
    for path in (work / "data").iterdir():
        if f"data/{path.name}" not in names:
            path.unlink()


def put_in_place(out: Path, work: Path) -> None:
    """Give the finished folder its name; an older dataset of that name is removed last."""
    replaces = out.exists() and any(out.iterdir())
    if replaces:
        out.rename(_old(out))
    work.rename(out)
    if replaces:
        _remove(_old(out))


def _old(out: Path) -> Path:
    """Where the dataset that is being replaced stands for a moment."""
    return out.with_name(out.name + ".old")


def _remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def versions(more: Sequence[str] = ()) -> dict[str, str]:
    """What the bytes depend on besides the recipe; ``more``: libraries that not every dataset needs."""
    return {name: version(name) for name in ("datagen", "numpy", "pillow", "pyarrow", *more)}


def _head_of(manifest: Manifest) -> dict[str, Any]:
    recipe = manifest.recipe.model_dump(mode="json", by_alias=True) if manifest.recipe else None
    return {"versions": manifest.versions, "recipe": recipe}


def _difference(wanted: Head, there: dict[str, Any]) -> str:
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


def read_manifest(out: Path) -> Manifest:
    """The manifest of a dataset folder. Raises InputError."""
    try:
        return Manifest.model_validate_json((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{out / MANIFEST} cannot be read; remove {out} or give another --out.") from None


def _is_dataset(out: Path) -> bool:
    """Whether this tool made the folder ``out``: other things are called manifest.json, too."""
    try:
        read_manifest(out)
    except InputError:
        return False
    return True
