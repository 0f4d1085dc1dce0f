"""A Hub, a base on it and an evaluated run, for all tests of a file: they may push, but not change these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.hub_clients import talk_to
from support.hub_server import Hub
from support.pushed_runs import BASE, adapter_run, seed_base
from support.tiny_base import encoded

from datagen.cli import main
from datagen.train.evaluation.evaluate import evaluate_run

Call = Callable[..., Result]


@pytest.fixture(scope="module")
def one_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A Hub for the clients of this process, with the base."""
    folder = tmp_path_factory.mktemp("hub")
    with Hub(folder / "hub", xet=False) as hub, pytest.MonkeyPatch.context() as patch:
        talk_to(hub, folder / "cache", patch)
        seed_base(hub, folder / "base")
        yield hub


@pytest.fixture(scope="module")
def trained(one_hub: Hub, garden_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with an adapter of the base, evaluated on its test rows."""
    commit = one_hub.branches(BASE, "model")["main"]
    run = adapter_run(tmp_path_factory.mktemp("runs") / "mine", str(garden_set), BASE, commit)
    evaluate_run(run, max_new_tokens=8)
    return run


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a photo.jpg."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "photo.jpg").write_bytes(encoded(90, 60, 0, "JPEG"))
    return folder / "photo.jpg"


@pytest.fixture(scope="session")
def call() -> Call:
    """The command in this process."""

    def call(*words: object) -> Result:
        done = CliRunner().invoke(main, [str(word) for word in words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return call
