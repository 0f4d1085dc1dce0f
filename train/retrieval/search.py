"""Exact nearest neighbours, the same for equal input on any machine: ties go to the lower row."""

from __future__ import annotations

import numpy as np

from datagen.schemas.keyed import F64, I64
from datagen.train.data.picture_features import F32

NONE = -1
"""In place of a neighbour where there are fewer than were asked for."""
MOST_DISTANCES = 4_000_000
"""Distances that are in memory at once."""
TOLERANCE = 1e-4
"""Of approximate squared distances, relative to the longest vector; float32 sums of 4,096 products of unit
vectors are within 1e-6.
"""


def nearest_known(known: F32, asked: F32, count: int, known_group: I64, asked_group: I64) -> I64:
    """The ``count`` rows of ``known`` (rows, n) nearest to each of ``asked`` (pictures, n): (pictures,
    count).

    By Euclidean distance, the nearest first; among equals, the lower row first; NONE where there are fewer.
    A row whose group is the picture's own is never among them. A vector with a NaN has no neighbours.

    A product of matrices finds the candidates, and its last digits depend on how the rows lie in memory; so
    the order is that of the differences themselves, summed in float64.
    """
    found = np.full((len(asked), count), NONE, dtype=np.int64)
    if not len(known):
        return found
    squares = (known.astype(np.float64) ** 2).sum(axis=1).astype(np.float32)
    margin = TOLERANCE * max(float(squares.max()), 1e-12)
    step = max(MOST_DISTANCES // len(known), 1)
    for start in range(0, len(asked), step):
        some = asked[start : start + step]
        approximate = squares - 2 * some @ known.T
        approximate[known_group[None, :] == asked_group[start : start + step, None]] = np.inf
        last = min(count, len(known)) - 1
        farthest = np.partition(approximate, last, axis=1)[:, last]
        for at in range(len(some)):
            near = np.flatnonzero((approximate[at] <= farthest[at] + margin) & np.isfinite(approximate[at]))
            exact: F64 = ((known[near].astype(np.float64) - some[at]) ** 2).sum(axis=1)
            chosen = near[np.lexsort((near, exact))[:count]]
            found[start + at, : len(chosen)] = chosen
    return found
