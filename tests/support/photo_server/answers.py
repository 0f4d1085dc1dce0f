"""The answers of the server: the first part of a path names an answer in the table.

Options follow as in `flaky/7?times=2&status=503`. Every answer writes to the connection as it likes and
returns whether the connection stays open.
"""

from __future__ import annotations

import asyncio
import email.utils
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath

from . import pictures


@dataclass
class Request:
    """A request, how often its path was requested, this time included, and where the answer goes."""

    path: str
    options: dict[str, str]
    headers: dict[str, str]
    times: int
    writer: asyncio.StreamWriter

    @property
    def number(self) -> int:
        """The number at the end of the path; 0 where there is none."""
        last = PurePosixPath(self.path).name
        return int(last) if last.isdigit() else 0

    async def send(
        self, status: int = 200, body: bytes = b"", length: int | None = None, **headers: str
    ) -> bool:
        """An answer with a Content-Length, that of its body by default."""
        lines = {"Content-Type": "image/jpeg", "Content-Length": str(len(body) if length is None else length)}
        lines |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        return await self.raw(_head(status, lines) + body)

    async def raw(self, data: bytes) -> bool:
        """Send bytes unchanged."""
        self.writer.write(data)
        await self.writer.drain()
        return True

    async def wait_for_end(self) -> None:
        """Wait until the client goes away, or the server."""
        while not self.writer.is_closing():
            await asyncio.sleep(0.05)


Answer = Callable[[Request], Awaitable[bool]]
ANSWERS: dict[str, Answer] = {}


def answers(name: str) -> Callable[[Answer], Answer]:
    """Register an answer under a name."""

    def enter(answer: Answer) -> Answer:
        ANSWERS[name] = answer
        return answer

    return enter


def find(path: str) -> Answer:
    """The answer for a path; KeyError if there is none."""
    return ANSWERS[path.split("/")[0]]


def _head(status: int, lines: dict[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Whatever"
    return "\r\n".join([f"HTTP/1.1 {status} {phrase}", *map(": ".join, lines.items()), "", ""]).encode(
        "latin-1"
    )


def _body(content: bytes | Callable[[], bytes], **headers: str) -> Answer:
    """An answer that is always this body."""

    async def answer(request: Request) -> bool:
        return await request.send(200, content() if callable(content) else content, **headers)

    return answer


# Good answers


@answers("good")
async def _good(request: Request) -> bool:
    return await request.send(200, pictures.jpeg(request.number))


@answers("slow")
async def _slow(request: Request) -> bool:
    await asyncio.sleep(float(request.options.get("seconds", "0.2")))
    return await _good(request)


@answers("flaky")
async def _flaky(request: Request) -> bool:
    """An error for the first `times` requests; `retry_after` in seconds, `retry_date` as a date."""
    if request.times > int(request.options.get("times", "1")):
        return await _good(request)
    headers = {}
    if "retry_after" in request.options:
        headers["retry_after"] = request.options["retry_after"]
    if "retry_date" in request.options:
        when = time.time() + float(request.options["retry_date"])
        headers["retry_after"] = email.utils.formatdate(when, usegmt=True)
    return await request.send(int(request.options.get("status", "503")), b"busy", **headers)


@answers("chunked")
async def _chunked(request: Request) -> bool:
    body = pictures.jpeg(request.number)
    await request.raw(_head(200, {"Transfer-Encoding": "chunked"}))
    for start in range(0, len(body), 5000):
        part = body[start : start + 5000]
        await request.raw(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    return await request.raw(b"0\r\n\r\n")


@answers("until_closed")
async def _until_closed(request: Request) -> bool:
    await request.raw(_head(200, {"Connection": "close"}) + pictures.jpeg(request.number))
    return False


@answers("early_hints")
async def _early_hints(request: Request) -> bool:
    await request.raw(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
    return await _good(request)


@answers("packed")
async def _packed(request: Request) -> bool:
    return await request.send(200, pictures.packed(pictures.jpeg(request.number)), content_encoding="gzip")


ANSWERS["png"] = _body(pictures.png, content_type="image/png")
ANSWERS["webp"] = _body(pictures.webp, content_type="image/webp")
ANSWERS["mistyped"] = _body(pictures.png, content_type="text/html")
ANSWERS["same"] = _body(pictures.jpeg)


# Errors and redirects


@answers("status")
async def _status(request: Request) -> bool:
    status = int(request.path.split("/")[1])
    wait = {"retry_after": request.options["retry_after"]} if "retry_after" in request.options else {}
    return await request.send(status, b"no", **wait)


@answers("to")
async def _to(request: Request) -> bool:
    """A redirect to the option `url`, or to nowhere; good pictures lie at other paths."""
    status = int(request.options.get("status", "302"))
    where = {"location": request.options["url"]} if "url" in request.options else {}
    return await request.send(status, b"over there", **where)


@answers("chain")
async def _chain(request: Request) -> bool:
    """chain/N/...: N redirects, each relative to the last, and then a good picture."""
    _, left, *rest = request.path.split("/")
    to = f"../{int(left) - 1}/{'/'.join(rest)}" if int(left) > 1 else "/good/" + "/".join(rest)
    return await request.send(301, location=to)


@answers("loop")
async def _loop(request: Request) -> bool:
    """A redirect to itself, after `seconds`."""
    seconds = request.options.get("seconds", "0")
    await asyncio.sleep(float(seconds))
    return await request.send(307, location=f"/{request.path}?seconds={seconds}")


# Silence, slowness and broken connections


@answers("hang")
async def _hang(request: Request) -> bool:
    await request.wait_for_end()
    return False


@answers("drip")
async def _drip(request: Request) -> bool:
    """The body, byte for byte."""
    body = pictures.jpeg(request.number)
    await request.raw(_head(200, {"Content-Length": str(len(body))}))
    for byte in body:
        await request.raw(bytes([byte]))
        await asyncio.sleep(0.02)
    return True


@answers("drip_head")
async def _drip_head(request: Request) -> bool:
    """The headers, byte for byte."""
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000:
        await request.raw(bytes([byte]))
        await asyncio.sleep(0.02)
    return False


@answers("stall")
async def _stall(request: Request) -> bool:
    """Half of the body, and then nothing."""
    body = pictures.jpeg(request.number)
    await request.send(200, body[: len(body) // 2], length=len(body))
    await request.wait_for_end()
    return False


@answers("stop")
async def _stop(request: Request) -> bool:
    """Half of the body, and then the end of the connection."""
    body = pictures.jpeg(request.number)
    await request.send(200, body[: len(body) // 2], length=len(body))
    return False


@answers("stop_chunked")
async def _stop_chunked(request: Request) -> bool:
    await request.raw(_head(200, {"Transfer-Encoding": "chunked"}) + b"1000\r\n" + pictures.jpeg()[:2000])
    return False


@answers("reset")
async def _reset(request: Request) -> bool:
    """A connection that is reset, not closed."""
    sock = request.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.writer.transport.abort()
    return False


@answers("close")
async def _close(request: Request) -> bool:
    return False


@answers("garbage")
async def _garbage(request: Request) -> bool:
    await request.raw(b"\x15\x03\x01\x00\x02\x02\x16 what?\r\n\r\n" * 20)
    return False


@answers("long_head")
async def _long_head(request: Request) -> bool:
    await request.raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000_000)
    return False


@answers("hints_for_ever")
async def _hints_for_ever(request: Request) -> bool:
    while True:
        await request.raw(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20)
        await asyncio.sleep(0.01)


# Bodies that are too large


@answers("endless")
async def _endless(request: Request) -> bool:
    await request.raw(_head(200, {"Connection": "close"}) + b"\xff\xd8\xff")
    while True:
        await request.raw(bytes(100_000))


@answers("endless_chunks")
async def _endless_chunks(request: Request) -> bool:
    await request.raw(_head(200, {"Transfer-Encoding": "chunked"}))
    while True:
        await request.raw(b"10000\r\n" + bytes(65536) + b"\r\n")


@answers("byte_chunks")
async def _byte_chunks(request: Request) -> bool:
    """A small picture in chunks of one byte."""
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in pictures.webp())
    return await request.raw(_head(200, {"Transfer-Encoding": "chunked"}) + chunks + b"0\r\n\r\n")


@answers("long")
async def _long(request: Request) -> bool:
    """Announces 10 GB, and starts to send them."""
    await request.send(200, pictures.jpeg(), length=10_000_000_000)
    await request.wait_for_end()
    return False


@answers("gzip_bomb")
async def _gzip_bomb(request: Request) -> bool:
    return await request.send(200, pictures.gzip_bomb(), content_encoding="gzip")


ANSWERS["brotli"] = _body(b"\x0b\x02\x80whatever\x03", content_encoding="br")
ANSWERS["not_packed"] = _body(pictures.jpeg, content_encoding="gzip")
ANSWERS["huge"] = _body(pictures.huge_png)


# Bodies that are not a complete picture


@answers("cut")
async def _cut(request: Request) -> bool:
    """Half of a JPEG, and a Content-Length that agrees."""
    body = pictures.jpeg(request.number)
    return await request.send(200, body[: len(body) // 2])


@answers("short_length")
async def _short_length(request: Request) -> bool:
    """A whole JPEG, and a Content-Length of less."""
    body = pictures.jpeg(request.number)
    return await request.send(200, body, length=len(body) // 2)


ANSWERS["empty"] = _body(b"")
ANSWERS["html"] = _body(pictures.HTML)
ANSWERS["svg"] = _body(pictures.SVG, content_type="image/svg+xml")
ANSWERS["gif"] = _body(lambda: pictures.saved("GIF"))
ANSWERS["avif"] = _body(pictures.AVIF)
ANSWERS["noise"] = _body(bytes(range(256)) * 4)
ANSWERS["broken"] = _body(lambda: pictures.png()[:60] + bytes(500))
ANSWERS["moving_png"] = _body(lambda: pictures.moving("PNG"))
ANSWERS["moving_webp"] = _body(lambda: pictures.moving("WEBP"))
ANSWERS["scans"] = _body(pictures.many_scans)
