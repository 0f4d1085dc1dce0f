"""Prices: which number columns are prices, which is before a discount, which is another's conversion."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from datagen.fit.columns.hints import DISCOUNT, FULL, PAID, PRICE, currency_of
from datagen.fit.columns.observed import Observed
from datagen.fit.folding import Fold, frequent, rounded
from datagen.schemas.keyed import F64

HOLDS = 0.995
"""The share of rows in which a relation must hold to count as a rule; exceptions are told."""

MOST_MISSING = 0.5


@dataclass(frozen=True)
class Conversion:
    """A price column that is another one times a rate; ``share``: of the rows in which that is exact."""

    column: Observed
    source: Observed
    currency: str
    rate: float
    decimals: int
    share: float


@dataclass
class PriceColumns:
    """The price columns of a catalogue and how they follow from one another."""

    full: Observed | None = None
    paid: Observed | None = None
    flag: Observed | None = None
    converted: list[Conversion] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """The names of all of them."""
        columns = [self.full, self.paid, self.flag, *(each.column for each in self.converted)]
        return {column.name for column in columns if column is not None}


def find_prices(
    columns: Sequence[Observed], title: Observed | None, others: Sequence[Observed]
) -> PriceColumns:
    """The price columns among some; ``others`` are those of texts that a price may follow from."""
    found = PriceColumns()
    usable = [each for each in columns if _may_be_price(each)]
    hinted = [each for each in usable if PRICE.search(each.name) or currency_of(each.name)]
    if not hinted:
        scored = [(explained(each, title, others) + _endings(each), -each.at, each) for each in usable]
        best = max(scored, default=None, key=lambda each: each[:2])
        if best is None or best[0] < 0.35:
            return found
        hinted = [best[2], *(each for each in usable if each is not best[2] and _related(best[2], each))]
    bases: list[Observed] = []
    for column in sorted(hinted, key=lambda each: (each.decimals, bool(currency_of(each.name)), each.at)):
        conversion = _best_conversion(column, bases)
        if conversion is not None:
            found.converted.append(conversion)
        else:
            bases.append(column)
    bases.sort(key=lambda each: each.at)
    found.full, found.paid = _full_and_paid(bases)
    sources = {each.name for each in (found.full, found.paid) if each is not None}
    found.converted = [each for each in found.converted if each.source.name in sources]
    found.flag = _flag(columns, found)
    return found


def _may_be_price(column: Observed) -> bool:
    known = column.numbers[np.isfinite(column.numbers)] if column.is_number else np.empty(0)
    if not len(known) or column.missing > MOST_MISSING or column.distinct < 2:
        return False
    years = known.min() >= 1900 and known.max() <= 2100 and column.decimals == 0 and column.distinct < 60
    named = bool(PRICE.search(column.name) or currency_of(column.name))
    return bool(known.min() > 0 and known.max() < 1e7) and (named or not (years or column.unique))


def explained(column: Observed, title: Observed | None, others: Sequence[Observed]) -> float:
    """The share of the variance of the logarithm that the last word of the title or a text explains."""
    known = np.isfinite(column.numbers)
    if known.sum() < 20:
        return 0.0
    logs = np.log(column.numbers[known])
    if logs.std() < 0.2:
        return 0.0
    groups = [list(other.texts) for other in others]
    if title is not None:
        groups.append([str(each).rpartition(" ")[2] for each in title.texts.to_pylist()])
    best = 0.0
    for group in groups:
        _, place = np.unique(np.array([str(each) for each in group])[known], return_inverse=True)
        size = np.bincount(place)
        mean = np.bincount(place, logs) / size
        rest = float(((logs - mean[place]) ** 2).sum())
        free = len(logs) - len(size)
        if free > 10:
            best = max(best, 1 - rest / free / float(logs.var(ddof=1)))
    return best


def _endings(column: Observed) -> float:
    """How far the last of the digits are from even: prices end on few."""
    known = column.numbers[np.isfinite(column.numbers)]
    last = np.round(known * 10**column.decimals).astype(np.int64) % 10
    return float((np.bincount(last, minlength=10) / len(last)).max() - 0.1)


def _related(one: Observed, other: Observed) -> bool:
    both = np.isfinite(one.numbers) & np.isfinite(other.numbers)
    a, b = one.numbers[both], other.numbers[both]
    if not len(a):
        return False
    return bool(np.mean(a <= b) > HOLDS or np.mean(b <= a) > HOLDS or conversion(one, other))


def _best_conversion(column: Observed, bases: Sequence[Observed]) -> Conversion | None:
    found = [each for base in bases if (each := conversion(base, column)) is not None]
    alike = [
        sum(bool(hint.search(each.source.name)) == bool(hint.search(column.name)) for hint in (FULL, PAID))
        for each in found
    ]
    ranked = sorted(
        zip(found, alike, strict=True), key=lambda pair: (-pair[0].share, -pair[1], pair[0].source.at)
    )
    return ranked[0][0] if ranked else None


def conversion(base: Observed, column: Observed) -> Conversion | None:
    """``column`` as ``base`` times one rate, rounded; None where it is not, or the rate is 1."""
    both = np.isfinite(base.numbers) & np.isfinite(column.numbers)
    a, b = base.numbers[both], column.numbers[both]
    if len(a) < 5 or len(np.unique(a)) < 3 or column.decimals > 4:
        return None
    half = 0.5 * 10.0**-column.decimals
    reach = half * (1 + 1e-6)  # a value at the very half may be rounded either way
    low, high = (b - reach) / a, (b + reach) / a
    middle = float(np.median(b / a))
    near = (low <= middle * 1.02) & (high >= middle * 0.98)
    if near.mean() < HOLDS:
        return None
    rate = _simplest(_densest(low[near], high[near], middle))
    exact = np.abs(np.round(a * rate, column.decimals) - b) <= 1e-6 * np.maximum(1, b)
    exact |= np.abs(np.abs(a * rate - b) - half) <= 1e-6 * np.maximum(1, b)
    share = float(exact.mean())
    if share < HOLDS or abs(rate - 1) < 1e-3 or not 0 < rate < 1e6:
        return None
    name = currency_of(column.name) or f"R{column.at + 1}"
    return Conversion(column, base, name, rate, column.decimals, share)


def _densest(low: F64, high: F64, middle: float) -> tuple[float, float]:
    """The interval of rates that the most rows allow."""
    start, end = float(np.max(low)), float(np.min(high))
    if start <= end:
        return start, end
    points = np.unique(np.concatenate([low, high, [middle]]))
    rows = np.searchsorted(np.sort(low), points, side="right") - np.searchsorted(
        np.sort(high), points, side="left"
    )
    best = float(points[int(np.argmax(rows))])
    return best, best


def _simplest(interval: tuple[float, float]) -> float:
    """The number of the fewest decimals in an interval."""
    low, high = interval
    for digits in range(12):
        candidate = round((low + high) / 2, digits)
        if low <= candidate <= high and candidate > 0:
            return candidate
    return (low + high) / 2


def _full_and_paid(bases: Sequence[Observed]) -> tuple[Observed | None, Observed | None]:
    best: tuple[float, Observed, Observed] | None = None
    for full in bases:
        for paid in bases:
            both = np.isfinite(full.numbers) & np.isfinite(paid.numbers)
            if full is paid or not both.any():
                continue
            a, b = full.numbers[both], paid.numbers[both]
            if np.mean(b <= a) < HOLDS or np.mean(b >= 0.05 * a) < HOLDS:
                continue
            score = float(np.mean(b == a)) - 0.5 * (full.at > paid.at)
            score += (
                bool(FULL.search(full.name)) - bool(FULL.search(paid.name)) + bool(PAID.search(paid.name))
            )
            if best is None or score > best[0]:
                best = (score, full, paid)
    if best is not None:
        return best[1], best[2]
    return (bases[0] if bases else None), None


def _flag(columns: Sequence[Observed], found: PriceColumns) -> Observed | None:
    if found.full is None or found.paid is None:
        return None
    reduced = found.paid.numbers < found.full.numbers
    for column in columns:
        if column.missing or not (column.dtype == "bool" or set(column.counts) <= {"0", "1"}):
            continue
        flags = np.array([text in ("1", "true") for text in column.texts.to_pylist()])
        if np.mean(flags == reduced) >= HOLDS and (reduced.any() or DISCOUNT.search(column.name)):
            return column
    return None


def discounts(found: PriceColumns, fold: Fold) -> dict[str, Any]:
    """The section ``discounts``: share, cuts in steps of a percent, the unit of rounding."""
    if found.full is None or found.paid is None:
        return {}
    both = np.isfinite(found.full.numbers) & np.isfinite(found.paid.numbers)
    full, paid = found.full.numbers[both], found.paid.numbers[both]
    reduced, known = paid < full, fold.of(both)
    if known.many(reduced) < fold.min_count:
        return {}
    cuts = np.clip(np.round(1 - paid[reduced] / full[reduced], 2), 0.01, 0.95).round(2).tolist()
    enough = frequent(cuts, known.products[reduced].tolist(), fold.min_count)
    kept = {cut: rounded(n, fold.min_count) for cut, n in sorted(Counter(cuts).items()) if cut in enough}
    kept = kept or {round(float(np.clip(np.median(1 - paid[reduced] / full[reduced]), 0.05, 0.95)), 1): 1}
    return {
        "share": known.share(reduced),
        "cuts": kept,
        "round_to": _unit(paid[reduced]),
    }


def _unit(prices: F64) -> float:
    """The largest unit of which nearly all prices are multiples."""
    for unit in (
        Fraction(100),
        *map(Fraction, (50, 10, 5, 1)),
        Fraction(1, 2),
        Fraction(1, 10),
        Fraction(1, 100),
    ):
        if np.mean(np.abs(prices / float(unit) - np.round(prices / float(unit))) < 1e-6) > 0.98:
            return float(unit) if unit < 1 else int(unit)
    return 0.01


def is_whole(prices: F64) -> bool:
    """Whether all known prices are whole numbers."""
    known = prices[np.isfinite(prices)]
    return bool(len(known)) and all(math.isclose(each, round(each), abs_tol=1e-9) for each in known)
