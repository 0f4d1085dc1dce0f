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
        _undo(nine[-1], choice)
        at += pixels * (1 + wide)
    signed: list[Any] = [
        plane.view(np.int16) if wide else plane for plane, wide in zip(nine, WIDE, strict=True)
    ]
    normal = np.stack([signed[2], signed[3]], axis=2).view(np.int8)
    cloth = np.stack([signed[4], signed[5]], axis=2)
    return (signed[0], signed[1], normal, cloth, signed[6], signed[7], signed[8]), rest


def pack_mask(mask: npt.NDArray[np.bool_]) -> bytes:
    """The bytes of a mask: what changes from row to row."""
    bits = np.packbits(mask, axis=1)
    bits[1:] ^= bits[:-1].copy()
    return _compressed(bits.tobytes())


def unpack_mask(content: bytes, width: int, height: int) -> npt.NDArray[np.bool_]:
    """The mask; without bytes, one that hides nothing. Raises RunFailed."""
    if not content:
        return np.zeros((height, width), bool)
    raw, _ = _expanded(content, height * -(-width // 8))
    bits = np.bitwise_xor.accumulate(raw.reshape(height, -1), axis=0)
    return np.unpackbits(bits, axis=1, count=width).astype(bool)


def _differences(plane: npt.NDArray[Any], choice: int) -> npt.NDArray[Any]:
    """What is left of a plane (unsigned, modulo its range) when each pixel is predicted."""
    out = plane.copy()
    if choice & 1:
        out[:, 1:] -= out[:, :-1].copy()
    if choice & 2:
        out[1:] -= out[:-1].copy()
    return out


def _undo(plane: npt.NDArray[Any], choice: int) -> None:
    """The plane again from its differences, in place."""
    if choice & 2:
        np.cumsum(plane, axis=0, dtype=plane.dtype, out=plane)
    if choice & 1:
        np.cumsum(plane, axis=1, dtype=plane.dtype, out=plane)


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
    return np.asarray((folded >> one) ^ (0 - (folded & one)).astype(folded.dtype))


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
