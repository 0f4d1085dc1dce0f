"""Colours and patterns of a product's fills, before any light."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from datagen.product.product import RGB, Colourway, House, Product
from datagen.render import fabrics, marks, patterns
from datagen.render.figure.head import tone_of
from datagen.render.outlines import Box
from datagen.render.planes import Bytes, blend
from datagen.render.random_stream import RandomStream
from datagen.render.shading import FLAT
from datagen.render.silhouettes import Kind
from datagen.render.stencil import Stencil

METALS: tuple[RGB, ...] = ((201, 168, 104), (196, 198, 202), (216, 186, 128), (112, 110, 110))
ALIKE = 60
"""A ground whose three colours differ from a metal's by less in all is of that metal."""

SOLES: tuple[RGB, ...] = ((238, 235, 228), (40, 38, 38), (186, 140, 92))
BUTTONS: tuple[RGB, ...] = ((82, 60, 44), (46, 40, 38), (176, 150, 118))


def fabric_planes(
    product: Product, house: House, kind: Kind, stencil: Stencil, size: tuple[int, int], *, mirror: bool
) -> Bytes:
    """The fabric: red, green, blue and surface (a multiplier in 255ths), the size of the stencil.

    ``mirror``: the picture will be mirrored, so patterns and letters are painted backwards.
    """
    height, width = stencil.cover.shape
    box = (0, 0, width, height)
    planes = np.empty((4, height, width), dtype=np.uint8)
    planes[3] = _surface(product, kind, size)[:height, :width]
    if product.pattern in patterns.TILES or product.pattern == "colour_block":
        planes[:3] = _fabric(product, house, stencil, 0, kind.pattern_scale, box, mirror=mirror)
        for fill in stencil.rotated:
            scale = kind.pattern_scale
            fabric = _fabric(product, house, stencil, fill.turn, scale, fill.box, mirror=mirror)
            blend(planes[:3], fill.box, fabric, fill.mask)
    else:
        planes[:3] = per_plane(paint_colour(product.colourway.ground))
    _place_mark(planes[:3], product, house, stencil, mirror=mirror)
    return planes


def paint_trims(planes: Bytes, stencil: Stencil, paints: dict[str, RGB]) -> None:
    """Paint the stencil's trims over red, green, blue and, if it is there, surface, in paint order."""
    for fill in stencil.trims:
        # Trims have no fabric texture: their surface is 255.
        values = (*trim_paint(fill.fill, paints[fill.fill]), 255)[: len(planes)]
        blend(planes, fill.box, per_plane(values), fill.mask)


def per_plane(values: tuple[int, ...]) -> Bytes:
    """One value per plane, broadcast over its pixels."""
    return np.array(values, dtype=np.uint8)[:, None, None]


def relief_of(product: Product, kind: Kind) -> str:
    """The relief of a product's surface, of ``fabrics.RELIEFS``: the detail's or the kind's; "" for none."""
    return product.detail if product.detail in fabrics.RELIEFS else kind.relief


def _surface(product: Product, kind: Kind, size: tuple[int, int]) -> Bytes:
    """The texture of the material, under a relief if there is one."""
    relief = relief_of(product, kind)
    # A figure's stencil may be larger than the picture.
    large = size[0] + size[1] // 8, size[1] + size[1] // 8
    return fabrics.texture(product.material, relief, large, max(10, round(size[1] / 64)))


def luma(colour: RGB) -> float:
    """Brightness of a colour, 0 to 255."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]


def _mixed(a: RGB, b: RGB, share: float) -> RGB:
    """``a`` blended with a share of ``b``."""
    red, green, blue = (x + (y - x) * share for x, y in zip(a, b, strict=True))
    return round(red), round(green), round(blue)


MUTED = 0.3
"""The share of its saturation that a colour loses before the camera: about a third, as measured."""


OF_SKIN = frozenset({"flesh", "blush", "skin", "hair", "brow", "iris", "pupil", "stubble", "lips", "eye"})
"""Fills of a person, whose colours are soft already."""


@lru_cache(maxsize=4096)
def paint_colour(colour: RGB) -> RGB:
    """The colour to paint to see ``colour`` muted under flat light."""
    return lit_colour(muted(colour))


@lru_cache(maxsize=4096)
def lit_colour(colour: RGB) -> RGB:
    """The colour to paint to see ``colour`` under flat light; black fabric is never pure black."""
    return tuple(min(255, max(14, round(c * 255 / FLAT))) for c in colour)  # type: ignore[return-value]


def trim_paint(fill: str, colour: RGB) -> RGB:
    """The colour to paint a trim with: skin and hair as they are, all else muted."""
    return lit_colour(colour) if fill in OF_SKIN else paint_colour(colour)


def muted(colour: RGB) -> RGB:
    """A colour as a camera sees it in soft light."""
    grey = round(luma(colour))
    return _mixed(colour, (grey, grey, grey), MUTED)


def second_colour(colours: Colourway) -> RGB:
    """The second colour, moved away from the ground if the two are hard to distinguish."""
    if sum(abs(a - b) for a, b in zip(colours.ground, colours.band, strict=True)) > 60:
        return colours.band
    return _mixed(colours.ground, (20, 18, 18) if luma(colours.ground) > 90 else (225, 220, 210), 0.55)


def fill_colours(product: Product, kind: Kind) -> dict[str, RGB]:
    """The flat colour of every fill except ``ground``."""
    colours, rng = product.colourway, RandomStream(product.cut, 3)
    ground, second = colours.ground, second_colour(colours)
    black = (30, 28, 28)
    contrast = (
        product.detail in ("contrast", "reversible", "cropped_collar", "detachable_warmer") or kind.two_tone
    )
    lining = second if product.detail == "reversible" else _mixed(ground, (26, 24, 24), 0.38)
    trim = (
        second
        if contrast
        else _mixed(ground, black, 0.3)
        if luma(ground) > 60
        else _mixed(ground, (120, 116, 110), 0.22)
    )
    return {
        "plain": ground,
        "shade": second if product.detail == "contrast" else _mixed(ground, black, 0.13),
        "lining": lining,
        "inside": _mixed(lining, (18, 16, 16), 0.62),
        "trim": trim,
        "line": colours.line,
        "accent": colours.accent,
        "metal": _hardware(product, rng.choice(METALS)),
        "sole": rng.choice(SOLES),
        "button": rng.choice(BUTTONS) if luma(ground) > 70 else _mixed(ground, (120, 110, 100), 0.3),
        "white": (240, 237, 230),
        "dark": (42, 40, 40),
        "lens": (38, 38, 42),
        "glare": (196, 198, 202),
        "skin": (206, 168, 132),
        **_figure_colours(product),
    }


def _hardware(product: Product, drawn: RGB) -> RGB:
    """The colour of hardware: of what is of gold, silver or steel itself, its own."""
    ground = product.colourway.ground
    off = (sum(abs(a - b) for a, b in zip(ground, metal, strict=True)) for metal in METALS)
    return ground if product.material == "metal" and min(off) < ALIKE else drawn


NEUTRALS: tuple[RGB, ...] = (
    (34, 33, 35),
    (34, 33, 35),
    (44, 46, 54),
    (38, 44, 66),
    (78, 78, 80),
    (160, 160, 162),
    (196, 180, 154),
    (232, 229, 222),
    (70, 84, 110),
)
"""Companion garments: black, navy, greys, sand, white, denim."""

NEUTRAL_LUMAS = tuple(luma(colour) for colour in NEUTRALS)

SHOES: tuple[RGB, ...] = ((30, 29, 30), (30, 29, 30), (64, 46, 38), (232, 230, 224))


def _figure_colours(product: Product) -> dict[str, RGB]:
    """Colours of the figure and its companion garments, the same for all colourways of a product."""
    rng = RandomStream(product.cut, 7)
    skin, hair = tone_of(rng)
    bright = luma(product.colourway.ground)
    distinct = [colour for colour, own in zip(NEUTRALS, NEUTRAL_LUMAS, strict=True) if abs(own - bright) > 35]
    red: RGB = (168, 72, 68)
    return {
        "flesh": skin,
        "blush": _mixed(skin, (150, 44, 30), 0.42),
        "hair": hair,
        "pupil": (24, 20, 20),
        "iris": (62, 44, 34),
        "stubble": _mixed(skin, (70, 60, 56), 0.3),
        "brow": _mixed(hair, (40, 28, 24), 0.6),
        "eye": _mixed(skin, (236, 232, 226), 0.62),
        "lips": _mixed(skin, red, 0.34),
        "inner": rng.choice(distinct),
        "below": rng.choice(distinct),
        "shoe": rng.choice(SHOES),
        "sole_below": (226, 223, 216),
        "hat": rng.choice(NEUTRALS[:4]),
        "glasses": (26, 25, 26),
    }


def _fabric(
    product: Product, house: House, stencil: Stencil, turn: int, scale: float, box: Box, *, mirror: bool
) -> Bytes:
    """The ground inside ``box`` of the stencil, with the pattern centred on the product."""
    colours = paint_colourway(product.colourway)
    if product.pattern not in patterns.TILES:
        x0, y0, x1, y1 = box
        return colour_blocks(stencil.cover.shape, colours, RandomStream(product.cut, 5), turn)[
            :, y0:y1, x0:x1
        ]
    width, height = box[2] - box[0], box[3] - box[1]
    tile = max(8, nearest_step(patterns.TILES[product.pattern][0] * scale * stencil.weave, 16))
    origin = stencil.cover.shape[1] / 2 - box[0], RandomStream(product.cut, 4).unit() * tile - box[1]
    drift = stencil.drift[box[1] // 2 : box[3] // 2 + 1, box[0] // 2 : box[2] // 2 + 1]
    cell = patterns.tile_index(product.pattern, house.letters, tile, mirror)
    index = patterns.field(cell, turn, (width, height), origin, drift)
    return patterns.tinted(index, colours)


@lru_cache(maxsize=256)
def paint_colourway(colours: Colourway) -> Colourway:
    """The four colours to paint, without a name: equal colourways share a palette."""
    ground, band, line, accent = (paint_colour(colour) for colour in colours[1:])
    return Colourway("", ground, band, line, accent)


def colour_blocks(shape: tuple[int, ...], colours: Colourway, rng: RandomStream, turn: int) -> Bytes:
    """Large fields of colour: a yoke, a stripe below it and a hem band, at heights that depend on the cut."""
    fabric = np.empty((3, *shape), dtype=np.uint8)
    height = shape[0]
    top, bottom = rng.uniform(0.3, 0.42), rng.uniform(0.66, 0.8)
    fabric[:] = per_plane(colours.ground)
    if turn:
        fabric[:, round(height * top * 1.2) :] = per_plane(colours.band)
    fabric[:, : round(height * top)] = per_plane(colours.band)
    fabric[:, round(height * top) : round(height * (top + 0.05))] = per_plane(colours.accent)
    fabric[:, round(height * bottom) :] = per_plane(colours.line)
    return fabric


DETAIL_MARKS = {"logo": "logo", "crest": "crest", "embroidered": "emblem", "applique": "emblem"}
"""Details that are a mark -> the mark; an appliqué is as large as a placed pattern."""


def nearest_step(size: float, steps: int) -> int:
    """The nearest of ``steps`` sizes per octave: tiles and marks are slow to draw, so few sizes exist."""
    return round(2 ** (round(steps * math.log2(max(size, 4))) / steps))


def marks_of(product: Product) -> list[tuple[str, bool, float]]:
    """The marks on a product: name (of ``marks.decal``), whether it is large, share of the place's width."""
    found = []
    if product.pattern in patterns.PLACED:
        found.append((product.pattern, product.pattern != "emblem", patterns.PLACED[product.pattern]))
    if product.detail in DETAIL_MARKS:
        share = {"applique": 0.8, "logo": 0.9}.get(product.detail, 1.0)
        found.append((DETAIL_MARKS[product.detail], product.detail in ("applique", "logo"), share))
    return found


def mark_inks(colours: Colourway) -> Colourway:
    """The colours to paint a mark with."""
    inks = colours.ground, second_colour(colours), colours.line, colours.accent
    return Colourway("", *(paint_colour(colour) for colour in inks))


def _place_mark(planes: Bytes, product: Product, house: House, stencil: Stencil, *, mirror: bool) -> None:
    """Draw a placed motif and a detail that is a mark, in the product's other colours."""
    inks = mark_inks(product.colourway)
    for mark, large, share in marks_of(product):
        x, y, width = stencil.mark if large else stencil.badge
        weights, cover = marks.decal(mark, house.name, house.letters, nearest_step(width * share, 4))
        mask = np.asarray(cover)
        x0, y0 = round(x - cover.width / 2), round(y - cover.height / 2)
        box = (
            max(0, x0),
            max(0, y0),
            min(planes.shape[2], x0 + cover.width),
            min(planes.shape[1], y0 + cover.height),
        )
        if box[2] > box[0] and box[3] > box[1]:
            inside = slice(box[1] - y0, box[3] - y0), slice(box[0] - x0, box[2] - x0)
            index, direction = patterns.indexed(weights), slice(None, None, -1 if mirror else 1)
            ink = patterns.tinted(np.ascontiguousarray(index[:, direction][inside]), inks)
            blend(planes, box, ink, np.ascontiguousarray(mask[:, direction][inside]))
