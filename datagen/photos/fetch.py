"""Pictures by URL, many at once: politely, within limits, and with a reason for each one that does not come.

A picture goes through three rooms. It waits for a turn at its host (politeness.py); it is asked for, once
for each attempt and each redirect, and only then takes up a connection (download.py); and it is checked
and kept by a thread while others are being downloaded (photo_check.py, photo_store.py). Waits between
attempts take up nothing, so that the slow failures of a run pass beside the pictures that arrive.
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
from datagen.photos.check import Limits, NoPhoto, Photo, check
from datagen.photos.connections import Connections
from datagen.photos.download import Answer, Moved, ask, unpacked
from datagen.photos.politeness import GIVEN_UP, Host, Job, Line, verdict, wait_before
from datagen.photos.store import PhotoStore

__all__ = ["Fetched", "Limits", "Photo", "PhotoStore", "fetch"]

WINDOW = 2048
"""Pictures that wait or are under way at once: so many URLs are looked ahead, and held in memory."""
_TAKEN = 256
"""URLs taken from the caller at once."""
CHECKERS = 4
"""Threads that decode and write. Twice as many pictures wait for them at most; then the downloads wait."""

Progress = Callable[[int, int], None]
"""Called with the URLs that are done and the bytes of the pictures that arrived."""


@dataclass(frozen=True)
class Fetched:
    """What a run did, in URLs, and in the bytes of the pictures that arrived."""

    arrived: int
    failed: int
    known: int
    """Known before, or named a second time."""
    bytes: int


def fetch(
    urls: Iterable[str],
    store: PhotoStore,
    limits: Limits | None = None,
    progress: Progress | None = None,
    resolve: Resolve = look_up,
) -> Fetched:
    """Have an outcome in ``store`` for each of ``urls``: a picture, or the reason why there is none.

    What the store knows is not asked for, and a URL that comes twice is asked for once. There may be any
    number of URLs: a few thousand are held at a time. They are taken, and ``progress`` is called, in
    another thread. Stopped by KeyboardInterrupt, or killed, it leaves in the store what it had.
    Raises OSError or RunFailed when the store cannot be written, and whatever ``urls`` raises.
    """
    run = _Run(iter(urls), store, limits or Limits(), progress or (lambda done, size: None))
    with start_blocking_portal() as portal:
        portal.call(run.all, resolve)
    if run.broken is not None:
        raise run.broken
    return Fetched(run.arrived, run.failed, run.known, run.bytes)


class _Run:
    """One call of fetch. All but ``_take`` and ``_settle_here`` happens in one thread, the loop's."""

    def __init__(self, urls: Iterator[str], store: PhotoStore, limits: Limits, progress: Progress) -> None:
        self._urls, self._store, self._limits, self._progress = urls, store, limits, progress
        self._line = Line(limits)
        self._pending: set[str] = set()
        self._settled: set[str] = set()
        """Since the store was last asked what it knows."""
        self._later: list[tuple[float, int, Job | Host]] = []
        self._numbers = count()
        self._active = 0
        self._all_taken = False
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
            while self._pending or not self._all_taken:
                self._changed = anyio.Event()
                now = anyio.current_time()
                self._call_in(now)
                while self._active < self._limits.connections and (turn := self._line.take(now)):
                    self._active += 1
                    self._start(self._try, *turn)
                until = self._later[0][0] if self._later else float("inf")
                with anyio.move_on_after(until - now):
                    await self._changed.wait()

    def _start(self, function: Callable[..., object], *arguments: object) -> None:
        """Begin something whose failure ends the run."""

        async def guarded() -> None:
            try:
                await function(*arguments)  # type: ignore[misc]
            except Exception as error:
                self.broken = self.broken or error
                self._tasks.cancel_scope.cancel()

        self._tasks.start_soon(guarded)

    async def _feed(self) -> None:
        """Take URLs as fast as they are settled."""
        while urls := await anyio.to_thread.run_sync(self._take):
            for url, known in urls:
                if known or url in self._pending or url in self._settled:
                    self.known += 1
                    continue
                await self._window.acquire()
                self._pending.add(url)
                try:
                    job = Job(url, checked_url(url, allow_private=self._limits.allow_private))
                except NoPhoto as failure:
                    await self._settle(url, failure)
                else:
                    self._queue(job)
            self._tell()
            self._settled.clear()
        self._all_taken = True
        self._changed.set()

    def _take(self) -> list[tuple[str, bool]]:
        """The next URLs, and whether their outcome is known."""
        urls = list(islice(self._urls, _TAKEN))
        known = self._store.outcomes(urls)
        return [(url, url in known) for url in urls]

    def _queue(self, job: Job) -> None:
        """Have a picture wait for a turn at its host."""
        host = self._line.host_of(job)
        (host.again if job.tries else host.new).append(job)
        if host.given_up:
            self._give_up(host)
        self._line.enter(host, anyio.current_time())
        self._changed.set()

    def _call_in(self, now: float) -> None:
        """Queue the pictures whose wait is over, and have the hosts take part whose pause is."""
        while self._later and self._later[0][0] <= now:
            _, _, what = heapq.heappop(self._later)
            if isinstance(what, Job):
                self._queue(what)
            else:
                self._line.enter(what, now)

    async def _try(self, host: Host, job: Job) -> None:
        """Ask for a picture once, and see what follows from the answer."""
        began = anyio.current_time()
        result: Answer | Moved | NoPhoto
        job.tries += job.redirects == 0
        try:
            result = await ask(self._connections, job.at, self._limits, self._limits.total - job.seconds)
        except NoPhoto as failure:
            result = failure
        now = anyio.current_time()
        job.seconds += now - began
        async with self._room:
            self._active -= 1
            host.active -= 1
            self._learn(host, job, result, began, now)
            self._line.enter(host, now)
            self._line.leave(job, host)
            self._changed.set()
            if isinstance(result, Moved):
                await self._follow(job, result)
            elif isinstance(result, NoPhoto):
                await self._retry(job, result, now)
            else:
                await self._settle(job.url, result)

    def _learn(
        self, host: Host, job: Job, result: Answer | Moved | NoPhoto, began: float, now: float
    ) -> None:
        """Change what the host may be asked, by its answer."""
        if isinstance(result, NoPhoto) and result.silent:
            host.was_silent(job, began, now)
        elif isinstance(result, NoPhoto) and result.crowded:
            wait = wait_before(job.tries, self._limits) if result.wait is None else result.wait
            host.had_too_many(job, began, now, min(wait, self._limits.longest_wait))
        else:
            host.answered()
        if host.given_up:
            self._give_up(host)
        elif host.opens > now:
            heapq.heappush(self._later, (host.opens, next(self._numbers), host))

    async def _follow(self, job: Job, moved: Moved) -> None:
        """Go where a picture has moved to, which may be another host with a line of its own."""
        job.redirects += 1
        if job.redirects > self._limits.redirects:
            await self._settle(
                job.url, NoPhoto(f"more than {self._limits.redirects} redirects", lasting=True)
            )
        else:
            job.at = moved.url
            self._queue(job)

    async def _retry(self, job: Job, failure: NoPhoto, now: float) -> None:
        """Have a picture wait for its next attempt, or take the failure as its outcome."""
        said = verdict(job, failure, self._limits, random.random())
        if isinstance(said, NoPhoto):
            await self._settle(job.url, said)
        else:
            job.begin()
            heapq.heappush(self._later, (now + said, next(self._numbers), job))
            self._changed.set()

    def _give_up(self, host: Host) -> None:
        """Fail all that waits at a host that does not answer."""

        async def settle(jobs: list[Job]) -> None:
            for job in jobs:
                await self._settle(job.url, NoPhoto(GIVEN_UP))

        self._start(settle, host.drain())

    async def _settle(self, url: str, result: Answer | NoPhoto) -> None:
        """Keep a picture or the reason why there is none."""
        photo, size = await anyio.to_thread.run_sync(self._settle_here, url, result, limiter=self._checkers)
        self.arrived += photo.reason is None
        self.failed += photo.reason is not None
        self.bytes += size
        self._pending.remove(url)
        self._settled.add(url)
        self._window.release()
        self._changed.set()
        self._tell()

    def _settle_here(self, url: str, result: Answer | NoPhoto) -> tuple[Photo, int]:
        """Check, keep and record, in a thread; the outcome and the bytes of the picture."""
        failure, photo, content = None, Photo(), b""
        if isinstance(result, NoPhoto):
            failure = result
        else:
            try:
                content = unpacked(result, self._limits)
                photo = check(content, self._limits)
                self._store.keep(photo, content)
            except NoPhoto as found:
                failure = found
        if failure is not None:
            photo = Photo(reason=failure.reason)
        self._store.record(url, photo, lasting=failure is None or failure.lasting)
        return photo, 0 if failure else len(content)

    def _tell(self) -> None:
        self._progress(self.arrived + self.failed + self.known, self.bytes)
