"""A bounded sample of a catalogue's rows: what a fit looks at, however many rows there are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import numbers, text
from datagen.columns.cells import as_text
from datagen.schemas import InputError
from datagen.schemas.keyed import U64, mix

SAMPLE_ROWS = 100_000
"""Rows that are looked at; of more, as many are drawn, evenly and the same ones every time."""

Tables = Callable[[Sequence[str] | None], Iterator[pa.Table]]
"""Reads a source from its start: these columns (None: all), in batches of raw cells."""

NESTED, PICTURE = "nested values", "pictures"


@dataclass(frozen=True)
class Sample:
    """Some rows of a source as they were read.

    ``table``: the sampled rows in order, raw cells; ``rows``: how many the source has; ``digest``: SHA-256 of
    all its cells as text; ``left_out``: columns that are not in the table and why: nested values or pictures.
    """

    name: str
    table: pa.Table
    rows: int
    digest: str
    left_out: dict[str, str]


def take_sample(name: str, tables: Tables, *, progress: Callable[[int], None] = lambda rows: None) -> Sample:
    """Read a source once, in bounded memory. Raises InputError for a source without rows."""
    left_out: dict[str, str] = {}
    columns: list[str] = []
    for first in tables(None):
        left_out = {each.name: why for each in first.schema if (why := _not_looked_at(each.type))}
        columns = [column for column in first.column_names if column not in left_out]
        break
    if not columns:
        raise InputError(f"{name} has no rows." if not left_out else f"{name} has no column of plain values.")
    kept: list[pa.Table] = []
    keys: list[U64] = []
    rows, worst = 0, np.uint64(2**64 - 1)
    digest = hashlib.sha256("\x1f".join(columns).encode("utf-8", "surrogatepass"))
    for table in tables(columns):
        if not len(table):
            continue
        digest.update(_cells(table))
        key = mix(np.arange(rows + 1, rows + 1 + len(table), dtype=np.uint64))
        rows += len(table)
        chosen = key < worst
        kept.append(table if chosen.all() else table.filter(numbers(chosen)))
        keys.append(key[chosen])
        if sum(map(len, keys)) > 2 * SAMPLE_ROWS:
            kept, keys, worst = _smallest(kept, keys)
        progress(rows)
    if not rows:
        raise InputError(f"{name} has no rows.")
    if sum(map(len, keys)) > SAMPLE_ROWS:
        kept, keys, worst = _smallest(kept, keys)
    return Sample(name, _joined(kept), rows, digest.hexdigest(), left_out)


def _smallest(kept: list[pa.Table], keys: list[U64]) -> tuple[list[pa.Table], list[U64], np.uint64]:
    key = np.concatenate(keys)
    worst = np.partition(key, SAMPLE_ROWS)[SAMPLE_ROWS]
    chosen = key < worst
    return [_joined(kept).filter(numbers(chosen))], [key[chosen]], worst


def _joined(tables: list[pa.Table]) -> pa.Table:
    """Some tables as one; a column whose type changes between them, as in JSON, becomes text."""
    if len({table.schema.remove_metadata() for table in tables}) == 1:
        return pa.concat_tables(tables).combine_chunks()
    columns = {
        name: pa.concat_arrays([as_text(table[name].combine_chunks(), "").values for table in tables])
        for name in tables[0].column_names
    }
    return pa.table(columns)


def _not_looked_at(kind: pa.DataType) -> str:
    if pa.types.is_struct(kind) and {"bytes", "path"} <= {field.name for field in kind}:
        return PICTURE
    if pa.types.is_nested(kind):
        return NESTED
    binary = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return PICTURE if any(check(kind) for check in binary) else ""


def _cells(table: pa.Table) -> bytes:
    """All cells of a table as text, so that the digest does not depend on how the rows are batched."""
    columns = [pc.fill_null(as_text(column.combine_chunks(), "").values, "\x00") for column in table.columns]
    joined = pc.binary_join_element_wise(*columns, text("\x1e"), text("\x1f"))
    return "".join(joined.to_pylist()).encode("utf-8", "surrogatepass")
