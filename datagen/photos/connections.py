"""Connections that are kept alive from one picture to the next.

The caller limits how many there are at once (politeness.py). The pool of httpcore2 counts them, too, and
looks at every idle connection for every request, which took a fifth of the time of a run.
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

KEEPALIVE_SECONDS = 30.0

_Endpoint = tuple[bytes, bytes, int]
"""Scheme, host and port."""


class Connections:
    """The idle connections, most recently used last; no more than there may be requests at once.

    Their key is the host's name, as it is for TLS: two hosts at one address never share a connection.
    Certificates are checked against those of the system, or of SSL_CERT_FILE.
    """

    def __init__(self, limits: Limits, resolve: Resolve) -> None:
        self._max_idle = limits.connections
        self._tls = httpx2.create_ssl_context()
        self._network = CheckedNetwork(
            resolve, allow_private=limits.allow_private, lookups=limits.connections
        )
        self._idle: OrderedDict[httpcore2.AsyncHTTPConnection, _Endpoint] = OrderedDict()
        self._by_endpoint: dict[_Endpoint, list[httpcore2.AsyncHTTPConnection]] = {}

    @asynccontextmanager
    async def get(
        self, url: httpx2.URL, headers: list[tuple[bytes, bytes]], timeout: dict[str, float]
    ) -> AsyncIterator[httpcore2.Response]:
        """The response to one request; its connection is kept if the body was read to its end.

        If a kept connection was closed meanwhile, or spoiled by a body that was longer than announced, the
        request is sent over a new one. Raises PhotoError or what httpcore2 raises.
        """
        endpoint = (url.raw_scheme, url.raw_host, url.port or {"http": 80, "https": 443}[url.scheme])
        target = httpcore2.URL(scheme=endpoint[0], host=endpoint[1], port=endpoint[2], target=url.raw_path)
        request = httpcore2.Request("GET", target, headers=headers, extensions={"timeout": timeout})
        response, connection = None, await self._reuse(endpoint)
        if connection is not None:
            with suppress(httpcore2.ProtocolError, httpcore2.NetworkError):
                response = await _send(request, connection)
        if connection is None or response is None:
            connection = self._new(endpoint)
            response = await _send(request, connection)
        try:
            yield response
        finally:
            with anyio.CancelScope(shield=True):
                await response.aclose()
                await self._keep(endpoint, connection)

    async def aclose(self) -> None:
        """Close the idle connections."""
        with anyio.CancelScope(shield=True):
            for connection in list(self._idle):
                self._remove(connection)
                await connection.aclose()

    def _new(self, endpoint: _Endpoint) -> httpcore2.AsyncHTTPConnection:
        return httpcore2.AsyncHTTPConnection(
            httpcore2.Origin(*endpoint),
            ssl_context=self._tls,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=self._network,
        )

    async def _reuse(self, endpoint: _Endpoint) -> httpcore2.AsyncHTTPConnection | None:
        """An idle connection that the other side has not closed."""
        while idle := self._by_endpoint.get(endpoint):
            connection = idle[-1]
            self._remove(connection)
            if not connection.has_expired():
                return connection
            with anyio.CancelScope(shield=True):
                await connection.aclose()
        return None

    async def _keep(self, endpoint: _Endpoint, connection: httpcore2.AsyncHTTPConnection) -> None:
        if connection.is_closed():
            return
        if not connection.is_idle():
            await connection.aclose()
            return
        self._idle[connection] = endpoint
        self._by_endpoint.setdefault(endpoint, []).append(connection)
        if len(self._idle) > self._max_idle:
            oldest = next(iter(self._idle))
            self._remove(oldest)
            await oldest.aclose()

    def _remove(self, connection: httpcore2.AsyncHTTPConnection) -> None:
        endpoint = self._idle.pop(connection)
        self._by_endpoint[endpoint].remove(connection)
        if not self._by_endpoint[endpoint]:
            del self._by_endpoint[endpoint]


async def _send(request: httpcore2.Request, connection: httpcore2.AsyncHTTPConnection) -> httpcore2.Response:
    """The start of the response; where there is none, for whatever reason, the connection is closed."""
    try:
        return await connection.handle_async_request(request)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await connection.aclose()
        raise
