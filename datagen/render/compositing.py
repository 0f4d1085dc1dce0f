"""Painted planes of a stencil in a frame: light and material, sensor noise, blending, in 16-bit integers."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.product.product import Product
from datagen.render import fabrics, paint, studio
from datagen.render.planes import Bytes, full_where, replace
from datagen.render.shading import FLAT
from datagen.render.stencil import Stencil

Words = npt.NDArray[np.uint16]


def paste(
    frame: Bytes,
    behind: Bytes,
    stencil: Stencil,
    shift: tuple[int, int],
    colours: Bytes,
    surface: Bytes | None,
    light: Light,
    noise_at: tuple[int, int],
) -> None:
    """Paste the painted planes of a stencil into the frame, cropped at its edges.

    ``behind`` is what there is in the frame: the same three planes, or one if they are equal. ``surface`` is
    a multiplier in 255ths, None for 255.
    """
    height, width = stencil.cover.shape
    x, y = stencil.box[0] + shift[0], stencil.box[1] + shift[1]
    rows = slice(max(0, -y), max(0, min(height, frame.shape[1] - y)))
    columns = slice(max(0, -x), max(0, min(width, frame.shape[2] - x)))
    glow = light.glow[rows, columns].astype(np.uint16)
    if not glow.size:
        return
    left, top = noise_at
    noise = studio.grain((frame.shape[2], frame.shape[1]))
    glow += noise[top : top + glow.shape[0], left : left + glow.shape[1]]
    shade = light.tone[rows, columns].astype(np.uint16)
    if surface is not None:
        shade *= surface[rows, columns]
        shade += 255
        shade >>= 8
    there = slice(None), slice(y + rows.start, y + rows.stop), slice(x + columns.start, x + columns.stop)
    cover = stencil.cover[rows, columns]
    _blend_lit(frame[there], behind[there], colours[:, rows, columns], cover, shade, glow)


class Light(NamedTuple):
    """How a material reflects light: ``tone`` multiplies the colours, ``glow`` is added."""

    tone: Bytes
    glow: Bytes


def lighting(material: str, product: Product, stencil: Stencil) -> Light:
    """The light on a stencil whose product is of that material."""
    dark = round(10 * max(0.0, 1 - paint.luma(product.colourway.ground) / 90))
    # Folds of baked layers show in shade as well: less of it in reflections.
    contrast, glow_table = fabrics.response(material, dark if stencil.cloth is None else dark // 4)
    light = Light(_looked_up(stencil.tone, _tones(contrast)), _looked_up(stencil.glow, glow_table))
    if stencil.cloth is not None:
        labels = stencil.cloth.labels
        # Only the product has the material, not the figure.
        others = full_where(labels.fixed() if stencil.cloth.alone else labels.figure())
        replace(light.tone, stencil.tone, others)
        replace(light.glow, stencil.glow, others)
    return light


def _looked_up(plane: Bytes, table: bytes) -> Bytes:
    # bytes.translate is the fastest table lookup in Python; a bytearray can be written to.
    return np.frombuffer(bytearray(plane).translate(table), np.uint8).reshape(plane.shape)


@lru_cache(maxsize=64)
def _tones(contrast: int) -> bytes:
    """The tones of a material whose contrast is that many 64ths."""
    return bytes(min(255, max(40, FLAT + ((tone - FLAT) * contrast >> 6))) for tone in range(256))


def _blend_lit(
    under: Bytes, behind: Bytes, colours: Bytes, cover: Bytes, shade: Words, glow: Words
) -> None:
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
    rest = np.subtract(255, weight, out=weight)
    lit, base = np.empty_like(shade), np.empty_like(shade)
    # Behind planes that are equal, all that is added to a colour is computed once.
    each_behind = behind if len(behind) == 3 else (behind[0], None, None)
    for band, back, plane in zip(under, each_behind, colours, strict=True):
        if back is not None:
            base[...] = back
            base *= rest
            base += glow
        lit[...] = plane
        lit *= shade
        np.minimum(lit, headroom, out=lit)
        lit += base
        lit >>= 8
        band[...] = lit
