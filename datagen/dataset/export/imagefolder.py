"""The layout imagefolder."""

from __future__ import annotations

import json
from pathlib import Path

from datagen.dataset.export.loose_pictures import FOLDERS, save_truth
from datagen.dataset.export.source import Export, save_picture

TRUTH_FILE = "{}_file_name"
"""What ``datasets`` calls the path of a column of pictures."""


def write_imagefolder(export: Export, work: Path, name: str) -> None:
    """Write ``work``/<name>: the pictures and metadata.jsonl, which names the file of each row."""
    place, image = work / name, str(export.image)
    place.mkdir(parents=True)
    for column in export.files:
        (place / FOLDERS[column]).mkdir()
    with (place / "metadata.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for row in export.rows():
            row = {"file_name": save_picture(row.pop(image), place), **row}
            save_truth(export, row, place, TRUTH_FILE)
            file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
