"""A text file as lines, whatever its bytes: compressed or not, UTF-8 or UTF-16, no line too long.

A byte that cannot be decoded becomes U+DC00 + byte, a code point that no text has, so that one bad byte
costs only one row, and its text can still be shown.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen.readers.limits import DEFAULT_LIMITS, ReadLimits, Watch
from datagen.readers.source import MAX_ROW_CHARACTERS, TOO_LONG, Unread, damage_as_input_error

NOT_TEXT, NUL, CUT = "is not UTF-8", "holds a NUL byte", "is cut off"
GZIP_DAMAGED = "is damaged or cut off (gzip)"
_NUL_MARK = "\udc00"


class TooLong(Exception):
    """A record has become longer than MAX_ROW_CHARACTERS; never shown to users."""


class Lines:
    """The lines of a text for a parser that reads them as it needs them, with those of the current record.

    ``record``: the unchanged lines since :meth:`start_record`. ``fault``: what is wrong with one of them, if
    anything. ``characters``: how many were read in total.
    """

    def __init__(self, file: TextFile) -> None:
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
            if self._file.unread and not line.endswith(("\n", "\r")):
                self.fault = CUT
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


class TextFile(io.TextIOWrapper):
    """A text file that ends where it is damaged; ``unread`` says so then."""

    def __init__(self, file: _Unpacked, encoding: str, errors: str) -> None:
        super().__init__(file, encoding, errors, newline="")
        self._unpacked = file

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What could not be read, if this was met."""
        return self._unpacked.unread

    def cut_off(self, reason: str) -> None:
        """Say that the file ends before it should."""
        end = self._unpacked.watch.bytes
        self._unpacked.unread += (Unread(self._unpacked.name, end, None, None, reason),)

    def found_row(self) -> None:
        """Say that a valid row was found: reading may go on."""
        self._unpacked.watch.row()


class _Unpacked(io.BufferedIOBase):
    """The bytes of a file, unpacked if it is gzip, within limits; it ends where it is damaged."""

    def __init__(self, file: Any, where: str, limits: ReadLimits) -> None:
        self._file, self.name = file, where
        self.watch = Watch(where, limits)
        self.unread: tuple[Unread, ...] = ()

    def readable(self) -> bool:
        """Yes."""
        return True

    def read1(self, size: int = -1, /) -> bytes:
        """Up to ``size`` bytes; none at the end or where the file is damaged."""
        if self.unread:
            return b""
        try:
            content: bytes = self._file.read1(size)
        except (EOFError, zlib.error, gzip.BadGzipFile, OSError) as error:
            if not self.watch.bytes:
                raise
            self.unread = (Unread(self.name, self.watch.bytes, None, None, _reason(error)),)
            return b""
        self.watch.read(len(content))
        return content

    def read(self, size: int | None = -1, /) -> bytes:
        """As many bytes as there are, up to ``size``."""
        return self.read1(-1 if size is None else size)


def _reason(error: Exception) -> str:
    """Why a file cannot be read further."""
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return GZIP_DAMAGED
    return f"cannot be read ({getattr(error, 'strerror', None) or type(error).__name__})"


@contextmanager
def open_text(path: Path, where: str, limits: ReadLimits = DEFAULT_LIMITS) -> Iterator[TextFile]:
    """A text file, decompressed if it is gzip, and decoded; its line ends stay as they are.

    Raises InputError, also while it is read: where nothing of it can be, or a limit is met.
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
        with TextFile(_Unpacked(file, where, limits), encoding, errors) as text:
            yield text


def _as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """Do for any encoding what surrogateescape does for UTF-8."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    undecodable = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in undecodable), error.end


codecs.register_error("datagen.readers.surrogates", _as_surrogates)
