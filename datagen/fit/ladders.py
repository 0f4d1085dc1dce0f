"""Ladders of legal endings: that of the whole catalogue, and those of shelves with other habits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.fit.habits import habits_of
from datagen.schemas.keyed import F64

EDGES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)
NEAR = 0.03
MOST_LADDERS = 12
OWN_HABIT = 15
"""Products of a category value from which its endings may be told."""


def fit_ladders(
    values: Sequence[str], prices: F64, decimals: int, top: float, min_count: int
) -> tuple[dict[str, Any], dict[str, str]]:
    """The ladders by name, and the one of each category value that does not take ``default``.

    ``values``: the last category value of each product, ``prices``: its price, all of them known.
    """
    ladders = {"default": fit_ladder(prices, prices, decimals, top, min_count)}
    counted = np.round(prices * 10**decimals).astype(np.int64)
    endings = [str(each % 100) for each in counted]
    habit_of = habits_of(values, endings, MOST_LADDERS, max(OWN_HABIT, 2 * min_count))
    ladder_of = {}
    for habit in sorted(set(habit_of.values())):
        mine = np.array([habit_of.get(value) == habit for value in values])
        if mine.sum() < max(40, 4 * min_count) or len(set(habit_of.values())) < 2:
            continue
        name = f"endings_{len(ladders)}"
        ladders[name] = fit_ladder(prices[mine], prices, decimals, top, min_count)
        ladder_of.update({value: name for value, its in habit_of.items() if its == habit})
    return ladders, ladder_of


def decimals_of(prices: F64) -> int:
    """Digits after the point that the prices of a catalogue have, leaving out one price in a hundred."""
    for decimals in (0, 1, 2):
        scaled = prices * 10**decimals
        if (np.abs(scaled - np.round(scaled)) < 1e-6).mean() >= 0.99:
            return 2 if decimals == 1 else decimals
    return 2


def fit_ladder(prices: F64, usual: F64, decimals: int, top: float, min_count: int) -> list[dict[str, Any]]:
    """The bands of a ladder: the endings that prices have, by the size of the price.

    What fewer than ``min_count`` products of a band show is shared out over the endings that are frequent
    among all prices, ``usual``, or over all endings where none is.
    """
    bands: list[dict[str, Any]] = []
    edges = [edge for edge in EDGES if edge < top] + [top]
    start = 0.0
    for at, edge in enumerate(edges):
        here = prices[(prices >= start) & (prices < edge)]
        if len(here) < max(60, 4 * min_count) and at < len(edges) - 1:
            continue  # too few to tell: they belong to the next band
        if len(here) < max(20, 2 * min_count) and bands:
            bands[-1]["below"] = edge  # so do the few at the top, to the one before
            continue
        bands.append({"below": edge, **_endings(here, usual, decimals, min_count)})
        start = edge
    return bands


def _endings(prices: F64, usual: F64, decimals: int, min_count: int) -> dict[str, Any]:
    scale = 10**decimals
    counted = np.round(prices * scale).astype(np.int64)
    middle = float(np.median(counted)) if len(counted) else 100.0
    step = 10
    while step * 10 <= max(100, middle / 2) and step < 10_000:
        step *= 10
    counts = Counter((counted % step).tolist())
    unit = next((u for u in (1000, 500, 100, 50, 10, 5, 1) if u < step and _all_on(counts, u)), 1)
    kept = {ending: count for ending, count in counts.items() if count >= min_count}
    frequent = Counter((np.round(usual * scale).astype(np.int64) % step).tolist())
    frequent = Counter({ending: count for ending, count in frequent.items() if count >= min_count})
    rest = sum(counts.values()) - sum(kept.values())
    if not frequent:
        frequent = Counter(dict.fromkeys(range(0, step, max(unit, step // 1000)), 1))
    total = frequent.total()
    endings = {
        ending: kept.get(ending, 0) + max(rest, 1) * frequent[ending] / total
        for ending in sorted({*kept, *frequent})
    }
    return {"step": step, "endings": {at: round(weight, 3) for at, weight in endings.items() if weight > 0}}


def _all_on(counts: Mapping[int, int], unit: int) -> bool:
    total = sum(counts.values())
    return sum(count for ending, count in counts.items() if ending % unit == 0) >= 0.995 * total
