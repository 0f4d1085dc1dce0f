"""What layouts for detectors read from a row: the class of its product and the labels of its mask."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.columns.ground_truth import Keypoints, Labels
from datagen.dataset.export.polygons import Box
from datagen.dataset.export.source import Export
from datagen.dataset.truth_check import is_inside, read_mask, wrong_with_keypoints
from datagen.schemas import InputError
from datagen.schemas.folder import ATTRIBUTES, KEYPOINTS, MASK, Size


def classes_of(export: Export) -> dict[str, int]:
    """The kinds of product that the pictures of a dataset can show, each with its number from 0.

    They are those that its profile draws, in its order: a noun may be drawn as another kind than its own.
    """
    kinds = export.folder.profile.kinds if export.folder.profile else {}
    drawn = [
        each.drawings.get(noun) or each.drawing or name for name, each in kinds.items() for noun in each.nouns
    ]
    return {kind: number for number, kind in enumerate(dict.fromkeys(drawn))}


def class_of(row: dict[str, Any], classes: dict[str, int]) -> int:
    """The number of a row's kind. Raises InputError for one that no picture can show."""
    kind = (row[ATTRIBUTES] or {}).get("kind")
    if kind not in classes:
        raise InputError(
            f"The kind {str(kind)[:80]!r} of this dataset is not in its profile; run datagen verify."
        )
    return classes[kind]


def box_of(row: dict[str, Any], size: Size) -> Box:
    """The box (x0, y0, x1, y1) of a row's attributes. Raises InputError for one outside the picture."""
    box = (row[ATTRIBUTES] or {}).get("box") or [None]
    if None in box or not is_inside(box, size):
        raise InputError(f"The box {box} of this dataset is not inside its picture; run datagen verify.")
    return tuple(box)


def size_of(export: Export) -> Size:
    """Width and height of every picture of a dataset that was made with pictures."""
    size = export.folder.manifest.image_size
    assert size is not None  # noqa: S101 - only made datasets with pictures have ground truth
    return size


def labels_of(row: dict[str, Any], size: Size) -> Labels:
    """The labels of a row's mask, shape (height, width). Raises InputError for a mask that cannot be read."""
    mask = row[MASK] or {}
    labels, wrong = read_mask(mask.get("bytes"), size)
    if labels is None:
        raise InputError(
            f"The mask {str(mask.get('path'))[:80]!r} of this dataset {wrong}; run datagen verify."
        )
    return labels


def keypoints_of(row: dict[str, Any], size: Size) -> Keypoints:
    """The keypoints of a row with a figure. Raises InputError for any that cannot be right."""
    keypoints = row[KEYPOINTS]
    for rule in wrong_with_keypoints(keypoints, True, size, None):
        raise InputError(f"The keypoints {keypoints!s:.80} break the rule {rule!r}; run datagen verify.")
    return np.array(keypoints, np.int32)
