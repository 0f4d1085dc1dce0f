"""Painted planes of a stencil in a frame: light and material, sensor noise, blending, in 16-bit integers."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.product.product import Product
from datagen.render import fabrics, paint, studio
from datagen.render.planes import Bytes, full_where, looked_up, replace
from datagen.render.shading import FLAT
from datagen.render.stencil import Stencil

Words = npt.NDArray[np.uint16]

STRIP = 15_000
"""About this many pixels are blended at a time: what is computed of them stays in the processor's cache."""


def paste(
    frame: Bytes,
    stencil: Stencil,
    shift: tuple[int, int],
    colours: Bytes,
    surface: Bytes | None,
    light: Light,
    noise_at: tuple[int, int],
    *,
    grey: bool,
) -> None:
    """Paste the painted planes of a stencil into the frame, cropped at its edges.

    ``surface`` is a multiplier in 255ths, None for 255. ``grey``: the frame's planes are equal so far.
    """
    height, width = stencil.cover.shape
    x, y = stencil.box[0] + shift[0], stencil.box[1] + shift[1]
    rows = slice(max(0, -y), max(0, min(height, frame.shape[1] - y)))
    columns = slice(max(0, -x), max(0, min(width, frame.shape[2] - x)))
    if not stencil.cover[rows, columns].size:
        return
    left, top = noise_at
    noise = studio.grain((frame.shape[2], frame.shape[1]))[:, left : left + columns.stop - columns.start]
    step = max(1, STRIP // width)
    for start in range(rows.start, rows.stop, step):
        strip = slice(start, min(rows.stop, start + step))
        here = strip, columns
        glow = light.glow[here].astype(np.uint16)
        glow += noise[top + start - rows.start :][: len(glow)]
        shade = light.tone[here].astype(np.uint16)
        if surface is not None:
            shade *= surface[here]
            shade += 255
            shade >>= 8
        under = frame[:, y + strip.start : y + strip.stop, x + columns.start : x + columns.stop]
        # What is added to all colours alike is computed once for planes that are equal.
        behind = under[:1] if grey else under
        _blend_lit(under, behind, colours[:, strip, columns], stencil.cover[here], shade, glow)


class Light(NamedTuple):
    """How a material reflects light: ``tone`` multiplies the colours, ``glow`` is added."""

    tone: Bytes
    glow: Bytes


def lighting(material: str, product: Product, stencil: Stencil) -> Light:
    """The light on a stencil whose product is of that material."""
    dark = round(10 * max(0.0, 1 - paint.luma(product.colourway.ground) / 90))
    cloth = stencil.cloth
    if cloth is None:
        contrast, glows = fabrics.response(material, dark)
        return Light(looked_up(stencil.tone, _tones(contrast)), looked_up(stencil.glow, glows))
    if cloth.polished:
        return Light(stencil.tone, stencil.glow)
    # Folds show in shade as well: less of it in reflections.
    contrast, glows = fabrics.response(material, dark // 4)
    light = Light(stencil.tone.copy(), stencil.glow.copy())
    # Only the product has the material, not the figure; it lies in the box of its cloth.
    x0, y0, x1, y1 = cloth.box
    own = full_where(cloth.labels.own(alone=cloth.alone)[y0:y1, x0:x1])
    for plane, table in zip(light, (_tones(contrast), glows), strict=True):
        part = plane[y0:y1, x0:x1]
        replace(part, looked_up(part, table), own)
    return light


@lru_cache(maxsize=64)
def _tones(contrast: int) -> bytes:
    """The tones of a material whose contrast is that many 64ths."""
    return bytes(min(255, max(40, FLAT + ((tone - FLAT) * contrast >> 6))) for tone in range(256))


def _blend_lit(under: Bytes, behind: Bytes, colours: Bytes, cover: Bytes, shade: Words, glow: Words) -> None:
    """Blend colours into the frame ``under`` them: shade multiplied, glow added.

    In 16-bit arithmetic: each sum is scaled by 255 and at most 255 x 255, so nothing overflows.
    """
    weight = cover.astype(np.uint16)
    shade *= weight
    shade += 255
    shade >>= 8
    headroom = 255 - glow
    headroom *= weight
    glow *= weight
    glow += 255
    base = behind * np.subtract(255, weight, out=weight)
    base += glow
    lit = colours.astype(np.uint16)
    lit *= shade
    np.minimum(lit, headroom, out=lit)
    lit += base
    lit >>= 8
    under[...] = lit
