"""One long JSON list, element by element: the file is never in memory, and a bad element costs only itself.

An object is decoded in place. Where that fails, it ends where its brackets close, or where the next object
begins with a key that objects of this list have, whichever comes first: so a quote or bracket that is lost
swallows no other row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from json import JSONDecodeError
from typing import Any, NamedTuple, TextIO

from datagen.readers.source import MAX_ROW_CHARACTERS
from datagen.readers.text_lines import fault_of

NOT_JSON, TOO_DEEP = "is not JSON", "is nested too deeply"
KEY_TWICE = "has a key twice"
CUT_OFF, AFTER_END = "is cut off: the list has no end", "ends the list before its end"
CHUNK = 1 << 18

MOST_KEYS = 64
"""Of the keys that tell the beginning of an object."""

LONGEST_KEY = 100

_GAP = re.compile(r"[ \t\r\n,]*")
_SCALAR = re.compile(r'[^,\[{"]+')
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)
_COLON = re.compile(r"\s*:")
_OPENING = re.compile(r"[\[{]")
_ANY_OBJECT = re.compile(r'\{\s*"')


class Fault(NamedTuple):
    """In place of a value: why it cannot be used."""

    reason: str


Element = tuple[str, Any]
"""The text of an element and its value, or its :class:`Fault`."""


class _KeyTwice(ValueError):
    """An object has a key twice, so a decoder would drop one of the values."""


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _KeyTwice
    return value


_AS_TEXT: dict[str, Any] = {"parse_int": str, "parse_float": str, "parse_constant": str, "strict": False}
"""Keeps numbers as text, exactly as written."""

DECODER = json.JSONDecoder(object_pairs_hook=_no_key_twice, **_AS_TEXT)
_LENIENT = json.JSONDecoder(**_AS_TEXT)


def decoded(text: str) -> Any:
    """The value of a JSON text, or a :class:`Fault`."""
    if reason := fault_of(text):
        return Fault(reason)
    try:
        return DECODER.decode(text)
    except RecursionError:
        return Fault(TOO_DEEP)
    except _KeyTwice:
        return Fault(KEY_TWICE)
    except ValueError:
        return Fault(NOT_JSON)


def elements(file: TextIO) -> Iterator[Element]:
    """The elements of the list in a file; if the file is damaged at its end, the last one is a Fault."""
    window = _Window(file)
    window.skip_gap()
    window.at += 1  # the opening bracket of the list
    while window.skip_gap():
        if window.text[window.at] != "]":
            yield window.element()
            continue
        window.at += 1
        if not window.skip_gap():
            return
        if window.text[window.at] == "[":  # one list after another
            window.at += 1
        else:
            raw, _ = window.junk()
            yield f"]{raw}", Fault(AFTER_END)
    yield "", Fault(CUT_OFF)


class _Window:
    """The part of the file from the element that is being read on, and the position in it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.text, self.at = "", 0
        self._keys: set[str] = set()
        self._object = _ANY_OBJECT

    def skip_gap(self) -> bool:
        """Move past blanks and commas; whether anything follows."""
        while True:
            gap = _GAP.match(self.text, self.at)
            self.at = gap.end() if gap else self.at
            if self.at < len(self.text):
                return True
            if not self._read_on():
                return False

    def element(self) -> Element:
        """The element that starts here, whole or damaged, and move past it."""
        if self.text[self.at] not in '{["':
            return self.junk()
        reason, wrong_at, unclosed = NOT_JSON, self.at, False
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.at)
            except RecursionError:
                reason, wrong_at = TOO_DEEP, self._inside_the_nest()
                break
            except _KeyTwice:
                return self._take(_LENIENT.raw_decode(self.text, self.at)[1], Fault(KEY_TWICE))
            except JSONDecodeError as error:
                wrong_at = error.pos
                unclosed = error.msg.startswith("Unterminated string")
                if not unclosed and wrong_at < len(self.text) - 10:  # an escape or a word may go on for 10
                    break
                start, more = self.at, len(self.text) - self.at <= MAX_ROW_CHARACTERS and self._read_on()
                wrong_at -= start - self.at  # reading on moves the position to 0
                if not more:
                    break
            else:
                return self._checked(value, end)
        return self._damaged(reason, wrong_at, unclosed)

    def _checked(self, value: Any, end: int) -> Element:
        """An element that was decoded; a list or a string that swallowed an object is damaged."""
        if not isinstance(value, dict):
            if self._object.search(self.text, self.at + 1, end):
                return self._damaged(NOT_JSON, self.at)
            if _COLON.match(self.text, end):  # a key: the bracket of its object is lost
                return self._damaged(NOT_JSON, self.at, unclosed=True)
            return self._take(end, value)
        if len(self._keys) < MOST_KEYS and not value.keys() <= self._keys:
            self._learn(value)
        return self._take(end, value)

    def _learn(self, value: dict[str, Any]) -> None:
        """Know the keys of an object, by which others are found where one is damaged."""
        self._keys.update(key for key in [*value][:MOST_KEYS] if len(key) <= LONGEST_KEY)
        written = {re.escape(json.dumps(key, ensure_ascii=False)) for key in self._keys}
        if written:
            self._object = re.compile(rf"\{{\s*(?:{'|'.join(sorted(written))})\s*:")

    def junk(self) -> Element:
        """A number or a word, or characters that are neither; nothing where an object or a string begins."""
        found = _SCALAR.match(self.text, self.at)
        while found and found.end() == len(self.text) and len(self.text) - self.at <= MAX_ROW_CHARACTERS:
            if not self._read_on():
                break
            found = _SCALAR.match(self.text, self.at)
        end = found.end() if found else self.at
        raw = self.text[self.at : end].rstrip()
        if end == len(self.text) and raw.endswith("]") and len(raw) > 1:
            end = self.at + len(raw) - 1  # the bracket that ends the list
        return self._take(end, decoded(self.text[self.at : end].strip()))

    def _damaged(self, reason: str, wrong_at: int, unclosed: bool = False) -> Element:
        """The damaged element that starts here.

        ``wrong_at``: where the decoder stopped; ``unclosed``: at a string without an end, so that brackets
        say nothing.
        """
        following = self._next_object(max(self.at + 1, wrong_at - LONGEST_KEY))
        end = None if unclosed else self._closing_bracket(following)
        if end is None:
            end = following
        raw = self.text[self.at : end].rstrip(" \t\r\n,")
        self.at = end
        if end == len(self.text):
            self._skip_to_object()
        return raw, Fault(fault_of(raw) or reason)

    def _inside_the_nest(self) -> int:
        """Behind many brackets of the element that starts here, so that not each of them is tried."""
        brackets = islice(_OPENING.finditer(self.text, self.at), 500)
        return max((bracket.end() for bracket in brackets), default=self.at)

    def _next_object(self, start: int) -> int:
        """Where the next object begins, within the longest row; otherwise the end of what was read."""
        while True:
            found = self._object.search(self.text, start)
            if found:
                return found.start()
            if len(self.text) - self.at > MAX_ROW_CHARACTERS:
                return len(self.text)
            moved = self.at
            if not self._read_on():
                return len(self.text)
            start -= moved

    def _closing_bracket(self, before: int) -> int | None:
        """The end of the element that starts here by its brackets, if they close ``before`` a position."""
        depth = 0
        for token in _TOKEN.finditer(self.text, self.at, before):
            mark = token[0]
            if mark in "[{":
                depth += 1
            elif mark in "]}" and depth:
                depth -= 1
                if not depth:
                    return token.end()
            elif mark in ",]" and not depth:
                return token.start() if token.start() > self.at else token.end()
        return None

    def _skip_to_object(self) -> None:
        """Move on to the next object, dropping what is before it: no row is so long."""
        while not (found := self._object.search(self.text, self.at)):
            self.at = max(self.at, len(self.text) - 2 * LONGEST_KEY)
            if not self._read_on():
                self.at = len(self.text)
                return
        self.at = found.start()

    def _take(self, end: int, value: Any) -> Element:
        """The text up to ``end`` with its value or fault, and move there."""
        raw, self.at = self.text[self.at : end], end
        reason = fault_of(raw)
        return raw, Fault(reason) if reason else value

    def _read_on(self) -> bool:
        """Read more, dropping what is before the position, which becomes 0; whether there was more.

        What is read doubles, so that decoding a long object again and again takes linear time.
        """
        more = self._file.read(max(CHUNK, len(self.text) - self.at))
        if more or self.at:
            self.text, self.at = self.text[self.at :] + more, 0
        return bool(more)
