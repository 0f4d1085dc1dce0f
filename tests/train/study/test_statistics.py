"""Intervals, tests and worths of a study, against values worked out by hand and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.train.study.statistics import (
    Marks,
    detectable,
    interval,
    levelled,
    power,
    sign_flip,
    worth,
)


def marks(*seeds: list[float], families: list[int] | None = None) -> Marks:
    """Marks of rows, each a family of its own unless told otherwise."""
    return Marks.of(np.array(seeds), np.array(families or range(len(seeds[0]))))


def test_rows_without_truth_count_nowhere() -> None:
    found = marks([1, 0, math.nan, 1], [0, 0, math.nan, 1], families=[0, 0, 1, 2])
    assert found.rows.tolist() == [2, 0, 1]
    assert found.by_seed == pytest.approx([2 / 3, 1 / 3])
    assert found.value == pytest.approx(0.5)


def test_the_sign_flip_test_counts_assignments_of_signs() -> None:
    assert sign_flip(np.array([0.1, 0.2, 0.3])) == 2 / 8
    assert sign_flip(np.array([0.1] * 6)) == 2 / 64
    assert sign_flip(np.array([0.1, -0.1])) == 1
    assert sign_flip(np.zeros(6)) == 1
    assert sign_flip(np.array([3.0, -1.0])) == 1.0  # 2, 4, -4, -2
    assert sign_flip(np.full(20, 0.1)) < 0.001


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=8))
def test_the_sign_flip_test_knows_no_direction(differences: list[float]) -> None:
    found = sign_flip(np.array(differences))
    assert 2 / 2 ** len(differences) <= found <= 1
    assert found == sign_flip(-np.array(differences))


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    # 40 families of 1 to 3 rows that stand or fall together, and 6 seeds; the truth is a difference of 0.1.
    draw = np.random.default_rng(5)
    family = np.repeat(np.arange(40), np.arange(40) % 3 + 1)
    covered, rounds = 0, 150
    for _ in range(rounds):
        hard = draw.normal(0, 0.1, 40)[family]
        seeds = draw.normal(0, 0.02, (6, 1))
        rows = draw.normal(0, 0.1, (6, len(family)))
        found = interval(Marks.of(0.1 + hard + seeds + rows, family))
        covered += found.low <= 0.1 <= found.high
    assert 0.88 <= covered / rounds <= 0.995


def test_an_interval_has_its_value_inside_and_none_without_variation() -> None:
    draw = np.random.default_rng(1)
    skewed = Marks.of((draw.random((6, 60)) < 0.05).astype(float), np.arange(60))
    found = interval(skewed)
    assert found.low < found.value < found.high
    assert found.high - found.value > found.value - found.low  # few right answers: more room above
    same = interval(marks([1, 0, 1], [1, 0, 1]).minus(marks([1, 0, 1], [1, 0, 1])))
    assert (same.value, same.low, same.high) == (0, 0, 0)
    for alone in (marks([1, 0, 1]), marks([1, 0], [0, 1], families=[3, 3])):
        assert math.isnan(interval(alone).low)


def test_equal_marks_give_equal_intervals() -> None:
    draw = np.random.default_rng(2)
    right = (draw.random((6, 30)) < 0.6).astype(float)
    assert interval(Marks.of(right, np.arange(30))) == interval(Marks.of(right.copy(), np.arange(30)))


def test_power_and_the_difference_that_it_finds_agree() -> None:
    assert power(0.02, detectable(0.02)) == pytest.approx(0.8, abs=1e-6)
    assert power(1.0) == pytest.approx(0.05, abs=0.001)
    assert math.isnan(power(0.0))


def test_curves_are_made_to_rise() -> None:
    assert levelled(np.array([[1.0, 3.0, 2.0, 4.0]])).tolist() == [[1, 2.5, 2.5, 4]]
    assert levelled(np.array([[3.0, 2.0, 1.0]])).tolist() == [[2, 2, 2]]
    assert levelled(np.array([[1.0, 2.0]])).tolist() == [[1, 2]]


def scored(share: float) -> Marks:
    """Two seeds with this share of 100 rows right, the same rows."""
    return marks(*[[float(at < 100 * share) for at in range(100)]] * 2)


def test_worth_is_read_off_the_curve_of_real_rows() -> None:
    curve = {100: scored(0.4), 400: scored(0.6)}
    found = worth(curve, scored(0.5), 100)
    assert found is not None
    assert found.rows == pytest.approx(100)  # the middle of the logarithms of 100 and 400 is 200
    assert found.bound == ""
    assert found.low <= found.rows <= found.high
    best, worst = worth(curve, scored(0.9), 100), worth(curve, scored(0.1), 100)
    assert best is not None
    assert worst is not None
    assert (best.rows, best.bound) == (300, "least")
    assert (worst.rows, worst.bound) == (0, "most")
    assert worth({100: scored(0.4)}, scored(0.5), 100) is None
    assert worth({100: scored(0.4), 400: scored(0.4)}, scored(0.5), 100) is None
    alone = worth(curve, scored(0.5), 0)
    assert alone is not None
    assert alone.rows == pytest.approx(200)
