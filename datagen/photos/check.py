"""What a picture must be before it is stored: of a known kind, not too large, and complete.

The bytes are a stranger's. Their first bytes say what kind they are, whatever name or type they came with;
the header gives width, height and end before anything is decoded (:mod:`datagen.schemas.picture_file`); and
then they are decoded, since only that shows whether the data is sound.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, fields

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from datagen.library_messages import picture_is_cut_off
from datagen.photos.decoding import DECODING
from datagen.schemas import InputError
from datagen.schemas.picture_file import Kind, PictureHeader, kind_of, read_header


@dataclass(frozen=True)
class Limits:
    """Limits for fetching pictures; times in seconds. InputError for one that leaves nothing."""

    connections: int = 16
    """Requests at once, in total."""
    per_host: int = 8
    """Requests at once to one host."""
    connect: float = 10.0
    """To find and reach a host."""
    read: float = 20.0
    """Without a byte."""
    total: float = 60.0
    """One attempt with its redirects, time in the queue not counted."""
    attempts: int = 4
    """Attempts for a picture whose failures may be temporary; half as many if it runs into deadlines."""
    first_wait: float = 1.0
    """Before the second attempt; doubled before each one after that."""
    longest_wait: float = 120.0
    """If a host asks for a longer wait, the picture fails instead."""
    redirects: int = 5
    bytes: int = 20_000_000
    """Of one picture, both as sent and decompressed."""
    pixels: int = 50_000_000
    """Of one picture, width times height."""
    allow_private: bool = False
    """Whether to connect to addresses that are not public, and to any port."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value, least = getattr(self, field.name), 0 if field.name == "redirects" else 1e-9
            if not least <= value < 1e15 and field.name != "allow_private":
                raise InputError(
                    f"The limit {field.name.replace('_', ' ')} cannot be {value}; give more than 0."
                )


@dataclass(frozen=True)
class Photo:
    """A fetched picture, its content and size in pixels; or the reason why there is none."""

    sha256: str | None = None
    kind: Kind | None = None
    width: int = 0
    height: int = 0
    reason: str | None = None


class PhotoError(Exception):
    """There is no picture; ``reason`` says why in a few words and contains nothing of the URL.

    ``permanent``: another run would end the same way, whatever its limits. ``retryable``: worth another
    attempt in this run, after ``wait`` seconds if the host asks for that. ``timed_out``: it ran into a
    deadline. ``no_response``: the host did not respond at all. ``rate_limited``: the host gets too many
    requests from us.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retryable: bool = False,
        wait: float | None = None,
        timed_out: bool = False,
        no_response: bool = False,
        rate_limited: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.retryable = reason, permanent, retryable
        self.wait, self.timed_out, self.no_response, self.rate_limited = (
            wait,
            timed_out,
            no_response,
            rate_limited,
        )


_OTHER_KINDS: tuple[tuple[int, bytes, str], ...] = (
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
"""Position, the bytes there, and the reason to reject the file."""

_TEXT_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"<svg", "is SVG, {}"),
    (b"<?xml", "is XML, not a picture"),
    (b"<", "is HTML, not a picture"),
    (b"{", "is JSON, not a picture"),
    (b"[", "is JSON, not a picture"),
)

_PLUGINS: dict[Kind, type[ImageFile]] = {"jpg": JpegImageFile, "png": PngImageFile, "webp": WebPImageFile}

MAX_SCANS = 100
"""A progressive JPEG has about ten; one with a million scans would take days to decode."""


def check(content: bytes, limits: Limits) -> tuple[Photo, bytes]:
    """The picture that ``content`` is, and its bytes without what follows its end. Raises PhotoError.

    A phone's video behind a JPEG is such a tail. Flaws within the data of a JPEG, which libjpeg tolerates,
    are not detected; a missing end is.
    """
    if not content:
        raise PhotoError("is empty", permanent=True)
    if len(content) > limits.bytes:
        raise too_large(limits)
    kind = kind_of(content)
    if kind is None:
        raise PhotoError(_reason_to_reject(content).format("not JPEG, PNG or WebP"), permanent=True)
    header = read_header(content)
    if header is None:
        raise PhotoError("cannot be decoded", permanent=True)
    if header.width * header.height > limits.pixels:
        raise PhotoError(f"has more than {limits.pixels / 1e6:g} million pixels")
    if header.end is None:
        raise PhotoError("is cut off", permanent=True)
    content = content[: header.end]
    if kind == "jpg" and content.count(b"\xff\xda") > MAX_SCANS:
        raise PhotoError(f"has more than {MAX_SCANS} scans", permanent=True)
    if kind == "png" and 0 <= content.find(b"acTL") < content.find(b"IDAT"):
        raise PhotoError("is animated", permanent=True)
    try:
        with DECODING.of(header.width * header.height):
            _decode(header, content)
    except PhotoError:
        raise
    except Exception as error:  # Pillow's plugins raise nearly anything on a hostile file
        raise PhotoError(
            "is cut off" if picture_is_cut_off(error) else "cannot be decoded", permanent=True
        ) from error
    return Photo(hashlib.sha256(content).hexdigest(), kind, header.width, header.height), content


def too_large(limits: Limits) -> PhotoError:
    """The failure of a picture with more bytes than the limit."""
    return PhotoError(f"is larger than {limits.bytes / 1e6:g} MB")


def _decode(header: PictureHeader, content: bytes) -> None:
    """Decode a picture completely.

    The plugin is called directly: Image.open would try others, and warn of large pictures on stderr.
    """
    with _PLUGINS[header.kind](io.BytesIO(content)) as image:
        if image.size != (header.width, header.height):
            raise PhotoError("cannot be decoded", permanent=True)
        if getattr(image, "n_frames", 1) > 1:
            raise PhotoError("is animated", permanent=True)
        # At an eighth of the size all of the data is still read, in a third of the time.
        image.draft("L", (1, 1))
        image.load()


def _reason_to_reject(content: bytes) -> str:
    """The reason to reject bytes that do not begin like a JPEG, PNG or WebP."""
    for at, start, reason in _OTHER_KINDS:
        if content.startswith(start, at):
            return reason
    text = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<?xml", b"<!")) and b"<svg" in text:
        text = b"<svg"
    return next((reason for start, reason in _TEXT_KINDS if text.startswith(start)), "is not a picture")
