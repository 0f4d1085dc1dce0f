"""Backdrops (a pale grey studio, plain white, a coloured wall) and sensor noise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.render.cache import Cache
from datagen.render.planes import Bytes

Field = npt.NDArray[Any]

BACKDROPS = 12
"""Variants of the grey studio."""

NOISE = 1.1
"""Standard deviation of the sensor noise, in levels of 0 to 255."""

GRAIN = 12
"""The largest value that :func:`grain` adds."""

SLACK = 32
"""A backdrop is this many pixels larger than the picture, which is cropped from it at an offset."""

_backdrops: Cache[Bytes] = Cache(48_000_000)
_grains: Cache[Bytes] = Cache(24_000_000)


def backdrop(size: tuple[int, int], variant: int, style: str = "studio") -> Bytes:
    """A variant of an empty studio of that style: three planes, ``SLACK`` pixels larger than ``size``."""
    make, variants = STYLES[style]
    key = size, variant % variants, style
    return _backdrops.get(key, lambda: make(size, variant % variants), lambda planes: planes.nbytes)


def _pixel_grid(size: tuple[int, int]) -> tuple[int, int, Field, Field]:
    """Height and width of a backdrop, and the coordinates of its pixels: y from 0 to 1, x from -1 to 1."""
    width, height = size[0] + SLACK, size[1] + SLACK
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    return height, width, y, x


def _sensor(variant: int, height: int, width: int) -> Field:
    """Sensor noise: each variant is another crop of the same field."""
    y, x = 31 * variant % SLACK, 17 * variant % SLACK
    return _field(height + SLACK, width + SLACK)[y : y + height, x : x + width]


@lru_cache(maxsize=2)
def _field(height: int, width: int) -> Field:
    rng = np.random.Generator(np.random.Philox(key=101))
    return rng.standard_normal((height, width), dtype=np.float32) * np.float32(NOISE)


def _studio(size: tuple[int, int], variant: int) -> Bytes:
    """Pale grey: about 221 at the top corners, 224-228 below, brightest around the product (measured)."""
    height, width, y, x = _pixel_grid(size)
    lean = (variant % 3 - 1) * 0.35
    glow = np.exp(-(((x - lean * 0.5) / 0.9) ** 2)) * np.exp(-(((y - 0.45) / 0.5) ** 2))
    floor = 2.5 * np.exp(-(((y - 0.86) / 0.14) ** 2))
    grey = (
        7.0 * glow + (218.5 + 4.5 * y + floor + (variant // 3 - 1.5) * 2.4) + _sensor(variant, height, width)
    )
    grey -= 2.0 * lean * x
    tint = (0.0, 0.0, -0.4) if variant % 2 else (-0.3, 0.0, 0.5)
    return _planes(grey, tint)


def _planes(grey: Field, tint: tuple[float, float, float]) -> Bytes:
    """Three planes of one grey, each shifted by its tint."""
    planes = {shift: np.clip(grey + np.float32(shift + 0.5), 0, 255).astype(np.uint8) for shift in set(tint)}
    return np.stack([planes[shift] for shift in tint])


def _white(size: tuple[int, int], variant: int) -> Bytes:
    """White, like the cut-outs in a shop; half of the variants keep a trace of the floor."""
    _, width, y, _ = _pixel_grid(size)
    grey = 255.0 - 3.0 * np.exp(-(((y - 0.95) / 0.08) ** 2)) * (variant % 2)
    return _planes(np.repeat(grey, width, axis=1), (0.0, 0.0, 0.0))


def _colour(size: tuple[int, int], variant: int) -> Bytes:
    """A wall and a floor of one muted colour, lit from one side, meeting in a soft curve."""
    height, width, y, x = _pixel_grid(size)
    side = 1 if variant % 2 else -1
    light = 1.0 + 0.06 * side * x - 0.05 * (y - 0.3) ** 2
    edge = 1 / (1 + np.exp(-(y - 0.8) / 0.012))
    shade = light * (1 - 0.07 * edge) + 0.05 * edge * (y - 0.8)
    noise = _sensor(variant, height, width)
    colour = WALLS[variant % len(WALLS)]
    return np.stack([np.clip(band * shade + noise, 0, 255).round().astype(np.uint8) for band in colour])


WALLS = ((206, 188, 166), (176, 188, 180), (196, 176, 172), (168, 176, 190), (214, 206, 190), (150, 146, 140))
"""Colours of plain walls: sand, sage, rose, blue-grey, cream, stone."""

STYLES: dict[str, tuple[Callable[[tuple[int, int], int], Bytes], int]] = {
    "studio": (_studio, BACKDROPS),
    "white": (_white, 2),
    "colour": (_colour, len(WALLS)),
}
"""Style -> the function that makes it, and its number of variants."""


def grain(size: tuple[int, int]) -> Bytes:
    """Sensor noise to add to highlights: mean about 3, ``SLACK`` pixels wider and higher than ``size``."""
    return _grains.get(size, lambda: _grain(size), lambda plane: plane.nbytes)


def _grain(size: tuple[int, int]) -> Bytes:
    rng = np.random.Generator(np.random.Philox(key=211))
    noise = rng.standard_normal((size[1] + SLACK, size[0] + SLACK), dtype=np.float32) * np.float32(NOISE)
    return np.clip(np.round(noise + 3), 0, GRAIN).astype(np.uint8)


def clear() -> None:
    """Empty the caches of backdrops and noise."""
    _backdrops.clear()
    _grains.clear()
    _field.cache_clear()
