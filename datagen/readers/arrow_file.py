"""Parquet and Arrow files, from anybody: batches of the columns that are asked for, as they are.

Types are the file's own: what is odd arrives as Arrow and is the caller's to cast. Only class labels, which
``datasets`` keeps as numbers, become their names. Arrow trusts offsets and text of a file; nothing leaves
here before it was checked (:meth:`pyarrow.RecordBatch.validate`), and a row that fails is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datagen.arrow import numbers, texts
from datagen.readers.source import (
    BATCH_BYTES,
    Batch,
    DataFile,
    Refused,
    damage_told,
    printable,
    quoted,
    refuse_too_many,
)
from datagen.readers.text_lines import NOT_TEXT
from datagen.schemas import InputError

DAMAGED = "is damaged"
READ_AHEAD = 1 << 16
"""Bytes of a column read at once; else Arrow holds whole row groups, which may be gigabytes of pictures."""

Labels = dict[str, tuple[str, ...]]


def parquet_file(path: Path, where: str) -> DataFile:
    """A Parquet file; ``where`` names it in messages. Raises InputError."""
    with _open_parquet(path, where) as file:
        columns, labels = _columns(file.schema_arrow, where), _labels(file.schema_arrow)
        large = {field.name for field in file.schema_arrow if _is_large(field.type)}

    def read(asked: tuple[str, ...], rows: int) -> Iterator[Batch]:
        with _open_parquet(path, where) as file:
            first = 0
            for at in range(file.num_row_groups):
                group = file.metadata.row_group(at)
                size = group.total_byte_size if large <= set(asked) else 0
                most = _rows_at_once(size, group.num_rows, rows)
                for found in file.iter_batches(most, row_groups=[at], columns=list(asked), use_threads=False):
                    yield _checked(found.select(list(asked)), first, labels)
                    first += found.num_rows

    return DataFile(columns, True, read)


def arrow_file(path: Path, where: str) -> DataFile:
    """A file in Arrow's IPC format, as a file or a stream (.arrow, .feather). Raises InputError."""
    with _open_arrow(path, where) as (schema, _):
        columns, labels = _columns(schema, where), _labels(schema)

    def read(asked: tuple[str, ...], rows: int) -> Iterator[Batch]:
        with _open_arrow(path, where, [columns.index(name) for name in asked]) as (_, batches):
            first = 0
            for whole in batches:
                whole.validate()
                most = _rows_at_once(whole.nbytes, whole.num_rows, rows)
                for start in range(0, whole.num_rows, most):
                    found = whole.slice(start, most)
                    yield _checked(found.select(list(asked)), first, labels)
                    first += found.num_rows

    return DataFile(columns, True, read)


@contextmanager
def _open_parquet(path: Path, where: str) -> Iterator[pq.ParquetFile]:
    options = {"buffer_size": READ_AHEAD, "pre_buffer": False}
    with damage_told(where), pa.OSFile(str(path)) as raw, pq.ParquetFile(raw, **options) as file:
        yield file


@contextmanager
def _open_arrow(
    path: Path, where: str, fields: list[int] | None = None
) -> Iterator[tuple[pa.Schema, Iterable[pa.RecordBatch]]]:
    options = pa.ipc.IpcReadOptions(included_fields=sorted(fields) if fields else None)
    with damage_told(where), pa.OSFile(str(path)) as raw:
        is_stream = raw.read(6) != b"ARROW1"
        raw.seek(0)
        reader: Any = (pa.ipc.open_stream if is_stream else pa.ipc.open_file)(raw, options=options)
        with reader:
            count = 0 if is_stream else reader.num_record_batches
            yield reader.schema, reader if is_stream else map(reader.get_batch, range(count))


def _columns(schema: pa.Schema, where: str) -> tuple[str, ...]:
    refuse_too_many(schema.names, where)
    twice = next((name for name in schema.names if schema.names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{where} has two columns called {quoted(twice)}; rename one of them.")
    for field in schema:
        _names_within(field.type)
    return tuple(schema.names)


def _names_within(kind: pa.DataType) -> list[str]:
    """The names of nested fields; raises UnicodeDecodeError for one that is no text, as later use would."""
    fields = [kind.field(at) for at in range(kind.num_fields)]
    return [field.name for field in fields] + [name for f in fields for name in _names_within(f.type)]


def _labels(schema: pa.Schema) -> Labels:
    """The names behind the numbers of columns that ``datasets`` calls class labels."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        found = {
            name: tuple(feature["names"])
            for name, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}
    return {
        name: labels
        for name, labels in found.items()
        if name in schema.names
        and pa.types.is_integer(schema.field(name).type)
        and all(isinstance(label, str) for label in labels)
    }


def _is_large(kind: pa.DataType) -> bool:
    """Whether a column of this type may hold pictures."""
    return bool(pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _rows_at_once(size: int, count: int, most: int) -> int:
    """So many rows that a batch of them has about BATCH_BYTES, at most ``most``."""
    return max(1, min(most, BATCH_BYTES * count // max(1, size)))


def _checked(found: pa.RecordBatch, first: int, labels: Labels) -> Batch:
    """A batch whose first row is number ``first``, without the rows that are not what they say they are."""
    rows = np.arange(first, first + found.num_rows, dtype=np.int64)
    refused: tuple[Refused, ...] = ()
    try:
        found.validate(full=True)
        table = pa.Table.from_batches([found])
    except pa.ArrowInvalid:
        faults = [_fault(found.slice(at, 1)) for at in range(found.num_rows)]
        good = [found.slice(at, 1) for at, fault in enumerate(faults) if fault is None]
        table = pa.Table.from_batches([pa.concat_batches(good)] if good else [], found.schema)
        rows = rows[[fault is None for fault in faults]]
        refused = tuple(Refused(first + at, *fault) for at, fault in enumerate(faults) if fault is not None)
    columns = [_plain(table[name], labels.get(name)) for name in table.column_names]
    return Batch(rows, pa.Table.from_arrays(columns, names=table.column_names), refused)


def _fault(row: pa.RecordBatch) -> tuple[str, str] | None:
    """Why one row cannot be used, and its text."""
    cells = [part for column in row.columns for part in _parts(column)]
    faults = {_fault_of(cell) for cell in cells} - {""}
    if not faults:
        return None
    reason = DAMAGED if DAMAGED in faults else NOT_TEXT
    return reason, printable(", ".join(map(_shown, cells)))


def _parts(cell: pa.Array) -> list[pa.Array]:
    """The fields of a struct, which as a whole would be judged by all of its rows."""
    return list(cell.flatten()) if pa.types.is_struct(cell.type) else [cell]


def _fault_of(cell: pa.Array) -> str:
    try:
        cell.validate(full=True)
    except pa.ArrowInvalid as error:
        return NOT_TEXT if "UTF8" in str(error) else DAMAGED
    return ""


def _shown(cell: pa.Array) -> str:
    """One cell as text, as far as it can be read without danger."""
    if pa.types.is_string(cell.type):
        cell = cell.view(pa.binary())
    if pa.types.is_nested(cell.type) or _fault_of(cell):
        return ""
    value = cell[0].as_py()
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _plain(column: pa.ChunkedArray, labels: tuple[str, ...] | None) -> pa.ChunkedArray:
    """A column without an extension type, and with names for class labels; a number without one is null."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    if labels is None:
        return column
    low, high = numbers(np.array([0, len(labels) - 1], dtype=np.int64))
    at = column.cast(pa.int64())
    known = pc.and_(pc.greater_equal(at, low), pc.less_equal(at, high))
    return texts(labels).take(pc.if_else(known, at, pa.nulls(len(at), pa.int64())))
