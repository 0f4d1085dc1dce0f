"""A batch of Arrow in slices that stay small once their dictionaries are expanded.

One value of a dictionary may stand in any number of rows, so a file of a few kilobytes can hold gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datagen.readers.source import BATCH_BYTES, MAX_ROW_CHARACTERS
from datagen.schemas import InputError

MOST_ROW_BYTES = 250_000_000
MOST_TEXT_BYTES = 4 * MAX_ROW_CHARACTERS
"""Of one text in a dictionary, which any number of rows may have."""


class TooLong(ValueError):
    """A dictionary has a text of so many bytes; never shown to users."""


def parts(batch: pa.RecordBatch, where: str) -> Iterator[pa.RecordBatch]:
    """Slices of about BATCH_BYTES. Raises InputError for a row of over MOST_ROW_BYTES."""
    try:
        size = sum(_expanded_bytes(column) for column in batch.columns)
    except TooLong as error:
        raise InputError(
            f"{where} has a text of {error.args[0]:,} bytes; at most {MOST_TEXT_BYTES:,} are read."
        ) from None
    if size <= BATCH_BYTES or (batch.num_rows == 1 and size <= MOST_ROW_BYTES):
        yield batch
    elif batch.num_rows <= 1:
        raise InputError(f"{where} has a row of {size:,} bytes; at most {MOST_ROW_BYTES:,} are read.")
    else:
        half = batch.num_rows // 2
        yield from parts(batch.slice(0, half), where)
        yield from parts(batch.slice(half), where)


def _expanded_bytes(array: Any) -> int:
    """The bytes of an array once its dictionaries are expanded."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _expanded_bytes(array.storage)
    if pa.types.is_dictionary(kind):
        value = kind.value_type
        if pa.types.is_string(value) or pa.types.is_binary(value) or pa.types.is_large_binary(value):
            each = pc.binary_length(array.dictionary)
            longest = pc.max(each).as_py() or 0
            if pa.types.is_string(value) and longest > MOST_TEXT_BYTES:
                raise TooLong(longest)
            lengths = each.take(array.indices)
            return len(array) * 8 + (pc.sum(lengths).as_py() or 0)
        return len(array) * 8 + int(array.dictionary.nbytes) * bool(len(array))
    if pa.types.is_struct(kind):
        return sum(_expanded_bytes(child) for child in array.flatten())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return len(array) * 8 + _expanded_bytes(array.flatten())
    return int(array.nbytes)
