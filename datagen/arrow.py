"""Arrow arrays of Python strings, bytes and NumPy numbers, built from their buffers.

``pyarrow.array`` imports pandas to check whether its input is a pandas object, which costs a quarter of a
second and some 40 MB in every process; and for pictures it takes five times as long.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
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


NOT_PYTHON = (pa.ArrowException, ValueError, OverflowError, TypeError, KeyError, OSError, RecursionError)
"""What pyarrow raises for values that Python does not have: years beyond 9999, unknown time zones (KeyError,
and OSError for the name of a folder), structs with two fields of one name, and types without a conversion."""


class NoPythonValue:
    """In place of a cell that Python cannot hold; its text names the type."""

    def __init__(self, kind: pa.DataType) -> None:
        self._kind = str(kind)[:100]

    def __str__(self) -> str:
        return f"<{self._kind}>"


def python_values(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    """Cells of any type as Python values, a :class:`NoPythonValue` for each that Python cannot hold."""
    try:
        return list(column.to_pylist())
    except NOT_PYTHON:
        return [_python_value(column, at) for at in range(len(column))]


def _python_value(column: pa.Array | pa.ChunkedArray, at: int) -> Any:
    try:
        return column[at].as_py()
    except NOT_PYTHON:
        return NoPythonValue(column.type)


def ordinary(column: pa.Array) -> pa.Array:
    """A column of a type that all of Arrow's functions take; columns of other types as JSON or plain text.

    Views, run-end-encoded and extension arrays become what they stand for; times of an unknown zone lose it.
    A cell that nothing can show is the text of a :class:`NoPythonValue`.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return ordinary(column.storage)
    if pa.types.is_run_end_encoded(kind):
        with suppress(pa.ArrowNotImplementedError):
            return ordinary(pc.run_end_decode(column))
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        return column.cast(pa.string() if pa.types.is_string_view(kind) else pa.binary())
    if pa.types.is_timestamp(kind) and not _is_ordinary(kind):
        return column.cast(pa.timestamp(kind.unit))
    if _is_ordinary(kind):
        return column
    if pa.types.is_dictionary(kind) and not pa.types.is_nested(kind.value_type):
        return ordinary(ordinary(column.dictionary).take(column.indices))
    return pa.array([_json(value) for value in python_values(column)], pa.string())


def _is_ordinary(kind: pa.DataType) -> bool:
    if pa.types.is_timestamp(kind):
        return kind.tz is None or _is_zone(kind.tz)
    if pa.types.is_dictionary(kind):
        return kind.value_type in _TEXTS
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _is_ordinary(kind.value_type)
    if pa.types.is_struct(kind):
        fields = [kind.field(at) for at in range(kind.num_fields)]
        names = {field.name for field in fields}
        return len(names) == len(fields) > 0 and all(_is_ordinary(field.type) for field in fields)
    plain = pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind)
    return bool(plain or kind in _TEXTS or pa.types.is_fixed_size_binary(kind))


_TEXTS = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())


@cache
def _is_zone(name: str) -> bool:
    """Whether a time zone is known here, to Arrow and to Python."""
    moment = pa.Array.from_buffers(pa.timestamp("s", tz=name), 1, [None, pa.py_buffer(bytes(8))])
    try:
        return moment[0].as_py() is not None and len(moment.cast(pa.string())) == 1
    except NOT_PYTHON:
        return False


def _shown(value: Any) -> str:
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else str(value)


def _json(value: Any) -> str | None:
    if value is None:
        return None
    try:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_shown)
    except NOT_PYTHON:
        return str(NoPythonValue(pa.null()))
