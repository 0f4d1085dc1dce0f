"""Planes of bytes: the arithmetic on masks and maps that stencils and pictures are made with.

One plane at a time fits the processor's cache, and NumPy's loops over small integers are vectorised:
several times faster than the same steps on interleaved pixels in Pillow.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.render.outlines import Box

Bytes = npt.NDArray[np.uint8]
"""One plane (height, width), or several (planes, height, width)."""


def blend(planes: Bytes, box: Box, paint: Bytes | int, mask: Bytes) -> None:
    """Lay ``paint`` over the planes in ``box``, as far as ``mask`` covers."""
    under = planes[..., box[1] : box[3], box[0] : box[2]]
    mixed = under.astype(np.uint16)
    mixed *= (255 - mask).astype(np.uint16)
    mixed += np.multiply(paint, mask, dtype=np.uint16)
    # A 255th as a 256th, rounded up: exact where the mask is 0 or 255.
    mixed += 255
    mixed >>= 8
    under[...] = mixed


def dim(under: Bytes, veil: Bytes) -> None:
    """Multiply a plane by a veil in 255ths."""
    product = np.multiply(under, veil, dtype=np.uint16)
    product += 255
    np.right_shift(product, 8, out=under, casting="unsafe")


def raise_by(under: Bytes, amount: Bytes, share: int) -> None:
    """Add a share (in 256ths) of ``amount``, up to 255.

    Minima of two arrays: NumPy is several times slower at those of an array and a number.
    """
    under += np.minimum(_shared(amount, share), 255 - under)


def lower_by(under: Bytes, amount: Bytes, share: int) -> None:
    """Subtract a share (in 256ths) of ``amount``, down to 0."""
    under -= np.minimum(_shared(amount, share), under)


def _shared(amount: Bytes, share: int) -> Bytes:
    return ((amount * np.uint16(share)) >> 8).astype(np.uint8)


def doubled(half: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A plane with everything in it twice in both directions."""
    if half.itemsize == 1:
        # A byte twice in a 16-bit word is the byte doubled sideways.
        return (half.view(np.uint8) * np.uint16(257)).view(half.dtype).repeat(2, axis=0)
    made = np.empty((2 * half.shape[0], 2 * half.shape[1]), dtype=half.dtype)
    made[::2, ::2] = half
    made[::2, 1::2] = half
    made[1::2] = made[::2]
    return made


def stretched(small: npt.NDArray[Any], step: int, shape: tuple[int, int]) -> Bytes:
    """Planes of values 0 to 255 enlarged ``step`` times, linearly, and cut to (height, width).

    ``shape`` is at most ``step`` times as large as ``small``. In steps of whole rows: for large maps
    this is five times faster than resizing an image.
    """
    if step == 1:
        return small.astype(np.uint8)[..., : shape[0], : shape[1]]
    across = _between(small.astype(np.int16).swapaxes(-1, -2), step, shape[1])
    return _between(np.ascontiguousarray(across.swapaxes(-1, -2)), step, shape[0]).astype(
        np.uint8, copy=False
    )


def _between(rows: npt.NDArray[np.int16], step: int, count: int) -> npt.NDArray[np.int16]:
    """``count`` rows interpolated between rows, which lie at the middle of ``step`` new ones each."""
    wide = np.concatenate([rows[..., :1, :], rows, rows[..., -1:, :]], axis=-2)
    # 7 fractional bits: the most that a byte leaves in 15.
    slope = ((wide[..., 1:, :] - wide[..., :-1, :]) << 7) // step
    level = (wide[..., :-1, :] << 7) + 64
    if step % 2 == 0:
        level += slope >> 1
    made = np.empty((*rows.shape[:-2], level.shape[-2] * step, rows.shape[-1]), dtype=np.int16)
    for phase in range(step):
        np.right_shift(level, 7, out=made[..., phase::step, :])
        level += slope
    start = (step + 1) // 2
    return made[..., start : start + count, :]
