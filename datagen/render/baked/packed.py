"""Layers as bytes: differences between neighbouring pixels, bytes of a kind together, zstd.

A layer is nine planes (coverage, part, normal x and y, cloth across and along, open, lit, depth), and each is
stored
with the prediction that leaves the smallest differences: none, the pixel on the left, the one above, or the
plane through three neighbours. Everything is integers, so a layer comes back bit by bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datagen.schemas import RunFailed

Planes = tuple[
    npt.NDArray[np.uint8],
    npt.NDArray[np.uint8],
    npt.NDArray[np.int8],
    npt.NDArray[np.int16],
    npt.NDArray[np.uint8],
    npt.NDArray[np.uint8],
    npt.NDArray[np.int16],
]
"""Coverage, part, normal, cloth, open, lit, depth, as in ``Layer``."""

WIDE = (False, False, False, False, True, True, False, False, True)
"""Which of the nine planes have 16 bits."""

LEVEL = 19
"""Of zstd: layers are packed once and unpacked often."""


def pack_layer(planes: Planes) -> bytes:
    """The bytes of a layer, uncompressed size first."""
    coverage, part, normal, cloth, openness, lit, depth = planes
    nine = (
        coverage,
        part,
        normal[..., 0],
        normal[..., 1],
        cloth[..., 0],
        cloth[..., 1],
        openness,
        lit,
        depth,
    )
    filters, stored = bytearray(), []
    for plane, wide in zip(nine, WIDE, strict=True):
        unsigned: npt.NDArray[Any] = np.ascontiguousarray(plane).view(np.uint16 if wide else np.uint8)
        choice = min(range(4), key=lambda name: _cost(_differences(unsigned, name)))
        filters.append(choice)
        stored.append(_bytes(_differences(unsigned, choice)))
    return bytes(filters) + _compressed(b"".join(stored))


def unpack_layer(content: bytes, width: int, height: int) -> tuple[Planes, bytes]:
    """The planes of a layer and the bytes that follow it. Raises RunFailed for bytes that are no layer."""
    pixels = width * height
    count = len(WIDE)
    filters = content[:count]
    raw, rest = _expanded(content[count:], pixels * (count + sum(WIDE)))
    nine: list[npt.NDArray[Any]] = []
    at = 0
    for choice, wide in zip(filters, WIDE, strict=True):
        nine.append(_plane(raw[at : at + pixels * (1 + wide)], choice, wide).reshape(height, width))
        at += pixels * (1 + wide)
    signed: list[Any] = [
        _undone(plane, choice).view(np.int16 if wide else np.uint8)
        for plane, choice, wide in zip(nine, filters, WIDE, strict=True)
    ]
    # Light looks a normal's two bytes up as one word, so they lie side by side; cloth is read plane by plane.
    normal = np.empty((height, width, 2), np.uint8)
    normal[..., 0], normal[..., 1] = signed[2], signed[3]
    cloth = np.moveaxis(np.array(signed[4:6]), 0, 2)
    if not cloth.any():
        # Skin has no cloth: zeros that take up no memory.
        cloth = np.broadcast_to(np.int16(0), cloth.shape)
    return (signed[0], signed[1], normal.view(np.int8), cloth, signed[6], signed[7], signed[8]), rest


def pack_mask(bits: npt.NDArray[np.uint8]) -> bytes:
    """The bytes of a mask, whose rows are bits (``np.packbits``): what changes from row to row."""
    changes = bits.copy()
    changes[1:] ^= bits[:-1]
    return _compressed(changes.tobytes())


def unpack_mask(content: bytes, width: int, height: int) -> npt.NDArray[np.uint8]:
    """The mask, its rows as bits; without bytes, one that hides nothing. Raises RunFailed."""
    across = -(-width // 8)
    if not content:
        return np.zeros((height, across), np.uint8)
    raw, _ = _expanded(content, height * across)
    return np.asarray(np.bitwise_xor.accumulate(raw.reshape(height, across), axis=0))


def _differences(plane: npt.NDArray[Any], choice: int) -> npt.NDArray[Any]:
    """What is left of a plane (unsigned, modulo its range) when each pixel is predicted."""
    out = plane.copy()
    if choice & 1:
        out[:, 1:] -= out[:, :-1].copy()
    if choice & 2:
        out[1:] -= out[:-1].copy()
    return out


def _undone(plane: npt.NDArray[Any], choice: int) -> npt.NDArray[Any]:
    """The plane again from its differences, which are overwritten."""
    if choice & 2:
        # Rows are added up in strides of 1, 2, 4 ...: NumPy adds whole rows many numbers at a time, but sums
        # along an axis one number after the other.
        other = np.empty_like(plane)
        step = 1
        while step < len(plane):
            other[:step] = plane[:step]
            np.add(plane[step:], plane[:-step], out=other[step:])
            plane, other = other, plane
            step *= 2
    if choice & 1:
        np.cumsum(plane, axis=1, dtype=plane.dtype, out=plane)
    return plane


def _bytes(differences: npt.NDArray[Any]) -> bytes:
    """Small differences of either sign as small numbers; of 16 bits, all low bytes before all high ones."""
    signed: npt.NDArray[np.int16] | npt.NDArray[np.int8]
    signed = differences.view(np.int16) if differences.dtype == np.uint16 else differences.view(np.int8)
    folded = ((signed << 1) ^ (signed >> (8 * signed.itemsize - 1))).view(differences.dtype)
    if folded.dtype == np.uint8:
        return bytes(folded.tobytes())
    return bytes((folded & 255).astype(np.uint8).tobytes() + (folded >> 8).astype(np.uint8).tobytes())


def _plane(raw: npt.NDArray[np.uint8], choice: int, wide: bool) -> npt.NDArray[Any]:
    """The differences again."""
    if choice > 3:
        raise RunFailed("A baked layer is damaged: install datagen again.")
    folded: npt.NDArray[Any] = raw
    if wide:
        half = len(raw) // 2
        folded = raw[:half].astype(np.uint16) | (raw[half:].astype(np.uint16) << 8)
    one = folded.dtype.type(1)
    sign = folded & one
    np.negative(sign, out=sign)
    sign ^= folded >> one
    return np.asarray(sign)


def _cost(differences: npt.NDArray[Any]) -> int:
    """How many bytes differences come to, roughly: measured at a low level."""
    return len(pa.compress(_bytes(differences), codec="zstd", asbytes=True))


def _compressed(raw: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd", compression_level=LEVEL).compress(raw, asbytes=True)
    return len(packed).to_bytes(4, "little") + packed


def _expanded(content: bytes, size: int) -> tuple[npt.NDArray[np.uint8], bytes]:
    """The next ``size`` bytes, expanded, and what follows them."""
    length = int.from_bytes(content[:4], "little")
    try:
        raw: bytes = pa.decompress(
            content[4 : 4 + length], decompressed_size=size, codec="zstd", asbytes=True
        )
    except (OSError, ValueError):
        raw = b""
    if len(raw) != size or len(content) < 4 + length:
        raise RunFailed("A baked layer is damaged: install datagen again.")
    return np.frombuffer(raw, np.uint8), content[4 + length :]
