"""Pictures by URL, 5 % of them faulty in every way, against a plain download of the good ones.

    python benchmarks/photos.py [--urls 5000] [--runs 3] [--latency 0.03]

The server, in a process of its own, is tests/support/photo_server. Ours: `datagen.photos.fetch.fetch`
with the store, all checks and all faults. Plain: as many connections of httpx2 as ours, bytes to files, no
faults among its URLs. Runs take turns; the best of each counts, since other work on the machine can only
slow one down.
Peak memory is that of the process, at a fifth of the URLs and at all of them. A good picture is asked for
again after a body that was longer than it said, which spoils the connection, or when the machine is too
busy for the short deadlines.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CONNECTIONS = 16
SHARE = 0.05

FAULTS = {
    "status/404": "HTTP 404",
    "status/410": "HTTP 410",
    "status/403": "HTTP 403",
    "status/408": "HTTP 408 after 4 attempts",
    "status/429": "HTTP 429 after 4 attempts",
    "status/500": "HTTP 500 after 4 attempts",
    "status/503": "HTTP 503 after 4 attempts",
    "to": "redirects nowhere",
    "loop": "more than 5 redirects",
    "hang": "no answer within 0.3 s after 2 attempts",
    "stall": "stalled for 0.3 s after 2 attempts",
    "drip": "took longer than 0.6 s",
    "stop": "stopped before its end after 4 attempts",
    "stop_chunked": "stopped before its end after 4 attempts",
    "reset": "connection lost after 4 attempts",
    "close": "connection lost after 4 attempts",
    "garbage": "is not an HTTP response after 4 attempts",
    "long_head": "is not an HTTP response after 4 attempts",
    "endless": "is larger than 2 MB",
    "endless_chunks": "is larger than 2 MB",
    "long": "is larger than 2 MB",
    "gzip_bomb": "is larger than 2 MB",
    "not_packed": "cannot be decompressed",
    "brotli": "has an unknown content encoding",
    "huge": "has more than 50 million pixels",
    "scans": "has more than 100 scans",
    "cut": "is cut off",
    "short_length": "is cut off",
    "broken": "cannot be decoded",
    "moving_png": "is animated",
    "moving_webp": "is animated",
    "empty": "is empty",
    "html": "is HTML, not a picture",
    "svg": "is SVG, not JPEG, PNG or WebP",
    "gif": "is GIF, not JPEG, PNG or WebP",
    "avif": "is AVIF, not JPEG, PNG or WebP",
    "noise": "is not a picture",
}
"""Path on the server -> the reason that the picture must fail for."""


def catalogue(count: int, share: float) -> list[str]:
    """Paths on the server, faults of every kind among them, each path once."""
    kinds = list(FAULTS)
    paths = [f"good/{number}" for number in range(count)]
    for at, number in enumerate(random.Random(4).sample(range(count), round(count * share))):
        paths[number] = f"{kinds[at % len(kinds)]}/{number}"
    return paths


def peak_memory() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def ours(port: int, paths: list[str], folder: Path) -> dict[str, Any]:
    """Fetch into a store; the figures, and every outcome that is not the expected one."""
    from datagen.photos.fetch import Limits, PhotoStore, fetch

    limits = Limits(
        connections=CONNECTIONS,
        per_host=CONNECTIONS,
        connect=0.5,
        read=0.3,
        total=0.6,
        first_wait=0.05,
        bytes=2_000_000,
        allow_private=True,
    )
    began = time.perf_counter()
    with PhotoStore(folder) as store:
        fetched = fetch((f"http://127.0.0.1:{port}/{path}" for path in paths), store, limits)
        seconds, memory = time.perf_counter() - began, peak_memory()
        outcomes = {path: store.outcome(f"http://127.0.0.1:{port}/{path}") for path in paths}
    wrong = [
        (path, photo and photo.reason)
        for path, photo in outcomes.items()
        if photo is None or photo.reason != FAULTS.get(path.rsplit("/", 1)[0])
    ]
    return {
        "seconds": seconds,
        "mb": memory,
        "arrived": fetched.arrived,
        "failed": fetched.failed,
        "wrong": wrong,
    }


def plain(port: int, paths: list[str], folder: Path) -> dict[str, Any]:
    """Download to files, without any check."""
    import httpx2

    async def download() -> None:
        connection_limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        async with httpx2.AsyncClient(limits=connection_limits, trust_env=False) as client:
            left = iter(paths)

            async def work() -> None:
                for path in left:
                    answer = await client.get(f"http://127.0.0.1:{port}/{path}")
                    (folder / path.replace("/", "-")).write_bytes(answer.raise_for_status().content)

            await asyncio.gather(*[work() for _ in range(CONNECTIONS)])

    folder.mkdir()
    began = time.perf_counter()
    asyncio.run(download())
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "mb": peak_memory(), "arrived": len(paths), "failed": 0, "wrong": []}


@contextmanager
def server(latency: float) -> Iterator[subprocess.Popen[str]]:
    """The picture server; it prints its port first, then its counts for every line that it receives."""
    command = [sys.executable, "-m", "tests.support.photo_server", "--latency", str(latency)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def measure(who: str, count: int, latency: float, share: float = SHARE) -> dict[str, Any]:
    """One run, in a separate process, against a fresh server."""
    with server(latency) as shop, tempfile.TemporaryDirectory() as workspace:
        assert shop.stdin is not None  # noqa: S101
        assert shop.stdout is not None  # noqa: S101
        port = shop.stdout.readline().strip()
        command = [
            sys.executable,
            __file__,
            "--as",
            who,
            "--port",
            port,
            "--urls",
            str(count),
            "--folder",
            workspace,
        ]
        done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        result: dict[str, Any] = json.loads(done.stdout)
        shop.stdin.write("\n")
        shop.stdin.flush()
        counts = json.loads(shop.stdout.readline())["counts"]
        result["more"] = sum(times - 1 for path, times in counts.items() if path.startswith("good/"))
    if result["wrong"]:
        raise SystemExit(f"{who} of {count} URLs: {result['wrong'][:10]}")
    return result


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--urls", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.03)
    parser.add_argument("--as", dest="who", choices=["ours", "plain"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.who:
        paths = catalogue(options.urls, SHARE)
        if options.who == "plain":
            paths = [path for path in paths if path.startswith("good/")]
        result = {"ours": ours, "plain": plain}[options.who](options.port, paths, options.folder / "photos")
        print(json.dumps(result))
        return
    smaller = measure("ours", options.urls // 5, options.latency)
    runs = [
        (measure("ours", options.urls, options.latency), measure("plain", options.urls, options.latency))
        for _ in range(options.runs)
    ]
    best, other = (min((pair[at] for pair in runs), key=lambda run: float(run["seconds"])) for at in (0, 1))
    what = f"{options.urls:,} URLs, {best['failed']} faulty in {len(FAULTS)} ways, {CONNECTIONS} connections"
    ratio = float(best["seconds"]) / float(other["seconds"])
    print(
        f"photos: {what}, {options.latency * 1000:.0f} ms: {best['seconds']:.1f} s, plain download of the "
        f"{other['arrived']:,} good ones {other['seconds']:.1f} s ({ratio:.2f} x); {best['more']} of them "
        f"asked for again; peak memory {smaller['mb']:.0f} MB at {options.urls // 5:,} URLs, "
        f"{best['mb']:.0f} MB at {options.urls:,}"
    )


if __name__ == "__main__":
    main()
