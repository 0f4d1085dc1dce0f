"""Light on a baked layer: a soft box on the left and above, a window on the right, the studio's walls.

What a surface reflects depends on its normal alone, a word of two bytes: tables of 65,536 entries hold
it. How much of it arrives was stored with the layer. Everything is integers: the same on every processor.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.baked.layers import Layer
from datagen.render.planes import Bytes
from datagen.render.shading import FLAT

KEY = (-0.50, -0.56, 0.66)
"""Direction of the soft box: x to the right, y down, z towards the camera; layers know its shadows."""

WINDOW = (0.78, -0.22, 0.58)
"""Direction of the window."""

KEY_SHARE, WINDOW_SHARE, WALLS, SKY = 0.60, 0.17, 0.22, 0.12
"""Shares of the light: soft box, window, walls and floor, what the ceiling adds to surfaces that face up."""

HIGHLIGHT = 8
"""Power of the highlight's cosine."""

LEVELS = 1024
"""Of linear light; half of them up to the light on a surface that faces the camera."""

GAMMA = 2.2
"""Of the picture: twice the light is 1.37 times the tone."""


class Light(NamedTuple):
    """``tone`` multiplies colours (``FLAT``: a surface that faces the camera), ``glow`` is the highlight."""

    tone: Bytes
    glow: Bytes


def light_on(layer: Layer, normal: npt.NDArray[np.int8]) -> Light:
    """The light on a layer, with the normals given: its own, or with creases."""
    word = np.ascontiguousarray(normal).view(np.uint16)[..., 0]
    walls, key, shine = _tables()
    linear = walls[word].astype(np.uint32)
    linear *= np.frombuffer(layer.open.tobytes().translate(_openness()), np.uint8).reshape(layer.open.shape)
    direct = key[word].astype(np.uint32)
    direct *= layer.lit
    linear += direct
    linear >>= 8
    tone = _tones()[linear]
    glow = shine[word].astype(np.uint16)
    glow *= layer.lit
    glow >>= 8
    return Light(tone, glow.astype(np.uint8))


@lru_cache(maxsize=1)
def _openness() -> bytes:
    """Light from all around falls faster than the openness, what is near being dark as well; but walls and
    floor throw some of it into every corner."""
    return bytes(round(255 * (0.1 + 0.9 * (v / 255) ** 1.2)) for v in range(256))


@lru_cache(maxsize=1)
def _tones() -> Bytes:
    half = LEVELS // 2
    tones = [round(FLAT * (v / half) ** (1 / GAMMA)) for v in range(LEVELS)]
    return np.array([min(255, max(20, tone)) for tone in tones], np.uint8)


@lru_cache(maxsize=1)
def _tables() -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], Bytes]:
    """For each normal: light of walls and window, light of the soft box, and the highlight."""
    byte = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float64) / 127
    # The low byte of a word is the normal's x on little-endian machines.
    words = np.arange(65536, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
    x, y = byte[words[:, 0]], byte[words[:, 1]]
    z = np.sqrt(np.maximum(0.0, 1.0 - x * x - y * y))
    key = np.maximum(0.0, (x * KEY[0] + y * KEY[1] + z * KEY[2]) / _length(KEY))
    side = np.maximum(0.0, 0.25 + 0.75 * (x * WINDOW[0] + y * WINDOW[1] + z * WINDOW[2]) / _length(WINDOW))
    walls = WALLS * (0.55 + 0.45 * z) + SKY * (0.5 - 0.5 * y) + WINDOW_SHARE * side
    flat_key = KEY[2] / _length(KEY)
    flat = (
        WALLS + SKY * 0.5 + WINDOW_SHARE * (0.25 + 0.75 * WINDOW[2] / _length(WINDOW)) + KEY_SHARE * flat_key
    )
    # Cloth scatters light a little around its edge: no hard terminator.
    soft = 0.06 + 0.94 * key
    scale = LEVELS / 2 / flat * 256 / 255
    half = (KEY[0], KEY[1], KEY[2] + _length(KEY))
    facing = np.maximum(0.0, (x * half[0] + y * half[1] + z * half[2]) / _length(half))
    glow = facing.copy()
    for _ in range(HIGHLIGHT - 1):
        glow = glow * facing
    return (
        np.rint(walls * scale).astype(np.uint16),
        np.rint(KEY_SHARE * soft * scale).astype(np.uint16),
        np.rint(255 * glow).astype(np.uint8),
    )


def _length(v: tuple[float, float, float]) -> float:
    return math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
