"""Fabric that lies in a garment's cloth: pattern, surface and placed motifs, by its cloth coordinates."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import ImageFilter

from datagen.product.product import RGB, House, Product
from datagen.render import fabrics, marks, paint, patterns
from datagen.render.cache import Cache
from datagen.render.composed.cloth import Cloth, filtered, placed, places, texture_side
from datagen.render.composed.labels import LABELS, NAMES, SHADES, Labels
from datagen.render.planes import Bytes, full_where, looked_up, replace
from datagen.render.random_stream import RandomStream
from datagen.render.silhouettes import Kind

WEAVE_CM = 8.0
"""The size of a material's tile on the cloth."""

RELIEF_CM = 30.0
"""The size of a relief's tile on the cloth: lozenges of 4 cm, cables of 7 cm."""

FAINT = 0.9
"""A surface that varies by less than this many levels, at a picture's resolution, is even."""

_textures: Cache[Bytes] = Cache(24_000_000)


class Painted(NamedTuple):
    """Product and figure without light: three planes of ``colours``, and the ``surface``, a multiplier in
    255ths."""

    colours: Bytes
    surface: Bytes


def painted(
    product: Product, house: House, kind: Kind, cloth: Cloth, paints: dict[str, RGB], *, mirror: bool
) -> Painted:
    """Colours and surface of product and figure, the size of the stencil.

    ``mirror``: the picture will be mirrored, so patterns and letters are painted backwards.
    """
    labels, table = cloth.labels, _table(product, paints)
    colours = np.stack([looked_up(labels.first, values.tobytes()) for values in table])
    surface = np.full(labels.first.shape, 255, np.uint8)
    x0, y0, x1, y1 = cloth.box
    ground = full_where(labels.first[y0:y1, x0:x1] == 0)
    _paint_fabric(colours[:, y0:y1, x0:x1], ground, product, house, kind, cloth, mirror=mirror)
    # Where the surface is not the ground's it is 255: all bits.
    np.bitwise_or(~ground, _fabric_surface(product, kind, cloth), out=surface[y0:y1, x0:x1])
    _mix_edges(colours, surface, labels, table)
    return Painted(colours, surface)


def _table(product: Product, paints: dict[str, RGB]) -> Bytes:
    """The colour of every label, (3, 256)."""
    colours = [paint.trim_paint(name, paints[name]) for name in NAMES[1:]]
    table = np.zeros((256, 3), np.uint8)
    table[: len(NAMES)] = paint.paint_colour(product.colourway.ground), *colours
    table[len(NAMES) : len(LABELS)] = _flushed(paints["flesh"], paints["blush"])
    return np.ascontiguousarray(table.T)


@lru_cache(maxsize=256)
def _flushed(skin: RGB, flushed: RGB) -> Bytes:
    """The colours to paint skin with, for each of ``SHADES``: (shades, 3)."""
    amount = np.array(SHADES, np.uint16)[:, None]
    mixed = np.multiply(paint.lit_colour(skin), 255 - amount) + np.multiply(paint.lit_colour(flushed), amount)
    return ((mixed + 255) >> 8).astype(np.uint8)


def _mix_edges(colours: Bytes, surface: Bytes, labels: Labels, table: Bytes) -> None:
    """Mix in the second fill at edges; of the ground its plain colour is enough there."""
    # Converted once, and not by each of the lookups.
    edges, share = labels.edges.astype(np.intp), labels.share.astype(np.uint16)
    rest = 255 - share
    flat = colours.reshape(3, -1)
    mixed = flat.take(edges, axis=1) * share
    mixed += table.take(labels.second, axis=1) * rest
    even = surface.reshape(-1)
    mixed_surface = even.take(edges) * share
    mixed_surface += 255 * rest
    for plane, values in zip((*flat, even), (*mixed, mixed_surface), strict=True):
        values += 255
        values >>= 8
        plane[edges] = values


def _paint_fabric(
    planes: Bytes, ground: Bytes, product: Product, house: House, kind: Kind, cloth: Cloth, *, mirror: bool
) -> None:
    """Paint pattern and motifs over the plain ground, which ``ground`` is the mask of, in the cloth's box."""
    if product.pattern in patterns.TILES:
        index = _pattern(product, house, kind, cloth, mirror=mirror)
        replace(planes, patterns.tinted(index, paint.paint_colourway(product.colourway)), ground)
    elif product.pattern == "colour_block":
        colourway = paint.paint_colourway(product.colourway)
        blocks = paint.colour_blocks(cloth.across.shape, colourway, RandomStream(product.cut, 5), 0)
        replace(planes, blocks, ground)
    _place_marks(planes, product, house, cloth, mirror=mirror)


def _fabric_surface(product: Product, kind: Kind, cloth: Cloth) -> Bytes:
    """The surface of the material under its relief, in 255ths; without dimensions if it is even."""
    surface = _surface(product.material, WEAVE_CM * cloth.weave, cloth)
    relief = paint.relief_of(product, kind)
    if relief:
        product_of_both = surface.astype(np.uint16) * _surface(relief, RELIEF_CM, cloth)
        surface = ((product_of_both + 255) >> 8).astype(np.uint8)
    return surface


def clear() -> None:
    """Empty the cache of textures. Pictures do not change."""
    _textures.clear()


def _pattern(product: Product, house: House, kind: Kind, cloth: Cloth, *, mirror: bool) -> Bytes:
    """Palette indices of an all-over pattern on the cloth."""
    centimetres = patterns.TILES[product.pattern][0] * kind.pattern_scale
    unit = _step(cloth.unit)
    side = texture_side(centimetres, unit)
    key = product.pattern, house.letters, side, centimetres, unit

    def make() -> Bytes:
        tile = patterns.TILES[product.pattern][1](side, house.letters)
        return np.concatenate([patterns.indexed(each).ravel() for each in filtered(tile, centimetres, unit)])

    index = _textures.get(key, make, lambda texture: texture.nbytes)
    start = RandomStream(product.cut, 4)
    at = places(cloth, side, centimetres, (start.unit(), start.unit()))
    if mirror:
        # The low bits are the column: all of them flipped, it counts from the other side.
        at ^= np.uint32(side - 1)
    return index.take(at)


def _surface(name: str, centimetres: float, cloth: Cloth) -> Bytes:
    """The surface of a material or a relief on the cloth, in 255ths."""
    unit = _step(cloth.unit)

    def make() -> Bytes:
        tile = fabrics.tile(name)
        texture = np.concatenate([np.asarray(each).ravel() for each in filtered(tile, centimetres, unit)])
        # Finer than the picture's pixels: nothing of it is seen.
        return (
            texture
            if np.std(texture[: len(texture) // 2]) > FAINT
            else texture.mean().round().astype(np.uint8)
        )

    texture = _textures.get((name, unit, centimetres), make, lambda texture: texture.nbytes)
    if not texture.ndim:
        return texture
    kept = cloth.weave_at if centimetres == WEAVE_CM * cloth.weave else None
    return texture.take(places(cloth, fabrics.SIDE, centimetres) if kept is None else kept)


def _step(unit: float) -> float:
    """The nearest of a few resolutions, for which textures are filtered."""
    return paint.nearest_step(unit * 16, 4) / 16


def _place_marks(planes: Bytes, product: Product, house: House, cloth: Cloth, *, mirror: bool) -> None:
    """Draw a placed motif and a detail that is a mark, in the product's other colours, as the cloth lies."""
    inks = patterns.palette(paint.mark_inks(product.colourway))
    for mark, large, share in paint.marks_of(product):
        across, along, width = cloth.mark if large else cloth.badge
        wide = max(1, round(width * share))
        # Twice the picture's resolution.
        pixels = max(6, paint.nearest_step(wide / 20 * cloth.unit * 2, 4))
        size, texture = _decal(mark, house, pixels)
        found = placed(cloth, (across, along, wide), size, mirror=mirror)
        if found is None:
            continue
        (rows, columns), at = found
        index, weight = texture[0][at], texture[1][at].astype(np.uint16)
        for plane, shades in zip(planes, inks, strict=True):
            under = plane[rows, columns].astype(np.uint16)
            plane[rows, columns] = (under * (255 - weight) + shades[index] * weight + 255) >> 8


def _decal(mark: str, house: House, pixels: int) -> tuple[tuple[int, int], Bytes]:
    """A mark's width and height, and its palette indices and coverage, (2, pixels)."""
    weights, cover = marks.decal(mark, house.name, house.letters, pixels)

    def make() -> Bytes:
        soft = (each.filter(ImageFilter.BoxBlur(0.7)) for each in (weights, cover))
        index, shape = patterns.indexed(next(soft)), np.asarray(next(soft))
        return np.stack([index.ravel(), shape.ravel()])

    key = mark, house.name, house.letters, pixels
    return cover.size, _textures.get(key, make, lambda texture: texture.nbytes)
