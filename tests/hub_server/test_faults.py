"""The Hub on loopback fails on request, and only then."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import HfApi
from huggingface_hub import constants as client_constants
from huggingface_hub.errors import HfHubHTTPError
from support.hub_clients import add, send, status
from support.hub_server import Hub

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.mark.parametrize(
    ("fault", "happened", "seen"),
    [
        ({"status": 503}, False, 503),
        ({"status": 504, "when": "after"}, True, 504),
        ({"status": 412, "message": "A commit has happened since"}, False, 412),
        ({"status": 409}, False, 409),
        ({"retry_after": 7}, False, 429),
        ({"expired": True}, False, 401),
        ({"drop": True}, False, 0),
        ({"drop": True, "when": "during"}, False, 0),
        ({"drop": True, "when": "after"}, True, 0),
    ],
)
def test_a_commit_that_fails_did_or_did_not_happen(
    hub: Hub, api: HfApi, fault: dict[str, Any], happened: bool, seen: int
) -> None:
    hub.seed("alice/set")
    made = hub.faults.add("commit", **fault)
    with pytest.raises(
        (HfHubHTTPError, httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)
    ) as failed:
        send(api, add("a.txt", b"a" * 1000))
    if seen:
        assert failed.value.response.status_code == seen
    assert [entry.status for entry in hub.requests("commit")] == [seen]
    assert ("a.txt" in hub.files("alice/set")) == happened
    assert made.hits == 1
    send(api, add("b.txt", b"b"))
    assert "b.txt" in hub.files("alice/set")


def test_the_client_waits_as_long_as_it_is_told(hub: Hub, api: HfApi, naps: list[float]) -> None:
    hub.seed("alice/set")
    hub.faults.add("preupload", retry_after=7)
    hub.faults.add("preupload", after=1, rate_limit=40)
    hub.faults.add("batch", status=503, times=2)
    hub.faults.add("put", drop=True, when="during")
    hub.faults.add("verify", status=500)
    send(api, add("a.bin", b"\0" * 5000))
    assert naps == [8, 41, 1, 2, 1, 1]
    assert hub.read("alice/set", "a.bin") == b"\0" * 5000


def test_faults_choose_their_requests(hub: Hub) -> None:
    hub.seed("alice/set", {"a.txt": b"a", "b.txt": b"b"})
    hub.faults.add("resolve", path="b.txt", method="HEAD", after=1, times=2, status=500)
    hub.faults.add("*", path="/refs", delay=0.2)
    target = "/datasets/alice/set/resolve/main/"
    assert [status(hub, target + "b.txt", method="HEAD") for _ in range(4)] == [200, 500, 500, 200]
    assert status(hub, target + "b.txt") == status(hub, target + "a.txt", method="HEAD") == 200
    start = time.monotonic()
    assert status(hub, "/api/datasets/alice/set/refs") == 200
    assert time.monotonic() - start >= 0.2
    with pytest.raises(ValueError, match="no route 'comit'; the routes are .*commit"):
        hub.faults.add("comit", status=500)
    with pytest.raises(ValueError, match="needs drop"):
        hub.faults.add("put", status=500, when="during")


def test_downloads_are_cut_short(
    hub: Hub, api: HfApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        client_constants, "DOWNLOAD_CHUNK_SIZE", 100_000
    )  # it resumes at whole chunks, of 10 MB
    content = os.urandom(3_000_000)
    hub.seed("alice/set", {"a.bin": b"\0" + content})

    def fetch(name: str) -> bytes:
        path = api.hf_hub_download("alice/set", "a.bin", repo_type="dataset", cache_dir=tmp_path / name)
        return Path(path).read_bytes()

    hub.faults.add("blob", cut=1_000_000)
    assert fetch("resumed") == b"\0" + content
    assert [entry.status for entry in hub.requests("blob")] == [200, 206]
    hub.faults.add("blob", truncate=1_000_000)
    with pytest.raises(OSError, match="Consistency check failed"):
        fetch("truncated")
    hub.faults.add("resolve", etag="")
    with pytest.raises(Exception, match="ETag|Location|LocalEntryNotFound|metadata|find"):
        fetch("no etag")
    hub.faults.add("resolve", etag="f" * 64)
    fetch("wrong etag")
    assert [path.name for path in (tmp_path / "wrong etag").glob("*/blobs/*")] == ["f" * 64]


def test_an_outage_ends(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    api.dataset_info("alice/set")
    hub.stop()
    with pytest.raises(httpx2.TransportError):
        api.dataset_info("alice/set")
    hub.start()
    assert api.dataset_info("alice/set").id == "alice/set"


def test_a_bug_of_the_hub_itself_does_not_pass_for_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = Hub(tmp_path).start()
    hub.store.repos = None  # type: ignore[assignment]
    assert status(hub, "/api/datasets/alice/set") == 500
    assert "Traceback" in capsys.readouterr().err
    with pytest.raises(AssertionError, match="test Hub itself failed"):
        hub.__exit__(None, None, None)


def test_an_answer_is_replaced_or_changed(hub: Hub) -> None:
    hub.seed("alice/set")
    info = f"{hub.url}/api/datasets/alice/set"
    hub.faults.add("info", body=b"<html>")
    hub.faults.add("info", after=1, change=lambda answer: [answer["id"]])
    hub.faults.add("info", after=2, location="/elsewhere")
    assert httpx2.get(info).content == b"<html>"
    assert httpx2.get(info).json() == ["alice/set"]
    moved = httpx2.get(info)
    assert (moved.status_code, moved.headers["Location"]) == (307, "/elsewhere")
    assert httpx2.get(info).json()["id"] == "alice/set"
