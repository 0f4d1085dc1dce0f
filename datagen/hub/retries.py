"""Calls to the Hub that are repeated while their failure may be temporary.

The client retries uploads and downloads itself; it does not retry commits, repository info and creation
(huggingface_hub 2.4), so every call goes through :func:`with_retries`.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from time import sleep
from typing import Any, TypeVar

from huggingface_hub.errors import HfHubHTTPError

from datagen.hub.errors import is_connection_error, is_unreachable, underlying
from datagen.library_messages import xet_status

T = TypeVar("T")

RETRIED_STATUSES = frozenset({408, 409, 412, 429, 500, 502, 503, 504})
"""Statuses that may be temporary; a conflict and a stale parent too, since every call here is repeatable."""

MAX_WAIT = 120.0
"""Seconds; where a server asks for a longer wait, the call fails instead."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How often a call is made in all, and how many seconds it waits in between: each time twice as long."""

    attempts: int
    first: float
    longest: float

    def wait(self, attempt: int) -> float:
        """Seconds to wait after attempt 1, 2, ...; no two clients wait equally long."""
        return min(self.longest, self.first * 2.0 ** (attempt - 1) + random.uniform(0, self.first))


WITH_A_SERVER = Patience(8, 0.5, 20.0)
"""With a server that is busy, or a connection that broke: about a minute."""

WITHOUT_ONE = Patience(4, 0.5, 2.0)
"""Where there is no connection at all, it rarely comes back: a few seconds."""


def with_retries(call: Callable[[], T], also: tuple[type[Exception], ...] = ()) -> T:
    """The result of ``call()``, repeated with growing waits while its failure may be temporary.

    Exceptions in ``also`` count as temporary, too. Waits as long as Retry-After or RateLimit ask for, up to
    MAX_WAIT. The call must be repeatable even after it took effect unnoticed. Each wait is logged as a
    warning. The last failure is raised unchanged.
    """
    for attempt in count(1):
        try:
            return call()
        except Exception as error:
            patience, wait = _patience(error, also)
            if attempt >= patience.attempts:
                raise
            seconds = patience.wait(attempt) if wait is None else wait
            _log.warning(
                "%s; trying again in %.0f s (attempt %d of %d).",
                _in_words(error),
                max(1, seconds),
                attempt + 1,
                patience.attempts,
            )
            sleep(seconds)
    raise AssertionError("count ended")


def _patience(error: Exception, also: tuple[type[Exception], ...]) -> tuple[Patience, float | None]:
    """How much patience a failure deserves, and the seconds that the server asks to wait."""
    if isinstance(error, also):
        return WITH_A_SERVER, None
    error = underlying(error)
    if isinstance(error, HfHubHTTPError):
        wait = _requested_wait(error.response.headers)
        if error.response.status_code in RETRIED_STATUSES and (wait is None or wait <= MAX_WAIT):
            return WITH_A_SERVER, wait
    elif is_unreachable(error):
        return WITHOUT_ONE, None
    elif is_connection_error(error) and xet_status(error) is None:
        # hf_xet has already retried for minutes whatever it has a status for.
        return WITH_A_SERVER, None
    return _NONE, None


_NONE = Patience(1, 0, 0)


def _in_words(error: Exception) -> str:
    error = underlying(error)
    if isinstance(error, HfHubHTTPError):
        return f"The Hub answered {error.response.status_code}"
    if is_unreachable(error):
        return "The Hub does not answer"
    return "The connection to the Hub broke" if is_connection_error(error) else "The Hub is not ready"


def _requested_wait(headers: Any) -> float | None:
    """Seconds to wait, from ``Retry-After: N`` or ``RateLimit: "api";r=0;t=N``."""
    retry_after = str(headers.get("Retry-After", "")).strip()
    if re.fullmatch("[0-9]{1,9}", retry_after):
        return float(retry_after) + 0.1
    exhausted = re.search(r"\br=0\b.*?\bt=([0-9]{1,9})", str(headers.get("RateLimit", "")))
    return float(exhausted[1]) + 0.1 if exhausted else None
