"""The patient client: what is tried again, how long it waits, and what it says at last."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
import stamina
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

from datagen.hub.client import ATTEMPTS, check_ref_name, check_repo_id, translated, with_retries
from datagen.schemas import InputError, RunFailed


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

    with stamina.set_testing(True, attempts=ATTEMPTS):
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
    httpx2.ConnectError("no"),
    httpx2.ReadTimeout("no"),
    httpx2.RemoteProtocolError("no"),
    ConnectionError("no"),
    TimeoutError("no"),
    LocalEntryNotFoundError("no"),
    caused(RuntimeError("Error while uploading"), answer(503)),
    caused(LocalEntryNotFoundError("no"), httpx2.ConnectError("no")),
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
    assert tries(error) == ATTEMPTS
    assert tries(error, times=2) == 3
    assert isinstance(translated(error, "a/b"), RunFailed)


@pytest.mark.parametrize("error", LASTING, ids=repr)
def test_what_will_not_pass_is_not(error: Exception) -> None:
    assert tries(error) == 1
    assert (translated(error, "a/b") is None) == isinstance(error, ValueError)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The seconds that were to be waited; nobody waits them."""
    seen: list[float] = []

    def note(details: RetryDetails) -> None:
        seen.append(details.wait_for)

    set_on_retry_hooks([note])
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda seconds: None)
    yield seen
    set_on_retry_hooks(None)


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
    assert len(waits) == ATTEMPTS - 1
    assert waits == sorted(waits)
    assert 40 < sum(waits) < 70


def test_whoever_asks_for_more_than_is_bearable_is_not_waited_for() -> None:
    assert tries(answer(429, Retry_After="600")) == 1
    assert tries(answer(429, RateLimit='"api";r=0;t=299')) == 1


@pytest.mark.parametrize("name", ["a/b", "alice/my-set_2.0", "A1/" + "x" * 96])
def test_legal_names_pass(name: str) -> None:
    assert check_repo_id(name) == name


@pytest.mark.parametrize(
    "name", ["a", "a/", "a/b/c", "a/b--" + "x" * 96, "a/.b", "a/b.", "a/b c", "a/b\n", "a/b.git"]
)
def test_illegal_names_do_not(name: str) -> None:
    with pytest.raises(InputError, match="is not a valid name for a dataset"):
        check_repo_id(name)


@pytest.mark.parametrize("name", ["main", "v1.0", "try/this", "v1+rows", "2026-01-01"])
def test_legal_references_pass(name: str) -> None:
    assert check_ref_name(name, "tag") == name


@pytest.mark.parametrize(
    "name", ["", "/", "a/", "a b", "a\n", "a..b", "a@{1}", "a^", ".a", "a.lock", "x" * 201]
)
def test_illegal_references_do_not(name: str) -> None:
    with pytest.raises(InputError, match="is not a valid name for a tag"):
        check_ref_name(name, "tag")


@pytest.mark.parametrize("error", [*PASSING, *LASTING], ids=repr)
def test_sentences_are_single_and_say_what_to_do(error: Exception) -> None:
    said = translated(error, "a/b")
    if said is not None:
        assert "\n" not in str(said)
        assert str(said).endswith(".")
        assert len(str(said)) < 400
