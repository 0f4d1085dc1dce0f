"""Shadows where a subject meets the studio: under what stands, and beside what lies.

Nothing else darkens the backdrop: a studio lights it apart from the subject. Depths and widths are those of
catalogue photos, where such shadows are faint.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.outlines import Box
from datagen.render.planes import Bytes, stretched

Field = npt.NDArray[Any]

FLOOR = ((22.0, 0.2, 0.35), (9.0, 1.3, 1.4), (9.0, 7.0, 3.0))
"""The shadow on a floor, from a dark line to a wide pool: grey levels, then width and height of the blur as
standard deviations in hundredths of the picture's height."""

RISE = 1.5
"""How far above the floor, in hundredths of the picture's height, an outline still darkens it."""

SURFACE = 21.0
"""Grey levels by which a product that lies darkens the surface."""

ACROSS, DOWN, SOFT = 0.22, 0.2, 0.25
"""Shift of that shadow, and its blur as a standard deviation, as shares of the product's thickness."""


def contact_shadow(
    cover: Image.Image, box: Box, frame: Box, ground: float, thick: float
) -> tuple[tuple[int, int], Bytes]:
    """The shadow's origin in the picture (x, y), and how many grey levels it darkens, at half size.

    ``ground`` is how firmly the subject stands, 1 at most; of one that does not, ``thick`` is how many pixels
    it rises above the surface it lies on. Where both are 0 there is no shadow.
    """
    if ground > 0:
        return _on_floor(np.asarray(cover), box, (frame[3] - frame[1]) / 100, ground)
    if thick > 0:
        return _on_surface(cover, box, thick)
    return (box[0], box[1]), np.zeros((0, 0), dtype=np.uint8)


def _on_floor(cover: Bytes, box: Box, unit: float, ground: float) -> tuple[tuple[int, int], Bytes]:
    """Under the lowest covered pixel of each column, less if it is higher; ``unit``: px per hundredth."""
    wide, high = FLOOR[-1][1] * 2.5 * unit, FLOOR[-1][2] * 2.5 * unit
    pad, reach = math.ceil(wide / 2), math.ceil(high / 2)
    height = cover.shape[0]
    foot = cover[max(0, height - math.ceil(3 * RISE * unit)) :]
    even = foot[:, : foot.shape[1] & ~1] > 127
    covered = even[:, ::2] | even[:, 1::2]
    # Pixels between the lowest covered one of each pair of columns and the lowest of all.
    gap = np.where(covered.any(axis=0), covered[::-1].argmax(axis=0), 1000).astype(np.float32)
    lowest = float(gap.min(initial=0))
    touch = np.pad(np.exp(-(((gap - lowest) / (RISE * unit)) ** 2)), pad)
    y = (np.arange(2 * reach, dtype=np.float32) - reach)[:, None] * 2 + lowest
    dark = np.zeros((2 * reach, len(touch)), dtype=np.float32)
    for levels, across, down in FLOOR:
        width = _blurred(touch, across * unit / 2)
        # As deep under two narrow feet as under a bag.
        width *= np.float32(levels * ground) / max(float(width.max()), 1e-3)
        dark += width * np.exp(-((y / (down * unit)) ** 2) / 2)
    at = box[0] - 2 * pad, box[1] + height - 2 * reach
    return at, np.clip(dark + 0.5, 0, 255).astype(np.uint8)


def _blurred(values: Field, deviation: float) -> Field:
    """A row of values, blurred by a Gaussian whose standard deviation is in values."""
    reach = max(1, math.ceil(2.5 * deviation))
    weights = np.exp(-((np.arange(-reach, reach + 1) / max(deviation, 0.3)) ** 2) / 2)
    return np.convolve(values, weights / weights.sum(), mode="same").astype(np.float32)


def _on_surface(cover: Image.Image, box: Box, thick: float) -> tuple[tuple[int, int], Bytes]:
    """The product's outline, moved away from the light (upper left) and blurred."""
    # Even, because the shadow is stored at half the picture's size.
    scale = 2 * max(1, round(thick * SOFT / 2))
    pad = math.ceil((max(ACROSS, DOWN) + 2.5 * SOFT) * thick / scale) + 1
    small = cover.reduce(scale)
    wide = Image.new("L", (small.width + 2 * pad, small.height + 2 * pad))
    wide.paste(small, (pad, pad))
    soft = np.asarray(wide.filter(ImageFilter.GaussianBlur(thick * SOFT / scale)), dtype=np.float32)
    dark = soft * np.float32(SURFACE / 255)
    half = dark.shape[0] * scale // 2, dark.shape[1] * scale // 2
    at = box[0] - pad * scale + round(ACROSS * thick), box[1] - pad * scale + round(DOWN * thick)
    return at, stretched(dark + np.float32(0.5), scale // 2, half)
