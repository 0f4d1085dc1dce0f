"""One request for a picture: its bytes, where it has moved to, or why there is none.

Below this is httpcore2, the part of the Hub's HTTP library that moves bytes: no cookies, proxies,
passwords, redirects or unpacking that would have to be turned off.
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

from datagen.photos.addresses import checked_url
from datagen.photos.check import Limits, NoPhoto, too_many_bytes
from datagen.photos.connections import Connections

REDIRECTS = frozenset({301, 302, 303, 307, 308})
PASSING = frozenset({408, 429, *range(500, 600)})
"""Statuses that may pass, so that another attempt is worth it."""
_PACKED = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""The window bits for zlib of what some servers send, though they were asked not to pack."""

MOST_DRAINED = 65536
"""Bytes of an error page that are read, so that the connection can be used again."""


PIECE = 65536
"""Bytes of a body that are put aside together."""


@dataclass(frozen=True)
class Answer:
    """The body of an answer as it was sent, and how it is packed (empty: not at all)."""

    content: bytes
    packed: str


@dataclass(frozen=True)
class Moved:
    """Where the picture is instead."""

    url: httpx2.URL


@cache
def user_agent() -> str:
    """Who asks."""
    of = f"python/{platform.python_version()} httpx2/{version('httpx2')}"
    return f"datagen/{version('datagen')} (synthetic product catalogues) {of}"


async def ask(connections: Connections, url: httpx2.URL, limits: Limits, seconds: float) -> Answer | Moved:
    """Ask for a picture once, for at most so many ``seconds``. Raises NoPhoto, whatever the server does."""
    with anyio.move_on_after(seconds):
        try:
            return await _exchange(connections, url, limits)
        except NoPhoto:
            raise
        except httpcore2.ConnectTimeout:
            raise _silence(f"no connection within {limits.connect:g} s") from None
        except httpcore2.ConnectError as error:
            raise _no_connection(error) from None
        except (httpcore2.ReadTimeout, httpcore2.WriteTimeout):
            raise _silence(f"no answer within {limits.read:g} s") from None
        except httpcore2.RemoteProtocolError as error:
            hung_up = "without sending" in str(error)
            raise NoPhoto("connection lost" if hung_up else "no HTTP", again=True) from None
        except httpcore2.NetworkError:
            raise NoPhoto("connection lost", again=True) from None
        except (httpcore2.LocalProtocolError, ValueError):
            raise NoPhoto("the address is malformed", lasting=True) from None
        except Exception as error:  # no server may stop the run
            raise NoPhoto(f"failed ({type(error).__name__})", again=True) from error
    raise NoPhoto(f"took longer than {limits.total:g} s")


def unpacked(answer: Answer, limits: Limits) -> bytes:
    """The picture's bytes, never more than the limit. Raises NoPhoto."""
    if not answer.packed:
        return answer.content
    if answer.packed not in _PACKED:
        raise NoPhoto("is packed in an unknown way", lasting=True)
    unpacker = zlib.decompressobj(_PACKED[answer.packed])
    try:
        content = unpacker.decompress(answer.content, limits.bytes + 1)
    except zlib.error:
        raise NoPhoto("cannot be unpacked", lasting=True) from None
    if len(content) > limits.bytes:
        raise too_many_bytes(limits)
    if not unpacker.eof:
        raise NoPhoto("is cut off", lasting=True)
    return content


async def _exchange(connections: Connections, url: httpx2.URL, limits: Limits) -> Answer | Moved:
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
            return Answer(await _body(response, sent, limits), _packing(sent))
        await _drain(response, sent)
        if response.status in REDIRECTS:
            return Moved(_next(url, sent, limits))
        again = response.status in PASSING
        raise NoPhoto(
            f"HTTP {response.status}",
            lasting=not again,
            again=again,
            wait=asked_wait(sent) if again else None,
            crowded=response.status == 429,
        )


async def _body(response: httpcore2.Response, sent: dict[bytes, bytes], limits: Limits) -> bytes:
    """The body, as long as it is no longer than the limit says. Raises NoPhoto."""
    promised = sent.get(b"content-length", b"")
    if promised.isdigit() and int(promised) > limits.bytes:
        raise too_many_bytes(limits)
    # Neither one buffer that grows, which leaves holes in memory, nor an object for each chunk of a byte.
    pieces, piece, size = [], bytearray(), 0
    try:
        async with aclosing(response.aiter_stream()) as stream:
            async for part in stream:
                piece += part
                size += len(part)
                if size > limits.bytes:
                    raise too_many_bytes(limits)
                if len(piece) >= PIECE:
                    pieces.append(bytes(piece))
                    piece.clear()
    except httpcore2.ReadTimeout:
        raise NoPhoto(f"stalled for {limits.read:g} s", again=True, slow=True) from None
    except (httpcore2.RemoteProtocolError, httpcore2.NetworkError):
        raise NoPhoto("stopped before its end", again=True) from None
    return b"".join([*pieces, piece])


def _packing(sent: dict[bytes, bytes]) -> str:
    packed = sent.get(b"content-encoding", b"").decode("latin-1").strip().lower()
    return "" if packed == "identity" else packed


async def _drain(response: httpcore2.Response, sent: dict[bytes, bytes]) -> None:
    """Read a short body that nobody wants; a long or slow one costs its connection instead."""
    promised = sent.get(b"content-length", b"")
    if not promised.isdigit() or int(promised) > MOST_DRAINED:
        return
    with anyio.move_on_after(0.5):
        try:
            async with aclosing(response.aiter_stream()) as stream:
                async for _ in stream:
                    pass
        except (httpcore2.TimeoutException, httpcore2.ProtocolError, httpcore2.NetworkError):
            return


def _next(url: httpx2.URL, sent: dict[bytes, bytes], limits: Limits) -> httpx2.URL:
    """Where a redirect leads, checked like any URL. Raises NoPhoto."""
    location = sent.get(b"location", b"").decode("utf-8", "replace")
    if not location.strip():
        raise NoPhoto("redirects nowhere", lasting=True)
    return checked_url(location, allow_private=limits.allow_private, base=url)


def asked_wait(sent: dict[bytes, bytes]) -> float | None:
    """The seconds that ``Retry-After`` asks to wait, a number or a date."""
    after = sent.get(b"retry-after", b"").decode("latin-1").strip()
    if after.isascii() and after.isdigit():
        return float(after[:12])
    try:
        return max(0.0, email.utils.parsedate_to_datetime(after).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _silence(reason: str) -> NoPhoto:
    return NoPhoto(reason, again=True, slow=True, silent=True)


def _no_connection(error: Exception) -> NoPhoto:
    """Why there is no connection: TLS that fails for its certificate will fail again."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NoPhoto("its certificate is not valid")
        cause = cause.__cause__ or cause.__context__
    return NoPhoto("no connection", again=True, silent=True)
