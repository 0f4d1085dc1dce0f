"""The shadow of a figure's feet on the studio's floor, and nothing else: the wall is far behind."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from datagen.render.baked.layers import PIXELS_PER_CM, Figure
from datagen.render.composed.window import Window
from datagen.render.planes import Bytes, stretched

DARK = 96
"""How much the floor is darkened right under a sole, in levels."""

REACH = 9.0
"""How far the shadow reaches, cm."""


def foot_shadow(figure: Figure, window: Window) -> tuple[tuple[int, int], Bytes]:
    """Where the shadow begins in the picture (x, y), and how much it darkens, at half the picture's size."""
    unit = PIXELS_PER_CM * window.scale
    step = 2 * max(1, round(unit / 5))
    lines = ((figure.ground - np.array([window.left, window.top] * 2)) * window.scale).tolist()
    reach = REACH * unit
    if not lines or min(min(y0, y1) for _, y0, _, y1 in lines) - reach > window.limits[3]:
        return (0, 0), np.zeros((0, 0), np.uint8)
    x0 = 2 * math.floor((min(min(a, c) for a, _, c, _ in lines) - reach * 2) / 2)
    y0 = 2 * math.floor((min(min(b, d) for _, b, _, d in lines) - reach) / 2)
    width = math.ceil((max(max(a, c) for a, _, c, _ in lines) + reach * 2 - x0) / step)
    height = math.ceil((max(max(b, d) for _, b, _, d in lines) + reach - y0) / step)
    canvas = Image.new("L", (width, height))
    pen = ImageDraw.Draw(canvas)
    for a, b, c, d in lines:
        thick = 1.6 * unit
        box = (min(a, c) - x0, min(b, d) - y0 - thick, max(a, c) - x0, max(b, d) - y0 + thick * 0.4)
        pen.ellipse([side / step for side in box], fill=255)
    near = np.asarray(canvas.filter(ImageFilter.BoxBlur(1.0 * unit / step)), np.uint16)
    far = np.asarray(
        canvas.filter(ImageFilter.BoxBlur(3.4 * unit / step)).filter(ImageFilter.BoxBlur(2.2 * unit / step)),
        np.uint16,
    )
    dark = (((near + far) * DARK) >> 9).astype(np.uint8)
    return (x0, y0), stretched(dark, step // 2, (height * step // 2, width * step // 2))
