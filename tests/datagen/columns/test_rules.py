"""Rules hold in what is made, break where one cell is changed, and do not rest on the code that made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.columns import converted_price, link
from datagen.columns.rows import RowMaker
from datagen.columns.rules import rules
from datagen.product import prices, titles
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.schemas import Schema

ROWS = 300


def _table(schema: Schema, profile: Profile, seed: int = 0) -> pa.Table:
    sampler = Sampler(profile, seed)
    return RowMaker(schema, sampler).table(sampler.products(0, ROWS))


def _broken(schema: Schema, profile: Profile, table: pa.Table) -> dict[str, set[int]]:
    """Column -> the rows that break one of its rules."""
    found: dict[str, set[int]] = {}
    for rule in rules(schema, profile):
        found.setdefault(rule.column, set()).update(np.flatnonzero(rule.broken(table)).tolist())
    return {column: rows for column, rows in found.items() if rows}


def _longer(value: Any) -> Any:
    return value + "x"


def _by_a_cent(value: Any) -> Any:
    return value + 0.01


CHANGES: dict[str, Callable[[Any], Any]] = {
    "shop": _longer,
    "shop_id": lambda value: value + 1,
    "sku": _longer,
    "label": _longer,
    "group": _longer,
    "subgroup": _longer,
    "page": _longer,
    "photo": _longer,
    "list_eur": _by_a_cent,
    "now_eur": lambda value: -value,
    "now_usd": _by_a_cent,
    "on_sale": lambda value: 1 - value,
}
"""A change of any value of a column that makes it illegal."""


def test_every_column_that_is_made_has_such_a_change(garden_schema: Schema) -> None:
    assert list(CHANGES) == [column.name for column in garden_schema.columns if column.dtype != "image"]


@settings(max_examples=40)
@given(seed=st.integers(0, 2**64 - 1), row=st.integers(0, ROWS - 1), column=st.sampled_from(list(CHANGES)))
def test_a_change_of_one_cell_breaks_a_rule_of_that_row(
    garden_schema: Schema, garden_profile: Profile, seed: int, row: int, column: str
) -> None:
    table = _table(garden_schema, garden_profile, seed)
    assert not _broken(garden_schema, garden_profile, table)
    values = table[column].to_pylist()
    values[row] = CHANGES[column](values[row])
    at = table.column_names.index(column)
    changed = table.set_column(at, column, pa.array(values, table[column].type))
    broken = _broken(garden_schema, garden_profile, changed)
    assert row in broken.get(column, set())
    assert set().union(*broken.values()) == {row}


def _with_underscores(text: pa.Array) -> pa.Array:
    return pa.array([value.lower().replace(" ", "_") for value in text.to_pylist()])


def _rounded_down(price: Any, rate: float, decimals: int) -> Any:
    return np.floor(price * rate * 10**decimals) / 10**decimals


def _off_the_ladder(self: prices.Ladder, price: Any, near: float, u: Any) -> Any:
    return price


@pytest.mark.parametrize(
    ("module", "name", "wrong", "column"),
    [
        (link, "slugs", _with_underscores, "page"),
        (titles, "slug", lambda text: text.lower().replace(" ", "_"), "page"),
        (converted_price, "converted", _rounded_down, "now_usd"),
        (prices.Ladder, "move", _off_the_ladder, "list_eur"),
    ],
    ids=["slugs of titles", "slugs of parts", "rates", "endings"],
)
def test_a_fault_in_the_code_that_makes_a_column_is_found(
    module: Any,
    name: str,
    wrong: Callable[..., Any],
    column: str,
    garden_schema: Schema,
    garden_profile: Profile,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, name, wrong)
    if module is link:
        monkeypatch.setattr(titles.Titles, "slugs", lambda self, phrases: None)
    broken = _broken(garden_schema, garden_profile, _table(garden_schema, garden_profile))
    assert len(broken[column]) > 10


@given(st.lists(st.floats(0, 12_000) | st.integers(0, 12_000).map(float), min_size=1, max_size=30))
def test_the_endings_of_the_rule_are_the_prices_of_the_ladder(
    garden_profile: Profile, values: list[float]
) -> None:
    # Two readings of the same bands: one lists all legal prices, the other divides.
    from datagen.columns.price import PRECISION, _ends_in

    law = garden_profile.prices
    low, high = law.bounds
    there = np.array(values)
    for bands in law.ladders.values():
        legal = prices.Ladder(bands, law.bounds).prices
        near = np.abs(there[:, None] - legal) <= PRECISION * np.maximum(legal, 1)
        listed = near.any(axis=1) & (there >= low) & (there <= high)
        assert (listed == ((there >= low) & (there <= high) & _ends_in(there, bands, 0))).all()
