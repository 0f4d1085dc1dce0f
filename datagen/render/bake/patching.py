"""Small holes in which skin shows through a garment are closed with the cloth around them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from datagen.render.baked.layers import HEIGHT, PARTS, WIDTH, Garment, Layer

COVERED = [PARTS.index(part) for part in ("skin_torso", "skin_arm", "skin_leg")]
HANDS = [PARTS.index(part) for part in ("hand", "nails")]

LARGEST = 120
"""Pixels of a hole that is closed; a larger one is part of the cut, or a fault that must be seen."""


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


def patched(body: Layer, garment: Garment) -> Garment:
    """The garment with its small holes closed: each pixel is as the nearest one of cloth is."""
    small = [mask for mask in skin_holes(body, garment) if mask.sum() <= LARGEST]
    if not small:
        return garment
    hole = np.logical_or.reduce(small)
    # The edges of a hole are partly covered: they are closed too.
    hole = ndimage.binary_dilation(hole)
    layer = garment.layer
    cloth = (layer.coverage == 255) & ~hole
    rows, columns = ndimage.distance_transform_edt(~cloth, return_distances=False, return_indices=True)
    planes = {}
    for name in ("coverage", "part", "normal", "cloth", "open", "lit", "depth"):
        plane = getattr(layer, name).copy()
        plane[hole] = plane[rows[hole], columns[hole]]
        planes[name] = plane
    return garment._replace(layer=layer._replace(**planes))


def _shows(parts: npt.NDArray[np.int64], some: list[int]) -> bool:
    return bool(np.isin(parts, some).any())
