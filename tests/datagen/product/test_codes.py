"""Codes are a bijection of row numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.product.codes import CodeBook, Numbers
from datagen.product.profile import Profile, load_profile
from datagen.schemas import InputError

RANGES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 40)), min_size=1, max_size=5)


@settings(max_examples=50)
@given(RANGES, st.integers())
def test_numbers_are_a_permutation_of_their_ranges(parts: list[tuple[int, int]], key: int) -> None:
    ranges, at = [], 0
    for gap, extra in parts:
        ranges.append((at + gap, at + gap + extra))
        at += gap + extra + 1
    numbers = Numbers(ranges, key)
    made = numbers.at(np.arange(numbers.capacity)).tolist()
    allowed = {number for low, high in ranges for number in range(low, high + 1)}
    assert len(set(made)) == len(made)
    assert set(made) <= allowed
    assert len(allowed) - len(made) <= len(allowed) ** 0.5


def test_numbers_do_not_come_in_order() -> None:
    made = Numbers([(0, 99_999)], 1).at(np.arange(1000))
    steps = np.diff(made)
    assert len(set(steps.tolist())) > 900
    assert abs(np.corrcoef(np.arange(1000), made)[0, 1]) < 0.15


@pytest.mark.parametrize("seed", [0, 1, 2**64 - 1])
def test_all_codes_of_a_whole_catalogue_are_unique(garden_profile: Profile, seed: int) -> None:
    book = CodeBook(garden_profile, seed)
    rows = np.arange(book.capacity)
    kinds = (rows % len(garden_profile.kinds)).astype(np.int32)
    numbers = book.numbers(rows, kinds, np.full(len(rows), 0.5))
    assert len(np.unique(numbers)) == len(rows)


def test_a_row_past_the_last_code_is_refused(garden_profile: Profile) -> None:
    book = CodeBook(garden_profile, 0)
    with pytest.raises(InputError, match="at most"):
        book.numbers(np.array([book.capacity]), np.array([0], dtype=np.int32), np.array([0.0]))


def test_kinds_with_a_line_of_their_own_take_their_codes_from_it() -> None:
    profile = load_profile("burberry")
    book = CodeBook(profile, 0)
    kind = list(profile.kinds).index("lipstick")
    numbers = book.numbers(np.arange(500), np.full(500, kind, dtype=np.int32), np.full(500, 0.5))
    assert all(text.startswith("40") and text.endswith("1") for text in book.text(numbers).to_pylist())
