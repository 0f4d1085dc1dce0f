"""Learning rates by part: of the optimiser's groups, from defaults and from the configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from support.tiny_families import save_family
from support.tiny_runs import config_of
from torch import nn

from datagen.schemas import InputError
from datagen.train.config import load_config
from datagen.train.models.base import load_run
from datagen.train.run.finetune import train_run
from datagen.train.run.learning_rates import set_rates


def test_groups_are_split_by_part_and_keep_their_other_settings() -> None:
    weights = [nn.Parameter(torch.zeros(1)) for _ in range(4)]
    groups = [
        {"params": weights[:3], "weight_decay": 0.1},
        {"params": weights[3:], "weight_decay": 0.0},
        {"params": [], "weight_decay": 0.5},
    ]
    optimiser = torch.optim.AdamW(groups, lr=1.0)
    parts: Any = dict(zip(weights, ("tower", "decoder", "projector", "decoder"), strict=True))
    set_rates(optimiser, parts, 1e-3, {"tower": 1e-6, "projector": 1e-5})
    found = [(group["params"], group["lr"], group["weight_decay"]) for group in optimiser.param_groups]
    assert found == [
        ([weights[1]], 1e-3, 0.1),
        ([weights[3]], 1e-3, 0.0),
        ([weights[2]], 1e-5, 0.1),
        ([weights[0]], 1e-6, 0.1),
    ]


def asked(**flags: Any) -> Any:
    return load_config(None, {"data.real": "shop", **{k.replace("__", "."): v for k, v in flags.items()}})


def test_what_is_trained_depends_on_the_method_and_rates_on_what_is_trained_fully() -> None:
    assert asked().model.train == ("decoder",)
    assert asked().training.learning_rates == {}
    full = asked(model__method="full")
    assert full.model.train == full.model.whole == ("decoder", "projector", "tower")
    assert full.training.learning_rates == {}
    both = asked(model__train=["decoder", "projector", "tower"])
    assert (both.model.adapted, both.model.whole) == (("decoder", "tower"), ("projector",))
    assert both.training.learning_rates == {"projector": 2e-5}
    mine = asked(model__train=["decoder", "projector"], training__learning_rates={"projector": 1e-3})
    assert mine.training.learning_rates == {"projector": 1e-3}


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"model__train": ["projector"]}, "leaves no part for adapters"),
        ({"model__train": ["decoder", "decoder"]}, "names a part twice"),
        ({"model__train": ["eyes"]}, "model.train.0"),
        ({"training__learning_rates": {"tower": 1e-5}}, "has a rate for the tower, which is not trained"),
    ],
)
def test_what_makes_no_sense_is_refused(flags: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        asked(**flags)


def test_a_run_trains_its_parts_at_their_rates_and_resumes_with_them(
    garden_set: Path, tmp_path: Path
) -> None:
    base = save_family("phi3_v", tmp_path / "model", ["What is shown in this image?"] * 4)
    flags = {
        "smoke": False,
        "model__base": str(base),
        "model__method": "lora",
        "model__train": ["decoder", "projector", "tower"],
        "model__lora__rank": 4,
        "model__num_crops": 1,
        "training__learning_rates": {"projector": 3e-4, "tower": 1e-5},
        "training__schedule": "constant",
        "training__warmup": 0.0,
        "training__workers": 0,
        "training__save_every": 1,
        "training__batch_size": 2,
        "training__evaluate_rows": 2,
        "training__accumulation": 1,
    }
    config = config_of(garden_set, training__steps=2, **flags)
    summary = train_run(config, tmp_path / "run")
    optimiser = torch.load(tmp_path / "run/checkpoints/step-000002/optimizer.pt", weights_only=True)
    assert {group["lr"] for group in optimiser["param_groups"]} == {2e-4, 3e-4, 1e-5}
    trained = load_run(tmp_path / "run", "last")
    start = load_run(tmp_path / "run", "base")
    named = dict(start.model.named_parameters())
    moved = {
        start.architecture.part_of(name.removeprefix("base_model.model."))
        for name, weight in trained.model.named_parameters()
        if "lora_" in name or not torch.equal(weight.float(), named[plain_name(name)].float())
    }
    assert moved == {"decoder", "projector", "tower"}
    assert summary.trainable == trained_count(tmp_path / "run")

    import shutil

    again = tmp_path / "again"
    shutil.copytree(tmp_path / "run", again)
    shutil.rmtree(again / "checkpoints/step-000002")
    shutil.rmtree(again / "last")
    (again / "summary.json").unlink()
    train_run(config, again, resume=True)
    resumed = load_run(again, "last").model.state_dict()
    assert all(torch.equal(weight, resumed[name]) for name, weight in trained.model.state_dict().items())


def plain_name(name: str) -> str:
    return name.removeprefix("base_model.model.").replace(".base_layer", "")


def trained_count(run: Path) -> int:
    """Number of weights in the adapter's file, from its header."""
    file = (run / "last" / "adapter_model.safetensors").read_bytes()
    header = json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])
    shapes = [entry["shape"] for name, entry in header.items() if name != "__metadata__"]
    return sum(int(torch.Size(shape).numel()) for shape in shapes)
