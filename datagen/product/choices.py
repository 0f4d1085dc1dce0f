"""Weighted choice, vectorised: many groups of options, one lookup for a whole block of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from datagen.schemas.keyed import F64

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]


class Choices:
    """Groups of weighted options; ``draw`` picks one option of each row's group.

    The cumulative shares of group g lie between g and g + 1 in one sorted array, so that
    one binary search for g + u serves all groups at once.
    """

    def __init__(self, groups: Sequence[Sequence[tuple[int, float]]]) -> None:
        """``groups``: for each group, (option id, weight) pairs whose weights have a positive sum."""
        options: list[int] = []
        bounds: list[F64] = []
        for at, group in enumerate(groups):
            weights = np.array([weight for _, weight in group], dtype=np.float64)
            if not (len(weights) and weights.sum() > 0):
                raise ValueError(f"group {at} has no option with a weight above 0")
            upper = np.cumsum(weights)
            upper /= upper[-1]
            last = int(np.flatnonzero(weights)[-1])
            upper[last:] = 1.0  # rounding must never pick an option of weight 0
            bounds.append(at + upper)
            options.extend(option for option, _ in group)
        self._options = np.array(options, dtype=np.int32)
        self._bounds = np.concatenate(bounds)

    def draw(self, group: NDArray[np.integer] | int, u: F64) -> I32:
        """Option ids (int32, shape of ``u``) for the group of each row and its uniform in [0, 1)."""
        # g + u could round up to g + 1 for u near 1; staying below keeps the row in its own group.
        key = np.minimum(group + u, np.nextafter(np.asarray(group) + 1.0, 0.0))
        return self._options[np.searchsorted(self._bounds, key, side="right")]
