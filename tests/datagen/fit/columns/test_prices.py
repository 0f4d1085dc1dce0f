"""Price columns and what holds between them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.fit.columns.observed import Observed, observe
from datagen.fit.columns.prices import conversion, discounts, find_prices
from datagen.fit.folding import Fold

ENDINGS = np.array([49, 90, 99, 150, 199, 290, 450, 1290], dtype=float)


def columns(**values: object) -> list[Observed]:
    return observe(pa.table(values))[0]


def each_its_own(rows: int) -> Fold:
    """Every row a product of its own."""
    return Fold(np.arange(rows), 5)


def prices(rows: int = 300) -> np.ndarray:
    return np.random.default_rng(3).choice(ENDINGS, rows)


def test_full_paid_flag_and_conversions_are_told_apart() -> None:
    full = prices()
    paid = np.where(np.arange(300) % 4 == 0, np.round(full * 0.7), full)
    found = find_prices(
        columns(a=full, b=paid, c=np.round(full * 0.9225, 2), d=np.round(paid * 0.9225, 2), e=(paid < full)),
        None,
        columns(kind=[str(price > 150) for price in full]),
    )
    assert (found.full and found.full.name, found.paid and found.paid.name) == ("a", "b")
    assert found.flag is not None
    assert found.flag.name == "e"
    assert {(each.column.name, each.source.name, each.rate) for each in found.converted} == {
        ("c", "a", 0.9225),
        ("d", "b", 0.9225),
    }
    cuts = discounts(found, each_its_own(300))
    assert cuts["share"] == 0.25
    assert max(cuts["cuts"], key=cuts["cuts"].get) == 0.3
    assert cuts["round_to"] == 1


@given(st.floats(0.05, 200).map(lambda rate: round(rate, 4)), st.integers(0, 3))
def test_a_rate_is_found_from_rounded_prices(rate: float, decimals: int) -> None:
    source = np.unique(np.random.default_rng(1).integers(100, 5000, 400)).astype(float)
    a, b = columns(a=source, b=np.round(source * rate, decimals))
    found = conversion(a, b)
    if abs(rate - 1) < 1e-3 or np.ptp(np.round(source * rate, decimals)) == 0:
        return
    assert found is not None
    assert np.abs(np.round(source * found.rate, found.decimals) - b.numbers).max() <= 10.0**-decimals + 1e-9


@pytest.mark.parametrize("other", [prices(300)[::-1].copy(), np.arange(300.0) + 1])
def test_unrelated_numbers_are_no_conversion(other: np.ndarray) -> None:
    a, b = columns(a=prices(), b=other)
    assert conversion(a, b) is None


def test_stock_and_years_are_no_prices() -> None:
    draw = np.random.default_rng(5)
    found = find_prices(
        columns(stock=draw.integers(0, 400, 300), year=draw.integers(2015, 2024, 300)), None, []
    )
    assert found.names == set()


def test_a_discount_that_hardly_anyone_has_is_not_told() -> None:
    full = prices()
    paid = full.copy()
    paid[17] = 13.37
    found = find_prices(columns(full_price=full, price=paid), None, [])
    assert discounts(found, each_its_own(300)) == {}
