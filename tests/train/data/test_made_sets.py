"""A run on rows that are made for it: it records their recipe, and finds or makes the same bytes again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.command import told
from support.sets import GARDEN, contents
from support.tiny_runs import config_of, losses_of

from datagen.schemas import InputError
from datagen.schemas.addresses import cache
from datagen.train.data.run_data import DATA, described_data, reopen_data
from datagen.train.run.finetune import train_run

NAME = f"make:{GARDEN['schema']},profile={GARDEN['profile']},rows=60,image-size=64x64"


@pytest.fixture(autouse=True)
def _own_cache_of_made_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_run_records_the_recipe_and_a_resumed_one_makes_the_rows_again(tmp_path: Path) -> None:
    run, whole = tmp_path / "run", tmp_path / "whole"
    config = config_of(None, Path(NAME), training__steps=2, training__save_every=1)
    train_run(config, whole)
    about = described_data(whole)["synthetic"]
    assert about["name"] == NAME
    assert about["made"]["recipe"]["rows"] == 60
    assert about["made"]["recipe"]["profile"]["sha256"]
    assert about["made"]["versions"]["pillow"]
    folder = Path(about["path"])
    assert folder.parent == cache() / "made"
    expected = contents(folder)

    shutil.copytree(whole, run)
    for made_by_the_second_step in ("best", "last", "summary.json", "checkpoints/step-000002"):
        target = run / made_by_the_second_step
        shutil.rmtree(target) if target.is_dir() else target.unlink()
    shutil.rmtree(cache())
    train_run(config, run, resume=True)
    assert contents(folder) == expected
    assert losses_of(run) == losses_of(whole)


def test_other_rows_than_those_of_the_run_are_refused(tmp_path: Path) -> None:
    run = tmp_path / "run"
    config = config_of(None, Path(NAME), training__steps=1)
    train_run(config, run)
    about = json.loads((run / DATA).read_text())
    about["synthetic"]["digest"] = "0" * 64
    (run / DATA).write_text(json.dumps(about))
    with pytest.raises(
        InputError, match=r"has other rows here than when .* was started \(versions then: data"
    ):
        reopen_data(config.data, run)


def test_the_command_says_what_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, expected in (
        ("make:nobody", "No schema 'nobody'"),
        ("make:burberry,rows=6000000", "ask for at most 5,288,681"),
    ):
        done = told("train", "--synthetic", name, "--smoke")
        assert done.exit_code == 2
        assert expected in done.stderr
    assert not list(tmp_path.iterdir())
