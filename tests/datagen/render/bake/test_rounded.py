"""Layers lose their last bits once, and nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datagen.render.bake.rounded import rounded
from datagen.render.baked.layers import Layer
from tests.support.baked import layer_of


def _layer(seed: int) -> Layer:
    chance = np.random.default_rng(seed)
    layer = layer_of({"body": (20, 30, 60, 90)}, {"body": 60})
    shape = layer.part.shape
    return layer._replace(
        open=chance.integers(0, 256, shape, np.uint8),
        lit=chance.integers(0, 256, shape, np.uint8),
        depth=chance.integers(-32_000, 32_000, shape, np.int16),
    )


@given(st.integers(0, 2**32 - 1))
def test_rounding_moves_light_by_one_and_depth_by_one_millimetre_at_most_and_is_done_once(seed: int) -> None:
    layer = _layer(seed)
    once = rounded(layer)
    for name in ("open", "lit", "depth"):
        before, after = getattr(layer, name).astype(int), getattr(once, name).astype(int)
        assert np.abs(after - before).max() == 1
        assert len(np.unique(after % 2)) == 1
        assert getattr(once, name).dtype == getattr(layer, name).dtype
        assert np.array_equal(getattr(rounded(once), name), getattr(once, name))
    for name in ("coverage", "part", "normal", "cloth"):
        assert getattr(once, name) is getattr(layer, name)


def test_what_is_fully_lit_stays_so() -> None:
    layer = _layer(1)._replace(open=np.full((60, 40), 255, np.uint8))
    assert (rounded(layer).open == 255).all()
