"""Rows whose pictures are files next to a table: what the layouts csv and jsonl have in common."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datagen.dataset.export.source import Export, save_picture
from datagen.schemas.folder import DEPTH, MASK, NORMALS

IMAGES = "images"
FOLDERS = {MASK: "masks", NORMALS: "normals", DEPTH: "depth"}
"""The folders of pictures, and of the files of ground truth by their column."""

PICTURE_PATH = "local_image_path"
TRUTH_PATH = "local_{}_path"
"""The columns of paths: of the picture, and of a file of ground truth, with its column's name in it."""


def column_names(export: Export) -> list[str]:
    """The columns of the table: those of the dataset, with paths in place of pictures."""
    image, truth = export.image, export.folder.ground_truth
    names = [name for name in export.columns.names if name != image and name not in truth]
    paths = [TRUTH_PATH.format(name) if name in export.files else name for name in truth]
    return [*names, *[PICTURE_PATH] * bool(image), *paths]


def save_truth(export: Export, row: dict[str, Any], place: Path, called: str) -> None:
    """Write a row's files of ground truth into folders of ``place``, and put their paths in place of them.

    ``called``: the name of a column of paths, with the column's own name in it. A null stays one. Raises
    InputError.
    """
    for name in export.files:
        file, folder = row.pop(name), FOLDERS[name]
        row[called.format(name)] = None if file is None else f"{folder}/{save_picture(file, place / folder)}"


def rows_with_paths(export: Export, work: Path) -> Iterator[dict[str, Any]]:
    """The rows, their pictures and files of ground truth written below ``work``. Raises InputError."""
    image = export.image
    for folder in [*[IMAGES] * bool(image), *(FOLDERS[name] for name in export.files)]:
        (work / folder).mkdir(exist_ok=True)
    for row in export.rows():
        if image:
            row[PICTURE_PATH] = f"{IMAGES}/{save_picture(row.pop(image), work / IMAGES)}"
        save_truth(export, row, work, TRUTH_PATH)
        yield row
