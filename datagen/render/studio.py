"""The studio: a pale grey backdrop with a soft vignette and the sensor's noise."""

from __future__ import annotations

import numpy as np

from datagen.render.keep import Kept
from datagen.render.planes import Bytes

BACKDROPS = 12
NOISE = 1.1
"""Standard deviation of the sensor noise, in steps of 255."""

GRAIN = 12
"""The brightest grain that :func:`grain` adds."""

SLACK = 32
"""A backdrop is this many pixels larger than the picture, which is cut from it at an offset."""

_backdrops: Kept[Bytes] = Kept(48_000_000)
_grains: Kept[Bytes] = Kept(24_000_000)


def backdrop(size: tuple[int, int], variant: int) -> Bytes:
    """One of ``BACKDROPS`` empty studios: three planes, ``SLACK`` pixels wider and higher than ``size``.

    About 221 at the top corners, 224-228 below, brightest around the product (measured on catalogue photos).
    """
    return _backdrops.get((size, variant), lambda: _backdrop(size, variant), lambda planes: planes.nbytes)


def _backdrop(size: tuple[int, int], variant: int) -> Bytes:
    width, height = size[0] + SLACK, size[1] + SLACK
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    lean = (variant % 3 - 1) * 0.35
    wall = (
        218.5
        + 4.5 * y
        + 7.0 * np.exp(-(((x - lean * 0.5) / 0.9) ** 2) - ((y - 0.45) / 0.5) ** 2)
        + 2.0 * lean * -x
    )
    floor = 2.5 * np.exp(-(((y - 0.86) / 0.14) ** 2))
    noise = np.random.Generator(np.random.Philox(key=101 + variant)).standard_normal(
        (height, width), dtype=np.float32
    )
    grey = wall + floor + (variant // 3 - 1.5) * 2.4 + noise * np.float32(NOISE)
    tint = (0.0, 0.0, -0.4) if variant % 2 else (-0.3, 0.0, 0.5)
    return np.stack([np.clip(grey + shift, 0, 255).round().astype(np.uint8) for shift in tint])


def grain(size: tuple[int, int]) -> Bytes:
    """Sensor noise to add to highlights: mean about 3, ``SLACK`` pixels wider and higher than ``size``."""
    return _grains.get(size, lambda: _grain(size), lambda plane: plane.nbytes)


def _grain(size: tuple[int, int]) -> Bytes:
    rng = np.random.Generator(np.random.Philox(key=211))
    noise = rng.standard_normal((size[1] + SLACK, size[0] + SLACK), dtype=np.float32) * np.float32(NOISE)
    return np.clip(np.round(noise + 3), 0, GRAIN).astype(np.uint8)


def clear() -> None:
    """Forget the backdrops and the noise."""
    _backdrops.clear()
    _grains.clear()
