"""Depth and normals of a picture's surfaces, laid out as the picture is.

They are those of the baked layers that it is composed from. A picture that is drawn from silhouettes has no
geometry, and so no maps.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.columns.ground_truth import UNIT, Depth, Normals
from datagen.product.product import Product
from datagen.render.composed.packshots import Shot
from datagen.render.composed.surfaces import surface
from datagen.render.composed.wardrobe import Outfit
from datagen.render.scene import compose, is_mirrored, shape_key
from datagen.render.truth import HALF


class Maps(NamedTuple):
    """``depth``: uint16, shape (height, width), millimetres from the plane of the camera; ``normals``: uint8,
    shape (height, width, 3), 128 + 127 times x to the right, y up and z towards the camera. Both are 0 where
    the picture shows no product and no figure: where its mask says backdrop."""

    depth: Depth
    normals: Normals


def has_geometry(product: Product) -> bool:
    """Whether there are maps of the product's picture: not if it is drawn from silhouettes."""
    return isinstance(shape_key(product), Outfit | Shot)


def maps(product: Product, size: tuple[int, int]) -> Maps | None:
    """The maps of the picture that ``scene.draw`` makes of the product at that size; None without geometry.

    Raises ValueError for unknown words and sizes.
    """
    stencil, (dx, dy), _, _ = compose(product, size)
    key = shape_key(product)
    if not isinstance(key, Outfit | Shot):
        return None
    known, mirror = surface(key, size), is_mirrored(product)
    left = size[0] - known.left - known.depth.shape[1] if mirror else known.left
    # Only what the picture shows of the stencil's box is looked at.
    x0, y0 = max(0, stencil.box[0] + dx), max(0, stencil.box[1] + dy)
    x1, y1 = min(size[0], stencil.box[2] + dx), min(size[1], stencil.box[3] + dy)
    cover, depth, across, down = (
        plane[y0 - y : y1 - y, x0 - x : x1 - x]
        for plane, x, y in (
            (stencil.cover, stencil.box[0] + dx, stencil.box[1] + dy),
            *((plane[:, ::-1] if mirror else plane, left + dx, known.top + dy) for plane in known[2:]),
        )
    )
    found = Maps(np.zeros(size[::-1], np.uint16), np.zeros((*size[::-1], 3), np.uint8))
    seen = cover >= HALF
    np.copyto(found.depth[y0:y1, x0:x1], depth, where=seen)
    colours = _encoded(mirror).take(across.astype(np.uint16) << 8 | down) * seen
    found.normals[y0:y1, x0:x1] = colours.view(np.uint8).reshape(*colours.shape, 4)[..., :3]
    return found


@lru_cache(maxsize=2)
def _encoded(mirror: bool) -> npt.NDArray[np.uint32]:
    """For each x and y down of a normal, 128 plus 127ths each: its pixel, (65536,), the bytes of a vector of
    unit length and a 0. In a mirror what points to the right points to the left."""
    x, down = ((np.arange(65_536) >> shift & 255) - 128.0 for shift in (8, 0))
    # Only square roots and quotients, which every processor rounds alike.
    length = np.sqrt(x * x + down * down)
    short = np.where(length > UNIT, UNIT / np.maximum(length, 1), 1.0)
    x, y = (-x if mirror else x) * short, -down * short
    z = np.sqrt(np.maximum(0.0, UNIT * UNIT - x * x - y * y))
    pixels = np.zeros((65_536, 4), np.uint8)
    pixels[:, :3] = 128 + np.rint(np.stack([x, y, z], axis=1))
    return pixels.view(np.uint32)[:, 0]
