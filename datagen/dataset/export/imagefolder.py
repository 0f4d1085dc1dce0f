"""The layout imagefolder."""

from __future__ import annotations

import json
from pathlib import Path

from datagen.dataset.export.loose_pictures import MASKS
from datagen.dataset.export.source import Export, save_picture
from datagen.schemas.folder import MASK


def write_imagefolder(export: Export, work: Path, name: str) -> None:
    """Write ``work``/<name>: the pictures and metadata.jsonl, which names the file of each row."""
    place, image = work / name, str(export.image)
    (place / MASKS if export.has_masks else place).mkdir(parents=True)
    with (place / "metadata.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for row in export.rows():
            row = {"file_name": save_picture(row.pop(image), place), **row}
            if export.has_masks:
                row[f"{MASK}_file_name"] = f"{MASKS}/{save_picture(row.pop(MASK), place / MASKS)}"
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
