"""Ladders of legal endings: that of the whole catalogue, and those of shelves with other habits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.fit.folding import left_over, products_with, rounded
from datagen.fit.habits import habits_of
from datagen.schemas.keyed import F64, I64

EDGES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)
NEAR = 0.03
MOST_LADDERS = 12
OWN_HABIT = 15
"""Products of a category value from which its endings may be told."""


@dataclass(frozen=True)
class Endings:
    """The prices that endings are told from, and the products that have them, an entry each."""

    prices: F64
    products: I64
    decimals: int
    top: float
    min_count: int

    def take(self, chosen: NDArray[np.bool_]) -> Endings:
        """Some of them."""
        return replace(self, prices=self.prices[chosen], products=self.products[chosen])

    def many(self) -> int:
        """How many products they are of."""
        return len(np.unique(self.products))

    def counts(self, step: int) -> Counter[int]:
        """How many products have each ending."""
        ending = np.round(self.prices * 10**self.decimals).astype(np.int64) % step
        return products_with(ending.tolist(), self.products.tolist())


def fit_ladders(values: Sequence[str], endings: Endings) -> tuple[dict[str, Any], dict[str, str]]:
    """The ladders by name, and the one of each category value that does not take ``default``.

    ``values``: the last category value of each of the prices.
    """
    ladders = {"default": fit_ladder(endings, endings)}
    counted = np.round(endings.prices * 10**endings.decimals).astype(np.int64) % 100
    chosen = sorted(set(zip(values, counted.tolist(), endings.products.tolist(), strict=True)))
    least = max(OWN_HABIT, 2 * endings.min_count)
    habit_of = habits_of(
        [value for value, *_ in chosen], [str(at) for _, at, _ in chosen], MOST_LADDERS, least
    )
    ladder_of = {}
    for habit in sorted(set(habit_of.values())):
        mine = endings.take(np.array([habit_of.get(value) == habit for value in values]))
        if mine.many() < max(40, 4 * endings.min_count) or len(set(habit_of.values())) < 2:
            continue
        name = f"endings_{len(ladders)}"
        ladders[name] = fit_ladder(mine, endings)
        ladder_of.update({value: name for value, its in habit_of.items() if its == habit})
    return ladders, ladder_of


def decimals_of(prices: F64) -> int:
    """Digits after the point that the prices of a catalogue have, leaving out one price in a hundred."""
    for decimals in (0, 1, 2):
        scaled = prices * 10**decimals
        if (np.abs(scaled - np.round(scaled)) < 1e-6).mean() >= 0.99:
            return 2 if decimals == 1 else decimals
    return 2


def fit_ladder(endings: Endings, usual: Endings) -> list[dict[str, Any]]:
    """The bands of a ladder: the endings that prices have, by the size of the price.

    What fewer than ``min_count`` products of a band show is shared out over other endings, as they are
    frequent among all prices, ``usual``.
    """
    bands: list[dict[str, Any]] = []
    top, least = endings.top, endings.min_count
    edges = [edge for edge in EDGES if edge < top] + [top]
    start = 0.0
    for at, edge in enumerate(edges):
        here = endings.take((endings.prices >= start) & (endings.prices < edge))
        if here.many() < max(60, 4 * least) and at < len(edges) - 1:
            continue  # too few to tell: they belong to the next band
        if here.many() < max(20, 2 * least) and bands:
            bands[-1]["below"] = edge  # so do the few at the top, to the one before
            continue
        bands.append({"below": edge, **_endings(here, usual)})
        start = edge
    return bands


def _endings(here: Endings, usual: Endings) -> dict[str, Any]:
    middle = float(np.median(here.prices)) * 10**here.decimals if len(here.prices) else 100.0
    step = 10
    while step * 10 <= max(100, middle / 2) and step < 10_000:
        step *= 10
    counts, everywhere = here.counts(step), usual.counts(step)
    unit = next((u for u in (1000, 500, 100, 50, 10, 5, 1) if u < step and _all_on(counts, u)), 1)
    least = here.min_count
    kept = {ending: rounded(count, least) for ending, count in counts.items() if count >= least}
    (rest,) = left_over([sum(count for count in counts.values() if count < least)], least)
    rest = rest or float(not kept)
    others = _others(everywhere, kept, range(0, step, max(unit, step // 1000)), least)
    total = sum(others.values()) or 1.0
    endings = {at: float(count) for at, count in kept.items()}
    endings |= {at: rest * weight / total for at, weight in others.items()}
    return {
        "step": step,
        "endings": {at: round(endings[at], 3) for at in sorted(endings) if endings[at] >= 0.001},
    }


def _others(
    everywhere: Mapping[int, int], kept: Collection[int], legal: Iterable[int], least: int
) -> dict[int, float]:
    """How often endings are seen among all prices that a band does not list itself.

    Those of too few products share what these have together with all that could be.
    """
    frequent = {end: float(rounded(count, least)) for end, count in everywhere.items() if count >= least}
    (rest,) = left_over([sum(count for count in everywhere.values() if count < least)], least)
    rare = [end for end in legal if end not in frequent]
    weights = frequent | dict.fromkeys(rare, (rest or float(not frequent)) / max(1, len(rare)))
    return {end: weight for end, weight in weights.items() if end not in kept and weight > 0}


def _all_on(counts: Mapping[int, int], unit: int) -> bool:
    total = sum(counts.values())
    return sum(count for ending, count in counts.items() if ending % unit == 0) >= 0.995 * total
