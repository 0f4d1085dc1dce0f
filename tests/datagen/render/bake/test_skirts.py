"""Skirts and dresses: pieces of a ring that unroll exactly, hems of the asked girth, seams that meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("scipy")

from datagen.render.bake.panels import cut, length
from datagen.render.bake.skirts import Dress, Skirt, dress_panels, ring_of, skirt_panels
from datagen.render.bake.tops import Top, body_panels
from tests.support.body import M


@pytest.mark.parametrize("cut_of", [Skirt(), Skirt(flare=1), Skirt(flare=140), Skirt(flare=20, full=1.7)])
def test_places_on_a_skirt_unroll_and_roll_up_again(cut_of: Skirt) -> None:
    ring = ring_of(M, cut_of)
    deep, share = (each.ravel() for each in np.meshgrid(np.linspace(0, 50, 11), np.linspace(-1, 1, 9)))
    again = ring.polar(ring.flat(deep, share))
    assert np.allclose(again[0], deep, atol=1e-5)
    assert np.allclose(again[1], share, atol=1e-5)


@pytest.mark.parametrize("flare", [10.0, 60.0, 140.0])
def test_a_hem_is_wider_than_the_hips_by_the_flare_and_as_long_in_front_as_behind(flare: float) -> None:
    panels, seams = skirt_panels(M, Skirt(hem=50, flare=flare, ease=3))
    cloth = cut(panels, seams)
    hems = [length(cloth.flat[cloth.edges[name, "hem"]]) for name in ("front", "back")]
    assert hems[0] == pytest.approx(hems[1])
    assert sum(hems) == pytest.approx(96 + 3 + flare, rel=0.02)
    # Cut as part of a ring, it is equally long everywhere.
    ring = ring_of(M, Skirt(hem=50, flare=flare, ease=3))
    deep, _ = ring.polar(cloth.flat[cloth.edges["front", "hem"]])
    assert np.allclose(deep, 50, atol=0.1)


def test_a_dress_is_sewn_at_the_waist_and_gathers_what_is_wider() -> None:
    bodice = Top(ease=6, waist=0.9, sleeve=0.3)
    for full in (1.0, 1.8):
        panels, seams = dress_panels(M, Dress(bodice, Skirt(full=full, flare=30)))
        cloth = cut(panels, seams)
        above, below = cloth.edges["front", "hem"], cloth.edges["skirt_front", "waist"]
        assert len(above) == len(below)
        ratio = length(cloth.flat[below]) / length(cloth.flat[above])
        assert ratio == pytest.approx(full, rel=0.04)
        # Left is sewn to left: places of a pair are on the same side.
        one, other = cloth.flat[above[0]], cloth.flat[below[::-1][0]]
        assert one[0] * other[0] > 0
        assert abs(float(cloth.start[above][:, 2].mean() - cloth.start[below][:, 2].mean())) < 1.0


def test_a_shirt_tail_is_lower_in_the_middle_and_a_swimsuit_meets_between_the_legs() -> None:
    shirt = Top(tail=6.0, hem=-10)
    panels, _ = body_panels(M, shirt)
    hem = panels[0].edges["hem"]
    assert hem[:, 1].min() == pytest.approx(M.joint - 10, abs=0.2)
    assert hem[0, 1] == pytest.approx(M.joint - 4, abs=0.2)
    panels, seams = body_panels(M, replace(shirt, legs=3.0, ease=-5, waist=1.0))
    cloth = cut(panels, seams)
    assert ("front", "crotch") in cloth.edges
    assert len(cloth.edges["front", "crotch"]) == len(cloth.edges["back", "crotch"])
    assert cloth.start[cloth.edges["front", "crotch"]][:, 2].max() < M.crotch
