"""What a model must beat: answers without any training, in the form of a model's answers.

``majority`` always gives the same answer: the most frequent category of the training rows, its median
price and its most frequent title. ``nearest`` answers with the fields of the training row whose picture
is most similar in colours and edges. A model that does not beat the first ignores the picture; one that
does not beat the second sees no more than a histogram.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datagen.schemas import InputError
from datagen.schemas.keyed import F64, I64
from datagen.train.chat.conversation import Fields, Template, Value
from datagen.train.data.pictures import open_picture

F32 = NDArray[np.float32]

SIDE, CELLS, DIRECTIONS, SHADES = 64, 4, 8, 4
LEAST_SPREAD = 0.005
"""Minimum standard deviation of a feature: a shade that occurs once must not outweigh the rest."""
CHUNK = 512


def majority(training: Sequence[Fields], template: Template) -> Fields:
    """The answer of the majority baseline: fields of the training rows' most frequent category.

    Text is the most frequent value there, ties resolved alphabetically; a number is the median of the known
    ones. Without a category, all rows count. Raises InputError without training rows.
    """
    if not training:
        raise InputError("A baseline needs training rows.")
    rows = list(training)
    if template.category is not None:
        largest = _most_frequent([fields[template.category] for fields in rows])
        rows = [fields for fields in rows if fields[template.category] == largest]
    answer: Fields = {}
    for one in template.answer_fields:
        values = [fields[one.field] for fields in rows]
        if one.field in template.numbers:
            known = [value for value in values if isinstance(value, float)]
            answer[one.field] = float(np.median(known)) if known else None
        else:
            answer[one.field] = _most_frequent(values)
    return answer


def nearest(training: Sequence[Fields], training_features: F32, features: F32) -> list[Fields]:
    """For each picture, the fields of the training row whose picture is most similar; the first among equals.

    ``training_features`` (training rows, n) and ``features`` (pictures, n) are from :func:`picture_features`.
    """
    return [dict(training[at]) for at in nearest_rows(training_features, features)]


def nearest_rows(training: F32, features: F32) -> I64:
    """For each row of ``features``, the row (int64) of ``training`` at the least Euclidean distance.

    Each feature counts by its spread over ``training``; among equal rows, the first. Raises InputError
    without training rows.
    """
    if not len(training):
        raise InputError("A baseline needs training rows.")
    # Products of equal rows may differ in their last bits, so each distinct row is searched once.
    first = np.sort(np.unique(training, axis=0, return_index=True)[1])
    middle = training.mean(axis=0, dtype=np.float64)
    spread = np.maximum(training.std(axis=0, dtype=np.float64), LEAST_SPREAD)
    known: F64 = (training[first] - middle) / spread
    squares = (known**2).sum(axis=1)
    found = [
        np.argmin(squares - 2 * ((features[start : start + CHUNK] - middle) / spread) @ known.T, axis=1)
        for start in range(0, len(features), CHUNK)
    ]
    return first[np.concatenate(found)].astype(np.int64) if found else np.empty(0, dtype=np.int64)


def picture_features(value: Any) -> F32:
    """Colours and edges of a picture as a dataset stores it: float32 (256,), each from 0 to 1.

    The picture is fitted into 64 x 64 on white. Then

        64   colours: the share of pixels in each of 4 x 4 x 4 boxes of RGB
        48   the mean RGB of each of 4 x 4 cells
        16   the deviation of grey within each cell
        128  edges by 8 directions in each cell, weighted by strength (after Dalal and Triggs, CVPR 2005),
             summing to 1 over the picture, or all 0 if it has none

    All are 0 if there is no picture (None). Raises InputError for one that cannot be read.
    """
    if value is None:
        return np.zeros(SHADES**3 + CELLS**2 * (4 + DIRECTIONS), dtype=np.float32)
    pixels = _fitted(open_picture(value))
    return np.concatenate([_colours(pixels), _cells(pixels), _edges(pixels.mean(axis=2))]).astype(np.float32)


def _fitted(picture: Image.Image) -> F64:
    """A picture, scaled to fit the middle of a white square: float64 (64, 64, 3), from 0 to 1."""
    scale = SIDE / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    fitted = picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    square = Image.new("RGB", (SIDE, SIDE), "white")
    square.paste(fitted, ((SIDE - width) // 2, (SIDE - height) // 2))
    return np.asarray(square, dtype=np.float64) / 255


def _colours(pixels: F64) -> F64:
    shade = np.minimum((pixels * SHADES).astype(np.int64), SHADES - 1).reshape(-1, 3)
    boxes = (shade[:, 0] * SHADES + shade[:, 1]) * SHADES + shade[:, 2]
    return np.bincount(boxes, minlength=SHADES**3) / len(boxes)


def _cells(pixels: F64) -> F64:
    width = SIDE // CELLS
    cells = pixels.reshape(CELLS, width, CELLS, width, 3).transpose(0, 2, 1, 3, 4).reshape(CELLS**2, -1, 3)
    return np.concatenate([cells.mean(axis=1).ravel(), cells.mean(axis=2).std(axis=1)])


def _edges(grey: F64) -> F64:
    down, across = np.gradient(grey)
    strength = np.hypot(down, across)
    turn = (np.arctan2(down, across) % np.pi) / np.pi
    direction = np.minimum((turn * DIRECTIONS).astype(np.int64), DIRECTIONS - 1)
    row, column = np.indices(grey.shape) * CELLS // SIDE
    bins = (row * CELLS + column) * DIRECTIONS + direction
    summed = np.bincount(bins.ravel(), weights=strength.ravel(), minlength=CELLS**2 * DIRECTIONS)
    found: F64 = summed / (summed.sum() + 1e-9)
    return found


def _most_frequent(values: Sequence[Value]) -> Value:
    """The most frequent value; ties resolved alphabetically."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], str(value)))
