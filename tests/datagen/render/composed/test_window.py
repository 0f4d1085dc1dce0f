"""Resampling from the frame to a picture: exact where it can be, continuous where it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from datagen.render.composed.window import (
    JUMP,
    Window,
    extent,
    interpolated,
    jumps,
    nearest,
    padded,
    resampled,
    sharpened,
    softened,
    spot_of,
    table_of,
)
from datagen.render.planes import looked_up

SIDES, SEEDS = st.integers(1, 40), st.integers(0, 2**32)
ROWS, COLUMNS = np.mgrid[0:40, 0:30]
RAMP = (COLUMNS * 6 + ROWS * 2).astype(np.uint8)
CLOTH = (COLUMNS * 7 - ROWS * 5).astype(np.int16)


def test_pixels_of_the_frame_are_copied_where_they_are_pixels_of_the_picture() -> None:
    window = Window(10.0, 20.0, 1.0, (-4, -4, 60, 80))
    spot = spot_of(window, 15, 30, RAMP.shape)
    assert window.exact
    assert spot is not None
    assert spot.target == (5, 10, 35, 50)
    assert np.array_equal(resampled(window, spot, RAMP), RAMP)
    assert np.array_equal(interpolated(window, spot, CLOTH), CLOTH)
    assert np.array_equal(nearest(window, spot, CLOTH), CLOTH)


@settings(max_examples=60, deadline=None)
@given(
    left=st.floats(-20, 40),
    top=st.floats(-20, 40),
    scale=st.floats(0.15, 6.0),
    width=st.integers(8, 60),
    height=st.integers(8, 60),
)
def test_a_ramp_stays_a_ramp_at_any_scale_and_place(
    left: float, top: float, scale: float, width: int, height: int
) -> None:
    window = Window(left, top, scale, (0, 0, width, height))
    spot = spot_of(window, 3, 4, CLOTH.shape)
    if spot is None:
        return
    x0, y0, x1, y1 = spot.target
    assert 0 <= x0 < x1 <= width
    assert 0 <= y0 < y1 <= height
    found = interpolated(window, spot, CLOTH)
    assert (
        found.shape
        == (y1 - y0, x1 - x0)
        == resampled(window, spot, RAMP).shape
        == nearest(window, spot, RAMP).shape
    )
    x = (np.arange(x0, x1) + 0.5) / scale + left - 3 - 0.5
    y = (np.arange(y0, y1) + 0.5) / scale + top - 4 - 0.5
    inside = (x[None] > 1) & (x[None] < 28) & (y[:, None] > 1) & (y[:, None] < 38)
    wanted = x[None] * 7 - y[:, None] * 5
    assert (np.abs(found - wanted)[inside] <= 2).all()


def test_between_two_pieces_the_nearest_coordinate_is_taken() -> None:
    plane = np.repeat(np.array([[0, 0, 4000, 4000]], np.int16), 4, axis=0)
    window = Window(0.0, 0.0, 3.0, (0, 0, 12, 12))
    spot = spot_of(window, 0, 0, plane.shape)
    assert spot is not None
    assert set(np.unique(interpolated(window, spot, plane))) == {0, 4000}
    assert JUMP < 4000


@pytest.mark.parametrize("scale", [1.5, 3.0, 6.0])
def test_an_enlarged_edge_is_as_steep_as_the_pictures_pixels(scale: float) -> None:
    mask = np.zeros((12, 12), np.uint8)
    mask[:, 6:] = 255
    window = Window(0.0, 0.0, scale, (0, 0, round(12 * scale), round(12 * scale)))
    spot = spot_of(window, 0, 0, mask.shape)
    assert spot is not None
    row = sharpened(window, resampled(window, spot, mask, edge=False))[6]
    soft = ((row > 8) & (row < 247))[2:-2].sum()
    assert soft <= 3


def test_a_layer_outside_the_picture_is_not_shown() -> None:
    assert spot_of(Window(0.0, 0.0, 1.0, (0, 0, 20, 20)), 25, 0, (10, 10)) is None


def noise(width: int, height: int, seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)


@given(SIDES, SIDES, SEEDS)
def test_a_softened_plane_is_that_of_pillow(width: int, height: int, seed: int) -> None:
    plane = noise(width, height, seed)
    blurred = np.asarray(Image.fromarray(plane).filter(ImageFilter.BoxBlur(1)))
    assert np.array_equal(softened(plane), blurred)


@given(SIDES, SIDES, SEEDS, st.integers(1, 6), st.booleans())
def test_a_plane_is_padded_as_numpy_pads_it(width: int, height: int, seed: int, pad: int, edge: bool) -> None:
    plane = noise(width, height, seed)
    wanted = np.pad(plane, pad, mode="edge") if edge else np.pad(plane, pad)
    assert np.array_equal(padded(plane, pad, edge=edge), wanted)


@given(SIDES, SIDES, SEEDS)
def test_nothing_lies_outside_the_extent_of_a_mask_and_something_on_its_sides(
    width: int, height: int, seed: int
) -> None:
    mask = noise(width, height, seed) > 250
    found = extent(mask)
    if found is None:
        assert not mask.any()
        return
    part = mask[found]
    assert part.sum() == mask.sum()
    assert all(side.any() for side in (part[0], part[-1], part[:, 0], part[:, -1]))


def test_a_table_has_an_entry_for_each_byte() -> None:
    plane = noise(9, 7, 0)
    table = table_of(255 - value for value in range(200))
    assert np.array_equal(looked_up(plane, table), np.where(plane < 200, 255 - plane, 0))


def test_jumps_are_found_to_the_right_of_and_below_a_step() -> None:
    plane = np.zeros((3, 4), np.int16)
    plane[:, 2:] = 50
    assert jumps((plane, CLOTH[:3, :4]), 10).tolist() == [[0, 0, 1, 0]] * 3
    assert not jumps((plane, CLOTH[:3, :4]), 60).any()
