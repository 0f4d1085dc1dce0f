"""Runs from end to end: bounded in memory, told as they go, and taken up after any interruption."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.photo_server import PhotoServer, pictures

from datagen.photos.fetch import WINDOW, Limits, PhotoStore, fetch

ROOT = Path(__file__).parents[3]
LIMITS = Limits(per_host=16, connect=0.5, read=0.5, total=1.5, first_wait=0.02, allow_private=True)


@pytest.fixture
def shop() -> Iterator[PhotoServer]:
    with PhotoServer() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PhotoStore]:
    with PhotoStore(tmp_path / "photos") as store:
        yield store


def test_no_more_urls_are_taken_than_can_wait(store: PhotoStore) -> None:
    taken, most = 0, 0

    def urls() -> Iterator[str]:
        nonlocal taken
        for taken in range(1, 3 * WINDOW + 1):
            yield f"ftp://a/{taken}"

    def progress(done: int, size: int) -> None:
        nonlocal most
        most = max(most, taken - done)

    assert fetch(urls(), store, LIMITS, progress).failed == 3 * WINDOW
    assert most <= WINDOW + 512


def test_progress_counts_up_to_every_url(shop: PhotoServer, store: PhotoStore) -> None:
    fetch([shop.url("good/0")], store, LIMITS)
    told: list[tuple[int, int]] = []
    urls = [shop.url(f"good/{number}") for number in range(20)] + [shop.url("status/404"), shop.url("good/3")]
    fetch(urls, store, LIMITS, lambda done, size: told.append((done, size)))
    assert told == sorted(told)
    assert told[-1] == (22, sum(len(pictures.jpeg(number)) for number in range(1, 20)))


def test_it_works_where_an_event_loop_is_running(shop: PhotoServer, store: PhotoStore) -> None:
    async def notebook() -> int:
        return fetch([shop.url("good/1")], store, LIMITS).arrived

    assert asyncio.run(notebook()) == 1


def test_what_the_urls_raise_is_raised(shop: PhotoServer, store: PhotoStore) -> None:
    def urls() -> Iterator[str]:
        yield from (shop.url(f"good/{number}") for number in range(300))
        raise LookupError("the table ends in the middle")

    with pytest.raises(LookupError, match="in the middle"):
        fetch(urls(), store, LIMITS)


def test_a_disk_that_takes_no_more_ends_the_run(shop: PhotoServer, store: PhotoStore) -> None:
    (store.folder / "aside").rmdir()
    with pytest.raises(OSError, match="aside"):
        fetch([shop.url(f"good/{number}") for number in range(100)], store, LIMITS)


# Interrupted runs

SCRIPT = """
import json, sys
from datagen.photos.fetch import Limits, PhotoStore, fetch
folder, urls = sys.argv[1], json.load(open(sys.argv[2]))
limits = Limits(connections=6, per_host=6, read=1.0, first_wait=0.05, allow_private=True)
with PhotoStore(folder) as store:
    print("begun", flush=True)
    try:
        fetch(urls, store, limits)
    except KeyboardInterrupt:
        sys.exit("stopped")
"""


def _begin(folder: Path, urls: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(folder), str(urls)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    return process


def _content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("??/*") if path.is_file()}


@pytest.mark.slow
def test_killed_at_any_moment_nothing_recorded_is_fetched_twice(tmp_path: Path) -> None:
    paths = [f"good/{number}" for number in range(280)]
    paths += [f"{fault}/{number}" for number in range(5) for fault in ("status/404", "html", "cut", "stop")]
    random.Random(3).shuffle(paths)
    chance, most = random.Random(4), 6  # a process that starts slowly would be killed for ever
    with PhotoServer(latency=0.03) as server:
        urls = [server.url(path) for path in paths]
        (tmp_path / "urls").write_text(json.dumps(urls))
        kills = 0
        while True:
            before, counts = {}, Counter[str]()
            if (tmp_path / "killed").exists():
                with PhotoStore(tmp_path / "killed") as store:
                    before, counts = store.outcomes(urls), server.counts()
                for name, content in _content(tmp_path / "killed").items():
                    assert hashlib.sha256(content).hexdigest() == name
            process = _begin(tmp_path / "killed", tmp_path / "urls")
            try:
                process.communicate(timeout=chance.uniform(0.3, 1.2) if kills < most else None)
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                kills += 1
            finally:
                for path, url in zip(paths, urls, strict=True):
                    assert url not in before or server.count(path) == counts[path]
        assert kills
        assert process.returncode == 0
        # Six are under way at once, and some wait to be checked: no more than these are lost to a kill.
        good = sum(times for path, times in server.counts().items() if path.startswith("good"))
        assert good <= 280 + kills * (6 + 4)
        with PhotoStore(tmp_path / "killed") as killed, PhotoStore(tmp_path / "whole") as whole:
            fetch(urls, whole, LIMITS)
            assert killed.outcomes(urls) == whole.outcomes(urls)
        assert _content(tmp_path / "killed") == _content(tmp_path / "whole")


def test_interrupted_it_stops_at_once_and_keeps_what_it_has(tmp_path: Path) -> None:
    with PhotoServer(latency=0.02) as server:
        urls = [server.url(f"good/{number}") for number in range(2000)]
        (tmp_path / "urls").write_text(json.dumps(urls))
        process = _begin(tmp_path / "photos", tmp_path / "urls")
        while len(server.requests) < 40:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
        assert (process.returncode, errors) == (1, "stopped\n")
        with PhotoStore(tmp_path / "photos") as store:
            assert 20 < len(store.outcomes(urls)) < 2000
