"""A Hub on loopback, the official client in this process, and the seconds it would have waited."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import HfApi
from huggingface_hub import constants as client_constants
from huggingface_hub.utils import _http as client_http
from support.hub_server import Hub

ORGS = {"acme": {"alice": "write", "bob": "read"}}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub for clients in this process, which use LFS: the environment is read only once."""
    monkeypatch.setattr(client_constants, "HF_HUB_DISABLE_XET", True)
    with Hub(tmp_path / "hub", orgs=ORGS, xet=False) as hub:
        yield hub


@pytest.fixture
def api(hub: Hub) -> HfApi:
    return HfApi(endpoint=hub.url, token=hub.token("alice"))


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client would have slept between its tries."""
    slept: list[float] = []
    monkeypatch.setattr(client_http, "time", SimpleNamespace(sleep=slept.append, time=time.time))
    return slept
