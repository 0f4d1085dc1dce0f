"""Folders that are there whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from transformers.trainer_callback import TrainerState

from datagen.schemas import InputError, RunFailed
from datagen.train.run.checkpoints import (
    SHAPE,
    STATE,
    begin,
    check_checkpoint,
    finish,
    folder_of,
    mend,
    prune,
    step_of,
    whole_checkpoints,
    write_shape,
)


def whole(folder: Path) -> Path:
    """A checkpoint of step 7 as training writes it, without its weights' contents."""
    checkpoint = folder_of(folder, 7)
    checkpoint.mkdir()
    write_shape(checkpoint, {"samples_per_step": 16, "steps": 10})
    TrainerState(global_step=7, max_steps=10, epoch=0.7, log_history=[{"loss": 1.5, "step": 7}]).save_to_json(
        str(checkpoint / STATE)
    )
    (checkpoint / "model.safetensors").write_bytes(b"")
    return checkpoint


def written(path: Path, text: str = "new") -> Path:
    (begin(path) / STATE).write_text(text)
    finish(path)
    return path


def test_a_folder_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = written(tmp_path / "best", "old")
    (begin(path) / STATE).write_text("new")
    assert (path / STATE).read_text() == "old"
    finish(path)
    assert (path / STATE).read_text() == "new"
    assert [one.name for one in tmp_path.iterdir()] == ["best"]


def test_what_a_kill_left_without_its_name_is_brought_back(tmp_path: Path) -> None:
    path = written(tmp_path / "best", "old")
    begin(path)
    path.rename(tmp_path / ".best.old")
    mend(path)
    assert (path / STATE).read_text() == "old"
    mend(path)  # nothing to do
    assert (path / STATE).read_text() == "old"


def test_only_whole_checkpoints_count_and_the_last_are_kept(tmp_path: Path) -> None:
    for step in (2, 10, 1_000_000, 300):
        written(folder_of(tmp_path, step))
    begin(folder_of(tmp_path, 2_000_000))
    (tmp_path / "step-000005").mkdir()
    (tmp_path / "step-x").mkdir()
    assert [step_of(path) for path in whole_checkpoints(tmp_path)] == [2, 10, 300, 1_000_000]
    prune(tmp_path, 2)
    assert [step_of(path) for path in whole_checkpoints(tmp_path)] == [300, 1_000_000]
    assert not list(tmp_path.glob(".*"))
    assert whole_checkpoints(tmp_path / "nowhere") == []


def test_a_checkpoint_of_another_shape_is_refused(tmp_path: Path) -> None:
    checkpoint, shape = whole(tmp_path), {"samples_per_step": 16, "steps": 10}
    check_checkpoint(checkpoint, shape)
    for other in ({"samples_per_step": 32, "steps": 10}, {"samples_per_step": 16, "steps": 11}):
        with pytest.raises(InputError, match="10 steps of 16 samples.*number of processes"):
            check_checkpoint(checkpoint, other)


ODD_STATES = ["{", "[]", "3", '{"a": ' * 5_000, "{}", '{"global_step": 7}', '{"global_step": [[]]}']


@pytest.mark.parametrize(
    ("file", "text"),
    [*((SHAPE, text) for text in ODD_STATES[:4]), *((STATE, text) for text in ODD_STATES), (STATE, None)],
)
def test_a_damaged_checkpoint_is_one_sentence(tmp_path: Path, file: str, text: str | None) -> None:
    checkpoint = whole(tmp_path)
    if text is None:  # a list where there should be numbers by step
        state = json.loads((checkpoint / file).read_text())
        text = json.dumps({**state, "log_history": {"loss": 1}})
    (checkpoint / file).write_text(text)
    with pytest.raises(InputError, match=r"is damaged \(.*\); delete it, then --resume") as refused:
        check_checkpoint(checkpoint, {"samples_per_step": 16, "steps": 10})
    assert "\n" not in str(refused.value)


def test_a_checkpoint_with_pickled_weights_is_damaged(tmp_path: Path) -> None:
    checkpoint = whole(tmp_path)
    (checkpoint / "model.safetensors").rename(checkpoint / "pytorch_model.bin")
    with pytest.raises(InputError, match="no weights as safetensors"):
        check_checkpoint(checkpoint, {"samples_per_step": 16, "steps": 10})


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="cannot be written"):
        finish(tmp_path / "never begun" / "best")


def test_a_checkpoint_of_another_optimiser_is_refused(tmp_path: Path) -> None:
    shape = {"steps": 6, "samples_per_step": 4}
    state = {"best_metric": None, "best_global_step": None, "best_model_checkpoint": None, "epoch": 1.0}
    state |= {"global_step": 3, "log_history": [], "max_steps": 6, "num_train_epochs": 1}
    checkpoint = tmp_path / "step-000003"
    checkpoint.mkdir()
    (checkpoint / "trainer_state.json").write_text(json.dumps({**state, "stateful_callbacks": {}}))
    (checkpoint / "adapter_model.safetensors").write_bytes(b"")
    write_shape(checkpoint, {**shape, "optimiser": "paged_adamw_8bit"})
    with pytest.raises(InputError, match=r"resume with --set training.optimiser=paged_adamw_8bit\.$"):
        check_checkpoint(checkpoint, {**shape, "optimiser": "adamw"})
    check_checkpoint(checkpoint, {**shape, "optimiser": "paged_adamw_8bit"})
    write_shape(checkpoint, shape)  # of an earlier version
    check_checkpoint(checkpoint, {**shape, "optimiser": "adamw"})
    with pytest.raises(InputError, match="was written with training.optimiser paged_adamw_8bit"):
        check_checkpoint(checkpoint, {**shape, "optimiser": "adamw"}, unnamed="paged_adamw_8bit")
    with pytest.raises(InputError, match=r"--set training.adapter_dtype=float32\.$"):
        check_checkpoint(checkpoint, {**shape, "optimiser": "adamw", "adapter_dtype": "bfloat16"})
