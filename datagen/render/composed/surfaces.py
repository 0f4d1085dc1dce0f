"""What the shown pixels of a stencil are as a surface: how far from the camera, and which way they face.

Nothing is measured in a picture: the layers that a stencil is made of know both. They are computed for maps
alone (:mod:`datagen.render.maps`), in integers, so that they are the same on every processor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import PIXELS_PER_CM, Layer
from datagen.render.cache import Cache
from datagen.render.composed.dressing import covered, owners, sheets_in
from datagen.render.composed.packshots import Shot, mirrors, placed
from datagen.render.composed.packshots import lit_normals as lit_normals_of_product
from datagen.render.composed.sheet_light import lit_normals
from datagen.render.composed.wardrobe import Outfit, laid_out
from datagen.render.composed.window import Spot, Window, finer, interpolated, resampled, spot_of

CAMERA = 5_200
"""Millimetres from the camera to the middle plane of a figure, or of a product enlarged as its layer is."""

STEEP = 60
"""Neighbours whose depths differ by so many tenths of a pixel's width or more are two surfaces, one before
the other: nothing lies between them."""

SHARED_BYTES = 8_000_000
"""Limit on the surfaces that a process keeps: six of pictures of 480 x 640."""

Depths = npt.NDArray[np.int16]


class Surface(NamedTuple):
    """A box of the picture, before it is shifted or mirrored; values outside of what is shown have no use."""

    left: int
    top: int
    depth: npt.NDArray[np.uint16]
    """(height, width): millimetres from the plane of the camera, along its axis; 0 where nothing is."""
    across: npt.NDArray[np.uint8]
    """(height, width): how far the normal points to the right, 128 plus 127ths."""
    down: npt.NDArray[np.uint8]
    """(height, width): how far it points down, 128 plus 127ths; the rest of its length is towards the
    camera."""


_surfaces: Cache[Surface] = Cache(SHARED_BYTES)


def surface(key: Outfit | Shot, size: tuple[int, int]) -> Surface:
    """The surface of an outfit or a product without a wearer in a picture of a size."""

    def made() -> Surface:
        return _of_outfit(key, size) if isinstance(key, Outfit) else _of_product(key, size)

    return _surfaces.get((key, size), made, lambda one: sum(plane.nbytes for plane in one[2:]))


def clear() -> None:
    """Empty the cache of surfaces. Maps do not change."""
    _surfaces.clear()


def _of_outfit(outfit: Outfit, size: tuple[int, int]) -> Surface:
    figure, worn, window = laid_out(outfit, size)
    sheets = sheets_in(figure, worn, window)
    laid = [covered(sheet, window) for sheet in sheets]
    x0, y0, x1, y1 = window.limits
    owner = owners(laid, (y1 - y0, x1 - x0))
    depth = np.zeros(owner.shape, np.uint16)
    across, down = np.full((2, *owner.shape), 128, np.uint8)
    for number, (sheet, (box, _)) in enumerate(zip(sheets, laid, strict=True), 1):
        at = slice(box[1], box[3]), slice(box[0], box[2])
        mine = owner[at] == number
        if not mine.any():
            continue
        fine, layer = finer(window, sheet.zoom), sheet.layer
        spot = spot_of(fine, layer.left, layer.top, layer.coverage.shape)
        if spot is None:
            raise AssertionError("what is seen of a sheet lies in its layer")
        far = _distances(fine, spot, layer.depth, CAMERA, PIXELS_PER_CM * sheet.zoom)
        np.copyto(depth[at], far, where=mine)
        facing = _facing(fine, spot, lit_normals(layer, sheet.role))
        for plane, values in zip((across, down), facing, strict=True):
            np.copyto(plane[at], values, where=mine)
    return Surface(x0, y0, depth, across, down)


def _of_product(shot: Shot, size: tuple[int, int]) -> Surface:
    baked, window, spot, _ = placed(shot, size)
    layer: Layer = baked.layer
    normal = lit_normals_of_product(layer, shot)
    normal = np.where(mirrors(layer, shot)[..., None], layer.normal, normal)
    depth = _distances(window, spot, layer.depth, round(CAMERA * PIXELS_PER_CM / baked.scale), baked.scale)
    return Surface(spot.target[0], spot.target[1], depth, *_facing(window, spot, normal))


def _distances(
    window: Window, spot: Spot, depth: Depths, camera: int, pixels_per_cm: float
) -> npt.NDArray[np.uint16]:
    """Depths of a layer as the picture shows them, as distances from the plane of the camera, in mm."""
    steep = max(1, min(128, round(STEEP / pixels_per_cm)))
    near = interpolated(window, spot, depth, steep).astype(np.int32)
    return np.clip(camera - near, 1, 65_535).astype(np.uint16)


def _facing(
    window: Window, spot: Spot, normal: npt.NDArray[np.int8]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Normals of a layer as the picture shows them, x and y apart: resampled as light is, which falls on
    them."""
    raised = normal.view(np.uint8) ^ np.uint8(128)
    across, down = (resampled(window, spot, np.ascontiguousarray(raised[..., at])) for at in (0, 1))
    return across, down
