"""Rows whose pictures are files next to a table: what the layouts csv and jsonl have in common."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datagen.dataset.export.source import Export, save_picture
from datagen.schemas.folder import MASK

IMAGES, MASKS = "images", "masks"
"""The folders of pictures and of masks."""

PICTURE_PATH, MASK_PATH = "local_image_path", "local_mask_path"


def column_names(export: Export) -> list[str]:
    """The columns of the table: those of the dataset, with paths in place of pictures."""
    image, truth = export.image, export.folder.ground_truth
    names = [name for name in export.columns.names if name != image and name not in truth]
    return [*names, *[PICTURE_PATH] * bool(image), *(MASK_PATH if name == MASK else name for name in truth)]


def rows_with_paths(export: Export, work: Path) -> Iterator[dict[str, Any]]:
    """The rows, their pictures and masks written below ``work``. Raises InputError."""
    image = export.image
    if image:
        (work / IMAGES).mkdir(exist_ok=True)
    if export.has_masks:
        (work / MASKS).mkdir(exist_ok=True)
    for row in export.rows():
        if image:
            row[PICTURE_PATH] = f"{IMAGES}/{save_picture(row.pop(image), work / IMAGES)}"
        if export.has_masks:
            row[MASK_PATH] = f"{MASKS}/{save_picture(row.pop(MASK), work / MASKS)}"
        yield row
