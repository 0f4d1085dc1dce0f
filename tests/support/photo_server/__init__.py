"""A shop's picture server on loopback that misbehaves on request, for a real client over real connections.

    with PhotoServer() as server:
        fetch([server.url("good/1"), server.url("hang/2"), server.url("status/404/3")], store, limits)
        assert server.count("good/1") == 1

A URL says what is to go wrong (answers.py has the table); the rest of it only distinguishes pictures.
The server counts every request by its path, and how many were in progress at once at each of its addresses.
It needs the standard library, and Pillow for the pictures. `python -m tests.support.photo_server` runs one.

    pictures.py    the bodies
    answers.py     the table of the possible answers, good and bad
    web.py         connections, requests, counts
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from types import TracebackType

from .web import ReceivedRequest, Web

__all__ = ["PhotoServer", "ReceivedRequest"]


class PhotoServer:
    """A server that lives as long as the `with` block.

    hosts: loopback addresses that it listens on, all on one port: to a client they are different hosts.
    latency: seconds before each answer. tls: for https, a context with a certificate.
    """

    def __init__(
        self,
        hosts: tuple[str, ...] = ("127.0.0.1",),
        *,
        port: int = 0,
        latency: float = 0.0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.hosts, self.port = hosts, port
        self._scheme = "https" if tls else "http"
        self.web = Web(latency)
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> PhotoServer:
        """Listen."""
        self._thread.start()
        self.port = self._call(self.web.listen(self.hosts, self.port, self._tls))
        return self

    def close(self) -> None:
        """Stop listening and cut every connection."""
        self._call(self.web.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def __enter__(self) -> PhotoServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self.web.crashes and error is None:
            raise AssertionError("the picture server itself failed") from self.web.crashes[0]

    def url(self, path: str, host: str | None = None) -> str:
        """The URL of a path, at its first address unless another host name is given."""
        return f"{self._scheme}://{host or self.hosts[0]}:{self.port}/{path}"

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Every request so far."""
        return list(self.web.requests)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return self.counts()[path]

    def counts(self) -> Counter[str]:
        """How often each path was requested."""
        return Counter(each.path for each in self.requests)

    def most_at_once(self, host: str | None = None) -> int:
        """The most requests that were in progress at once, at one of the addresses or at all of them."""
        return self.web.most_at_once.get(host or "", 0)
