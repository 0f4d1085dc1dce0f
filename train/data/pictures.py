"""Pictures as data sets keep them, opened late and with care.

A value of a picture column is ``{"bytes": the encoded file, "path": its name}`` or the bytes themselves.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageOps

from datagen.schemas import InputError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""Formats whose readers in Pillow parse pixels in this process; others (EPS) start a program on their
input.
"""
MOST_PIXELS = 89_478_485
"""Pillow's own bound for a decompression bomb; a larger picture is refused before it is decoded."""


def open_picture(value: Any) -> Image.Image:
    """A picture in RGB, upright as its EXIF orientation says; transparent parts lie on white.

    Raises InputError, to be put after the picture's name, for what is no picture or too large.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd EXIF blocks and palettes: nothing to act upon
        try:
            image = _opened(value)
            upright = ImageOps.exif_transpose(image)
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                upright = upright.convert("RGBA")
                white = Image.new("RGBA", upright.size, "white")
                upright = Image.alpha_composite(white, upright)
            return upright.convert("RGB")
        except InputError:
            raise
        except Exception as error:  # Pillow's readers raise errors of many kinds on hostile bytes
            raise InputError(
                f"cannot be read ({type(error).__name__}); it is damaged or no picture."
            ) from None


def picture_size(value: Any) -> tuple[int, int]:
    """Width and height in pixels as :func:`open_picture` gives them, from the header alone.

    Raises InputError as :func:`open_picture` does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            image = _opened(value)
            lying = image.getexif().get(0x0112, 1) >= 5
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"cannot be read ({type(error).__name__}); it is damaged or no picture."
            ) from None
    return (image.height, image.width) if lying else image.size


def _opened(value: Any) -> Image.Image:
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
