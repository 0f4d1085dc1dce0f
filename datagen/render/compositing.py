"""Painted planes of a stencil in a frame: light and material, sensor noise, blending, in 16-bit integers."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from datagen.product.product import Product
from datagen.render import fabrics, paint, studio
from datagen.render.planes import Bytes
from datagen.render.shading import FLAT
from datagen.render.stencil import Stencil

Words = npt.NDArray[np.uint16]


def paste(
    frame: Bytes,
    stencil: Stencil,
    shift: tuple[int, int],
    planes: Bytes,
    tone: Words,
    glow: Words,
    noise_at: tuple[int, int],
) -> None:
    """Paste the painted planes of a stencil into the frame, cropped at its edges."""
    height, width = stencil.cover.shape
    x, y = stencil.box[0] + shift[0], stencil.box[1] + shift[1]
    rows = slice(max(0, -y), max(0, min(height, frame.shape[1] - y)))
    columns = slice(max(0, -x), max(0, min(width, frame.shape[2] - x)))
    glow = glow[rows, columns]
    if not glow.size:
        return
    left, top = noise_at
    noise = studio.grain((frame.shape[2], frame.shape[1]))
    glow += noise[top : top + glow.shape[0], left : left + glow.shape[1]]
    under = frame[:, y + rows.start : y + rows.stop, x + columns.start : x + columns.stop]
    _blend_lit(under, planes[:, rows, columns], stencil.cover[rows, columns], tone[rows, columns], glow)


def lighting(material: str, product: Product, stencil: Stencil) -> tuple[Words, Words]:
    """The tone that multiplies the colours and the glow added to them: how the material reflects light."""
    dark = round(10 * max(0.0, 1 - paint.luma(product.colourway.ground) / 90))
    if stencil.cloth is not None:
        # Folds show in shade as well: less of it in reflections.
        contrast, glow_table = fabrics.response(material, dark // 4)
        labels = stencil.cloth.labels
        others = labels.fixed() if stencil.cloth.alone else labels.figure()
        return _product_lighting(contrast, glow_table, stencil, others)
    contrast, glow_table = fabrics.response(material, dark)
    tone = stencil.tone.astype(np.int16)
    tone *= contrast
    tone += FLAT * (64 - contrast)
    tone >>= 6
    np.clip(tone, 40, 255, out=tone)
    # bytes.translate is the fastest table lookup in Python.
    glow = np.frombuffer(stencil.glow.tobytes().translate(glow_table), dtype=np.uint8)
    return tone.view(np.uint16), glow.reshape(stencil.glow.shape).astype(np.uint16)


def _product_lighting(
    contrast: int, glow_table: bytes, stencil: Stencil, figure: npt.NDArray[np.bool_]
) -> tuple[Words, Words]:
    """Tone and glow of a stencil of which only the product, not the ``figure``, has the material."""
    result = []
    for plane, table in ((stencil.tone, _tones(contrast)), (stencil.glow, glow_table)):
        own = np.frombuffer(bytearray(plane.tobytes().translate(table)), dtype=np.uint8).reshape(plane.shape)
        np.copyto(own, plane, where=figure)
        result.append(own.astype(np.uint16))
    return result[0], result[1]


@lru_cache(maxsize=64)
def _tones(contrast: int) -> bytes:
    """The tones of a material whose contrast is that many 64ths."""
    return bytes(min(255, max(40, FLAT + ((tone - FLAT) * contrast >> 6))) for tone in range(256))


def _blend_lit(under: Bytes, planes: Bytes, cover: Bytes, tone: Words, glow: Words) -> None:
    """Blend the painted planes into the frame ``under`` them: surface and tone multiplied, glow added.

    In 16-bit arithmetic: each sum is scaled by 255 and at most 255 x 255, so nothing overflows.
    """
    weight = cover.astype(np.uint16)
    shade = planes[3].astype(np.uint16)
    shade *= tone
    shade += 255
    shade >>= 8
    shade *= weight
    shade += 255
    shade >>= 8
    headroom = 255 - glow
    headroom *= weight
    glow *= weight
    glow += 255
    rest = np.subtract(255, weight, out=weight)
    lit, behind = np.empty_like(shade), np.empty_like(shade)
    for band, plane in zip(under, planes[:3], strict=True):
        lit[...] = plane
        lit *= shade
        np.minimum(lit, headroom, out=lit)
        lit += glow
        behind[...] = band
        behind *= rest
        lit += behind
        lit >>= 8
        band[...] = lit
