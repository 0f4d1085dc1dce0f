"""What a picture file is, by its bytes alone: kind, size, and where it ends. Nothing is decoded.

This is the one definition of a complete file that pulling, ``verify`` and ``push`` share. Phones append a
video or a second picture to a JPEG, and cameras padding: what follows the end is not part of the picture.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["jpg", "png", "webp"]

KINDS: tuple[Kind, ...] = ("jpg", "png", "webp")

_PNG, _JPEG, _RIFF, _WEBP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF", b"WEBP"
_END_OF_IMAGE = b"\xff\xd9"
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
"""In coded data FF is followed by 00 or by a restart marker (D0 to D7); anything else begins a segment."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the segment with width and height (ITU T.81, table B.1)."""


class PictureHeader(NamedTuple):
    """What the bytes say: width and height in pixels, and the length of the complete file in bytes.

    ``end`` is None where the file is cut off.
    """

    kind: Kind
    width: int
    height: int
    end: int | None


def kind_of(content: bytes) -> Kind | None:
    """The kind of picture, by its first bytes."""
    if content.startswith(_JPEG):
        return "jpg"
    if content.startswith(_PNG):
        return "png"
    return "webp" if content[:4] == _RIFF and content[8:12] == _WEBP else None


def read_header(content: bytes) -> PictureHeader | None:
    """The header of a JPEG, PNG or WebP; None where the bytes are something else or state no size."""
    kind = kind_of(content)
    size = _READERS[kind](content) if kind else None
    return PictureHeader(kind, *size) if kind and size and size[0] and size[1] else None


_Header = tuple[int, int, "int | None"]


def _jpeg(content: bytes) -> _Header | None:
    """Width, height and end of a JPEG: its segments up to the marker EOI (ITU T.81, annex B)."""
    size, at = None, 2
    while found := _MARKER.search(content, at):
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            return (*size, at) if size else None
        if marker in (0x01, 0xD8):  # the markers without a segment
            continue
        length = int.from_bytes(content[at : at + 2], "big")
        if length < 2 or at + length > len(content):
            break
        if marker in _FRAMES and size is None and length >= 8:
            size = (
                int.from_bytes(content[at + 5 : at + 7], "big"),
                int.from_bytes(content[at + 3 : at + 5], "big"),
            )
        at += length
    # Damaged data, which decoders tolerate, may look like a segment: then the last EOI is the end.
    last = content.rfind(_END_OF_IMAGE)
    return (*size, last + 2 if last > 0 else None) if size else None


def _png(content: bytes) -> _Header | None:
    """Width, height and end of a PNG: its chunks up to IEND (PNG specification, section 5)."""
    if content[12:16] != b"IHDR":
        return None
    size = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
    at = len(_PNG)
    while at + 12 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == b"IEND":
            return *size, end if end <= len(content) else None
        at = end
    return *size, None


def _webp(content: bytes) -> _Header | None:
    """Width, height and end of a WebP: the length of its RIFF container (RFC 9649)."""
    first, part = content[12:16], content[20:30]
    if len(part) < 10:
        return None
    if first == b"VP8X":
        size = 1 + int.from_bytes(part[4:7], "little"), 1 + int.from_bytes(part[7:10], "little")
    elif first == b"VP8L":
        bits = int.from_bytes(part[1:5], "little")
        size = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif first == b"VP8 ":
        size = (int.from_bytes(part[6:8], "little") & 0x3FFF, int.from_bytes(part[8:10], "little") & 0x3FFF)
    else:
        return None
    end = 8 + int.from_bytes(content[4:8], "little")
    return *size, end if end <= len(content) else None


_READERS = {"jpg": _jpeg, "png": _png, "webp": _webp}
