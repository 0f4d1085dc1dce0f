"""The layout yolo: pictures, a file of labels for each, and data.yaml, as Ultralytics' trainers read them.

images/<split>/<code>.jpg   the pictures
labels/<split>/<code>.txt   a line for the product: the number of its kind, then its outline or its box
data.yaml                   the folders of the splits and the names of the kinds

Coordinates are shares of the picture's width and height. With masks a line is the product's outline (x, y,
x, y, ...): for segmentation, and detectors take its box, which is exact. Without masks it is the box: x and y
of its middle, its width, its height. A picture in which nothing of the product is seen has an empty file.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from datagen.columns.ground_truth import SUBJECT, box_around
from datagen.dataset.export.annotations import box_of, class_of, classes_of, labels_of, size_of
from datagen.dataset.export.polygons import joined, polygons
from datagen.dataset.export.source import Export, save_picture

IMAGES, LABELS, DATA = "images", "labels", "data.yaml"

KEYS = {"validation": "val"}
"""Splits that data.yaml calls otherwise."""


def write_yolo(export: Export, work: Path, name: str) -> None:
    """Write the pictures and labels of one split. Raises InputError."""
    pictures, labels = work / IMAGES / name, work / LABELS / name
    for folder in (pictures, labels):
        folder.mkdir(parents=True)
    classes, (width, height) = classes_of(export), size_of(export)
    # Formatting a number takes longer than finding a corner.
    across = [f"{x / width:.6f}" for x in range(width + 1)]
    down = [f"{y / height:.6f}" for y in range(height + 1)]
    for row in export.rows():
        file = labels / Path(save_picture(row[str(export.image)], pictures)).with_suffix(".txt")
        if export.has_masks:
            mask = labels_of(row, (width, height)) == SUBJECT
            pieces = polygons(mask, box_around(mask))
            line = joined(pieces).tolist() if pieces else []
            numbers = [place for x, y in line for place in (across[x], down[y])]
        else:
            x0, y0, x1, y1 = box_of(row, (width, height))
            shares = (x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height
            numbers = [f"{share:.6f}" for share in shares] if x1 > x0 else []
        line = " ".join([str(class_of(row, classes)), *numbers]) + "\n"
        file.write_text(line if numbers else "", encoding="ascii")


def write_yolo_data(export: Export, work: Path, names: list[str]) -> None:
    """Write data.yaml. Its paths are relative to itself, so the folder may be moved."""
    data = {KEYS.get(name, name): f"{IMAGES}/{name}" for name in names}
    data["names"] = dict(enumerate(classes_of(export)))
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    if "val" not in data:
        note = (
            "Trainers need a line `val:`; datagen make --splits train=0.8,validation=0.1,test=0.1 makes it."
        )
        text = f"# {note}\n{text}"
    (work / DATA).write_text(text, encoding="utf-8", newline="\n")
