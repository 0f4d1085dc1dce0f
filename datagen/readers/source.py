"""What every reader gives: a source, its rows in batches, and what in it is no row.

Nothing here trusts what it reads: a source is a stranger's file, and every part of it ends as a row, as a
:class:`Refused` or as one sentence (:class:`schemas.InputError`).
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
"""About how much a batch holds at most, where rows are large because of their pictures."""

BATCH_CHARACTERS = 4_000_000
"""How much text is read for a batch; as Python objects it takes up to twenty times as much."""

MOST_CHARACTERS = 1_000_000
"""The longest row of text that is read; no catalogue has a longer one, and an unclosed quote has."""

TOO_LONG = "is longer than 1 MB"
MOST_COLUMNS = 2_000
MOST_SHOWN = 2_000
IMAGE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
"""A picture as ``datasets`` keeps it."""

Progress = Callable[[int, int], None]
"""Called with the bytes that are there and those of all that is fetched."""


@dataclass(frozen=True)
class Refused:
    """Something in the source that is no row.

    ``row``: its number in the source, from 0, a header not counted. ``reason``: a short phrase, the same
    for the same fault, such as "has 5 cells, not 17". ``text``: the raw text, printable, at most
    MOST_SHOWN characters of it.
    """

    row: int
    reason: str
    text: str


@dataclass(frozen=True)
class Batch:
    """A stretch of the source. ``rows``: the numbers of the table's rows; a null in it is a missing cell."""

    rows: NDArray[np.int64]
    table: pa.Table
    refused: tuple[Refused, ...]


Read = Callable[[tuple[str, ...], int], Iterator[Batch]]
"""Reads from the start: these columns, in this order, at most so many rows a batch."""


@dataclass(frozen=True)
class DataFile:
    """One file of rows.

    ``typed`` is False where values come as text, however they were written; ``sparse``: whether a row
    may lack columns, so that a file may, too.
    """

    columns: tuple[str, ...]
    typed: bool
    read: Read
    sparse: bool = False


@dataclass(frozen=True)
class Source:
    """Rows from anywhere, to be read as often as wanted.

    ``name``: what to call it, never an absolute path. ``columns``: the names as they stand in the source.
    ``typed``: False where values come as text (CSV, JSON). ``root``: the folder in which pictures that
    rows name by a relative path lie, if there is one; :func:`inside` says where, if they may. ``files``:
    what is read, relative paths. ``commit``, ``config``, ``split``: for sets of the Hub; the latter two
    also for folders that are laid out like one.
    """

    name: str
    columns: tuple[str, ...]
    typed: bool
    read: Read
    files: tuple[str, ...]
    root: Path | None = None
    commit: str | None = None
    config: str | None = None
    split: str | None = None

    def batches(self, columns: Sequence[str] | None = None, *, rows: int = BATCH_ROWS) -> Iterator[Batch]:
        """Every row once, in order; of ``columns`` if given, in that order; at most ``rows`` rows a batch.

        A batch also ends near 16 MB. Each number from 0 on is that of a row or of a :class:`Refused`; in
        typed files and JSON, a fault in a column that is not asked for refuses no row.
        Raises InputError for a column that is not there, and where the source is damaged further on.
        """
        asked = self.columns if columns is None else tuple(dict.fromkeys(columns))
        missing = [name for name in asked if name not in self.columns]
        if missing:
            raise InputError(f"{self.name} has no column {quoted(missing[0])}.")
        return self.read(asked, rows)


def joined(files: Sequence[DataFile], names: Sequence[str], where: str) -> DataFile:
    """Several files as one, their rows numbered on; a column that a sparse file lacks is null there.

    ``names`` are those of the files. Raises InputError where columns differ otherwise.
    """
    if len(files) == 1:
        return files[0]
    columns = tuple(dict.fromkeys(name for file in files for name in file.columns))
    refuse_too_many(columns, where)
    for file, name in zip(files, names, strict=True):
        odd = next((column for column in columns if column not in set(file.columns)), None)
        if odd is not None and not file.sparse:
            raise InputError(
                f"The tables in {where} have different columns ({printable(name)} has no {quoted(odd)}); "
                "give one of them."
            )

    def read(asked: tuple[str, ...], rows: int) -> Iterator[Batch]:
        first = 0
        for file in files:
            following = first
            for batch in file.read(tuple(name for name in asked if name in file.columns), rows):
                refused = tuple(Refused(each.row + first, each.reason, each.text) for each in batch.refused)
                numbers = batch.rows + first
                following = 1 + max([following - 1, *numbers[-1:].tolist(), *(r.row for r in refused)])
                yield Batch(numbers, _with_nulls(batch.table, asked, len(numbers)), refused)
            first = following

    return DataFile(columns, any(file.typed for file in files), read)


def _with_nulls(table: pa.Table, asked: tuple[str, ...], rows: int) -> pa.Table:
    if len(asked) == table.num_columns:
        return table
    there = set(table.column_names)
    columns = [table[name] if name in there else pa.nulls(rows, pa.string()) for name in asked]
    return pa.Table.from_arrays(columns, names=list(asked))


def text_batch(
    columns: Sequence[str],
    cells: Sequence[Sequence[str | None]],
    numbers: Sequence[int],
    refused: Iterable[Refused],
) -> Batch:
    """Rows of text as a batch: ``cells`` holds one sequence for each row, None for a missing cell."""
    by_column = zip(*cells, strict=True) if cells else ((),) * len(columns)
    table = pa.Table.from_arrays([_text_array(values) for values in by_column], names=list(columns))
    return Batch(np.array(numbers, dtype=np.int64), table, tuple(refused))


def _text_array(values: Sequence[str | None]) -> pa.Array:
    if None not in values:
        return _plain(values)  # type: ignore[arg-type]
    plain = _plain([value or "" for value in values])
    there = np.packbits([value is not None for value in values], bitorder="little")
    buffers = [pa.py_buffer(there), *plain.buffers()[1:]]
    return pa.Array.from_buffers(pa.string(), len(plain), buffers)


def _plain(values: Sequence[str]) -> pa.Array:
    together = "".join(values)
    if not together.isascii():
        return texts(values)
    ends = np.zeros(len(values) + 1, dtype=np.int32)
    np.cumsum([len(value) for value in values], out=ends[1:])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(together.encode())]
    return pa.Array.from_buffers(pa.string(), len(values), buffers)


def printable(text: str) -> str:
    """A text from a stranger as one line that a terminal and a UTF-8 file bear, at most MOST_SHOWN long.

    A byte that could not be decoded (U+DC00 + byte) shows as ``\\xNN``.
    """
    shown = "".join(_shown(character) for character in text[:MOST_SHOWN])
    return shown if len(shown) <= MOST_SHOWN else shown[: MOST_SHOWN - 1] + "…"


def quoted(name: str) -> str:
    """A column's name for a message."""
    return f"'{printable(name)[:100]}'"


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc00" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names made to differ, as pandas and so the Hub call them: ``Unnamed: 3``, ``name.1``."""
    found: dict[str, None] = {}
    taken = set(names)
    for at, name in enumerate(names):
        plain = name or f"Unnamed: {at}"
        new, number = plain, 0
        while new in found or (number and new in taken):
            number += 1
            new = f"{plain}.{number}"
        found[new] = None
    return tuple(found)


def refuse_too_many(columns: Collection[str], where: str) -> None:
    """Raise InputError for a table that is wider than any catalogue."""
    if len(columns) > MOST_COLUMNS:
        raise InputError(f"{where} has {len(columns):,} columns; more than {MOST_COLUMNS:,} are not read.")


def inside(root: Path, name: str) -> Path | None:
    """Where the file ``name`` in a stranger's folder lies, links followed; None where that is outside."""
    pure = PurePosixPath(name)
    if not name or pure.is_absolute() or ".." in pure.parts:
        return None
    try:
        real, top = (root / pure).resolve(), root.resolve()
    except (OSError, RuntimeError, ValueError):  # a name too long, a loop of links, a NUL
        return None
    return real if top in real.parents else None


@contextmanager
def damage_told(where: str) -> Iterator[None]:
    """Turn what reading a broken or unreadable file raises into one sentence."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(f"{where} is damaged or cut off (gzip); fetch it again, or unpack it.") from None
    except (OSError, pa.ArrowException, UnicodeError, MemoryError, RecursionError) as error:
        said = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip()
        raise InputError(f"{where} cannot be read ({printable(said.splitlines()[0])[:200]}).") from None
