"""OUT.partial while a catalogue is taken in: what it holds, when it is whole, and what of it stays.

begun.json     what was asked for, and whether all is done but the clearing up
source/        what was received from the Hub
pictures/      the store of pictures
rows.parquet, early.parquet, late.parquet, codes.sqlite     scratch, computed again by every run
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen.dataset.collection import parts
from datagen.dataset.unfinished import BEGUN, LOCK, begun, put_in_place, read_manifest
from datagen.schemas import InputError
from datagen.schemas.files import write_file
from datagen.schemas.folder import CARD, MANIFEST, PREVIEW, REJECTED, SCHEMA, Manifest

STAGED, EARLY, LATE, CODES = "rows.parquet", "early.parquet", "late.parquet", "codes.sqlite"
RECEIVED, PICTURES = "source", "pictures"
_STAYS = {CARD, MANIFEST, SCHEMA, PREVIEW, REJECTED, "data", BEGUN, LOCK}


def refuse_what_is_there(out: Path, overwrite: bool) -> None:
    """Raises InputError where ``out`` may not be written."""
    if not out.exists() and not out.is_symlink():
        return
    if out.is_dir() and not out.is_symlink() and not any(out.iterdir()):
        return
    if not overwrite:
        raise InputError(f"{out} is already there; give --overwrite to replace it, or another --out.")
    try:
        known = not out.is_symlink() and bool(parts(out))
    except InputError:
        known = False
    if not known:
        raise InputError(f"{out} is not a dataset of this tool; it will not be overwritten.")


def prepare(work: Path) -> None:
    """Have OUT.partial there, new or as an earlier try left it. Raises InputError."""
    if work.is_symlink() or (work.exists() and not work.is_dir()):
        raise InputError(f"{work} is in the way; remove it or give another --out.")
    before = begun(work) or {}  # its manifest, where it was whole but for its name
    leftovers = {LOCK, BEGUN + ".part"}
    if not {"pull", "origin"} & set(before) and any(
        path.name not in leftovers for path in (work.iterdir() if work.exists() else ())
    ):
        raise InputError(f"{work} is not from a pull; finish or remove it, or give another --out.")
    work.mkdir(parents=True, exist_ok=True)


@contextmanager
def nothing_left_of_a_refusal(work: Path) -> Iterator[None]:
    """Where the input was wrong, keep OUT.partial only for what took time to fetch."""
    try:
        yield
    except InputError:
        if not any((work / RECEIVED).glob("*")) and not any((work / PICTURES).glob("??/*")):
            shutil.rmtree(work)
        raise


def begin(work: Path, asked: dict[str, Any], *, whole: bool = False) -> None:
    """Write down what is asked for, and whether all of it is done."""
    write_file(work / BEGUN, json.dumps({"pull": asked, "whole": whole}) + "\n")


def is_whole(work: Path, asked: dict[str, Any]) -> bool:
    """Whether an earlier run with the same words was killed when all was done but its last steps."""
    if not (work / MANIFEST).is_file():
        return False
    if (work / BEGUN).exists():
        before = begun(work) or {}
        return bool(before.get("whole")) and before.get("pull") == asked
    origin = read_manifest(work).origin  # between the very last two steps
    return (
        origin is not None
        and origin.given == asked["given"]
        and (origin.pictures == "none") >= (not asked["pictures"])
    )


def finish(work: Path, out: Path) -> Manifest:
    """Clear up, and give the folder its name."""
    for path in work.iterdir():
        if path.name not in _STAYS:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    manifest = read_manifest(work)
    (work / BEGUN).unlink(missing_ok=True)
    (work / LOCK).unlink(missing_ok=True)
    put_in_place(out, work)
    return manifest
