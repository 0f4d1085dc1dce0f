"""The layout coco: files as those of COCO itself, https://cocodataset.org/#format-data.

<split>/<code>.jpg                         the pictures
annotations/instances_<split>.json         the product of each: box, area, mask; its category is its kind
annotations/captions_<split>.json          its title
annotations/person_keypoints_<split>.json  who wears it, with 17 keypoints; of datasets with keypoints only

A picture and its annotation have the number of the row, counted from 1 over all splits. A person is all that
is not backdrop, the product too. The text is ASCII, since tools open it in the machine's own encoding.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from datagen.columns.ground_truth import (
    ABSENT,
    BACKDROP,
    KEYPOINT_NAMES,
    SKELETON,
    SUBJECT,
    Keypoints,
)
from datagen.dataset.export.annotations import class_of, classes_of, keypoints_of, labels_of, size_of
from datagen.dataset.export.polygons import polygons
from datagen.dataset.export.run_lengths import Bools, runs
from datagen.dataset.export.source import Export, save_picture
from datagen.schemas.folder import ATTRIBUTES

ANNOTATIONS = "annotations"
"""The folder of the files."""

PERSON = {
    "id": 1,
    "name": "person",
    "supercategory": "person",
    "keypoints": KEYPOINT_NAMES,
    "skeleton": SKELETON,
}
"""The one category of the files of keypoints."""


class _Records:
    """The values of a JSON list, a line each; others write its brackets."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._between = file, "\n"

    def add(self, record: str) -> None:
        """Add a value, as JSON."""
        self._file.write(self._between + record)
        self._between = ",\n"


class _AnnotationFile(NamedTuple):
    """A file in the making."""

    images: _Records
    annotations: _Records


@contextmanager
def _annotation_file(path: Path, head: dict[str, Any]) -> Iterator[_AnnotationFile]:
    """Write a file: pictures go into it as they come, annotations aside until all are there."""
    with (
        path.open("w", encoding="ascii", newline="\n") as file,
        tempfile.TemporaryFile("w+", encoding="ascii", newline="\n", dir=path.parent) as aside,
    ):
        file.write(json.dumps(head)[:-1] + ', "images": [')
        yield _AnnotationFile(_Records(file), _Records(aside))
        file.write('\n], "annotations": [')
        aside.seek(0)
        shutil.copyfileobj(aside, file, 1 << 20)
        file.write("\n]}\n")


def write_coco(export: Export, work: Path, name: str) -> None:
    """Write ``work``/<name> and its files of annotations. Raises InputError."""
    pictures, annotations = work / name, work / ANNOTATIONS
    for folder in (pictures, annotations):
        folder.mkdir(exist_ok=True)
    classes, size, title = classes_of(export), size_of(export), export.title
    products = [
        {"id": 1 + number, "name": kind, "supercategory": "product"} for kind, number in classes.items()
    ]
    info = {"info": {"description": f"{export.folder.schema.name}, made by datagen"}, "licenses": []}
    with ExitStack() as stack:

        def start(what: str, **head: Any) -> _AnnotationFile:
            return stack.enter_context(
                _annotation_file(annotations / f"{what}_{name}.json", {**info, **head})
            )

        instances = start("instances", categories=products)
        captions = start("captions") if title else None
        people = start("person_keypoints", categories=[PERSON]) if export.has_keypoints else None
        files = [file for file in (instances, captions, people) if file]
        for number, row in export.numbered_rows():
            file_name = save_picture(row[str(export.image)], pictures)
            image = json.dumps(
                {"id": number + 1, "file_name": file_name, "width": size[0], "height": size[1]}
            )
            for file in files:
                file.images.add(image)
            labels, about = labels_of(row, size), {"id": number + 1, "image_id": number + 1}
            columns = np.ascontiguousarray(labels.T)
            product = {**about, "category_id": 1 + class_of(row, classes)}
            for shape in _shapes(columns == SUBJECT, export.polygons):
                instances.annotations.add(json.dumps({**product, **shape}))
            if captions:
                captions.annotations.add(json.dumps({**about, "caption": row[str(title)]}))
            if people and row[ATTRIBUTES].get("worn"):
                person = {**about, "category_id": PERSON["id"], **_joints(keypoints_of(row, size))}
                for shape in _shapes(columns != BACKDROP, export.polygons):
                    people.annotations.add(json.dumps({**person, **shape}))


def _shapes(columns: Bools, polygonal: bool) -> list[dict[str, Any]]:
    """The fields that say which pixels an instance has, from its transposed mask; empty where it has none."""
    found = runs(columns)
    x0, y0, x1, y1 = box = found.box
    if not found.area:
        return []
    segmentation: Any
    if polygonal:
        segmentation = [piece.ravel().tolist() for piece in polygons(columns.T, box)]
    else:
        segmentation = {"size": [found.height, found.width], "counts": found.counts}
    place = {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": found.area, "iscrowd": 0}
    return [{**place, "segmentation": segmentation}]


def _joints(keypoints: Keypoints) -> dict[str, Any]:
    """The fields that say where a person's keypoints are."""
    seen = int(np.count_nonzero(keypoints[:, 2] != ABSENT))
    return {"num_keypoints": seen, "keypoints": keypoints.ravel().tolist()}
