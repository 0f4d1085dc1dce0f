"""Pictures by URL, many at once: politely, within limits, and with a reason for each one that fails.

A picture goes through three stages. It waits for its host's turn (politeness.py); it is requested, once for
each attempt and each redirect, and only then takes up a connection (download.py); and a thread checks and
stores it while others are being downloaded (check.py, store.py). Waits between attempts take up nothing, so
the slow failures of a run do not delay the pictures that arrive.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count, islice

import anyio
import anyio.to_thread
from anyio.from_thread import start_blocking_portal

from datagen.photos.addresses import Resolve, checked_url, look_up
from datagen.photos.check import Limits, Photo, PhotoError, check
from datagen.photos.connections import Connections
from datagen.photos.download import EncodedBody, Redirect, Result, decompressed, request_photo
from datagen.photos.politeness import UNRESPONSIVE, Download, HostQueue, RoundRobin, retry_delay, wait_before
from datagen.photos.store import PhotoStore
from datagen.schemas.progress import PictureProgress

__all__ = ["FetchResult", "Limits", "Photo", "PhotoStore", "fetch"]

WINDOW = 2048
"""Pictures that wait or are in progress at once, and so the URLs that are held in memory."""
_URLS_AT_ONCE = 256
"""URLs read from the caller at once."""
CHECKERS = 4
"""Threads that decode and write. At most twice as many pictures wait for them; then the downloads wait."""


@dataclass(frozen=True)
class FetchResult:
    """What a run did, in URLs, and in bytes of the pictures that arrived."""

    arrived: int
    failed: int
    known: int
    """Known before, or repeated."""
    bytes: int


def fetch(
    urls: Iterable[str],
    store: PhotoStore,
    limits: Limits | None = None,
    progress: PictureProgress | None = None,
    resolve: Resolve = look_up,
) -> FetchResult:
    """Put an outcome into ``store`` for each of ``urls``: a picture, or the reason why there is none.

    What the store knows is not requested, and a repeated URL is requested once. There may be any number of
    URLs: a few thousand are held at a time. They are read, and ``progress`` is called, in another thread.
    If it is killed or stopped by KeyboardInterrupt, the store keeps what it had.
    Raises OSError or RunFailed when the store cannot be written, and whatever ``urls`` raises.
    """
    run = _Run(iter(urls), store, limits or Limits(), progress or (lambda done, size: None))
    with start_blocking_portal() as portal:
        portal.call(run.all, resolve)
    if run.broken is not None:
        raise run.broken
    return FetchResult(run.arrived, run.failed, run.known, run.bytes)


class _Run:
    """One call of fetch. Everything but ``_next_urls`` and ``_settle_in_thread`` runs in one thread."""

    def __init__(
        self, urls: Iterator[str], store: PhotoStore, limits: Limits, progress: PictureProgress
    ) -> None:
        self._urls, self._store, self._limits, self._progress = urls, store, limits, progress
        self._hosts = RoundRobin(limits)
        self._pending: set[str] = set()
        self._settled: set[str] = set()
        """Since the store was last queried."""
        self._later: list[tuple[float, int, Download | HostQueue]] = []
        self._numbers = count()
        self._active = 0
        self._all_read = False
        self.arrived = self.failed = self.known = self.bytes = 0
        self.broken: Exception | None = None

    async def all(self, resolve: Resolve) -> None:
        """Settle every URL."""
        self._changed = anyio.Event()
        self._window = anyio.Semaphore(WINDOW)
        self._room = anyio.Semaphore(2 * CHECKERS)
        self._checkers = anyio.CapacityLimiter(CHECKERS)
        self._connections = Connections(self._limits, resolve)
        async with aclosing(self._connections), anyio.create_task_group() as self._tasks:
            self._start(self._feed)
            while self._pending or not self._all_read:
                self._changed = anyio.Event()
                now = anyio.current_time()
                self._wake(now)
                while self._active < self._limits.connections and (turn := self._hosts.take(now)):
                    self._active += 1
                    self._start(self._attempt, *turn)
                until = self._later[0][0] if self._later else float("inf")
                with anyio.move_on_after(until - now):
                    await self._changed.wait()

    def _start(self, function: Callable[..., object], *arguments: object) -> None:
        """Start a task whose failure ends the run."""

        async def guarded() -> None:
            try:
                await function(*arguments)  # type: ignore[misc]
            except Exception as error:
                self.broken = self.broken or error
                self._tasks.cancel_scope.cancel()

        self._tasks.start_soon(guarded)

    async def _feed(self) -> None:
        """Read URLs as fast as they are settled."""
        while urls := await anyio.to_thread.run_sync(self._next_urls):
            for url, known in urls:
                if known or url in self._pending or url in self._settled:
                    self.known += 1
                    continue
                await self._window.acquire()
                self._pending.add(url)
                try:
                    download = Download(url, checked_url(url, allow_private=self._limits.allow_private))
                except PhotoError as failure:
                    await self._settle(url, failure)
                else:
                    self._enqueue(download)
            self._report_progress()
            self._settled.clear()
        self._all_read = True
        self._changed.set()

    def _next_urls(self) -> list[tuple[str, bool]]:
        """The next URLs, and whether their outcome is known."""
        urls = list(islice(self._urls, _URLS_AT_ONCE))
        known = self._store.outcomes(urls)
        return [(url, url in known) for url in urls]

    def _enqueue(self, download: Download) -> None:
        """Let a picture wait for its host's turn."""
        host = self._hosts.queue_of(download)
        (host.retries if download.attempts else host.new).append(download)
        if host.unresponsive:
            self._give_up(host)
        self._hosts.enter(host, anyio.current_time())
        self._changed.set()

    def _wake(self, now: float) -> None:
        """Queue the pictures whose wait is over, and the hosts whose pause is over."""
        while self._later and self._later[0][0] <= now:
            _, _, what = heapq.heappop(self._later)
            if isinstance(what, Download):
                self._enqueue(what)
            else:
                self._hosts.enter(what, now)

    async def _attempt(self, host: HostQueue, download: Download) -> None:
        """Request a picture once, and act on the result."""
        began = anyio.current_time()
        result: Result | PhotoError
        download.attempts += download.redirects == 0
        try:
            result = await request_photo(
                self._connections, download.at, self._limits, self._limits.total - download.seconds
            )
        except PhotoError as failure:
            result = failure
        now = anyio.current_time()
        download.seconds += now - began
        async with self._room:
            self._active -= 1
            host.active -= 1
            self._adapt(host, download, result, began, now)
            self._hosts.enter(host, now)
            self._hosts.forget(download, host)
            self._changed.set()
            if isinstance(result, Redirect):
                await self._follow(download, result)
            elif isinstance(result, PhotoError):
                await self._retry(download, result, now)
            else:
                await self._settle(download.url, result)

    def _adapt(
        self,
        host: HostQueue,
        download: Download,
        result: Result | PhotoError,
        began: float,
        now: float,
    ) -> None:
        """Adapt how many requests the host may get to its response."""
        if isinstance(result, PhotoError) and result.no_response:
            host.record_no_response(download, began, now)
        elif isinstance(result, PhotoError) and result.rate_limited:
            wait = wait_before(download.attempts, self._limits) if result.wait is None else result.wait
            host.record_rate_limit(download, began, now, min(wait, self._limits.longest_wait))
        else:
            host.record_response()
        if host.unresponsive:
            self._give_up(host)
        elif host.blocked_until > now:
            heapq.heappush(self._later, (host.blocked_until, next(self._numbers), host))

    async def _follow(self, download: Download, redirect: Redirect) -> None:
        """Follow a redirect, which may lead to another host with a queue of its own."""
        download.redirects += 1
        if download.redirects > self._limits.redirects:
            await self._settle(
                download.url, PhotoError(f"more than {self._limits.redirects} redirects", permanent=True)
            )
        else:
            download.at = redirect.url
            self._enqueue(download)

    async def _retry(self, download: Download, failure: PhotoError, now: float) -> None:
        """Let a picture wait for its next attempt, or record the failure as its outcome."""
        delay = retry_delay(download, failure, self._limits, random.random())
        if isinstance(delay, PhotoError):
            await self._settle(download.url, delay)
        else:
            download.restart()
            heapq.heappush(self._later, (now + delay, next(self._numbers), download))
            self._changed.set()

    def _give_up(self, host: HostQueue) -> None:
        """Fail everything that waits for a host that does not respond."""

        async def settle(downloads: list[Download]) -> None:
            for download in downloads:
                await self._settle(download.url, PhotoError(UNRESPONSIVE))

        self._start(settle, host.drain())

    async def _settle(self, url: str, result: EncodedBody | PhotoError) -> None:
        """Store a picture or the reason why there is none."""
        photo, size = await anyio.to_thread.run_sync(
            self._settle_in_thread, url, result, limiter=self._checkers
        )
        self.arrived += photo.reason is None
        self.failed += photo.reason is not None
        self.bytes += size
        self._pending.remove(url)
        self._settled.add(url)
        self._window.release()
        self._changed.set()
        self._report_progress()

    def _settle_in_thread(self, url: str, result: EncodedBody | PhotoError) -> tuple[Photo, int]:
        """Check, store and record, in a worker thread; the outcome and the bytes of the picture."""
        failure, photo, content = None, Photo(), b""
        if isinstance(result, PhotoError):
            failure = result
        else:
            try:
                photo, content = check(decompressed(result, self._limits), self._limits)
                self._store.keep(photo, content)
            except PhotoError as error:
                failure = error
        if failure is not None:
            photo = Photo(reason=failure.reason)
        self._store.record(url, photo, permanent=failure is None or failure.permanent)
        return photo, 0 if failure else len(content)

    def _report_progress(self) -> None:
        self._progress(self.arrived + self.failed + self.known, self.bytes)
