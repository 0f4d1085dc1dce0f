"""What a profile may tell of products: counts of several, rounded, so that none tells of a single one.

A *product* is a title family: a product in four colours, or on two shelves, counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datagen.schemas.keyed import I64
from datagen.schemas.title_families import title_families

Value = TypeVar("Value", bound=Hashable)


def products_of(titles: Sequence[str | None] | None, rows: int) -> I64:
    """The product of each row, by its title; every row is one where there are no titles.

    A title without a word is no product: -1.
    """
    if titles is None:
        return np.arange(rows, dtype=np.int64)
    empty = np.array([not (title and title.strip()) for title in titles], dtype=bool)
    return np.where(empty, -1, title_families(titles))


def products_with(values: Iterable[Value], products: Iterable[int]) -> Counter[Value]:
    """How many products have each value, in the order of their first appearance."""
    return Counter(value for value, _ in dict.fromkeys(zip(values, products, strict=True)))


def frequent(values: Iterable[Value], products: Iterable[int], min_count: int) -> set[Value]:
    """The values that at least ``min_count`` products have."""
    return {value for value, count in products_with(values, products).items() if count >= min_count}


def rounded(count: float, min_count: int) -> int:
    """A count as it is written: a multiple of ``min_count``, at least that, and no finer than one in 20.

    >>> [rounded(count, 5) for count in (5, 12, 13, 99, 1234)]
    [5, 10, 15, 100, 1250]
    """
    step = min_count
    while step * 10 < count / 10:
        step *= 10
    return max(min_count, int(count / step + 0.5) * step)


def rounded_all(counts: Mapping[Value, float], min_count: int) -> dict[Value, int]:
    """Counts as they are written."""
    return {value: rounded(count, min_count) for value, count in counts.items()}


def left_over(counts: Sequence[float], min_count: int) -> list[float]:
    """What is written of the rows of each table that no listed value stands for.

    Tables with fewer than ``min_count`` of them have the same share of what they have together, if that is
    enough: so it cannot be seen in which of them there are four, one or none.

    >>> left_over([12, 3, 0, 3], 5)
    [10.0, 1.67, 1.67, 1.67]
    """
    few = [count for count in counts if count < min_count]
    usual = round(sum(few) // min_count * min_count / max(1, len(few)), 2)
    return [usual if count < min_count else float(count // min_count * min_count) for count in counts]


@dataclass(frozen=True)
class Fold:
    """The products of a table's rows, and how many of them must have a value for it to be told."""

    products: I64
    min_count: int

    def of(self, chosen: NDArray[np.bool_]) -> Fold:
        """The same for some of the rows."""
        return Fold(self.products[chosen], self.min_count)

    def many(self, chosen: NDArray[np.bool_]) -> int:
        """How many products some rows are of."""
        return len(np.unique(self.products[chosen]))

    def frequent(self, texts: pa.Array) -> dict[str, int]:
        """The values that enough products have, and how many rows have each; the most frequent first."""
        coded = texts.dictionary_encode()
        ids = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        names, known = coded.dictionary.to_pylist(), ids >= 0
        pairs = np.unique(np.stack([ids[known], self.products[known]]), axis=1)
        products = np.bincount(pairs[0], minlength=len(names))
        rows = np.bincount(ids[known], minlength=len(names))
        chosen = [at for at in range(len(names)) if products[at] >= self.min_count]
        chosen.sort(key=lambda at: (-rows[at], names[at]))
        return {names[at]: int(rows[at]) for at in chosen}

    def share(self, chosen: NDArray[np.bool_]) -> float:
        """The share of some rows as it is written: 0 or 1 where too few products are, or are not, among them.

        Never finer than a percent, nor than ``min_count`` rows.
        """
        if self.many(chosen) < self.min_count:
            return 0.0
        if self.many(~chosen) < self.min_count:
            return 1.0
        step = max(0.01, self.min_count / len(chosen))
        return float(np.clip(round(round(float(chosen.mean()) / step) * step, 3), 0.0, 1.0))

    def missing(self, texts: pa.Array) -> float:
        """The share of rows without a text, below 1."""
        return min(self.share(np.asarray(texts.is_null())), 0.99)

    def inner(self, numbers: NDArray[np.float64]) -> tuple[float, float]:
        """What enough products reach of some numbers, NaN: none: the lowest and the highest."""
        known = np.isfinite(numbers)
        _, place = np.unique(self.products[known], return_inverse=True)
        lowest, highest = np.full(place.max() + 1, np.inf), np.full(place.max() + 1, -np.inf)
        np.minimum.at(lowest, place, numbers[known])
        np.maximum.at(highest, place, numbers[known])
        at = min(self.min_count - 1, (len(lowest) - 1) // 2)
        low, high = float(np.sort(lowest)[at]), float(np.sort(highest)[-1 - at])
        return min(low, high), max(low, high)

    def once(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """The numbers in order, each once for every product that has it."""
        known = np.isfinite(numbers)
        return np.sort(np.unique(np.stack([self.products[known], numbers[known]]), axis=1)[1])


def at_most(count: int, min_count: int) -> str:
    """A number as the findings say it: "3" is "up to 5"."""
    return f"up to {-(-count // min_count) * min_count:,}"
