"""The laws of prices: quantiles of prices and scores, of kinds with enough products and of all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from datagen.fit.catalogue import MOST_TIMES, Family
from datagen.fit.folding import products_with
from datagen.fit.prices.effects import PriceEffects
from datagen.product.distributions import standard_normal_at
from datagen.schemas.keyed import F64, I64

OWN_LAW = 40
"""Products that a kind needs for a law of its own."""

MOST_POINTS = 33
OTHERS = "others"
ALONE = 0.7
"""How far a law goes from its only mean, in log price, where there are too few products for two."""


def fit_law(log_price: F64, scores: F64, noise: float, products: I64, min_count: int) -> dict[str, Any]:
    """A law from log prices, scores and products, an entry each: quantiles of both, by the same percents.

    A quantile is the mean of the ``min_count`` or more products around it. The ends are not those of single
    products: they lie beyond the last mean by what an exponential tail has beyond it.
    """
    points = _points(log_price, products, min_count)
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


def _points(log_price: F64, products: I64, min_count: int) -> int:
    """How many equal parts of the prices in order have enough products each."""
    ordered = products[np.argsort(log_price, kind="stable")]
    points = int(np.clip(len(ordered) // max(min_count, 3), 1, MOST_POINTS))
    while points > 1 and min(len(np.unique(part)) for part in np.array_split(ordered, points)) < min_count:
        points -= 1
    return points


def _means(ordered: F64, points: int) -> tuple[list[float], list[float]]:
    """Means of equal parts of some numbers in order, and the percents that they stand for."""
    parts = np.array_split(np.repeat(ordered, -(-points // len(ordered))), points)
    return [100 * (at + 0.5) / points for at in range(points)], [float(part.mean()) for part in parts]


def _ends(means: Sequence[float], points: int) -> tuple[float, float]:
    """Where the lowest and the highest of the numbers would be, if they went on as the outer means do."""
    if points == 1:
        return means[0] - ALONE, means[0] + ALONE
    reach = 0.5 + np.log(1 + points) / 4
    return means[0] - reach * (means[1] - means[0]), means[-1] + reach * (means[-1] - means[-2])


def _rounded(price: float) -> float:
    """Three figures: a law needs no more."""
    return float(f"{price:.3g}")


def laws_of(
    families: Sequence[Family], kinds: Sequence[str], effects: PriceEffects, min_count: int
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The laws, and which one each kind has: its own, where there are enough of it.

    A product in several colours counts as so many rows: what is cheap often comes in more.
    """
    log_price = np.log(np.array([family.price for family in families]))
    products = np.array([family.product for family in families])
    rows = np.array([min(len(family.colours), MOST_TIMES) for family in families])
    priced = np.isfinite(log_price)
    known = [(kind, its) for kind, its, is_known in zip(kinds, products, priced, strict=True) if is_known]
    counts = products_with([kind for kind, _ in known], [product for _, product in known])
    law_of = {kind: kind if counts[kind] >= max(OWN_LAW, 8 * min_count) else OTHERS for kind in set(kinds)}
    law_of_row = np.array([law_of[kind] for kind in kinds], dtype=object)
    laws = {}
    for name in dict.fromkeys(law_of[kind] for kind in kinds):
        mine = priced & (law_of_row == name)
        if mine.sum() < 2:
            mine = priced
        each = np.repeat(np.flatnonzero(mine), rows[mine])
        laws[name] = fit_law(log_price[each], effects.scores[each], effects.noise, products[each], min_count)
    return laws, law_of
