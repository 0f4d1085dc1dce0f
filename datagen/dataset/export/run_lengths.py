"""Masks as COCO stores them: compressed run lengths, column by column.

The format is that of ``maskApi.c`` in the COCO API: lengths of alternating runs of zeros and ones in
column-major order, beginning with zeros; from the fourth on each is written as the difference to the one two
before it, in groups of five bits, the lowest first.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Box = tuple[int, int, int, int]

_FIRST = 48
"""The character that stands for a group of five zero bits."""


class Runs(NamedTuple):
    """What is true in a mask of ``width`` x ``height`` pixels: runs [start, stop) in column-major order."""

    width: int
    height: int
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]

    @property
    def area(self) -> int:
        """How many pixels are true."""
        return int((self.stops - self.starts).sum())

    @property
    def box(self) -> Box:
        """The box (x0, y0, x1, y1) around them, x1 and y1 just outside; zeros where there are none."""
        if not len(self.starts):
            return 0, 0, 0, 0
        (x0, *_), first = divmod(self.starts, self.height)
        columns, last = divmod(self.stops - 1, self.height)
        if (self.starts // self.height != columns).any():  # a run goes on in the next column
            return int(x0), 0, int(columns[-1]) + 1, self.height
        return int(x0), int(first.min()), int(columns[-1]) + 1, int(last.max()) + 1

    @property
    def counts(self) -> str:
        """The text that COCO calls ``counts``."""
        ends = np.stack([self.starts, self.stops], axis=1).ravel()
        size = self.width * self.height
        if len(ends) and ends[-1] == size:
            ends = ends[:-1]
        return _compressed(np.diff(ends, prepend=0, append=size))


def runs(columns: Bools) -> Runs:
    """The runs of a mask that was transposed, shape (width, height), in one piece of memory."""
    flat = columns.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    changes = np.concatenate(
        [np.zeros(flat[:1].sum(), np.int64), changes, np.full(flat[-1:].sum(), flat.size)]
    )
    width, height = columns.shape
    return Runs(width, height, changes[0::2], changes[1::2])


def _compressed(lengths: NDArray[np.int64]) -> str:
    left = lengths.copy()
    left[3:] -= lengths[1:-2]
    groups, used, more = [], [], np.ones(len(left), np.bool_)
    while more.any():
        group = left & 31
        left >>= 5
        used.append(more)
        more = more & (left != np.where(group & 16, -1, 0))
        groups.append(group + 32 * more + _FIRST)
    written: NDArray[np.uint8] = np.array(groups, np.uint8).T[np.array(used).T]
    return written.tobytes().decode("ascii")
