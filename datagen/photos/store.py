"""Pictures on disk by their content, and a journal of what became of each URL.

FOLDER/journal.sqlite     URL -> content, or the reason why there is none
FOLDER/ab/abcd...         a picture, under the SHA-256 of its bytes
FOLDER/aside/             pictures that are being written

A picture is written aside, renamed, and only then entered in the journal, in a transaction of its own. So
a run that is killed at any moment leaves whole pictures and true entries: what the journal has is not
fetched again, and what was under way is. A machine that loses power may lose files that the journal has;
their size is looked at whenever they are asked for, and their content when they are read.
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

from datagen.photos.check import Limits, NoPhoto, Photo, check
from datagen.schemas import InputError, RunFailed

JOURNAL, ASIDE = "journal.sqlite", "aside"
_FORMAT = 1
_AT_ONCE = 500
"""URLs asked for in one statement; SQLite takes at least 999 parameters."""

_TABLE = """
CREATE TABLE outcomes (
    url TEXT PRIMARY KEY, sha256 TEXT, kind TEXT, width INTEGER, height INTEGER, reason TEXT, bytes INTEGER,
    lasting INTEGER NOT NULL
) WITHOUT ROWID
"""
_QUERY = "SELECT * FROM outcomes WHERE url IN ({})"
_ENTRY = "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


class PhotoStore:
    """The pictures in a folder; one process has it at a time. Methods may be called from any thread.

    A folder that is kept from run to run is opened with ``forget_failures``: then what another run might get
    (a timeout, a 503, a limit that was too low) is asked for again, and what it would not (404, a page
    in place of a picture) is not. To go on with an interrupted run, open it without.
    Raises InputError where the folder is something else, damaged, or held by another run.
    """

    def __init__(self, folder: str | Path, *, forget_failures: bool = False) -> None:
        self.folder = Path(folder)
        self._lock = threading.Lock()
        self._numbers = count()
        with self._told():
            self._open(forget_failures)

    def _open(self, forget_failures: bool) -> None:
        journal = self.folder / JOURNAL
        self.folder.mkdir(parents=True, exist_ok=True)
        if not journal.exists() and any(self.folder.iterdir()):
            raise InputError(
                f"{self.folder} holds something else than pictures of this tool; give another folder."
            )
        self._journal = sqlite3.connect(journal, timeout=0.0, check_same_thread=False, isolation_level=None)
        try:
            # No other process can write here between our transactions, and no shared memory is needed.
            self._journal.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._journal.execute("PRAGMA journal_mode = WAL")
            self._journal.execute("PRAGMA synchronous = NORMAL")
            (form,) = self._journal.execute("PRAGMA user_version").fetchone()
            self._journal.execute("BEGIN EXCLUSIVE")
            if form == 0:
                self._journal.execute(_TABLE)
                self._journal.execute(f"PRAGMA user_version = {_FORMAT}")
            elif form != _FORMAT:
                raise InputError(f"{journal} was made by a newer version of datagen; give another folder.")
            if forget_failures:
                self._journal.execute("DELETE FROM outcomes WHERE NOT lasting")
            self._journal.execute("COMMIT")
        except BaseException:
            self._journal.close()
            raise
        aside = self.folder / ASIDE
        aside.mkdir(exist_ok=True)
        for path in aside.iterdir():
            path.unlink()

    def close(self) -> None:
        """Let go of the folder."""
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
        """What became of a URL; None while that is not known."""
        return self.outcomes([url]).get(url)

    def outcomes(self, urls: Iterable[str]) -> dict[str, Photo]:
        """What became of those URLs of which it is known."""
        wanted = list(dict.fromkeys(urls))
        found: dict[str, Photo] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            query = _QUERY.format(",".join("?" * len(part)))
            with self._lock, self._told():
                rows = self._journal.execute(query, [_key(url) for url in part]).fetchall()
            known = {row[0]: row for row in rows}
            for url in part:
                row = known.get(_key(url))
                if row is not None and (row[1] is None or self._size(row[1]) == row[6]):
                    found[url] = Photo(*row[1:6])
        return found

    def missing(self, urls: Iterable[str]) -> list[str]:
        """Those URLs of which nothing is known, each once and in their order."""
        wanted = list(dict.fromkeys(urls))
        known = self.outcomes(wanted)
        return [url for url in wanted if url not in known]

    def record(self, url: str, photo: Photo, *, lasting: bool = True) -> None:
        """Enter what became of a URL. ``lasting``: another run would find the same. Raises RunFailed."""
        size = None if photo.sha256 is None else self._size(photo.sha256)
        what = (photo.sha256, photo.kind, photo.width, photo.height, photo.reason, size, int(lasting))
        with self._lock, self._told():
            self._journal.execute(_ENTRY, (_key(url), *what))

    # Pictures

    def add(self, content: bytes, limits: Limits) -> Photo:
        """Check and keep a picture, wherever it came from. One that fails is told by its reason, not kept.

        Raises OSError.
        """
        try:
            photo = check(content, limits)
        except NoPhoto as failure:
            return Photo(reason=failure.reason)
        self.keep(photo, content)
        return photo

    def keep(self, photo: Photo, content: bytes) -> None:
        """Have the content of a checked picture on disk, once. Raises OSError."""
        path = self._path(cast(str, photo.sha256))
        if self._size(cast(str, photo.sha256)) == len(content):
            return
        aside = self.folder / ASIDE / str(next(self._numbers))
        try:
            aside.write_bytes(content)
            try:
                aside.replace(path)
            except FileNotFoundError:
                path.parent.mkdir(exist_ok=True)
                aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise

    def read(self, photo: Photo) -> bytes:
        """The bytes of a picture that is here. Raises RunFailed where they are others than were kept."""
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
                f"{path} was damaged and is removed; start the same command again to fetch it anew."
            )
        return content

    def _path(self, sha256: str) -> Path:
        if not re.fullmatch("[0-9a-f]{64}", sha256):  # the journal of a folder that somebody gave us
            raise InputError(f"{self.folder / JOURNAL} is damaged; remove it.")
        return self.folder / sha256[:2] / sha256

    def _size(self, sha256: str) -> int | None:
        try:
            return self._path(sha256).stat().st_size
        except OSError:
            return None

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the journal, as sentences."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise InputError(
                    f"Another run uses {self.folder} now; wait for it or give another folder."
                ) from None
            raise RunFailed(f"{self.folder / JOURNAL} cannot be written ({error}).") from None
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.folder / JOURNAL} is damaged ({error}); remove {self.folder}.") from None
        except (FileExistsError, NotADirectoryError, PermissionError) as error:
            raise InputError(f"{self.folder} cannot be used for pictures ({error.strerror}).") from None


def _key(url: str) -> str:
    """The URL as SQLite takes it: text from a broken file may hold half a character."""
    return url.encode("utf-8", "backslashreplace").decode("utf-8")
