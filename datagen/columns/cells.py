"""Cells of any Arrow type as text, numbers, flags and dates; cells that are none get a reason.

Every function takes a column of a source and returns the values, null where a cell has none, and the
faults. Nothing is guessed: "1,290" is thousands and "12,90" a decimal comma, but beside decimal commas
"1,290" and "1.290" may mean two numbers each, and are faults.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrow import NoPythonValue, python_values
from datagen.arrow import numbers as as_arrow
from datagen.schemas.schema import DType

Mask = NDArray[np.bool_]
"""One truth value for each row."""

LONGEST = 2000
"""Characters of a text; no catalogue shows a longer one."""

_BLANKS = r"[\s\x00-\x1f\x7f]+"
_CURRENCY = r"^(?:[\p{Sc}]|[A-Za-z]{1,3}\.?[\p{Sc}]?)?\s*([+-]?[0-9][0-9.,]*)\s*(?:[\p{Sc}]|[A-Za-z]{3})?$"
_PLAIN = r"^[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]+)?$"
_DECIMAL_COMMA = r"^([+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)),([0-9]{1,2})$"
_EITHER = r"^[+-]?[0-9]{1,3}(?:[.,][0-9]{3})$"
_DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$"
_TRUE, _FALSE = ("1", "true", "yes"), ("0", "false", "no")
_LARGEST_WHOLE = 2.0**53


@dataclass(frozen=True)
class Cells:
    """A column of one batch: its values, and (which rows, why) for those that are wrong."""

    values: pa.Array
    faults: tuple[tuple[Mask, str], ...] = ()


def as_text(column: pa.Array, missing: str) -> Cells:
    """Cells as text, blanks made plain; null where only blanks or the text for missing are left."""
    texts, undecodable = _decoded(column)
    texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(texts, _BLANKS, " "))
    absent = pc.or_(pc.equal(texts, ""), pc.equal(texts, missing))
    texts = pc.if_else(pc.fill_null(absent, True), _nothing(texts), texts)
    long = _mask(pc.greater(pc.utf8_length(texts), LONGEST))
    faults = ((undecodable, "is not UTF-8"), (long, f"is longer than {LONGEST:,} characters"))
    return Cells(texts, tuple((mask, reason) for mask, reason in faults if mask.any()))


def as_numbers(column: pa.Array, missing: str, *, whole: bool = False) -> Cells:
    """Cells as float64, or int64 where ``whole``: plain numbers, a currency and commas allowed."""
    kind = column.type
    unclear = np.zeros(len(column), dtype=bool)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = column.cast(pa.float64(), safe=False)
        values = pc.if_else(pc.is_nan(values), _nothing(values), values)
        odd = np.zeros(len(column), dtype=bool)
    else:
        cells = as_text(column, missing)
        bare = pc.replace_substring_regex(cells.values, _CURRENCY, r"\1")
        bare, unclear = _with_points(bare)
        odd = _mask(pc.invert(pc.match_substring_regex(bare, _PLAIN)))
        bare = pc.if_else(as_arrow(odd | unclear), _nothing(bare), bare)
        bare = pc.replace_substring(pc.replace_substring(bare, ",", ""), "+", "")
        values = bare.cast(pa.float64())
    odd |= _mask(pc.invert(pc.is_finite(values)))
    faults = [(odd, "is not a number"), (unclear, "may mean two numbers")]
    if whole:
        uneven = ~odd & _mask(pc.not_equal(pc.round(values), values))
        uneven |= ~odd & _mask(pc.greater(pc.abs(values), _LARGEST_WHOLE))
        faults.append((uneven, "is not a whole number"))
        values = pc.if_else(as_arrow(odd | uneven), _nothing(values), values).cast(pa.int64())
    return Cells(values, tuple((mask, reason) for mask, reason in faults if mask.any()))


def _with_points(texts: pa.Array) -> tuple[pa.Array, Mask]:
    """Decimal commas as points, and which cells beside them may have a decimal or a thousands mark."""
    commas = _mask(pc.match_substring_regex(texts, _DECIMAL_COMMA))
    if not commas.any():
        return texts, commas
    unclear = _mask(pc.match_substring_regex(texts, _EITHER))
    parts = pc.replace_substring_regex(texts, _DECIMAL_COMMA, r"\1;\2")
    points = pc.replace_substring(pc.replace_substring(parts, ".", ""), ";", ".")
    return pc.if_else(as_arrow(commas), points, texts), unclear


def as_flags(column: pa.Array, missing: str) -> Cells:
    """Cells as int64, 0 or 1: numbers, or true and false, yes and no in any case."""
    texts = pc.utf8_lower(as_text(column, missing).values)
    texts = pc.replace_substring_regex(texts, r"^([01])\.0+$", r"\1")
    yes, no = (_among(texts, words) for words in (_TRUE, _FALSE))
    odd = _mask(pc.is_valid(texts)) & ~yes & ~no
    values = pc.if_else(as_arrow(yes | no), as_arrow(yes.astype(np.int64)), pa.nulls(len(texts), pa.int64()))
    return Cells(values, ((odd, "is neither 0 nor 1"),) if odd.any() else ())


def as_dates(column: pa.Array, missing: str) -> Cells:
    """Cells as date32: dates, midnights, or texts such as 2024-02-29, midnight allowed after it."""
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"), safe=False)
        days = column.cast(pa.date32(), safe=False)
        odd = _mask(pc.not_equal(column, days.cast(column.type)))
    else:
        texts = pc.replace_substring_regex(as_text(column, missing).values, _DAY, r"\1")
        days = pc.strptime(texts, format="%Y-%m-%d", unit="s", error_is_null=True).cast(pa.date32())
        # A reader of dates may take more than dates: only what is written again as it was is one.
        odd = _mask(pc.is_valid(texts)) & ~_mask(pc.equal(days.cast(pa.string()), texts))
    values = pc.if_else(as_arrow(odd), _nothing(days), days)
    return Cells(values, ((odd, "is not a date"),) if odd.any() else ())


def as_dtype(column: pa.Array, dtype: DType, missing: str) -> Cells:
    """Cells as the Arrow type of a dtype of a schema; not for pictures."""
    if dtype == "string":
        return as_text(column, missing)
    if dtype == "bool":
        cells = as_flags(column, missing)
        return Cells(cells.values.cast(pa.bool_()), cells.faults)
    if dtype == "date32":
        return as_dates(column, missing)
    return as_numbers(column, missing, whole=dtype == "int64")


def _among(texts: pa.Array, words: tuple[str, ...]) -> Mask:
    among = np.zeros(len(texts), dtype=bool)
    for word in words:
        among |= _mask(pc.equal(texts, word))
    return among


def _decoded(column: pa.Array) -> tuple[pa.Array, Mask]:
    """Any Arrow array as strings, and which cells are bytes that are not text."""
    kind, bad = column.type, np.zeros(len(column), dtype=bool)
    if pa.types.is_dictionary(kind):
        return _decoded(column.dictionary_decode())
    if isinstance(kind, pa.BaseExtensionType):
        return _decoded(column.storage)
    if pa.types.is_floating(kind):
        return _floats(column.cast(pa.float64())), bad
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _bytes(column.cast(pa.binary()))
    if _is_text(kind):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:  # a Parquet file may hold any bytes as text
            return _bytes(column.cast(pa.binary()))
        return column.cast(pa.string()), bad
    if pa.types.is_nested(kind):
        return _from_python([_as_json(value) for value in python_values(column)]), bad
    try:
        return column.cast(pa.string()), bad
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _from_python([None if value is None else str(value) for value in python_values(column)]), bad


def shown(column: pa.Array) -> tuple[pa.Array, Mask]:
    """Cells of any type as strings, and which of them no value of Python and so no text can hold."""
    values = python_values(column)
    bad = np.array([isinstance(value, NoPythonValue) for value in values], dtype=bool)
    texts = [None if value is None or lost else str(value) for value, lost in zip(values, bad, strict=True)]
    return _from_python(texts), bad


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _floats(column: pa.Array) -> pa.Array:
    """450.0 as "450": a code or a size that a reader took for a number."""
    column = pc.if_else(pc.is_nan(column), _nothing(column), column)
    even = pc.and_(pc.equal(pc.round(column), column), pc.less(pc.abs(column), _LARGEST_WHOLE))
    whole = pc.if_else(even, column, _nothing(column)).cast(pa.int64()).cast(pa.string())
    return pc.if_else(pc.fill_null(even, False), whole, column.cast(pa.string()))


def _bytes(column: pa.Array) -> tuple[pa.Array, Mask]:
    texts: list[str | None] = []
    bad = np.zeros(len(column), dtype=bool)
    for at, content in enumerate(column.to_pylist()):
        try:
            texts.append(None if content is None else content.decode("utf-8"))
        except UnicodeDecodeError:
            texts.append(None)
            bad[at] = True
    return _from_python(texts), bad


def _as_json(value: object) -> str | None:
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, default=plain)


def plain(value: object) -> Any:
    """A value that JSON cannot hold, in a few characters: bytes by their number, the rest by its text."""
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else str(value)


def _from_python(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def _nothing(like: pa.Array) -> pa.Array:
    return pa.nulls(len(like), like.type)


def _mask(holds: pa.Array) -> Mask:
    """An Arrow truth value as NumPy's, null as false."""
    mask: Mask = pc.fill_null(holds, False).to_numpy(zero_copy_only=False).astype(bool)
    return mask
