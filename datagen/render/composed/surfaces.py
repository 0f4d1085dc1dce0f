"""What the shown pixels of a stencil are as a surface: how far from the camera, and which way they face.

Nothing is measured in a picture: the layers that a stencil is made of know both. They are computed for maps
alone (:mod:`datagen.render.maps`), in integers, so that they are the same on every processor.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import PIXELS_PER_CM, Layer
from datagen.render.cache import Cache
from datagen.render.composed.dressing import covered, owners, sheets_in
from datagen.render.composed.packshots import Shot, mirrors, placed
from datagen.render.composed.packshots import lit_normals as lit_normals_of_product
from datagen.render.composed.sheet_light import lit_normals, near
from datagen.render.composed.stack import Sheet
from datagen.render.composed.wardrobe import Outfit, laid_out
from datagen.render.composed.window import Spot, Window, extent, finer, interpolated, resampled, spot_of
from datagen.render.outlines import Box
from datagen.render.planes import Bytes

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
    across: Bytes
    """(height, width): how far the normal points to the right, 128 plus 127ths."""
    down: Bytes
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
    left, top, right, bottom = window.limits
    owner = owners(laid, (bottom - top, right - left))
    whole = Surface(left, top, np.zeros(owner.shape, np.uint16), *np.full((2, *owner.shape), 128, np.uint8))
    planes: tuple[npt.NDArray[Any], ...] = whole.depth, whole.across, whole.down
    for number, (sheet, (box, _)) in enumerate(zip(sheets, laid, strict=True), 1):
        mine = owner[box[1] : box[3], box[0] : box[2]] == number
        seen = extent(mine)
        if seen is None:
            continue
        rows, columns = seen
        x0, x1 = (box[0] + column for column in (columns.start, columns.stop))
        y0, y1 = (box[1] + row for row in (rows.start, rows.stop))
        part = _of_sheet(sheet, window, (x0 + left, y0 + top, x1 + left, y1 + top))
        for plane, values in zip(planes, part, strict=True):
            np.copyto(plane[y0:y1, x0:x1], values, where=mine[seen])
    return whole


def _of_sheet(sheet: Sheet, window: Window, limits: Box) -> tuple[npt.NDArray[Any], ...]:
    """Distance and normals of a sheet in a box of the picture."""
    fine, layer = finer(window, sheet.zoom), sheet.layer
    spot = spot_of(fine._replace(limits=limits), layer.left, layer.top, layer.coverage.shape)
    if spot is None or spot.target != limits:
        raise AssertionError("what is seen of a sheet lies in its layer")
    layer, spot = near(layer, spot, fine)
    far = _distances(fine, spot, layer.depth, CAMERA, PIXELS_PER_CM * sheet.zoom)
    return far, *_facing(fine, spot, lit_normals(layer, sheet.role))


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
    towards = interpolated(window, spot, depth, steep).astype(np.int32)
    return np.clip(camera - towards, 1, 65_535).astype(np.uint16)


def _facing(window: Window, spot: Spot, normal: npt.NDArray[np.int8]) -> tuple[Bytes, Bytes]:
    """Normals of a layer as the picture shows them, x and y apart: resampled as light is, which falls on
    them."""
    raised = normal.view(np.uint8) ^ np.uint8(128)
    across, down = (resampled(window, spot, np.ascontiguousarray(raised[..., at])) for at in (0, 1))
    return across, down
