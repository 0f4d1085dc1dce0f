"""Surfaces of the small wardrobe: what its cylinders are known to be, at every scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.render.baked.layers import PIXELS_PER_CM, Garment
from datagen.render.baked.packshots import Packshot
from datagen.render.composed import surfaces
from datagen.render.composed.packshots import Placed, Shot
from datagen.render.composed.surfaces import CAMERA, Surface
from datagen.render.composed.wardrobe import Outfit
from datagen.render.composed.window import Window, spot_of
from tests.support.baked import DEEP, figure, hides, layer_of

ANY = Outfit("ada-square", (), "full", False, "none")
WHOLE = Window(0.0, 0.0, 1.0, (0, 0, 480, 640))
WIDE = Garment(
    "trench_coat", "wide", "ada-square", "closed", 3,
    layer_of({"body": (130, 126, 350, 470)}, {"body": 125}), hides((190, 136, 290, 466)),
)  # fmt: skip
"""A coat so wide that the hand, at 160 to 184, hangs before it."""

HAND = (345, 172)
"""A place in the middle of the hand: row and column."""

Of = Callable[[Window], Surface]


@pytest.fixture
def of(monkeypatch: pytest.MonkeyPatch) -> Of:
    """The surface of the figure in the wide coat in a window."""

    def found(window: Window) -> Surface:
        monkeypatch.setattr(
            surfaces, "laid_out", lambda outfit, size: (figure(), [("product", WIDE)], window)
        )
        surfaces.clear()
        return surfaces.surface(ANY, (480, 640))

    return found


def test_a_hand_in_front_of_a_coat_is_nearer_than_the_coat(of: Of) -> None:
    seen = of(WHOLE)
    assert (seen.left, seen.top) == (0, 0)
    hand, coat = int(seen.depth[HAND]), int(seen.depth[300, 240])
    assert abs(hand - (CAMERA - DEEP["hand"])) <= 1
    assert abs(coat - (CAMERA - 125)) <= 1
    beside = int(seen.depth[345, 192])
    assert hand < beside, "the coat beside the hand is further away"
    assert seen.depth[20, 20] == 0


@pytest.mark.parametrize("scale", [0.4, 0.77, 1.0, 1.375, 3.0])
def test_the_left_of_a_cylinder_points_to_the_left_and_is_further_away(of: Of, scale: float) -> None:
    window = Window(0.0, 0.0, scale, (0, 0, round(480 * scale), round(640 * scale)))
    seen = of(window)
    row = round(250 * scale)
    left, middle, right = (round(column * scale) for column in (200, 240, 280))
    for plane, sign in ((seen.across[row].astype(int), 1), (seen.across[row, ::-1].astype(int), -1)):
        assert sign * (plane[left] - 128) < -20
        assert sign * (plane[right] - 128) > 20
        assert abs(plane[middle] - 128) < 15
    assert (abs(seen.down[row].astype(int) - 128) < 12)[left:right].all(), "cylinders stand upright"
    assert seen.depth[row, middle] < seen.depth[row, left]
    assert seen.depth[row, middle] < seen.depth[row, right]


@given(st.floats(0.3, 6.0), st.integers(30, 900), st.integers(1, 10))
def test_nothing_lies_between_a_surface_and_one_behind_it(scale: float, step: int, slope: int) -> None:
    """Two slopes, one before the other: at every scale a pixel is at the depth of one of them."""
    row = np.arange(40) * slope
    depth = np.tile(np.where(row < 20 * slope, row, row + step), (6, 1)).astype(np.int16)
    window = Window(0.0, 0.0, scale, (0, 0, round(40 * scale), round(6 * scale)))
    spot = spot_of(window, 0, 0, depth.shape)
    assert spot is not None
    near = CAMERA - surfaces._distances(window, spot, depth, CAMERA, PIXELS_PER_CM).astype(int)
    assert (np.diff(near, axis=0) == 0).all()
    at = (np.arange(near.shape[1]) + 0.5) / scale - 0.5
    expected = np.clip(at, 0, 39) * slope
    apart = np.minimum(np.abs(near[0] - expected), np.abs(near[0] - expected - step))
    # Half a pixel of the layer lies between its outermost pixels' middles and its edge.
    assert apart.max() <= slope / 2 + 1


def test_cloth_has_the_creases_that_light_shows_and_skin_has_none(of: Of) -> None:
    seen = of(WHOLE)
    layer = WIDE.layer
    flat = layer.normal[..., 0].astype(int)
    coat = seen.across[layer.top : layer.top + 344, layer.left : layer.left + 220].astype(int) - 128
    away = np.abs(coat - flat)[40:180, 60:160]
    assert 0.5 < away.mean() < 20, "tilted a little"
    body = figure().body
    face = slice(60, 100), slice(220, 260)
    own = body.normal[60 - body.top : 100 - body.top, 220 - body.left : 260 - body.left, 0].astype(int)
    assert np.array_equal(seen.across[face].astype(int) - 128, own)


def test_a_product_alone_is_as_far_away_as_it_is_enlarged(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = layer_of(
        {"body": (120, 160, 360, 460), "hardware": (230, 200, 250, 220)}, {"body": 60, "hardware": 70}
    )
    baked = Packshot("tote", "open", "front", 13.0, (0, 900, 500), (300, 700, 200), layer)
    window = Window(0.0, 0.0, 1.0, (0, 0, 480, 640))
    spot = spot_of(window, layer.left, layer.top, layer.coverage.shape)
    assert spot is not None
    monkeypatch.setattr(surfaces, "placed", lambda shot, size: Placed(baked, window, spot, 1.0))
    surfaces.clear()
    seen = surfaces.surface(Shot("tote", "open", "front", 1.0, False, "none"), (480, 640))
    camera = round(CAMERA * PIXELS_PER_CM / 13.0)
    assert camera == 1300, "the frame is four times larger than life, so the camera is at a quarter"
    assert (seen.left, seen.top) == (120, 160)
    assert abs(int(seen.depth[150, 120]) - (camera - 60)) <= 1
    assert abs(int(seen.depth[50, 120]) - (camera - 70)) <= 1
    clasp = layer.normal[40:60, 110:130, 0].astype(int)
    assert np.array_equal(seen.across[40:60, 110:130].astype(int) - 128, clasp), "metal has no creases"
    surfaces.clear()
