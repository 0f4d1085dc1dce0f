"""JSON and JSON Lines, from anybody: every object is a row of text cells or is refused, with a reason.

A string is its text; a number is the text that stands in the file, so that none is rounded; true and false
are those words; a list or an object is its JSON text; null is a missing cell. The columns are the keys of
the first rows (a batch of them); a key that comes only later is not read, a key that a row lacks is null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from datagen.readers.json_list import TOO_DEEP, Element, Fault, decoded, elements
from datagen.readers.source import (
    BATCH_CHARACTERS,
    BATCH_ROWS,
    Batch,
    DataFile,
    Refused,
    printable,
    refuse_too_many,
    text_batch,
)
from datagen.readers.text_lines import NUL, Lines, TooLong, fault_of, is_text, open_text
from datagen.schemas import InputError

_PLAIN = {str, type(None)}
NO_OBJECT, HALF_PAIR = "is no JSON object", "holds half of a surrogate pair"
TOO_MANY_DIGITS = "holds a number of too many digits"


def json_lines_file(path: Path, where: str) -> DataFile:
    """A file with one object a line, blank lines not counted. Raises InputError."""
    return _file(path, where, _lines)


def json_file(path: Path, where: str) -> DataFile:
    """A file with a list of objects, or one object a line all the same. Raises InputError."""
    with open_text(path, where) as file:
        start = next((text for text in map(str.strip, iter(lambda: file.read(1 << 16), "")) if text), "")
    if not start:
        raise InputError(f"{where} is empty.")
    if start.startswith("["):
        return _file(path, where, elements)
    with open_text(path, where) as file:
        lines = _lines(file)
        first, second = next(lines)[1], next(lines, None)
    alone = second is None and isinstance(first, dict)
    if not isinstance(first, dict) or (alone and any(isinstance(v, dict | list) for v in first.values())):
        raise InputError(
            f"{where} holds no list of objects; write it as [{{...}}, {{...}}], or one object a line."
        )
    return _file(path, where, _lines)


def _file(path: Path, where: str, of: Callable[[TextIO], Iterator[Element]]) -> DataFile:
    with open_text(path, where) as file:
        columns = _columns(of(file), where)

    def read(asked: tuple[str, ...], rows: int) -> Iterator[Batch]:
        with open_text(path, where) as file:
            yield from _batches(of(file), asked, rows)

    return DataFile(columns, False, read, sparse=True)


def _columns(found: Iterator[Element], where: str) -> tuple[str, ...]:
    """The keys of the first rows, in the order in which they come."""
    keys: dict[str, None] = {}
    rows = size = 0
    for text, value in found:
        if isinstance(value, dict):
            keys.update(dict.fromkeys(key for key in value if key not in keys and is_text(key)))
            refuse_too_many(keys, where)
            rows, size = rows + 1, size + len(text)
            if rows == BATCH_ROWS or size > BATCH_CHARACTERS:
                break
    if not rows:
        raise InputError(f"{where} holds no rows: nothing in it is a JSON object.")
    return tuple(keys)


def _batches(found: Iterator[Element], asked: tuple[str, ...], rows: int) -> Iterator[Batch]:
    cells: list[list[str | None]] = []
    numbers: list[int] = []
    refused: list[Refused] = []
    size = 0
    for number, (text, value) in enumerate(found):
        row = _row(text, value, asked)
        if isinstance(row, Fault):
            refused.append(Refused(number, row.reason, printable(text)))
        else:
            numbers.append(number)
            cells.append(row)
            size += len(text)
        if len(numbers) == rows or len(refused) == rows or size > BATCH_CHARACTERS:
            yield text_batch(asked, cells, numbers, refused)
            cells, numbers, refused, size = [], [], [], 0
    if numbers or refused:
        yield text_batch(asked, cells, numbers, refused)


def _row(text: str, value: Any, asked: tuple[str, ...]) -> list[str | None] | Fault:
    """The cells of an element."""
    if isinstance(value, Fault):
        return value
    if not isinstance(value, dict):
        return Fault(NO_OBJECT)
    try:
        row = [value.get(name) for name in asked]
        if not _PLAIN.issuperset(map(type, row)):
            row = [_cell(cell, name, text) for cell, name in zip(row, asked, strict=True)]
    except RecursionError:
        return Fault(TOO_DEEP)
    except ValueError:  # more digits than Python takes, in a list or an object
        return Fault(TOO_MANY_DIGITS)
    if "\\u" in text:
        together = "".join(filter(None, row))
        if "\0" in together:
            return Fault(NUL)
        if not is_text(together):
            return Fault(HALF_PAIR)
    return row


def _cell(value: Any, name: str, text: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    again = json.loads(text, strict=False)[name]  # with numbers as numbers
    return json.dumps(again, ensure_ascii=False)


def _lines(file: TextIO) -> Iterator[Element]:
    """The lines that are not blank."""
    lines = Lines(file)
    while True:
        lines.begin()
        try:
            for line in lines:
                if text := line.strip():
                    yield text, Fault(lines.fault) if lines.fault else decoded(text)
                lines.begin()
            return
        except TooLong:
            yield lines.record[0], Fault(fault_of(lines.record[0]))
