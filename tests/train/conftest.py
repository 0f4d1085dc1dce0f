"""What the tests of training share: small made sets, and a cache of their own for ``datasets``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import datasets
import pytest
from support.forked import serve
from support.hub_clients import talk_to
from support.hub_server import Hub
from support.sets import garden


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Open sets are copied to a folder of the tests, in processes of their own too; no bars are drawn."""
    cache = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
        patch.setenv("HF_DATASETS_CACHE", str(cache))
        datasets.disable_progress_bars()
        yield
        datasets.enable_progress_bars()


@pytest.fixture(scope="session")
def _server() -> None:
    """What processes are forked from (forked.py)."""
    serve()


@pytest.fixture(scope="session")
def garden_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 rows with pictures of 64 x 64 in six shards; not to be changed."""
    return garden(tmp_path_factory.mktemp("train") / "garden", 60)


@pytest.fixture(scope="session")
def other_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 rows of the same shop from another seed, 64 x 80; not to be changed."""
    folder = tmp_path_factory.mktemp("train") / "other"
    return garden(folder, 200, seed=1, image_size=(64, 80), shard_rows=40)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub for the clients of this process, transformers' and peft's too, which speak to it as alice."""
    with Hub(tmp_path / "hub", xet=False) as hub:
        talk_to(hub, tmp_path / "hub-cache", monkeypatch)
        yield hub
