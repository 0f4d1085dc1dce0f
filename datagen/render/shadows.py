"""Shadows on the studio's floor and wall."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from datagen.render.outlines import Box


def contact_shadow(cover: Image.Image, box: Box, frame: Box, ground: float) -> tuple[Box, Image.Image]:
    """A soft shadow around the product, denser beneath one that stands; small, and the box to fill."""
    scale = max(1, round((frame[3] - frame[1]) / 160))
    pad = 14
    small = cover.reduce(scale)
    width, height = small.size
    wide = Image.new("L", (width + 2 * pad, height + 2 * pad))
    wide.paste(small, (pad + 1, pad + 2))
    soft = np.asarray(_blurred(wide, 2.0), dtype=np.float32) * np.float32(0.5)
    soft += np.asarray(_blurred(wide, 5.0), dtype=np.float32) * np.float32(0.32)
    if ground > 0:
        foot = small.crop((0, int(height * 0.8), width, height)).resize((width, max(2, height // 9)))
        floor = Image.new("L", wide.size)
        floor.paste(foot, (pad, pad + height - foot.height // 2 - 1))
        for radius, weight in ((1.2, 0.55), (4.0, 0.5)):
            soft += np.asarray(_blurred(floor, radius), dtype=np.float32) * np.float32(weight * ground)
    x0, y0 = box[0] - pad * scale, box[1] - pad * scale
    shadow = Image.fromarray(np.clip(soft, 0, 255).astype(np.uint8))
    return (x0, y0, x0 + shadow.width * scale, y0 + shadow.height * scale), shadow


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.BoxBlur(radius)).filter(ImageFilter.BoxBlur(radius))
