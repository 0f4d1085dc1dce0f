"""Parquet and Arrow files, from any author: batches of the selected columns, as they are.

Types are the file's own; unusual ones arrive as Arrow and are the caller's to cast. Only class labels, which
``datasets`` stores as numbers, become their names. Arrow trusts the offsets and text of a file; so nothing
leaves here unchecked (:meth:`pyarrow.RecordBatch.validate`), and a row that fails is invalid.
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

from datagen.arrow import numbers, ordinary, python_values, texts
from datagen.library_messages import text_is_not_utf8
from datagen.readers.source import (
    BATCH_BYTES,
    Batch,
    DataFile,
    InvalidRow,
    damage_as_input_error,
    printable,
    quoted,
    refuse_too_many_columns,
)
from datagen.readers.text_lines import NOT_TEXT
from datagen.schemas import InputError

DAMAGED = "is damaged"
READ_AHEAD = 1 << 16
"""Bytes of a column read at once; otherwise Arrow holds whole row groups, maybe gigabytes of pictures."""

Labels = dict[str, tuple[str, ...]]


def parquet_file(path: Path, where: str) -> DataFile:
    """A Parquet file; ``where`` names it in messages. Raises InputError."""
    with _open_parquet(path, where) as file:
        columns, labels = _columns(file.schema_arrow, where), _labels(file.schema_arrow)
        large = {field.name for field in file.schema_arrow if _is_large(field.type)}

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        with _open_parquet(path, where) as file:
            first = 0
            for at in range(file.num_row_groups):
                group = file.metadata.row_group(at)
                size = group.total_byte_size if large <= set(selected) else 0
                most = _rows_at_once(size, group.num_rows, rows)
                for batch in file.iter_batches(
                    most, row_groups=[at], columns=list(selected), use_threads=False
                ):
                    yield _checked(batch.select(list(selected)), first, labels)
                    first += batch.num_rows

    return DataFile(columns, True, read)


def arrow_file(path: Path, where: str) -> DataFile:
    """A file in Arrow's IPC format, as a file or a stream (.arrow, .feather). Raises InputError."""
    with _open_arrow(path, where) as (schema, _):
        columns, labels = _columns(schema, where), _labels(schema)

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        with _open_arrow(path, where, [columns.index(name) for name in selected]) as (_, batches):
            first = 0
            for whole in batches:
                whole.validate()
                most = _rows_at_once(whole.nbytes, whole.num_rows, rows)
                for start in range(0, whole.num_rows, most):
                    batch = whole.slice(start, most)
                    yield _checked(batch.select(list(selected)), first, labels)
                    first += batch.num_rows

    return DataFile(columns, True, read)


@contextmanager
def _open_parquet(path: Path, where: str) -> Iterator[pq.ParquetFile]:
    options = {"buffer_size": READ_AHEAD, "pre_buffer": False}
    with damage_as_input_error(where), pa.OSFile(str(path)) as raw, pq.ParquetFile(raw, **options) as file:
        yield file


@contextmanager
def _open_arrow(
    path: Path, where: str, fields: list[int] | None = None
) -> Iterator[tuple[pa.Schema, Iterable[pa.RecordBatch]]]:
    options = pa.ipc.IpcReadOptions(included_fields=sorted(fields) if fields else None)
    with damage_as_input_error(where), pa.OSFile(str(path)) as raw:
        is_stream = raw.read(6) != b"ARROW1"
        raw.seek(0)
        reader: Any = (pa.ipc.open_stream if is_stream else pa.ipc.open_file)(raw, options=options)
        with reader:
            count = 0 if is_stream else reader.num_record_batches
            yield reader.schema, reader if is_stream else map(reader.get_batch, range(count))


def _columns(schema: pa.Schema, where: str) -> tuple[str, ...]:
    refuse_too_many_columns(schema.names, where)
    twice = next((name for name in schema.names if schema.names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{where} has two columns called {quoted(twice)}; rename one of them.")
    for field in schema:
        _names_within(field.type)
    return tuple(schema.names)


def _names_within(kind: pa.DataType) -> list[str]:
    """The names of nested fields; raises UnicodeDecodeError for one that is not text, as later use would."""
    fields = [kind.field(at) for at in range(kind.num_fields)]
    return [field.name for field in fields] + [name for f in fields for name in _names_within(f.type)]


def _labels(schema: pa.Schema) -> Labels:
    """The names behind the numbers of columns that ``datasets`` calls class labels."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        class_labels = {
            name: tuple(feature["names"])
            for name, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {}
    return {
        name: labels
        for name, labels in class_labels.items()
        if name in schema.names
        and pa.types.is_integer(schema.field(name).type)
        and all(isinstance(label, str) for label in labels)
    }


def _is_large(kind: pa.DataType) -> bool:
    """Whether a column of this type may hold pictures."""
    return bool(pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _rows_at_once(size: int, count: int, most: int) -> int:
    """How many rows make a batch of about BATCH_BYTES, at most ``most``."""
    return max(1, min(most, BATCH_BYTES * count // max(1, size)))


def _checked(batch: pa.RecordBatch, first: int, labels: Labels) -> Batch:
    """A batch whose first row has the number ``first``, without its damaged rows."""
    rows = np.arange(first, first + batch.num_rows, dtype=np.int64)
    invalid: tuple[InvalidRow, ...] = ()
    try:
        batch.validate(full=True)
        table = pa.Table.from_batches([batch])
    except pa.ArrowInvalid:
        faults = [_fault(batch.slice(at, 1)) for at in range(batch.num_rows)]
        good = [batch.slice(at, 1) for at, fault in enumerate(faults) if fault is None]
        table = pa.Table.from_batches([pa.concat_batches(good)] if good else [], batch.schema)
        rows = rows[[fault is None for fault in faults]]
        invalid = tuple(
            InvalidRow(first + at, *fault) for at, fault in enumerate(faults) if fault is not None
        )
    columns = [_plain(table[name], labels.get(name)) for name in table.column_names]
    return Batch(rows, pa.Table.from_arrays(columns, names=table.column_names), invalid)


def _fault(row: pa.RecordBatch) -> tuple[str, str] | None:
    """Why a row cannot be used, and its text; None for a sound one."""
    cells = [part for column in row.columns for part in _parts(column)]
    faults = {_fault_of(cell) for cell in cells} - {""}
    if not faults:
        return None
    reason = DAMAGED if DAMAGED in faults else NOT_TEXT
    return reason, printable(", ".join(map(_cell_text, cells)))


def _parts(cell: pa.Array) -> list[pa.Array]:
    """The fields of a struct, whose validation as a whole would look at all of its rows."""
    return list(cell.flatten()) if pa.types.is_struct(cell.type) else [cell]


def _fault_of(cell: pa.Array) -> str:
    try:
        cell.validate(full=True)
    except pa.ArrowInvalid as error:
        return NOT_TEXT if text_is_not_utf8(error) else DAMAGED
    return ""


def _cell_text(cell: pa.Array) -> str:
    """One cell as text, as far as it can be read safely."""
    if pa.types.is_string(cell.type):
        cell = cell.view(pa.binary())
    if pa.types.is_nested(cell.type) or _fault_of(cell):
        return ""
    value = python_values(cell)[0]
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _plain(column: pa.ChunkedArray, labels: tuple[str, ...] | None) -> pa.ChunkedArray:
    """A column of an ordinary type, and with names for class labels; a number without one is null."""
    chunks = [ordinary(chunk) for chunk in column.chunks]
    column = pa.chunked_array(chunks) if chunks else pa.chunked_array([], pa.string())
    if labels is None:
        return column
    low, high = numbers(np.array([0, len(labels) - 1], dtype=np.int64))
    at = column.cast(pa.int64())
    known = pc.and_(pc.greater_equal(at, low), pc.less_equal(at, high))
    return texts(labels).take(pc.if_else(known, at, pa.nulls(len(at), pa.int64())))
