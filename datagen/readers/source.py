"""What every reader provides: a source, its rows in batches, and what in it is not a valid row.

Nothing here trusts what it reads: a source is a stranger's file, and every part of it ends as a row, as an
:class:`InvalidRow` or as an :class:`InputError` of one sentence.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datagen.arrow import texts
from datagen.schemas import InputError

BATCH_ROWS = 4_096
BATCH_BYTES = 16_000_000
"""About the most that a batch holds, where rows are large because of their pictures."""

BATCH_CHARACTERS = 4_000_000
"""How much text is read for a batch; as Python objects it takes up to twenty times as much memory."""

MAX_ROW_CHARACTERS = 1_000_000
"""The longest row of text that is read; no catalogue has a longer one, but an unclosed quote makes one."""

TOO_LONG = "is longer than 1 MB"
MAX_COLUMNS = 2_000
MAX_SHOWN = 2_000
"""Characters of a stranger's text that are kept for people to read."""

MAX_ROW_SHOWN = MAX_ROW_CHARACTERS
"""Characters of the text of an invalid row: all of it, since it may have swallowed other rows."""

IMAGE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
"""A picture as ``datasets`` stores it."""


@dataclass(frozen=True)
class InvalidRow:
    """Something in the source that is not a row.

    ``row``: its number in the source, from 0, a header not counted. ``reason``: a short phrase, the same
    for the same fault, such as "has 5 cells, not 17". ``text``: the raw text, printable, at most
    MAX_ROW_SHOWN characters of it.
    """

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class Unread:
    """A part of a file that could not be read, as bytes [start, end); of a gzip file, of what it unpacks to.

    ``end``: None for a part whose end is unknown; ``rows``: how many rows were in it, where that is known.
    """

    file: str
    start: int
    end: int | None
    rows: int | None
    reason: str

    def __str__(self) -> str:
        where = f"from byte {self.start:,}" + (f" to {self.end:,}" if self.end is not None else " on")
        rows = f", {self.rows:,} row{'s' * (self.rows != 1)}" if self.rows is not None else ""
        return f"{self.file} {where}{rows}: {self.reason}"


@dataclass(frozen=True)
class Batch:
    """A stretch of the source. ``rows``: the numbers of the table's rows; a null in it is a missing cell.

    ``unread``: what is damaged after these rows.
    """

    rows: NDArray[np.int64]
    table: pa.Table
    invalid: tuple[InvalidRow, ...]
    unread: tuple[Unread, ...] = ()


ReadBatches = Callable[[tuple[str, ...], int], Iterator[Batch]]
"""Reads from the start: these columns, in this order, at most this many rows per batch."""


@dataclass(frozen=True)
class DataFile:
    """One file of rows.

    ``typed`` is False where values come as text, however they were written; ``sparse``: whether a row,
    and so a whole file, may lack columns.
    """

    columns: tuple[str, ...]
    typed: bool
    read: ReadBatches
    sparse: bool = False


@dataclass(frozen=True)
class Source:
    """An opened catalogue: rows from anywhere, to be read as often as needed.

    ``name``: what to call it, never an absolute path. ``columns``: the names as they are in the source.
    ``typed``: False where values come as text (CSV, JSON). ``root``: the folder in which the pictures lie
    that rows name by a relative path, if there is one; see :func:`path_inside`. ``files``: what is read,
    as relative paths. ``commit``, ``config``, ``split``: for datasets of the Hub; the latter two also for
    folders with the layout of one.
    """

    name: str
    columns: tuple[str, ...]
    typed: bool
    read: ReadBatches
    files: tuple[str, ...]
    root: Path | None = None
    commit: str | None = None
    config: str | None = None
    split: str | None = None

    def batches(self, columns: Sequence[str] | None = None, *, rows: int = BATCH_ROWS) -> Iterator[Batch]:
        """Every row once, in order; only ``columns`` if given, in that order; at most ``rows`` per batch.

        A batch also ends near 16 MB. Each number from 0 on is that of a row or of an :class:`InvalidRow`; in
        typed files and JSON, a fault in a column that is not selected makes no row invalid.
        Raises InputError for an unknown column, and where the source is damaged further on.
        """
        selected = self.columns if columns is None else tuple(dict.fromkeys(columns))
        unknown = [name for name in selected if name not in self.columns]
        if unknown:
            raise InputError(f"{self.name} has no column {quoted(unknown[0])}.")
        return self.read(selected, rows)


def join_files(files: Sequence[DataFile], names: Sequence[str], where: str) -> DataFile:
    """Several files as one, their rows numbered on; a column that a sparse file lacks is null there.

    ``names`` are those of the files. Raises InputError where columns differ otherwise.
    """
    if len(files) == 1:
        return files[0]
    columns = tuple(dict.fromkeys(name for file in files for name in file.columns))
    refuse_too_many_columns(columns, where)
    for file, name in zip(files, names, strict=True):
        absent = next((column for column in columns if column not in set(file.columns)), None)
        if absent is not None and not file.sparse:
            raise InputError(
                f"The tables in {where} have different columns ({printable(name)} has no {quoted(absent)}); "
                "give one of them."
            )

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        first = 0
        for file in files:
            following = first
            for batch in file.read(tuple(name for name in selected if name in file.columns), rows):
                invalid = tuple(
                    InvalidRow(each.row + first, each.reason, each.text) for each in batch.invalid
                )
                numbers = batch.rows + first
                following = 1 + max([following - 1, *numbers[-1:].tolist(), *(each.row for each in invalid)])
                yield Batch(numbers, _with_nulls(batch.table, selected, len(numbers)), invalid, batch.unread)
            first = following

    return DataFile(columns, any(file.typed for file in files), read)


def _with_nulls(table: pa.Table, selected: tuple[str, ...], rows: int) -> pa.Table:
    if len(selected) == table.num_columns:
        return table
    existing = set(table.column_names)
    columns = [table[name] if name in existing else pa.nulls(rows, pa.string()) for name in selected]
    return pa.Table.from_arrays(columns, names=list(selected))


def text_batch(
    columns: Sequence[str],
    cells: Sequence[Sequence[str | None]],
    numbers: Sequence[int],
    invalid: Iterable[InvalidRow],
    unread: tuple[Unread, ...] = (),
) -> Batch:
    """Rows of text as a batch: ``cells`` holds one sequence for each row, None for a missing cell."""
    by_column = zip(*cells, strict=True) if cells else ((),) * len(columns)
    table = pa.Table.from_arrays([_text_array(values) for values in by_column], names=list(columns))
    return Batch(np.array(numbers, dtype=np.int64), table, tuple(invalid), unread)


def _text_array(values: Sequence[str | None]) -> pa.Array:
    if None not in values:
        return _without_nulls(values)  # type: ignore[arg-type]
    filled = _without_nulls([value or "" for value in values])
    valid = np.packbits([value is not None for value in values], bitorder="little")
    buffers = [pa.py_buffer(valid), *filled.buffers()[1:]]
    return pa.Array.from_buffers(pa.string(), len(filled), buffers)


def _without_nulls(values: Sequence[str]) -> pa.Array:
    joined = "".join(values)
    if not joined.isascii():
        return texts(values)
    ends = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum([len(value) for value in values], out=ends[1:])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(joined.encode())]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def printable(text: str, most: int = MAX_SHOWN) -> str:
    """A stranger's text as one line that is safe for a terminal and a UTF-8 file, at most ``most`` long.

    A byte that could not be decoded (U+DC00 + byte) shows as ``\\xNN``.
    """
    shown = "".join(_printable_character(character) for character in text[:most])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _printable_character(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc00" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def quoted(name: str) -> str:
    """A column's name for a message."""
    return f"'{printable(name)[:100]}'"


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names made unique, as pandas and thus the Hub name them: ``Unnamed: 3``, ``name.1``."""
    unique: dict[str, None] = {}
    originals = set(names)
    for position, name in enumerate(names):
        base = name or f"Unnamed: {position}"
        candidate, number = base, 0
        while candidate in unique or (number and candidate in originals):
            number += 1
            candidate = f"{base}.{number}"
        unique[candidate] = None
    return tuple(unique)


def refuse_too_many_columns(columns: Collection[str], where: str) -> None:
    """Raise InputError for a table that is wider than any catalogue."""
    if len(columns) > MAX_COLUMNS:
        raise InputError(f"{where} has {len(columns):,} columns; at most {MAX_COLUMNS:,} can be read.")


def path_inside(root: Path, name: str) -> Path | None:
    """The real path of the file ``name`` in a stranger's folder, links followed; None if it is outside."""
    pure = PurePosixPath(name)
    if not name or pure.is_absolute() or ".." in pure.parts:
        return None
    try:
        real, top = (root / pure).resolve(), root.resolve()
    except (OSError, RuntimeError, ValueError):  # a name that is too long, a loop of links, a NUL
        return None
    return real if top in real.parents else None


@contextmanager
def damage_as_input_error(where: str) -> Iterator[None]:
    """Raise one sentence, an InputError, for what reading a damaged or unreadable file raises."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(f"{where} is damaged or cut off (gzip); fetch it again, or unpack it.") from None
    except (OSError, pa.ArrowException, UnicodeError, MemoryError, RecursionError) as error:
        reason = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip()
        raise InputError(f"{where} cannot be read ({printable(reason.splitlines()[0])[:200]}).") from None
