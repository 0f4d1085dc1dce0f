"""A Hub that runs jobs, the command in this process, and one small dataset."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from huggingface_hub import constants
from support.hub_server import Hub
from support.sets import Run, garden

from datagen.cli import main
from datagen.hub import retries


@pytest.fixture(scope="session")
def garden_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 rows with pictures of 64 x 64; not to be changed."""
    return garden(tmp_path_factory.mktemp("jobs") / "garden", 60)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A Hub for the client of this process, which speaks LFS to it as alice."""
    folder = tmp_path_factory.mktemp("jobs")
    with pytest.MonkeyPatch.context() as patch, Hub(folder / "hub", xet=False) as hub:
        patch.setattr(constants, "ENDPOINT", hub.url)
        url = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
        patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url)
        patch.setattr(constants, "HF_HUB_CACHE", str(folder / "cache"))
        patch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        patch.setenv("HF_TOKEN", hub.token("alice"))
        patch.setattr(retries, "sleep", SimpleNamespace(sleep=lambda seconds: None, time=time.time).sleep)
        yield hub


@pytest.fixture
def run(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The command in this process, in an empty folder. What it says is one sentence or a summary."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*words: object) -> Result:
        done = CliRunner().invoke(main, [str(word) for word in words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        if done.exit_code:
            assert done.stderr.splitlines()[-1].startswith("Error: ")
        return done

    yield run
    hub.faults.clear()
