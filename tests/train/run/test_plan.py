"""A full-size run planned on a machine without a GPU, and what a GPU's memory decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from support.command import invoke
from support.tiny_families import save_full_size
from support.tiny_runs import config_of

from datagen.schemas import InputError
from datagen.train.config import RECIPES, load_config
from datagen.train.models import memory
from datagen.train.run.cards import Card, in_words
from datagen.train.run.dry_run import plan_run
from datagen.train.run.finetune import train_run
from datagen.train.run.plan import Plan

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a GPU")
GB = 1_000_000_000


@pytest.fixture(scope="module")
def full_size(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_full_size(tmp_path_factory.mktemp("full") / "base")


def planned(full_size: Path, data: Path, out: Path, recipe: str | None = None, **flags: Any) -> Plan:
    given = {name.replace("__", "."): value for name, value in flags.items()}
    file = RECIPES / f"{recipe}.yaml" if recipe is not None else None
    asked = {"data.synthetic": str(data), "model.base": str(full_size), **given}
    return plan_run(load_config(file, asked), out)


def test_a_full_size_run_is_planned_without_a_gpu(full_size: Path, garden_set: Path, tmp_path: Path) -> None:
    plan = planned(full_size, garden_set, tmp_path / "run", "gpu-24gb")
    assert plan.weights == 4_146_621_440
    assert plan.config.training.gradient_checkpointing is None  # which card it will be is not known
    assert plan.picture_tokens == 313  # 64 x 64 pixels fill one tile
    fitting = {card.gigabytes: card for card in plan.cards}
    assert (fitting[8].checkpointing, fitting[8].recipe) == (None, "gpu-16gb")  # of small pictures
    assert [fitting[size].checkpointing for size in (12, 16, 24, 40, 80)] == [None, True, True, False, False]
    text = " ".join(plan.lines())
    assert "It fits cards of 16 GB and more, and from 40 GB on without checkpointing" in text
    assert "On a card of 8 GB, --recipe gpu-16gb fits." in text
    assert "a GPU, which this machine lacks; about 1" in text
    every = plan.evaluate_every
    assert every == plan.steps_per_epoch
    assert f"validation rows is measured every {every} steps" in text
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_the_cards(full_size: Path, garden_set: Path, tmp_path: Path) -> None:
    words = ["train", "--synthetic", garden_set, "--base", full_size, "--out", tmp_path / "run", "--dry-run"]
    done = invoke(*words, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [card["gb"] for card in told["cards"]] == list(memory.CARDS)
    assert told["cards"][0] == {"gb": 8, "fits": True, "checkpointing": False, "recipe": None}
    assert told["checkpointing"] is None
    assert told["data"]["checks"]["excluded"] == 0
    assert list(tmp_path.iterdir()) == []
    done = invoke(*words[:-1], "-q")  # to make it needs a GPU, and that is known before any row is read
    assert done.exit_code == 2
    assert "needs a GPU" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("gigabytes", "checkpointing"), [(10, True), (24, False)])
def test_a_gpu_decides_whether_activations_are_stored(
    full_size: Path,
    garden_set: Path,
    tmp_path: Path,
    gigabytes: int,
    checkpointing: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("datagen.train.run.plan.gpu_memory", lambda: gigabytes * GB)
    plan = planned(full_size, garden_set, tmp_path / "run", training__batch_size=4)
    assert plan.config.training.gradient_checkpointing is checkpointing


def test_a_run_that_a_gpu_cannot_hold_leaves_nothing(
    full_size: Path, garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "gpu_memory", lambda: 4 * GB)
    with pytest.raises(InputError, match=r"and the GPU has 4\.0 GB"):
        planned(full_size, garden_set, tmp_path / "run")
    monkeypatch.setattr(memory, "gpu_memory", lambda: 1000)
    with pytest.raises(InputError, match=r"and the GPU has 0\.0 GB"):
        train_run(config_of(garden_set), tmp_path / "run", quiet=True)
    assert list(tmp_path.iterdir()) == []


def test_what_is_said_about_cards() -> None:
    none = [Card(size, None, "gpu-8gb" if size == 8 else None) for size in (8, 141)]
    assert in_words(none) == [
        "No card of up to 141 GB has the memory for it.",
        "On a card of 8 GB, --recipe gpu-8gb fits.",
    ]
    assert in_words([Card(8, None, None), Card(16, False, None)]) == ["It fits cards of 16 GB and more."]
