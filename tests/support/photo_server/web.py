"""Connections, requests and counts; answers.py decides the answers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from .answers import Request, find


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as the server received it."""

    path: str
    """Without the first slash."""
    headers: dict[str, str]
    at: float
    host: str
    """The address of the server that it was sent to."""
    client: tuple[str, int]


@dataclass
class Web:
    """The server's side of every connection."""

    latency: float = 0.0
    requests: list[ReceivedRequest] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)
    most_at_once: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._now: Counter[str] = Counter()
        self._times: Counter[str] = Counter()
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self, hosts: tuple[str, ...], port: int, tls: ssl.SSLContext | None) -> int:
        """Listen at all the addresses, on one port; return it."""
        for host in hosts:
            server = await asyncio.start_server(self._serve, host, port, ssl=tls, backlog=512)
            port = server.sockets[0].getsockname()[1]
            self._servers.append(server)
        return port

    async def close(self) -> None:
        """Stop listening; cut what is open."""
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        except Exception as error:
            self.crashes.append(error)
        finally:
            self._tasks.discard(task)  # type: ignore[arg-type]
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; return whether the connection stays open."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        target = urlsplit(lines[0].split(" ")[1])
        pairs = (line.partition(":")[::2] for line in lines[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        path = unquote(target.path[1:])
        host = writer.get_extra_info("sockname")[0]
        self.requests.append(
            ReceivedRequest(path, headers, time.monotonic(), host, writer.get_extra_info("peername"))
        )
        self._times[path] += 1
        request = Request(path, dict(parse_qsl(target.query)), headers, self._times[path], writer)
        self._arrived(host)
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            return await find(path)(request)
        finally:
            self._now.subtract(("", host))

    def _arrived(self, host: str) -> None:
        for place in ("", host):
            self._now[place] += 1
            self.most_at_once[place] = max(self.most_at_once.get(place, 0), self._now[place])


@contextlib.contextmanager
def unresponsive_port() -> Iterator[int]:
    """A port where connections are neither accepted nor refused, since its queue is full."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = listening.getsockname()[1]
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port
