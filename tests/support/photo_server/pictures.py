"""The bodies that the server sends: good pictures, and everything that only looks like one."""

from __future__ import annotations

import functools
import io
import struct
import zlib

from PIL import Image, ImageDraw

SIZE = (480, 640)
SCENES = 24


@functools.cache
def _scene(number: int, size: tuple[int, int], kind: str) -> bytes:
    """One of a few dozen pictures, with edges and gradients as a photo has them."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for step in range(60):
        x, y = (number * 37 + step * 53) % size[0], (number * 91 + step * 71) % size[1]
        colour = ((step * 40 + number * 17) % 256, (step * 90) % 256, (number * 60 + step) % 256)
        draw.ellipse((x - 40, y - 30, x + 40, y + 30), fill=colour, outline="white")
    out = io.BytesIO()
    image.save(out, kind, quality=85)
    return out.getvalue()


def jpeg(number: int = 0, size: tuple[int, int] = SIZE) -> bytes:
    """A JPEG that differs from that of any other number: in a comment, and by dozens in what it shows."""
    scene = _scene(number % SCENES, size, "JPEG")
    comment = f"picture {number}".encode()
    return scene[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + scene[2:]


def png() -> bytes:
    """A PNG."""
    return _scene(1, (60, 80), "PNG")


def webp() -> bytes:
    """A WebP."""
    return _scene(2, (60, 80), "WEBP")


@functools.cache
def saved(kind: str) -> bytes:
    """A small picture in a format that Pillow writes."""
    return _scene(3, (60, 80), kind)


@functools.cache
def moving(kind: str) -> bytes:
    """An animated PNG or WebP of two frames."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@functools.cache
def huge_png(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few kilobytes whose header says 900 million pixels; it contains only the first rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


@functools.cache
def many_scans(scans: int = 5000) -> bytes:
    """A progressive JPEG whose last scan is repeated thousands of times."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize((200, 200)).save(out, "JPEG", progressive=True)
    content = out.getvalue()
    last = content.rindex(b"\xff\xda")
    return content[:last] + content[last:-2] * scans + b"\xff\xd9"


def packed(content: bytes, window: int = 31) -> bytes:
    """The content as gzip, or as what `window` stands for in zlib."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    return packer.compress(content) + packer.flush()


@functools.cache
def gzip_bomb(size: int = 30_000_000) -> bytes:
    """Zeros, packed to a thousandth."""
    return packed(bytes(size))


HTML = b"<!DOCTYPE html>\n<html><body>We are sorry: this product is sold out.</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
XML_SVG = b'<?xml version="1.0" encoding="utf-8"?>\n<!-- drawn by hand -->\n' + SVG
AVIF = b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miaf" + bytes(200)
