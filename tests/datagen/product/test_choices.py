"""A weighted choice gives each option its share, and options of weight 0 never."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.product.choices import Choices
from datagen.schemas.keyed import uniforms

WEIGHTS = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=8).filter(
    lambda w: sum(w) > 0
)
BELOW_ONE = st.floats(0, 1, exclude_max=True)


@given(st.lists(WEIGHTS, min_size=1, max_size=6), st.lists(BELOW_ONE, min_size=1, max_size=20), st.data())
def test_a_draw_stays_in_its_group_and_never_has_weight_zero(
    groups: list[list[float]], us: list[float], data: st.DataObject
) -> None:
    first = np.cumsum([0] + [len(group) for group in groups])
    options = [[(first[at] + k, w) for k, w in enumerate(group)] for at, group in enumerate(groups)]
    group = np.array(data.draw(st.lists(st.integers(0, len(groups) - 1), min_size=len(us), max_size=len(us))))
    drawn = Choices(options).draw(group, np.array(us))
    for at, option in zip(group, drawn, strict=True):
        assert dict(options[at])[option] > 0


@given(WEIGHTS, st.integers(0, 2**32))
def test_shares_follow_the_weights(weights: list[float], seed: int) -> None:
    count = 20_000
    drawn = Choices([list(enumerate(weights))]).draw(0, uniforms(seed, "x", 0, count))
    shares = np.bincount(drawn, minlength=len(weights)) / count
    expected = np.array(weights) / sum(weights)
    # Six standard deviations, so that no seed of a million fails.
    assert (np.abs(shares - expected) <= 6 * np.sqrt(expected * (1 - expected) / count) + 1e-3).all()


def test_the_last_uniform_below_one_picks_the_last_option() -> None:
    choices = Choices([[(0, 1), (1, 1)]] * 3000)
    assert choices.draw(np.array([2999]), np.array([np.nextafter(1, 0)])).tolist() == [1]


@pytest.mark.parametrize("group", [[], [(0, 0.0)]])
def test_a_group_without_weight_is_refused(group: list[tuple[int, float]]) -> None:
    with pytest.raises(ValueError, match="group 0"):
        Choices([group])
