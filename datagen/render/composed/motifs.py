"""Where placed motifs lie in a garment's cloth: on the chest or the back, on a thigh, before a skirt."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import PARTS, PIXELS_PER_CM, Figure, Garment, Layer
from datagen.render.composed.cloth import UNITS_PER_CM, Coordinates
from datagen.render.figure.dressed_figure import LOWER
from datagen.render.planes import Bytes
from datagen.render.silhouettes import TABLE

FRONT = np.array(
    [
        name in ("body", "leg_left", "leg_right", "pleat", "pocket", "flap", "placket", "yoke", "seam", "hem")
        for name in PARTS
    ]
)
"""Parts that a motif can lie on: those in the coordinates of the front. Pockets and flaps are printed on."""

BEHIND = FRONT | np.array([name == "back" for name in PARTS])
"""The same from behind."""

SHOWN = 0.85
"""The share of a motif that must be seen in a place, or else the next place is tried."""

HIGH = 0.5
"""How high a motif is for this, as a share of its width."""

Spot = tuple[int, int, int]
Mask = npt.NDArray[np.bool_]
Place = tuple[float, float, float]
"""Column and row of the frame, and a width, in its pixels."""


class Motifs(NamedTuple):
    """``front`` is 1 where a motif may lie; spots are (across, along, width) in the cloth."""

    front: Bytes
    mark: Spot
    badge: Spot


def from_behind(figure: Figure) -> bool:
    """Whether a figure turns its back: its left shoulder is on the picture's left."""
    return bool(figure.keypoints[5, 0] < figure.keypoints[6, 0])


def facing(figure: Figure, layer: Layer) -> Coordinates:
    """A garment's coordinates across, which grow to the right in the picture: baked ones do so in front."""
    across: Coordinates = layer.cloth[..., 0]
    return -across if from_behind(figure) else across


def motifs_of(figure: Figure, garment: Garment) -> Motifs:
    """The places of a large motif and of a small one on a garment, from the joints of its wearer.

    What is printed or embroidered is seen in its picture, so each has several places: the usual one and
    others, for garments whose edges, lapels or arms hide that one. From behind, it is on the back.
    """
    layer = garment.layer
    front = (BEHIND if from_behind(figure) else FRONT)[layer.part] & (layer.coverage > 0)
    across = facing(figure, layer)
    mark, badge = motifs_at(figure.keypoints, garment.kind, layer, front, across, PIXELS_PER_CM)
    return Motifs(front.view(np.uint8), mark, badge)


def motifs_at(
    joints: npt.NDArray[np.float32], kind: str, layer: Layer, front: Mask, across: Coordinates, unit: float
) -> tuple[Spot, Spot]:
    """The large place and the small one on a layer of a garment of a kind, whose wearer's 17 joints (their
    first two numbers are columns and rows of the frame) are in a frame of ``unit`` pixels per cm."""
    (lx, ly), (rx, ry), (hx, hy), (kx, ky) = (joints[at, :2].tolist() for at in (5, 6, 11, 13))
    middle, width, wear = (lx + rx) / 2, abs(lx - rx), TABLE[kind].wear
    shoulders = (ly + ry) / 2
    large: list[Place]
    small: list[Place]
    if wear in LOWER:
        thigh = (hx * 0.75 + kx * 0.25, hy * 0.55 + ky * 0.45, width * 0.4)
        below_hips = (middle, hy * 0.7 + ky * 0.3, width * 0.5)
        large = [below_hips, thigh] if wear == "skirt" else [thigh]
        small = [
            (hx * share + kx * (1 - share), hy * 0.85 + ky * 0.15, width * 0.16) for share in (0.9, 0.7, 0.5)
        ]
    else:
        large = [(middle, shoulders * (1 - down) + hy * down, width * 0.6) for down in (0.26, 0.4, 0.55)]
        small = [
            (middle * (1 - out) + lx * out, shoulders * (1 - down) + hy * down, width * 0.18)
            for down in (0.24, 0.34)
            for out in (0.5, 0.65, 0.8)
        ]
    mark, badge = (
        best_shown(
            [_cloth_at(layer, across, front, unit, *place) for place in places],
            across,
            layer.cloth[..., 1],
            front,
            unit,
        )
        for places in (large, small)
    )
    return mark, badge


def best_shown(spots: list[Spot], across: Coordinates, along: Coordinates, front: Mask, unit: float) -> Spot:
    """The first of some places that shows enough of a motif, or else the one that shows the most of it.

    ``front`` is where a motif may lie, in a picture of ``unit`` pixels per cm.
    """
    shares = []
    for spot in spots:
        near = np.abs(across - np.int16(spot[0])) <= spot[2] // 2
        near &= np.abs(along - np.int16(spot[1])) <= round(spot[2] * HIGH / 2)
        near &= front
        shares.append(int(np.count_nonzero(near)) / max(1.0, (spot[2] / UNITS_PER_CM * unit) ** 2 * HIGH))
        if shares[-1] >= SHOWN:
            break
    return spots[shares.index(max(shares))]


def _cloth_at(
    layer: Layer, across: Coordinates, front: Mask, unit: float, x: float, y: float, width: float
) -> Spot:
    """The cloth at the front's pixel nearest to (x, y) of the frame, and a width in the cloth."""
    row, column = round(y) - layer.top, round(x) - layer.left
    if not (0 <= row < len(front) and 0 <= column < front.shape[1] and front[row, column]):
        rows, columns = np.nonzero(front)
        if not len(rows):
            return 0, 0, UNITS_PER_CM
        at = int(np.argmin((rows - row) ** 2 + (columns - column) ** 2))
        row, column = int(rows[at]), int(columns[at])
    wide = max(1, round(width / unit * UNITS_PER_CM))
    return int(across[row, column]), int(layer.cloth[row, column, 1]), wide
