"""Whose turn it is: the pictures that wait at each host, and how many requests that host may have now.

A host that answers 429 gets fewer requests at once, and none while it asks us to wait. One that gives no
answer at all is left alone for growing pauses, asked for one picture after each, and given up when it stays
silent after the last: the catalogue of a shop that is gone would else take days. Hosts take turns, so that
none holds back another.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import httpx2

from datagen.photos.check import Limits, NoPhoto

SILENT_IN_A_ROW = 8
"""New pictures in a row without an answer from a host, before it is left alone for a while."""
MOST_PAUSES = 6
"""Pauses of a host that stays silent, before it is given up."""
REGAINED = 0.25
"""Of a request at once, that a host which had too many gets back for each answer."""

MOST_HOSTS = 10_000
"""Hosts of which something is remembered while nothing waits at them."""

GIVEN_UP = "the host does not answer"


@dataclass(eq=False)
class Job:
    """A picture on its way: the URL it is known by, and where it is asked for now."""

    url: str
    first: httpx2.URL
    at: httpx2.URL = field(init=False)
    tries: int = 0
    redirects: int = 0
    """Of this attempt."""
    seconds: float = 0.0
    """That this attempt has taken."""

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Have the next attempt begin anew: a link that a redirect led to may have expired."""
        self.at, self.redirects, self.seconds = self.first, 0, 0.0


@dataclass(eq=False)
class Host:
    """A host, what waits for it, and what is known of it. Times are those of one monotonic clock."""

    limits: Limits
    new: deque[Job] = field(default_factory=deque)
    again: deque[Job] = field(default_factory=deque)
    active: int = 0
    allowed: float = field(init=False)
    opens: float = 0.0
    """When it may be asked again."""
    silent: int = 0
    pauses: int = 0
    in_line: bool = False

    def __post_init__(self) -> None:
        self.allowed = float(self.limits.per_host)

    @property
    def given_up(self) -> bool:
        """Whether it stayed silent for too long."""
        return self.pauses > MOST_PAUSES

    @property
    def idle(self) -> bool:
        """Whether nothing waits at it, and nothing is under way."""
        return not (self.new or self.again or self.active or self.in_line)

    def may_start(self, now: float) -> bool:
        """Whether one of its pictures may be asked for now."""
        most = 1 if self.pauses else int(self.allowed)
        return bool(self.new or self.again) and self.active < most and now >= self.opens

    def next_job(self) -> Job:
        """The picture to ask for next: at a silent host a new one, since new ones tell whether it is gone."""
        first, second = (self.new, self.again) if self.silent else (self.again, self.new)
        return (first or second).popleft()

    def answered(self) -> None:
        """It gave an answer of some kind."""
        self.silent = self.pauses = 0
        self.allowed = min(float(self.limits.per_host), self.allowed + REGAINED)

    def was_silent(self, job: Job, began: float, now: float) -> None:
        """It gave none. A second attempt tells nothing of a host that answers others."""
        if began < self.opens or (job.tries > 1 and not self.pauses):
            return
        self.silent += 1
        if self.silent >= SILENT_IN_A_ROW:
            self.pauses += 1
            self.opens = now + wait_before(self.pauses, self.limits)

    def had_too_many(self, job: Job, began: float, now: float, wait: float) -> None:
        """It asks for fewer requests; those that were under way together say it once, first attempts only."""
        if job.tries > 1:
            return
        if began >= self.opens:
            self.allowed = max(1.0, self.allowed / 2)
        self.opens = max(self.opens, now + wait)

    def drain(self) -> list[Job]:
        """Take away all that waits."""
        jobs = [*self.again, *self.new]
        self.again.clear()
        self.new.clear()
        return jobs


class Line:
    """The hosts that may be asked now, in turns."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._hosts: dict[bytes, Host] = {}
        self._line: deque[Host] = deque()

    def host_of(self, job: Job) -> Host:
        """The host that a picture is asked from now."""
        name = job.at.raw_host
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(self._limits)
        return host

    def enter(self, host: Host, now: float) -> None:
        """Have a host take part in the turns if it may be asked."""
        if not host.in_line and host.may_start(now):
            host.in_line = True
            self._line.append(host)

    def take(self, now: float) -> tuple[Host, Job] | None:
        """The next picture to ask for, its host counted as asked; None where nobody may be asked now."""
        while self._line:
            host = self._line.popleft()
            host.in_line = False
            if host.may_start(now):
                job = host.next_job()
                host.active += 1
                self.enter(host, now)
                return host, job
        return None

    def leave(self, job: Job, host: Host) -> None:
        """Forget what is known of a host when there are too many to remember."""
        if len(self._hosts) > MOST_HOSTS and host.idle:
            self._hosts.pop(job.at.raw_host, None)


def wait_before(attempt: int, limits: Limits) -> float:
    """Seconds to wait before the attempt after ``attempt`` ones: doubled each time."""
    return float(min(limits.longest_wait, limits.first_wait * 2.0 ** min(attempt - 1, 60)))


def verdict(job: Job, failure: NoPhoto, limits: Limits, jitter: float) -> float | NoPhoto:
    """Seconds until a picture is asked for again, or the failure that is its outcome.

    ``jitter``, 0 to 1, spreads what failed together; a wait that the host asks for is kept in full.
    """
    if not failure.again:
        return failure
    if failure.wait is not None and failure.wait > limits.longest_wait:
        return NoPhoto(f"{failure.reason}, to wait longer than {limits.longest_wait:g} s")
    if job.tries >= ((limits.attempts + 1) // 2 if failure.slow else limits.attempts):
        return NoPhoto(failure.reason + (f" after {job.tries} attempts" if job.tries > 1 else ""))
    wait = wait_before(job.tries, limits) * (0.5 + jitter)
    return max(wait, failure.wait or 0.0)
