"""Parquet and Arrow files, from any author: batches of the selected columns, as they are.

Types are the file's own; unusual ones arrive as Arrow and are the caller's to cast. Only class labels, which
``datasets`` stores as numbers, become their names. Arrow trusts the offsets and text of a file; so nothing
leaves here unchecked (:meth:`pyarrow.RecordBatch.validate`), and a row that fails is invalid.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datagen.arrow import numbers, ordinary, python_values, texts
from datagen.library_messages import text_is_not_utf8
from datagen.readers.arrow_parts import parts
from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits, Watch
from datagen.readers.source import (
    BATCH_BYTES,
    Batch,
    DataFile,
    InvalidRow,
    Unread,
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

MOST_GROUP_BYTES = 4_000_000_000
"""Of a row group of Parquet, unpacked, as its metadata says."""

SMALL_GROUP_BYTES = 32_000_000
"""A row group of at most so many bytes may be in memory as a whole."""

Labels = dict[str, tuple[str, ...]]


def parquet_file(path: Path, where: str, limits: ReadLimits = DEFAULT_LIMITS) -> DataFile:
    """A Parquet file; ``where`` names it in messages. Raises InputError."""
    with _open_parquet(path, where) as file:
        columns, labels = _columns(file.schema_arrow, where), _labels(file.schema_arrow)
        large = {field.name for field in file.schema_arrow if _is_large(field.type)}
        texts, all_bytes = _dictionaries(file)

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        watch = Watch(where, limits)
        with (
            _open_parquet(path, where) as plain,
            _open_parquet(path, where, texts) as by_text,
            _open_parquet(path, where, all_bytes) as by_value,
        ):
            types = plain.schema_arrow
            wanted = pa.schema([types.field(name) for name in selected])
            first = 0
            for at in range(plain.num_row_groups):
                group = plain.metadata.row_group(at)
                _refuse_large_group(group, where)
                size = group.total_byte_size if large <= set(selected) else 0
                most, done, fault = _rows_at_once(size, group.num_rows, rows), 0, ""
                compact = by_value if group.total_byte_size <= SMALL_GROUP_BYTES else by_text
                for file in (compact, plain):  # what is encoded by differences is only read plainly
                    try:
                        batches = file.iter_batches(
                            most, row_groups=[at], columns=list(selected), use_threads=False
                        )
                        for batch in batches:
                            for part in parts(batch.select(list(selected)), where):
                                yield _watched(_checked(_expanded(part, wanted), first + done, labels), watch)
                                done += part.num_rows
                        break
                    except (OSError, pa.ArrowException) as error:
                        fault = fault or printable((str(error).splitlines() or [""])[0], 100)
                        if done:
                            break
                if fault and done < group.num_rows:
                    if not _plausible(group):
                        raise InputError(f"{where} cannot be read ({fault}).")
                    lost = group.num_rows - done
                    yield _unread(
                        wanted, Unread(where, 0, path.stat().st_size, lost, f"row group {at}: {fault}")
                    )
                first += group.num_rows

    return DataFile(columns, True, read)


def arrow_file(path: Path, where: str, limits: ReadLimits = DEFAULT_LIMITS) -> DataFile:
    """A file in Arrow's IPC format, as a file or a stream (.arrow, .feather). Raises InputError."""
    with _open_arrow(path, where) as (schema, _):
        columns, labels = _columns(schema, where), _labels(schema)

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        watch = Watch(where, limits)
        with _open_arrow(path, where, [columns.index(name) for name in selected]) as (own, batches):
            wanted = pa.schema([own.field(name) for name in selected])
            first = 0
            for whole in batches:
                if isinstance(whole, Unread):
                    yield _unread(wanted, whole)
                    continue
                for start in range(0, whole.num_rows, rows):
                    for part in parts(whole.select(list(selected)).slice(start, rows), where):
                        yield _watched(_checked(part, first, labels), watch)
                        first += part.num_rows

    return DataFile(columns, True, read)


def _watched(batch: Batch, watch: Watch) -> Batch:
    watch.read(batch.table.nbytes)
    if len(batch.rows):
        watch.row()
    return batch


def _unread(schema: pa.Schema, part: Unread) -> Batch:
    """No rows, but a part of the file that could not be read."""
    return Batch(np.empty(0, dtype=np.int64), schema.empty_table(), (), (part,))


@contextmanager
def _open_parquet(path: Path, where: str, dictionaries: Sequence[str] = ()) -> Iterator[pq.ParquetFile]:
    options = {"buffer_size": READ_AHEAD, "pre_buffer": False, "read_dictionary": list(dictionaries)}
    with damage_as_input_error(where), pa.OSFile(str(path)) as raw, pq.ParquetFile(raw, **options) as file:
        yield file


def _dictionaries(file: pq.ParquetFile) -> tuple[list[str], list[str]]:
    """The columns of text, and those of text or bytes, which are read as dictionaries.

    One value of a dictionary may stand in any number of rows. Read so, all different values of a row group
    are in memory at once, so bytes, which may be pictures, are only in small groups. The metadata says which
    columns are stored as dictionaries, but Arrow ends the process where that part of it is damaged.
    """
    leaves = [file.schema.column(at) for at in range(len(file.schema))]
    every = [leaf for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    return [leaf.path for leaf in every if leaf.converted_type == "UTF8"], [leaf.path for leaf in every]


def _refuse_large_group(group: Any, where: str) -> None:
    if group.total_byte_size > MOST_GROUP_BYTES:
        raise InputError(
            f"{where} has a row group that unpacks to {group.total_byte_size:,} bytes, and at most "
            f"{MOST_GROUP_BYTES:,} are read; write it with smaller row groups."
        )


def _plausible(group: Any) -> bool:
    """Whether a row group can have as many rows as it says: rows of no bytes at all are not counted."""
    return bool(group.num_rows <= max(1, group.total_byte_size) * 8)


@contextmanager
def _open_arrow(
    path: Path, where: str, fields: list[int] | None = None
) -> Iterator[tuple[pa.Schema, Iterable[pa.RecordBatch | Unread]]]:
    options = pa.ipc.IpcReadOptions(included_fields=sorted(fields) if fields else None)
    with damage_as_input_error(where), pa.OSFile(str(path)) as raw:
        is_stream = raw.read(6) != b"ARROW1"
        raw.seek(0)
        reader: Any = (pa.ipc.open_stream if is_stream else pa.ipc.open_file)(raw, options=options)
        with reader:
            yield reader.schema, (_of_stream if is_stream else _of_file)(reader, raw, where)


def _of_stream(reader: Any, raw: pa.OSFile, where: str) -> Iterator[pa.RecordBatch | Unread]:
    """The batches of a stream; behind damage nothing can be found."""
    start = 0
    while True:
        try:
            start = raw.tell()
            batch = reader.read_next_batch()
            batch.validate()
        except StopIteration:
            if raw.tell() < raw.size():
                yield Unread(where, raw.tell(), raw.size(), None, "comes after the end of the stream")
            return
        except (OSError, pa.ArrowException) as error:
            if not start:
                raise
            yield Unread(where, start, raw.size(), None, printable((str(error).splitlines() or [""])[0], 100))
            return
        yield batch


def _of_file(reader: Any, raw: pa.OSFile, where: str) -> Iterator[pa.RecordBatch | Unread]:
    """The batches of a file, each of which is found by itself. Where one lies is not known."""
    for at in range(reader.num_record_batches):
        try:
            batch = reader.get_batch(at)
            batch.validate()
        except (OSError, pa.ArrowException) as error:
            reason = printable((str(error).splitlines() or [""])[0], 100)
            yield Unread(where, 0, raw.size(), None, f"record batch {at} {reason}")
        else:
            yield batch


def _expanded(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch without dictionaries that only reading gave it."""
    return batch if batch.schema.equals(schema) else batch.cast(schema)


def _columns(schema: pa.Schema, where: str) -> tuple[str, ...]:
    refuse_too_many_columns(schema.names, where)
    twice = next((name for name, count in Counter(schema.names).items() if count > 1), None)
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
