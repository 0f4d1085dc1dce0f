"""Which rows of a catalogue the rows of a split are: found from the titles, as when it was made."""

from __future__ import annotations

import numpy as np

from datagen.product.blocks import BLOCK
from datagen.product.choices import I64
from datagen.product.sampler import Sampler
from datagen.product.splits import TitleSplits

PATIENCE = 1000
"""Blocks of the catalogue that are searched in vain before a split counts as at its end."""


class SplitRows:
    """The rows of one split in order, found as they are asked for."""

    def __init__(self, sampler: Sampler, splits: TitleSplits, split: str, rows: int) -> None:
        """``rows``: how many the catalogue has."""
        self._sampler, self._splits, self._rows = sampler, splits, rows
        self._number = splits.names.index(split)
        self._found = np.zeros(0, np.int64)
        self._next = self._idle = 0

    def at(self, places: I64) -> I64:
        """The rows of the catalogue at some places in the split, ascending; fewer where it has no more."""
        while len(self._found) <= places[-1] and self._next < self._rows and self._idle < PATIENCE:
            stop = min(self._next + BLOCK, self._rows)
            products = self._sampler.products(self._next, stop)
            numbers = self._splits.of(self._sampler.titles.compose(products.phrases))
            here = np.flatnonzero(numbers == self._number) + self._next
            self._found = np.concatenate([self._found, here])
            self._next, self._idle = stop, 0 if len(here) else self._idle + 1
        return self._found[places[places < len(self._found)]]
