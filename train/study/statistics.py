"""Effects of a study: intervals, tests, power, and what synthetic rows are worth in real ones.

Two things vary by chance: which products are tested (rows of a title family stand or fall together), and
which rows and initial weights a model had, which the seed decides. Both are resampled together, families and
seeds each with replacement (the pigeonhole bootstrap: Owen, Annals of Applied Statistics 1, 2007), and the
intervals are bias-corrected and accelerated for the two (BCa: Efron and Tibshirani 1993, chapters 14 and
22.5). The same resamples serve every score, so differences stay paired.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from datagen.schemas.keyed import F64, I64, words

RESAMPLES = 2000
OUTSIDE = 0.05
"""The share outside an interval, half at each end, and the level of the tests."""
POINTS = 0.05
"""The effect whose power is told: 5 points."""
MOST_EXACT = 16
"""Seeds up to which every assignment of signs is tried; with more, RANDOM_SIGNS of them are drawn."""
RANDOM_SIGNS = 65_536

_NORMAL = NormalDist()
_Z95, _Z80 = _NORMAL.inv_cdf(1 - OUTSIDE / 2), _NORMAL.inv_cdf(0.8)


@dataclass(frozen=True)
class Marks:
    """What is right. ``right``: float64 (seeds, families), right answers summed over the rows of a family.
    ``rows``: float64 (families,), the rows with a true value.
    """

    right: F64
    rows: F64

    @classmethod
    def of(cls, right: F64, family: I64) -> Marks:
        """From ``right``, float64 (seeds, rows), NaN for a row without a true value, and their families."""
        _, at = np.unique(family, return_inverse=True)
        known = ~np.isnan(right[0])
        summed = np.array([np.bincount(at[known], one[known], at.max() + 1) for one in right])
        return cls(summed, np.bincount(at[known], minlength=at.max() + 1).astype(np.float64))

    def minus(self, other: Marks) -> Marks:
        """The difference, seed by seed and family by family."""
        return Marks(self.right - other.right, self.rows)

    def take(self, seeds: Sequence[int]) -> Marks:
        """Those of some seeds, by position."""
        return Marks(self.right[list(seeds)], self.rows)

    @property
    def by_seed(self) -> F64:
        """The score of every seed: float64 (seeds,)."""
        mean: F64 = self.right.sum(1) / self.rows.sum()
        return mean

    @property
    def value(self) -> float:
        """The score: the mean over seeds and rows."""
        return float(self.by_seed.mean())


@dataclass(frozen=True)
class Interval:
    """A value, its 95 % interval and its standard error; all but the value may be NaN."""

    value: float
    low: float
    high: float
    error: float


@dataclass(frozen=True)
class Worth:
    """In real rows. ``bound``: whether the curve of the real rows ends before: ``least`` or ``most``."""

    rows: float
    low: float
    high: float
    bound: Literal["", "least", "most"]


def interval(marks: Marks, seed: int = 0) -> Interval:
    """A score, or a difference of two, with its BCa interval over families and seeds.

    NaN with one family or one seed, which say nothing of others.
    """
    value, drawn = marks.value, resampled(marks, seed)
    if not len(drawn):
        return Interval(value, math.nan, math.nan, math.nan)
    low, high = _bca(value, drawn, _acceleration(marks))
    return Interval(value, low, high, float(drawn.std(ddof=1)))


def resampled(marks: Marks, seed: int = 0) -> F64:
    """The value in every resample: float64 (RESAMPLES,), or (0,) with one family or one seed."""
    seeds, families = marks.right.shape
    if min(seeds, families) < 2:
        return np.empty(0)
    of_seeds, of_families = _times(seed, "seeds", seeds), _times(seed, "families", families)
    rows = of_families @ marks.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        values = ((of_seeds @ marks.right) * of_families).sum(1) / (seeds * rows)
    found: F64 = np.where(rows > 0, values, marks.value)
    return found


@lru_cache(maxsize=64)
def _times(seed: int, what: str, count: int) -> F64:
    """How often each of ``count`` is drawn in each resample: float64 (RESAMPLES, count)."""
    drawn = words(seed, f"study: resampled {what} of {count}", 0, RESAMPLES * count) % np.uint64(count)
    places = drawn.astype(np.int64).reshape(RESAMPLES, count) + count * np.arange(RESAMPLES)[:, None]
    times = np.bincount(places.ravel(), minlength=RESAMPLES * count)
    return times.reshape(RESAMPLES, count).astype(np.float64)


def _acceleration(marks: Marks) -> float:
    """From the jackknife over families and over seeds, as of several samples."""
    value, right, rows = marks.value, marks.right, marks.rows
    seeds, families = right.shape
    without_family = (right.mean(0).sum() - right.mean(0)) / np.maximum(rows.sum() - rows, 1)
    without_seed = (marks.by_seed.sum() - marks.by_seed) / (seeds - 1)
    parts = [
        (families - 1) / families * (value - without_family),
        (seeds - 1) / seeds * (value - without_seed),
    ]
    squares = sum(float((part**2).sum()) for part in parts)
    cubes = sum(float((part**3).sum()) for part in parts)
    return cubes / (6 * squares**1.5) if squares > 0 else 0.0


def _bca(value: float, drawn: F64, acceleration: float) -> tuple[float, float]:
    below = float(((drawn < value).sum() + 0.5 * (drawn == value).sum()) / len(drawn))
    bias = _NORMAL.inv_cdf(min(max(below, 0.5 / len(drawn)), 1 - 0.5 / len(drawn)))
    in_order = np.sort(drawn)

    def at(share: float) -> float:
        moved = bias + _NORMAL.inv_cdf(share)
        place = _NORMAL.cdf(bias + moved / max(1 - acceleration * moved, 1e-9))
        return float(in_order[min(len(drawn) - 1, max(0, round(place * (len(drawn) - 1))))])

    return at(OUTSIDE / 2), at(1 - OUTSIDE / 2)


def sign_flip(differences: F64) -> float:
    """The two-sided p of paired differences (seeds,): how often signs at random give as large a mean.

    Exact up to MOST_EXACT seeds; the least p is 2 / 2**seeds.
    """
    seeds = len(differences)
    if seeds <= MOST_EXACT:
        bits = (
            np.arange(2**seeds, dtype=np.uint64)[:, None] >> np.arange(seeds, dtype=np.uint64)
        ) & np.uint64(1)
    else:
        bits = (words(0, "study: signs", 0, RANDOM_SIGNS * seeds) & np.uint64(1)).reshape(-1, seeds)
        bits[0] = 0  # the signs as they are count, too
    means = np.abs((1.0 - 2.0 * bits.astype(np.float64)) @ differences)
    return float((means >= abs(differences.sum()) - 1e-12).mean())


def power(error: float, effect: float = POINTS) -> float:
    """The chance that a difference of ``effect`` would be found at the 5 % level, by its standard error."""
    if not error > 0:
        return math.nan
    return _NORMAL.cdf(effect / error - _Z95) + _NORMAL.cdf(-effect / error - _Z95)


def detectable(error: float) -> float:
    """The difference that would be found with a power of 80 %."""
    return (_Z95 + _Z80) * error


def worth(curve: dict[int, Marks], of: Marks, rows: int, seed: int = 0) -> Worth | None:
    """How many further real rows give as good a score as what was added to ``rows`` real rows.

    ``curve``: the marks of real rows alone by their number. Between two numbers the score is interpolated
    over the logarithm of the number; a curve that falls is levelled (isotonic regression). Beyond the ends of
    the curve, only a bound is known. None with fewer than two points, or if more real rows do not help.
    """
    sizes = sorted(curve)
    if len(sizes) < 2:
        return None
    known = levelled(np.array([[curve[size].value for size in sizes]]))
    if known[0][-1] <= known[0][0]:
        return None
    at = np.array(sizes, dtype=np.float64)
    there, bound = _rows_with(at, known[0], of.value)
    each = [resampled(curve[size], seed) for size in sizes]
    drawn = resampled(of, seed)
    low = high = math.nan
    if len(drawn):
        curves = levelled(np.stack(each, 1))
        found = np.sort([_rows_with(at, one, value)[0] for one, value in zip(curves, drawn, strict=True)])
        cut = math.floor(OUTSIDE / 2 * (len(found) - 1))
        low, high = float(found[cut]) - rows, float(found[-1 - cut]) - rows
    return Worth(there - rows, low, high, bound)


def levelled(curves: NDArray[np.float64]) -> F64:
    """Curves (n, points) made to rise by pooling adjacent violators (Barlow et al. 1972), equal weights."""
    found = curves.copy()
    for curve in found:
        blocks: list[tuple[float, int]] = []
        for value in curve.tolist():
            blocks.append((value, 1))
            while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
                (last, many), (before, few) = blocks.pop(), blocks.pop()
                blocks.append(((last * many + before * few) / (many + few), many + few))
        curve[:] = np.concatenate([np.full(size, value) for value, size in blocks])
    return found


def _rows_with(sizes: F64, curve: F64, value: float) -> tuple[float, Literal["", "least", "most"]]:
    """The least number of rows at which a rising curve has a value."""
    if value < curve[0]:
        return float(sizes[0]), "most"
    if value > curve[-1]:
        return float(sizes[-1]), "least"
    right = int(np.searchsorted(curve, value, side="left"))
    if right == 0 or curve[right] == value:
        return float(sizes[right]), ""
    part = (value - curve[right - 1]) / (curve[right] - curve[right - 1])
    logs = np.log(sizes[right - 1 : right + 1])
    return float(np.exp(logs[0] + part * (logs[1] - logs[0]))), ""
