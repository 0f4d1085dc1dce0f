"""Masks as COCO stores them: compressed run lengths, column by column.

The format is that of ``maskApi.c`` in the COCO API: lengths of alternating runs of zeros and ones in
column-major order, beginning with zeros; from the fourth on each is written as the difference to the one two
before it, in groups of five bits, the lowest first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Box = tuple[int, int, int, int]

_FIRST = 48
"""The character that stands for a group of five zero bits."""


def run_lengths(mask: Bools, box: Box) -> NDArray[np.int64]:
    """The lengths of the runs of a mask, shape (height, width), in column-major order, zeros first.

    ``box`` (x0, y0, x1, y1) holds all that is true: only its columns are read.
    """
    height, width = mask.shape
    x0, _, x1, _ = box
    columns = np.ascontiguousarray(mask[:, x0:x1].T).ravel()
    changes = np.flatnonzero(columns[1:] != columns[:-1]) + (1 + x0 * height)
    start = [0, x0 * height] if columns[:1].any() else [0]
    end = [x1 * height, height * width] if columns[-1:].any() and x1 < width else [height * width]
    return np.diff(np.concatenate([start, changes, end]).astype(np.int64))


def compressed(lengths: NDArray[np.int64]) -> str:
    """Run lengths as the text that COCO calls ``counts``."""
    left = lengths.astype(np.int64)
    left[3:] -= lengths[1:-2]
    groups, used, more = [], [], np.ones(len(left), np.bool_)
    while more.any():
        group = left & 31
        left >>= 5
        used.append(more)
        more = more & (left != np.where(group & 16, -1, 0))
        groups.append(group + 32 * more + _FIRST)
    return np.array(groups, np.uint8).T[np.array(used).T].tobytes().decode("ascii")
