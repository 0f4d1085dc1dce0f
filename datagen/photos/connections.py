"""Connections that are kept alive from one picture to the next.

How many there may be at once is for those who ask to know (politeness.py). The pool of httpcore2 counts, too,
and looks at every idle connection for every request, which took a fifth of the time of a run.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
import httpcore2
import httpx2

from datagen.photos.addresses import CheckedNetwork, Resolve
from datagen.photos.check import Limits

SECONDS_KEPT = 30.0

_Place = tuple[bytes, bytes, int]
"""Scheme, host and port."""


class Connections:
    """The idle connections, most recently used last; no more than there may be requests at once.

    They are known by the host's name, and so they are to TLS: two hosts at one address never share one.
    Certificates are checked against those of the system, or of SSL_CERT_FILE.
    """

    def __init__(self, limits: Limits, resolve: Resolve) -> None:
        self._most = limits.connections
        self._tls = httpx2.create_ssl_context()
        self._network = CheckedNetwork(
            resolve, allow_private=limits.allow_private, lookups=limits.connections
        )
        self._idle: OrderedDict[httpcore2.AsyncHTTPConnection, _Place] = OrderedDict()
        self._at: dict[_Place, list[httpcore2.AsyncHTTPConnection]] = {}

    @asynccontextmanager
    async def get(
        self, url: httpx2.URL, headers: list[tuple[bytes, bytes]], timeout: dict[str, float]
    ) -> AsyncIterator[httpcore2.Response]:
        """The answer to one request; its connection is kept if the body was read to its end.

        A kept connection that was closed since, or spoiled by an answer that was longer than it said, is no
        failure of this request, which is then sent over a new one. Raises NoPhoto or what httpcore2 raises.
        """
        place = (url.raw_scheme, url.raw_host, url.port or {"http": 80, "https": 443}[url.scheme])
        target = httpcore2.URL(scheme=place[0], host=place[1], port=place[2], target=url.raw_path)
        request = httpcore2.Request("GET", target, headers=headers, extensions={"timeout": timeout})
        response, connection = None, await self._kept(place)
        if connection is not None:
            with suppress(httpcore2.ProtocolError, httpcore2.NetworkError):
                response = await _send(request, connection)
        if connection is None or response is None:
            connection = self._new(place)
            response = await _send(request, connection)
        try:
            yield response
        finally:
            with anyio.CancelScope(shield=True):
                await response.aclose()
                await self._keep(place, connection)

    async def aclose(self) -> None:
        """Close what is idle."""
        with anyio.CancelScope(shield=True):
            for connection in list(self._idle):
                self._take(connection)
                await connection.aclose()

    def _new(self, place: _Place) -> httpcore2.AsyncHTTPConnection:
        return httpcore2.AsyncHTTPConnection(
            httpcore2.Origin(*place),
            ssl_context=self._tls,
            keepalive_expiry=SECONDS_KEPT,
            network_backend=self._network,
        )

    async def _kept(self, place: _Place) -> httpcore2.AsyncHTTPConnection | None:
        """An idle connection that the other side has not closed."""
        while idle := self._at.get(place):
            connection = idle[-1]
            self._take(connection)
            if not connection.has_expired():
                return connection
            with anyio.CancelScope(shield=True):
                await connection.aclose()
        return None

    async def _keep(self, place: _Place, connection: httpcore2.AsyncHTTPConnection) -> None:
        if connection.is_closed():
            return
        if not connection.is_idle():
            await connection.aclose()
            return
        self._idle[connection] = place
        self._at.setdefault(place, []).append(connection)
        if len(self._idle) > self._most:
            oldest = next(iter(self._idle))
            self._take(oldest)
            await oldest.aclose()

    def _take(self, connection: httpcore2.AsyncHTTPConnection) -> None:
        place = self._idle.pop(connection)
        self._at[place].remove(connection)
        if not self._at[place]:
            del self._at[place]


async def _send(request: httpcore2.Request, connection: httpcore2.AsyncHTTPConnection) -> httpcore2.Response:
    """The beginning of the answer; where there is none, for whatever reason, the connection is closed."""
    try:
        return await connection.handle_async_request(request)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await connection.aclose()
        raise
