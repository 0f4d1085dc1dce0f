"""Whole runs under FSDP2 with the shipped configuration, by two processes on CPUs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from support.sharded_runs import STOP, environment
from support.tiny_runs import config_of, finished, flags_of, forked_ranks, log_of

from datagen.train.models.base import load_run
from datagen.train.run.finetune import train_run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_server")]

WAYS: dict[str, dict[str, Any]] = {
    "full": {"model__method": "full"},
    "4 bits, decoder and projector": {"model__method": "qlora", "model__train": ["decoder", "projector"]},
}


def losses(run: Path) -> list[tuple[str, float]]:
    """Losses of steps and of validation rows."""
    return [
        (kind, line[kind]) for line in log_of(run) for kind in ("loss", "validation_loss") if kind in line
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_sharded_run_is_that_of_one_process_also_when_it_is_resumed(
    way: str, garden_set: Path, tmp_path: Path
) -> None:
    flags = {
        **WAYS[way],
        "model__lora__dropout": 0.0,  # which is drawn by each process
        "training__learning_rate": 3e-3,
        "training__steps": 4,
        "training__save_every": 2,
        "training__evaluate_every": 4,
        "training__accumulation": 1,
    }
    alone = tmp_path / "alone"
    train_run(config_of(garden_set, **flags, training__batch_size=4), alone, quiet=True)
    sharded = flags_of(garden_set, **flags, training__batch_size=2)
    for rank in forked_ranks(tmp_path / "whole", sharded, 2, environment()):
        finished(rank)
    for rank in forked_ranks(tmp_path / "resumed", sharded, 2, {**environment(), STOP: "2"}):
        said, _ = rank.communicate(timeout=200)
        assert rank.returncode != 0
        assert "Stopped at step 2 of 4" in said
    for rank in forked_ranks(tmp_path / "resumed", sharded, 2, environment(), resume=True):
        finished(rank)
    expected = losses(alone)
    assert len(expected) == 5
    for name in ("whole", "resumed"):
        for (kind, loss), (also, wanted) in zip(losses(tmp_path / name), expected, strict=True):
            assert kind == also
            assert loss == pytest.approx(wanted, rel=2e-3)
        assert load_run(tmp_path / name).model is not None
    file = "model.safetensors" if way == "full" else "adapter_model.safetensors"
    whole, resumed, one = (
        load_file(tmp_path / name / "last" / file) for name in ("whole", "resumed", "alone")
    )
    assert whole.keys() == resumed.keys() == one.keys()
    for name, weight in one.items():
        assert torch.equal(whole[name], resumed[name]), name
        torch.testing.assert_close(whole[name], weight, atol=5e-3, rtol=5e-2)
