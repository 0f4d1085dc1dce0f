"""The part of a frame that a picture shows, and layers resampled to it, in integers only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from datagen.render.outlines import Box
from datagen.render.planes import Bytes, looked_up

JUMP = 60
"""Neighbouring pixels whose cloth coordinates differ by more (half millimetres) are not of one piece."""


ROUND = 1.3
"""From this scale on, outlines are rounded."""


class Window(NamedTuple):
    """``scale`` pixels of the picture for one of the frame; (left, top) of the frame is the picture's corner.

    ``limits`` is how far the stencil may reach, in pixels of the picture.
    """

    left: float
    top: float
    scale: float
    limits: Box

    @property
    def exact(self) -> bool:
        """Whether pixels of the frame are pixels of the picture."""
        return self.scale == 1.0 and self.left == int(self.left) and self.top == int(self.top)


def extent(mask: npt.NDArray[Any]) -> tuple[slice, slice] | None:
    """The rows and columns outside of which a mask is 0; None if it is 0 everywhere."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return None
    down = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(mask[down].any(axis=0))
    return down, slice(int(columns[0]), int(columns[-1]) + 1)


def finer(window: Window, zoom: int) -> Window:
    """The window on a frame that is ``zoom`` times as large."""
    return window._replace(left=window.left * zoom, top=window.top * zoom, scale=window.scale / zoom)


class Spot(NamedTuple):
    """A box of the picture, and the box of a layer that it shows, which may be larger by a pixel."""

    source: tuple[float, float, float, float]
    """In pixels of the layer."""
    target: Box


def spot_of(window: Window, left: int, top: int, shape: tuple[int, int]) -> Spot | None:
    """Where a layer lies in the picture; None if the picture does not show it."""
    x0, y0, x1, y1 = window.limits
    s = window.scale
    u0, v0 = (left - window.left) * s, (top - window.top) * s
    u1, v1 = u0 + shape[1] * s, v0 + shape[0] * s
    target = max(x0, math.floor(u0)), max(y0, math.floor(v0)), min(x1, math.ceil(u1)), min(y1, math.ceil(v1))
    if target[0] >= target[2] or target[1] >= target[3]:
        return None
    x, y = window.left - left, window.top - top
    return Spot((target[0] / s + x, target[1] / s + y, target[2] / s + x, target[3] / s + y), target)


def resampled(window: Window, spot: Spot, plane: Bytes, *, edge: bool = True, blur: float = 0.0) -> Bytes:
    """A plane of bytes as the picture shows it; beyond its edges it is repeated, or 0 without ``edge``.

    A plane that ends in 0 all around can be blurred first, by a radius in its own pixels, without ``edge``.
    """
    x0, y0, x1, y1 = spot.target
    if window.exact and not blur:
        left, top = int(spot.source[0]), int(spot.source[1])
        return plane[top : top + y1 - y0, left : left + x1 - x0]
    pad = math.ceil(1 / window.scale) + 1
    a, b, c, d = (side + pad for side in spot.source)
    image = Image.fromarray(padded(plane, pad, edge=edge))
    if blur:
        image = image.filter(ImageFilter.BoxBlur(blur))
    if window.exact:
        return np.asarray(image)[int(b) : int(b) + y1 - y0, int(a) : int(a) + x1 - x0]
    # Pillow resamples bytes in fixed point: the same on every processor.
    return np.asarray(image.resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR, box=(a, b, c, d)))


def padded(plane: Bytes, pad: int, *, edge: bool) -> Bytes:
    """A plane with ``pad`` pixels more on all sides, for a small plane several times faster than np.pad."""
    height, width = plane.shape
    wide = np.zeros((height + 2 * pad, width + 2 * pad), np.uint8)
    wide[pad:-pad, pad:-pad] = plane
    if edge:
        wide[pad:-pad, :pad], wide[pad:-pad, -pad:] = plane[:, :1], plane[:, -1:]
        wide[:pad], wide[-pad:] = wide[pad], wide[-pad - 1]
    return wide


def table_of(values: Iterable[int]) -> bytes:
    """A table of 256 bytes: values from 0 to 255, then zeros."""
    return bytes(values).ljust(256, b"\0")


def softened(plane: Bytes) -> Bytes:
    """A plane whose pixels are means of three, across and then down; beyond its edges it is repeated.

    It is Pillow's BoxBlur(1) byte for byte, several times faster.
    """
    wide = padded(plane, 1, edge=True).astype(np.uint16)
    across = (wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:] + 1) // 3
    both: Bytes = ((across[:-2] + across[1:-1] + across[2:] + 1) // 3).astype(np.uint8)
    return both


def mask_in(window: Window, spot: Spot, mask: Bytes) -> Bytes:
    """A mask as the picture shows it: 0 beyond its edges; enlarged, its outlines are round and steep."""
    if window.scale <= ROUND:
        return sharpened(window, resampled(window, spot, mask, edge=False))
    # Half a pixel more on all sides: the steps of the frame's pixels run into one another.
    a, b, c, d = spot.source
    wider = spot._replace(source=(a + 1, b + 1, c + 1, d + 1))
    return sharpened(window, resampled(window, wider, padded(mask, 1, edge=False), edge=False, blur=0.7))


def sharpened(window: Window, mask: Bytes) -> Bytes:
    """A mask that was enlarged, with edges as steep as the picture's pixels allow."""
    if window.scale <= 1:
        return mask
    return looked_up(mask, _steeper(round(window.scale * 16)))


@lru_cache(maxsize=64)
def _steeper(sixteenths: int) -> bytes:
    return bytes(
        min(255, max(0, 128 + (2 * v - 255) * sixteenths // 32)) if 0 < v < 255 else v for v in range(256)
    )


def nearest(window: Window, spot: Spot, plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A plane of numbers as the picture shows it, each pixel from the nearest one of the frame."""
    columns, _ = _positions(window, spot, 0, plane.shape[1])
    rows, _ = _positions(window, spot, 1, plane.shape[0])
    row, column = (
        ((rows + 128) >> 8).clip(0, plane.shape[0] - 1),
        ((columns + 128) >> 8).clip(0, plane.shape[1] - 1),
    )
    return plane.take(column, axis=1).take(row, axis=0)


def interpolated(
    window: Window, spot: Spot, plane: npt.NDArray[np.int16], jump: int = JUMP
) -> npt.NDArray[np.int16]:
    """A plane of numbers as the picture shows it: linear in a piece, the nearest between two.

    Neighbours that differ by more than ``jump``, 128 at most, are of two pieces.
    """
    if window.exact:
        return nearest(window, spot, plane)
    columns, x = _positions(window, spot, 0, plane.shape[1])
    rows, y = _positions(window, spot, 1, plane.shape[0])
    # Of a layer that the picture shows in part, only its rows are interpolated.
    top = min(max(0, int(rows[0]) >> 8), len(plane) - 1)
    bottom = (int(rows[-1]) >> 8) + 2
    wide = _between(plane[top:bottom], columns >> 8, x, jump, axis=1)
    return _between(wide, (rows >> 8) - top, y, jump, axis=0)


def jumps(planes: Sequence[npt.NDArray[np.int16]], limit: int) -> Bytes:
    """1 where one of some planes differs by more than a limit from the pixel on the left or above."""
    found = np.zeros(planes[0].shape, np.bool_)
    for plane in planes:
        found[:, 1:] |= np.abs(plane[:, 1:] - plane[:, :-1]) > limit
        found[1:] |= np.abs(plane[1:] - plane[:-1]) > limit
    return found.view(np.uint8)


def _between(
    plane: npt.NDArray[np.int16],
    first: npt.NDArray[np.int32],
    share: npt.NDArray[np.int32],
    jump: int,
    axis: int,
) -> npt.NDArray[np.int16]:
    last = plane.shape[axis] - 1
    low = plane.take(first.clip(0, last), axis=axis)
    step = plane.take((first + 1).clip(0, last), axis=axis)
    step -= low
    part = (share[:, None] if axis == 0 else share).astype(np.int16)
    # Steps within a piece times a share fit 16 bits; all others are replaced.
    apart = (step > jump) | (step < -jump)
    moved = step * part
    moved += 128
    moved >>= 8
    if apart.any():
        np.copyto(moved, np.where(part >= 128, step, 0), where=apart)
    moved += low
    return moved


def _positions(
    window: Window, spot: Spot, axis: int, length: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Where the picture's pixels lie along an axis of a layer: their middles in 256ths, and fractions."""
    start, stop = spot.target[axis], spot.target[axis + 2]
    step = 1 / window.scale
    first = spot.source[axis] + step / 2 - 0.5
    at = np.floor((first + step * np.arange(stop - start)) * 256 + 0.5).astype(np.int32)
    at = at.clip(-256, length * 256)
    return at, at & 255
