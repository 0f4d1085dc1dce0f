"""Shadows on the studio's floor and wall."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.outlines import Box
from datagen.render.planes import stretched

DEPTH = 0.5
"""How much the densest shadow darkens the studio, as a share of 255."""

LINES = 107
"""Shadows are soft, so they are computed for a picture of about this height."""


def contact_shadow(
    cover: Image.Image, box: Box, frame: Box, ground: float, halo: float = 1.0
) -> tuple[tuple[int, int], npt.NDArray[np.uint8]]:
    """A soft shadow around the product, denser below one that stands.

    ``ground`` is the weight of the shadow on the floor, ``halo`` how near the surface behind the product is
    (1: the product lies on it). Returns the shadow's origin in the picture (x, y) and how much it darkens,
    at half the picture's size.
    """
    if halo <= 0:
        return (box[0], box[1]), np.zeros((0, 0), dtype=np.uint8)
    # Even, because the shadow is stored at half the picture's size.
    scale = 2 * max(1, round((frame[3] - frame[1]) / LINES / 2))
    pad = 10
    small = cover.reduce(scale)
    width, height = small.size
    wide = Image.new("L", (width + 2 * pad, height + 2 * pad))
    wide.paste(small, (pad + 1, pad + 1))
    soft = np.asarray(_blurred(wide, 1.4), dtype=np.float32) * np.float32(0.5 * halo)
    soft += np.asarray(_blurred(wide, 3.4), dtype=np.float32) * np.float32(0.32 * halo)
    if ground > 0:
        foot = small.crop((0, int(height * 0.8), width, height)).resize((width, max(2, height // 9)))
        floor = Image.new("L", wide.size)
        floor.paste(foot, (pad, pad + height - foot.height // 2 - 1))
        for radius, weight in ((0.9, 0.55), (2.7, 0.5)):
            soft += np.asarray(_blurred(floor, radius), dtype=np.float32) * np.float32(weight * ground)
    dark = np.clip(soft, 0, 255) * np.float32(DEPTH)
    half = dark.shape[0] * scale // 2, dark.shape[1] * scale // 2
    return (box[0] - pad * scale, box[1] - pad * scale), stretched(dark, scale // 2, half)


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    # As wide as two passes of a box blur of that radius.
    return image.filter(ImageFilter.GaussianBlur(math.sqrt(2 * radius * (radius + 1) / 3)))
