"""A text file as lines, whatever its bytes: compressed or not, UTF-8 or UTF-16, no line too long.

A byte that cannot be decoded becomes U+DC00 + byte, a code point that no text has, so that one bad byte
costs only one row, and its text can still be shown.
"""

from __future__ import annotations

import codecs
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from datagen.readers.source import MAX_ROW_CHARACTERS, TOO_LONG, damage_as_input_error

NOT_TEXT, NUL = "is not UTF-8", "holds a NUL byte"
_NUL_MARK = "\udc00"


class TooLong(Exception):
    """A record has become longer than MAX_ROW_CHARACTERS; never shown to users."""


class Lines:
    """The lines of a text for a parser that reads them as it needs them, with those of the current record.

    ``record``: the unchanged lines since :meth:`start_record`. ``fault``: what is wrong with one of them, if
    anything. ``characters``: how many were read in total.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._returned = ""
        self.record: list[str] = []
        self.fault = ""
        self.characters = self._record_start = 0

    def start_record(self) -> None:
        """Forget the lines of the last record."""
        self.record.clear()
        self.fault = ""
        self._record_start = self.characters

    def put_back(self, line: str) -> None:
        """Make this line the next one."""
        self._returned = line

    def __iter__(self) -> Iterator[str]:
        """The remaining lines, each with its end. Raises TooLong, after which a new iterator continues."""
        readline, record = self._file.readline, self.record
        while True:
            line, self._returned = self._returned or readline(MAX_ROW_CHARACTERS + 1), ""
            if not line:
                return
            record.append(line)
            self.characters += len(line)
            if self.characters - self._record_start > MAX_ROW_CHARACTERS:
                if len(line) > MAX_ROW_CHARACTERS:
                    self._skip_rest(line)
                raise TooLong
            if not line.isascii() or "\0" in line:
                self.fault = fault_of(line) or self.fault
                line = line.replace("\0", _NUL_MARK)  # which the csv module of Python 3.10 rejects
            yield line

    def _skip_rest(self, line: str) -> None:
        while line and not line.endswith(("\n", "\r")):
            line = self._file.readline(MAX_ROW_CHARACTERS)


def fault_of(line: str) -> str:
    """Why a line of text cannot be a row, empty where it can."""
    if len(line) > MAX_ROW_CHARACTERS:
        return TOO_LONG
    if "\0" in line:
        return NUL
    return "" if is_text(line) else NOT_TEXT


def is_text(value: str) -> bool:
    """Whether a string is Unicode text, with no unpaired surrogate in it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def open_text(path: Path, where: str) -> Iterator[TextIO]:
    """A text file, decompressed if it is gzip, and decoded; its line ends stay as they are.

    Raises InputError, also while it is read.
    """
    with damage_as_input_error(where), path.open("rb") as raw:
        compressed = raw.peek(2)[:2] == b"\x1f\x8b"
        file = gzip.GzipFile(fileobj=raw) if compressed else raw
        mark = file.peek(3)[:3]
        if mark[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            encoding, errors = "utf-16", "datagen.readers.surrogates"
        else:
            encoding, errors = "utf-8", "surrogateescape"
            if mark == codecs.BOM_UTF8:
                file.read(3)
        with io.TextIOWrapper(file, encoding, errors, newline="") as text:
            yield text


def _as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """Do for any encoding what surrogateescape does for UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    undecodable = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in undecodable), error.end


codecs.register_error("datagen.readers.surrogates", _as_surrogates)
