"""Materials: a small periodic surface texture each, and how the surface reflects light.

A texture is computed once as a periodic 256 x 256 field of heights or tones, and tiled; a picture multiplies
a crop over the ground colour. Nothing here depends on colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from datagen.render.cache import Cache
from datagen.render.planes import Bytes
from datagen.render.studio import GRAIN

Field = npt.NDArray[Any]
SIDE = 256
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)


def noise(key: int, spread_x: float, spread_y: float, low: float = 0.0) -> Field:
    """Periodic noise, unit deviation; features about 256 / spread pixels wide and high."""
    rng = np.random.Generator(np.random.Philox(key=key))
    fx = np.fft.rfftfreq(SIDE)[None, :] * SIDE
    fy = np.fft.fftfreq(SIDE)[:, None] * SIDE
    radius = (fx / spread_x) ** 2 + (fy / spread_y) ** 2
    band = np.exp(-radius / 2) * (1 - np.exp(-(fx**2 + fy**2) / 2 / low**2) if low else 1.0)
    wave = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((SIDE, SIDE))) * band)
    result: Field = (wave - wave.mean()) / wave.std()
    return result


def waves(across: int, down: int) -> Field:
    """A sine of that many periods across and down the tile."""
    result: Field = np.sin(2 * math.pi * (across * COLUMNS + down * ROWS) / SIDE)
    return result


def cells(key: int, count: int, stretch: float = 1.0) -> Field:
    """Distance to the border of random cells (Voronoi, periodic), 0 at borders, about 1 inside."""
    rng = np.random.Generator(np.random.Philox(key=key))
    across = max(2, round(math.sqrt(count)))
    down = max(2, round(across / stretch))
    grid = np.stack(np.meshgrid(np.arange(across), np.arange(down), indexing="ij"), axis=-1).reshape(-1, 2)
    points = (grid + rng.uniform(0.1, 0.9, grid.shape)) / (across, down) * SIDE
    near = np.full((2, SIDE, SIDE), 1e9)
    reach = int(SIDE / min(across, down) * 1.6) + 2
    for px, py in points:
        xs, ys = np.arange(int(px) - reach, int(px) + reach), np.arange(int(py) - reach, int(py) + reach)
        distance = np.hypot((xs[None, :] - px), (ys[:, None] - py) * stretch**0.0)
        where = np.ix_(ys % SIDE, xs % SIDE)
        first, second = near[0][where], near[1][where]
        near[1][where] = np.minimum(second, np.maximum(first, distance))
        near[0][where] = np.minimum(first, distance)
    size = SIDE / across
    result: Field = np.clip((near[1] - near[0]) / size * 2.2, 0, 1)
    return result


def _weave() -> Field:
    return 0.5 * waves(85, 0) * waves(0, 85) + 0.5 * noise(1, 70, 70, 20)


def _coarse_weave() -> Field:
    return waves(64, 0) * waves(0, 64) + 0.4 * noise(2, 60, 12) + 0.4 * noise(3, 12, 60)


def _fine_twill() -> Field:
    return 0.8 * waves(56, 40) + 0.4 * noise(4, 60, 60)


def _twill() -> Field:
    return waves(44, -44) + 0.4 * noise(5, 60, 60)


def _denim() -> Field:
    return 0.8 * waves(51, -51) + 0.7 * noise(6, 90, 90, 30) + 0.5 * noise(7, 40, 5) + 0.5 * noise(8, 4, 3)


def _cords() -> Field:
    return 1.5 * np.sqrt(np.abs(waves(21, 0))) * 1.6 - 1.7 + 0.25 * noise(9, 50, 50)


def _knit() -> Field:
    return 0.6 * waves(43, 0) + 0.5 * waves(43, 43) * np.sign(waves(21, 0)) + 0.3 * noise(10, 50, 50)


def _pique() -> Field:
    return waves(36, 36) * waves(36, -36) + 0.25 * noise(11, 60, 60)


def _linen() -> Field:
    return 0.5 * waves(80, 0) * waves(0, 80) + 0.8 * noise(12, 100, 4) + 0.8 * noise(13, 4, 100)


def _fine() -> Field:
    return noise(14, 110, 110, 40)


def _nap() -> Field:
    return 0.7 * noise(15, 60, 30, 8) + 0.5 * noise(16, 9, 7)


def _felt() -> Field:
    return 0.8 * noise(17, 70, 50, 15) + 0.4 * noise(18, 20, 14)


def _grain() -> Field:
    return 2.2 * cells(19, 1500) - 1.5 + 0.25 * noise(20, 60, 60)


def _smooth() -> Field:
    return 0.8 * noise(21, 40, 40, 6) + 0.3 * noise(22, 6, 5)


def _mirror() -> Field:
    return 0.3 * noise(23, 5, 4)


def _suede() -> Field:
    return 0.8 * noise(24, 80, 80, 25) + 0.9 * noise(25, 7, 5)


def _pile() -> Field:
    curl = noise(26, 24, 24, 9)
    return 1.2 * np.tanh(1.4 * curl) + 0.6 * noise(27, 50, 50)


def _net() -> Field:
    hole = (waves(40, 0) > -0.2) & (waves(0, 40) > -0.2)
    return np.where(hole, -1.6, 0.8)


def _lace() -> Field:
    net = np.where((waves(48, 48) > 0.1) & (waves(48, -48) > 0.1), -1.3, 0.5)
    radius = np.hypot((COLUMNS % 64) - 32, (ROWS % 64) - 32)
    angle = np.arctan2((ROWS % 64) - 32, (COLUMNS % 64) - 32)
    flower = np.abs(radius - 17 - 6 * np.cos(5 * angle)) < 3.5
    return np.where(flower | (radius < 6), 1.1, net)


def _flecks() -> Field:
    return 0.9 * waves(40, 40) * waves(40, -40) + 1.0 * noise(28, 60, 60, 20) + 0.7 * noise(29, 16, 16, 6)


def _loops() -> Field:
    return 1.3 * np.tanh(1.6 * noise(30, 34, 34, 16)) + 0.5 * noise(31, 70, 70)


def _fuzz() -> Field:
    return 0.9 * noise(32, 70, 18, 6) + 0.7 * noise(33, 10, 10)


def _scales() -> Field:
    row = np.floor(ROWS / 16)
    x, y = (COLUMNS + 12 * (row % 2)) % 24 / 24 - 0.5, (ROWS % 16) / 16 - 0.5
    edge = np.maximum(np.abs(x), np.abs(y)) * 2
    return np.where(edge > 0.84, -2.4, 0.7 - 0.5 * edge) + 0.2 * noise(34, 30, 30)


def _mottle() -> Field:
    return 1.2 * np.tanh(noise(35, 9, 12))


def _brushed() -> Field:
    return 0.7 * noise(36, 3, 110)


class Material(NamedTuple):
    """``texture`` and its ``depth`` in tone steps; ``contrast`` of folds; ``gloss`` and its ``focus``."""

    texture: Callable[[], Field]
    depth: float
    contrast: float = 1.0
    gloss: float = 0.06
    focus: float = 1.5


MATERIALS: dict[str, Material] = {
    "cotton": Material(_weave, 4, 1.0, 0.04),
    "gabardine": Material(_fine_twill, 5, 1.05, 0.07),
    "canvas": Material(_coarse_weave, 8, 0.9, 0.03),
    "denim": Material(_denim, 11, 1.0, 0.03),
    "corduroy": Material(_cords, 20, 0.95, 0.05),
    "jersey": Material(_knit, 4, 0.95, 0.03),
    "pique": Material(_pique, 8, 0.9, 0.03),
    "linen": Material(_linen, 7, 1.15, 0.04),
    "poplin": Material(_fine, 2, 1.15, 0.06),
    "twill": Material(_twill, 6, 1.0, 0.05),
    "wool": Material(_felt, 7, 0.85, 0.02),
    "cashmere": Material(_nap, 6, 0.8, 0.05),
    "silk": Material(_smooth, 2, 1.15, 0.22, 1.1),
    "satin": Material(_smooth, 2, 1.25, 0.42, 1.5),
    "nylon": Material(_fine, 3, 1.3, 0.24, 2.6),
    "polyester": Material(_fine, 2, 1.1, 0.13, 1.6),
    "leather": Material(_smooth, 5, 1.15, 0.30, 3.0),
    "grainy_leather": Material(_grain, 13, 1.05, 0.20, 2.4),
    "suede": Material(_suede, 9, 0.85, 0.02),
    "patent_leather": Material(_mirror, 3, 1.5, 0.72, 4.5),
    "shearling": Material(_pile, 22, 0.75, 0.03),
    "mesh": Material(_net, 26, 0.9, 0.05),
    "lace": Material(_lace, 24, 0.8, 0.04),
    "velvet": Material(_suede, 5, 1.3, 0.10, 0.7),
    "tweed": Material(_flecks, 15, 0.85, 0.02),
    "boucle": Material(_loops, 17, 0.8, 0.02),
    "mohair": Material(_fuzz, 13, 0.75, 0.06, 0.8),
    "down": Material(_fine, 3, 1.3, 0.26, 2.2),
    "rubber": Material(_mirror, 2, 1.0, 0.12, 1.2),
    "metal": Material(_brushed, 5, 1.4, 0.60, 2.6),
    "acetate": Material(_mottle, 12, 1.1, 0.45, 3.2),
    "glass": Material(_mirror, 2, 1.2, 0.60, 3.6),
    "alligator": Material(_scales, 24, 1.05, 0.30, 2.4),
}


def _quilt() -> Field:
    result: Field = 2.0 * np.sqrt(np.abs(waves(8, 6) * waves(8, -6))) - 1.2
    return result


def _ribs() -> Field:
    # Wide ones, a centimetre on a garment: finer ribs would not be seen on a whole figure.
    return 1.5 * np.abs(waves(14, 0)) - 0.9


def _cables() -> Field:
    column = (COLUMNS % 64) / 64 - 0.5
    twist = 0.17 * np.sin(2 * math.pi * ROWS / 64)
    ropes = np.maximum(np.exp(-(((column - twist) / 0.1) ** 2)), np.exp(-(((column + twist) / 0.1) ** 2)))
    over = 1 - 0.35 * (np.sin(2 * math.pi * ROWS / 64) * np.sign(column) > 0)
    stitch = 0.25 * waves(0, 32)
    result: Field = 2.2 * ropes * over - 1.2 + stitch + 0.35 * np.abs(waves(24, 0)) * (np.abs(column) > 0.32)
    return result


RELIEFS: dict[str, Material] = {
    "quilted": Material(_quilt, 20),
    "ribbed": Material(_ribs, 22),
    "cable": Material(_cables, 24),
}
"""Details that add a second, larger texture."""


_textures: Cache[Bytes] = Cache(32_000_000)


def texture(name: str, relief: str, size: tuple[int, int], grain: int) -> Bytes:
    """The tiled surface of a material with a relief ("" for none): a multiplier in 255ths, (height, width).

    ``grain`` is the magnification in tenths: 10 draws the tile pixel for pixel.
    """

    def make() -> Bytes:
        if not relief:
            return _texture(name, size, grain)
        flat = texture(name, "", size, grain)
        return ((flat * _texture(relief, size, grain).astype(np.uint16) + 255) >> 8).astype(np.uint8)

    return _textures.get((name, relief, size, grain), make, lambda field: field.nbytes)


@lru_cache(maxsize=64)
def tile(name: str) -> Image.Image:
    """The periodic surface of a material or a relief: a multiplier in 255ths, ``SIDE`` pixels square."""
    result = MATERIALS[name] if name in MATERIALS else RELIEFS[name]
    tone = 250 + result.depth * np.minimum(result.texture() - 0.7, 1.0)
    return Image.fromarray(np.clip(tone, 90, 255).astype(np.uint8))


def _texture(name: str, size: tuple[int, int], grain: int) -> Bytes:
    pixels = tile(name)
    if grain != 10:
        side = max(16, SIDE * grain // 10)
        pixels = pixels.resize((side, side), Image.Resampling.BICUBIC)
    field = np.asarray(pixels)
    return np.tile(field, (-(-size[1] // pixels.height), -(-size[0] // pixels.width)))[
        : size[1], : size[0]
    ].copy()


def clear() -> None:
    """Empty the caches of textures."""
    _textures.clear()
    tile.cache_clear()
    response.cache_clear()


@lru_cache(maxsize=256)
def response(name: str, dark: int) -> tuple[int, bytes]:
    """How a material reflects light: contrast of its tones in 64ths, and the lookup table of its glow.

    ``dark`` (0 to 10) is how dark the colour is: a dark surface shows its shape by reflections, not by shade,
    so it gets more glow.
    """
    result = MATERIALS[name]
    gain = result.gloss * (1.0 - 0.03 * dark) + 0.022 * dark
    base = (220 / 255) ** result.focus
    brightness = [255 * gain * ((v / 255) ** result.focus - 0.15 * base) for v in range(256)]
    # Leaves headroom for the sensor grain, which is added.
    return round(result.contrast * 64), bytes(min(255 - GRAIN, max(0, round(level))) for level in brightness)
