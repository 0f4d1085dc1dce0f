"""Pictures on disk by their content, and a journal of what became of each URL.

FOLDER/journal.sqlite     URL -> content, or the reason why there is none
FOLDER/ab/abcd...         a picture, under the SHA-256 of its bytes
FOLDER/aside/             pictures that are being written

A picture is written to a temporary file, renamed, and only then entered in the journal, in a transaction of
its own. So a run that is killed at any moment leaves complete pictures and correct entries: what is in the
journal is not fetched again; what was in progress is. A power failure may lose files that the journal lists;
so their size is checked whenever they are looked up, and their content when they are read.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import cast

from datagen.library_messages import database_is_locked
from datagen.photos.check import Limits, Photo, PhotoError, check
from datagen.schemas import InputError, RunFailed

JOURNAL, ASIDE = "journal.sqlite", "aside"
_FORMAT = 1
_AT_ONCE = 500
"""URLs looked up in one statement; SQLite accepts at least 999 parameters."""

_TABLE = """
CREATE TABLE outcomes (
    url TEXT PRIMARY KEY, sha256 TEXT, kind TEXT, width INTEGER, height INTEGER, reason TEXT, bytes INTEGER,
    lasting INTEGER NOT NULL
) WITHOUT ROWID
"""
_QUERY = "SELECT * FROM outcomes WHERE url IN ({})"
_ENTRY = "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class PhotoStore:
    """The pictures in a folder, for one process at a time. Methods may be called from any thread.

    Open a folder that is kept from run to run with ``forget_failures``: then failures that another run may
    not meet (a timeout, a 503, a limit that was too low) are tried again, and others (404, a page in place
    of a picture) are not. To resume an interrupted run, open it without.
    Raises InputError if the folder is something else, damaged, or in use by another run.
    """

    def __init__(self, folder: str | Path, *, forget_failures: bool = False) -> None:
        self.folder = Path(folder)
        self._lock = threading.Lock()
        self._numbers = count()
        with self._as_messages():
            self._open(forget_failures)

    def _open(self, forget_failures: bool) -> None:
        journal = self.folder / JOURNAL
        self.folder.mkdir(parents=True, exist_ok=True)
        if not journal.exists() and any(self.folder.iterdir()):
            raise InputError(
                f"{self.folder} is not a folder of pictures that datagen fetched; give another folder."
            )
        self._journal = sqlite3.connect(journal, timeout=0.0, check_same_thread=False, isolation_level=None)
        try:
            # No other process can write between our transactions, and no shared memory is needed.
            self._journal.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._journal.execute("PRAGMA journal_mode = WAL")
            self._journal.execute("PRAGMA synchronous = NORMAL")
            (version,) = self._journal.execute("PRAGMA user_version").fetchone()
            self._journal.execute("BEGIN EXCLUSIVE")
            if version == 0:
                self._journal.execute(_TABLE)
                self._journal.execute(f"PRAGMA user_version = {_FORMAT}")
            elif version != _FORMAT:
                raise InputError(f"{journal} was made by a newer version of datagen; give another folder.")
            if forget_failures:
                self._journal.execute("DELETE FROM outcomes WHERE NOT lasting")
            self._journal.execute("COMMIT")
        except BaseException:
            self._journal.close()
            raise
        unfinished = self.folder / ASIDE
        unfinished.mkdir(exist_ok=True)
        for path in unfinished.iterdir():
            path.unlink()

    def close(self) -> None:
        """Release the folder."""
        with self._lock:
            self._journal.close()

    def __enter__(self) -> PhotoStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # URLs

    def outcome(self, url: str) -> Photo | None:
        """The outcome of a URL; None while it is not known."""
        return self.outcomes([url]).get(url)

    def outcomes(self, urls: Iterable[str]) -> dict[str, Photo]:
        """The known outcomes of these URLs."""
        wanted = list(dict.fromkeys(urls))
        found: dict[str, Photo] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            query = _QUERY.format(",".join("?" * len(part)))
            with self._lock, self._as_messages():
                rows = self._journal.execute(query, [_key(url) for url in part]).fetchall()
            known = {row[0]: row for row in rows}
            for url in part:
                row = known.get(_key(url))
                if row is not None and (row[1] is None or self._size(row[1]) == row[6]):
                    found[url] = Photo(*row[1:6])
        return found

    def missing(self, urls: Iterable[str]) -> list[str]:
        """The URLs without a known outcome, each once and in order."""
        wanted = list(dict.fromkeys(urls))
        known = self.outcomes(wanted)
        return [url for url in wanted if url not in known]

    def record(self, url: str, photo: Photo, *, permanent: bool = True) -> None:
        """Enter the outcome of a URL. ``permanent``: another run would end the same way. Raises RunFailed."""
        size = None if photo.sha256 is None else self._size(photo.sha256)
        values = (photo.sha256, photo.kind, photo.width, photo.height, photo.reason, size, int(permanent))
        with self._lock, self._as_messages():
            self._journal.execute(_ENTRY, (_key(url), *values))

    # Pictures

    def add(self, content: bytes, limits: Limits) -> Photo:
        """Check and store a picture from anywhere. For one that fails, the reason is returned instead.

        Raises OSError.
        """
        try:
            photo, picture = check(content, limits)
        except PhotoError as failure:
            return Photo(reason=failure.reason)
        self.keep(photo, picture)
        return photo

    def keep(self, photo: Photo, content: bytes) -> None:
        """Write the content of a checked picture, once. Raises OSError."""
        path = self._path(cast(str, photo.sha256))
        if self._size(cast(str, photo.sha256)) == len(content):
            return
        temporary = self.folder / ASIDE / str(next(self._numbers))
        try:
            temporary.write_bytes(content)
            try:
                temporary.replace(path)
            except FileNotFoundError:
                path.parent.mkdir(exist_ok=True)
                temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def read(self, photo: Photo) -> bytes:
        """The bytes of a stored picture. Raises RunFailed if they are no longer those that were stored."""
        if photo.sha256 is None:
            raise ValueError(f"there is no picture: {photo.reason}")
        path = self._path(photo.sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            content = b""
        if hashlib.sha256(content).hexdigest() != photo.sha256:
            path.unlink(missing_ok=True)
            raise RunFailed(
                f"{path} was damaged and has been removed; run the same command again to fetch it again."
            )
        return content

    def _path(self, sha256: str) -> Path:
        if not re.fullmatch("[0-9a-f]{64}", sha256):  # a journal from somebody else
            raise InputError(f"{self.folder / JOURNAL} is damaged; remove {self.folder}.")
        return self.folder / sha256[:2] / sha256

    def _size(self, sha256: str) -> int | None:
        try:
            return self._path(sha256).stat().st_size
        except OSError:
            return None

    @contextlib.contextmanager
    def _as_messages(self) -> Iterator[None]:
        """Raise errors of the journal and the folder as InputError or RunFailed."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if database_is_locked(error):
                raise InputError(
                    f"Another run is using {self.folder}; wait for it, or give another folder."
                ) from None
            raise RunFailed(
                f"{self.folder / JOURNAL} cannot be written ({error}); free disk space and run the same "
                "command again."
            ) from None
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.folder / JOURNAL} is damaged ({error}); remove {self.folder}.") from None
        except (FileExistsError, NotADirectoryError, PermissionError) as error:
            raise InputError(f"{self.folder} cannot be used for pictures ({error.strerror}).") from None


def _key(url: str) -> str:
    """The URL as SQLite accepts it: text from a broken file may hold an unpaired surrogate."""
    return url.encode("utf-8", "backslashreplace").decode("utf-8")
