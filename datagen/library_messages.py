"""Failures of libraries that only the wording of their errors tells apart.

No library promises its wording, so it is read here and nowhere else in this wing. A test for each function
provokes the real error, and so fails when a release words it otherwise; until then the only harm is a less
exact reason or, for :func:`xet_status`, retries that cannot help.
"""

from __future__ import annotations

import re


def xet_status(error: Exception) -> int | None:
    """The HTTP status behind a ConnectionError of hf_xet, None for any other error.

    hf_xet has no exception with a status (hf_xet 1.6).
    """
    match = re.search(r"HTTP status (?:client|server) error \((\d{3})", str(error))
    return int(match[1]) if match and type(error) is ConnectionError else None


def server_hung_up(error: Exception) -> bool:
    """Whether a RemoteProtocolError of httpcore2 means that the connection ended before any answer.

    A malformed answer raises the same class (httpcore2 2.16).
    """
    return "without sending" in str(error)


def picture_is_cut_off(error: Exception) -> bool:
    """Whether Pillow failed to decode a picture because its end is missing.

    Every failure to decode is an OSError (Pillow 13).
    """
    return isinstance(error, OSError) and "truncated" in str(error)


def text_is_not_utf8(error: Exception) -> bool:
    """Whether the validation of a pyarrow array failed because of its text, not of its offsets.

    Both raise ArrowInvalid (pyarrow 26).
    """
    return "UTF8" in str(error)


def database_is_locked(error: Exception) -> bool:
    """Whether SQLite failed because another connection holds the database.

    Python 3.10 has no ``sqlite_errorcode``; it came with 3.11.
    """
    return "locked" in str(error)
