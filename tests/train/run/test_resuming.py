"""What a resumed run takes from its folder: the base that it was started with, and whole checkpoints."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from support.tiny_runs import config_of, losses_of

from datagen.schemas import InputError, RunFailed
from datagen.train.config import load_config
from datagen.train.run import finetune
from datagen.train.run.checkpoints import whole_checkpoints
from datagen.train.run.finetune import train_run
from datagen.train.run.trainer import RunTrainer


def test_a_relative_base_is_recorded_as_what_it_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models" / "phi").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    config = load_config(None, {"data.real": "shop", "model.base": "models/phi"})
    pinned = finetune._pinned(config)
    assert pinned.model.base == str(tmp_path / "models" / "phi")
    pinned.save(tmp_path / "config.yaml")
    assert finetune.resumed_config(config, tmp_path) == pinned
    monkeypatch.chdir(tmp_path / "models")
    with pytest.raises(InputError, match="model.base was"):
        finetune.resumed_config(config, tmp_path)


def test_a_damaged_state_of_the_optimiser_is_one_sentence(garden_set: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    config = config_of(garden_set, training__steps=2, training__save_every=1, training__evaluate_every=2)
    train_run(config, run)
    for leftover in ("best", "last", "checkpoints/step-000002"):
        shutil.rmtree(run / leftover)
    (checkpoint,) = whole_checkpoints(run / "checkpoints")
    for file in ("optimizer.pt", "rng_state.pth"):
        before = (checkpoint / file).read_bytes()
        (checkpoint / file).write_bytes(pickle.dumps(["not a state"]))
        with pytest.raises(
            InputError, match="step-000001 is damaged .*; delete it, then --resume"
        ) as refused:
            train_run(config, run, resume=True)
        assert "\n" not in str(refused.value)
        (checkpoint / file).write_bytes(before)


def test_a_loader_that_was_stopped_from_outside_says_what_to_do(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> torch.Tensor:
        raise RuntimeError("DataLoader worker (pid 7) is killed by signal: Bus error.")

    monkeypatch.setattr(RunTrainer, "training_step", killed)
    with pytest.raises(RunFailed, match=r"--shm-size=8g\), or --resume with --set training.workers=0\.$"):
        train_run(config_of(garden_set), tmp_path / "run")


def test_a_finished_run_is_resumed_at_once(garden_set: Path, tmp_path: Path) -> None:
    train_run(config_of(garden_set), tmp_path / "run")
    before, said = losses_of(tmp_path / "run"), (tmp_path / "run" / "summary.json").read_bytes()
    again = train_run(config_of(garden_set), tmp_path / "run", resume=True)
    assert (again.resumed_from, again.seconds) == (6, json.loads(said)["seconds"])
    assert losses_of(tmp_path / "run") == before
    assert (tmp_path / "run" / "summary.json").read_bytes() == said
