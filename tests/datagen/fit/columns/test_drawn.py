"""Entries for columns that follow from nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datagen.fit.columns.drawn import Entry, fit_entry
from datagen.fit.columns.observed import observe
from datagen.fit.folding import Fold
from datagen.product.drawn import DrawnValues

DRAW = np.random.default_rng(7)


def entry(values: object) -> Entry | str:
    (column,), _ = observe(pa.table({"x": values}))
    return fit_entry(column, Fold(np.arange(column.rows), 5))


@pytest.mark.parametrize(
    ("values", "kind", "named"),
    [
        (DRAW.integers(0, 401, 2000), "integer", ""),
        (DRAW.poisson(12, 2000), "integer", "poisson"),
        (DRAW.geometric(0.05, 2000) - 1, "integer", "geometric"),
        (np.round(DRAW.lognormal(0.7, 0.6, 2000), 2), "float", "log_normal"),
        (np.round(DRAW.normal(-5, 2, 2000), 1), "float", "normal"),
        (
            np.round(np.concatenate([DRAW.normal(5, 1, 1000), DRAW.normal(90, 2, 1000)]), 1),
            "float",
            "quantiles",
        ),
    ],
)
def test_numbers_get_the_nearest_distribution(values: np.ndarray, kind: str, named: str) -> None:
    found = entry(values)
    assert isinstance(found, Entry)
    (fields,) = found.values.values()
    assert list(found.values) == [kind]
    assert set(fields) - {"from", "to", "decimals"} == {named} - {""}
    DrawnValues.model_validate(found.values)


def test_one_row_far_outside_does_not_widen_the_bounds() -> None:
    values = np.append(DRAW.integers(0, 100, 500), 987_654)
    found = entry(values)
    assert isinstance(found, Entry)
    assert found.values["integer"]["to"] <= 110


def test_rare_values_of_a_choice_are_folded() -> None:
    found = entry(["S"] * 40 + ["M"] * 30 + ["Tailored for one"] * 4)
    assert isinstance(found, Entry)
    assert found.values == {"choice": {"S": 40, "M": 30}}
    assert found.folded == "up to 5 rare values"


def test_gaps_of_a_text_are_a_share() -> None:
    found = entry(["S", "M", None, "S", "M"] * 10)
    assert isinstance(found, Entry)
    assert found.values == {"choice": {"M": 20, "S": 20}, "missing": 0.2}


@pytest.mark.parametrize(
    "values",
    [
        [True, False, None, True] * 20,
        [3, 4, None, 4] * 20,
        [*range(1000, 1300), *[None] * 100],
        [*(at * 0.31 for at in range(300)), *[None] * 100],
        [*(date(2024, 1 + at % 6, 1 + at % 28) for at in range(300)), *[None] * 100],
    ],
    ids=["booleans", "a choice of numbers", "whole numbers", "numbers", "days"],
)
def test_gaps_of_any_dtype_are_a_share(values: list[Any]) -> None:
    found = entry(values)
    assert isinstance(found, Entry)
    assert found.dtype != "string"
    assert found.values["missing"] == 0.25
    DrawnValues.model_validate(found.values)


def test_booleans_and_days() -> None:
    flags = entry([True, False, False, False] * 20)
    assert isinstance(flags, Entry)
    assert flags.values == {"boolean": 0.25}
    days = entry([date(2024, 1 + at % 6, 1 + at % 28) for at in range(300)])
    assert isinstance(days, Entry)
    assert days.values == {"date": {"from": "2024-01-01", "to": "2024-06-30"}}
    assert days.dtype == "date32"


def test_a_second_code_is_a_template_that_none_of_its_values_has() -> None:
    codes = [f"LOT-{at:04d}" for at in range(0, 5000, 7)]
    found = entry(codes)
    assert isinstance(found, Entry)
    parts = DrawnValues.model_validate(found.values).values.parts()  # type: ignore[union-attr]
    assert not any(
        len(code) == len(parts) and all(c in p for c, p in zip(code, parts, strict=True)) for code in codes
    )


@pytest.mark.parametrize("values", [[f"a sentence of its own, number {at} " * 4 for at in range(50)]])
def test_free_text_is_left_out(values: list[str]) -> None:
    assert isinstance(entry(values), str)
