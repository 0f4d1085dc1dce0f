"""A sheet of pictures with text under each, in bounded memory, whatever the pictures are.

Each picture is decoded by itself, made small and released. Its cell is at most half as high again as it is
wide: a picture that is longer or wider keeps its shape, with paper around it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import NamedTuple

from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from datagen.render.captions import draw_text, text_width
from datagen.schemas.folder import Size
from datagen.schemas.picture_file import Kind, read_header

PAPER, INK, FAINT, BLANK = (255, 255, 255), (34, 34, 34), (120, 120, 120), (236, 236, 236)
CELL = 180
"""Width of a picture in pixels."""
LOWEST, HIGHEST = 90, 270
"""Heights of a cell in pixels."""
LETTERS = 12
"""Size of the letters in pixels."""
GAP, LINE, LINES = 12, 16, 3
MOST_CHARACTERS = 200
"""Of a line of text; no more could ever be seen."""
MOST_PIXELS = 50_000_000
"""A picture of more is not decoded: the limit of a pull."""

_PLUGINS: dict[Kind, type[ImageFile]] = {"jpg": JpegImageFile, "png": PngImageFile, "webp": WebPImageFile}


class Cell(NamedTuple):
    """A small picture, or in its place a note why there is none; and the lines under it, the title first."""

    picture: Image.Image | str
    caption: list[str]


def small_picture(content: bytes | None, box: Size = (CELL, HIGHEST)) -> Image.Image | str:
    """A picture file made to fit a box (width, height) in pixels, or a note why it cannot be shown."""
    header = read_header(content or b"")
    if not content or header is None:
        return "no picture" if not content else "not a picture"
    if header.width * header.height > MOST_PIXELS:
        return "too large to show"
    try:
        # The plugin itself: Image.open would try others, and warn of large pictures on stderr.
        with _PLUGINS[header.kind](io.BytesIO(content)) as image:
            # A JPEG is read at half, a quarter or an eighth of its size.
            image.draft("RGB", (2 * box[0], 2 * box[1]))
            image.load()
            return _fitted(image, box)
    except Exception:  # Pillow's plugins raise nearly anything on a hostile file
        return "cannot be decoded"


def _fitted(image: Image.Image, box: Size) -> Image.Image:
    """A picture as RGB on paper, upright, as large as its box allows."""
    picture: Image.Image = image
    if picture.mode not in {"RGB", "RGBA", "L", "LA", "CMYK"}:
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    factor = min(picture.width, picture.height) // (2 * max(box))
    if factor > 1:
        picture = picture.reduce(factor)
    picture = ImageOps.exif_transpose(picture)
    scale = min(box[0] / picture.width, box[1] / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    if picture.mode in {"RGBA", "LA"}:
        paper = Image.new("RGB", picture.size, PAPER)
        paper.paste(picture.convert("RGB"), mask=picture.getchannel("A"))
        picture = paper
    return picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def sheet_size(cells: int, columns: int, height: int) -> tuple[int, int]:
    """Width and height in pixels of a sheet whose pictures are ``height`` pixels high."""
    lines = -(-cells // columns)
    return columns * (CELL + GAP) + GAP, lines * (height + LINES * LINE + GAP) + GAP


def sheet(cells: Iterable[Cell], columns: int) -> Image.Image:
    """The cells in lines of ``columns``."""
    every = list(cells)
    heights = [cell.picture.height for cell in every if isinstance(cell.picture, Image.Image)]
    height = max([LOWEST, *heights])
    page = Image.new("RGB", sheet_size(len(every), columns, height), PAPER)
    for at, (picture, caption) in enumerate(every):
        left = GAP + at % columns * (CELL + GAP)
        top = GAP + at // columns * (height + LINES * LINE + GAP)
        if isinstance(picture, str):
            page.paste(BLANK, (left, top, left + CELL, top + height))
            middle = left + (CELL - text_width(picture, LETTERS)) / 2
            draw_text(page, (middle, top + height / 2 - LETTERS), picture, LETTERS, FAINT)
        else:
            page.paste(picture, (left + (CELL - picture.width) // 2, top + (height - picture.height) // 2))
        title, *rest = caption
        lines = [(text, INK) for text in wrapped(title, CELL)]
        lines += [(cut(text[:MOST_CHARACTERS], CELL), FAINT) for text in rest]
        for line, (text, colour) in enumerate(lines):
            draw_text(page, (left, top + height + 2 + line * LINE), text, LETTERS, colour)
    return page


def wrapped(title: str, width: int) -> list[str]:
    """A title on up to two lines of ``width`` pixels; "…" says that it is longer."""
    lines = [""]
    for word in title[:MOST_CHARACTERS].split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or text_width(longer, LETTERS) <= width:
            lines[-1] = longer
        elif len(lines) < 2:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]}…"
            break
    return [cut(line, width) for line in lines]


def cut(line: str, width: int) -> str:
    """A line that fits into ``width`` pixels, with "…" in place of what does not."""
    if text_width(line, LETTERS) <= width:
        return line
    kept = line.rstrip("…")
    while kept and text_width(f"{kept}…", LETTERS) > width:
        kept = kept[:-1].rstrip()
    return f"{kept}…"
