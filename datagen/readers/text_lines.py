"""A text file as lines, whatever its bytes: packed or not, UTF-8 or UTF-16, no line too long.

A byte that cannot be decoded becomes U+DC00 + byte, a code point that no text has, so that one bad byte
costs one row and its text can still be shown.
"""

from __future__ import annotations

import codecs
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from datagen.readers.source import MOST_CHARACTERS, TOO_LONG, damage_told

NOT_TEXT, NUL = "is not UTF-8", "holds a NUL byte"
_NUL_MARK = "\udc00"


class TooLong(Exception):
    """A record has become longer than MOST_CHARACTERS; no user ever sees it."""


class Lines:
    """The lines of a text for a parser that takes them as it needs them, with those of the record at hand.

    ``record``: the lines as they were, that were taken since :meth:`begin`. ``fault``: what is wrong with
    one of them, if anything. ``taken``: the characters taken in all.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again = ""
        self.record: list[str] = []
        self.fault = ""
        self.taken = self._began = 0

    def begin(self) -> None:
        """Forget the lines of the last record: another begins."""
        self.record.clear()
        self.fault = ""
        self._began = self.taken

    def give_back(self, line: str) -> None:
        """Have the next line be this one."""
        self._again = line

    def __iter__(self) -> Iterator[str]:
        """The lines from here on, each with its end. Raises TooLong, after which a new iterator goes on."""
        readline, record = self._file.readline, self.record
        while True:
            line, self._again = self._again or readline(MOST_CHARACTERS + 1), ""
            if not line:
                return
            record.append(line)
            self.taken += len(line)
            if self.taken - self._began > MOST_CHARACTERS:
                if len(line) > MOST_CHARACTERS:
                    self._skip_rest(line)
                raise TooLong
            if not line.isascii() or "\0" in line:
                self.fault = fault_of(line) or self.fault
                line = line.replace("\0", _NUL_MARK)  # which Python 3.10's csv does not take
            yield line

    def _skip_rest(self, line: str) -> None:
        while line and not line.endswith(("\n", "\r")):
            line = self._file.readline(MOST_CHARACTERS)


def fault_of(line: str) -> str:
    """Why a line of text cannot be a row, empty where it can."""
    if len(line) > MOST_CHARACTERS:
        return TOO_LONG
    if "\0" in line:
        return NUL
    return "" if is_text(line) else NOT_TEXT


def is_text(value: str) -> bool:
    """Whether a string is Unicode text: it has no half of a surrogate pair in it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def open_text(path: Path, where: str) -> Iterator[TextIO]:
    """A text file, unpacked if it is packed (gzip) and decoded, its line ends as they are.

    Raises InputError, also while it is read.
    """
    with damage_told(where), path.open("rb") as raw:
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        file = gzip.GzipFile(fileobj=raw) if packed else raw
        mark = file.peek(3)[:3]
        if mark[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            encoding, errors = "utf-16", "datagen.readers.mark"
        else:
            encoding, errors = "utf-8", "surrogateescape"
            if mark == codecs.BOM_UTF8:
                file.read(3)
        with io.TextIOWrapper(file, encoding, errors, newline="") as text:
            yield text


def _mark(error: UnicodeError) -> tuple[str, int]:
    """What surrogateescape does for UTF-8, for any encoding."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in wrong), error.end


codecs.register_error("datagen.readers.mark", _mark)
