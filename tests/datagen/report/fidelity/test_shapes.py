"""SDMetrics' numbers, worked out by hand from its formulas."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from datagen.report.fidelity.shapes import Quality, quality
from datagen.report.sets.rows import Rows, compare, read_table
from datagen.schemas import Schema
from datagen.schemas.schema import Category, Other, Price


def _quality(real: dict[str, Sequence[object]], synthetic: dict[str, Sequence[object]]) -> Quality:
    columns = {
        "aisle": Category(name="aisle", role="category", level=1),
        "eur": Price(name="eur", role="price", which="full"),
        "kilos": Other(name="kilos", role="other", dtype="float64"),
        "brand": Other(name="brand", role="other"),
    }
    schema = Schema(name="s", columns=tuple(columns[name] for name in real))
    sides: list[Rows] = []
    sets = compare(*(read_table(pa.table(each), schema, "s") for each in (real, synthetic)), seed=0)
    sides += [sets.real, sets.synthetic]
    return quality(*sides)


def test_a_column_of_values_is_compared_by_total_variation() -> None:
    # Shares a 0.5, b 0.5 against a 0.25, c 0.75: half of (0.25 + 0.5 + 0.75) is 0.75.
    found = _quality({"aisle": ["a", "b"]}, {"aisle": ["a", "c", "c", "c"]})
    assert found.columns == {"aisle": 0.25}
    assert found.pairs == {}
    assert found.overall == 0.25


def test_a_column_of_numbers_is_compared_by_kolmogorov_and_smirnov() -> None:
    # At 2, three quarters of the real values are reached and a quarter of the synthetic ones.
    found = _quality({"eur": [1.0, 1.0, 2.0, 9.0]}, {"eur": [2.0, 9.0, 9.0, 9.0]})
    assert found.columns["eur"] == pytest.approx(0.5)


def test_missing_values_are_left_out_of_columns() -> None:
    assert _quality({"eur": [1.0, None]}, {"eur": [1.0]}).columns == {"eur": 1.0}


def test_two_columns_of_numbers_are_compared_by_correlation() -> None:
    real = {"eur": [1.0, 2.0, 3.0], "kilos": [1.0, 2.0, 3.0]}
    found = _quality(real, {"eur": [1.0, 2.0, 3.0], "kilos": [3.0, 2.0, 1.0]})
    assert found.pairs["eur", "kilos"] == pytest.approx(0.0)  # 1 - |1 - (-1)| / 2


def test_numbers_that_hardly_correlate_do_not_count() -> None:
    real = {"eur": [1.0, 2.0, 1.0, 2.0], "kilos": [1.0, 1.0, 2.0, 2.0]}
    assert _quality(real, real).pairs == {}


def test_pairs_of_values_are_compared_cell_by_cell() -> None:
    real = {"aisle": ["a", "a", "b", "b"], "brand": ["x", "x", "y", "y"]}
    made = {"aisle": ["a", "a", "b", "b"], "brand": ["x", "y", "x", "y"]}
    # V is 1. The cells ax, by have one half each, and one quarter each of four in the made rows.
    assert _quality(real, made).pairs == {("aisle", "brand"): 0.5}
    # The other way round the two are independent: V is 0, and the pair does not count.
    assert _quality(made, real).pairs == {}


def test_numbers_beside_values_are_cut_into_ten_bins_of_their_own_table() -> None:
    real = {"aisle": ["a", "b"] * 5, "eur": [1.0, 100.0] * 5}
    # A stretched table has the same bins, as SDMetrics takes the bounds from each table itself.
    made = {"aisle": ["a", "b"] * 5, "eur": [1000.0, 9000.0] * 5}
    assert _quality(real, made).pairs == {("aisle", "eur"): 1.0}


def test_the_overall_number_is_the_mean_of_both_means() -> None:
    assert Quality({"a": 1.0, "b": 0.5}, {("a", "b"): 0.25}).overall == pytest.approx(0.5)
    assert np.isnan(Quality({}, {}).overall)
