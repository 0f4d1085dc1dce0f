"""Packed values: equal when unpacked, and small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.render.packing import bytes_of, packed, unpacked

DTYPES = ("uint8", "int8", "int16", "uint16", "int64", "uint32", "bool", "float64")


class Inner(NamedTuple):
    plane: npt.NDArray[Any]
    name: str


@dataclass(frozen=True, slots=True)
class Outer:
    inner: Inner | None
    planes: tuple[npt.NDArray[Any], ...]
    scale: float


@given(
    st.sampled_from(DTYPES),
    st.lists(st.integers(0, 7), max_size=3),
    st.integers(0, 2**32 - 1),
)
def test_an_array_is_equal_after_packing(dtype: str, shape: list[int], seed: int) -> None:
    count = int(np.prod(shape)) * np.dtype(dtype).itemsize
    noise = np.random.default_rng(seed).integers(0, 2 if dtype == "bool" else 256, count, np.uint8)
    array = noise.view(dtype).reshape(shape)
    again = unpacked(packed(array))
    assert (again.dtype, again.shape, again.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_arrays_are_packed_wherever_they_are() -> None:
    ramp = np.arange(40_000, dtype=np.int16).reshape(200, 200)
    value = Outer(Inner(ramp[:, ::-1], "a"), (ramp, ramp[::2]), 0.5)
    small = packed(value)
    assert 0 < bytes_of(small) < ramp.nbytes / 20
    again = unpacked(small)
    assert isinstance(again, Outer)
    assert isinstance(again.inner, Inner)
    assert (again.inner.name, again.scale) == ("a", 0.5)
    assert np.array_equal(again.inner.plane, ramp[:, ::-1])
    assert [plane.tolist() for plane in again.planes] == [ramp.tolist(), ramp[::2].tolist()]


@pytest.mark.parametrize("value", [Outer(None, (), 1.0), (), 3, None])
def test_what_holds_no_array_stays_as_it_is(value: Any) -> None:
    assert packed(value) == value == unpacked(value)
    assert bytes_of(value) == 0
