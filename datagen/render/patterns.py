"""Patterns: one tile each, drawn in weights of the four colours, then coloured by a palette of 216 entries.

A tile does not depend on colours: it is stored as palette indices, and a colourway costs one palette.
``marks`` explains the weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from datagen.product.product import Colourway
from datagen.render.marks import ACCENT, BAND, GROUND, LINE, Ink, two_letters
from datagen.render.outlines import Path, curve, ellipse, rotated, stroke
from datagen.render.planes import doubled, looked_up
from datagen.render.random_stream import RandomStream

LEVELS = 6
SHARP = 3
Tile = Image.Image
Indices = npt.NDArray[np.uint8]


class TileCanvas:
    """A square tile of side 1 to draw on; shapes wrap around its edges."""

    def __init__(self, pixels: int, ground: Ink = GROUND) -> None:
        self.side = pixels * SHARP
        self.image = Image.new("RGB", (self.side, self.side), ground)
        self.pen = ImageDraw.Draw(self.image)

    def fill(self, ink: Ink, path: Path) -> None:
        """Fill an outline, repeated on the opposite side where it crosses an edge."""
        low, high = path.min(axis=0), path.max(axis=0)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                if high[0] + dx > 0 and low[0] + dx < 1 and high[1] + dy > 0 and low[1] + dy < 1:
                    self.pen.polygon(((path + np.array([dx, dy])) * self.side).ravel().tolist(), fill=ink)

    def finish(self) -> Tile:
        """The tile, reduced to its final size."""
        return self.image.reduce(SHARP)


def check(pixels: int, letters: str) -> Tile:
    """A tartan of bands and fine lines in both directions; at crossings the colours mix as threads do."""
    bands: list[tuple[float, float, Ink]] = [
        (0.06, 0.11, BAND),
        (0.135, 0.185, BAND),
        (0.21, 0.26, BAND),
        (0.11, 0.135, LINE),
        (0.185, 0.21, LINE),
        (0.60, 0.625, ACCENT),
        (0.74, 0.765, BAND),
    ]
    side = pixels * SHARP
    warp = np.zeros((side, 3))
    for start, end, ink in bands:
        warp[round(start * side) : round(end * side)] = ink
    # Most threads are like their neighbours: only crossings of threads that differ are drawn, then repeated.
    threads, which = np.unique(warp.reshape(pixels, SHARP * 3), axis=0, return_inverse=True)
    threads = threads.reshape(-1, 3)
    crossings = Image.fromarray(((threads[:, None] + threads[None]) / 2 * 0.98).astype(np.uint8))
    which = which.ravel()
    return Image.fromarray(np.asarray(crossings.reduce(SHARP))[:, which][which])


def stripe(pixels: int, letters: str) -> Tile:
    """Vertical stripes, each with a fine line at its side."""
    canvas = TileCanvas(pixels)
    for x in (0.0, 0.5):
        canvas.pen.rectangle((x * canvas.side, 0, (x + 0.2) * canvas.side, canvas.side), fill=BAND)
        canvas.pen.rectangle(((x + 0.28) * canvas.side, 0, (x + 0.32) * canvas.side, canvas.side), fill=LINE)
    return canvas.finish()


def houndstooth(pixels: int, letters: str) -> Tile:
    """A 2 x 2 twill of four dark and four light threads, twice over the tile."""
    n = np.arange(16) % 8
    thread = (n < 4).astype(int)
    over = ((np.arange(16)[:, None] - np.arange(16)[None]) % 4) < 2
    dark = np.where(over, thread[None, :], thread[:, None])
    weights = np.zeros((16, 16, 3), dtype=np.uint8)
    weights[..., 0] = dark * 255
    return Image.fromarray(weights).resize((pixels * SHARP,) * 2, Image.Resampling.NEAREST).reduce(SHARP)


def argyle(pixels: int, letters: str) -> Tile:
    """Lozenges of two colours, crossed by a dashed diagonal of the third."""
    canvas = TileCanvas(pixels)
    lozenge = np.array([(0.5, 0.0), (0.75, 0.5), (0.5, 1.0), (0.25, 0.5)])
    canvas.fill(BAND, lozenge)
    canvas.fill(ACCENT, lozenge + np.array([0.5, 0.0]))
    for a, b in (
        ((0.0, 0.0), (0.5, 1.0)),
        ((0.5, 0.0), (1.0, 1.0)),
        ((0.5, 0.0), (0.0, 1.0)),
        ((1.0, 0.0), (0.5, 1.0)),
    ):
        canvas.fill(LINE, stroke(np.array([a, b]), 0.022))
    return canvas.finish()


def monogram(pixels: int, letters: str) -> Tile:
    """The two letters, upright and offset, with small lozenges between."""
    canvas = TileCanvas(pixels)
    for x, y, ink in ((0.25, 0.25, BAND), (0.75, 0.75, LINE)):
        for path in two_letters(letters):
            canvas.fill(ink, path * 0.21 + np.array([x, y]))
    for x, y in ((0.75, 0.25), (0.25, 0.75)):
        canvas.fill(ACCENT, ellipse(x, y, 0.07, 0.07, 4))
        canvas.fill(GROUND, ellipse(x, y, 0.03, 0.03, 4))
    return canvas.finish()


def _flower(
    canvas: TileCanvas, x: float, y: float, r: float, petals: int, ink: Ink, heart: Ink, spin: float
) -> None:
    for step in range(petals):
        angle = spin + step * 2 * math.pi / petals
        petal = rotated(ellipse(r * 0.58, 0, r * 0.44, r * 0.30, 14), math.degrees(angle))
        canvas.fill(ink, petal + np.array([x, y]))
    canvas.fill(heart, ellipse(x, y, r * 0.24, points=12))


def floral(pixels: int, letters: str) -> Tile:
    """Flowers of three colours and leaves, scattered."""
    canvas, rng = TileCanvas(pixels), RandomStream(11)
    for x, y in ((0.2, 0.22), (0.72, 0.12), (0.48, 0.5), (0.9, 0.55), (0.14, 0.72), (0.62, 0.85)):
        for _ in range(2):
            angle = rng.uniform(0, 360)
            leaf = rotated(curve([(0.06, 0, 0), (0.13, 0.035), (0.21, 0, 0), (0.13, -0.035)]), angle)
            canvas.fill(LINE, leaf + np.array([x, y]))
        ink, heart = rng.choice(((BAND, LINE), (ACCENT, BAND), (BAND, ACCENT)))
        _flower(canvas, x, y, rng.uniform(0.09, 0.14), rng.choice((5, 6)), ink, heart, rng.uniform(0, 6))
    return canvas.finish()


def rose(pixels: int, letters: str) -> Tile:
    """Large roses: rings of overlapping petals, and pairs of leaves."""
    canvas = TileCanvas(pixels)
    for x, y, r, spin in ((0.28, 0.3, 0.22, 0.3), (0.78, 0.76, 0.2, 1.4)):
        for angle in (20.0, 140.0, 260.0):
            leaf = rotated(
                curve([(r * 0.8, 0, 0), (r * 1.25, r * 0.32), (r * 1.75, 0, 0), (r * 1.25, -r * 0.32)]),
                angle + spin * 40,
            )
            canvas.fill(LINE, leaf + np.array([x, y]))
        for ring, (reach, size, ink) in enumerate(
            ((0.62, 0.46, BAND), (0.4, 0.38, ACCENT), (0.2, 0.28, BAND))
        ):
            for step in range(5):
                angle = math.degrees(spin) + step * 72 + ring * 36
                place = rotated(np.array([[r * reach, 0.0]]), angle)[0] + np.array([x, y])
                canvas.fill((60, 60, 0), ellipse(place[0], place[1], r * size * 1.08, points=18))
                canvas.fill(ink, ellipse(place[0], place[1], r * size * 0.96, points=18))
        canvas.fill(ACCENT, ellipse(x, y, r * 0.14, points=12))
    return canvas.finish()


STRIP = 64
"""Rows or columns of a tile that are computed at a time."""


def camouflage(pixels: int, letters: str) -> Tile:
    """Blotches: periodic smooth noise, cut at three levels."""
    rng = np.random.Generator(np.random.Philox(key=23))
    side = max(32, pixels)
    low = np.fft.fftfreq(64, 1 / 64).astype(int)
    near = np.abs(low) < 16
    f, rows = np.fft.fftfreq(side) * side, low[near] % side
    keep = np.exp(-((f[rows, None] * 1.25) ** 2 + (f[None] * 0.8) ** 2) / (2 * 3.2**2))
    weights = np.zeros((side, side, 3), dtype=np.uint8)
    coarse = rng.standard_normal((3, 64, 64))
    # Only few rows of a spectrum are not 0, and in strips: at once, the largest tile would take 100 MB.
    strips = [slice(start, start + STRIP) for start in range(0, side, STRIP)]
    wave = np.empty((side, side))
    for channel in range(3):
        spectrum = np.zeros((len(rows), side), dtype=complex)
        spectrum[:, rows] = np.fft.fft2(coarse[channel])[np.ix_(near, near)]
        spectrum = np.fft.ifft(spectrum * keep, axis=1)
        for strip in strips:
            columns = np.zeros((side, len(range(side)[strip])), dtype=complex)
            columns[rows] = spectrum[:, strip]
            wave[:, strip] = np.real(np.fft.ifft(columns, axis=0))
        deviation, ink = wave.std(), np.array((BAND, LINE, ACCENT)[channel])
        for strip in strips:
            blot = np.clip((wave[strip] / deviation - 0.35) * side / 14 + 0.5, 0, 1)[..., None]
            weights[strip] = (weights[strip] * (1 - blot) + ink * blot).astype(np.uint8)
    return Image.fromarray(weights).resize((pixels, pixels))


def abstract(pixels: int, letters: str) -> Tile:
    """Brushed arcs, bars and discs: an all-over print."""
    canvas, rng = TileCanvas(pixels), RandomStream(5)
    for _ in range(9):
        x, y, spin = rng.unit(), rng.unit(), rng.uniform(0, 360)
        ink = rng.choice((BAND, ACCENT, LINE))
        shape = rng.integer(0, 2)
        if shape == 0:
            arc = curve([(-0.16, 0.05), (-0.06, -0.1), (0.08, -0.08), (0.17, 0.06)], closed=False)
            path = stroke(arc, 0.09, 0.02)
        elif shape == 1:
            path = stroke(np.array([(-0.16, 0.0), (0.16, 0.0)]), 0.035)
        else:
            path = ellipse(0, 0, rng.uniform(0.05, 0.1))
        canvas.fill(ink, rotated(path, spin) + np.array([x, y]))
    return canvas.finish()


def polka_dot(pixels: int, letters: str) -> Tile:
    """Dots at the corners and centre of the tile."""
    canvas = TileCanvas(pixels)
    for x, y in ((0.25, 0.25), (0.75, 0.75)):
        canvas.fill(BAND, ellipse(x, y, 0.13))
    return canvas.finish()


def paisley(pixels: int, letters: str) -> Tile:
    """Bent drops within drops, with dots around."""
    canvas = TileCanvas(pixels)
    drop = curve(
        [
            (0.0, 0.24),
            (-0.17, 0.14),
            (-0.15, -0.06),
            (0.02, -0.18),
            (0.15, -0.26, 0),
            (0.13, -0.1),
            (0.18, 0.08),
        ]
    )
    for x, y, spin in ((0.27, 0.28, 0), (0.76, 0.75, 180)):
        for scale, ink in ((1.0, BAND), (0.78, LINE), (0.58, ACCENT), (0.34, BAND)):
            canvas.fill(
                ink, rotated(drop * scale + np.array([0.0, 0.03 * (1 - scale)]), spin) + np.array([x, y])
            )
        for step in range(9):
            angle = step * 0.7
            canvas.fill(
                LINE, ellipse(x + 0.27 * math.cos(angle), y + 0.29 * math.sin(angle), 0.017, points=8)
            )
    return canvas.finish()


def snake(pixels: int, letters: str) -> Tile:
    """Scales in staggered rows, dark at their roots, some rows of saddles in the accent colour."""
    canvas = TileCanvas(pixels, (90, 20, 0))
    for row in range(8):
        for column in range(5):
            x, y = (column + 0.5 * (row % 2)) / 4, row / 8
            saddle = abs((x % 1) - 0.5) + abs((y % 1) - 0.5) * 0.8
            ink = BAND if saddle < 0.2 else ACCENT if saddle < 0.33 else GROUND
            scale = curve([(0, -0.085, 0), (0.1, 0.0), (0, 0.095, 0), (-0.1, 0.0)])
            canvas.fill(ink, scale + np.array([x, y]))
    return canvas.finish()


TILES: dict[str, tuple[float, Callable[[int, str], Tile]]] = {
    "check": (15.0, check),
    "exaggerated_check": (36.0, check),
    "stripe": (9.0, stripe),
    "houndstooth": (7.0, houndstooth),
    "argyle": (15.0, argyle),
    "monogram": (13.0, monogram),
    "floral": (20.0, floral),
    "rose": (30.0, rose),
    "camouflage": (40.0, camouflage),
    "print": (26.0, abstract),
    "polka_dot": (6.0, polka_dot),
    "paisley": (20.0, paisley),
    "snake": (13.0, snake),
}
"""All-over patterns: the side of a tile in hundredths of the picture's height, and its drawing function."""

PLACED = {"graphic": 1.0, "emblem": 1.25, "lettering": 1.35, "horse_motif": 1.15, "letter_graphic": 0.95}
"""Placed motifs: their width as a share of the stencil's mark."""


@lru_cache(maxsize=512)
def tile_index(pattern: str, letters: str, tile: int, mirror: bool = False) -> Indices:
    """One tile of ``tile`` x ``tile`` pixels, as palette indices; mirrored if asked."""
    if mirror:
        return np.ascontiguousarray(tile_index(pattern, letters, tile)[:, ::-1])
    return indexed(TILES[pattern][1](tile, letters))


def field(
    index: Indices,
    turn: int,
    size: tuple[int, int],
    origin: tuple[float, float],
    drift: npt.NDArray[np.int8] | None = None,
) -> Indices:
    """A field of ``size`` filled with tiles (``index``, square), one at ``origin``, rotated about its middle.

    ``turn`` is in degrees, clockwise. ``drift``, at half size, says how many pixels further right (and half
    as many further down) the pattern is looked up, to follow the form that it covers.
    """
    width, height = size
    tile = len(index)
    drift = np.zeros(((height + 1) // 2, (width + 1) // 2), dtype=np.int8) if drift is None else drift
    if not turn:
        # A field with a margin, in which every pixel looks up its own.
        margin = int(max(-int(drift.min()), int(drift.max()), 1))
        y = (np.arange(height + 2 * margin) - margin - round(origin[1])) % tile
        x = (np.arange(width + 2 * margin) - margin - round(origin[0])) % tile
        wide = width + 2 * margin
        places = doubled((drift >> 1) * np.int32(wide) + drift)[:height, :width]
        places += np.arange(margin, margin + width, dtype=np.int32)
        places += (np.arange(margin, margin + height, dtype=np.int32) * np.int32(wide))[:, None]
        upright: Indices = np.take(index.take(x, axis=1).take(y, axis=0), places)
        return upright
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    y_from = np.arange(height, dtype=np.float32)[:, None] - height / 2
    x_from = np.arange(width, dtype=np.float32)[None, :] - width / 2
    x_from = x_from + doubled(drift)[:height, :width]
    x_at = (x_from * c + y_from * s + width / 2 - origin[0]).astype(np.int32) % tile
    y_at = (y_from * c - x_from * s + height / 2 - origin[1]).astype(np.int32) % tile
    rotated_field: Indices = np.take(index, y_at * tile + x_at)
    return rotated_field


def indexed(weights: Image.Image) -> Indices:
    """Weights as palette indices: six levels each of band, line and accent."""
    # Pillow adds the three bands faster than NumPy; sums below 256 are exact in its floating point.
    return np.asarray(weights.point(_DIGITS).convert("L", (1.0, 1.0, 1.0, 0.0)))


_DIGITS = [
    (weight * (LEVELS - 1) + 127) // 255 * place for place in (LEVELS**2, LEVELS, 1) for weight in range(256)
]
"""What each weight of band, line and accent adds to a palette index: three tables of 256."""


@lru_cache(maxsize=512)
def palette(colours: Colourway) -> Indices:
    """Every mix of the four colours that :func:`indexed` can name: uint8, shape (3, 216)."""
    steps = np.arange(LEVELS) / (LEVELS - 1)
    band, line, accent = (a.ravel()[:, None] for a in np.meshgrid(steps, steps, steps, indexing="ij"))
    total = np.maximum(band + line + accent, 1.0)
    rest = 1.0 - (band + line + accent) / total
    mix = (band * colours.band + line * colours.line + accent * colours.accent) / total + rest * np.array(
        colours.ground
    )
    return np.ascontiguousarray(np.clip(np.round(mix), 0, 255).astype(np.uint8).T)


def tinted(index: Indices, colours: Colourway) -> Indices:
    """Indices in a colourway: red, green and blue planes, shape (3, height, width)."""
    shades = (shades.tobytes().ljust(256, b"\0") for shades in palette(colours))
    return np.stack([looked_up(index, table) for table in shades])
