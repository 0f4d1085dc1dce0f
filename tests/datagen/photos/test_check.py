"""A picture is told by its bytes, refused for a reason, and never decoded when that would be dangerous."""

from __future__ import annotations

import io
import resource
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support.photo_server import pictures

from datagen.dataset.verify import wrong_with_picture
from datagen.photos.check import Limits, PhotoError, check
from datagen.photos.decoding import PixelBudget
from datagen.schemas import InputError

LIMITS = Limits(bytes=2_000_000, pixels=1_000_000)


def _saved(kind: str, mode: str = "RGB", size: tuple[int, int] = (30, 40), **options: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (_saved("JPEG"), "jpg"),
        (_saved("JPEG", "L"), "jpg"),
        (_saved("JPEG", "CMYK"), "jpg"),
        (_saved("JPEG", progressive=True), "jpg"),
        (_saved("MPO"), "jpg"),
        (_saved("PNG"), "png"),
        (_saved("PNG", "P"), "png"),
        (_saved("PNG", "1"), "png"),
        (_saved("PNG", "RGBA"), "png"),
        (_saved("PNG", "I;16"), "png"),
        (_saved("WEBP"), "webp"),
        (_saved("WEBP", "RGBA", lossless=True), "webp"),
    ],
)
def test_pictures_are_taken(content: bytes, kind: str) -> None:
    photo, kept = check(content, LIMITS)
    assert content.startswith(kept)
    assert (photo.kind, photo.width, photo.height, photo.reason) == (kind, 30, 40, None)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (_saved("GIF"), "is GIF, not JPEG, PNG or WebP"),
        (_saved("BMP"), "is BMP, not JPEG, PNG or WebP"),
        (_saved("TIFF"), "is TIFF, not JPEG, PNG or WebP"),
        (_saved("ICO"), "is an icon, not JPEG, PNG or WebP"),
        (pictures.AVIF, "is AVIF, not JPEG, PNG or WebP"),
        (pictures.SVG, "is SVG, not JPEG, PNG or WebP"),
        (pictures.XML_SVG, "is SVG, not JPEG, PNG or WebP"),
        (b"\xef\xbb\xbf  <HTML>", "is HTML, not a picture"),
        (pictures.HTML, "is HTML, not a picture"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "is XML, not a picture"),
        (b'{"error": "not found"}', "is JSON, not a picture"),
        (b"%PDF-1.7 ...", "is PDF, not a picture"),
        (bytes(100), "is not a picture"),
        (bytes(2_000_001), "is larger than 2 MB"),
        (pictures.huge_png(), "has more than 1 million pixels"),
        (_saved("JPEG", size=(1001, 1000)), "has more than 1 million pixels"),
        (_saved("WEBP", size=(1001, 1000)), "has more than 1 million pixels"),
        (pictures.moving("PNG"), "is animated"),
        (pictures.moving("WEBP"), "is animated"),
        (pictures.many_scans(), "has more than 100 scans"),
        (pictures.jpeg()[:20_000], "is cut off"),
        (_saved("PNG", size=(90, 90))[:-60], "is cut off"),
        (_saved("WEBP", size=(90, 90))[:-60], "is cut off"),
        (pictures.png()[:60] + bytes(500), "is cut off"),
        (b"\xff\xd8\xff" + bytes(100), "cannot be decoded"),
        (b"RIFF\x0c\0\0\0WEBPVP8 " + bytes(100), "cannot be decoded"),
    ],
)
def test_anything_else_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(PhotoError) as refused:
        check(content, LIMITS)
    assert refused.value.reason == reason


def _webp_header(width: int, height: int) -> bytes:
    """A WebP that is nothing but the size of its canvas and a frame that is not there."""
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = (
        b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas + b"VP8L" + struct.pack("<I", 20) + bytes(20)
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    "content", [pictures.huge_png(), _webp_header(16_000, 16_000), pictures.many_scans(90_000)]
)
def test_a_bomb_costs_neither_memory_nor_time(content: bytes) -> None:
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(PhotoError):
        check(content, Limits())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    assert time.process_time() - began < 1.0


def test_a_limit_depends_on_the_run_but_content_does_not() -> None:
    for content, permanent in (
        (bytes(2_000_001), False),
        (pictures.huge_png(), False),
        (pictures.HTML, True),
    ):
        with pytest.raises(PhotoError) as refused:
            check(content, LIMITS)
        assert refused.value.permanent == permanent


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"]),
)
def test_any_bytes_end_in_a_reason_or_a_picture(content: bytes, start: bytes) -> None:
    try:
        assert check(start + content, LIMITS)[0].kind
    except PhotoError as refused:
        assert refused.reason


@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.data())
def test_a_damaged_picture_ends_in_a_reason_or_a_picture(kind: str, data: st.DataObject) -> None:
    content = bytearray(_saved(kind))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert check(bytes(content), LIMITS)[0].width > 0
    except PhotoError as refused:
        assert refused.reason


def test_limits_that_make_no_sense_are_refused_in_a_sentence() -> None:
    for wrong in (
        {"connections": 0},
        {"read": -1.0},
        {"total": float("nan")},
        {"redirects": -1},
        {"bytes": 0},
    ):
        with pytest.raises(InputError, match="limit"):
            Limits(**wrong)
    Limits(redirects=0)


@pytest.mark.parametrize(("kind", "end"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_what_follows_the_end_is_not_kept(kind: str, end: str) -> None:
    """Phones append the video of a motion photo to its JPEG."""
    content = _saved(kind)
    for tail in (b"\0", b"\0\0\0\x18ftypmp42" + bytes(1000), content):
        photo, kept = check(content + tail, LIMITS)
        assert (photo.kind, kept) == (end, content)


def test_a_png_without_its_end_is_cut_off() -> None:
    with pytest.raises(PhotoError, match="is cut off"):
        check(_saved("PNG")[:-12], LIMITS)


@given(kind=st.sampled_from(["JPEG", "PNG", "WEBP"]), data=st.data())
def test_what_a_pull_keeps_is_whole_for_verify(kind: str, data: st.DataObject) -> None:
    content = bytearray(_saved(kind, size=(16, 24)))
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 30))
    content = content[: len(content) - cut] + data.draw(st.binary(max_size=40))
    try:
        photo, kept = check(bytes(content), LIMITS)
    except PhotoError:
        return
    assert wrong_with_picture(kept, None, str(photo.kind)) == ""
    assert check(kept, LIMITS) == (photo, kept)


def test_small_files_of_many_pixels_are_decoded_in_turn() -> None:
    """24 at once of 7,000 x 7,000 pixels, 1.9 kB each, took 3 GB."""
    budget, most, lock = PixelBudget(100), [0], threading.Lock()
    now = 0

    def decode(pixels: int) -> None:
        nonlocal now
        with budget.of(pixels):
            with lock:
                now += pixels
                most.append(now)
            time.sleep(0.002)
            with lock:
                now -= pixels

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decode, [60, 30, 10, 70, 40, 90, 5, 5] * 3))
    assert 60 < max(most) <= 100
    with budget.of(1000):
        pass  # a larger one is decoded alone
