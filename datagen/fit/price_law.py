"""The section ``prices``: quantiles, scores, bounds and ladders of legal endings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.fit.price_effects import PriceEffects
from datagen.product.distributions import standard_normal_at
from datagen.schemas.keyed import F64

OWN_LAW = 40
"""Products that a kind needs for a law of its own."""

MOST_POINTS = 33
EDGES = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000)
OTHERS = "others"
NEAR = 0.03


def fit_law(log_price: F64, scores: F64, noise: float, min_count: int) -> dict[str, Any]:
    """A law from the log prices and the scores of some products: quantiles of both, by the same percents.

    A quantile is the mean of the ``min_count`` or more products around it. The ends are not those of single
    products: they lie beyond the last mean by what an exponential tail has beyond it.
    """
    count = len(log_price)
    points = int(np.clip(count // max(min_count, 3), 2, MOST_POINTS))
    spread = standard_normal_at((np.arange(9) + 0.5) / 9) * noise
    made = np.sort((scores[:, None] + spread).ravel())
    percents, logs = _means(np.sort(log_price), points)
    _, of_score = _means(made, points)
    least, most = _ends(logs, points)
    low, high = _ends(of_score, points)
    ranks = [0.0, *percents, 100.0]
    return {
        "quantiles": {
            round(at, 2): _rounded(float(np.exp(each)))
            for at, each in zip(ranks, np.maximum.accumulate([least, *logs, most]), strict=True)
        },
        "scores": {
            round(at, 2): round(float(each), 4)
            for at, each in zip(ranks, np.maximum.accumulate([low, *of_score, high]), strict=True)
        },
    }


def _means(ordered: F64, points: int) -> tuple[list[float], list[float]]:
    """Means of equal parts of some numbers in order, and the percents that they stand for."""
    parts = np.array_split(ordered, points)
    return [100 * (at + 0.5) / points for at in range(points)], [float(part.mean()) for part in parts]


def _ends(means: Sequence[float], points: int) -> tuple[float, float]:
    """Where the lowest and the highest of the numbers would be, if they went on as the outer means do."""
    reach = 0.5 + np.log(1 + points) / 4
    return means[0] - reach * (means[1] - means[0]), means[-1] + reach * (means[-1] - means[-2])


def _rounded(price: float) -> float:
    """Three or four figures: a law needs no more."""
    return float(f"{price:.4g}")


def decimals_of(prices: F64) -> int:
    """Digits after the point that the prices of a catalogue have, leaving out one price in a hundred."""
    for decimals in (0, 1, 2):
        scaled = prices * 10**decimals
        if (np.abs(scaled - np.round(scaled)) < 1e-6).mean() >= 0.99:
            return 2 if decimals == 1 else decimals
    return 2


def fit_ladder(prices: F64, decimals: int, top: float, min_count: int) -> list[dict[str, Any]]:
    """The bands of a ladder: the endings that prices have, by the size of the price.

    What fewer than ``min_count`` products show is shared out over all endings of the step.
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
        bands.append({"below": edge, **_endings(here, decimals, min_count)})
        start = edge
    return bands


def _endings(prices: F64, decimals: int, min_count: int) -> dict[str, Any]:
    scale = 10**decimals
    counted = np.round(prices * scale).astype(np.int64)
    middle = float(np.median(counted)) if len(counted) else 100.0
    step = 10
    while step * 10 <= max(100, middle / 2) and step < 10_000:
        step *= 10
    counts = Counter((counted % step).tolist())
    unit = next((u for u in (1000, 500, 100, 50, 10, 5, 1) if u < step and _all_on(counts, u)), 1)
    kept = {ending: count for ending, count in counts.items() if count >= min_count}
    rest = sum(counts.values()) - sum(kept.values())
    places = range(0, step, unit) if step // unit <= 1000 else range(0, step, max(unit, step // 1000))
    endings = {ending: float(kept.get(ending, 0)) for ending in places}
    if rest or not kept:
        for ending in endings:
            endings[ending] += max(rest, 1) / len(endings)
    return {"step": step, "endings": {at: round(weight, 3) for at, weight in endings.items() if weight > 0}}


def _all_on(counts: Mapping[int, int], unit: int) -> bool:
    total = sum(counts.values())
    return sum(count for ending, count in counts.items() if ending % unit == 0) >= 0.995 * total


def laws_of(
    kinds: Sequence[str], log_price: F64, effects: PriceEffects, min_count: int
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The laws, and which one each kind has: its own, where there are enough of it."""
    priced = np.isfinite(log_price)
    counts = Counter(kind for kind, known in zip(kinds, priced, strict=True) if known)
    law_of = {kind: kind if counts[kind] >= max(OWN_LAW, 8 * min_count) else OTHERS for kind in set(kinds)}
    law_of_row = np.array([law_of[kind] for kind in kinds], dtype=object)
    laws = {}
    for name in dict.fromkeys(law_of[kind] for kind in kinds):
        mine = priced & (law_of_row == name)
        if mine.sum() < 2:
            mine = priced
        laws[name] = fit_law(log_price[mine], effects.scores[mine], effects.noise, min_count)
    return laws, law_of
