"""Calls that are repeated: for which failures, how long they wait, and what is said meanwhile and at last."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
from support.hub_server import Hub
from support.pushed_sets import SET
from support.sets import Run

from datagen.hub import retries
from datagen.hub.errors import translated
from datagen.hub.retries import WITH_A_SERVER, WITHOUT_ONE, with_retries
from datagen.schemas import RunFailed
from datagen.schemas.text import without_secrets

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were to be waited; nobody waits them."""
    seen: list[float] = []
    monkeypatch.setattr(retries, "sleep", seen.append)
    return seen


def answer(status: int, **headers: str) -> HfHubHTTPError:
    request = httpx2.Request("GET", "http://127.0.0.1/api")
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HfHubHTTPError("no", response=httpx2.Response(status, headers=names, request=request))


def tries(error: Exception, times: int = 10**6) -> int:
    """How often a call is made that fails ``times`` times."""
    made = 0

    def call() -> None:
        nonlocal made
        made += 1
        if made <= times:
            raise error

    try:
        with_retries(call)
    except Exception as raised:
        assert raised is error
    return made


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


XET = "Network error: Request error: HTTP status client error (403 Forbidden), domain: http://x"
PASSING = [
    *(answer(status) for status in (408, 409, 412, 429, 500, 502, 503, 504)),
    httpx2.ReadTimeout("no"),
    httpx2.RemoteProtocolError("no"),
    ConnectionError("no"),
    TimeoutError("no"),
    LocalEntryNotFoundError("no"),
    caused(RuntimeError("Error while uploading"), answer(503)),
    caused(LocalEntryNotFoundError("no"), httpx2.ConnectTimeout("no")),
]
NO_NETWORK = [
    httpx2.ConnectError("[Errno -2] Name or service not known"),
    caused(LocalEntryNotFoundError("no"), httpx2.ConnectError("[Errno 111] Connection refused")),
]
LASTING = [
    *(answer(status) for status in (400, 401, 402, 403, 404, 410, 422, 501)),
    OfflineModeIsEnabled("no"),
    ConnectionError(XET),
    ValueError("no"),
    caused(RuntimeError("Error while uploading"), answer(403)),
    caused(LocalEntryNotFoundError("no"), answer(403)),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    assert tries(error) == WITH_A_SERVER.attempts
    assert tries(error, times=2) == 3
    assert isinstance(translated(error, "a/b", "push"), RunFailed)


@pytest.mark.parametrize("error", NO_NETWORK, ids=repr)
def test_without_a_network_it_ends_in_seconds(error: Exception, waits: list[float]) -> None:
    assert tries(error) == WITHOUT_ONE.attempts == 4
    assert sum(waits) < 6
    assert tries(error, times=2) == 3


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_what_will_not_pass_is_not(error: Exception) -> None:
    assert tries(error) == 1
    assert (translated(error, "a/b", "push") is None) == isinstance(error, ValueError)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry_After": "7"}, 7, 8),
        ({"RateLimit": '"api";r=0;t=42'}, 42, 43),
        ({"RateLimit": '"api";r=12;t=42'}, 0.5, 1),
        ({"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.5, 1),
        ({}, 0.5, 1),
    ],
)
def test_the_wait_is_what_the_server_asks_for(
    waits: list[float], headers: dict[str, str], least: float, most: float
) -> None:
    failures = [answer(429, **headers)]

    def call() -> int:
        if failures:
            raise failures.pop()
        return 5

    assert with_retries(call) == 5
    assert len(waits) == 1
    assert least <= waits[0] <= most


def test_waits_grow_and_end(waits: list[float]) -> None:
    def call() -> None:
        raise answer(503)

    with pytest.raises(HfHubHTTPError):
        with_retries(call)
    assert len(waits) == WITH_A_SERVER.attempts - 1
    assert waits == sorted(waits)
    assert 40 < sum(waits) < 70


def test_whoever_asks_for_more_than_is_bearable_is_not_waited_for() -> None:
    assert tries(answer(429, Retry_After="600")) == 1
    assert tries(answer(429, RateLimit='"api";r=0;t=299')) == 1


@pytest.mark.parametrize("error", [*PASSING, *NO_NETWORK, *LASTING], ids=repr)
def test_sentences_are_single_and_say_what_to_do(error: Exception) -> None:
    said = translated(error, "a/b", "push")
    if said is not None:
        assert "\n" not in str(said)
        assert str(said).endswith(".")
        assert len(str(said)) < 400


# What a person sees


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://me:secret@nosuchhost.invalid"])
@pytest.mark.parametrize("action", ["push", "pull"])
def test_a_hub_that_cannot_be_reached(
    hub: Hub,
    run: Run,
    few_rows: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    waits: list[float],
    action: str,
    address: str,
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", address)
    words = ["push", few_rows, SET] if action == "push" else ["pull", SET, "--out", tmp_path / "back"]
    done = run(*words)
    assert done.exit_code == 1
    assert sum(waits) < 6
    *notices, sentence = done.stderr.splitlines()
    assert len(notices) == 3
    for number, notice in enumerate(notices, 2):
        assert re.fullmatch(
            rf"The Hub does not answer; trying again in \d s \(attempt {number} of 4\)\.", notice
        )
    assert sentence.startswith(f"Error: {address.replace('me:secret@', '')} cannot be reached (")
    assert sentence.endswith(
        f"); check the network and HF_ENDPOINT, then run the same command again to resume the {action}."
    )
    assert run(*words, "--quiet").stderr == sentence + "\n"


def test_a_busy_hub_is_told_while_it_is_waited_for(hub: Hub, run: Run, few_rows: Path) -> None:
    hub.faults.add("commit", retry_after=3)
    done = run("push", few_rows, SET)
    assert done.exit_code == 0
    assert "The Hub answered 429; trying again in 3 s (attempt 2 of 8)." in done.stderr.splitlines()


def test_the_client_says_nothing_itself(hub: Hub, run: Run, few_rows: Path, capfd: Any) -> None:
    hub.faults.add("put", status=503, times=2)
    assert run("push", few_rows, SET, "--quiet").output == ""
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://me:key@hub.example:81/a", "http://hub.example:81/a"),
        ("GET https://hub.example/a?token=t&x=1#y: refused", "GET https://hub.example/a: refused"),
        ("(see 'https://a@b@c.example/?q=1')", "(see 'https://c.example/')"),
        ("write to me@shop.example, or not?", "write to me@shop.example, or not?"),
    ],
)
def test_no_url_keeps_a_secret(text: str, expected: str) -> None:
    assert without_secrets(text) == expected
