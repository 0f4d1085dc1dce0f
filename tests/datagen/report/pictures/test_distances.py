"""Distances between sets of features whose distance is known."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.report.pictures.distances import GROUPS, kid, neighbourhood, standardised
from datagen.report.pictures.features import F32

MANY = 200
FAMILY = np.arange(MANY)
OTHER = FAMILY + MANY


def drawn(seed: int, middle: float = 0.0) -> F32:
    return np.random.default_rng(seed).normal(middle, 1, (MANY, 8)).astype(np.float32)


def test_kid_is_near_zero_for_one_distribution_and_grows_with_the_distance() -> None:
    same = [kid(drawn(seed), drawn(seed + 100), FAMILY, OTHER) for seed in range(8)]
    assert sum(each.low <= 0 <= each.high for each in same) >= 7
    near, far = (kid(drawn(1), drawn(2, by), FAMILY, OTHER) for by in (0.3, 1.0))
    assert near.low > 0
    assert near.high < far.low


def test_kid_is_the_plain_formula_where_every_picture_is_a_family() -> None:
    first, second = drawn(1), drawn(2, 0.5)

    def kernel(a: F32, b: F32) -> np.ndarray:
        return (a.astype(np.float64) @ b.T / a.shape[1] + 1) ** 3

    def within(a: F32) -> float:
        values = kernel(a, a)
        return float((values.sum() - np.trace(values)) / (MANY * (MANY - 1)))

    plain = within(first) + within(second) - 2 * kernel(first, second).mean()
    assert kid(first, second, FAMILY, OTHER).value == pytest.approx(plain, rel=1e-4)


def test_a_copy_is_precise_recalled_and_covered_and_a_stranger_is_nothing() -> None:
    copy = neighbourhood(drawn(1), drawn(1), FAMILY, OTHER)
    assert copy.precise.min() == copy.recalled.min() == copy.covered.min() == 1
    assert copy.gap.max() < 0.01
    stranger = neighbourhood(drawn(1), drawn(2, 50.0), FAMILY, OTHER)
    assert stranger.precise.max() == stranger.recalled.max() == stranger.covered.max() == 0
    assert stranger.gap.min() > 5


def test_a_narrow_set_is_precise_but_recalls_little() -> None:
    narrow = neighbourhood(drawn(1), drawn(2) * 0.2, FAMILY, OTHER)
    assert narrow.precise.mean() > 0.95
    assert narrow.recalled.mean() < 0.3


def test_colourways_are_not_each_others_neighbours() -> None:
    base = drawn(1)[:20]
    ways = np.repeat(base, 10, axis=0) + drawn(3) * 0.001
    families = np.repeat(np.arange(20), 10)
    found = neighbourhood(ways.astype(np.float32), drawn(1)[20:40] * 1.0, families, np.arange(100, 120))
    # By the distance to a colourway of their own, no picture would be covered.
    assert found.covered.mean() > 0.3


def test_standardised_features_have_the_spread_of_the_reference() -> None:
    like = drawn(1) * 3 + 5
    made = standardised(like, like)
    assert np.allclose(made.mean(axis=0), 0, atol=1e-4)
    constant = np.ones((MANY, 1), dtype=np.float32)
    assert np.isfinite(standardised(constant, constant)).all()
    assert np.abs(standardised(constant * 7, constant)).max() <= 6
    assert FAMILY.max() > GROUPS
