"""Clients of the Hub on loopback: commits, plain requests, and scripts in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import httpx2
from huggingface_hub import CommitOperationAdd, HfApi
from support.hub_server import Hub


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
