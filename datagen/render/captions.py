"""Text on sheets, in the font that comes with Pillow: the same on every machine, whatever fonts it has.

That font has no accents and few signs. Letters are taken apart as Unicode does (NFKD), and the marks are
drawn over or under the base letter.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from datagen.product.product import RGB

_FINE = 4
"""Text is drawn at this many times its size and reduced, so that thin marks are smooth."""

_LIKE = {
    "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ı": "i", "ł": "l\u0335", "Ł": "L\u0335",
    "ø": "o\u0338", "Ø": "O\u0338", "đ": "d\u0335", "Đ": "D\u0335", "þ": "th", "Þ": "Th", "ð": "d\u0335",
    "€": "C\u20e5", "£": "L\u0335", "¥": "Y\u0335", "®": "(R)", "×": "x", "•": "·", "¡": "!", "¿": "?",
    "\u2010": "-", "\u2011": "-", "\u2212": "–", "\u00a0": " ", "\u202f": " ", "‚": ",", "„": '"',
}  # fmt: skip
"""What letters and signs that are not taken apart by Unicode are drawn as."""

_Stroke = tuple[tuple[float, float], ...]

_MARKS: dict[str, tuple[_Stroke, ...]] = {
    "\u0300": (((-0.13, 0.20), (0.06, 0.07)),),
    "\u0301": (((0.13, 0.20), (-0.06, 0.07)),),
    "\u0302": (((-0.13, 0.07), (0.0, 0.20), (0.13, 0.07)),),
    "\u0303": (((-0.17, 0.09), (-0.09, 0.16), (0.09, 0.09), (0.17, 0.16)),),
    "\u0304": (((-0.14, 0.12), (0.14, 0.12)),),
    "\u0306": (((-0.14, 0.18), (-0.07, 0.09), (0.07, 0.09), (0.14, 0.18)),),
    "\u0307": (((-0.02, 0.13), (0.02, 0.13)),),
    "\u0308": (((-0.13, 0.13), (-0.09, 0.13)), ((0.09, 0.13), (0.13, 0.13))),
    "\u030a": (((0.0, 0.06), (0.07, 0.13), (0.0, 0.20), (-0.07, 0.13), (0.0, 0.06)),),
    "\u030b": (((0.02, 0.20), (-0.12, 0.07)), ((0.17, 0.20), (0.03, 0.07))),
    "\u030c": (((-0.13, 0.20), (0.0, 0.07), (0.13, 0.20)),),
}
"""Marks over a letter: lines through points, in font sizes to the right of its middle and above its top."""

_UNDER: dict[str, tuple[_Stroke, ...]] = {
    "\u0323": (((-0.02, -0.12), (0.02, -0.12)),),
    "\u0326": (((0.03, -0.08), (-0.03, -0.20)),),
    "\u0327": (((0.0, 0.0), (0.02, -0.07), (0.08, -0.12), (0.04, -0.19), (-0.08, -0.19)),),
    "\u0328": (((0.08, 0.0), (0.01, -0.09), (0.05, -0.17), (0.14, -0.17)),),
}
"""Marks under a letter, from its lower edge."""

_ACROSS: dict[str, tuple[_Stroke, ...]] = {
    "\u0335": (((-0.2, -0.02), (0.16, 0.06)),),
    "\u0338": (((-0.26, -0.28), (0.26, 0.28)),),
    "\u20e5": (((-0.38, 0.06), (0.16, 0.06)), ((-0.38, -0.07), (0.16, -0.07))),
}
"""Marks across a letter, from its middle."""

_DASHES = {"–": 0.5, "—": 0.9}
"""Width of the dashes in font sizes; the font has only a hyphen."""


class _Glyph(NamedTuple):
    """A letter that the font has, or a dash, and the marks on it."""

    base: str
    marks: str


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)  # noqa: S101 - Pillow's own font, for any size
    return font


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    """Whether the font has a letter; it draws the same box for any that it lacks."""
    font = _font(32)
    return letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))


def _glyphs(text: str) -> list[_Glyph]:
    glyphs: list[_Glyph] = []
    for letter in text:
        apart = letter if letter in _DASHES or _has(letter) else _LIKE.get(letter)
        for part in apart or "".join(_LIKE.get(c, c) for c in unicodedata.normalize("NFKD", letter)):
            if part in _DASHES or (_has(part) and not unicodedata.combining(part)):
                glyphs.append(_Glyph(part, ""))
            elif part in _MARKS or part in _UNDER or part in _ACROSS:
                if glyphs:
                    glyphs[-1] = glyphs[-1]._replace(marks=glyphs[-1].marks + part)
            elif not unicodedata.combining(part) and part.isprintable():
                glyphs.append(_Glyph("?", ""))
    return glyphs


def text_width(text: str, size: int) -> float:
    """The width of a text in pixels, in letters of ``size`` pixels."""
    return _width(_glyphs(text), size * _FINE) / _FINE


def _width(glyphs: list[_Glyph], size: int) -> float:
    """The width of glyphs: letters between dashes together, so that pairs of them keep their distance."""
    width, letters = 0.0, ""
    for base, _ in glyphs:
        if base in _DASHES:
            width += _font(size).getlength(letters) + _DASHES[base] * size
            letters = ""
        else:
            letters += base
    return width + _font(size).getlength(letters)


def draw_text(page: Image.Image, at: tuple[float, float], text: str, size: int, colour: RGB) -> None:
    """Draw a line of text on ``page``; ``at``: its left end and the top of its line, in pixels."""
    glyphs, fine = _glyphs(text), size * _FINE
    if not glyphs:
        return
    width, height = int(_width(glyphs, fine)) // _FINE + 4, size * 7 // 4
    mask = Image.new("L", (width * _FINE, height * _FINE), 0)
    pen, font, top = ImageDraw.Draw(mask), _font(fine), fine * 0.25
    for place, glyph in enumerate(glyphs):
        left = _FINE + _width(glyphs[:place], fine)
        if glyph.base in _DASHES:
            # On whole pixels of the reduced picture, so that a thin line is not spread over two.
            upper, thick = round((top + fine * 0.66) / _FINE) * _FINE, max(1, size // 12) * _FINE
            end = left + _DASHES[glyph.base] * fine
            pen.rectangle((left + 0.04 * fine, upper, end - 0.04 * fine, upper + thick - 1), fill=255)
            continue
        pen.text((left, top), glyph.base, fill=255, font=font)
        if glyph.marks:
            _draw_marks(pen, glyph, font.getbbox(glyph.base), (left, top), fine)
    small = mask.resize((width, height), Image.Resampling.BOX)
    page.paste(colour, (round(at[0]) - 1, round(at[1]) - size // 4), small)


def _draw_marks(
    pen: ImageDraw.ImageDraw,
    glyph: _Glyph,
    box: tuple[float, float, float, float],
    at: tuple[float, float],
    size: int,
) -> None:
    x, upper, lower = at[0] + (box[0] + box[2]) / 2, at[1] + box[1], at[1] + box[3]
    dotless = glyph.base in "ij"
    for mark in glyph.marks:
        if mark in _MARKS:
            if dotless:  # the mark takes the place of the dot
                dotless = False
                pen.rectangle((x - 0.12 * size, upper - 1, x + 0.12 * size, upper + 0.16 * size), fill=0)
                upper += 0.16 * size
            strokes, y = _MARKS[mark], upper
        elif mark in _UNDER:
            strokes, y = _UNDER[mark], lower
        else:
            strokes, y = _ACROSS[mark], (upper + lower) / 2
        for stroke in strokes:
            points = [(x + right * size, y - up * size) for right, up in stroke]
            pen.line(points, fill=255, width=max(1, size // 13), joint="curve")
