"""Fine creases of cloth, finer than the folds that are baked: they lie in the cloth and tilt its normals."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import Layer
from datagen.render.shading import wrinkles

SIDE = 256
"""Of the periodic field of creases, pixels."""

PER_PIXEL = 5
"""Half millimetres of cloth for a pixel of the field."""

STEEP = 9
"""How far creases tilt a normal, in 127ths for a slope of one."""


def creased(layer: Layer) -> npt.NDArray[np.int8]:
    """The layer's normals with creases, where there is cloth."""
    across, along = (layer.cloth[..., at].astype(np.int32) // PER_PIXEL & (SIDE - 1) for at in (0, 1))
    tilt = _tilts()[along * SIDE + across]
    normal = layer.normal.astype(np.int16)
    normal += tilt
    return np.clip(normal, -124, 124).astype(np.int8)


@lru_cache(maxsize=1)
def _tilts() -> npt.NDArray[np.int16]:
    """What creases add to a normal: (SIDE x SIDE, 2)."""
    height = np.rint(wrinkles() * 16).astype(np.int16)
    tilts = np.stack([np.roll(height, 1, axis) - np.roll(height, -1, axis) for axis in (1, 0)], axis=2)
    return np.clip((tilts * STEEP) >> 4, -60, 60).astype(np.int16).reshape(-1, 2)
