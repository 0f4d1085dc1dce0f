"""What the tests of the Hub share: a Hub for the client of this process, small sets, the command."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import told
from support.hub_clients import talk_to
from support.hub_server import Hub
from support.sets import Run, garden

TOLD = dict.fromkeys(("attributes", "masks", "keypoints", "normals", "depth"), True)
"""Options for every column of ground truth."""

ORGS = {"acme": {"alice": "write", "bob": "read"}}


@pytest.fixture(scope="session")
def whole_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 rows with pictures in three shards; not to be changed."""
    return garden(tmp_path_factory.mktemp("sets") / "garden")


@pytest.fixture(scope="session")
def told_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows with all columns of ground truth; not to be changed."""
    return garden(tmp_path_factory.mktemp("sets") / "told", **TOLD)


@pytest.fixture(scope="session")
def few_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four rows without pictures in two shards; not to be changed."""
    return garden(tmp_path_factory.mktemp("sets") / "few", 4, image_size=None, shard_rows=2)


@pytest.fixture(scope="session")
def forty_shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 rows without pictures, one a shard; not to be changed."""
    return garden(tmp_path_factory.mktemp("sets") / "forty", 40, image_size=None, shard_rows=1)


@pytest.fixture(scope="session")
def sixty_shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 rows without pictures, one a shard; not to be changed."""
    return garden(tmp_path_factory.mktemp("sets") / "sixty", 60, image_size=None, shard_rows=1)


@pytest.fixture
def own_set(whole_set: Path, tmp_path: Path) -> Path:
    """A copy of the set that a test may change."""
    return Path(shutil.copytree(whole_set, tmp_path / "own"))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub for the client of this process, which speaks LFS to it as alice, and waits for nothing."""
    with Hub(tmp_path / "hub", orgs=ORGS, xet=False) as hub:
        talk_to(hub, tmp_path / "cache", monkeypatch)
        yield hub


@pytest.fixture
def run(hub: Hub) -> Run:
    """The command in this process. What it says is one sentence or a summary, never a traceback."""
    return told
