"""Distributions agree with their formulas, and each inverse with its share below."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.product.distributions import (
    Distribution,
    Geometric,
    LogNormal,
    Normal,
    Poisson,
    standard_normal_at,
)


@given(st.floats(1e-300, 1, exclude_max=True))
def test_normal_quantiles_are_those_of_the_standard_library(share: float) -> None:
    expected = NormalDist().inv_cdf(share)
    assert standard_normal_at(np.array([share]))[0] == pytest.approx(expected, rel=1e-14, abs=1e-14)


def test_an_unbounded_distribution_ends_at_infinity() -> None:
    assert standard_normal_at(np.array([0.0, 0.5, 1.0])).tolist() == [-math.inf, 0.0, math.inf]
    assert Geometric(mean=2).at(np.array([0.0, 1.0])).tolist() == [0.0, math.inf]


@pytest.mark.parametrize("distribution", [Normal(mean=3, sd=2), LogNormal(median=5, sigma=0.8)])
def test_a_continuous_inverse_takes_the_share_back(distribution: Distribution) -> None:
    shares = np.linspace(0.001, 0.999, 57)
    back = [distribution.below(value) for value in distribution.at(shares)]
    assert back == pytest.approx(shares.tolist(), abs=1e-12)


@pytest.mark.parametrize(
    "distribution", [Poisson(mean=0.2), Poisson(mean=7.5), Geometric(mean=0.4), Geometric(mean=9)]
)
def test_a_whole_number_comes_with_its_own_share(distribution: Distribution) -> None:
    for count in range(6):
        low, high = distribution.below(count - 0.5), distribution.below(count + 0.5)
        assert (distribution.at(np.linspace(low, high, 12)[1:-1]) == count).all()
        if isinstance(distribution, Poisson):
            formula = math.exp(-distribution.mean) * distribution.mean**count / math.factorial(count)
        else:
            success = 1 / (1 + distribution.mean)  # type: ignore[attr-defined]
            formula = success * (1 - success) ** count
        assert high - low == pytest.approx(formula, abs=1e-12)
