"""No URL leads to a private place: not by its spelling, its host's addresses, a redirect, or a new lookup."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import httpcore2
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.photo_server import PhotoServer

from datagen.photos import addresses
from datagen.photos.addresses import CheckedNetwork, checked_url, is_public
from datagen.photos.check import Limits, PhotoError
from datagen.photos.fetch import fetch
from datagen.photos.store import PhotoStore

_PRIVATE = """
0.0.0.0 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.1.2.3 168.63.129.16 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
64:ff9b:1::1 100::1 2001::1 2001:0:a00:1::f5ff:fffe 2001:0:808:808:0:0:f5ff:fffe 2001:db8::1 2002:7f00:1::
2002:a00:1::5 2002:c0a8:101::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd20:ce::254 fe80::1
fe80::1%eth0 fec0::1 ff02::1
"""
_PUBLIC = """
1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.167.1.1 168.63.129.15 223.255.255.255
2606:4700:4700::1111 2a00:1450:4001::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
"""


@pytest.mark.parametrize("address", _PRIVATE.split())
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", _PUBLIC.split())
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_no_address_is_public_that_python_calls_private_whatever_it_is_wrapped_in(
    address: ipaddress.IPv4Address,
) -> None:
    number, public = int(address), is_public(str(address))
    assert address.is_global or not public
    for wrapped in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert is_public(str(ipaddress.IPv6Address(wrapped))) == public


@given(st.ip_addresses(v=6))
def test_no_address_of_ipv6_is_public_that_python_calls_private(address: ipaddress.IPv6Address) -> None:
    wrapped = address in ipaddress.IPv6Network("64:ff9b::/96") or address.sixtofour or address.ipv4_mapped
    assert wrapped or address.is_global or not is_public(str(address))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the address is not http or https"),
        ("pictures/1.jpg", "the address is not http or https"),
        ("www.shop.com/1.jpg", "the address is not http or https"),
        ("ftp://shop.com/1.jpg", "the address is not http or https"),
        ("file:///etc/passwd", "the address is not http or https"),
        ("javascript:alert(1)", "the address is not http or https"),
        ("data:image/png;base64,AAAA", "the address is not http or https"),
        ("gopher://shop.com/", "the address is not http or https"),
        ("http://", "the address has no host"),
        ("http:///1.jpg", "the address has no host"),
        ("https:1.jpg", "the address has no host"),
        ("http://user@shop.com/", "the address has a user name in it"),
        ("http://user:secret@shop.com/", "the address has a user name in it"),
        ("http://shop.com@169.254.169.254/", "the address has a user name in it"),
        ("http://shop.com:0/", "the address has a forbidden port"),
        ("http://shop.com:22/", "the address has a forbidden port"),
        ("http://shop.com:25/", "the address has a forbidden port"),
        ("http://shop.com:65536/", "the address has a forbidden port"),
        ("http://shop.com:-1/", "the address has a forbidden port"),
        ("http://shop.com:http/", "the address is malformed"),
        ("http://sh\nop.com/", "the address is malformed"),
        ("http://shop.com/\r\nHost: other", "the address is malformed"),
        ("http://[::1/", "the address is malformed"),
        ("http://999.1.1.1/", "the address is malformed"),
        ("http://\u2467.\u2467.example/", "the address is malformed"),
        ("http://a/" + "x" * 9000, "the address is too long"),
    ],
)
def test_odd_urls_are_refused_with_their_reason(text: str, reason: str) -> None:
    with pytest.raises(PhotoError) as refused:
        checked_url(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("text", "host", "target"),
    [
        ("http://Shop.COM/a b.jpg", b"shop.com", b"/a%20b.jpg"),
        (" https://shop.com:443/1.jpg?w=9&h=9#top\n", b"shop.com", b"/1.jpg?w=9&h=9"),
        ("//cdn.shop.com/1.jpg", b"cdn.shop.com", b"/1.jpg"),
        ("http://shop.com:8080", b"shop.com", b"/"),
        ("http://bücher.example/ä.jpg", b"xn--bcher-kva.example", b"/%C3%A4.jpg"),
        ("http://[2606:4700::1111]/", b"2606:4700::1111", b"/"),
    ],
)
def test_good_urls_are_taken_as_a_browser_takes_them(text: str, host: bytes, target: bytes) -> None:
    url = checked_url(text)
    assert (url.raw_host, url.raw_path) == (host, target)


@given(
    st.one_of(
        st.text(max_size=80), st.text(max_size=40).map("http://".__add__), st.text().map("http://a".__add__)
    )
)
def test_any_text_is_a_url_of_a_host_or_has_a_reason(text: str) -> None:
    try:
        url = checked_url(text, allow_private=True)
    except PhotoError as refused:
        assert refused.reason.startswith("the address ")
    else:
        assert url.scheme in {"http", "https"}
        assert url.raw_host
        assert not url.userinfo
        assert b"\n" not in url.netloc + url.raw_path


@given(st.text(max_size=60))
def test_any_redirect_is_a_url_of_a_host_or_has_a_reason(location: str) -> None:
    base = httpx2.URL("https://shop.com/a/b?c")
    try:
        assert checked_url(location, base=base).scheme in {"http", "https"}
    except PhotoError as refused:
        assert refused.reason.startswith("the address ")


def _connect(host: str, resolve: Callable[[bytes], list[str]] = addresses.look_up, port: int = 80) -> None:
    async def connect() -> None:
        stream = await CheckedNetwork(resolve).connect_tcp(host, port, timeout=2.0)
        await stream.aclose()

    anyio.run(connect)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0",
        "localhost",
        "::1",
        "::ffff:7f00:1",
    ],
)
def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises(
        PhotoError, match=r"the address is private \((127\.0\.0\.1|0\.0\.0\.0|::1|::ffff:127\.0\.0\.1)\)"
    ):
        _connect(host)


def test_one_private_address_among_public_ones_is_enough() -> None:
    with pytest.raises(PhotoError, match=r"private \(10\.0\.0\.7\)"):
        _connect("mixed.test", lambda host: ["8.8.8.8", "2606:4700::1111", "10.0.0.7"])


@pytest.mark.parametrize("number", [socket.EAI_NONAME, socket.EAI_AGAIN])
def test_a_host_that_nobody_knows_has_its_reason(number: int) -> None:
    def nobody(host: bytes) -> list[str]:
        raise socket.gaierror(number, "nobody knows")

    with pytest.raises(PhotoError, match="^unknown host$") as refused:
        _connect("nobody.test", nobody)
    assert refused.value.retryable == (number == socket.EAI_AGAIN)


@pytest.mark.parametrize("host", ["a" * 64 + ".test", "a..test", "." * 300])
def test_host_names_that_cannot_be_are_unknown(host: str) -> None:
    with pytest.raises(PhotoError, match="unknown host"):
        _connect(host)


def test_a_look_up_that_takes_too_long_is_left_behind() -> None:
    over = threading.Event()

    def slow(host: bytes) -> list[str]:
        over.wait(20)
        return ["127.0.0.1"]

    async def connect() -> None:
        with pytest.raises(httpcore2.ConnectTimeout):
            await CheckedNetwork(slow).connect_tcp("slow.test", 80, timeout=0.1)
        over.set()

    anyio.run(connect)


# Over real connections; 127.0.0.2 counts as public in those tests that need a public address.

LIMITS = Limits(connect=2, read=2, total=4, attempts=1)
OPEN = Limits(connect=2, read=2, total=4, attempts=1, allow_private=True)


@pytest.fixture
def two_hosts() -> Iterator[PhotoServer]:
    with PhotoServer(("127.0.0.2", "127.0.0.1")) as server:
        yield server


@pytest.fixture
def _second_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.2")


def _reasons(store: PhotoStore, urls: list[str]) -> list[str | None]:
    return [store.outcomes(urls)[url].reason for url in urls]


def test_the_connection_goes_to_the_address_that_was_checked(two_hosts: PhotoServer, tmp_path: Path) -> None:
    looked_up = []

    def resolve(host: bytes) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.2"] if len(looked_up) == 1 else ["127.0.0.1"]

    urls = [two_hosts.url(f"until_closed/{number}", "shop.test") for number in range(5)]
    limits = Limits(connections=1, allow_private=True)
    with PhotoStore(tmp_path) as store:
        fetch(urls, store, limits, resolve=resolve)
        assert _reasons(store, urls) == [None] * 5
    assert looked_up == [b"shop.test"]
    assert {each.host for each in two_hosts.requests} == {"127.0.0.2"}
    assert {each.headers["host"] for each in two_hosts.requests} == {f"shop.test:{two_hosts.port}"}


@pytest.mark.usefixtures("_second_is_public")
def test_a_host_that_turns_private_is_refused(
    two_hosts: PhotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "LOOKUP_SECONDS", 0.0)
    answers = iter([["127.0.0.2"]])
    urls = [two_hosts.url(f"until_closed/{number}", "shop.test") for number in range(3)]
    limits = Limits(connections=1, attempts=1)
    with PhotoStore(tmp_path) as store:
        fetch(urls, store, limits, resolve=lambda host: next(answers, ["127.0.0.1"]))
        assert _reasons(store, urls) == [None, *["the address is private (127.0.0.1)"] * 2]
    assert {each.host for each in two_hosts.requests} == {"127.0.0.2"}


@pytest.mark.usefixtures("_second_is_public")
def test_a_redirect_to_a_private_address_is_refused(two_hosts: PhotoServer, tmp_path: Path) -> None:
    places = [
        "http://127.0.0.1:{}/good/1",
        "http://0x7f.1:{}/good/1",
        "//localhost:{}/good/1",
        "http://[::1]:{}/",
    ]
    places = [place.format(two_hosts.port) for place in places]
    urls = [two_hosts.url(f"to/{at}?url={place}") for at, place in enumerate(places)]
    with PhotoStore(tmp_path) as store:
        fetch(urls, store, LIMITS)
        for reason in _reasons(store, urls):
            assert reason
            assert reason.startswith("the address is private (")
    assert {each.host for each in two_hosts.requests} == {"127.0.0.2"}


def test_nothing_private_is_asked_for_unless_allowed(two_hosts: PhotoServer, tmp_path: Path) -> None:
    urls = [
        two_hosts.url("good/1"),
        two_hosts.url("good/2", "localhost"),
        two_hosts.url("good/3", "2130706433"),
    ]
    with PhotoStore(tmp_path / "closed") as store:
        fetch(urls, store, LIMITS)
        assert all("the address is private" in str(reason) for reason in _reasons(store, urls))
    assert not two_hosts.requests
    with PhotoStore(tmp_path / "open") as store:
        fetch(urls, store, OPEN)
        assert _reasons(store, urls) == [None] * 3


def test_the_next_address_is_tried_when_the_first_does_not_answer(
    two_hosts: PhotoServer, tmp_path: Path
) -> None:
    urls = [two_hosts.url(f"until_closed/{number}", "shop.test") for number in range(3)]
    with PhotoStore(tmp_path) as store:
        fetch(urls, store, OPEN, resolve=lambda host: ["127.0.0.3", "127.0.0.4", "127.0.0.1"])
        assert _reasons(store, urls) == [None] * 3


def test_proxies_of_the_environment_are_not_asked(
    two_hosts: PhotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with PhotoStore(tmp_path) as store:
        fetch([two_hosts.url("good/1")], store, OPEN)
        assert _reasons(store, [two_hosts.url("good/1")]) == [None]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for shop.test that signs itself, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    names = ["-subj", "/CN=shop.test", "-addext", "subjectAltName=DNS:shop.test"]
    kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command = ["openssl", "req", *kind, *names, "-keyout", "key.pem", "-out", "certificate.pem"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl to make a certificate with")
    return folder


def test_tls_checks_the_name_of_the_host_and_not_the_address(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    with PhotoServer(tls=context) as server, PhotoStore(tmp_path) as store:
        urls = [
            server.url(f"good/{at}", host) for at, host in enumerate(["shop.test", "other.test", "shop.test"])
        ]
        resolve = lambda host: ["127.0.0.1"]  # noqa: E731
        limits = Limits(connections=1, allow_private=True)
        fetch(urls[:1], store, limits, resolve=resolve)
        assert _reasons(store, urls[:1]) == ["its certificate is not valid"]
        assert not server.requests
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))
    with PhotoServer(tls=context) as server, PhotoStore(tmp_path / "trusting") as store:
        urls = [
            server.url(f"good/{at}", host) for at, host in enumerate(["shop.test", "other.test", "shop.test"])
        ]
        fetch(urls, store, limits, resolve=resolve)
        assert _reasons(store, urls) == [None, "its certificate is not valid", None]
