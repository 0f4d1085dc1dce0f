"""Running the Hub on loopback: its log, its command, and the environment of its clients."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi
from support.hub_server import Hub

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

ROOT = Path(__file__).parents[2]


def test_the_log_tells_what_came(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set", {"a.txt": b"hello"})
    hub.log.clear()
    url = f"{hub.url}/datasets/alice/set/resolve/main/a.txt?download=true"
    httpx2.get(url)
    api.whoami()
    first, second = hub.log
    assert (first.method, first.route, first.status, first.sent) == ("GET", "resolve", 200, 5)
    assert (first.authorized, first.user, first.query) == (False, None, {"download": ["true"]})
    assert (second.route, second.authorized, second.user) == ("whoami", True, "alice")
    assert hub.requests("whoami") == [second]


def test_started_by_hand_it_keeps_its_sets(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.support.hub_server",
        "--port",
        "0",
        "--folder",
        str(tmp_path / "sets"),
    ]

    def session(work: Callable[[HfApi, str], None]) -> str:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(4)]
        exports = dict(item.split("=", 1) for item in lines[3].split()[1:])
        work(HfApi(endpoint=exports["HF_ENDPOINT"], token=exports["HF_TOKEN"]), exports["HF_ENDPOINT"])
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)
        assert process.returncode == 0
        assert "Traceback" not in errors
        return "".join(lines) + rest

    def push(api: HfApi, url: str) -> None:
        api.create_repo("alice/set", repo_type="dataset")
        api.create_tag("alice/set", tag="v1", repo_type="dataset")
        assert httpx2.get(f"{url}/datasets/alice/set").status_code == 200

    def look(api: HfApi, url: str) -> None:
        assert [tag.name for tag in api.list_repo_refs("alice/set", repo_type="dataset").tags] == ["v1"]
        page = httpx2.get(url + "/").text
        assert "datasets/alice/set" in page

    told = session(push)
    assert "You are alice, your token is hf_alice" in told
    assert told.endswith("Stopped.\n")
    session(look)


def test_the_environment_says_who_and_where(hub: Hub) -> None:
    assert hub.environment("bob", role="read")["HF_TOKEN"] == "hf_bob_read"  # noqa: S105
    nobody = hub.environment(None)
    assert (nobody["HF_ENDPOINT"], nobody["HF_TOKEN"]) == (hub.url, "")
    assert nobody["HF_HOME"] != hub.environment("bob")["HF_HOME"]
