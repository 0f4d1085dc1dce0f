"""JSON and JSON Lines, from any author: every object is a row of text cells, or invalid for a reason.

A string is its text; a number is its text in the file, so that none is rounded; true and false are those
words; a list or an object is its JSON text; null is a missing cell. The columns are the keys of the first
batch of rows; a key that appears only later is not read, and a key that a row lacks is null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from datagen.readers.json_list import CUT_OFF, TOO_DEEP, Element, Fault, decoded, elements
from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits
from datagen.readers.source import (
    BATCH_CHARACTERS,
    BATCH_ROWS,
    Batch,
    DataFile,
    refuse_too_many_columns,
)
from datagen.readers.text_lines import NUL, Lines, TextFile, TooLong, fault_of, is_text, open_text
from datagen.readers.text_rows import TextRow, rows_of_text
from datagen.schemas import InputError

_PLAIN = {str, type(None)}
NOT_OBJECT, LONE_SURROGATE = "is not a JSON object", "holds half of a surrogate pair"
TOO_MANY_DIGITS = "holds a number with too many digits"


def json_lines_file(path: Path, where: str, limits: ReadLimits = DEFAULT_LIMITS) -> DataFile:
    """A file with one object per line, blank lines not counted. Raises InputError."""
    return _file(path, where, _lines, limits)


def json_file(path: Path, where: str, limits: ReadLimits = DEFAULT_LIMITS) -> DataFile:
    """A file with a list of objects, or with one object per line despite its name. Raises InputError."""
    with open_text(path, where, limits) as file:
        start = next((text for text in map(str.strip, iter(lambda: file.read(1 << 16), "")) if text), "")
    if not start:
        raise InputError(f"{where} is empty; give a file with rows.")
    if start.startswith("["):
        return _file(path, where, elements, limits)
    with open_text(path, where, limits) as file:
        lines = _lines(file)
        first, second = next(lines)[1], next(lines, None)
    only = second is None and isinstance(first, dict)
    if not isinstance(first, dict) or (only and any(isinstance(v, dict | list) for v in first.values())):
        raise InputError(
            f"{where} is not a list of objects; write it as [{{...}}, {{...}}], or one object per line."
        )
    return _file(path, where, _lines, limits)


def _file(
    path: Path, where: str, elements_of: Callable[[TextFile], Iterator[Element]], limits: ReadLimits
) -> DataFile:
    with open_text(path, where, limits) as file:
        columns = _columns(elements_of(file), where)

    def read(selected: tuple[str, ...], rows: int) -> Iterator[Batch]:
        with open_text(path, where, limits) as file:
            yield from rows_of_text(file, selected, _rows(file, elements_of(file), selected), rows)

    return DataFile(columns, False, read, sparse=True)


def _columns(values: Iterator[Element], where: str) -> tuple[str, ...]:
    """The keys of the first rows, in order of appearance."""
    keys: dict[str, None] = {}
    rows = size = 0
    for text, value in values:
        if isinstance(value, dict):
            keys.update(dict.fromkeys(key for key in value if key not in keys and is_text(key)))
            refuse_too_many_columns(keys, where)
            rows, size = rows + 1, size + len(text)
            if rows == BATCH_ROWS or size > BATCH_CHARACTERS:
                break
    if not rows:
        raise InputError(f"{where} has no rows: nothing in it is a JSON object.")
    return tuple(keys)


def _rows(file: TextFile, values: Iterator[Element], selected: tuple[str, ...]) -> Iterator[TextRow]:
    """The cells of each element, or why it is not a row."""
    for text, value in values:
        if value == Fault(CUT_OFF):
            file.cut_off(CUT_OFF)
            return
        row = _row(text, value, selected)
        if isinstance(row, Fault):
            yield TextRow(len(text), None, row.reason, text)
        else:
            yield TextRow(len(text), row)


def _row(text: str, value: Any, selected: tuple[str, ...]) -> list[str | None] | Fault:
    """The cells of an element."""
    if isinstance(value, Fault):
        return value
    if not isinstance(value, dict):
        return Fault(NOT_OBJECT)
    try:
        row = [value.get(name) for name in selected]
        if not _PLAIN.issuperset(map(type, row)):
            row = [_cell(cell, name, text) for cell, name in zip(row, selected, strict=True)]
    except RecursionError:
        return Fault(TOO_DEEP)
    except ValueError:  # more digits than Python accepts, in a list or an object
        return Fault(TOO_MANY_DIGITS)
    if "\\u" in text:
        joined = "".join(filter(None, row))
        if "\0" in joined:
            return Fault(NUL)
        if not is_text(joined):
            return Fault(LONE_SURROGATE)
    return row


def _cell(value: Any, name: str, text: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    with_numbers = json.loads(text, strict=False)[name]
    return json.dumps(with_numbers, ensure_ascii=False)


def _lines(file: TextFile) -> Iterator[Element]:
    """The lines that are not blank, decoded."""
    lines = Lines(file)
    while True:
        lines.start_record()
        try:
            for line in lines:
                if text := line.strip():
                    yield text, Fault(lines.fault) if lines.fault else decoded(text)
                lines.start_record()
            return
        except TooLong:
            yield lines.record[0], Fault(fault_of(lines.record[0]))
