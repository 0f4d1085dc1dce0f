"""Hand-made features of a picture: its colours and edges in numbers, without any model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from datagen.schemas.keyed import F64
from datagen.train.data.pictures import open_picture

F32 = NDArray[np.float32]

SIDE, CELLS, DIRECTIONS, SHADES = 64, 4, 8, 4
COLOURS, EDGES = SHADES**3, CELLS**2 * DIRECTIONS
"""How many of the features are colours, at the beginning, and edges, at the end."""


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
