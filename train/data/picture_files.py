"""Picture files that anybody may have made: only JPEG, PNG and WebP, up to a size in bytes and in pixels."""

from __future__ import annotations

import io
import stat
import warnings
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from datagen.schemas import InputError
from datagen.train.data.pictures import MOST_PIXELS

FILE_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
"""Suffix -> format: of what ``data.pictures`` reads, the formats of photographs and product pictures."""
MOST_BYTES = 50_000_000


def find_pictures(paths: Sequence[Path]) -> list[Path]:
    """The given files, and the pictures in the given folders, sorted by name within each.

    Raises InputError if a folder contains no picture.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            file for file in path.rglob("*") if file.suffix.lower() in FILE_FORMATS and not file.is_dir()
        )
        if not inside:
            raise InputError(
                f"The folder {path} contains no pictures; their names end in {', '.join(FILE_FORMATS)}."
            )
        found += inside
    return found


def read_picture_file(path: Path) -> bytes:
    """The bytes of a JPEG, PNG or WebP file; the picture itself is opened later (``pictures.open_picture``).

    Raises InputError, a predicate to follow the file's name.
    """
    try:
        about = path.stat()
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror or error}).") from None
    except ValueError:  # a name with a zero byte
        raise InputError("is not the name of a file.") from None
    if not stat.S_ISREG(about.st_mode):
        raise InputError("is not a file.")
    if about.st_size > MOST_BYTES:
        raise _too_large(about.st_size)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES)
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror or error}).") from None
    check_picture_file(data)
    return data


def check_picture_file(data: bytes) -> None:
    """Raises InputError, a predicate, unless these bytes begin as a JPEG, PNG or WebP file does."""
    if len(data) > MOST_BYTES:
        raise _too_large(len(data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            Image.open(io.BytesIO(data), formats=[*FILE_FORMATS.values()])
        except Image.DecompressionBombError:
            raise InputError(f"has more than {MOST_PIXELS:,} pixels; make it smaller.") from None
        except Exception:  # Pillow's readers raise errors of many kinds on hostile bytes
            raise InputError("is not a JPEG, PNG or WebP picture, or is damaged.") from None


def _too_large(size: int) -> InputError:
    return InputError(f"has {size:,} bytes, more than {MOST_BYTES:,}; make it smaller.")


def unreadable(files: Sequence[Path]) -> list[str]:
    """Why none of the files can be read, a sentence for each; empty if at least one can be read."""
    errors = []
    for file in files:
        try:
            read_picture_file(file)
        except InputError as error:
            errors.append(f"{file} {error}")
        else:
            return []
    return errors
