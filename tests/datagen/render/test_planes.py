"""Arithmetic on planes of bytes, compared with floating point."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from datagen.render.planes import blend, doubled, flipped, full_where, looked_up, replace, stretched

Plane = npt.NDArray[np.uint8]


def plane(seed: int, *shape: int) -> Plane:
    rng = np.random.Generator(np.random.Philox(key=seed))
    return rng.integers(0, 256, shape, dtype=np.uint8)


sides = st.integers(1, 12)
seeds = st.integers(0, 2**32)


@given(seeds, sides, sides, st.integers(1, 7), st.data())
def test_an_enlarged_map_interpolates_between_its_points(
    seed: int, height: int, width: int, step: int, data: st.DataObject
) -> None:
    small = plane(seed, 2, height, width)
    shape = (data.draw(st.integers(1, height * step)), data.draw(st.integers(1, width * step)))
    large = stretched(small, step, shape)
    assert large.shape == (2, *shape)
    assert large.dtype == np.uint8
    y = np.clip((np.arange(shape[0]) + 0.5) / step - 0.5, 0, height - 1)
    x = np.clip((np.arange(shape[1]) + 0.5) / step - 0.5, 0, width - 1)
    for mine, theirs in zip(large, small.astype(float), strict=True):
        across = np.stack([np.interp(x, np.arange(width), row) for row in theirs])
        wanted = np.stack([np.interp(y, np.arange(height), column) for column in across.T], axis=1)
        assert np.abs(mine - wanted).max() <= 2.5


@given(seeds, sides, sides)
def test_a_doubled_plane_repeats_every_pixel_four_times(seed: int, height: int, width: int) -> None:
    half = plane(seed, height, width)
    for dtype in (np.uint8, np.int8, np.int32):
        made = doubled(half.astype(dtype))
        assert made.dtype == dtype
        for y in (0, 1):
            for x in (0, 1):
                assert np.array_equal(made[y::2, x::2], half.astype(dtype))


@given(seeds, sides, st.integers(1, 40))
def test_flipped_planes_are_mirror_images_at_any_width(seed: int, height: int, width: int) -> None:
    planes = plane(seed, 3, height, width)
    made = flipped(planes)
    assert np.array_equal(made, planes[..., ::-1])
    assert made.flags.c_contiguous


@given(seeds, seeds, sides, sides)
def test_what_a_mask_covers_is_replaced_and_nothing_else(
    seed: int, other: int, height: int, width: int
) -> None:
    under, over = plane(seed, 3, height, width), plane(other, 3, height, width)
    where = over[0] > 100
    made = under.copy()
    replace(made, over, full_where(where))
    assert np.array_equal(made, np.where(where, over, under))


@given(seeds, seeds, sides, sides)
def test_a_lookup_takes_each_byte_from_the_table(seed: int, other: int, height: int, width: int) -> None:
    table, values = plane(other, 256), plane(seed, height, 2 * width)[:, ::2]
    found = looked_up(values, table.tobytes())
    assert np.array_equal(found, table[values])
    assert found.flags.writeable


@given(seeds, seeds, sides, sides, st.integers(0, 255))
def test_blending_is_exact_at_both_ends_and_close_in_between(
    seed: int, other: int, height: int, width: int, paint: int
) -> None:
    under, mask = plane(seed, 3, height, width), plane(other, height, width)
    mask[0, 0], mask[-1, -1] = 0, 255
    made = under.copy()
    blend(made, (0, 0, width, height), paint, mask)
    wanted = under + (paint - under.astype(float)) * (mask / 255)
    assert np.abs(made - wanted).max() < 1.01
    assert np.array_equal(made[:, mask == 0], under[:, mask == 0])
    assert (made[:, mask == 255] == paint).all()
