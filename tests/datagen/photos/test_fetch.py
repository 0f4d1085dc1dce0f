"""Fetching from a server that misbehaves in every way: each picture arrives once, or has its reason."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from support.photo_server import PhotoServer, pictures
from support.photo_server.web import unresponsive_port

from datagen.photos.fetch import Limits, Photo, PhotoStore, fetch

ROOT = Path(__file__).parents[3]
LIMITS = Limits(
    per_host=16,
    connect=0.5,
    read=0.5,
    total=1.5,
    first_wait=0.02,
    longest_wait=3,
    bytes=2_000_000,
    allow_private=True,
)

ARRIVE = {
    "good/1": pictures.jpeg(1),
    "slow/2": pictures.jpeg(2),
    "chunked/3": pictures.jpeg(3),
    "byte_chunks/1": pictures.webp(),
    "until_closed/4": pictures.jpeg(4),
    "early_hints/5": pictures.jpeg(5),
    "packed/6": pictures.jpeg(6),
    "png/1": pictures.png(),
    "webp/1": pictures.webp(),
    "mistyped/1": pictures.png(),
    "chain/1/17": pictures.jpeg(17),
    "chain/5/18": pictures.jpeg(18),
    "flaky/20?status=500&times=3": pictures.jpeg(20),
    "flaky/21?status=503": pictures.jpeg(21),
    "flaky/22?status=408": pictures.jpeg(22),
    "flaky/23?status=429": pictures.jpeg(23),
}
FAIL = {
    "status/404/1": ("HTTP 404", 1),
    "status/410/1": ("HTTP 410", 1),
    "status/403/1": ("HTTP 403", 1),
    "status/204/1": ("HTTP 204", 1),
    "status/304/1": ("HTTP 304", 1),
    "status/500/1": ("HTTP 500 after 4 attempts", 4),
    "status/503/1": ("HTTP 503 after 4 attempts", 4),
    "status/429/1": ("HTTP 429 after 4 attempts", 4),
    "status/408/1": ("HTTP 408 after 4 attempts", 4),
    "status/503/2?retry_after=4": ("HTTP 503, to wait longer than 3 s", 1),
    "status/429/2?retry_after=99999999999": ("HTTP 429, to wait longer than 3 s", 1),
    "chain/6/1": ("more than 5 redirects", 1),
    "loop/1": ("more than 5 redirects", 6),
    "to/1": ("redirects nowhere", 1),
    "to/2?url=ftp://shop.test/1.jpg": ("the address is not http or https", 1),
    "to/3?url=file:///etc/passwd": ("the address is not http or https", 1),
    "to/4?url=http://me:secret@shop.test/": ("the address has a user name in it", 1),
    "to/5?url=http://999.1.1.1/": ("the address is malformed", 1),
    "hang/1": ("no answer within 0.5 s after 2 attempts", 2),
    "stall/1": ("stalled for 0.5 s after 2 attempts", 2),
    "drip/1": ("took longer than 1.5 s", 1),
    "drip_head/1": ("took longer than 1.5 s", 1),
    "hints_for_ever/1": ("took longer than 1.5 s", 1),
    "stop/1": ("stopped before its end after 4 attempts", 4),
    "stop_chunked/1": ("stopped before its end after 4 attempts", 4),
    "reset/1": ("connection lost after 4 attempts", 4),
    "close/1": ("connection lost after 4 attempts", 4),
    "garbage/1": ("is not an HTTP response after 4 attempts", 4),
    "long_head/1": ("is not an HTTP response after 4 attempts", 4),
    "endless/1": ("is larger than 2 MB", 1),
    "endless_chunks/1": ("is larger than 2 MB", 1),
    "long/1": ("is larger than 2 MB", 1),
    "gzip_bomb/1": ("is larger than 2 MB", 1),
    "brotli/1": ("has an unknown content encoding", 1),
    "not_packed/1": ("cannot be decompressed", 1),
    "huge/1": ("has more than 50 million pixels", 1),
    "scans/1": ("has more than 100 scans", 1),
    "cut/1": ("is cut off", 1),
    "short_length/1": ("is cut off", 1),
    "broken/1": ("is cut off", 1),
    "empty/1": ("is empty", 1),
    "html/1": ("is HTML, not a picture", 1),
    "svg/1": ("is SVG, not JPEG, PNG or WebP", 1),
    "gif/1": ("is GIF, not JPEG, PNG or WebP", 1),
    "avif/1": ("is AVIF, not JPEG, PNG or WebP", 1),
    "noise/1": ("is not a picture", 1),
    "moving_png/1": ("is animated", 1),
    "moving_webp/1": ("is animated", 1),
}


@pytest.fixture
def shop() -> Iterator[PhotoServer]:
    with PhotoServer() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PhotoStore]:
    with PhotoStore(tmp_path / "photos") as store:
        yield store


@pytest.fixture(scope="module")
def all_at_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PhotoServer, PhotoStore]]:
    """Every good and every bad picture, fetched in one run."""
    for slow_to_make in (pictures.gzip_bomb, pictures.many_scans, pictures.huge_png):
        slow_to_make()
    with PhotoServer() as server, PhotoStore(tmp_path_factory.mktemp("photos")) as store:
        fetch([server.url(path) for path in [*ARRIVE, *FAIL]], store, LIMITS)
        yield server, store


@pytest.mark.parametrize("path", ARRIVE)
def test_good_pictures_arrive_as_they_are(path: str, all_at_once: tuple[PhotoServer, PhotoStore]) -> None:
    server, store = all_at_once
    photo = store.outcome(server.url(path))
    assert photo
    assert photo.reason is None
    assert store.read(photo) == ARRIVE[path]


@pytest.mark.parametrize("path", FAIL)
def test_bad_pictures_have_their_reason(path: str, all_at_once: tuple[PhotoServer, PhotoStore]) -> None:
    server, store = all_at_once
    reason, requests = FAIL[path]
    photo = store.outcome(server.url(path))
    assert photo == Photo(reason=reason)
    # A connection that breaks when it is used again is no attempt, so that some are asked for twice in one.
    assert requests <= server.count(path.split("?")[0]) <= 2 * requests


def test_a_second_run_asks_for_nothing(all_at_once: tuple[PhotoServer, PhotoStore]) -> None:
    server, store = all_at_once
    before = server.counts()
    urls = [server.url(path) for path in [*ARRIVE, *FAIL]]
    assert fetch(urls, store, LIMITS).known == len(urls)
    assert server.counts() == before


def test_redirects_share_one_deadline(shop: PhotoServer, store: PhotoStore) -> None:
    url = shop.url("loop/1?seconds=0.4")
    fetch([url], store, Limits(total=1.0, allow_private=True))
    assert store.outcome(url) == Photo(reason="took longer than 1 s")
    assert shop.count("loop/1") <= 3


def test_a_spoiled_connection_costs_no_attempt(shop: PhotoServer, store: PhotoStore) -> None:
    urls = [
        shop.url(f"{kind}/{number}") for number in range(10) for kind in ("short_length", "good", "close")
    ]
    limits = Limits(connections=1, per_host=1, attempts=1, allow_private=True)
    assert fetch(urls, store, limits).arrived == 10
    assert {store.outcomes(urls)[url].reason for url in urls[::3]} == {"is cut off"}


def test_urls_that_cannot_be_asked_for_have_their_reason(store: PhotoStore) -> None:
    urls = ["", "no url", "ftp://a/b", "http://a:99999/", "http://u:p@a/", "http://\ud800/", "http://a/\0"]
    assert fetch(urls, store, LIMITS).failed == len(urls)
    assert all("the address" in str(photo.reason) for photo in store.outcomes(urls).values())


def test_hosts_that_are_not_there_have_their_reason(store: PhotoStore) -> None:
    with unresponsive_port() as port, closing(socket.create_server(("127.0.0.1", 0))) as closed:
        refusing = closed.getsockname()[1]
        closed.close()
        urls = [f"http://127.0.0.1:{refusing}/1", f"http://127.0.0.1:{port}/1", "http://nobody.invalid/1"]
        fetch(urls, store, LIMITS, resolve=lambda host: [] if host == b"nobody.invalid" else [host.decode()])
    assert [store.outcomes(urls)[url].reason for url in urls] == [
        "no connection after 4 attempts",
        "no connection within 0.5 s after 2 attempts",
        "unknown host",
    ]


def test_a_url_that_comes_twice_is_asked_for_once(shop: PhotoServer, store: PhotoStore) -> None:
    urls = [shop.url(f"good/{number % 50}") for number in range(1000)]
    fetched = fetch(urls, store, LIMITS)
    assert (fetched.arrived, fetched.known) == (50, 950)
    assert set(shop.counts().values()) == {1}


def test_the_same_picture_at_two_urls_is_kept_once(shop: PhotoServer, store: PhotoStore) -> None:
    urls = [shop.url(f"same/{number}") for number in range(20)]
    assert fetch(urls, store, LIMITS).arrived == 20
    assert len({photo.sha256 for photo in store.outcomes(urls).values()}) == 1
    assert len(list(store.folder.glob("??/*"))) == 1


def test_requests_say_who_asks_and_give_nothing_away(shop: PhotoServer, store: PhotoStore) -> None:
    fetch([shop.url("good/1?token=secret")], store, LIMITS)
    (seen,) = shop.requests
    assert seen.headers["user-agent"].startswith("datagen/")
    assert seen.headers["accept"].startswith("image/jpeg, image/png, image/webp")
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.headers["host"] == f"127.0.0.1:{shop.port}"
    assert set(seen.headers) == {"user-agent", "accept", "accept-encoding", "host"}


def test_reasons_hold_nothing_of_the_url(shop: PhotoServer, store: PhotoStore) -> None:
    urls = [
        shop.url(f"{path}?token=hush") for path in ("status/404", "status/500", "hang", "html", "to", "stop")
    ]
    fetch([*urls, "http://hush:hush@a/", "ftp://hush/", "http://hush:99999999/"], store, LIMITS)
    assert not any("hush" in str(photo.reason) for photo in store.outcomes(urls).values())


# Politeness


def test_no_host_has_more_requests_at_once_than_allowed(store: PhotoStore) -> None:
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    with PhotoServer(hosts, latency=0.02) as server:
        urls = [server.url(f"good/{number}", host) for host in hosts for number in range(40)]
        fetch(urls, store, Limits(connections=6, per_host=3, allow_private=True))
        assert max(server.most_at_once(host) for host in hosts) == 3
        assert 3 < server.most_at_once() <= 6


def test_redirects_to_one_host_count_as_its_requests(store: PhotoStore) -> None:
    with PhotoServer(("127.0.0.1", "127.0.0.2"), latency=0.02) as server:
        target = server.url("slow/7", "127.0.0.2")
        urls = [
            server.url(f"to/{number}?url={target}?{number}", f"host{number}.test") for number in range(20)
        ]
        resolve = lambda host: [host.decode() if host.startswith(b"127") else "127.0.0.1"]  # noqa: E731
        assert fetch(urls, store, Limits(per_host=2, allow_private=True), resolve=resolve).arrived == 20
        assert server.most_at_once("127.0.0.2") == 2


def test_connections_are_used_again(shop: PhotoServer, store: PhotoStore) -> None:
    paths = [f"{kind}/{number}" for number in range(30) for kind in ("good", "status/404", "chain/1")]
    fetch([shop.url(path) for path in paths], store, Limits(connections=4, per_host=4, allow_private=True))
    assert len({seen.client for seen in shop.requests}) <= 4


@pytest.mark.parametrize("option", ["retry_after=1", "retry_date=2"])
def test_retry_after_is_kept(option: str, shop: PhotoServer, store: PhotoStore) -> None:
    fetch([shop.url(f"flaky/1?{option}")], store, LIMITS)
    first, second = shop.requests
    assert 0.9 <= second.at - first.at < 2.9


def test_waits_grow(shop: PhotoServer, store: PhotoStore) -> None:
    fetch([shop.url("status/500/1")], store, Limits(first_wait=0.2, allow_private=True))
    waits = [later.at - earlier.at for earlier, later in pairwise(shop.requests)]
    assert len(waits) == 3
    assert all(low <= wait < low * 3 + 0.5 for wait, low in zip(waits, (0.1, 0.2, 0.4), strict=True))


def test_a_host_that_has_too_many_requests_is_left_alone(shop: PhotoServer, store: PhotoStore) -> None:
    urls = [
        shop.url("flaky/1?status=429&retry_after=1"),
        *(shop.url(f"good/{number}") for number in range(200)),
    ]
    limits = Limits(connections=4, per_host=4, allow_private=True)
    assert fetch(urls, store, limits).arrived == 201
    refused = next(seen.at for seen in shop.requests if seen.path == "flaky/1")
    meanwhile = [seen for seen in shop.requests if seen.at < refused + 0.9]
    assert len(meanwhile) <= 2 * 4
    assert shop.count("flaky/1") == 2


def test_waits_take_up_no_connection(shop: PhotoServer, store: PhotoStore) -> None:
    waiting = [shop.url(f"flaky/{number}?status=503&retry_after=1") for number in range(30)]
    good = [shop.url(f"good/{number}") for number in range(30)]
    limits = Limits(connections=1, per_host=1, allow_private=True)
    began = time.monotonic()
    assert fetch([*waiting, *good], store, limits).arrived == 60
    assert time.monotonic() - began < 10
    assert all(later.path.startswith("good") for later in shop.requests[30:60])


def test_a_host_that_hangs_holds_back_no_other(store: PhotoStore) -> None:
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    with PhotoServer(hosts) as server:
        hanging = [server.url(f"hang/{number}", host) for number in range(5) for host in hosts[1:]]
        good = [server.url(f"good/{number}") for number in range(40)]
        limits = Limits(connections=6, per_host=2, read=0.5, first_wait=0.01, allow_private=True)
        fetched = fetch([*hanging, *good], store, limits)
        assert (fetched.arrived, fetched.failed) == (40, 10)
        kinds = [seen.path.split("/")[0] for seen in server.requests]
    assert kinds.index("good") <= 6
    last = len(kinds) - kinds[::-1].index("good")
    assert kinds[:last].count("hang") < 10


def test_a_host_that_is_gone_costs_little(store: PhotoStore) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as closed:
        port = closed.getsockname()[1]
        closed.close()
        urls = [f"http://127.0.0.1:{port}/{number}" for number in range(3000)]
        began = time.monotonic()
        assert fetch(urls, store, LIMITS).failed == 3000
        assert time.monotonic() - began < 10
    reasons = Counter(photo.reason for photo in store.outcomes(urls).values())
    assert reasons["the host does not respond"] > 2900


def test_a_host_that_comes_back_is_not_given_up(store: PhotoStore) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    limits = Limits(connections=4, per_host=4, first_wait=0.05, attempts=9, allow_private=True)
    urls = [f"http://127.0.0.1:{port}/good/{number}" for number in range(100)]
    begun: list[PhotoServer] = []

    def slowly() -> Iterator[str]:
        yield from urls
        time.sleep(0.5)
        begun.append(PhotoServer(port=port).start())

    try:
        assert fetch(slowly(), store, limits).arrived == 100
    finally:
        for server in begun:
            server.close()


def test_slow_failures_pass_beside_the_good_ones(store: PhotoStore) -> None:
    with PhotoServer(latency=0.02) as server:
        paths = [f"good/{number}" if number % 20 else f"hang/{number}" for number in range(800)]
        limits = Limits(connections=16, per_host=16, read=0.3, first_wait=0.02, allow_private=True)
        fetched = fetch([server.url(path) for path in paths], store, limits)
        end = time.monotonic()
        assert (fetched.arrived, fetched.failed) == (760, 40)
        last = max(seen.at for seen in server.requests if seen.path.startswith("good"))
        beside = [seen for seen in server.requests if seen.path.startswith("hang") and seen.at < last]
    assert len(beside) > 60
    assert end - last < 3.0
