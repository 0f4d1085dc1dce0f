"""Where a body comes a little through cloth, the cloth is not as dark as the inside of a body."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy.ndimage")

from datagen.render.bake.patching import COVERED, DEEPEST, patched, pits
from datagen.render.baked.layers import Garment, Layer
from tests.support.baked import figure, garments


def poked(side: int) -> tuple[Layer, Garment]:
    """A body of which a square comes through a T-shirt, and the T-shirt, dark there."""
    body, tee = figure().body, next(each for each in garments() if each.kind == "t_shirt")
    top, left = 200 - tee.layer.top, 210 - tee.layer.left
    place = slice(top, top + side), slice(left, left + side)
    depth, lit = np.full_like(tee.layer.depth, body.depth.max() + 5), tee.layer.lit.copy()
    part = np.full_like(body.part, COVERED[0])
    depth[place], lit[place] = body.depth.min() - 5, 0
    return body._replace(part=part), tee._replace(layer=tee.layer._replace(depth=depth, lit=lit))


def test_a_pit_is_lit_as_the_cloth_around_it_and_stays_where_it_is() -> None:
    body, tee = poked(8)
    pit = pits(body, tee)
    assert pit.sum() == 64
    again = patched(body, tee)
    assert tee.layer.lit[pit].max() == 0
    assert again.layer.lit[pit].min() > 0
    assert np.array_equal(again.layer.depth, tee.layer.depth)
    assert np.array_equal(again.layer.coverage, tee.layer.coverage)


def test_a_large_fault_is_left_to_be_seen() -> None:
    body, tee = poked(int(DEEPEST**0.5) + 2)
    assert not pits(body, tee).any()
    assert patched(body, tee) is tee
