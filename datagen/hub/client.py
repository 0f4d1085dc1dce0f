"""The Hugging Face Hub: one client, retries where the official one has none, and errors as sentences.

The client retries uploads and downloads itself; it does not retry commits, repository info and
creation (huggingface_hub 2.4), so every call goes through :func:`with_retries`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx2
import stamina
from huggingface_hub import HfApi, constants, get_session, get_token, hf_raise_for_status
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # documented, not typed
from huggingface_hub.utils.tqdm import disable_progress_bars

from datagen.library_messages import xet_status
from datagen.schemas import InputError, RunFailed

T = TypeVar("T")

RETRIED_STATUSES = frozenset({408, 409, 412, 429, 500, 502, 503, 504})
"""Statuses that may be temporary; a conflict and a stale parent too, since every call here is repeatable."""

ATTEMPTS = 8
MAX_WAIT = 120.0
"""Seconds; where a server asks for a longer wait, the call fails instead."""

LOGIN = "log in with `hf auth login`, or set HF_TOKEN"


def connect() -> HfApi:
    """A client for the Hub that the environment names, with the token of the login if there is one."""
    disable_progress_bars()
    return HfApi(token=get_token(), library_name="datagen")


# Names


def check_repo_id(name: str) -> str:
    """``owner/name``, if it is legal on the Hub. Raises InputError."""
    part = r"[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?=[A-Za-z0-9]))*"
    if not re.fullmatch(f"{part}/{part}", name) or len(name.split("/")[-1]) > 96 or name.endswith(".git"):
        raise InputError(
            f"{name!r} is not a valid name for a dataset on the Hub; write owner/name with letters, digits "
            "and single '-', '_' and '.'."
        )
    return name


def check_ref_name(name: str, what: str) -> str:
    """The name of a branch or tag, if Git accepts it and does not hide it. Raises InputError."""
    parts = name.split("/")
    odd = re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{", name) or name.startswith("refs/") or len(name) > 200
    if odd or any(not part or part[0] in ".-" or part.endswith((".", ".lock")) for part in parts):
        raise InputError(
            f"{name!r} is not a valid name for a {what}; use letters, digits, '-', '_', '.' and '/'."
        )
    return name


def repo_and_revision(source: str, revision: str | None) -> tuple[str, str | None]:
    """The parts of ``owner/name[@revision]``; the revision may be given separately. Raises InputError."""
    name, _, suffix = source.partition("@")
    if suffix and revision and suffix != revision:
        raise InputError(f"{source} names one revision and --revision {revision} another; give one of them.")
    return check_repo_id(name), suffix or revision


# Calls


def with_retries(call: Callable[[], T], also: tuple[type[Exception], ...] = ()) -> T:
    """The result of ``call()``, repeated with growing waits while its failure may be temporary.

    Exceptions in ``also`` count as temporary, too. Waits as long as Retry-After or RateLimit ask for, up to
    MAX_WAIT. The call must be repeatable even after it took effect unnoticed. The last failure is raised
    unchanged.
    """

    def retry_or_wait(error: Exception) -> bool | float:
        return isinstance(error, also) or _retry_or_wait(error)

    for attempt in stamina.retry_context(
        on=retry_or_wait, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20.0, wait_jitter=0.5
    ):
        with attempt:
            return call()
    raise AssertionError("stamina returned without an attempt")


def _retry_or_wait(error: Exception) -> bool | float:
    """Whether to try again after ``error``, or the seconds that the server asks to wait."""
    error = _underlying(error)
    if isinstance(error, HfHubHTTPError):
        if error.response.status_code not in RETRIED_STATUSES:
            return False
        wait = _requested_wait(error.response.headers)
        if wait is not None and wait > MAX_WAIT:
            return False
        return True if wait is None else wait
    # hf_xet has already retried for minutes whatever it has a status for.
    return _is_connection_error(error) and xet_status(error) is None


def _underlying(error: Exception) -> Exception:
    """The error that the client wrapped where an upload or a download failed."""
    inner: BaseException | None = error
    while isinstance(inner, RuntimeError | LocalEntryNotFoundError):
        inner = inner.__cause__
    return inner if isinstance(inner, Exception) else error


def _is_connection_error(error: Exception) -> bool:
    kinds = httpx2.TransportError | ConnectionError | TimeoutError | LocalEntryNotFoundError
    return isinstance(error, kinds) and not isinstance(error, OfflineModeIsEnabled)


def _requested_wait(headers: Any) -> float | None:
    """Seconds to wait, from ``Retry-After: N`` or ``RateLimit: "api";r=0;t=N``."""
    retry_after = str(headers.get("Retry-After", "")).strip()
    if retry_after.isdigit():
        return float(retry_after) + 0.1
    exhausted = re.search(r"\br=0\b.*?\bt=(\d+)", str(headers.get("RateLimit", "")))
    return float(exhausted[1]) + 0.1 if exhausted else None


# Checks before a push


def require_write_access(api: HfApi, repo: str, *, proposes: bool = False) -> str:
    """The account behind the token. Raises InputError without one, or if it may not write to ``repo``.

    Whoever ``proposes`` a change, by a pull request, needs no right to write.
    """
    if not api.token:
        raise InputError(f"You are not logged in to the Hub; {LOGIN}.")
    try:
        account = with_retries(api.whoami)
    except HfHubHTTPError as error:
        if error.response.status_code in {401, 403}:
            raise InputError(f"The Hub rejected the token; {LOGIN}.") from None
        raise
    name, owner = str(account.get("name", "")), repo.split("/")[0]
    role = account.get("auth", {}).get("accessToken", {}).get("role")
    if role == "read":
        raise InputError(f"The token of {name} is read-only; {LOGIN}, with a token that has write access.")
    names = [name, *sorted(str(org.get("name")) for org in account.get("orgs", []))]
    if not proposes and owner.lower() not in {each.lower() for each in names}:
        raise InputError(f"{name} may not write to {owner}; the token gives access to {', '.join(names)}.")
    return name


def validate_card(api: HfApi, card: str) -> None:
    """Have the Hub check a card now, which it otherwise does after the upload. Raises InputError."""
    response = get_session().post(
        f"{api.endpoint}/api/validate-yaml",
        json={"content": card, "repoType": "dataset"},
        headers=build_hf_headers(token=api.token, library_name=api.library_name),
    )
    if response.status_code == 400:
        messages = " ".join(str(each.get("message")) for each in response.json().get("errors", []))
        raise InputError(f"The Hub rejects the YAML of the card ({_one_line(messages)}); correct README.md.")
    hf_raise_for_status(response)


# Errors


@contextmanager
def translate_errors(repo: str) -> Iterator[None]:
    """Raise what the client raises as InputError or RunFailed instead."""
    try:
        yield
    except Exception as error:
        sentence = translated(error, repo)
        if sentence is None:
            raise
        raise sentence from None


def translated(error: Exception, repo: str) -> InputError | RunFailed | None:
    """What a failed call means to a person; None for an error that does not come from the Hub."""
    error = _underlying(error)
    if isinstance(error, OfflineModeIsEnabled):
        return InputError("HF_HUB_OFFLINE is set, so the Hub cannot be reached; unset it.")
    if isinstance(error, GatedRepoError):
        return InputError(f"{repo} is gated; request access on its page, then {LOGIN}.")
    if isinstance(error, RevisionNotFoundError):
        return InputError(f"{repo} has no branch, tag or commit with that name.")
    if isinstance(error, RepositoryNotFoundError):
        return InputError(
            f"There is no dataset {repo} on {constants.ENDPOINT}, or it is private and you have no access to "
            f"it; {LOGIN}."
        )
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else xet_status(error)
    if status in {401, 403}:
        return InputError(f"The Hub denied this operation on {repo} ({status}); {LOGIN}.")
    if isinstance(error, HfHubHTTPError):
        reason = _one_line(error.server_message or error.response.reason_phrase or "")
        answer = f"{status}: {reason}" if reason else str(status)
        return RunFailed(
            f"The Hub answered {answer}; what was transferred is kept, so run the same command again."
        )
    if _is_connection_error(error):
        return RunFailed(
            f"The connection to {constants.ENDPOINT} failed ({type(error).__name__}); "
            "what was transferred is kept, so run the same command again."
        )
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
