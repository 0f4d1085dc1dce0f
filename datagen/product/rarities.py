"""Rarities: kinds so rare that a catalogue might lack them, of which every stretch of rows has one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from datagen.product.choices import I32, Choices
from datagen.product.colourways import Membership
from datagen.schemas.keyed import words

NOT_RARE = -1


class Rarities:
    """Which rows are of a rare kind for certain, whatever would have been drawn."""

    def __init__(self, every: Mapping[int, int], cells: NDArray[np.float64], seed: int, size: int) -> None:
        """``every``: rows of a stretch, by kind; ``cells``: shares of kinds (columns) on shelves (rows);
        ``size``: rows of a block, a multiple of every stretch. A kind that stands on no shelf is left out.
        """
        self._seed, self._size = seed, size
        self._every = {kind: rows for kind, rows in every.items() if cells[:, kind].any()}
        self.shelves = Choices(
            [list(enumerate(of_kind if of_kind.any() else of_kind + 1)) for of_kind in cells.T]
        )

    def rows(self, block: int, member: Membership) -> I32:
        """For each row of a block the kind that it is of for certain, or NOT_RARE.

        Only rows that share their product with no other are taken, so that a family is never torn apart.
        """
        single = np.bincount(member.leader, minlength=self._size) == 1
        rare = np.full(self._size, NOT_RARE, dtype=np.int32)
        for kind, every in self._every.items():
            order = words(self._seed, f"rarity/{kind}", block, self._size)
            order[~single] = np.iinfo(np.uint64).max
            at = order.reshape(-1, every).argmin(axis=1) + np.arange(0, self._size, every)
            rare[at[single[at]]] = kind
        return rare
