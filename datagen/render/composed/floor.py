"""The shadow of a product that stands, on the studio's floor: as for silhouettes, in integers only."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.outlines import Box
from datagen.render.planes import Bytes
from datagen.render.shadows import FLOOR, RISE

Whole = npt.NDArray[np.int64]


def floor_shadow(cover: Bytes, box: Box, unit: float, ground: float) -> tuple[tuple[int, int], Bytes]:
    """The shadow's origin in the picture (x, y), and how many levels it darkens, at half size.

    ``unit`` is pixels per hundredth of the picture's height, ``ground`` how firmly the product stands.
    """
    wide, high = FLOOR[-1][1] * 2.5 * unit, FLOOR[-1][2] * 2.5 * unit
    pad, reach = math.ceil(wide / 2), math.ceil(high / 2)
    height = cover.shape[0]
    foot = cover[max(0, height - math.ceil(3 * RISE * unit)) :]
    even = foot[:, : foot.shape[1] & ~1] > 127
    covered = even[:, ::2] | even[:, 1::2]
    # Pixels between the lowest covered one of each pair of columns and the lowest of all.
    gap = np.where(covered.any(axis=0), covered[::-1].argmax(axis=0), 1000)
    lowest = int(gap.min(initial=1000))
    near = [
        round(255 * math.exp(-((at / (RISE * unit)) ** 2))) for at in range(4 * math.ceil(RISE * unit) + 1)
    ]
    touch = np.array([*near, 0], np.uint8)[np.minimum(gap - lowest, len(near))]
    row = Image.fromarray(np.pad(touch, pad)[None])
    dark = np.zeros((2 * reach, touch.size + 2 * pad), np.int64)
    for levels, across, down in FLOOR:
        radius = across * unit / 2 * 1.2
        soft = np.asarray(
            row.filter(ImageFilter.BoxBlur((radius, 0))).filter(ImageFilter.BoxBlur((radius, 0)))
        )[0]
        # As deep under two narrow feet as under a bag.
        share = soft.astype(np.int64) * 65536 // max(1, int(soft.max()))
        dark += share * _falls(levels * ground, down * unit, reach, lowest)[:, None]
    at = box[0] - 2 * pad, box[1] + height - 2 * reach
    return at, np.clip((dark + (1 << 23)) >> 24, 0, 255).astype(np.uint8)


@lru_cache(maxsize=256)
def _falls(levels: float, deviation: float, reach: int, lowest: int) -> Whole:
    """How dark each row is, in 256ths of a level."""
    rows = ((row - reach) * 2 + lowest for row in range(2 * reach))
    return np.array([round(256 * levels * math.exp(-((y / deviation) ** 2) / 2)) for y in rows], np.int64)
