"""A picture file's kind, size and end are read from its bytes; a tail is no part of it, a cut is seen."""

from __future__ import annotations

import io
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from datagen.schemas.picture_file import KINDS, kind_of, read_header

FORMS = [
    ("JPEG", "jpg", {}),
    ("JPEG", "jpg", {"progressive": True}),
    ("JPEG", "jpg", {"comment": "a comment with \xff\xd9 in it".encode("latin-1")}),
    ("MPO", "jpg", {}),
    ("PNG", "png", {}),
    ("WEBP", "webp", {}),
    ("WEBP", "webp", {"lossless": True}),
    ("WEBP", "webp", {"exif": b"Exif\0\0"}),
]


def _saved(form: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.frombytes("RGB", (31, 42), Random(5).randbytes(31 * 42 * 3)).save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize(("form", "kind", "options"), FORMS)
def test_the_header_says_kind_size_and_end(form: str, kind: str, options: dict[str, object]) -> None:
    content = _saved(form, **options)
    assert read_header(content) == (kind, 31, 42, len(content))


@pytest.mark.parametrize(("form", "kind", "options"), FORMS)
@pytest.mark.parametrize("tail", [b"\0" * 100, b"\0\0\0\x18ftypmp42" + bytes(9_000), b"\xff\xd9"])
def test_what_follows_the_end_is_no_part_of_it(
    form: str, kind: str, options: dict[str, object], tail: bytes
) -> None:
    content = _saved(form, **options)
    header = read_header(content + tail)
    assert header is not None
    assert header.end == len(content)
    with Image.open(io.BytesIO((content + tail)[: header.end])) as picture:
        picture.load()
        assert picture.size == (31, 42)


@pytest.mark.parametrize(("form", "kind", "options"), FORMS)
@pytest.mark.parametrize("missing", [1, 2, 12, 400])
def test_a_file_that_is_cut_off_has_no_end(
    form: str, kind: str, options: dict[str, object], missing: int
) -> None:
    header = read_header(_saved(form, **options)[:-missing])
    assert header is not None
    assert header[:3] == (kind, 31, 42)
    assert header.end is None or (options.get("comment") and header.end < 100)


def test_a_png_without_its_last_chunk_is_cut_off() -> None:
    content = _saved("PNG")
    header = read_header(content[:-12])
    assert header is not None
    assert header.end is None


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x39\0\0\0WEBPVP8 "]),
)
def test_any_bytes_have_a_header_within_them_or_none(content: bytes, start: bytes) -> None:
    header = read_header(start + content)
    if header is not None:
        assert header.kind in KINDS
        assert header.kind == kind_of(start + content)
        assert header.end is None or 0 < header.end <= len(start + content)


@given(st.sampled_from(FORMS), st.binary(max_size=50), st.data())
def test_what_is_kept_of_a_file_has_the_same_header_again(
    form: tuple[str, str, dict[str, object]], tail: bytes, data: st.DataObject
) -> None:
    content = bytearray(_saved(form[0], **form[2]) + tail)
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(12, len(content) - 1))] = data.draw(st.integers(0, 255))
    header = read_header(bytes(content))
    if header is not None and header.end is not None:
        assert read_header(bytes(content[: header.end])) == header


@pytest.mark.parametrize("part", [b"\xff", b"\xff\xda\0\2", b"\xff\xd9"])
def test_a_long_run_of_markers_takes_no_time(part: bytes) -> None:
    start = _saved("JPEG")[:-2]
    began = time.process_time()
    read_header(start + part * (1_000_000 // len(part)))
    assert time.process_time() - began < 2
