"""Values that hold arrays, with their arrays packed: a stencil takes an eighth of its memory."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

T = TypeVar("T")

_CODEC = pa.Codec("zstd", 1)


@dataclass(frozen=True, slots=True)
class PackedArray:
    """An array as compressed differences between its rows, which are mostly 0; of floats, as it is."""

    content: bytes
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


def packed(value: T) -> T:
    """The value with a :class:`PackedArray` for every array in its tuples and dataclasses, however deep."""
    result: T = _mapped(value, np.ndarray, _packed_array)
    return result


def unpacked(value: T) -> T:
    """What :func:`packed` was given; the arrays are equal, but contiguous."""
    result: T = _mapped(value, PackedArray, _unpacked_array)
    return result


def bytes_of(value: Any) -> int:
    """The memory of what :func:`packed` gives, in bytes; what is no array counts as nothing."""
    sizes: list[int] = []
    _mapped(value, PackedArray, lambda array: sizes.append(len(array.content)))
    return sum(sizes)


def _mapped(value: Any, type_: type, change: Any) -> Any:
    if isinstance(value, type_):
        return change(value)
    if isinstance(value, tuple):
        every = [_mapped(each, type_, change) for each in value]
        return type(value)(*every) if hasattr(value, "_fields") else tuple(every)
    if dataclasses.is_dataclass(value) and not isinstance(value, type | PackedArray):
        names = [field.name for field in dataclasses.fields(value)]
        return type(value)(*(_mapped(getattr(value, name), type_, change) for name in names))
    return value


def _packed_array(array: npt.NDArray[Any]) -> PackedArray:
    rows = np.ascontiguousarray(array)
    if rows.ndim and rows.dtype.kind != "f":
        rows = rows.view(f"u{rows.dtype.itemsize}")
        steps = rows.copy()
        steps[1:] -= rows[:-1]  # wraps around, as the sum does
        rows = steps
    return PackedArray(bytes(_CODEC.compress(rows.tobytes())), array.dtype, array.shape)


def _unpacked_array(array: PackedArray) -> npt.NDArray[Any]:
    size = int(np.prod(array.shape)) * array.dtype.itemsize
    content = _CODEC.decompress(array.content, size)
    if not array.shape or array.dtype.kind == "f":
        return np.frombuffer(content, array.dtype).reshape(array.shape)
    steps = np.frombuffer(content, f"u{array.dtype.itemsize}").reshape(array.shape)
    return np.cumsum(steps, axis=0, dtype=steps.dtype).view(array.dtype)
