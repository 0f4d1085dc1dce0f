"""Parts trained by two processes (DDP, gloo) change as in one, whichever weights have gradients."""

from __future__ import annotations

from pathlib import Path

import pytest
from accelerate.commands.config.config_args import load_config_from_file
from support.tiny_families import save_family
from support.tiny_runs import config_of, finished, flags_of, forked_ranks, losses_of

from datagen.schemas import InputError
from datagen.train.run.arguments import training_arguments
from datagen.train.run.finetune import train_run

SHIPPED = Path(__file__).parents[3] / "train" / "recipes" / "accelerate"


@pytest.mark.slow
@pytest.mark.usefixtures("_server")
def test_two_processes_train_all_parts_like_one(garden_set: Path, tmp_path: Path) -> None:
    flags = {
        "smoke": False,
        "model__base": str(save_family("llava_onevision", tmp_path / "model")),
        "model__method": "lora",
        "model__train": ["decoder", "projector", "tower"],
        "model__lora__dropout": 0.0,
        "training__learning_rates": {"projector": 1e-2, "tower": 1e-2},
        "training__steps": 2,
        "training__warmup": 0.0,
        "training__accumulation": 1,
        "training__evaluate_rows": 2,
        "training__evaluate_every": 2,
        "training__workers": 0,
    }
    two = tmp_path / "two"
    for rank in forked_ranks(two, flags_of(garden_set, **{**flags, "training__batch_size": 1}), 2):
        finished(rank)
    one = tmp_path / "one"
    train_run(config_of(garden_set, **{**flags, "training__batch_size": 2}), one)
    alone, shared = losses_of(one), losses_of(two)
    assert alone.keys() == shared.keys()
    for step, loss in alone.items():
        assert shared[step] == pytest.approx(loss, rel=1e-4)


def test_the_shipped_configurations_are_accelerates_own() -> None:
    ddp, fsdp = (load_config_from_file(str(SHIPPED / f"{name}.yaml")) for name in ("ddp", "fsdp"))
    assert ddp.distributed_type == "MULTI_GPU"
    assert fsdp.distributed_type == "FSDP"
    assert fsdp.fsdp_config["fsdp_version"] == 2
    assert fsdp.fsdp_config["fsdp_state_dict_type"] == "FULL_STATE_DICT"


def test_fsdp_is_refused_where_accelerate_would_not_shard(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    with pytest.raises(InputError, match="^FSDP needs GPUs"):
        training_arguments(config_of(garden_set), tmp_path)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda: (9, 0))
    with pytest.raises(InputError, match=r"FULL_STATE_DICT .* as train/recipes/accelerate/fsdp\.yaml does"):
        training_arguments(config_of(garden_set), tmp_path)
