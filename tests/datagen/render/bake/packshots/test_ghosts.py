"""Garments as if on an invisible body: every one can be cut, and several become one layer."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("numba")
pytest.importorskip("embreex")

from datagen.render.bake.packshots.ghost_cuts import GHOSTS, SETS, cuts_of
from datagen.render.bake.packshots.ghosts import BODIES, joined
from datagen.render.bake.wardrobe import item_of
from datagen.render.baked.layers import PARTS
from tests.support.baked import layer_of

KINDS = sorted({each.split()[0] for kinds in GHOSTS.values() for each in kinds.split(",")})


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_the_table_names_is_in_the_wardrobe(kind: str) -> None:
    for wearers, cut in cuts_of(kind):
        assert wearers.split("-")[0] in BODIES
        for name in SETS[kind][cut] if kind in SETS else (f"{kind} {cut}",):
            assert f"{(item := item_of(name)).kind} {item.cut}" == name


def test_of_layers_that_are_joined_the_last_is_in_front_and_all_is_covered() -> None:
    below = layer_of({"body": (100, 200, 160, 300)}, {"body": 60})
    above = layer_of({"hem": (120, 150, 200, 240)}, {"hem": 60})
    both = joined([below, above])
    assert (both.left, both.top, both.coverage.shape) == (100, 150, (150, 100))
    assert joined([below]) is below
    own = both.part[:90, 20:]
    assert (own[above.coverage > 0] == PARTS.index("hem")).all()
    covered = np.zeros(both.coverage.shape, bool)
    covered[50:150, :60] |= below.coverage > 0
    covered[:90, 20:] |= above.coverage > 0
    assert np.array_equal(both.coverage > 0, covered)
    assert np.array_equal(both.depth[:90, 20:][above.coverage > 0], above.depth[above.coverage > 0])
