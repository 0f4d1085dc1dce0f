"""What a picture has to be before it is kept: of a known kind, not too large, and whole.

The bytes are a stranger's. Their kind is told by their first bytes, whatever name or type they came with;
their width and height by the header, before anything is decoded; and then they are decoded, since only
that shows whether they are whole.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, fields
from typing import Literal

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from datagen.schemas import InputError

Kind = Literal["jpg", "png", "webp"]

KINDS: tuple[Kind, ...] = ("jpg", "png", "webp")


@dataclass(frozen=True)
class Limits:
    """What fetching pictures may take and ask for; times in seconds. InputError where none is left."""

    connections: int = 16
    """Requests at once, in all."""
    per_host: int = 8
    """Requests at once to one host."""
    connect: float = 10.0
    """To find and reach a host."""
    read: float = 20.0
    """Without a byte."""
    total: float = 60.0
    """One attempt with its redirects, waiting for a turn not counted."""
    attempts: int = 4
    """How often a picture is asked for while its failures may pass; half as often if it is for a deadline."""
    first_wait: float = 1.0
    """Before the second attempt; doubled before each one after that."""
    longest_wait: float = 120.0
    """A host that asks to wait longer is not asked again."""
    redirects: int = 5
    bytes: int = 20_000_000
    """Of one picture, both as sent and unpacked."""
    pixels: int = 50_000_000
    """Of one picture, width times height."""
    allow_private: bool = False
    """Whether addresses that are not public may be asked, and any port."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, least = getattr(self, field.name), 0 if field.name == "redirects" else 1e-9
            if not least <= value < 1e15 and field.name != "allow_private":
                raise InputError(
                    f"The limit {field.name.replace('_', ' ')} cannot be {value}; give more than 0."
                )


@dataclass(frozen=True)
class Photo:
    """What became of a picture: its content and size in pixels, or the reason why there is none."""

    sha256: str | None = None
    kind: Kind | None = None
    width: int = 0
    height: int = 0
    reason: str | None = None


class NoPhoto(Exception):
    """There is no picture, for a reason in a few words that holds nothing of the URL.

    ``lasting``: another run would find the same, whatever its limits. ``again``: worth another attempt in
    this one, after ``wait`` seconds if the host asks for that. ``slow``: it took a whole deadline.
    ``silent``: the host gave no answer at all. ``crowded``: it has too many requests from us.
    """

    def __init__(
        self,
        reason: str,
        *,
        lasting: bool = False,
        again: bool = False,
        wait: float | None = None,
        slow: bool = False,
        silent: bool = False,
        crowded: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.lasting, self.again = reason, lasting, again
        self.wait, self.slow, self.silent, self.crowded = wait, slow, silent, crowded


_STARTS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF8", "is GIF, {}"),
    (0, b"BM", "is BMP, {}"),
    (0, b"II*\0", "is TIFF, {}"),
    (0, b"MM\0*", "is TIFF, {}"),
    (4, b"ftypavi", "is AVIF, {}"),
    (4, b"ftyphei", "is HEIC, {}"),
    (4, b"ftypmif1", "is HEIC, {}"),
    (4, b"ftyp", "is video, not a picture"),
    (0, b"\xff\x0a", "is JPEG XL, {}"),
    (4, b"JXL ", "is JPEG XL, {}"),
    (4, b"jP  ", "is JPEG 2000, {}"),
    (0, b"\0\0\1\0", "is an icon, {}"),
    (0, b"8BPS", "is a Photoshop file, {}"),
    (0, b"%PDF", "is PDF, not a picture"),
    (0, b"PK\3\4", "is ZIP, not a picture"),
    (0, b"\x1f\x8b", "is gzip, not a picture"),
)
"""Where it stands, how it begins, and the reason to refuse it."""

_TEXTS: tuple[tuple[bytes, str], ...] = (
    (b"<svg", "is SVG, {}"),
    (b"<?xml", "is XML, not a picture"),
    (b"<", "is HTML, not a picture"),
    (b"{", "is JSON, not a picture"),
    (b"[", "is JSON, not a picture"),
)

_PLUGINS: dict[Kind, type[ImageFile]] = {"jpg": JpegImageFile, "png": PngImageFile, "webp": WebPImageFile}

MOST_SCANS = 100
"""A progressive JPEG has about ten; a file of a million scans would be decoded for days."""


def check(content: bytes, limits: Limits) -> Photo:
    """The picture that ``content`` is. Raises NoPhoto.

    Flaws inside of a JPEG's data, which libjpeg forgives, are not seen; a missing end is.
    """
    if not content:
        raise NoPhoto("is empty", lasting=True)
    if len(content) > limits.bytes:
        raise too_many_bytes(limits)
    kind = kind_of(content)
    if kind is None:
        raise NoPhoto(_what_else(content).format("not JPEG, PNG or WebP"), lasting=True)
    if kind == "jpg" and content.count(b"\xff\xda") > MOST_SCANS:
        raise NoPhoto(f"has more than {MOST_SCANS} scans", lasting=True)
    if kind == "png" and 0 <= content.find(b"acTL") < content.find(b"IDAT"):
        raise NoPhoto("is animated", lasting=True)
    if kind == "webp" and int.from_bytes(content[4:8], "little") + 8 > len(content):
        raise NoPhoto("is cut off", lasting=True)
    try:
        width, height = _decode(kind, content, limits)
    except NoPhoto:
        raise
    except Exception as error:  # Pillow's plugins raise nearly anything on a hostile file
        cut = isinstance(error, OSError) and "truncated" in str(error)
        raise NoPhoto("is cut off" if cut else "cannot be decoded", lasting=True) from error
    return Photo(hashlib.sha256(content).hexdigest(), kind, width, height)


def kind_of(content: bytes) -> Kind | None:
    """The kind of picture that bytes begin like."""
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def too_many_bytes(limits: Limits) -> NoPhoto:
    """The failure of a picture with more bytes than the limit."""
    return NoPhoto(f"more than {limits.bytes / 1e6:g} MB")


def _decode(kind: Kind, content: bytes, limits: Limits) -> tuple[int, int]:
    """Width and height of a picture that can be decoded whole.

    The plugin is called by its name: Image.open would try others, and warn of large pictures to stderr.
    """
    with _PLUGINS[kind](io.BytesIO(content)) as image:
        width, height = image.size
        if width * height > limits.pixels:
            raise NoPhoto(f"more than {limits.pixels / 1e6:g} million pixels")
        if getattr(image, "n_frames", 1) > 1:
            raise NoPhoto("is animated", lasting=True)
        # All of the data is read for an eighth of the size, too, in a third of the time.
        image.draft("L", (1, 1))
        image.load()
    return width, height


def _what_else(content: bytes) -> str:
    """The reason to refuse bytes that begin like no picture that is taken."""
    for at, start, reason in _STARTS:
        if content.startswith(start, at):
            return reason
    text = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<?xml", b"<!")) and b"<svg" in text:
        text = b"<svg"
    return next((reason for start, reason in _TEXTS if text.startswith(start)), "is no picture")
