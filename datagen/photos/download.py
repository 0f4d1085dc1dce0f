"""One request for a picture: its bytes, a redirect, or the reason why there is no picture.

It uses httpcore2, the transport of the Hub client's HTTP library, which has no cookies, proxies, passwords,
redirects or decompression that would have to be turned off.
"""

from __future__ import annotations

import email.utils
import platform
import ssl
import time
import zlib
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import anyio
import httpcore2
import httpx2

from datagen.library_messages import server_hung_up
from datagen.photos.addresses import checked_url
from datagen.photos.check import Limits, PhotoError, too_large
from datagen.photos.connections import Connections

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
TEMPORARY_STATUSES = frozenset({408, 429, *range(500, 600)})
"""Statuses that may be temporary and are worth another attempt."""
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""The window bits of zlib for encodings that some servers use although asked not to compress."""

MAX_DRAINED = 65536
"""Bytes of an error page that are read so that the connection can be reused."""

CHUNK = 65536
"""Bytes of a body that are collected before they are stored as one object."""


@dataclass(frozen=True)
class EncodedBody:
    """The body of a response as it was sent, and its content encoding (empty: none)."""

    content: bytes
    encoding: str


@dataclass(frozen=True)
class Redirect:
    """Where the picture is instead, as the server says."""

    url: httpx2.URL


Result = EncodedBody | Redirect


@cache
def user_agent() -> str:
    """The User-Agent header."""
    versions = f"python/{platform.python_version()} httpx2/{version('httpx2')}"
    return f"datagen/{version('datagen')} (synthetic product catalogues) {versions}"


async def request_photo(connections: Connections, url: httpx2.URL, limits: Limits, seconds: float) -> Result:
    """Request a picture once, within ``seconds``. Raises only PhotoError, whatever the server does."""
    with anyio.move_on_after(seconds):
        try:
            return await _send_request(connections, url, limits)
        except PhotoError:
            raise
        except httpcore2.ConnectTimeout:
            raise _no_response(f"no connection within {limits.connect:g} s") from None
        except httpcore2.ConnectError as error:
            raise _no_connection(error) from None
        except (httpcore2.ReadTimeout, httpcore2.WriteTimeout):
            raise _no_response(f"no answer within {limits.read:g} s") from None
        except httpcore2.RemoteProtocolError as error:
            reason = "connection lost" if server_hung_up(error) else "is not an HTTP response"
            raise PhotoError(reason, retryable=True) from None
        except httpcore2.NetworkError:
            raise PhotoError("connection lost", retryable=True) from None
        except (httpcore2.LocalProtocolError, ValueError):
            raise PhotoError("the address is malformed", permanent=True) from None
        except Exception as error:  # no server may stop the run
            raise PhotoError(f"failed ({type(error).__name__})", retryable=True) from error
    raise PhotoError(f"took longer than {limits.total:g} s")


def decompressed(body: EncodedBody, limits: Limits) -> bytes:
    """The picture's bytes, never more than the limit. Raises PhotoError."""
    if not body.encoding:
        return body.content
    if body.encoding not in _WINDOW_BITS:
        raise PhotoError("has an unknown content encoding", permanent=True)
    decompressor = zlib.decompressobj(_WINDOW_BITS[body.encoding])
    try:
        content = decompressor.decompress(body.content, limits.bytes + 1)
    except zlib.error:
        raise PhotoError("cannot be decompressed", permanent=True) from None
    if len(content) > limits.bytes:
        raise too_large(limits)
    if not decompressor.eof:
        raise PhotoError("is cut off", permanent=True)
    return content


async def _send_request(connections: Connections, url: httpx2.URL, limits: Limits) -> Result:
    headers = [
        (b"Host", url.netloc),
        (b"User-Agent", user_agent().encode()),
        (b"Accept", b"image/jpeg, image/png, image/webp, */*;q=0.1"),
        (b"Accept-Encoding", b"identity"),
    ]
    timeout = {"connect": limits.connect, "read": limits.read, "write": limits.read}
    async with connections.get(url, headers, timeout) as response:
        sent = {name.lower(): value for name, value in response.headers}
        if response.status in {200, 203}:
            return EncodedBody(await _body(response, sent, limits), _encoding(sent))
        await _drain(response, sent)
        if response.status in REDIRECT_STATUSES:
            return Redirect(_redirect_target(url, sent, limits))
        retryable = response.status in TEMPORARY_STATUSES
        raise PhotoError(
            f"HTTP {response.status}",
            permanent=not retryable,
            retryable=retryable,
            wait=retry_after(sent) if retryable else None,
            rate_limited=response.status == 429,
        )


async def _body(response: httpcore2.Response, sent: dict[bytes, bytes], limits: Limits) -> bytes:
    """The body, if it is within the limit. Raises PhotoError."""
    announced = sent.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limits.bytes:
        raise too_large(limits)
    # Neither one growing buffer, which fragments memory, nor one object for each part, maybe of one byte.
    chunks, chunk, size = [], bytearray(), 0
    try:
        async with aclosing(response.aiter_stream()) as stream:
            async for part in stream:
                chunk += part
                size += len(part)
                if size > limits.bytes:
                    raise too_large(limits)
                if len(chunk) >= CHUNK:
                    chunks.append(bytes(chunk))
                    chunk.clear()
    except httpcore2.ReadTimeout:
        raise PhotoError(f"stalled for {limits.read:g} s", retryable=True, timed_out=True) from None
    except (httpcore2.RemoteProtocolError, httpcore2.NetworkError):
        raise PhotoError("stopped before its end", retryable=True) from None
    return b"".join([*chunks, chunk])


def _encoding(sent: dict[bytes, bytes]) -> str:
    encoding = sent.get(b"content-encoding", b"").decode("latin-1").strip().lower()
    return "" if encoding == "identity" else encoding


async def _drain(response: httpcore2.Response, sent: dict[bytes, bytes]) -> None:
    """Read a short body that is not used; a long or slow one costs its connection instead."""
    announced = sent.get(b"content-length", b"")
    if not announced.isdigit() or int(announced) > MAX_DRAINED:
        return
    with anyio.move_on_after(0.5):
        try:
            async with aclosing(response.aiter_stream()) as stream:
                async for _ in stream:
                    pass
        except (httpcore2.TimeoutException, httpcore2.ProtocolError, httpcore2.NetworkError):
            return


def _redirect_target(url: httpx2.URL, sent: dict[bytes, bytes], limits: Limits) -> httpx2.URL:
    """The target of a redirect, checked like any URL. Raises PhotoError."""
    location = sent.get(b"location", b"").decode("utf-8", "replace")
    if not location.strip():
        raise PhotoError("redirects nowhere", permanent=True)
    return checked_url(location, allow_private=limits.allow_private, base=url)


def retry_after(sent: dict[bytes, bytes]) -> float | None:
    """Seconds to wait, from ``Retry-After``: a number or a date."""
    value = sent.get(b"retry-after", b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _no_response(reason: str) -> PhotoError:
    return PhotoError(reason, retryable=True, timed_out=True, no_response=True)


def _no_connection(error: Exception) -> PhotoError:
    """Why there is no connection; an invalid certificate is not worth another attempt."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return PhotoError("its certificate is not valid")
        cause = cause.__cause__ or cause.__context__
    return PhotoError("no connection", retryable=True, no_response=True)
