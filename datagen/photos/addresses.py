"""Where the URL of a picture may lead: checked as text, and again as the IP addresses of its host.

Through a URL in a catalogue, a stranger makes this machine send a request somewhere. So only http and
https are allowed; a host is looked up once; every address it has must be public; and the connection goes
to one of exactly the addresses that were checked, while TLS still verifies the host's name. Decimal or
octal spellings of addresses (http://2130706433/) go through the lookup like any name.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any

import anyio
import anyio.to_thread
import httpcore2
import httpx2

from datagen.photos.check import PhotoError

MAX_CHARACTERS = 8192
MAX_HOSTS = 10_000
"""Hosts whose addresses are cached."""
LOOKUP_SECONDS = 60.0
"""How long an address is cached; without, some hosts would be looked up for every picture."""
MAX_ADDRESSES = 4
"""Addresses of one host that are tried before it counts as unreachable."""

Resolve = Callable[[bytes], Iterable[str]]
"""The addresses of a host, in the order to try them. Raises OSError where there are none."""

# IANA's registries of special-purpose addresses, RFC 6890 and its successors; and addresses of cloud
# providers' metadata services, of which one is in public space.
_NOT_PUBLIC_4 = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32
"""
# Of IPv6 only 2000::/3 is in use for hosts.
_NOT_PUBLIC_6 = """
::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2620:4f:8000::/48 3fff::/20
"""
_REFUSED_4 = [ipaddress.IPv4Network(text) for text in _NOT_PUBLIC_4.split()]
_REFUSED_6 = [ipaddress.IPv6Network(text) for text in _NOT_PUBLIC_6.split()]

_EMBEDDING_NETWORKS = [
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
]
"""IPv6 networks whose addresses embed an IPv4 address, and its distance from their end in bits."""
_TEREDO = ipaddress.IPv6Network("2001::/32")


def is_public(address: str) -> bool:
    """Whether an IP address is public, and so is the IPv4 address that it embeds, if any."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _REFUSED_4)
    inner = _embedded(ip)
    if inner is not None:
        return not any(ip in network for ip in inner for network in _REFUSED_4)
    return not any(ip in network for network in _REFUSED_6)


def _embedded(ip: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address] | None:
    """The IPv4 addresses that an IPv6 address embeds: of a translation, of 6to4, or of Teredo."""
    number = int(ip)
    for network, shift in _EMBEDDING_NETWORKS:
        if ip in network:
            return [ipaddress.IPv4Address(number >> shift & 0xFFFFFFFF)]
    if ip in _TEREDO:
        server, client = number >> 64 & 0xFFFFFFFF, ~number & 0xFFFFFFFF
        return [ipaddress.IPv4Address(server), ipaddress.IPv4Address(client)]
    return None


def checked_url(text: str, *, allow_private: bool = False, base: httpx2.URL | None = None) -> httpx2.URL:
    """``text`` as a URL, relative to the page ``base`` if there is one. Raises PhotoError.

    Its host is not looked up here, but by CheckedNetwork when the connection is made.
    """
    if len(text) > MAX_CHARACTERS:
        raise PhotoError("the address is too long", permanent=True)
    text = text.strip()
    try:
        if base is not None:
            url = base.join(text)
        else:
            url = httpx2.URL(f"https:{text}" if text.startswith("//") else text)
        host, port = url.raw_host, url.port
    except (httpx2.InvalidURL, ValueError):
        raise PhotoError("the address is malformed", permanent=True) from None
    if url.scheme not in {"http", "https"}:
        raise PhotoError("the address is not http or https", permanent=True)
    if url.userinfo:
        raise PhotoError("the address has a user name in it", permanent=True)
    if not host:
        raise PhotoError("the address has no host", permanent=True)
    if port is not None and not (
        1024 <= port < 65536 or port in {80, 443} or (allow_private and 0 < port < 1024)
    ):
        raise PhotoError("the address has a forbidden port")
    return url


def look_up(host: bytes) -> list[str]:
    """The addresses that the system finds for a host. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """The network that connections of httpcore2 use; it connects to checked addresses only."""

    def __init__(self, resolve: Resolve = look_up, *, allow_private: bool = False, lookups: int = 16) -> None:
        self._resolve = resolve
        self._allow_private = allow_private
        self._lookups = lookups
        self._limiter: anyio.CapacityLimiter | None = None
        self._network = httpcore2.AnyIOBackend()
        self._known: dict[str, tuple[float, list[str]]] = {}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to one of the host's addresses within ``timeout`` seconds. Raises PhotoError."""
        end = time.monotonic() + (60.0 if timeout is None else timeout)
        addresses = await self._addresses(host, end)
        failure: Exception = httpcore2.ConnectError("no address")
        for at, address in enumerate(addresses):
            share = (end - time.monotonic()) / (len(addresses) - at)
            try:
                stream = await self._network.connect_tcp(
                    address, port, max(share, 1e-3), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                if at:
                    self._prefer(host, address)
                return stream
        raise failure

    async def _addresses(self, host: str, end: float) -> list[str]:
        """The checked addresses of a host. Raises PhotoError."""
        until, addresses = self._known.get(host, (0.0, []))
        if time.monotonic() < until:
            return addresses
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._lookups)
        found: list[str] | None = None
        with anyio.move_on_after(end - time.monotonic()):
            found = await anyio.to_thread.run_sync(
                self._look_up, host.encode("ascii"), abandon_on_cancel=True, limiter=self._limiter
            )
        if found is None:
            raise httpcore2.ConnectTimeout("looking up the host took too long")
        private = None if self._allow_private else next((each for each in found if not is_public(each)), None)
        if private is not None:
            raise PhotoError(f"the address is private ({private})")
        if len(self._known) >= MAX_HOSTS:
            self._known.clear()
        self._known[host] = (time.monotonic() + LOOKUP_SECONDS, found[:MAX_ADDRESSES])
        return found[:MAX_ADDRESSES]

    def _look_up(self, host: bytes) -> list[str]:
        try:
            found = list(self._resolve(host))
        except socket.gaierror as error:
            raise PhotoError(
                "unknown host", retryable=error.errno == socket.EAI_AGAIN, no_response=True
            ) from None
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise PhotoError("unknown host", no_response=True)
        return found

    def _prefer(self, host: str, address: str) -> None:
        """Try this address first from now on: those before it did not respond."""
        until, addresses = self._known.get(host, (0.0, [address]))
        self._known[host] = (until, [address, *(other for other in addresses if other != address)])
