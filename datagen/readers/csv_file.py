"""CSV and similar formats, from any author: every record is a row of text cells, or invalid for a reason.

Cells are never interpreted: 00123 stays 00123, N.A. stays N.A. and an empty cell is "". Text after a
closing quote is kept, as other readers keep it. A quote that is never closed, which would swallow all rows
up to the next quote, costs only the line it is on.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits
from datagen.readers.source import (
    MAX_ROW_CHARACTERS,
    Batch,
    DataFile,
    refuse_too_many_columns,
    unique_names,
)
from datagen.readers.text_lines import NOT_TEXT, NUL, Lines, TextFile, TooLong, fault_of, open_text
from datagen.readers.text_rows import TextRow, rows_of_text
from datagen.schemas import InputError

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 1 << 16
UNCLOSED = "has a quote that is never closed"
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|:^~])(?:\r\n|\r|\n)")
"""The line that spreadsheets put before the header."""


class _InvalidRecord(NamedTuple):
    """In place of a record's cells: why it is not a row, and its text."""

    reason: str
    text: str


def csv_file(path: Path, where: str, limits: ReadLimits = DEFAULT_LIMITS) -> DataFile:
    """A file of separated values whose first record is its header; ``where`` names it in messages.

    The delimiter is the one of DELIMITERS that gives most of the first records as many cells as the header.
    Repeated and empty names are made unique (:func:`unique_names`). Raises InputError.
    """
    delimiter = _delimiter(path, where)
    with open_text(path, where, limits) as file:
        header = next(_records(_lines(file), delimiter), None)
        if file.unread and (header is None or isinstance(header, _InvalidRecord)):
            raise InputError(f"{where} {file.unread[0].reason}; fetch it again, or unpack it.")
    if header is None:
        raise InputError(f"{where} is empty; a table needs a header.")
    if isinstance(header, _InvalidRecord):
        remedy = ", for example with: iconv -f cp1252 -t utf-8 OLD > NEW" * (header.reason in (NOT_TEXT, NUL))
        raise InputError(f"{where}: its header {header.reason}; save it as CSV in UTF-8{remedy}.")
    refuse_too_many_columns(header, where)
    names = unique_names(header)

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        with open_text(path, where, limits) as file:
            yield from rows_of_text(file, selected, _rows(_lines(file), delimiter, names, selected), rows)

    return DataFile(names, False, read)


def _rows(
    lines: Lines, delimiter: str, names: tuple[str, ...], selected: tuple[str, ...]
) -> Iterator[TextRow]:
    """The cells of each record after the header, or why it is not a row."""
    places = [names.index(name) for name in selected]
    records = _records(lines, delimiter, len(names))
    next(records, None)
    size = lines.characters
    for record in records:
        length, size = lines.characters - size, lines.characters
        if isinstance(record, _InvalidRecord):
            yield TextRow(length, None, record.reason, record.text.rstrip("\r\n"))
        else:
            yield TextRow(length, record if selected == names else [record[place] for place in places])


def _records(lines: Lines, delimiter: str, width: int = -1) -> Iterator[list[str] | _InvalidRecord]:
    """The records of a file, blank lines not counted; all but the first, the header, of ``width`` cells."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_ROW_CHARACTERS))  # global to the process
    first = True
    while True:
        lines.start_record()
        try:
            for cells in csv.reader(lines, delimiter=delimiter, strict=True):
                if len(cells) == width and not lines.fault:
                    yield cells
                elif cells:
                    yield _checked(cells, "".join(lines.record), lines.fault, len(cells) if first else width)
                first = first and not cells
                lines.start_record()
            return
        except (csv.Error, TooLong):
            for text, cells, reason in _reparsed(lines, delimiter):
                yield _checked(cells, text, reason, len(cells) if first else width)
                first = False


def _checked(cells: list[str], text: str, reason: str, width: int) -> list[str] | _InvalidRecord:
    """A record as a row, or why it is not one."""
    if reason:
        return _InvalidRecord(reason, text)
    if len(cells) == width:
        return cells
    return _InvalidRecord(f"has {len(cells)} cell{'s' * (len(cells) != 1)}, not {width}", text)


_Record = tuple[str, list[str], str]
"""A record's text, its cells, and why it is not a row, or ""."""


def _reparsed(lines: Lines, delimiter: str) -> Iterator[_Record]:
    """The records in lines that were parsed as one record and are not one.

    Strict parsing found text after a closing quote, or no closing quote. In a single line
    that is harmless, or a fault of that line only. Over several lines, the first has a quote that is not
    closed: what looked like its end opens a cell of the last line, which may continue. No line is parsed
    more than three times.
    """
    first, *others = lines.record.copy()
    if not others:
        yield from _single_line(first, delimiter)
        return
    yield first, [], fault_of(first) or UNCLOSED
    for line in others[:-1]:
        yield from _single_line(line, delimiter)
    if len(others[-1]) > MAX_ROW_CHARACTERS:
        yield from _single_line(others[-1], delimiter)
    else:
        lines.put_back(others[-1])


def _single_line(line: str, delimiter: str) -> Iterator[_Record]:
    """The record of one line; nothing where it is blank."""
    unclosed = False

    def lines() -> Iterator[str]:
        nonlocal unclosed
        yield line
        unclosed = True  # the parser asks for more

    if reason := fault_of(line):
        yield line, [], reason
        return
    cells = next(csv.reader(lines(), delimiter=delimiter), [])
    if cells:
        yield line, cells, UNCLOSED * unclosed


def _lines(file: TextFile) -> Lines:
    """The lines of a file, without the separator line, if it has one."""
    lines = Lines(file)
    first = file.readline(MAX_ROW_CHARACTERS + 1)
    if not _SEPARATOR_LINE.fullmatch(first):
        lines.put_back(first)
    return lines


def _delimiter(path: Path, where: str) -> str:
    """The delimiter that the separator line names, or the one that fits the first lines best."""
    with open_text(path, where) as file:
        sample = file.read(SAMPLE_CHARACTERS)
    separator_line = _SEPARATOR_LINE.match(sample)
    if separator_line:
        return separator_line[1]
    complete = len(sample) < SAMPLE_CHARACTERS

    def fit(delimiter: str) -> tuple[bool, int, int]:
        """How well: several cells in the header, number of records with as many, number of cells."""
        records = csv.reader(io.StringIO(sample.replace("\0", ""), newline=""), delimiter=delimiter)
        widths = [len(record) for record in records if record]
        if not complete and len(widths) > 1:
            widths.pop()
        width = widths[0] if widths else 0
        return width > 1, widths.count(width), width

    return max(DELIMITERS, key=fit)
