"""Cells of any type as text, numbers, flags and dates."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.arrow import COLUMN_TYPES
from datagen.columns.cells import LONGEST, Cells, as_dates, as_dtype, as_flags, as_numbers, as_text

MISSING = "N.A."


def told(cells: Cells) -> dict[int, str]:
    """Row -> what is wrong there."""
    found: dict[int, str] = {}
    for mask, reason in cells.faults:
        for at in np.flatnonzero(mask):
            found.setdefault(int(at), reason)
    return found


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([" a  b\n c ", "", None, "N.A.", "\t", "NA"]), ["a b c", None, None, None, None, "NA"]),
        (pa.array([80595081.0, 1.5, math.nan, None]), ["80595081", "1.5", None, None]),
        (pa.array([7, None], pa.int8()), ["7", None]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
        (pa.array([datetime.date(2023, 11, 17)]), ["2023-11-17"]),
        (pa.array([decimal.Decimal("12.50")]), ["12.50"]),
        (pa.array([["a", 1 and "b"], None]), ['["a", "b"]', None]),
        (pa.array([{"k": b"12"}]), ['{"k": "<2 bytes>"}']),
        (pa.array(["a", None], pa.large_string()), ["a", None]),
        (pa.array(["a", None], pa.string_view()), ["a", None]),
        (pa.nulls(2), [None, None]),
        (pa.array([b"ab", None]), ["ab", None]),
        (pa.array([], pa.string()), []),
    ],
)
def test_any_cell_can_be_read_as_text(column: pa.Array, expected: list[str | None]) -> None:
    cells = as_text(column, MISSING)
    assert cells.values.to_pylist() == expected
    assert not cells.faults


def test_bytes_that_are_no_text_are_told() -> None:
    for kind in (pa.binary(), pa.large_binary()):
        assert told(as_text(pa.array([b"a", b"\xff\xfe"], kind), MISSING)) == {1: "is not UTF-8"}
    broken = pa.Array.from_buffers(pa.string(), 2, pa.array([b"a", b"\xff"], pa.binary()).buffers())
    assert told(as_text(broken, MISSING)) == {1: "is not UTF-8"}
    assert told(as_text(pa.array(["x" * (LONGEST + 1), "x"]), MISSING)) == {
        0: f"is longer than {LONGEST:,} characters"
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("450", 450), ("450.50", 450.5), ("1,290", 1290), ("1,290.00", 1290), ("$1,290.00", 1290), ("+5", 5),
        ("-5", -5), ("US$ 12", 12), ("EUR 12", 12), ("12 EUR", 12), ("€3.50", 3.5), ("3.50 €", 3.5),
        ("007", 7), ("1.290,00", 1290), ("1,29", 1.29), ("12,5", 12.5),
        ("€ 1.290,00", 1290), ("-3,50 €", -3.5), ("1.234.567,8", 1234567.8),
        ("", None), ("N.A.", None), ("  ", None),
    ],
)  # fmt: skip
def test_a_plain_number_is_read(text: str, number: float | None) -> None:
    cells = as_numbers(pa.array([text]), MISSING)
    assert cells.values.to_pylist() == [number]
    assert not cells.faults


@pytest.mark.parametrize(
    "text", ["12.90,00", "1,2900", "1290.000,00", "12,34,567", "1e5", "abc", "12 13", "1..2", ".", "nan",
             "inf", "0x10", "9" * 400, "١٢", "12USDX", "--1", "1,290,"]
)  # fmt: skip
def test_what_may_be_meant_otherwise_is_no_number(text: str) -> None:
    assert told(as_numbers(pa.array(["1", text]), MISSING)) == {1: "is not a number"}


def test_beside_decimal_commas_three_digits_may_mean_two_numbers() -> None:
    cells = as_numbers(pa.array(["12,90", "1.290", "1,290", "1290", "1.290,00"]), MISSING)
    assert told(cells) == {1: "may mean two numbers", 2: "may mean two numbers"}
    assert cells.values.to_pylist() == [12.9, None, None, 1290, 1290]
    assert as_numbers(pa.array(["1.290", "1,290"]), MISSING).values.to_pylist() == [1.29, 1290]


def test_numbers_come_from_any_number_type() -> None:
    for column in (
        pa.array([1, None], pa.uint8()),
        pa.array([1.0, math.nan]),
        pa.array([decimal.Decimal(1), None]),
    ):
        cells = as_numbers(column, MISSING)
        assert cells.values.to_pylist() == [1.0, None]
        assert not cells.faults
    assert told(as_numbers(pa.array([math.inf, 1.0]), MISSING)) == {0: "is not a number"}


def test_whole_numbers_are_whole() -> None:
    cells = as_numbers(pa.array([1.0, 2.5, None, 1e30, math.inf]), MISSING, whole=True)
    assert cells.values.to_pylist() == [1, None, None, None, None]
    assert told(cells) == {1: "is not a whole number", 3: "is not a whole number", 4: "is not a number"}


def test_flags_are_read_in_any_writing() -> None:
    cells = as_flags(pa.array(["1", "0", "TRUE", "no", None, "1.0", "maybe", "2"]), MISSING)
    assert cells.values.to_pylist() == [1, 0, 1, 0, None, 1, None, None]
    assert told(cells) == {6: "is neither 0 nor 1", 7: "is neither 0 nor 1"}
    assert as_flags(pa.array([True, False, None]), MISSING).values.to_pylist() == [1, 0, None]
    assert as_flags(pa.array([1, 0, 3]), MISSING).values.to_pylist() == [1, 0, None]


ANYTHING = st.one_of(
    st.none(), st.text(), st.floats(), st.integers(-(2**62), 2**62), st.booleans(), st.binary(), st.dates()
)


@given(st.lists(st.text(), max_size=30), st.integers(0, 2))
def test_any_text_ends_as_a_value_a_gap_or_a_fault(texts: list[str], which: int) -> None:
    column = pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.string())
    read: Any = (as_text, as_numbers, as_flags)[which]
    cells = read(column, MISSING)
    assert len(cells.values) == len(column)
    for at in told(cells):
        assert which == 0 or cells.values[at].as_py() is None


@given(ANYTHING.flatmap(lambda one: st.lists(st.just(one) | st.none(), max_size=4)))
def test_any_type_is_read(values: list[Any]) -> None:
    column = pa.array(values)
    for cells in (as_text(column, MISSING), as_numbers(column, MISSING), as_flags(column, MISSING)):
        assert len(cells.values) == len(values)


@given(st.decimals(0, 10**9, places=2), st.booleans(), st.sampled_from(["", "$", "€", "USD ", "£"]))
def test_a_price_is_read_as_it_was_written(price: decimal.Decimal, commas: bool, sign: str) -> None:
    text = f"{sign}{price:,.2f}" if commas else f"{sign}{price:.2f}"
    assert as_numbers(pa.array([text]), MISSING).values.to_pylist() == [float(price)]


@pytest.mark.parametrize(
    ("column", "expected", "wrong"),
    [
        (
            pa.array(["2024-02-29", " 2020-01-01 00:00:00", "1969-12-31T00:00", "", None, "N.A."]),
            [
                datetime.date(2024, 2, 29),
                datetime.date(2020, 1, 1),
                datetime.date(1969, 12, 31),
                None,
                None,
                None,
            ],
            set(),
        ),
        (
            pa.array(["2023-02-29", "2020-1-1", "01/02/2020", "2020-01-01 10:00", "x"]),
            [None] * 5,
            set(range(5)),
        ),
        (pa.array([datetime.date(2020, 1, 1), None]), [datetime.date(2020, 1, 1), None], set()),
        (
            pa.array([datetime.datetime(1960, 1, 1), datetime.datetime(1960, 1, 1, 5)]),
            [datetime.date(1960, 1, 1), None],
            {1},
        ),
        (
            pa.array([datetime.datetime(2020, 1, 1)], pa.timestamp("ns", "UTC")),
            [datetime.date(2020, 1, 1)],
            set(),
        ),
        (pa.array([20200101]), [None], {0}),
    ],
)
def test_dates_are_days_and_nothing_else(
    column: pa.Array, expected: list[datetime.date | None], wrong: set[int]
) -> None:
    cells = as_dates(column, MISSING)
    assert cells.values.type == pa.date32()
    assert cells.values.to_pylist() == expected
    assert told(cells) == dict.fromkeys(wrong, "is not a date")


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("string", "1"), ("int64", 1), ("float64", 1.0), ("bool", True)],
)
def test_a_cell_is_read_as_the_dtype_of_its_column(dtype: Any, expected: object) -> None:
    cells = as_dtype(pa.array(["1", ""]), dtype, MISSING)
    assert cells.values.to_pylist() == [expected, None]
    assert type(cells.values[0].as_py()) is type(expected)
    assert cells.values.type == COLUMN_TYPES[dtype]
