"""The studio: a pale grey backdrop with a soft vignette, and the sensor's noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

Bytes = npt.NDArray[np.uint8]

BACKDROPS = 6
NOISES = 3
NOISE = 1.15
"""Standard deviation of the sensor noise, in steps of 255."""


@lru_cache(maxsize=12)
def backdrop(size: tuple[int, int], variant: int) -> Image.Image:
    """One of ``BACKDROPS`` empty studios: about 221 at the top corners, 224-228 below, brightest around the product."""
    width, height = size
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    lean = (variant % 3 - 1) * 0.35
    wall = 219.0 + 4.0 * y + 7.0 * np.exp(-(((x - lean * 0.5) / 0.9) ** 2) - ((y - 0.45) / 0.5) ** 2) + 2.0 * lean * -x
    floor = 2.5 * np.exp(-(((y - 0.86) / 0.14) ** 2))
    tone = wall + floor + (variant // 3) * 2.5
    grain = np.random.Generator(np.random.Philox(key=101 + variant)).random((height, width), dtype=np.float32)
    grey = np.clip(tone + grain - 0.5, 0, 255)
    tint = (0.0, 0.0, -0.4) if variant % 2 else (-0.3, 0.0, 0.5)
    return Image.fromarray(np.stack([grey + shift for shift in tint], axis=2).round().astype(np.uint8))


@lru_cache(maxsize=4)
def noise(size: tuple[int, int]) -> Bytes:
    """A field of sensor noise with room to slice at an offset: (height + 64, width + 64, 3), added modulo 256."""
    rng = np.random.Generator(np.random.Philox(key=211))
    shape = size[1] + 64, size[0] + 64
    luma = rng.standard_normal(shape, dtype=np.float32) * np.float32(NOISE)
    step = np.round(luma).astype(np.int8).view(np.uint8)
    return np.repeat(step[..., None], 3, axis=2)


def exposed(image: Image.Image, offset: tuple[int, int], gain: int) -> Image.Image:
    """The picture with sensor noise sliced at ``offset`` and ``gain`` steps of exposure."""
    pixels = np.array(image)
    # Room for noise and gain, so that adding modulo 256 never wraps.
    np.clip(pixels, 8, 247, out=pixels)
    field = noise(image.size)
    x, y = offset
    pixels += field[y : y + pixels.shape[0], x : x + pixels.shape[1]]
    if gain:
        pixels += np.uint8(gain % 256)
    return Image.fromarray(pixels)
