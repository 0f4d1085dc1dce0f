"""Rows of parts are mixed: each exactly as often as wanted, in its order, whatever stretch is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datagen.product.parts import STRETCH, ByNumber, InTurn

SIZES = st.lists(st.integers(0, 9000), min_size=1, max_size=6).filter(any)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 2**64 - 1))
@example([STRETCH, STRETCH], 0)
@example([1, 0, 3 * STRETCH - 1], 1)
def test_every_row_of_every_part_has_one_place(sizes: list[int], seed: int) -> None:
    places = ByNumber(sizes, seed).places(0, sum(sizes))
    assert len(places.part) == len(places.row) == sum(sizes)
    for part, size in enumerate(sizes):
        assert (places.row[places.part == part] == np.arange(size)).all()


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 50_000), st.integers(0, 50_000), st.booleans())
def test_any_stretch_is_that_stretch_of_the_whole(sizes: list[int], a: int, b: int, in_turn: bool) -> None:
    total = sum(sizes)
    start, stop = sorted((a % (total + 1), b % (total + 1)))
    mixture = InTurn(len(sizes), 7) if in_turn else ByNumber(sizes, 7)
    whole, here = mixture.places(0, total), mixture.places(start, stop)
    assert np.array_equal(here.part, whole.part[start:stop])
    assert np.array_equal(here.row, whole.row[start:stop])


@given(st.integers(1, 9), st.integers(0, 40), st.integers(0, 2**64 - 1))
@example(5000, 12_000, 0)
def test_parts_in_turn_are_as_large_as_each_other(parts: int, rows: int, seed: int) -> None:
    mixture = InTurn(parts, seed)
    places, sizes = mixture.places(0, rows), mixture.sizes(rows)
    assert [int((places.part == part).sum()) for part in range(parts)] == sizes
    assert max(sizes) - min(sizes) <= 1
    for part, size in enumerate(sizes):
        assert (places.row[places.part == part] == np.arange(size)).all()


@pytest.mark.parametrize("sizes", [[100_000, 100_000], [190_000, 10_000]])
def test_parts_are_mixed_throughout(sizes: list[int]) -> None:
    part = ByNumber(sizes, 1).places(0, sum(sizes)).part
    for at in range(0, len(part), 2000):
        assert abs((part[at : at + 2000] == 1).mean() - sizes[1] / sum(sizes)) < 0.06
    assert (part[1:] == part[:-1]).mean() < 0.95


def test_another_seed_mixes_otherwise() -> None:
    for one, other in ((ByNumber([50, 50], 1), ByNumber([50, 50], 2)), (InTurn(5, 1), InTurn(5, 2))):
        assert (one.places(0, 100).part != other.places(0, 100).part).any()
