"""Light on sheets: only what is seen is lit, and that alone decides the picture."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.render.composed.sheet_light import claim, picked, seams, sources
from datagen.render.composed.window import Window, resampled, spot_of
from tests.support.baked import figure


@settings(max_examples=60, deadline=None)
@given(
    left=st.floats(-8, 20),
    top=st.floats(-8, 20),
    scale=st.floats(0.12, 5.0),
    seed=st.integers(0, 2**32),
)
def test_pixels_that_are_no_sources_change_nothing_that_is_wanted(
    left: float, top: float, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    plane, other = rng.integers(0, 256, (2, 40, 30)).astype(np.uint8)
    window = Window(left, top, scale, (0, 0, 50, 60))
    spot = spot_of(window, 3, 4, plane.shape)
    if spot is None:
        return
    x0, y0, x1, y1 = spot.target
    wanted = rng.random((y1 - y0, x1 - x0)) < 0.02
    needed = sources(window, spot, plane.shape, wanted)
    changed = np.where(needed, plane, other)
    assert np.array_equal(resampled(window, spot, plane)[wanted], resampled(window, spot, changed)[wanted])


def test_a_pixel_is_claimed_by_half_or_where_it_is_nobodys() -> None:
    owner = np.array([[0, 0, 0, 1, 1, 1]], np.uint8)
    claim(owner, np.array([[0, 1, 200, 0, 127, 128]], np.uint8), 2)
    assert owner.tolist() == [[0, 2, 2, 1, 1, 2]]


def test_picked_pixels_are_those_of_the_mask_row_by_row() -> None:
    layer = figure().body
    mask = np.random.default_rng(0).random(layer.part.shape) < 0.3
    found = picked(layer, mask)
    for name in ("part", "normal", "cloth", "open", "lit"):
        assert np.array_equal(getattr(found, name), getattr(layer, name)[mask])


def test_seams_are_lines_between_parts() -> None:
    part = np.array([[1, 1, 2], [1, 1, 2], [3, 3, 3]], np.uint8)
    assert seams(part).tolist() == [[0, 0, 255], [0, 0, 255], [255, 255, 255]]
