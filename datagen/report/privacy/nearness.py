"""How near rows are to each other: by the words of their titles, their categories, prices and other columns.

The distance of two rows is the mean of up to four parts, each from 0 to 1 (Gower, Biometrics 27, 1971): the
share of words that only one of the two titles has (Jaccard), the share of category levels that differ, the
distance of the log prices in units of the range that holds 80 % of the real ones, and the share of other
columns that differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.report.sets.rows import Rows
from datagen.report.sets.words import words
from datagen.report.statistics.learners import Sparse, Vocabulary
from datagen.schemas.keyed import F64, I64
from datagen.schemas.schema import Drawn, Other

NEAREST = 5
"""How many nearest rows are looked up."""
_CELLS = 2_000_000
"""Of a block of distances, so that memory is bounded."""

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Nearest:
    """The nearest rows to each row, nearest first: distances float64 and row numbers int64, (rows, k)."""

    distance: F64
    row: I64


@dataclass(frozen=True)
class Points:
    """Rows in the form that distances are computed from; all of one :class:`Space`."""

    said: Sparse | None
    values: I64
    extra: I64
    price: F64 | None
    family: I64

    def __len__(self) -> int:
        return len(self.family)

    def part(self, rows: slice) -> Points:
        """Some of the rows."""
        said = None if self.said is None else self.said[rows]
        price = None if self.price is None else self.price[rows]
        return Points(said, self.values[rows], self.extra[rows], price, self.family[rows])


class Space:
    """What the distances of some sets are measured in."""

    def __init__(self, real: Rows, sets: Sequence[Rows]) -> None:
        """``real``: whose prices set the unit of price distances."""
        self._vocabulary = Vocabulary(words(title) for rows in sets for title in rows.titles or [])
        self._codes: dict[tuple[str, str], int] = {}
        self._unit = 1.0
        if real.log_prices is not None and (known := real.log_prices[~np.isnan(real.log_prices)]).size:
            self._unit = max(1e-6, float(np.diff(np.quantile(known, [0.1, 0.9]))[0]))

    def points(self, rows: Rows) -> Points:
        """The rows as points."""
        said = None
        if rows.titles is not None and self._vocabulary.column:
            said = self._vocabulary.table([words(title) for title in rows.titles])
        extra = [column.name for column in rows.schema.columns if isinstance(column, Drawn | Other)]
        price = None if rows.log_prices is None else rows.log_prices / self._unit
        return Points(
            said, self._coded(rows, list(rows.categories)), self._coded(rows, extra), price, rows.family
        )

    def _coded(self, rows: Rows, names: list[str]) -> I64:
        codes = np.zeros((len(rows), len(names)), dtype=np.int64)
        for at, name in enumerate(names):
            codes[:, at] = [
                self._codes.setdefault((name, value), len(self._codes)) for value in rows.texts(name)
            ]
        return codes


def nearest(
    points: Points, others: Points, apart: bool = False, with_price: bool = True, k: int = NEAREST
) -> Nearest:
    """The ``k`` nearest of ``others`` to each point; ``apart``: only those of other title families."""
    k = min(k, len(others))
    distance = np.empty((len(points), k))
    row = np.empty((len(points), k), dtype=np.int64)
    step = max(1, _CELLS // max(1, len(others)))
    for first in range(0, len(points), step):
        here = slice(first, min(first + step, len(points)))
        block = _distances(points.part(here), others, with_price)
        if apart:
            block[points.family[here][:, None] == others.family[None, :]] = np.inf
        # Equally near rows are taken in their order, so that the result does not depend on a partition's
        # whims.
        found = _smallest(block, k)
        row[here] = found
        distance[here] = np.take_along_axis(block, found, axis=1)
    return Nearest(distance, row)


def _smallest(block: F32, k: int) -> I64:
    """The columns of the ``k`` smallest cells of each row, smallest first, equal ones by column."""
    found = np.empty((len(block), k), dtype=np.int64)
    work = block.copy()
    every = np.arange(len(block))
    for at in range(k):
        found[:, at] = work.argmin(axis=1)
        work[every, found[:, at]] = np.inf
    return found


def next_family(points: Points, others: Points, first: Nearest) -> F64:
    """The distance of each point to the nearest row that is not of the title family of its nearest row."""
    found = np.empty(len(points))
    step = max(1, _CELLS // max(1, len(others)))
    for start in range(0, len(points), step):
        here = slice(start, min(start + step, len(points)))
        block = _distances(points.part(here), others, True)
        block[others.family[first.row[here, 0]][:, None] == others.family[None, :]] = np.inf
        found[here] = block.min(axis=1)
    return found


def _distances(points: Points, others: Points, with_price: bool) -> F32:
    """float32 (points, others)."""
    parts: list[F32] = []
    if points.said is not None and others.said is not None:
        common = (points.said @ others.said.T).toarray().astype(np.float32)
        sizes: list[Any] = [each.said.sum(axis=1).astype(np.float32) for each in (points, others)]  # type: ignore[union-attr]
        union = sizes[0][:, None] + sizes[1][None, :] - common
        parts.append(1 - common / np.maximum(union, 1))
    for name in ("values", "extra"):
        one, other = getattr(points, name), getattr(others, name)
        if one.shape[1]:
            differs = np.zeros((len(points), len(others)), dtype=np.float32)
            for at in range(one.shape[1]):
                differs += one[:, at][:, None] != other[:, at][None, :]
            parts.append(differs / one.shape[1])
    if with_price and points.price is not None and others.price is not None:
        off = np.abs(points.price.astype(np.float32)[:, None] - others.price.astype(np.float32)[None, :])
        parts.append(np.where(np.isnan(off), np.float32(1), np.minimum(off, 1)))
    if not parts:
        return np.zeros((len(points), len(others)), dtype=np.float32)
    total = sum(parts[1:], start=parts[0])
    return total / np.float32(len(parts))
