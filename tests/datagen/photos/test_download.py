"""What is not seen from outside: how much memory unpacking takes, and what a host may ask us to wait."""

from __future__ import annotations

import email.utils
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.photo_server import pictures

from datagen.photos.check import Limits, PhotoError
from datagen.photos.download import EncodedBody, decompressed, retry_after, user_agent


def test_a_bomb_is_unpacked_no_further_than_the_limit() -> None:
    bomb = pictures.gzip_bomb()
    tracemalloc.start()
    with pytest.raises(PhotoError, match="is larger than 1 MB"):
        decompressed(EncodedBody(bomb, "gzip"), Limits(bytes=1_000_000))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4_000_000


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "x-gzip", "deflate"]))
def test_what_was_packed_comes_out(content: bytes, packed: str) -> None:
    sent = pictures.packed(content, 15 if packed == "deflate" else 31)
    assert decompressed(EncodedBody(sent, packed), Limits()) == content
    with pytest.raises(PhotoError, match="is cut off|cannot be decompressed"):
        decompressed(EncodedBody(sent[:-1], packed), Limits())


@given(st.binary(max_size=200))
def test_any_bytes_can_be_unpacked_or_have_a_reason(content: bytes) -> None:
    try:
        decompressed(EncodedBody(content, "gzip"), Limits())
    except PhotoError as refused:
        assert refused.reason


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        (b"120", 120.0),
        (b" 0 ", 0.0),
        (b"9" * 300, 999999999999.0),
        (b"", None),
        (b"soon", None),
        (b"-5", None),
        (b"\xb2", None),
        (b"1.5", None),
        ("\u0663".encode(), None),
        (b"Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        (b"Wed, 99 Foo 99999 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_read_whatever_it_says(sent: bytes, seconds: float | None) -> None:
    assert retry_after({b"retry-after": sent}) == seconds


def test_retry_after_may_be_a_date() -> None:
    wait = retry_after({b"retry-after": email.utils.formatdate(time.time() + 60, usegmt=True).encode()})
    assert wait is not None
    assert 57 < wait <= 60


@given(st.binary(max_size=60))
def test_any_retry_after_is_harmless(sent: bytes) -> None:
    wait = retry_after({b"retry-after": sent})
    assert wait is None or wait >= 0


def test_the_user_agent_is_one_line_of_ascii() -> None:
    assert user_agent().isascii()
    assert user_agent().isprintable()
