"""Reading a PNG that a dataset says is of a picture's size: hostile until it is looked at."""

from __future__ import annotations

import io

from PIL.PngImagePlugin import PngImageFile

from datagen.schemas.folder import Size


def read_png(content: bytes | None, size: Size, mode: str, about: str) -> tuple[bytes | None, str]:
    """The pixels of a PNG, row by row, or None and what is wrong with it in a few words.

    ``mode`` is Pillow's, and ``about`` says in words what it means: "with a palette".
    """
    if not content:
        return None, "is empty"
    try:
        with PngImageFile(io.BytesIO(content)) as image:
            if image.size != size:
                return None, f"is {image.width}x{image.height}, not {size[0]}x{size[1]}"
            if image.mode != mode or getattr(image, "n_frames", 1) > 1:
                return None, f"is not one picture {about}"
            # NumPy's own way to read an image copies it twice.
            return image.tobytes(), ""
    except Exception:  # Pillow raises nearly anything on a hostile file
        return None, "is not a complete PNG"
