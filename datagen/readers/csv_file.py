"""CSV and its kin, from anybody: every record is a row of text cells or is refused, with a reason.

Cells are never interpreted: 00123 stays 00123, N.A. stays N.A. and an empty cell is "". Text after a
closing quote is kept, as every reader keeps it. A quote that is never closed, which would swallow all rows
up to the next quote, costs the line that it stands on and no other.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from datagen.readers.source import (
    BATCH_CHARACTERS,
    MOST_CHARACTERS,
    Batch,
    DataFile,
    Refused,
    printable,
    refuse_too_many,
    text_batch,
    unique_names,
)
from datagen.readers.text_lines import NOT_TEXT, NUL, Lines, TooLong, fault_of, open_text
from datagen.schemas import InputError

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 1 << 16
UNCLOSED = "has a quote that is never closed"
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|:^~])(?:\r\n|\r|\n)")
"""The line that spreadsheets put before the header."""


class _NoRow(NamedTuple):
    reason: str
    text: str


def csv_file(path: Path, where: str) -> DataFile:
    """A file of separated values whose first record is its header; ``where`` names it in messages.

    The delimiter is the one of DELIMITERS by which most of the first records are as wide as the header.
    Repeated and empty names are made to differ (:func:`unique_names`). Raises InputError.
    """
    delimiter = _delimiter(path, where)
    with open_text(path, where) as file:
        header = next(_records(_lines(file), delimiter), None)
    if header is None:
        raise InputError(f"{where} is empty; a table needs a header.")
    if isinstance(header, _NoRow):
        remedy = ", for example with: iconv -f cp1252 -t utf-8 OLD > NEW" * (header.reason in (NOT_TEXT, NUL))
        raise InputError(f"{where}: its header {header.reason}; save it as CSV in UTF-8{remedy}.")
    refuse_too_many(header, where)
    names = unique_names(header)

    def read(asked: tuple[str, ...], rows: int) -> Iterator[Batch]:
        with open_text(path, where) as file:
            yield from _batches(_lines(file), delimiter, names, asked, rows)

    return DataFile(names, False, read)


def _batches(
    lines: Lines, delimiter: str, names: tuple[str, ...], asked: tuple[str, ...], rows: int
) -> Iterator[Batch]:
    places = [names.index(name) for name in asked]
    cells: list[list[str]] = []
    numbers: list[int] = []
    refused: list[Refused] = []
    size = lines.taken
    records = _records(lines, delimiter, len(names))
    next(records, None)
    for number, record in enumerate(records):
        if isinstance(record, _NoRow):
            refused.append(Refused(number, record.reason, printable(record.text.rstrip("\r\n"))))
        else:
            numbers.append(number)
            cells.append(record if asked == names else [record[place] for place in places])
        if len(numbers) == rows or len(refused) == rows or lines.taken - size > BATCH_CHARACTERS:
            yield text_batch(asked, cells, numbers, refused)
            cells, numbers, refused, size = [], [], [], lines.taken
    if numbers or refused:
        yield text_batch(asked, cells, numbers, refused)


def _records(lines: Lines, delimiter: str, width: int = -1) -> Iterator[list[str] | _NoRow]:
    """The records of a file, blank lines not counted; but for the first, the header, of so many cells."""
    csv.field_size_limit(max(csv.field_size_limit(), MOST_CHARACTERS))  # one for the whole process
    first = True
    while True:
        lines.begin()
        try:
            for cells in csv.reader(lines, delimiter=delimiter, strict=True):
                if len(cells) == width and not lines.fault:
                    yield cells
                elif cells:
                    yield _checked(cells, "".join(lines.record), lines.fault, len(cells) if first else width)
                first = first and not cells
                lines.begin()
            return
        except (csv.Error, TooLong):
            for text, cells, reason in _mended(lines, delimiter):
                yield _checked(cells, text, reason, len(cells) if first else width)
                first = False


def _checked(cells: list[str], text: str, reason: str, width: int) -> list[str] | _NoRow:
    """A record as a row, or why it is none."""
    if reason:
        return _NoRow(reason, text)
    if len(cells) == width:
        return cells
    return _NoRow(f"has {len(cells)} cell{'s' * (len(cells) != 1)}, not {width}", text)


_Record = tuple[str, list[str], str]
"""A record's text, its cells, and why it is no row, if so."""


def _mended(lines: Lines, delimiter: str) -> Iterator[_Record]:
    """The records in lines that were taken for one and are none.

    Strict parsing found text after a closing quote, or no closing quote. In one line that is harmless, or
    that line's alone. Over several lines, the first has a quote that is not closed: what looked like its
    end opens a cell of the last line, which may go on. No line is parsed more than three times.
    """
    first, *others = lines.record.copy()
    if not others:
        yield from _alone(first, delimiter)
        return
    yield first, [], fault_of(first) or UNCLOSED
    for line in others[:-1]:
        yield from _alone(line, delimiter)
    if len(others[-1]) > MOST_CHARACTERS:
        yield from _alone(others[-1], delimiter)
    else:
        lines.give_back(others[-1])


def _alone(line: str, delimiter: str) -> Iterator[_Record]:
    """The record of one line, none where it is blank."""
    unclosed = False

    def once() -> Iterator[str]:
        nonlocal unclosed
        yield line
        unclosed = True  # the parser asks for more

    if reason := fault_of(line):
        yield line, [], reason
        return
    cells = next(csv.reader(once(), delimiter=delimiter), [])
    if cells:
        yield line, cells, UNCLOSED * unclosed


def _lines(file: TextIO) -> Lines:
    """The lines of a file after a separator line, if it has one."""
    lines = Lines(file)
    first = file.readline(MOST_CHARACTERS + 1)
    if not _SEPARATOR_LINE.fullmatch(first):
        lines.give_back(first)
    return lines


def _delimiter(path: Path, where: str) -> str:
    """The delimiter, from the first lines: the one that a separator line names, or the one that fits."""
    with open_text(path, where) as file:
        sample = file.read(SAMPLE_CHARACTERS)
    said = _SEPARATOR_LINE.match(sample)
    if said:
        return said[1]
    whole = len(sample) < SAMPLE_CHARACTERS

    def fit(delimiter: str) -> tuple[bool, int, int]:
        """How well: the header has cells, so many records have as many, so many they are."""
        records = csv.reader(io.StringIO(sample.replace("\0", ""), newline=""), delimiter=delimiter)
        widths = [len(record) for record in records if record]
        if not whole and len(widths) > 1:
            widths.pop()
        width = widths[0] if widths else 0
        return width > 1, widths.count(width), width

    return max(DELIMITERS, key=fit)
