"""The codes of earlier rows: exact, in any number, on disk instead of in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from datagen.schemas import RunFailed


class Codes:
    """The codes of the rows so far. The file is temporary: created empty and removed at the end.

    Raises RunFailed where it cannot be written, as on a full disk.
    """

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        with self._as_failures():
            self._base = sqlite3.connect(path, isolation_level=None)
            self._base.execute("PRAGMA journal_mode = OFF")
            self._base.execute("PRAGMA synchronous = OFF")
            self._base.execute("CREATE TABLE codes (row INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE)")

    def __enter__(self) -> Codes:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()
        self._path.unlink(missing_ok=True)

    def new(self, rows: Sequence[int], codes: Sequence[str]) -> set[int]:
        """The rows whose codes no earlier row had; their codes are remembered. Row numbers must increase."""
        if not rows:
            return set()
        with self._as_failures():
            self._base.execute("BEGIN")
            self._base.executemany("INSERT OR IGNORE INTO codes VALUES (?, ?)", zip(rows, codes, strict=True))
            self._base.execute("COMMIT")
            rows_of_new = self._base.execute(
                "SELECT row FROM codes WHERE row BETWEEN ? AND ?", (rows[0], rows[-1])
            )
            return {row for (row,) in rows_of_new}

    @contextmanager
    def _as_failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise RunFailed(
                f"{self._path} cannot be written ({error}); free disk space and run the same command again."
            ) from None
