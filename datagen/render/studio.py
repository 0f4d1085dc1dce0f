"""Backdrops (a pale grey studio, plain white, a coloured wall) and sensor noise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from datagen.render.cache import Cache
from datagen.render.planes import Bytes

Field = npt.NDArray[Any]

NOISE = 0.63
"""Standard deviation of the sensor noise, in levels of 0 to 255."""

GRAIN = 12
"""The largest value that :func:`grain` adds."""

SLACK = 32
"""A backdrop is this many pixels larger than the picture, which is cropped from it at an offset."""

_backdrops: Cache[Bytes] = Cache(48_000_000)
_grains: Cache[Bytes] = Cache(24_000_000)


def backdrop(size: tuple[int, int], number: int, style: str, *, lies: bool) -> Bytes:
    """An empty studio of that style, ``SLACK`` pixels larger than ``size``.

    It has three planes, or one if it is grey. ``number`` chooses its variant; ``lies``: the product lies on a
    table and does not stand before a wall.
    """
    make, walls, tables = STYLES[style]
    variant = walls + number % tables if lies and tables else number % walls
    key = size, variant, style
    return _backdrops.get(key, lambda: make(size, variant), lambda planes: planes.nbytes)


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


class Light(NamedTuple):
    """How a grey studio is lit: ``level`` in the middle, all in grey levels of 0 to 255.

    ``top`` and ``foot``: how much darker the upper and the lower edge are. ``lean``: how much brighter the
    right edge is than the middle. ``noise``: the sensor's, as a share of ``NOISE``.
    """

    level: float
    top: float
    foot: float
    lean: float
    noise: float


WALLS = (
    Light(230.0, 11.0, -8.0, 6.0, 1.0),
    Light(228.0, 1.0, 2.0, 0.0, 0.6),
    Light(229.0, 7.0, -3.0, 1.0, 0.75),
    Light(228.0, 12.0, 5.0, 2.0, 0.85),
    Light(229.0, 9.0, 4.0, -2.0, 1.0),
    Light(228.5, 0.0, 2.0, -1.0, 0.45),
    Light(229.0, 9.0, 5.0, 5.0, 1.0),
    Light(225.0, 3.0, -5.0, 0.5, 0.68),
    Light(226.0, 8.0, 6.0, -1.5, 0.92),
    Light(224.5, 3.0, 4.0, -2.5, 0.85),
    Light(226.0, 7.0, 3.0, -1.0, 0.85),
    Light(224.0, 17.0, 7.0, -4.0, 1.0),
    Light(224.5, -3.0, 3.0, 2.0, 0.75),
    Light(229.0, 16.0, 5.0, -2.5, 0.92),
    Light(230.0, 13.0, 4.0, 3.5, 0.85),
)
"""Light on the wall behind what stands or is worn; then on the table that other things lie on."""

TABLES = (
    Light(226.5, -5.0, 4.0, 2.0, 0.6),
    Light(221.0, 0.0, -1.0, -1.5, 0.6),
    Light(222.5, 0.0, 0.0, -4.5, 0.75),
    Light(228.0, -2.0, 1.0, 1.5, 0.75),
    Light(225.0, 2.5, 2.5, -2.0, 0.85),
)


def _studio(size: tuple[int, int], variant: int) -> Bytes:
    """Pale grey, without a tint, and never quite even."""
    light = (*WALLS, *TABLES)[variant]
    height, width, y, x = _pixel_grid(size)
    rng = np.random.Generator(np.random.Philox(key=300 + variant))
    clouds = Image.fromarray(rng.standard_normal((5, 4), dtype=np.float32)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    top, foot = 1 - _rise(y / np.float32(0.42)), _rise((y - np.float32(0.72)) / np.float32(0.28))
    grey = light.level - light.top * top - light.foot * foot + light.lean * x
    grey = grey + np.asarray(clouds) * np.float32(0.8)
    grey += _sensor(variant, height, width) * np.float32(light.noise)
    return _plane(grey)


def _rise(at: Field) -> Field:
    """From 0 at 0 and below to 1 at 1 and above, smoothly: sums and products alone, which all processors
    round alike, and exponentials and cosines not."""
    t = np.clip(at, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _plane(grey: Field) -> Bytes:
    """One plane, (1, height, width), for red, green and blue."""
    plane: Bytes = np.clip(grey + np.float32(0.5), 0, 255).astype(np.uint8)
    return plane[None]


def _white(size: tuple[int, int], variant: int) -> Bytes:
    """White, like the cut-outs in a shop; half of the variants keep a trace of the floor."""
    _, width, y, _ = _pixel_grid(size)
    grey = 255.0 - 3.0 * (1 - _rise(np.abs(y - np.float32(0.95)) / np.float32(0.15))) * (variant % 2)
    return _plane(np.repeat(grey, width, axis=1))


def _colour(size: tuple[int, int], variant: int) -> Bytes:
    """A wall and a floor of one muted colour, lit from one side, meeting in a soft curve."""
    height, width, y, x = _pixel_grid(size)
    side = 1 if variant % 2 else -1
    light = 1.0 + 0.06 * side * x - 0.05 * (y - 0.3) ** 2
    edge = _rise((y - np.float32(0.8)) / np.float32(0.072) + np.float32(0.5))
    shade = light * (1 - 0.07 * edge) + 0.05 * edge * (y - 0.8)
    noise = _sensor(variant, height, width)
    colour = PAINTS[variant % len(PAINTS)]
    return np.stack([np.clip(band * shade + noise, 0, 255).round().astype(np.uint8) for band in colour])


PAINTS = (
    (206, 188, 166),
    (176, 188, 180),
    (196, 176, 172),
    (168, 176, 190),
    (214, 206, 190),
    (150, 146, 140),
)
"""Colours of plain walls: sand, sage, rose, blue-grey, cream, stone."""

STYLES: dict[str, tuple[Callable[[tuple[int, int], int], Bytes], int, int]] = {
    "studio": (_studio, len(WALLS), len(TABLES)),
    "white": (_white, 2, 0),
    "colour": (_colour, len(PAINTS), 0),
}
"""Style -> the function that makes it, its number of variants, and how many more there are for what lies."""

VARIANTS = 30
"""A number below this chooses a variant: each variant of every style equally often."""


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
