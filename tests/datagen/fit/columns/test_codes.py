"""Forms of codes, and ranges that no code of the source is in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.fit.columns.codes import find_form, fitted_form
from datagen.product.code_template import code_template


@pytest.mark.parametrize(
    ("codes", "template"),
    [
        (["A-001X", "A-102X", "A-250X"], "A-###X"),
        (["80583331", "80969151", "10647301"], "#0#####1"),
        (["AB12", "CD34"], "??##"),
        (["7", "12", "13", "29"], "##"),
        (["ab-1-x", "cd-2-x"], "!!-#-x"),
    ],
)
def test_the_form_is_found_from_examples(codes: list[str], template: str) -> None:
    found, share = find_form(pa.array(codes))
    assert found == template
    assert 0.5 <= share <= 1
    assert (code_template(found).numbers(pa.array(codes)) >= 0).mean() >= share - 1e-9


def test_texts_without_a_form_have_none() -> None:
    assert find_form(pa.array([], pa.string())) == ("", 0.0)
    assert find_form(pa.array(["x" * at for at in range(1, 30)]))[0] == ""


@given(st.sets(st.integers(0, 10**8 - 1), min_size=5, max_size=200), st.integers(0, 2**30))
def test_no_code_of_the_source_is_in_the_free_ranges(numbers: set[int], seed: int) -> None:
    codes = pa.array([f"P{number:08d}" for number in sorted(numbers)])
    form = fitted_form("P########", 1.0, "string", [codes])
    taken = code_template(form.template).numbers(codes)
    assert form.ranges
    for low, high in form.ranges:
        assert not ((taken >= low) & (taken <= high)).any()


def test_ranges_end_on_round_numbers_so_that_they_tell_of_no_code() -> None:
    codes = pa.array([f"{number:08d}" for number in (26_123_457, 80_571_113, 80_571_115)])
    form = fitted_form("########", 1.0, "string", [codes])
    assert all(low % 10_000 == 0 and (high + 1) % 10_000 == 0 for low, high in form.ranges)


def test_a_full_form_gets_further_digits() -> None:
    codes = pa.array([f"{number:03d}" for number in range(1000)])
    form = fitted_form("###", 1.0, "int64", [codes])
    assert form.longer
    assert min(low for low, _ in form.ranges) >= 10 ** (form.template.count("#") - 1)


def test_codes_of_numbers_begin_with_no_zero() -> None:
    codes = pa.array([str(number) for number in range(20_000_000, 20_000_100)])
    form = fitted_form("########", 1.0, "int64", [codes])
    assert all(low >= 10_000_000 for low, _ in form.ranges)


def test_random_ids_leave_room() -> None:
    draw = np.random.default_rng(0)
    codes = pa.array([draw.bytes(16).hex() for _ in range(3000)])
    template, share = find_form(codes)
    form = fitted_form(template, share, "string", [codes])
    assert (template, form.longer) == ("%" * 32, False)
