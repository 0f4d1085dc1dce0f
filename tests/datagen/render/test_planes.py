"""Arithmetic on planes of bytes, compared with floating point."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from datagen.render.planes import blend, doubled, stretched

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
