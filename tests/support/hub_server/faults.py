"""Faults that a test asks for: what goes wrong, on which requests, how often."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

When = Literal["before", "during", "after"]


@dataclass
class Fault:
    """One thing that goes wrong. Made by `Faults.add`, which documents every field."""

    route: str
    times: int = 1
    after: int = 0
    method: str | None = None
    path: str | None = None
    status: int | None = None
    message: str | None = None
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    when: When = "before"
    delay: float = 0.0
    cut: int | None = None
    truncate: int | None = None
    etag: str | None = None
    expired: bool = False
    body: bytes | None = None
    change: Callable[[Any], Any] | None = None
    seen: int = 0
    hits: int = 0

    def matches(self, route: str, method: str, path: str) -> bool:
        """Say whether a request is of the kind that this fault is for."""
        return (
            self.route in (route, "*")
            and self.method in (None, method)
            and (self.path is None or self.path in path)
        )


class Faults:
    """The faults in force, in the order in which they were added; `routes` are the names that `add` knows."""

    def __init__(self, routes: Iterable[str]) -> None:
        self.routes = {*routes, "*"}
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        route: str,
        *,
        times: int = 1,
        after: int = 0,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        message: str | None = None,
        code: str | None = None,
        retry_after: int | None = None,
        rate_limit: int | None = None,
        drop: bool = False,
        when: When = "before",
        delay: float = 0.0,
        cut: int | None = None,
        truncate: int | None = None,
        etag: str | None = None,
        expired: bool = False,
        body: bytes | None = None,
        change: Callable[[Any], Any] | None = None,
        location: str | None = None,
    ) -> Fault:
        """Make something go wrong, and return the fault, whose `hits` counts how often it did.

        Which requests: those of `route` (a name in the table of routes, or "*"), of `method`, with `path` in
        their path; the first `after` of them pass, the next `times` are hit.

        What happens, in any combination that makes sense:
        `status`, `message`, `code`   this error is answered (`code` becomes X-Error-Code)
        `retry_after`, `rate_limit`   seconds, sent with the error as Retry-After or as RateLimit
        `drop`                        the connection is closed without an answer
        `when`                        whether `status` or `drop` strikes "before" the request takes effect,
                                      "after" it did, or "during" its body (`drop` only: half of it is read)
        `delay`                       seconds to wait first
        `cut`                         the answer's body stops after so many bytes, short of its Content-Length
        `truncate`                    the same, but the Content-Length agrees with what is sent
        `etag`                        the answer's ETag and X-Linked-ETag are this ("" leaves them out)
        `expired`                     on xet_write and xet_read: the token handed out is no longer valid;
                                      elsewhere: 401, as for an expired or revoked user token
        `body`                        200 and these bytes are answered instead
        `change`                      the JSON of the answer becomes what this function makes of it
        `location`                    307 to this address is answered
        """
        if route not in self.routes:
            raise ValueError(f"there is no route {route!r}; the routes are {', '.join(sorted(self.routes))}")
        headers = {}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        if rate_limit is not None:
            headers["RateLimit"] = f'"api";r=0;t={rate_limit}'
            headers["RateLimit-Policy"] = '"fixed window";"api";q=1000;w=300'
        if expired and not route.startswith("xet_"):
            status, message = 401, "Invalid credentials in Authorization header"
        if when == "during" and not drop:
            raise ValueError('when="during" needs drop=True')
        if headers and status is None:
            status = 429
        if location is not None:
            status, headers["Location"] = 307, location
        fault = Fault(
            route,
            times=times,
            after=after,
            method=method,
            path=path,
            status=status,
            message=message,
            code=code,
            headers=headers,
            drop=drop,
            when=when,
            delay=delay,
            cut=cut,
            truncate=truncate,
            etag=etag,
            expired=expired,
            body=body,
            change=change,
        )
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def take(self, route: str, method: str, path: str) -> Fault | None:
        """Return the fault that strikes this request, if any; every matching fault counts it."""
        struck = None
        with self._lock:
            for fault in self._faults:
                if not fault.matches(route, method, path):
                    continue
                fault.seen += 1
                if struck is None and fault.after < fault.seen <= fault.after + fault.times:
                    fault.hits += 1
                    struck = fault
        return struck


@dataclass
class Entry:
    """One request in the log of the Hub: `Hub.log` holds them in order of arrival."""

    method: str
    path: str
    query: dict[str, list[str]]
    route: str
    host: str
    authorized: bool  # an Authorization header was sent, whatever its value
    user: str | None = None
    status: int = 0  # 0: the connection was closed without an answer
    received: int = 0  # bytes of request body
    sent: int = 0  # bytes of response body
    fault: Fault | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as plain values, for a test that prints or compares it."""
        return {name: value for name, value in vars(self).items() if name != "fault"}
