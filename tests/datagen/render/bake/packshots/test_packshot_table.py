"""The table of solids: it is what was baked, and what is named elsewhere; solids are sound."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy")
pytest.importorskip("embreex")

from datagen.render.bake.packshots.shots import rougher
from datagen.render.bake.packshots.table import CUTS, SHOTS, SMALL, Shot
from datagen.render.baked import layers
from datagen.render.baked.layers import PARTS
from datagen.render.baked.packshots import packshot
from datagen.render.composed.packshot_kinds import COMPOSED, FRONT, JEWELS, MADE_OF, NEARER

NEW = [shot for shot in SHOTS if shot.kind in SMALL and shot.view == "front"]


def test_small_kinds_are_baked_as_the_table_says_and_kinds_have_the_names_of_others() -> None:
    small = {key for key in layers.index().packshots if key[0] in SMALL}
    assert {(shot.kind, shot.cut, shot.view) for shot in SHOTS if shot.kind in SMALL} == small
    assert {shot.kind for shot in SHOTS} == COMPOSED
    assert MADE_OF.keys() <= {(kind, cut) for kind, cut, *_ in CUTS}
    assert (SMALL.keys() | NEARER.keys() | JEWELS) <= COMPOSED


@pytest.mark.parametrize("shot", NEW, ids=lambda shot: f"{shot.kind} {shot.cut}")
def test_a_solid_has_sound_pieces_and_is_larger_than_its_motifs(shot: Shot) -> None:
    solid = shot.make()
    for one in solid.pieces:
        count = len(one.vertices)
        assert one.part in PARTS
        assert one.faces.min() >= 0
        assert one.faces.max() < count
        assert one.normal.shape == one.own.shape == (count, 3)
        assert one.flat.shape == (count, 2)
        assert all(np.isfinite(values).all() for values in (one.vertices, one.normal, one.flat))
    size = np.ptp(np.vstack([one.vertices for one in solid.pieces]), axis=0).max()
    assert 0 < solid.badge[2] <= solid.mark[2] < size


@pytest.mark.parametrize("shot", NEW, ids=lambda shot: f"{shot.kind} {shot.cut}")
def test_a_baked_solid_fills_its_frame_and_has_a_front_for_its_motifs(shot: Shot) -> None:
    layer = packshot(shot.kind, shot.cut, shot.view).layer
    high, wide = layer.coverage.shape
    assert high <= shot.high + 2
    assert wide <= shot.wide + 2
    assert high >= shot.high - 2 or wide >= shot.wide - 2
    assert (FRONT.take(layer.part) & (layer.coverage > 127)).sum() > 300


def test_rounding_changes_a_layer_by_half_a_step_at_most() -> None:
    layer = packshot("watch", "strap", "front").layer
    assert rougher(layer, 1) is layer
    for step in (2, 4):
        rough = rougher(layer, step)
        assert np.abs(rough.normal.astype(int) - layer.normal).max() <= step / 2 + 1
        for plane, wanted in ((rough.open, layer.open), (rough.lit, layer.lit)):
            assert np.abs(plane.astype(int) - wanted).max() <= step
            assert len(np.unique(plane)) <= 256 // (2 * step) + 1
        assert np.abs(rough.depth.astype(int) - layer.depth).max() <= step / 2
        assert np.array_equal(rough.part, layer.part)
