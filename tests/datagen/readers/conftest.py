"""What the tests of readers share: reading everything, and what holds for any source whatsoever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from datagen.arrow import NoPythonValue, python_values
from datagen.readers.source import BATCH_ROWS, MAX_ROW_SHOWN, DataFile, InvalidRow, Source, Unread
from datagen.schemas import InputError


@dataclass
class Reading:
    """All that came of a source."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    invalid: list[InvalidRow] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    @property
    def reasons(self) -> dict[int, str]:
        return {each.row: each.reason for each in self.invalid}


def read(
    source: Source | DataFile, columns: tuple[str, ...] | None = None, rows: int = BATCH_ROWS
) -> Reading:
    """Read a source to its end, and hold it to what every source promises."""
    got = Reading()
    asked = source.columns if columns is None else columns
    for batch in source.read(asked, rows):
        assert tuple(batch.table.column_names) == asked
        assert len(batch.rows) <= rows
        assert not asked or batch.table.num_rows == len(batch.rows)
        batch.table.validate(full=True)
        numbers = sorted([*batch.rows.tolist(), *(each.row for each in batch.invalid)])
        before = len(got.numbers) + len(got.invalid) + sum(each.rows or 0 for each in got.unread)
        assert numbers == list(range(before, before + len(numbers)))
        assert batch.rows.tolist() == sorted(batch.rows.tolist())
        rows_of_cells = zip(*(shown(column) for column in batch.table.columns), strict=True)
        made = [dict(zip(asked, cells, strict=True)) for cells in rows_of_cells]
        got.rows += made if asked else [{}] * len(batch.rows)
        got.numbers += batch.rows.tolist()
        got.invalid += batch.invalid
        got.unread += batch.unread
    for each in got.invalid:
        assert each.text.isprintable()
        assert len(each.text) <= MAX_ROW_SHOWN
        assert 0 < len(each.reason) < 80
    return got


def shown(column: pa.ChunkedArray) -> list[Any]:
    """Cells as Python values; a damaged file may hold a time that Python has no object for."""
    return [str(cell) if isinstance(cell, NoPythonValue) else cell for cell in python_values(column)]


Opener = Callable[[Path, str], DataFile]


def read_or_refuse(opener: Opener, path: Path) -> Reading | None:
    """Any file ends as a sentence, or as rows and refusals, the same every time and in any batches."""
    try:
        file = opener(path, "it")
        got = read(file)
    except InputError as error:
        said = str(error)
        assert said.startswith("it")
        assert said.endswith(".")
        assert said.isprintable()
        assert len(said) < 500
        return None
    assert repr(read(file, rows=3)) == repr(got)  # as text, because NaN is not equal to itself
    return got


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for files that each example of a property writes anew."""
    return tmp_path_factory.mktemp("examples")


def bytes_of(*pieces: bytes) -> st.SearchStrategy[bytes]:
    """Bytes in which what a format is made of is frequent, and anything else may stand between."""
    return st.lists(st.one_of(st.sampled_from(pieces), st.binary(max_size=3)), max_size=40).map(b"".join)


def mutated(whole: bytes) -> st.SearchStrategy[bytes]:
    """A file with a few faults: bytes changed, cut out or put in."""
    place = st.integers(0, len(whole) - 1)
    fault = st.tuples(place, st.integers(0, 20), st.binary(max_size=8))

    def apply(faults: list[tuple[int, int, bytes]]) -> bytes:
        content = whole
        for at, length, put in faults:
            content = content[:at] + put + content[at + length :]
        return content

    return st.lists(fault, min_size=1, max_size=4).map(apply)
