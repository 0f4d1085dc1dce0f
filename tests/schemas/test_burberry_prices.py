"""Prices of the built-in profile have the quartiles, endings and bounds of the real ones, on any seed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from support.burberry_rows import MANY, ROWS, SEEDS, made, per_cent, profile
from support.burberry_statistics import (
    ENDINGS_FROM_1000,
    ENDINGS_FROM_2000,
    EXOTIC_PRICE,
    EXOTIC_SHARE,
    LEADING_ENDINGS_BELOW_1000,
    MEDIANS_OF_THIN_TYPES,
    MULTIPLES_OF_TEN,
    PRICE_BOUNDS,
    QUARTILES,
)

PARTS_OF_TYPES = {
    "quilted": ("puffer", "gilet"),
    "jacket": ("hooded", "harrington"),
    "t_shirt": ("polo",),
    "shirt": ("overshirt",),
    "trousers": ("shorts",),
}
"""Laws of kinds that the 408 prices count among a type of another name."""


def plain_prices(seed: int) -> dict[str, np.ndarray]:
    """Prices by type, for grown-up wearers and without the words that multiply a price."""
    sampler, products, table = made(seed, MANY)
    price = np.array(table["full_price"])
    laws = np.array([kind.price for kind in profile().kinds.values()])[products.kind]
    wearers = np.array([shelf.wearer or profile().wearers[shelf.path[0]] for shelf in profile().shelves])
    plain = np.isin(wearers[products.shelf], ("woman", "man"))
    for slot, compiled in sampler.titles.slots.items():
        multiplies = np.array([word is not None and word.times != 1 for word in compiled.words])
        plain &= ~multiplies[products.phrases[slot]]
    priced = set(profile().prices.laws) - {law for parts in PARTS_OF_TYPES.values() for law in parts}
    types = {law: (law, *PARTS_OF_TYPES.get(law, ())) for law in priced}
    return {name: price[plain & np.isin(laws, parts)] for name, parts in types.items()}


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_prices_of_each_type_have_the_quartiles_of_the_real_ones(seed: int) -> None:
    prices = plain_prices(seed)
    for law, (low, middle, high) in QUARTILES.items():
        assert np.median(prices[law]) == pytest.approx(middle, rel=0.10), law
        assert np.percentile(prices[law], 25) == pytest.approx(low, rel=0.15), law
        assert np.percentile(prices[law], 75) == pytest.approx(high, rel=0.15), law
    for law, middle in MEDIANS_OF_THIN_TYPES.items():
        assert np.median(prices[law]) == pytest.approx(middle, rel=0.10), law


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_prices_end_as_the_real_ones_do(seed: int) -> None:
    _, products, table = made(seed, MANY)
    price = np.array(table["full_price"])
    laws = profile().prices.laws
    by_kind = [laws[kind.price].ladder == "default" for kind in profile().kinds.values()]
    default = np.array(by_kind)[products.kind]
    assert (price == np.round(price)).all()
    assert np.mean(price % 10 == 0) == pytest.approx(MULTIPLES_OF_TEN, abs=0.01)
    below = Counter((price[default & (price < 1000)] % 100).astype(int).tolist())
    assert set(below) == set(range(0, 100, 10))
    assert {ending for ending, _ in below.most_common(4)} == LEADING_ENDINGS_BELOW_1000
    for low, high, endings in ((1000, 2000, ENDINGS_FROM_1000), (2000, 10_000, ENDINGS_FROM_2000)):
        within = price[default & (price >= low) & (price < high)]
        shares = per_cent(Counter((within % 100).astype(int).tolist()))
        assert set(shares) == set(endings)
        for ending, share in endings.items():
            assert shares[ending] == pytest.approx(share, abs=5)


def test_prices_reach_the_bounds_of_the_real_ones_and_the_dearest_are_few() -> None:
    price = np.concatenate([np.array(made(seed, MANY)[2]["full_price"]) for seed in SEEDS])
    assert PRICE_BOUNDS[0] <= price.min() <= 36
    assert 60_000 <= price.max() <= PRICE_BOUNDS[1]
    assert EXOTIC_SHARE[0] <= np.mean(price > EXOTIC_PRICE) <= EXOTIC_SHARE[1]


def test_nothing_is_discounted() -> None:
    _, _, table = made(SEEDS[0], ROWS)
    assert table["price"] == table["full_price"]
    assert set(table["flg_discount"].to_pylist()) == {0}


def test_dollars_are_turned_into_euros_at_the_rate_of_the_viewer() -> None:
    rate = profile().rates["EUR"]
    assert round(2490 * rate.rate, rate.decimals) == 2297.04
    assert round(820 * rate.rate, rate.decimals) == 756.45
