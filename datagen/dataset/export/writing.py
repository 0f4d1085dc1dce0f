"""Writing an export: aside, and renamed when whole; an older export is removed last."""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from datagen.columns.ground_truth import ENDS, OPTIONS
from datagen.dataset.export.coco import ANNOTATIONS, write_coco
from datagen.dataset.export.csv_file import write_csv
from datagen.dataset.export.imagefolder import write_imagefolder
from datagen.dataset.export.json_lines import write_json_lines
from datagen.dataset.export.loose_pictures import FOLDERS, IMAGES
from datagen.dataset.export.parquet_file import write_parquet
from datagen.dataset.export.source import Export
from datagen.dataset.export.webdataset import CLASSES, write_classes, write_webdataset
from datagen.dataset.export.yolo import DATA, LABELS, write_yolo, write_yolo_data
from datagen.dataset.folder import open_folder
from datagen.schemas import InputError
from datagen.schemas.folder import ATTRIBUTES, MASK, partial
from datagen.schemas.progress import RowProgress
from datagen.schemas.yaml_file import nearest


@dataclass(frozen=True)
class Layout:
    """``write`` writes all rows, or those of a split, under some name into a folder.

    ``files``: what lies in the folder then, besides masks and maps, as shell patterns of names. ``name``: the
    name where there are no splits, None for that of the folder. ``needs``: the columns of ground truth that
    it cannot do without. ``end`` gets the names of the splits once all are written, and writes what lies
    beside.
    """

    write: Callable[[Export, Path, str], None]
    files: Callable[[str], set[str]]
    needs_pictures: bool = False
    name: str | None = None
    needs: tuple[str, ...] = ()
    end: Callable[[Export, Path, list[str]], None] = lambda export, work, names: None


LAYOUTS: dict[str, Layout] = {
    "csv": Layout(write_csv, lambda name: {f"{name}.csv", IMAGES}),
    "jsonl": Layout(write_json_lines, lambda name: {f"{name}.jsonl", IMAGES}),
    "parquet": Layout(write_parquet, lambda name: {f"{name}.parquet"}),
    "imagefolder": Layout(write_imagefolder, lambda name: {name}, needs_pictures=True, name="train"),
    "coco": Layout(
        write_coco,
        lambda name: {name, ANNOTATIONS},
        needs_pictures=True,
        name="train",
        needs=(ATTRIBUTES, MASK),
    ),
    "yolo": Layout(
        write_yolo,
        lambda name: {IMAGES, LABELS, DATA},
        needs_pictures=True,
        name="train",
        needs=(ATTRIBUTES,),
        end=write_yolo_data,
    ),
    "webdataset": Layout(
        write_webdataset,
        lambda name: {f"{name}-[0-9][0-9][0-9][0-9][0-9][0-9].tar", CLASSES},
        needs_pictures=True,
        name="train",
        end=write_classes,
    ),
}


@dataclass(frozen=True)
class ExportResult:
    """What was written; ``formulas``: cells of a CSV that a spreadsheet would run as a formula."""

    path: Path
    rows: int
    formulas: int = 0


def write_export(
    path: str | Path,
    layout: str,
    out: str | Path,
    *,
    overwrite: bool = False,
    escape_formulas: bool = False,
    polygons: bool = False,
    progress: RowProgress | None = None,
) -> ExportResult:
    """Write the dataset in ``path`` into the folder ``out`` in one of the :data:`LAYOUTS`.

    ``escape_formulas`` (csv): put an apostrophe before a text that a spreadsheet would run as a formula.
    ``polygons`` (coco): write outlines as polygons, not as compressed run lengths; both are exact.
    Written aside and renamed when whole. Raises InputError or OSError.
    """
    if layout not in LAYOUTS:
        raise InputError(f"No such layout {layout!r}; {nearest(layout, LAYOUTS)}.")
    if escape_formulas and layout != "csv":
        raise InputError("Only a CSV can hold formulas; leave out --escape-formulas.")
    if polygons and layout != "coco":
        raise InputError("Only COCO's files can have either polygons or run lengths; leave out --polygons.")
    folder, target, chosen = open_folder(path), Path(out), LAYOUTS[layout]
    if chosen.needs_pictures and not folder.has_pictures:
        raise InputError(f"{folder.path} has no pictures; export it with --format csv.")
    if not {*chosen.needs} <= {*folder.ground_truth}:
        options = " ".join(OPTIONS[name] for name in chosen.needs)
        raise InputError(
            f"{folder.path} does not say what its pictures show, which {layout} needs; make it with "
            f"datagen make {options}."
        )
    splits = folder.manifest.splits
    name = chosen.name or target.name
    written = {file for part in (glob.escape(name), *splits) for file in chosen.files(part)}
    _settle(target, written)
    if target.exists() and not overwrite:
        raise InputError(f"{target} already exists; give --overwrite to replace it, or another --out.")
    for place, what in ((target, "an export of this layout"), (_old(target), "an old export")):
        if place.exists() and not _is_export(place, written):
            raise InputError(f"{place} is not {what} and will not be overwritten; give another --out.")
    work = partial(target)
    if work.exists() and not _is_export(work, written):
        raise InputError(f"{work} is not an unfinished export; remove it or give another --out.")
    if work.exists():
        shutil.rmtree(work)
    _make(work)
    try:
        export = Export(folder, progress or (lambda rows: None), escape_formulas, polygons)
        export.progress(0)
        for export.split in splits or (None,):
            chosen.write(export, work, export.split or name)
        chosen.end(export, work, list(splits or [name]))
        for file in work.rglob("*.*"):
            if file.parent in (work, work / ANNOTATIONS) or file.name == "metadata.jsonl":
                _to_disk(file)
        _replace(target, work)
    finally:
        if work.exists():
            shutil.rmtree(work)
    return ExportResult(target, folder.manifest.rows, export.formulas)


def _replace(target: Path, work: Path) -> None:
    """Give ``work`` the name of ``target``, whose old export goes last; :func:`_settle` undoes a kill."""
    old = _old(target)
    if old.exists():
        shutil.rmtree(old)
    if target.exists():
        target.rename(old)
    work.rename(target)
    if old.exists():
        shutil.rmtree(old)


def _settle(target: Path, written: set[str]) -> None:
    """Give an export its name back whose replacement was killed between two steps."""
    old = _old(target)
    if not target.exists() and not target.is_symlink() and _is_export(old, written):
        old.rename(target)


def _old(target: Path) -> Path:
    """Where the export that is being replaced is kept until the new one has its name."""
    return target.with_name(f"{target.name}.old")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be made ({error.strerror}); give another --out."
        ) from None


def _is_export(folder: Path, written: set[str]) -> bool:
    """Whether a folder holds nothing but what an export writes, or part of it, given as shell patterns."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    for column, name in FOLDERS.items() if IMAGES in written else ():
        files = folder / name
        # An export without such a column has no such folder, so another one belongs to somebody else.
        if files.is_dir() and all(path.name.endswith(ENDS[column]) for path in files.iterdir()):
            written = {*written, name}
    return all(any(fnmatchcase(path.name, name) for name in written) for path in folder.iterdir())


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
