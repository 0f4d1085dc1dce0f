"""Folders that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from datagen.schemas import InputError, RunFailed
from datagen.train.run.checkpoints import (
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
    write_shape(tmp_path, {"samples_per_step": 16, "steps": 10})
    check_checkpoint(tmp_path, {"samples_per_step": 16, "steps": 10})
    for other in ({"samples_per_step": 32, "steps": 10}, {"samples_per_step": 16, "steps": 11}):
        with pytest.raises(InputError, match="10 steps of 16 samples.*number of processes"):
            check_checkpoint(tmp_path, other)
    (tmp_path / "shape.json").write_text("{")
    with pytest.raises(InputError, match="delete it, then --resume"):
        check_checkpoint(tmp_path, {})


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="cannot be written"):
        finish(tmp_path / "never begun" / "best")
