"""Rows of text, gathered into batches: what the readers of CSV and JSON have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from datagen.readers.source import (
    BATCH_CHARACTERS,
    MAX_ROW_SHOWN,
    Batch,
    InvalidRow,
    printable,
    text_batch,
)
from datagen.readers.text_lines import TextFile


class TextRow(NamedTuple):
    """A record: how many characters it took, and its cells (None for a missing one), or why it is not a row.

    ``text``: of a record that is not a row.
    """

    characters: int
    cells: Sequence[str | None] | None
    reason: str = ""
    text: str = ""


def rows_of_text(
    file: TextFile, columns: tuple[str, ...], records: Iterable[TextRow], most: int
) -> Iterator[Batch]:
    """Batches of at most ``most`` rows; the last one says what of the file could not be read."""
    cells: list[Sequence[str | None]] = []
    numbers: list[int] = []
    invalid: list[InvalidRow] = []
    characters = 0
    for number, record in enumerate(records):
        characters += record.characters
        if record.cells is None:
            shown = printable(record.text, MAX_ROW_SHOWN)
            invalid.append(InvalidRow(number, record.reason, shown))
            characters += len(shown)
        else:
            numbers.append(number)
            cells.append(record.cells)
        if len(numbers) == most or len(invalid) == most or characters > BATCH_CHARACTERS:
            if numbers:
                file.found_row()
            yield text_batch(columns, cells, numbers, invalid)
            cells, numbers, invalid, characters = [], [], [], 0
    if numbers or invalid or file.unread:
        yield text_batch(columns, cells, numbers, invalid, file.unread)
