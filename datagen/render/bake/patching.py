"""Small faults of a draped garment are mended with the cloth around them: holes in which skin shows, and
places where the body comes through, which are as dark as the inside of a body."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from datagen.render.baked.layers import HEIGHT, PARTS, WIDTH, Garment, Layer

COVERED = [PARTS.index(part) for part in ("skin_torso", "skin_arm", "skin_leg")]
HANDS = [PARTS.index(part) for part in ("hand", "nails")]

LARGEST = 120
"""Pixels of a fault that is mended; a larger hole is part of the cut, or must be seen."""

DEEPEST = 600
"""Pixels of a place where a body comes through that is mended; more is a fault that must be seen."""

SHADED = 4
"""How far around a hole, in pixels, light is taken from the cloth farther away."""


def skin_holes(body: Layer, garment: Garment) -> list[npt.NDArray[np.bool_]]:
    """Holes of a garment with cloth all around them and skin in them: masks of the garment's layer.

    A hand in front of a coat is a hole in it, with the wrist: such holes do not count.
    """
    seen = np.zeros((HEIGHT, WIDTH), int)
    high, wide = body.part.shape
    part = np.where(body.coverage > 127, body.part, 0)
    seen[body.top : body.top + high, body.left : body.left + wide] = part
    layer = garment.layer
    high, wide = layer.coverage.shape
    cloth = layer.coverage > 127
    inner = seen[layer.top : layer.top + high, layer.left : layer.left + wide]
    holes, count = ndimage.label(ndimage.binary_fill_holes(cloth) & ~cloth)
    masks = (holes == at for at in range(1, count + 1))
    return [
        mask
        for mask in masks
        if np.isin(inner[mask], COVERED).any() and not np.isin(inner[mask], HANDS).any()
    ]


def pits(body: Layer, garment: Garment) -> npt.NDArray[np.bool_]:
    """Where cloth lies a little inside the body that it covers: a mask of the garment's layer."""
    layer = garment.layer
    nearest = np.full((HEIGHT, WIDTH), -30_000, np.int32)
    high, wide = body.part.shape
    skin = (body.coverage > 127) & np.isin(body.part, COVERED)
    nearest[body.top : body.top + high, body.left : body.left + wide] = np.where(skin, body.depth, -30_000)
    high, wide = layer.coverage.shape
    under = nearest[layer.top : layer.top + high, layer.left : layer.left + wide]
    inside = (layer.coverage == 255) & (layer.part != PARTS.index("inside")) & (under >= layer.depth)
    places, count = ndimage.label(inside)
    sizes = np.bincount(places.ravel(), minlength=count + 1)
    return np.asarray(inside & (sizes[places] <= DEEPEST))


def patched(body: Layer, garment: Garment) -> Garment:
    """The garment with its small holes closed and its pits lit: as the nearest pixels of whole cloth are."""
    if garment.zoom != 1:
        return garment
    none = np.zeros(garment.layer.coverage.shape, np.bool_)
    hole = np.logical_or.reduce(
        [mask for mask in skin_holes(body, garment) if mask.sum() <= LARGEST], initial=False
    )
    hole, pit = none | hole, pits(body, garment)
    if not hole.any() and not pit.any():
        return garment
    # The edges of a hole are partly covered: they are closed too.
    hole = ndimage.binary_dilation(hole)
    # What comes through also darkens the cloth around it.
    dark = ndimage.binary_dilation(hole | pit, iterations=SHADED)
    layer = garment.layer
    planes = {}
    for names, gone in ((("coverage", "part", "cloth", "depth"), hole), (("normal", "open", "lit"), dark)):
        cloth = (layer.coverage == 255) & ~gone
        rows, columns = ndimage.distance_transform_edt(~cloth, return_distances=False, return_indices=True)
        for name in names:
            plane = getattr(layer, name).copy()
            plane[gone] = plane[rows[gone], columns[gone]]
            planes[name] = plane
    return garment._replace(layer=layer._replace(**planes))


def _shows(parts: npt.NDArray[np.int64], some: list[int]) -> bool:
    return bool(np.isin(parts, some).any())
