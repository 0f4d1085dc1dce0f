"""The outline of a mask as polygons along the edges of its pixels: filled, they are the mask again.

The corners of the outline are found for the whole mask at once. In each row of the pixel grid they are the
ends of horizontal edges, taken in pairs, and in each column those of vertical edges; so each corner knows its
two neighbours. Where pixels meet at a corner only, two corners lie there, and the pixels are separate pieces.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Points = NDArray[np.int64]
"""Corners (x, y) of a closed line, shape (n, 2), in pixels from the upper left corner of the picture."""

Box = tuple[int, int, int, int]


class _Rings(NamedTuple):
    """Closed lines around what is true (``outer``), and around holes in it."""

    outer: list[Points]
    holes: list[Points]


def polygons(mask: Bools, box: Box) -> list[Points]:
    """The separate pieces of a mask, shape (height, width), each as a polygon without holes.

    A hole is cut out by a line that leads to it and back along the same way, as converters of COCO do.
    ``box`` (x0, y0, x1, y1) holds all that is true.
    """
    rings = _rings(mask, box)
    pieces = [[ring] for ring in rings.outer]
    for hole in rings.holes:
        pieces[_around(rings.outer, hole[0, 0], hole[0, 1])].append(hole[::-1])
    return [joined(piece) for piece in pieces]


def joined(rings: list[Points]) -> Points:
    """Closed lines as one, which leads from the first to each other one and back along the same way."""
    start = rings[0][:1]
    return np.concatenate([rings[0], *(part for ring in rings[1:] for part in (start, ring, ring[:1]))])


def _rings(mask: Bools, box: Box) -> _Rings:
    x0, y0, x1, y1 = box
    cut = np.zeros((y1 - y0 + 2, x1 - x0 + 2), np.bool_)
    cut[1:-1, 1:-1] = mask[y0:y1, x0:x1]
    across = cut[1:] != cut[:-1]
    meet = across[:, 1:] & across[:, :-1] & (cut[:-1, 1:] != cut[:-1, :-1])
    where = np.flatnonzero((across[:, 1:] != across[:, :-1]) | meet)
    twice = meet.ravel()[where]
    rows, columns = np.divmod(np.repeat(where, 1 + twice), meet.shape[1])
    # Of two corners in one place, the first ends the edge from the left. It also ends the edge from above if
    # of the two upper pixels the left one is filled.
    second = np.concatenate([[False], (rows[1:] == rows[:-1]) & (columns[1:] == columns[:-1])])
    first = np.concatenate([second[1:], [False]])
    later = np.where(cut[rows, columns], second, first)
    by_column = np.lexsort((later, rows, columns))
    below = np.empty_like(by_column)
    below[by_column[0::2]], below[by_column[1::2]] = by_column[1::2], by_column[0::2]
    filled = cut[rows + 1, columns + 1].tolist()
    corners = np.stack([columns + x0, rows + y0], axis=1)
    neighbours, left, found = below.tolist(), [True] * len(corners), _Rings([], [])
    for start in range(len(corners)):
        if left[start]:
            ring, at = list[int](), start
            while left[at]:
                beside = at ^ 1
                left[at] = left[beside] = False
                ring += [at, beside]
                at = neighbours[beside]
            # The first corner of a ring in reading order is its upper left one.
            (found.outer if filled[start] else found.holes).append(corners[ring])
    return found


def _around(outer: list[Points], x: int, y: int) -> int:
    """Which ring a hole is in, given its upper left corner: the innermost, which begins last."""
    if len(outer) == 1:
        return 0
    around = 0
    for at, ring in enumerate(outer):
        # Vertical sides to the left of the pixel above that corner; from outside there is an even number.
        sides, heights = ring[1::2, 0], np.sort([ring[1::2, 1], np.roll(ring[:, 1], -1)[1::2]], axis=0)
        if np.count_nonzero((sides <= x) & (heights[0] < y) & (y <= heights[1])) % 2:
            around = at
    return around
