"""Cloth coordinates of a product in a picture, and looking textures up in them, in integers only.

A texture is a square tile, its side a power of two, filtered for the picture's resolution: once for cloth
that faces the camera, once for cloth that turns away. It is stored finer than the picture, so that the
nearest pixel of it is good enough.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.composed.labels import Labels
from datagen.render.outlines import Box
from datagen.render.planes import Bytes

Indices = npt.NDArray[np.uint8]
Coordinates = npt.NDArray[np.int16]

UNITS_PER_CM = 20
"""Cloth coordinates are in half millimetres."""

FINER = 4
"""How many pixels of a texture there are for a pixel of the picture, about."""

SMALLEST, LARGEST = 32, 1024
"""Sides of a texture in pixels, powers of two."""

AWAY = 2.5
"""How much wider the filter for cloth that turns away is."""


class Cloth(NamedTuple):
    """Where each pixel of the product lies in its cloth. Arrays have the shape of ``box`` in the stencil.

    ``across`` and ``along`` grow to the right and down, in half millimetres within a piece; where ``away`` is
    1, cloth turns away from the camera or ends. ``labels`` are those of the whole stencil. ``mark`` and
    ``badge`` are (across, along, width) of a placed motif, which lies where ``front`` is 1. ``unit`` is px
    per cm.
    """

    box: Box
    across: Coordinates
    along: Coordinates
    away: Bytes
    front: Bytes
    labels: Labels
    mark: tuple[int, int, int]
    badge: tuple[int, int, int]
    unit: float
    weave: float = 1.0
    """How much larger weaves and grains are than on clothes."""
    alone: bool = False
    """Whether there is no figure: fills that are not the product's material shine by themselves."""
    polished: bool = False
    """Whether the light on the product is already that on polished metal."""
    weave_at: npt.NDArray[np.uint32] | None = None
    """The places in a weave's texture, if they are kept: all weaves have one size."""

    @property
    def bytes(self) -> int:
        """Memory used, in bytes."""
        planes = self.across, self.along, self.away, self.front
        kept = 0 if self.weave_at is None else self.weave_at.nbytes
        return self.labels.bytes + kept + sum(plane.nbytes for plane in planes)

    def mirrored(self) -> Cloth:
        """The mirror image. Arrays are views, not copies."""
        x0, y0, x1, y1 = self.box
        width = self.labels.first.shape[1]
        planes = (plane[:, ::-1] for plane in (self.across, self.along, self.away, self.front))
        box = width - x1, y0, width - x0, y1
        return Cloth(box, *planes, self.labels.mirrored(), *self[6:-1])  # type: ignore[call-arg, arg-type]


def texture_side(centimetres: float, unit: float) -> int:
    """The side of a texture of that size in a picture of ``unit`` px per cm: a power of two."""
    wanted = centimetres * unit * FINER
    side = SMALLEST
    while side < LARGEST and side * 1.4 < wanted:
        side *= 2
    return side


def filtered(tile: Image.Image, centimetres: float, unit: float) -> list[Image.Image]:
    """A periodic tile, filtered for cloth that faces the camera, and for cloth that turns away."""
    side = tile.width
    # Half the width of a picture's pixel, in pixels of the tile.
    radius = side / (centimetres * unit) / 2
    result = []
    for each in (radius, radius * AWAY):
        each = min(each, side / 4)
        pad = int(each) + 2
        wide = Image.new(tile.mode, (side + 2 * pad, side + 2 * pad))
        for x in (pad - side, pad, pad + side):
            for y in (pad - side, pad, pad + side):
                wide.paste(tile, (x, y))
        result.append(
            wide.filter(ImageFilter.BoxBlur(max(0.0, each - 0.5))).crop((pad, pad, pad + side, pad + side))
        )
    return result


def places(
    cloth: Cloth, side: int, centimetres: float, offset: tuple[float, float] = (0.0, 0.0)
) -> npt.NDArray[np.uint32]:
    """For each pixel of the cloth, its place in two square textures of ``side`` pixels, one after the other.

    ``centimetres`` is the texture's size on the cloth, ``offset`` where it begins, as shares of it.
    """
    # Products wrap around at 2^32, a multiple of the texture's period: nothing is lost.
    scale = np.uint32(round(side / (centimetres * UNITS_PER_CM) * 65536))
    bits = side.bit_length() - 1
    x = _scaled(cloth.across, scale, offset[0], side)
    x >>= np.uint32(16)
    x &= np.uint32(side - 1)
    # Shifted less, the pixel's row is its place in the texture's rows already.
    y = _scaled(cloth.along, scale, offset[1], side)
    y >>= np.uint32(16 - bits)
    y &= np.uint32((side - 1) << bits)
    x |= y
    np.left_shift(cloth.away, np.uint32(2 * bits), out=y)
    x |= y
    return x


def _scaled(at: Coordinates, scale: np.uint32, start: float, side: int) -> npt.NDArray[np.uint32]:
    """Coordinates in a texture's pixels, from ``start`` of its side, in 65,536ths."""
    pixel = at.astype(np.int32).view(np.uint32)
    pixel *= scale
    if start:
        pixel += np.uint32(int(start * side) << 16)
    return pixel


def placed(
    cloth: Cloth, spot: tuple[int, int, int], size: tuple[int, int], *, mirror: bool
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int32]] | None:
    """The pixels of the front (rows and columns) under a motif, and their places in its image.

    ``spot`` is (across, along, width) of the motif, ``size`` its image's width and height in pixels; None if
    no pixel lies under it.
    """
    across, along, width = spot
    scale = round(size[0] / width * 4096)
    reach, high = width // 2 + 1, width * size[1] // size[0] // 2 + 1
    near = (cloth.across >= across - reach) & (cloth.across <= across + reach)
    near &= (cloth.along >= along - high) & (cloth.along <= along + high)
    near &= cloth.front.view(np.bool_)
    # On one axis: on two, NumPy is several times slower.
    rows, columns = np.divmod(np.flatnonzero(near), near.shape[1])
    x = cloth.across[rows, columns].astype(np.int32) - across
    x = (((-x if mirror else x) * scale) >> 12) + size[0] // 2
    y = (((cloth.along[rows, columns].astype(np.int32) - along) * scale) >> 12) + size[1] // 2
    under = np.flatnonzero((x >= 0) & (x < size[0]) & (y >= 0) & (y < size[1]))
    if not len(under):
        return None
    return np.stack([rows[under], columns[under]]), y[under] * size[0] + x[under]
