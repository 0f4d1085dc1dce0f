"""Which fill covers which pixels: coverage and fills of a stencil in the making."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.outlines import Box
from datagen.render.planes import Bytes, blend, dim

BASE = ("ground", 0)
"""The fill that every stencil starts from."""

FULL = 250
"""The coverage at which a mask counts as complete."""


class Fill(NamedTuple):
    """A mask inside a box of the stencil, to be filled with one colour or pattern."""

    fill: str
    turn: int
    box: Box
    mask: Bytes


class Areas:
    """Coverage of a stencil and one mask for each (fill, turn of its pattern)."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.cover = np.zeros(shape, dtype=np.uint8)
        self.masks: dict[tuple[str, int], Bytes] = {}
        self.where: dict[tuple[str, int], Box] = {}

    def add(self, fill: str, turn: int, box: Box, shape: Bytes) -> None:
        """Give the pixels of ``shape`` in ``box`` to a fill and remove them from the other fills.

        The base (``ground``, not turned) has no mask: it is everything that no other fill covers. Ground
        removes its exact soft complement from the fills below; any other fill only what it covers fully.
        Otherwise the ground would show between two fills.
        """
        mine = (fill, turn)
        rest = 255 - shape if fill == "ground" else (shape < FULL) * np.uint8(255)
        for other, where in self.where.items():
            if other != mine and _cross(where, box):
                x0, y0 = max(box[0], where[0]), max(box[1], where[1])
                x1, y1 = min(box[2], where[2]), min(box[3], where[3])
                veil = rest[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]]
                dim(self.masks[other][y0:y1, x0:x1], veil)
        cover = self.cover[box[1] : box[3], box[0] : box[2]]
        if mine != BASE:
            # Later fills are painted over earlier ones, so fills are painted in the order of their last use.
            self.masks[mine] = self.masks.pop(mine) if mine in self.masks else np.zeros_like(self.cover)
            # At an edge against the studio the fill alone gives the colour: no ground lies behind it.
            bare = cover == 0
            bare &= shape > 0
            blend(self.masks[mine], box, 255, shape | bare.view(np.uint8) * np.uint8(255))
            x0, y0, x1, y1 = self.where.get(mine, box)
            self.where[mine] = min(x0, box[0]), min(y0, box[1]), max(x1, box[2]), max(y1, box[3])
        blend(self.cover, box, 255, shape)

    def fills(self, *, ground: bool) -> tuple[Fill, ...]:
        """The turned fabrics (``ground``) or all other fills, cropped to their separate pieces."""
        found = []
        for (fill, turn), area in self.masks.items():
            if (fill == "ground") == ground:
                for box in _pieces(area, self.where[fill, turn]):
                    found.append(Fill(fill, turn, box, area[box[1] : box[3], box[0] : box[2]].copy()))
        return tuple(found)


def _cross(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _pieces(area: Bytes, within: Box) -> list[Box]:
    """Boxes around the covered areas of a mask, split at empty rows and, within those, at empty columns."""
    x0, y0, x1, y1 = within
    part = area[y0:y1, x0:x1] > 0
    result = []
    for top, bottom in _runs(np.asarray(part.any(axis=1))):
        for left, right in _runs(np.asarray(part[top:bottom].any(axis=0))):
            rows = np.flatnonzero(part[top:bottom, left:right].any(axis=1))
            result.append((x0 + left, y0 + top + int(rows[0]), x0 + right, y0 + top + int(rows[-1]) + 1))
    return result


def _runs(full: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """(start, stop) of each run of true values; gaps below six are bridged."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for start, stop in edges.reshape(-1, 2).tolist():
        if runs and start - runs[-1][1] < 6:
            runs[-1] = runs[-1][0], stop
        else:
            runs.append((start, stop))
    return runs
