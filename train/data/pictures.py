"""Pictures as datasets store them, opened late and safely.

A value of a picture column is ``{"bytes": the encoded file, "path": its name}`` or the bytes themselves.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, overload

from PIL import Image, ImageOps

from datagen.schemas import InputError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""Formats whose readers in Pillow parse pixels in this process; others (EPS) start a program on their
input.
"""
MOST_PIXELS = 89_478_485
"""Pillow's own limit against decompression bombs; a larger picture is refused before it is decoded."""


class PictureSequence(Sequence[Any]):
    """Pictures that are read on access: ``read`` turns an entry of ``items`` into a picture's value."""

    def __init__(self, items: Sequence[Any], read: Callable[[Any], Any]) -> None:
        self._items, self._read = items, read

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, number: int) -> Any: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Any]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return PictureSequence(self._items[number], self._read)
        return self._read(self._items[number])


def open_picture(value: Any) -> Image.Image:
    """A picture in RGB, upright according to its EXIF orientation, with transparent parts on white.

    Raises InputError, a predicate to follow the picture's name, for what is not a picture or is too large.
    """
    with _reading():
        return _upright(_open(value))


def check_picture(value: Any) -> tuple[int, int]:
    """Width and height in pixels as :func:`open_picture` gives them, after decoding all of the picture.

    A JPEG is decoded at an eighth of its size, which takes a quarter of the time and still reads every byte.
    Raises InputError as :func:`open_picture` does.
    """
    with _reading():
        image = _open(value)
        size = _upright_size(image)
        image.draft(None, (1, 1))  # has no effect on formats other than JPEG
        _upright(image)
    return size


def picture_size(value: Any) -> tuple[int, int]:
    """Width and height in pixels as :func:`open_picture` gives them, from the header alone.

    Raises InputError as :func:`open_picture` does.
    """
    with _reading():
        return _upright_size(_open(value))


@contextmanager
def _reading() -> Iterator[None]:
    """Pillow's readers raise errors of many kinds on hostile bytes; all become one predicate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd EXIF blocks and palettes, which nobody can act on
        try:
            yield
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"cannot be read ({type(error).__name__}); it is damaged or not a picture."
            ) from None


def _upright(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        white = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(white, upright)
    return upright.convert("RGB")


def _upright_size(image: Image.Image) -> tuple[int, int]:
    lying = image.getexif().get(0x0112, 1) >= 5
    return (image.height, image.width) if lying else image.size


def _open(value: Any) -> Image.Image:
    if isinstance(value, dict):
        value = value.get("bytes")
    if not isinstance(value, bytes):
        raise InputError("is missing.")
    image = Image.open(io.BytesIO(value), formats=FORMATS)
    if image.width * image.height > MOST_PIXELS:
        raise InputError(
            f"has {image.width} x {image.height} pixels, more than {MOST_PIXELS:,}; make it smaller."
        )
    return image
