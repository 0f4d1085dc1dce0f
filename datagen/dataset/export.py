"""Other layouts of a dataset, for tools that read loose files.

csv           images/<code>.jpg and <name>.csv, with the path of the picture in local_image_path:
              the layout of the sample-data script that came with the first fine-tuning recipe
imagefolder   train/<code>.jpg and train/metadata.jsonl, as ``load_dataset("imagefolder")`` reads it

Attributes are one JSON object: a cell of the CSV, nested in metadata.jsonl. Masks are PNG files in masks/
(train/masks/); their paths are in local_mask_path or mask_file_name, which ``datasets`` opens as an image.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

from datagen.columns.ground_truth import MASK_END
from datagen.dataset.folder import Folder, open_folder
from datagen.dataset.shard_reader import open_shard
from datagen.dataset.shards import arrow_schema
from datagen.schemas import InputError
from datagen.schemas.files import safe_file_name
from datagen.schemas.folder import ATTRIBUTES, MASK, partial
from datagen.schemas.progress import RowProgress
from datagen.schemas.schema import Image

Layout = Literal["csv", "imagefolder"]
PICTURE_PATH, MASK_PATH = "local_image_path", "local_mask_path"
MASKS = "masks"
"""The folder of masks."""


def write_export(
    path: str | Path,
    to: Layout,
    out: str | Path,
    *,
    overwrite: bool = False,
    progress: RowProgress | None = None,
) -> Path:
    """Write the dataset in ``path`` into the folder ``out`` in another layout; returns ``out``.

    Written aside and renamed when whole. Raises InputError or OSError.
    """
    folder, target = open_folder(path), Path(out)
    pictures = folder.has_pictures
    if to == "imagefolder" and not pictures:
        raise InputError(f"{folder.path} has no pictures; export it --to csv.")
    if target.exists() and not overwrite:
        raise InputError(f"{target} already exists; give --overwrite to replace it, or another --out.")
    if target.exists() and not _is_export(target, target.name, to):
        raise InputError(
            f"{target} is not an export of this layout and will not be overwritten; give another --out."
        )
    progress = progress or (lambda rows: None)
    work = partial(target)
    if work.exists() and not _is_export(work, target.name, to):
        raise InputError(f"{work} is not an unfinished export; remove it or give another --out.")
    if work.exists():
        shutil.rmtree(work)
    _make(work)
    try:
        write = _to_csv if to == "csv" else _to_imagefolder
        progress(0)
        write(folder, work, target, progress)
        if target.exists():
            shutil.rmtree(target)
        work.rename(target)
    finally:
        if work.exists():
            shutil.rmtree(work)
    return target


def _to_csv(folder: Folder, work: Path, target: Path, progress: RowProgress) -> None:
    column = folder.schema.one(Image)
    pictures = folder.has_pictures and column is not None
    names = [each.name for each in folder.schema.columns if each is not column]
    if pictures:
        (work / "images").mkdir()
        names.append(PICTURE_PATH)
    if MASK in folder.ground_truth:
        (work / MASKS).mkdir()
    names += [MASK_PATH if name == MASK else name for name in folder.ground_truth]
    with (work / f"{target.name}.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, names, lineterminator="\n")
        lines.writeheader()
        for done, row in enumerate(_rows(folder), start=1):
            if pictures and column is not None:
                place = Path("images") / _save(row.pop(column.name), work / "images")
                row[PICTURE_PATH] = place.as_posix()
            if ATTRIBUTES in row:
                row[ATTRIBUTES] = json.dumps(row[ATTRIBUTES], ensure_ascii=False)
            if MASK in row:
                row[MASK_PATH] = f"{MASKS}/{_save(row.pop(MASK), work / MASKS)}"
            lines.writerow(row)
            progress(done)
        _to_disk(file)


def _to_imagefolder(folder: Folder, work: Path, target: Path, progress: RowProgress) -> None:
    column = folder.schema.one(Image)
    if column is None:
        raise InputError(f"The schema {folder.schema.name} has no image column.")
    (work / "train").mkdir()
    if MASK in folder.ground_truth:
        (work / "train" / MASKS).mkdir()
    with (work / "train" / "metadata.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for done, row in enumerate(_rows(folder), start=1):
            row = {"file_name": _save(row.pop(column.name), work / "train"), **row}
            if MASK in row:
                row[f"{MASK}_file_name"] = f"{MASKS}/{_save(row.pop(MASK), work / 'train' / MASKS)}"
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
            progress(done)
        _to_disk(file)


def _rows(folder: Folder) -> Iterator[dict[str, Any]]:
    columns = arrow_schema(folder.schema, folder.has_pictures, folder.ground_truth)
    for path in folder.shard_paths():
        with open_shard(path, columns) as shard:
            for table in shard.tables(256):
                yield from table.to_pylist()


def _save(picture: Any, folder: Path) -> str:
    """Write a picture's bytes under its own name, which is checked: it comes from the rows."""
    content = picture.get("bytes") if isinstance(picture, dict) else None
    if not content:
        raise InputError("A picture of this dataset is empty; run datagen verify.")
    name = safe_file_name(str(picture.get("path") or ""))
    with (folder / name).open("xb") as file:
        file.write(content)
    return name


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be made ({error.strerror}); give another --out."
        ) from None


def _is_export(folder: Path, name: str, to: Layout) -> bool:
    """Whether a folder holds nothing but what an export called ``name`` writes, or part of it."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    written = {f"{name}.csv", "images"} if to == "csv" else {"train"}
    masks = folder / MASKS
    if to == "csv" and masks.is_dir() and all(mask.name.endswith(MASK_END) for mask in masks.iterdir()):
        written.add(
            MASKS
        )  # an export without masks has no such folder, so another one belongs to somebody else
    return {path.name for path in folder.iterdir()} <= written


def _to_disk(file: IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())
