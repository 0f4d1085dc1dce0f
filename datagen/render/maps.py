"""Depth and normals of a picture's surfaces, laid out as the picture is.

They are those of the baked layers that it is composed from. A picture that is drawn from silhouettes has no
geometry, and so no maps.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.columns.ground_truth import Depth, Normals
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
    planes: list[npt.NDArray[np.uint8 | np.uint16]] = [known.depth, known.across, known.down]
    left = known.left
    if mirror:
        planes, left = [plane[:, ::-1] for plane in planes], size[0] - left - known.depth.shape[1]
    seen = _in_picture(stencil.cover, stencil.box[0] + dx, stencil.box[1] + dy, size) >= HALF
    depth, across, down = (_in_picture(plane, left + dx, known.top + dy, size) for plane in planes)
    # Left and right change places in a mirror: what pointed to the right points to the left.
    across = (256 - across.astype(np.uint16)).clip(1, 255) if mirror else across.astype(np.uint16)
    normals = _encoded()[across << 8 | down]
    return Maps(depth.astype(np.uint16) * seen, normals * seen[..., None].view(np.uint8))


def _in_picture(
    plane: npt.NDArray[np.uint8 | np.uint16], x: int, y: int, size: tuple[int, int]
) -> npt.NDArray[np.uint8 | np.uint16]:
    """A plane whose corner lies at (x, y), cropped to the picture; 0 where it does not reach."""
    whole = np.zeros((size[1], size[0]), plane.dtype)
    rows = slice(max(0, -y), max(0, min(plane.shape[0], size[1] - y)))
    columns = slice(max(0, -x), max(0, min(plane.shape[1], size[0] - x)))
    cut = plane[rows, columns]
    if cut.size:
        whole[y + rows.start : y + rows.stop, x + columns.start : x + columns.stop] = cut
    return whole


@lru_cache(maxsize=1)
def _encoded() -> Normals:
    """For each x and y down of a normal, 128 plus 127ths each: its pixel, (65536, 3), of unit length."""
    x, down = ((np.arange(65_536) >> shift & 255) - 128.0 for shift in (8, 0))
    # Only square roots and quotients, which every processor rounds alike.
    length = np.sqrt(x * x + down * down)
    short = np.where(length > 127, 127 / np.maximum(length, 1), 1.0)
    x, y = x * short, -down * short
    z = np.sqrt(np.maximum(0.0, 127.0 * 127 - x * x - y * y))
    encoded: Normals = (128 + np.rint(np.stack([x, y, z], axis=1))).astype(np.uint8)
    return encoded
