"""Scores for a leaderboard: where the owner of a test set asks for them, in the form that the Hub reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from huggingface_hub import parse_eval_result_entries
from support.hub_server import Hub

from datagen.hub.push_model import push_model
from datagen.schemas.model_folder import ModelFolder, ModelRecord, SplitScores

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SCORES = {"title_exact": 0.5, "price_mae": 12.0}
TASKS = [
    {"id": "title_exact", "config": "default", "split": "test"},
    {"id": "price_mae", "config": "default", "split": "train"},
    {"id": "taste", "config": "default", "split": "test"},
]
RESULTS = ".eval_results/datagen.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> ModelFolder:
    """A complete model that was tested on bob/shop."""
    out = tmp_path / "model"
    out.mkdir()
    (out / "model.safetensors").write_bytes(b"\0")
    record = ModelRecord(kind="model", base=None, revision=None, files=("model.safetensors",))
    (out / "datagen.json").write_text(record.text())
    return ModelFolder(
        out, record, {"tags": ["datagen"]}, "# m", SplitScores("bob/shop", "c" * 40, "test", SCORES)
    )


def pushed(hub: Hub, folder: ModelFolder) -> set[str]:
    push_model(lambda: folder, "alice/m")
    return set(hub.files("alice/m", type="model"))


def test_a_score_that_the_benchmark_has_a_task_for_is_pushed(hub: Hub, folder: ModelFolder) -> None:
    benchmark = {"name": "Shop", "evaluation_framework": "datagen", "tasks": TASKS}
    hub.seed("bob/shop", {"eval.yaml": yaml.safe_dump(benchmark).encode()})
    assert RESULTS in pushed(hub, folder)
    (entry,) = parse_eval_result_entries(yaml.safe_load(hub.read("alice/m", RESULTS, type="model")))
    assert (entry.dataset_id, entry.task_id, entry.value) == ("bob/shop", "title_exact", 0.5)
    assert entry.dataset_revision == "c" * 40
    again = push_model(lambda: folder, "alice/m")
    assert again.sent == 0
    assert RESULTS not in pushed(hub, replace(folder, tested=None))


@pytest.mark.parametrize(
    "benchmark",
    [
        None,
        b"tasks: [",
        b"[]",
        b"evaluation_framework: datagen",
        b"evaluation_framework: datagen\ntasks: [7, {id: taste, split: test}]",
        yaml.safe_dump({"evaluation_framework": "inspect-ai", "tasks": TASKS}).encode(),
    ],
)
def test_other_datasets_get_no_scores(hub: Hub, folder: ModelFolder, benchmark: bytes | None) -> None:
    if benchmark is not None:
        hub.seed("bob/shop", {"eval.yaml": benchmark})
    assert RESULTS not in pushed(hub, folder)
