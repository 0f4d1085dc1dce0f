"""Making the values of drawn columns: one raw word a row, from which the row's value follows.

The words are keyed by seed and column, so no column shifts the values of another, and a row's value
depends on (profile, seed, row) alone. A row that needs several numbers takes further words of its own
(:func:`datagen.schemas.keyed.further`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import COLUMN_TYPES, numbers, text, texts
from datagen.columns import faker_calls
from datagen.product.blocks import BLOCK
from datagen.product.choices import Choices
from datagen.product.drawn import Boolean, Choice, Dates, FakerCall, Floats, Integers, Lookup, Text, Values
from datagen.schemas.keyed import I64, U64, further, unit, words
from datagen.schemas.schema import DType

Make = Callable[[Any, U64, DType], pa.Array]
"""Values of one kind: the entry's parameters, a raw word for each row, the column's dtype."""

_EPOCH = date(1970, 1, 1)
_TRUE = {"true": True, "false": False}

_MISSING, _FIRST_PART = 1, 2
"""Which of a row's further words decides whether its value is missing, and the first part of its text."""


def raw_words(seed: int, column: str, rows: I64) -> U64:
    """A raw word for each of some rows, in ascending order, of one column."""
    block, within = np.divmod(rows, BLOCK)
    raw = [
        words(seed, f"drawn/{column}", int(each), BLOCK)[within[block == each]] for each in np.unique(block)
    ]
    return np.concatenate(raw) if raw else np.empty(0, dtype=np.uint64)


def make(values: Values, raw: U64, dtype: DType) -> pa.Array:
    """The values (Arrow, of ``dtype``) that some raw words decide.

    Raises InputError where Faker returns what does not fit the dtype.
    """
    return _MAKERS[type(values)](values, raw, dtype)


def with_missing(values: pa.Array, raw: U64, share: float, missing: str) -> pa.Array:
    """Values, of which about this share are the text ``missing``, or null where they are no texts."""
    absent = unit(further(raw, _MISSING)) < share
    nothing = text(missing) if pa.types.is_string(values.type) else pa.scalar(None, values.type)
    return pc.if_else(numbers(absent), nothing, values)


def looked_up(values: Lookup, keys: pa.Array, dtype: DType) -> pa.Array:
    """What a table says of some values (Arrow, of ``dtype``)."""
    options = as_options(
        [*values.values.values(), values.otherwise or next(iter(values.values.values()))], dtype
    )
    place = pc.index_in(keys.cast(pa.string()), value_set=texts(list(values.values)))
    return options.take(pc.fill_null(place, len(values.values)))


def _steps(values: Integers | Floats, raw: U64) -> I64:
    """Multiples of 1 / scale, by inversion of the distribution between the bounds."""
    low, high = values.grid
    u = unit(raw)
    if values.distribution is None:
        steps = np.floor(u * (high - low + 1))
    else:
        below_low, below_high = values.shares(values.distribution)
        share = below_low + u * (below_high - below_low)
        # Infinities of an unbounded distribution's ends are cut before they become whole numbers.
        value = values.distribution.at(share) * values.scale
        steps = np.floor(np.clip(value, low, high) + 0.5) - low
    return low + np.clip(steps, 0, high - low).astype(np.int64)


def _integers(values: Integers, raw: U64, dtype: DType) -> pa.Array:
    return numbers(_steps(values, raw))


def _floats(values: Floats, raw: U64, dtype: DType) -> pa.Array:
    return numbers(_steps(values, raw) / values.scale)


def _choice(values: Choice, raw: U64, dtype: DType) -> pa.Array:
    options = list(values.root)
    picked = Choices([list(enumerate(values.root.values()))]).draw(0, unit(raw))
    return as_options(options, dtype).take(numbers(picked))


def as_options(options: Sequence[str], dtype: DType) -> pa.Array:
    """The values of a choice or a table in their column's dtype. Raises ValueError where one is not of it."""
    if dtype == "string":
        return texts(options)
    if dtype == "int64":
        return numbers(np.array([int(option) for option in options], dtype=np.int64))
    if dtype == "bool":
        return numbers(np.array([_TRUE[option.lower()] for option in options], dtype=bool))
    if dtype == "date32":
        days = [(date.fromisoformat(option) - _EPOCH).days for option in options]
        return numbers(np.array(days, dtype=np.int32)).cast(pa.date32())
    values = np.array([float(option) for option in options], dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("a number must be finite")
    return numbers(values)


def _dates(values: Dates, raw: U64, dtype: DType) -> pa.Array:
    span = values.last.toordinal() - values.first.toordinal() + 1
    first = (values.first - _EPOCH).days
    days = first + np.floor(unit(raw) * span).astype(np.int32)
    return numbers(days.astype(np.int32)).cast(pa.date32()).cast(COLUMN_TYPES[dtype])


def _booleans(values: Boolean, raw: U64, dtype: DType) -> pa.Array:
    return numbers(unit(raw) < values.root)


def _texts(values: Text, raw: U64, dtype: DType) -> pa.Array:
    joined: list[pa.Array | pa.Scalar] = []
    for at, options in enumerate(values.parts()):
        if len(options) == 1:
            joined.append(text(options[0]))
        else:
            picked = np.floor(unit(further(raw, _FIRST_PART + at)) * len(options)).astype(np.int32)
            joined.append(texts(options).take(numbers(picked)))
    # A column of empty texts first: parts that never change alone would give one value, not one a row.
    return pc.binary_join_element_wise(pa.repeat(text(""), len(raw)), *joined, text(""))


def _faker(values: FakerCall, raw: U64, dtype: DType) -> pa.Array:
    return faker_calls.values(values, raw, dtype)


_MAKERS: dict[type, Make] = {
    Integers: _integers,
    Floats: _floats,
    Choice: _choice,
    Dates: _dates,
    Boolean: _booleans,
    Text: _texts,
    FakerCall: _faker,
}
