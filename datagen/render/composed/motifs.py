"""Where placed motifs lie in a garment's cloth: on the chest, or on the thigh of trousers and skirts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from datagen.render.baked.layers import PARTS, PIXELS_PER_CM, Figure, Garment, Layer
from datagen.render.composed.cloth import UNITS_PER_CM
from datagen.render.figure.dressed_figure import LOWER
from datagen.render.planes import Bytes
from datagen.render.silhouettes import TABLE

FRONT = np.array(
    [name in ("body", "leg_left", "leg_right", "pleat", "pocket", "placket", "yoke") for name in PARTS]
)
"""Parts that a motif can lie on: those in the coordinates of the front."""

Spot = tuple[int, int, int]


class Motifs(NamedTuple):
    """``front`` is 1 where a motif may lie; spots are (across, along, width) in the cloth."""

    front: Bytes
    mark: Spot
    badge: Spot


def motifs_of(figure: Figure, garment: Garment) -> Motifs:
    """The places of a large motif and of a small one on a garment, from the joints of its wearer."""
    layer = garment.layer
    front = FRONT[layer.part] & (layer.coverage > 0)
    points = figure.keypoints
    (lx, ly), (rx, ry), (hx, hy), (kx, ky) = (points[at, :2].tolist() for at in (5, 6, 11, 13))
    middle, width = (lx + rx) / 2, abs(lx - rx)
    if TABLE[garment.kind].wear in LOWER:
        large = _spot(layer, front, hx * 0.75 + kx * 0.25, hy * 0.55 + ky * 0.45, width * 0.4)
        small = _spot(layer, front, hx * 0.9 + kx * 0.1, hy * 0.85 + ky * 0.15, width * 0.14)
    else:
        shoulders = (ly + ry) / 2
        large = _spot(layer, front, middle, shoulders * 0.74 + hy * 0.26, width * 0.54)
        small = _spot(layer, front, middle * 0.5 + lx * 0.5, shoulders * 0.76 + hy * 0.24, width * 0.16)
    return Motifs(front.view(np.uint8), large, small)


def _spot(
    layer: Layer, front: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], x: float, y: float, width: float
) -> Spot:
    """The cloth at the front's pixel nearest to (x, y) of the frame, and a width in the cloth."""
    row, column = round(y) - layer.top, round(x) - layer.left
    if not (0 <= row < len(front) and 0 <= column < front.shape[1] and front[row, column]):
        rows, columns = np.nonzero(front)
        if not len(rows):
            return 0, 0, UNITS_PER_CM
        at = int(np.argmin((rows - row) ** 2 + (columns - column) ** 2))
        row, column = int(rows[at]), int(columns[at])
    across, along = layer.cloth[row, column].tolist()
    return across, along, max(1, round(width / PIXELS_PER_CM * UNITS_PER_CM))
