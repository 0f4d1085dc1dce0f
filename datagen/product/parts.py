"""Parts of a catalogue: how many rows each has, and which row of the catalogue is which row of a part.

The parts' rows are mixed, so that any stretch of the catalogue has about its share of each, and keep their
order within a part. Where a row goes depends on (seed, numbers of rows, row) alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from datagen.product.choices import I64
from datagen.schemas.keyed import permutation

STRETCH = 4096
"""Rows that are mixed with one another, where the parts have numbers of their own."""


class Places(NamedTuple):
    """For each row of a stretch, the part it belongs to and its number within that part."""

    part: I64
    row: I64


class Mixture(Protocol):
    """How the rows of some parts are mixed."""

    def places(self, start: int, stop: int) -> Places:
        """Where the rows [start, stop) of the catalogue come from."""


class InTurn:
    """Parts of equal size: of each ``parts`` consecutive rows, every part has one, in an order of its own."""

    def __init__(self, parts: int, seed: int) -> None:
        self._parts, self._seed = parts, seed

    def places(self, start: int, stop: int) -> Places:
        """Where the rows [start, stop) of the catalogue come from."""
        each, rounds = self._parts, max(1, STRETCH // self._parts)  # rounds that are shuffled with one key
        first = start // (each * rounds)
        last = max(first + 1, -(-stop // (each * rounds)))
        part = np.concatenate([self._shuffled(block, rounds) for block in range(first, last)])
        row = np.repeat(np.arange(first * rounds, last * rounds, dtype=np.int64), each)
        here = slice(start - first * rounds * each, stop - first * rounds * each)
        return Places(part[here], row[here])

    def _shuffled(self, block: int, rounds: int) -> I64:
        """The parts in their order, round after round of one block."""
        mixed = permutation(self._seed, "parts in turn", block, rounds * self._parts)
        return mixed[np.argsort(mixed // self._parts, kind="stable")] % self._parts

    def sizes(self, rows: int) -> list[int]:
        """How many of the first ``rows`` rows each part has."""
        whole, rest = divmod(rows, self._parts)
        further = self.places(rows - rest, rows).part
        return [whole + int((further == part).sum()) for part in range(self._parts)]


class ByNumber:
    """Parts of given sizes: the catalogue is halved down to stretches, and each part with it."""

    def __init__(self, sizes: Sequence[int], seed: int) -> None:
        """``sizes``: rows of each part, 0 or more."""
        self._sizes = np.array(sizes, dtype=np.int64)
        self._rows, self._seed = int(self._sizes.sum()), seed

    def places(self, start: int, stop: int) -> Places:
        """Where the rows [start, stop) of the catalogue come from."""
        first, last = start // STRETCH, max(start // STRETCH + 1, -(-stop // STRETCH))
        stretches = [self._stretch(at) for at in range(first, last)]
        here = slice(start - first * STRETCH, stop - first * STRETCH)
        return Places(*(np.concatenate(arrays)[here] for arrays in zip(*stretches, strict=True)))

    def _stretch(self, at: int) -> Places:
        """The places of one stretch, and in which rows of their parts it begins."""
        low, high = 0, -(-self._rows // STRETCH)
        before, here, rows = np.zeros_like(self._sizes), self._sizes, self._rows
        while high - low > 1:
            middle = (low + high) // 2
            in_left = (middle - low) * STRETCH
            left = _apportioned(here, rows, in_left)
            if at < middle:
                high, here, rows = middle, left, in_left
            else:
                low, before, here, rows = middle, before + left, here - left, rows - in_left
        part = np.repeat(np.arange(len(here)), here)[permutation(self._seed, "parts by number", at, rows)]
        row = np.empty(rows, dtype=np.int64)
        for each, count in enumerate(here):
            row[part == each] = before[each] + np.arange(count)
        return Places(part.astype(np.int64), row)


def _apportioned(sizes: I64, rows: int, wanted: int) -> I64:
    """``wanted`` of ``rows`` rows shared out over parts in proportion, by largest remainders (Hamilton)."""
    exact = [divmod(int(size) * wanted, rows) for size in sizes]  # plain integers cannot overflow
    shares = np.array([share for share, _ in exact], dtype=np.int64)
    remainders = np.array([remainder for _, remainder in exact], dtype=np.int64)
    largest = np.argsort(-remainders, kind="stable")[: wanted - int(shares.sum())]
    shares[largest] += 1
    return shares
