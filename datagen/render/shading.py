"""Light on one part: a low-resolution height field (the blurred mask plus folds), then its shading.

Because of the low resolution the cost hardly depends on the picture's size.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from datagen.render.layers import Part
from datagen.render.outlines import Box
from datagen.render.planes import Bytes, stretched

Field = npt.NDArray[Any]

FLAT = 240
"""The tone of a surface that faces the camera; 255 is the brightest tone."""

LIGHT = (-0.42, -0.62, 0.66)
"""Direction towards the key light: upper left, in front."""

SMALL = 900
"""A part below this many pixels is evenly lit: its rim alone shows its shape."""

FINE = 2
"""Up to this radius, in low-resolution pixels, one pass of the blur is smooth enough."""

LOW_PIXELS = 1500
"""Shading is computed on about this many pixels per part, at any picture size."""


@lru_cache(maxsize=1)
def wrinkles() -> Field:
    """A periodic 256 x 256 height field of soft creases that run downwards; 4 px per cm."""
    rng = np.random.Generator(np.random.Philox(key=7))
    fy = np.fft.fftfreq(256)[:, None] * 256
    fx = np.fft.fftfreq(256)[None, :] * 256
    field = np.zeros((256, 256))
    for spread, weight in ((3.4, 1.0), (7.0, 0.45), (15.0, 0.1)):
        noise = np.fft.fft2(rng.standard_normal((256, 256)))
        band = np.exp(-((fx * 0.75) ** 2 + (fy * 1.9) ** 2) / (2 * spread**2))
        wave = np.real(np.fft.ifft2(noise * band))
        # A soft ridge where the wave crosses zero: a crease, not a bump.
        field += weight * np.exp(-np.abs(wave / wave.std()) * 1.6)
    result: Field = ((field - field.mean()) / field.std()).astype(np.float32)
    return result


def _height(part: Part, cover: Image.Image, low: float, box: Box, ratio: float, salt: int) -> Field:
    """Height in low-resolution pixels: rounded edges, folds, puffed channels, creases."""
    radius = max(1, round(part.bulge * low * 0.5))
    tight = radius // 4
    # A margin around the mask, or the blur would smear its border.
    wide = Image.new("L", (cover.width + 2 * radius, cover.height + 2 * radius))
    wide.paste(cover, (radius, radius))
    broad = wide.filter(ImageFilter.BoxBlur(radius))
    if radius > FINE:
        broad = broad.filter(ImageFilter.BoxBlur(radius))
    close = wide.filter(ImageFilter.BoxBlur(tight)) if tight else wide
    field = np.asarray(broad) * np.float32(radius * 1.5 / 255)
    field += np.asarray(close) * np.float32(max(tight, 0.7) * 0.9 / 255)
    height = field[radius:-radius, radius:-radius]
    rows, columns = cover.height, cover.width
    if part.channels:
        y = (np.arange(rows, dtype=np.float32) / low - 1.0)[:, None]
        x = (np.arange(columns, dtype=np.float32) / low)[None, :]
        phase = (y + 0.25 * np.sin(x * 0.9 + salt) + 0.16 * np.sin(x * 2.3 + salt * 2)) / part.channels
        puff = np.abs(np.sin(math.pi * phase))
        height += np.sqrt(puff) * np.float32(0.62 * low)
        height += (np.sin(x * 5.1 + np.floor(phase) * 2.4) * (1 - puff)).astype(np.float32) * np.float32(
            0.12 * low
        )
    if part.folds:
        height -= _folds(part, (columns, rows), low, box, ratio)
    if part.crumple > 0 and low > 0.6:
        y_at = (np.arange(rows) * (4 / low)).astype(int) + 37 * salt
        x_at = (np.arange(columns) * (4 / low)).astype(int) + 91 * salt
        height += wrinkles().take(y_at & 255, axis=0).take(x_at & 255, axis=1) * np.float32(
            0.1 * low * part.crumple
        )
    return height


def _folds(part: Part, size: tuple[int, int], low: float, box: Box, ratio: float) -> Field:
    """Depth of the part's folds, drawn as soft strokes."""
    canvas = Image.new("L", size)
    pen = ImageDraw.Draw(canvas)
    deepest = max(depth for _, depth, _ in part.folds)
    mean = sum(width for _, _, width in part.folds) / len(part.folds)
    corner = np.array(box[:2])
    for path, depth, width in part.folds:
        points = ((path - corner) * ratio).ravel().tolist()
        pen.line(points, fill=round(255 * depth / deepest), width=max(1, round(width * low * 0.75)))
    soft = canvas.filter(ImageFilter.BoxBlur(max(0.8, mean * low * 0.4))).filter(
        ImageFilter.BoxBlur(max(0.8, mean * low * 0.4))
    )
    return np.asarray(soft, dtype=np.float32) * np.float32(deepest * low / 255)


def lit(part: Part, cover: Image.Image, box: Box, unit: float, salt: int) -> Bytes | None:
    """Tone and glow of one part, two planes of its mask's size; None if the part is evenly lit.

    ``box`` is the mask's box in the stencil, ``unit`` px per cm.
    """
    width, height = cover.size
    # Channels are finer than folds: their ridges need more pixels.
    pixels = LOW_PIXELS * (7 if part.channels else 1)
    step = max(1, math.ceil(math.sqrt(width * height / pixels)))
    small_or_sharp = width * height < SMALL or (part.bulge * unit < step and not part.crumple)
    if small_or_sharp and not (part.channels or part.folds):
        return None
    small = cover.reduce(step) if step > 1 else cover
    level = _height(part, small, unit / step, box, 1 / step, salt)
    fields = np.zeros((2, *level.shape), dtype=np.float32)
    dx, dy = fields
    np.subtract(level[:, 2:], level[:, :-2], out=dx[:, 1:-1])
    np.subtract(level[2:], level[:-2], out=dy[1:-1])
    # The gradient is half of these differences: hence the quarter and the halves.
    up = dx * dx
    up += dy * dy
    up *= 0.25
    up += 1.0
    np.sqrt(up, out=up)
    lambert = (dx * (-0.5 * LIGHT[0] / LIGHT[2]) + dy * (-0.5 * LIGHT[1] / LIGHT[2]) + 1.0) / up - 1.0
    half = (dx * 0.12 + dy * 0.18 + 0.9) / up
    if part.shine:
        half = np.minimum(half + part.shine * 0.08, 1.0)
    # Lambert's law, relative to a flat surface; what faces away still gets fill light.
    tone = np.minimum(lambert * (0.3 * FLAT), lambert * (0.62 * FLAT))
    tone += FLAT
    np.clip(tone, 0, 255, out=fields[0])
    np.multiply(_glow(half), 255.0, out=fields[1])
    return stretched(fields, step, (height, width))


def even(part: Part) -> tuple[int, int]:
    """Tone and glow of an evenly lit part."""
    return FLAT, int(255.0 * _glow(np.array(min(0.9 + part.shine * 0.08, 1.0))))


def _glow(half: Field) -> Field:
    """The highlight, 0 to 1: how far a surface reflects towards the camera, to the 14th power."""
    square = half * half
    fourth = square * square
    result: Field = fourth * fourth * fourth * square
    return result
