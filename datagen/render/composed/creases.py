"""What is finer than the baked layers: creases that tilt the normals of cloth, and the strands of hair."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import PARTS, Layer
from datagen.render.fabrics import noise
from datagen.render.planes import Bytes
from datagen.render.shading import wrinkles

SIDE = 256
"""Of the periodic field of creases, pixels."""

SHIFT = 2
"""A pixel of the field is four half millimetres of cloth."""

STEEP = 9
"""How far creases tilt a normal, in 127ths for a slope of one."""

SCALP = PARTS.index("hair")
"""The part of a body that is covered by very short hair."""

STRANDS = 16
"""Deviation of the tone of hair, strand by strand."""


def creased(layer: Layer) -> npt.NDArray[np.int8]:
    """The layer's normals with creases, where there is cloth."""
    across, along = ((layer.cloth[..., at] >> SHIFT) & (SIDE - 1) for at in (0, 1))
    # A product of 8 bits each fits a word.
    tilt = _tilts().take(along.view(np.uint16) * np.uint16(SIDE) + across.view(np.uint16))
    normal = tilt.view(np.int16).reshape(layer.normal.shape)
    normal += layer.normal
    return np.clip(normal, -124, 124, out=normal).astype(np.int8)


@lru_cache(maxsize=1)
def _tilts() -> npt.NDArray[np.int32]:
    """What creases add to a normal, (SIDE x SIDE,): two numbers of 16 bits in a word, found as one."""
    height = np.rint(wrinkles() * 16).astype(np.int16)
    tilts = np.stack([np.roll(height, 1, axis) - np.roll(height, -1, axis) for axis in (1, 0)], axis=2)
    limited: npt.NDArray[np.int16] = np.clip((tilts * STEEP) >> 4, -60, 60).astype(np.int16)
    return limited.reshape(-1, 2).view(np.int32)[:, 0]


def strands(layer: Layer, tone: Bytes) -> None:
    """Darken and lighten hair strand by strand, in place."""
    across = (layer.cloth[..., 0] >> 1) & (SIDE - 1)
    along = (layer.cloth[..., 1] >> 4) & (SIDE - 1)
    level = tone.astype(np.int16)
    level += _strands().take(along.view(np.uint16) * np.uint16(SIDE) + across.view(np.uint16))
    tone[...] = np.clip(level, 20, 255)


def cropped_hair(layer: Layer, picked: npt.NDArray[np.bool_], tone: Bytes) -> None:
    """Darken and lighten the scalp hair by hair, in place. ``tone`` has the pixels of ``picked`` only."""
    scalp = layer.part == SCALP
    if not scalp.any():
        return
    rows, columns = np.nonzero(scalp & picked)
    at = np.flatnonzero(scalp[picked])
    # Each hair has its place in the frame, however the layer is cropped.
    rows, columns = rows + layer.top, columns + layer.left
    grain = _strands()[((rows * 13) & (SIDE - 1)) * SIDE + ((columns * 29 + rows * 7) & (SIDE - 1))]
    tone[at] = np.clip((tone[at].astype(np.int16) * 7 >> 3) + grain, 20, 255)


@lru_cache(maxsize=1)
def _strands() -> npt.NDArray[np.int16]:
    """What strands add to a tone: (SIDE x SIDE,), fine across and long along them."""
    both = 0.75 * noise(41, 70, 5) + 0.65 * noise(42, 16, 3)
    return np.clip(np.rint(both * STRANDS), -60, 60).astype(np.int16).ravel()
