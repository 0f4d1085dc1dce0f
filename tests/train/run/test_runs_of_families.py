"""A run of every family from its data to its scores."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.sets import garden
from support.tiny_families import FAMILIES, save_family
from support.tiny_runs import config_of

from datagen.train.models.architectures import ARCHITECTURES
from datagen.train.models.base import load_run
from datagen.train.run.finetune import train_run

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def few_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("few") / "garden", 24)


@pytest.mark.parametrize("kind", [kind for kind in FAMILIES if kind != "phi3_v"])
def test_a_run_trains_scores_and_loads_again(kind: str, few_rows: Path, tmp_path: Path) -> None:
    config = config_of(
        few_rows,
        smoke=False,
        model__base=str(save_family(kind, tmp_path / "model")),
        model__method="lora",
        model__train=["decoder", "projector"],
        training__steps=1,
        training__batch_size=2,
        training__accumulation=1,
        training__warmup=0.0,
        training__evaluate_every=1,
        training__evaluate_rows=2,
        training__generate_rows=1,
        training__workers=int(kind == "qwen3_vl"),  # one of those that come without their video part
    )
    summary = train_run(config, tmp_path / "run")
    assert summary.steps == 1
    assert 0 < (summary.best_loss or 0) < 10
    base = load_run(tmp_path / "run")
    assert base.architecture is ARCHITECTURES[kind]
