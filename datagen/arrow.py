"""Arrow arrays of Python strings, bytes and NumPy numbers, built from their buffers.

``pyarrow.array`` imports pandas to check whether its input is a pandas object, which costs a quarter of a
second and some 40 MB in every process; and for pictures it takes five times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def texts(values: Sequence[str]) -> pa.Array:
    """Strings as an Arrow string array."""
    return _packed([value.encode() for value in values], pa.string())


def text(value: str) -> pa.Scalar:
    """One string as an Arrow scalar, without ``pyarrow.scalar``, which imports pandas too."""
    return texts([value])[0]


def contents(values: Sequence[bytes]) -> pa.Array:
    """Bytes as an Arrow binary array. Raises ValueError above 2 GiB in total."""
    return _packed(values, pa.binary())


def numbers(values: NDArray[Any]) -> pa.Array:
    """Integers, floats or booleans as an Arrow array of the same type."""
    if values.dtype == np.bool_:
        packed = np.packbits(values, bitorder="little")
        return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(packed)])
    plain = np.ascontiguousarray(values)
    return pa.Array.from_buffers(_TYPES[plain.dtype.name], len(plain), [None, pa.py_buffer(plain)])


COLUMN_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "date32": pa.date32(),
    "image": pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
}
"""The Arrow type of each dtype of a schema."""

_TYPES = {"int32": pa.int32(), "int64": pa.int64(), "float64": pa.float64()}


def _packed(values: Sequence[bytes], type_: pa.DataType) -> pa.Array:
    ends = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum([len(value) for value in values], out=ends[1:])
    if ends[-1] >= 2**31:
        raise ValueError("more than 2 GiB in one Arrow array")
    buffers = [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(type_, len(values), buffers)
