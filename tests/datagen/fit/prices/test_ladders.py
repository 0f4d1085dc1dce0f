"""Endings of prices as they are learned."""

from __future__ import annotations

import numpy as np

from datagen.fit.prices.ladders import Endings, fit_ladders


def test_endings_of_few_products_each_are_not_given_to_the_frequent_ones() -> None:
    """60 of 100 prices end on a full ten, the others on 40 endings of one product each."""
    odd = [at for at in range(100) if at % 10 > 4][:40]
    prices = np.array([400.0 + 10 * (at % 6) for at in range(60)] + [400.0 + at for at in odd])
    endings = Endings(prices, np.arange(len(prices)), 0, 1000.0, 5)
    ladders, _ = fit_ladders(["all"] * len(prices), endings)
    weights = ladders["default"][-1]["endings"]
    tens = sum(weight for ending, weight in weights.items() if ending % 10 == 0)
    assert abs(tens / sum(weights.values()) - 0.6) < 0.03
