"""Textures in the cloth: periodic, filtered for the picture, the same in exact arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from datagen.render.composed.cloth import LARGEST, SMALLEST, Cloth, filtered, placed, places, texture_side
from datagen.render.composed.labels import Labels


def flat(shape: tuple[int, int], left: int = 0, top: int = 0, away: int = 0) -> Cloth:
    """Cloth of half a millimetre a pixel."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    none = np.zeros(0, np.uint8)
    labels = Labels(np.zeros(shape, np.uint8), np.zeros(0, np.int32), none, none)
    turned, front = np.full(shape, away, np.uint8), np.ones(shape, np.uint8)
    across, along = (columns + left).astype(np.int16), (rows + top).astype(np.int16)
    return Cloth(
        (0, 0, shape[1], shape[0]), across, along, turned, front, labels, (0, 0, 20), (0, 0, 20), 20.0
    )


@given(st.floats(0.1, 80), st.floats(0.3, 40))
def test_sides_are_powers_of_two(centimetres: float, unit: float) -> None:
    side = texture_side(centimetres, unit)
    assert SMALLEST <= side <= LARGEST
    assert side & (side - 1) == 0


@settings(max_examples=60, deadline=None)
@given(
    left=st.integers(-16000, 16000),
    top=st.integers(-16000, 16000),
    centimetres=st.sampled_from([2.0, 6.4, 12.8]),
)
def test_a_texture_repeats_after_its_size_whatever_the_sign(left: int, top: int, centimetres: float) -> None:
    side = 64
    period = round(centimetres * 20)
    here = places(flat((6, 6), left, top), side, centimetres)
    there = places(flat((6, 6), left + period, top - period), side, centimetres)
    # Within the rounding of a scale of 16 bits over at most 32,767 half millimetres.
    assert here.max() < side * side
    x, y = here % side, here // side
    assert (((x - there % side + 1) % side) <= 2).all()
    assert (((y - there // side + 1) % side) <= 2).all()
    wanted = np.floor((np.arange(6) + left) * side / period) % side
    assert (((x[0] - wanted + 1) % side) <= 2).all()


def test_cloth_that_turns_away_uses_the_second_texture() -> None:
    assert places(flat((3, 3), away=1), 32, 5.0).min() >= 32 * 32


def test_textures_are_filtered_without_a_seam() -> None:
    tile = Image.fromarray((np.indices((32, 32)).sum(axis=0) % 2 * 255).astype(np.uint8))
    near, far = (np.asarray(each, dtype=int) for each in filtered(tile, 8.0, 1.0))
    assert near.shape == far.shape == (32, 32)
    assert far.std() <= near.std() < 128
    assert abs(int(far[0].mean()) - int(far[16].mean())) <= 2


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([32, 64]), st.floats(2, 30), st.floats(0.5, 8))
def test_a_mirrored_tile_is_filtered_to_the_mirror_image(
    seed: int, side: int, centimetres: float, unit: float
) -> None:
    pixels = np.random.Generator(np.random.Philox(key=seed)).integers(0, 256, (side, side, 3), dtype=np.uint8)
    tiles = Image.fromarray(pixels), Image.fromarray(np.ascontiguousarray(pixels[:, ::-1]))
    for one, other in zip(*(filtered(tile, centimetres, unit) for tile in tiles), strict=True):
        assert np.array_equal(np.asarray(one)[:, ::-1], np.asarray(other))
    # So a lookup with all bits of the column flipped finds what the mirrored texture has there.
    at = places(flat((6, 6), 100), side, centimetres)
    assert np.array_equal((at ^ np.uint32(side - 1)) % side, side - 1 - at % side)


@pytest.mark.parametrize("mirror", [False, True])
def test_a_motif_lies_around_its_spot_and_is_turned_over_for_a_mirrored_picture(mirror: bool) -> None:
    cloth = flat((60, 60))
    found = placed(cloth, (30, 20, 20), (40, 20), mirror=mirror)
    assert found is not None
    (rows, columns), at = found
    assert (rows.min(), rows.max()) == (15, 24)
    assert abs(columns.min() - 20) <= 1
    assert abs(columns.max() - 39) <= 1
    first = at[(rows == 20) & (columns == columns.min())][0] % 40
    assert (first > 20) == mirror
    assert placed(cloth, (300, 300, 20), (40, 20), mirror=mirror) is None
