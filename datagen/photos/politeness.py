"""Which picture to request next: a queue for each host, and how many requests the host may get now.

A host that answers 429 gets fewer requests at once, and none while it asks us to wait. A host that does not
respond at all gets none for growing pauses and one request after each; if it does not respond after the
last, it is given up: the catalogue of a shop that no longer exists would otherwise take days. Hosts take
turns, so that none delays another.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import httpx2

from datagen.photos.check import Limits, PhotoError

FAILURES_BEFORE_PAUSE = 8
"""First attempts in a row without a response from a host, before a pause."""
MAX_PAUSES = 6
"""Pauses for a host that does not respond, before it is given up."""
REGAINED_PER_RESPONSE = 0.25
"""By how much the requests at once of a rate-limited host grow with each response."""

MAX_HOSTS = 10_000
"""Hosts with an empty queue whose state is remembered."""

UNRESPONSIVE = "the host does not respond"


@dataclass(eq=False)
class Download:
    """A picture to fetch: the URL that names it, and the one to request now, after redirects."""

    url: str
    first: httpx2.URL
    at: httpx2.URL = field(init=False)
    attempts: int = 0
    redirects: int = 0
    """Of this attempt."""
    seconds: float = 0.0
    """Spent in this attempt."""

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Start the next attempt from the first URL: the target of a redirect may have expired."""
        self.at, self.redirects, self.seconds = self.first, 0, 0.0


@dataclass(eq=False)
class HostQueue:
    """The pictures waiting for a host, and its state. Times are those of one monotonic clock."""

    limits: Limits
    new: deque[Download] = field(default_factory=deque)
    retries: deque[Download] = field(default_factory=deque)
    active: int = 0
    allowed: float = field(init=False)
    blocked_until: float = 0.0
    """When it may get requests again."""
    failures: int = 0
    """First attempts in a row without a response."""
    pauses: int = 0
    is_queued: bool = False

    def __post_init__(self) -> None:
        self.allowed = float(self.limits.per_host)

    @property
    def unresponsive(self) -> bool:
        """Whether it has not responded for too long."""
        return self.pauses > MAX_PAUSES

    @property
    def idle(self) -> bool:
        """Whether nothing waits for it, and nothing is in progress."""
        return not (self.new or self.retries or self.active or self.is_queued)

    def may_start(self, now: float) -> bool:
        """Whether one of its pictures may be requested now."""
        most = 1 if self.pauses else int(self.allowed)
        return bool(self.new or self.retries) and self.active < most and now >= self.blocked_until

    def next_download(self) -> Download:
        """The next picture: after failures a first attempt, which shows whether the host still exists."""
        first, second = (self.new, self.retries) if self.failures else (self.retries, self.new)
        return (first or second).popleft()

    def record_response(self) -> None:
        """Note a response of any kind."""
        self.failures = self.pauses = 0
        self.allowed = min(float(self.limits.per_host), self.allowed + REGAINED_PER_RESPONSE)

    def record_no_response(self, download: Download, began: float, now: float) -> None:
        """Note that there was none; a later attempt says nothing about a host that responds to others."""
        if began < self.blocked_until or (download.attempts > 1 and not self.pauses):
            return
        self.failures += 1
        if self.failures >= FAILURES_BEFORE_PAUSE:
            self.pauses += 1
            self.blocked_until = now + wait_before(self.pauses, self.limits)

    def record_rate_limit(self, download: Download, began: float, now: float, wait: float) -> None:
        """Note a 429; only first attempts count, and those that were in progress together count once."""
        if download.attempts > 1:
            return
        if began >= self.blocked_until:
            self.allowed = max(1.0, self.allowed / 2)
        self.blocked_until = max(self.blocked_until, now + wait)

    def drain(self) -> list[Download]:
        """Remove everything that waits, and return it."""
        downloads = [*self.retries, *self.new]
        self.retries.clear()
        self.new.clear()
        return downloads


class RoundRobin:
    """The hosts that may get a request now, in turns."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._hosts: dict[bytes, HostQueue] = {}
        self._turns: deque[HostQueue] = deque()

    def queue_of(self, download: Download) -> HostQueue:
        """The queue of the host that a picture is to be requested from now."""
        name = download.at.raw_host
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = HostQueue(self._limits)
        return host

    def enter(self, host: HostQueue, now: float) -> None:
        """Let a host take turns, if it may get a request."""
        if not host.is_queued and host.may_start(now):
            host.is_queued = True
            self._turns.append(host)

    def take(self, now: float) -> tuple[HostQueue, Download] | None:
        """The next picture to request, counted at its host; None where no host may get a request now."""
        while self._turns:
            host = self._turns.popleft()
            host.is_queued = False
            if host.may_start(now):
                download = host.next_download()
                host.active += 1
                self.enter(host, now)
                return host, download
        return None

    def forget(self, download: Download, host: HostQueue) -> None:
        """Forget the state of an idle host when there are too many to remember."""
        if len(self._hosts) > MAX_HOSTS and host.idle:
            self._hosts.pop(download.at.raw_host, None)


def wait_before(attempt: int, limits: Limits) -> float:
    """Seconds to wait after attempt number ``attempt``: doubled each time."""
    return float(min(limits.longest_wait, limits.first_wait * 2.0 ** min(attempt - 1, 60)))


def retry_delay(download: Download, failure: PhotoError, limits: Limits, jitter: float) -> float | PhotoError:
    """Seconds until the next attempt, or the failure that is the outcome of the picture.

    ``jitter``, 0 to 1, spreads what failed together; a wait that the host asks for is never shortened.
    """
    if not failure.retryable:
        return failure
    if failure.wait is not None and failure.wait > limits.longest_wait:
        return PhotoError(f"{failure.reason}, to wait longer than {limits.longest_wait:g} s")
    if download.attempts >= ((limits.attempts + 1) // 2 if failure.timed_out else limits.attempts):
        return PhotoError(
            failure.reason + (f" after {download.attempts} attempts" if download.attempts > 1 else "")
        )
    wait = wait_before(download.attempts, limits) * (0.5 + jitter)
    return max(wait, failure.wait or 0.0)
