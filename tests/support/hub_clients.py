"""Clients of the Hub on loopback: commits, plain requests, and scripts in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, HfApi, constants, file_download
from huggingface_hub.utils import _http as client_http
from support.hub_server import Hub

from datagen.hub import retries


def talk_to(hub: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the client of this process speak LFS to a Hub, as alice, and wait for nothing."""
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    url = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("HF_TOKEN", hub.token("alice"))
    hasty = SimpleNamespace(sleep=lambda seconds: None, time=time.time)
    monkeypatch.setattr(retries, "sleep", hasty.sleep)
    monkeypatch.setattr(client_http, "time", hasty)
    monkeypatch.setattr(file_download, "time", hasty)


def add(path: str, content: bytes) -> CommitOperationAdd:
    return CommitOperationAdd(path, content)


def send(api: HfApi, *operations: Any, repo: str = "alice/set", **options: Any) -> Any:
    return api.create_commit(
        repo, list(operations), commit_message="a change", repo_type="dataset", **options
    )


def status(
    hub: Hub, target: str, user: str | None = "alice", role: Any = "write", method: str = "GET"
) -> int:
    headers = {"Authorization": f"Bearer {hub.token(user, role)}"} if user else {}
    return httpx2.request(method, hub.url + target, headers=headers).status_code


def run_client(hub: Hub, code: str, folder: Path, user: str | None = "alice") -> dict[str, Any]:
    """Run a client in a process of its own, and return the JSON that it prints last."""
    folder.mkdir(exist_ok=True)
    environment = os.environ | hub.environment(user)
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
