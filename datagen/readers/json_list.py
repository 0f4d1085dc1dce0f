"""One long JSON list, element by element: the file is never in memory, and a bad element costs only itself.

An object is decoded in place, in the window that was read last. Where that fails, because it is malformed
or ends in a later window, its end is found by its brackets, ignoring those in strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TextIO

from datagen.readers.source import MAX_ROW_CHARACTERS, MAX_SHOWN
from datagen.readers.text_lines import fault_of

NOT_JSON, TOO_DEEP = "is not JSON", "is nested too deeply"
CUT_OFF, AFTER_END = "is cut off: the list has no end", "comes after the end of the list"
CHUNK = 1 << 18
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)
"""Keeps numbers as text, exactly as written."""

_GAP = re.compile(r"[ \t\r\n,]*")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_STRING_END = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class Fault(NamedTuple):
    """In place of a value: why it cannot be used."""

    reason: str


Element = tuple[str, Any]
"""The text of an element and its value, or its :class:`Fault`."""


def decoded(text: str) -> Any:
    """The value of a JSON text, or a :class:`Fault`."""
    if reason := fault_of(text):
        return Fault(reason)
    try:
        return DECODER.decode(text)
    except RecursionError:
        return Fault(TOO_DEEP)
    except ValueError:
        return Fault(NOT_JSON)


def elements(file: TextIO) -> Iterator[Element]:
    """The elements of the list in a file; if the file is damaged at its end, the last one is a Fault."""
    window = _Window(file)
    window.skip_gap()
    window.at += 1  # the opening bracket of the list
    while window.skip_gap():
        if window.text[window.at] == "]":
            window.at += 1
            if window.skip_gap():
                yield window.text[window.at :] + file.read(MAX_SHOWN), Fault(AFTER_END)
            return
        yield window.whole_object() or window.by_brackets()
    yield "", Fault(CUT_OFF)


class _Window:
    """The part of the file that was read last, and the position in it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.text, self.at = "", 0

    def skip_gap(self) -> bool:
        """Move past blanks and commas; whether anything follows."""
        while True:
            gap = _GAP.match(self.text, self.at)
            self.at = gap.end() if gap else self.at
            if self.at < len(self.text):
                return True
            if not self._read_next():
                return False

    def whole_object(self) -> Element | None:
        """The object that starts here, if it is well-formed and ends in this window."""
        if self.text[self.at] != "{":
            return None
        try:
            value, end = DECODER.raw_decode(self.text, self.at)
        except (ValueError, RecursionError):
            return None
        raw, self.at = self.text[self.at : end], end
        reason = fault_of(raw)
        return raw, Fault(reason) if reason else value

    def by_brackets(self) -> Element:
        """The element that starts here, up to where its brackets close, a comma or the end of the list."""
        text, depth, in_string, ended = "", 0, False, False
        while not ended:
            start = self.at
            depth, in_string, ended = self._scan(depth, in_string)
            text = (text + self.text[start : self.at])[: MAX_ROW_CHARACTERS + 1]
            if not ended and not self._read_next():
                break
        return text.rstrip(), decoded(text)

    def _scan(self, depth: int, in_string: bool) -> tuple[int, bool, bool]:
        """Move to the end of the element or window; returns the depth, whether in a string, whether ended."""
        if in_string:
            end = _STRING_END.match(self.text, self.at)
            self.at = end.end() if end else len(self.text)
            if not end:
                return depth, True, False
        for token in _TOKEN.finditer(self.text, self.at):
            mark = token[0]
            if mark == '"':
                self.at = len(self.text)
                return depth, True, False
            if mark in "[{":
                depth += 1
            elif mark in "]}" and depth:
                depth -= 1
                if not depth:
                    self.at = token.end()
                    return 0, False, True
            elif mark in ",]" and not depth:
                self.at = token.start()
                return 0, False, True
        self.at = len(self.text)
        return depth, False, False

    def _read_next(self) -> bool:
        """Read the next window, without splitting an escape sequence; whether there is one."""
        self.text, self.at = self._file.read(CHUNK), 0
        if (len(self.text) - len(self.text.rstrip("\\"))) % 2:
            self.text += self._file.read(1)
        return bool(self.text)
