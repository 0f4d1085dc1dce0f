"""What a failed call means to a person: one sentence, as InputError or RunFailed.

Whatever a server answers, however wrong, ends as one of these sentences; only a fault of our own code keeps
its traceback.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from datagen.library_messages import xet_status
from datagen.schemas import InputError, RunFailed
from datagen.schemas.text import without_secrets

Action = Literal["push", "pull", "job"]

LOGIN = "log in with `hf auth login`, or set HF_TOKEN"

FAULTS = (
    (ValueError, "it is not JSON, or not what was asked for"),
    (RecursionError, "nested too deeply"),
    (httpx2.TooManyRedirects, "redirected without end"),
    (OSError, "a file without its commit, or of another size"),
)
"""What an answer is that makes the client raise an error of a class."""

CLIENT_PACKAGES = frozenset({"huggingface_hub", "hf_xet", "httpx2", "httpcore2"})


@contextmanager
def translate_errors(repo: str, action: Action, what: str = "dataset") -> Iterator[None]:
    """Raise what the client raises as InputError or RunFailed instead; the cause is what --debug shows."""
    try:
        yield
    except Exception as error:
        sentence = translated(error, repo, action, what)
        if sentence is None:
            raise
        raise sentence from error


def translated(
    error: Exception, repo: str, action: Action, what: str = "dataset"
) -> InputError | RunFailed | None:
    """What a failed call means to a person; None for an error that does not come from the Hub."""
    outer, error = error, underlying(error)
    again = "run the same command again" + (f" to resume the {action}" if action != "job" else "")
    if isinstance(error, OfflineModeIsEnabled):
        return InputError("HF_HUB_OFFLINE is set, so the Hub cannot be reached; unset it.")
    if isinstance(error, GatedRepoError):
        return InputError(f"{repo} is gated; request access on its page, then {LOGIN}.")
    if isinstance(error, RevisionNotFoundError):
        return InputError(f"{repo} has no branch, tag or commit with that name.")
    if isinstance(error, RepositoryNotFoundError):
        return InputError(
            f"There is no {what} {repo} on {endpoint()}, or it is private and you have no access to it; "
            f"{LOGIN}."
        )
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else xet_status(error)
    if status in {401, 403}:
        return InputError(f"The Hub denied this operation on {repo} ({status}); {LOGIN}.")
    if isinstance(error, HfHubHTTPError) and error.response.status_code >= 400:
        reason = one_line(error.server_message or error.response.reason_phrase or "")
        return RunFailed(f"The Hub answered {status}{f': {reason}' if reason else ''}; {again}.")
    if is_unreachable(error):
        reason = re.sub(r"\[Errno -?\d+\] ", "", one_line(str(error))).rstrip(".") or "no connection"
        return RunFailed(f"{endpoint()} cannot be reached ({reason}); check {_suspects()}, then {again}.")
    if is_connection_error(error):
        kind = type(error).__name__
        return RunFailed(f"The connection to {endpoint()} failed ({kind}); {again}.")
    if _raised_by_client(outer):
        words = [words for kind, words in FAULTS if isinstance(error, kind)]
        return odd_answer(words[0] if words else "unexpected fields")
    return None


def odd_answer(what: str) -> RunFailed:
    """The error for an answer that the real Hub would not give; ``what`` is odd about it."""
    return RunFailed(
        f"{endpoint()} does not answer as the Hub does ({one_line(what)[:100]}); check {_suspects()}, "
        "or try again later."
    )


def _suspects() -> str:
    usual = constants.ENDPOINT == "https://huggingface.co"
    return "the network" if usual else "the network and HF_ENDPOINT"


def underlying(error: Exception) -> Exception:
    """The error that the client wrapped where an upload or a download failed."""
    inner: BaseException | None = error
    while isinstance(inner, RuntimeError | LocalEntryNotFoundError):
        inner = inner.__cause__
    return inner if isinstance(inner, Exception) else error


def is_unreachable(error: Exception) -> bool:
    """Whether there was no connection at all: no network, no such host, or nobody who listens there."""
    return isinstance(error, httpx2.ConnectError)


def is_connection_error(error: Exception) -> bool:
    """Whether the network failed, and not the server."""
    kinds = httpx2.TransportError | ConnectionError | TimeoutError | LocalEntryNotFoundError
    return isinstance(error, kinds) and not isinstance(error, OfflineModeIsEnabled)


def _raised_by_client(error: Exception) -> bool:
    """Whether the client could not make sense of an answer; errors of the local disk have a number."""
    modules = [str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    inside = any(name.split(".")[0] in CLIENT_PACKAGES for name in modules)
    return inside and (not isinstance(error, OSError) or error.errno is None)


def endpoint() -> str:
    """The address of the Hub, without the user and password that it may contain."""
    return without_secrets(constants.ENDPOINT)


def one_line(text: str) -> str:
    """The beginning of a text of the server, fit for a sentence on a terminal."""
    plain = "".join(letter if letter.isprintable() else " " for letter in without_secrets(text[:2000]))
    return " ".join(plain.split())[:200]
