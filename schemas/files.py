"""Files: written whole or not at all, their checksums, and names that are safe on any disk."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datagen.schemas import InputError

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
