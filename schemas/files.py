"""Files: written whole or not at all, read within limits, their checksums, and names safe on any disk."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datagen.schemas.errors import InputError

PICTURE_SUFFIXES = ("jpg", "png", "webp")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write a file that becomes ``path`` at the end of the block, whole and on disk.

    It is ``path`` with ``.part`` added. After an exception it is removed, and ``path`` is as it was.
    Raises OSError.
    """
    aside = path.with_name(path.name + ".part")
    try:
        yield aside
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all, text as UTF-8, and on disk before returning. Raises OSError."""
    with whole_file(path) as aside:
        aside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def read_file(path: Path, most: int) -> bytes:
    """The bytes of a regular file, at most ``most`` of them. A link is followed.

    Anything else has no end or waits for a writer: a device, a pipe. Raises InputError for that and for a
    longer file, and OSError.
    """
    # Opened without waiting, and then asked what it is: a path may change between two calls.
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(number, "rb") as file:
        status = os.fstat(number)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is a device or a pipe, not a file.")
        content = file.read(most + 1) if status.st_size <= most else b""
    if status.st_size > most or len(content) > most:
        raise InputError(f"{path} is larger than {most:,} bytes, which is more than it can need.")
    return content


def picture_name(code: str) -> str:
    """The name of a product's picture, without its suffix: the code, with what no file name bears escaped.

    Two codes never get the same name.

    >>> picture_name("80595081"), picture_name("A/7 b"), picture_name("")
    ('80595081', 'A+2F7+20b', '+')
    """
    plain = re.sub(
        r"[^A-Za-z0-9._-]|^[._-]",
        lambda odd: "".join(f"+{byte:02X}" for byte in odd[0].encode("utf-8", "surrogatepass")),
        code,
    )
    return plain or "+"


def safe_file_name(name: str) -> str:
    """``name`` if it can be a file's name in a folder, else InputError: contents are not to be trusted."""
    if not re.fullmatch(r"[A-Za-z0-9+][A-Za-z0-9 ._+-]{0,249}", name) or name.endswith((".", " ")):
        raise InputError(f"{name[:80]!r} cannot be used as a file name.")
    return name


def sha256(path: Path) -> str:
    """The SHA-256 (hex) of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()
