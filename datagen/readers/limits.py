"""What a source may cost: bytes once it is unpacked, rows, and seconds without a row."""

from __future__ import annotations

import time
from dataclasses import dataclass

from datagen.schemas import InputError
from datagen.schemas.terminal import size


@dataclass(frozen=True)
class ReadLimits:
    """Where reading stops with an InputError: no catalogue is so large, but a few kilobytes can claim to be.

    ``bytes``: of one file, unpacked; ``rows``: of the source; ``row_seconds``: without a valid row.
    """

    bytes: int = 100_000_000_000
    rows: int = 100_000_000
    row_seconds: float = 60.0


DEFAULT_LIMITS = ReadLimits()


class Watch:
    """Counts what is read of one file, and raises InputError where a limit is met."""

    def __init__(self, where: str, limits: ReadLimits) -> None:
        self._where, self._limits = where, limits
        self._last_row = time.monotonic()
        self.bytes = 0

    def read(self, count: int) -> None:
        """So many more bytes were read."""
        self.bytes += count
        if self.bytes > self._limits.bytes:
            raise InputError(
                f"{self._where} unpacks to more than {size(self._limits.bytes)}; "
                "give a larger --max-bytes if it is meant to."
            )
        if time.monotonic() - self._last_row > self._limits.row_seconds:
            raise InputError(
                f"{self._where} gave no valid row for {self._limits.row_seconds:g} seconds, up to byte "
                f"{self.bytes:,}; give a longer --row-timeout if it is meant to."
            )

    def row(self) -> None:
        """A valid row was found."""
        self._last_row = time.monotonic()
