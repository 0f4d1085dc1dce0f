"""The Hugging Face Hub: one client, patient where the official one is not, and errors as sentences.

The client retries uploads and downloads itself; it does not retry commits, repository info and
creation (huggingface_hub 2.4), so every call goes through :func:`patiently`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx2
import stamina
from huggingface_hub import (
    HfApi,
    constants,
    get_token,
)
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import get_session, hf_raise_for_status
from huggingface_hub.utils.tqdm import disable_progress_bars

from datagen.schemas import InputError, RunFailed

T = TypeVar("T")

RETRIED = frozenset({408, 409, 412, 429, 500, 502, 503, 504})
"""Statuses that may pass: a conflict or a stale parent too, since every call here may be repeated."""

ATTEMPTS = 8
LONGEST_WAIT = 120.0
"""Seconds; a server that asks for more is told to the user instead."""

LOGIN = "log in with `hf auth login`, or set HF_TOKEN"


def connect() -> HfApi:
    """A client for the Hub that the environment names, with the token of the login if there is one."""
    disable_progress_bars()
    return HfApi(token=get_token(), library_name="datagen")


def patiently(call: Callable[[], T], also: tuple[type[Exception], ...] = ()) -> T:
    """``call()``, tried again with growing waits while its failure may pass, or is one of ``also``.

    Waits as long as Retry-After or RateLimit ask, up to LONGEST_WAIT. The call must bear being
    repeated, also after it took effect unseen. The last failure is raised as it is.
    """

    def wait(error: Exception) -> bool | float:
        return isinstance(error, also) or _wait(error)

    for attempt in stamina.retry_context(
        on=wait, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20.0, wait_jitter=0.5
    ):
        with attempt:
            return call()
    raise AssertionError("stamina returned without an attempt")


def _wait(error: Exception) -> bool | float:
    """Whether to try again after ``error``, or the seconds that the server asks for."""
    error = _cause(error)
    if isinstance(error, HfHubHTTPError):
        if error.response.status_code not in RETRIED:
            return False
        asked = _asked_wait(error.response.headers)
        if asked is not None and asked > LONGEST_WAIT:
            return False
        return True if asked is None else asked
    # What hf_xet got an answer for it has tried for minutes already.
    return _is_connection(error) and _xet_status(error) is None


def _cause(error: Exception) -> Exception:
    """What went wrong underneath: the client wraps it where an upload or a download fails."""
    inner: BaseException | None = error
    while isinstance(inner, RuntimeError | LocalEntryNotFoundError):
        inner = inner.__cause__
    return inner if isinstance(inner, Exception) else error


def _xet_status(error: Exception) -> int | None:
    """The status that hf_xet, which has no better way to say it, writes into a ConnectionError."""
    found = re.search(r"HTTP status (?:client|server) error \((\d{3})", str(error))
    return int(found[1]) if found and type(error) is ConnectionError else None


def _is_connection(error: Exception) -> bool:
    lost = httpx2.TransportError | ConnectionError | TimeoutError | LocalEntryNotFoundError
    return isinstance(error, lost) and not isinstance(error, OfflineModeIsEnabled)


def _asked_wait(headers: Any) -> float | None:
    """Seconds asked for by ``Retry-After: N`` or by ``RateLimit: "api";r=0;t=N``."""
    after = str(headers.get("Retry-After", "")).strip()
    if after.isdigit():
        return float(after) + 0.1
    left = re.search(r"\br=0\b.*?\bt=(\d+)", str(headers.get("RateLimit", "")))
    return float(left[1]) + 0.1 if left else None


def repository(name: str) -> str:
    """``owner/name`` if it is legal on the Hub. Raises InputError."""
    part = r"[A-Za-z0-9](?:[A-Za-z0-9]|[._-](?=[A-Za-z0-9]))*"
    if not re.fullmatch(f"{part}/{part}", name) or len(name.split("/")[-1]) > 96 or name.endswith(".git"):
        raise InputError(
            f"{name!r} is no name for a dataset on the Hub; write owner/name, in letters, digits, "
            "single '-', '_' and '.'."
        )
    return name


def reference(name: str, what: str) -> str:
    """The name of a branch or tag if Git takes it and it is no hidden one. Raises InputError."""
    parts = name.split("/")
    odd = re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{", name) or name.startswith("refs/") or len(name) > 200
    if odd or any(not part or part[0] in ".-" or part.endswith((".", ".lock")) for part in parts):
        raise InputError(f"{name!r} is no name for a {what}; use letters, digits, '-', '_', '.' and '/'.")
    return name


def refuse_faulty_card(api: HfApi, card: str) -> None:
    """Have the Hub check a card, which it would else do after the upload. Raises InputError."""
    answer = get_session().post(
        f"{api.endpoint}/api/validate-yaml",
        json={"content": card, "repoType": "dataset"},
        headers=build_hf_headers(token=api.token, library_name=api.library_name),
    )
    if answer.status_code == 400:
        said = " ".join(str(each.get("message")) for each in answer.json().get("errors", []))
        raise InputError(f"The Hub refuses the YAML of the card ({_one_line(said)}); mend it in README.md.")
    hf_raise_for_status(answer)


def owner_who_may_write(api: HfApi, repo: str, *, proposes: bool = False) -> str:
    """The account behind the token. Raises InputError where there is none or it may not write to ``repo``.

    Whoever ``proposes``, with a pull request, needs no right to write.
    """
    if not api.token:
        raise InputError(f"You are not logged in to the Hub; {LOGIN}.")
    try:
        who = patiently(api.whoami)
    except HfHubHTTPError as error:
        if error.response.status_code in {401, 403}:
            raise InputError(f"The Hub refuses the token; {LOGIN}.") from None
        raise
    name, owner = str(who.get("name", "")), repo.split("/")[0]
    role = who.get("auth", {}).get("accessToken", {}).get("role")
    if role == "read":
        raise InputError(f"The token of {name} may only read; {LOGIN} with a token that may write.")
    names = [name, *sorted(str(org.get("name")) for org in who.get("orgs", []))]
    if not proposes and owner.lower() not in {each.lower() for each in names}:
        raise InputError(f"{name} may not write to {owner}; the token reaches {', '.join(names)}.")
    return name


def as_sentence(error: Exception, repo: str) -> Exception | None:
    """What a failed call means for a person, as InputError or RunFailed; None for what is not the Hub's."""
    where = f"{repo} on {constants.ENDPOINT}"
    error = _cause(error)
    if isinstance(error, OfflineModeIsEnabled):
        return InputError("HF_HUB_OFFLINE is set, so the Hub cannot be reached; unset it.")
    if isinstance(error, GatedRepoError):
        return InputError(f"{repo} is gated; ask for access on its page, then {LOGIN}.")
    if isinstance(error, RevisionNotFoundError):
        return InputError(f"{repo} has no branch, tag or commit of that name.")
    if isinstance(error, RepositoryNotFoundError):
        return InputError(f"There is no dataset {where}, or it is private and you may not see it; {LOGIN}.")
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else _xet_status(error)
    if status in {401, 403}:
        return InputError(f"The Hub does not let you do this with {repo} ({status}); {LOGIN}.")
    if isinstance(error, HfHubHTTPError):
        reason = _one_line(error.server_message or error.response.reason_phrase or "")
        said = f": {reason}" if reason else ""
        return RunFailed(
            f"The Hub answered {status}{said}; what was sent is kept there, start the same command again."
        )
    if _is_connection(error):
        return RunFailed(
            f"The connection to {constants.ENDPOINT} failed ({type(error).__name__}); "
            "what was sent is kept there, start the same command again."
        )
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


@contextmanager
def sentences(repo: str) -> Iterator[None]:
    """Turn what the client raises into InputError or RunFailed."""
    try:
        yield
    except Exception as error:
        said = as_sentence(error, repo)
        if said is None:
            raise
        raise said from None
