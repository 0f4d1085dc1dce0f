"""Fabric that lies in a garment's cloth: pattern, surface and placed motifs, by its cloth coordinates."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from datagen.product.product import RGB, House, Product
from datagen.render import fabrics, marks, paint, patterns
from datagen.render.cache import Cache
from datagen.render.composed.cloth import Cloth, filtered, placed, places, texture_side
from datagen.render.composed.labels import LABELS
from datagen.render.planes import Bytes
from datagen.render.random_stream import RandomStream
from datagen.render.silhouettes import Kind

WEAVE_CM = 8.0
"""The size of a material's tile on the cloth."""

RELIEF_CM = 30.0
"""The size of a relief's tile on the cloth: lozenges of 4 cm, cables of 7 cm."""

FAINT = 0.9
"""A surface that varies by less than this many levels, at a picture's resolution, is even."""

_textures: Cache[Bytes] = Cache(24_000_000)


def painted(
    product: Product, house: House, kind: Kind, cloth: Cloth, paints: dict[str, RGB], *, mirror: bool
) -> Bytes:
    """Red, green, blue and surface (a multiplier in 255ths) of product and figure, the size of the stencil.

    ``mirror``: the picture will be mirrored, so patterns and letters are painted backwards.
    """
    labels = cloth.labels
    table = np.full((4, 256), 255, np.uint8)
    for at, name in enumerate(LABELS):
        ground = paint.paint_colour(product.colourway.ground)
        table[:3, at] = paint.trim_paint(name, paints[name]) if at else ground
    plain = labels.first.tobytes()
    planes = np.empty((4, *labels.first.shape), np.uint8)
    planes[3] = 255
    for plane, values in zip(planes[:3], table, strict=False):
        plane[...] = np.frombuffer(plain.translate(values.tobytes()), np.uint8).reshape(plane.shape)
    x0, y0, x1, y1 = cloth.box
    _paint_fabric(planes[:, y0:y1, x0:x1], product, house, kind, cloth, mirror=mirror)
    # At an edge the second fill shows as well; of the ground its plain colour is enough there.
    flat = planes.reshape(4, -1)
    share = labels.share.astype(np.uint16)
    mixed = flat[:, labels.edges] * share + table[:, labels.second] * (255 - share)
    flat[:, labels.edges] = (mixed + 255) >> 8
    return planes


def _paint_fabric(
    planes: Bytes, product: Product, house: House, kind: Kind, cloth: Cloth, *, mirror: bool
) -> None:
    """Paint pattern, motifs and surface over the plain ground, in the box of the cloth."""
    x0, y0, x1, y1 = cloth.box
    ground = cloth.labels.first[y0:y1, x0:x1] == 0
    if product.pattern in patterns.TILES:
        index = _pattern(product, house, kind, cloth, mirror=mirror).tobytes()
        colours = patterns.palette(paint.paint_colourway(product.colourway))
        for plane, shades in zip(planes, colours, strict=False):
            fabric = np.frombuffer(index.translate(shades.tobytes().ljust(256, b"\0")), np.uint8)
            np.copyto(plane, fabric.reshape(plane.shape), where=ground)
    elif product.pattern == "colour_block":
        colourway = paint.paint_colourway(product.colourway)
        blocks = paint.colour_blocks(cloth.across.shape, colourway, RandomStream(product.cut, 5), 0)
        np.copyto(planes[:3], blocks, where=ground)
    _place_marks(planes[:3], product, house, cloth, mirror=mirror)
    surface = _surface(product.material, WEAVE_CM * cloth.weave, cloth)
    relief = paint.relief_of(product, kind)
    if relief:
        surface = surface.astype(np.uint16) * _surface(relief, RELIEF_CM, cloth)
        surface += 255
        surface >>= 8
    np.copyto(planes[3], surface, where=ground, casting="unsafe")


def clear() -> None:
    """Empty the cache of textures. Pictures do not change."""
    _textures.clear()


def _pattern(product: Product, house: House, kind: Kind, cloth: Cloth, *, mirror: bool) -> Bytes:
    """Palette indices of an all-over pattern on the cloth."""
    centimetres = patterns.TILES[product.pattern][0] * kind.pattern_scale
    unit = _step(cloth.unit)
    side = texture_side(centimetres, unit)
    key = product.pattern, house.letters, side, centimetres, unit, mirror

    def make() -> Bytes:
        tile = patterns.TILES[product.pattern][1](side, house.letters)
        if mirror:
            tile = tile.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return np.concatenate([patterns.indexed(each).ravel() for each in filtered(tile, centimetres, unit)])

    index = _textures.get(key, make, lambda texture: texture.nbytes)
    start = RandomStream(product.cut, 4)
    found: Bytes = index[places(cloth, side, centimetres, (start.unit(), start.unit()))]
    return found


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
    found: Bytes = texture[places(cloth, fabrics.SIDE, centimetres) if kept is None else kept]
    return found


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
