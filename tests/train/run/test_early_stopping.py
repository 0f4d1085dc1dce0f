"""A run stops once its validation loss has not got lower for long enough, and stays stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.tiny_runs import config_of, log_of

from datagen.train.run.finetune import train_run
from datagen.train.run.trainer import RunTrainer

LOSSES = [3.0, 2.0, 2.5, 2.0, 1.0, 0.5]


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Validation losses by the number of the evaluation: the second is not beaten by the next two."""
    monkeypatch.setattr(RunTrainer, "_validation_loss", lambda self: LOSSES[self.state.global_step - 1])


def config(data: Path, **flags: Any) -> Any:
    return config_of(data, training__evaluate_every=1, training__save_every=100, **flags)


def test_a_run_out_of_patience_stops_and_says_where_the_best_is(garden_set: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    summary = train_run(config(garden_set, training__patience=2), run)
    assert (summary.steps, summary.best_step, summary.best_loss) == (4, 2, 2.0)
    assert summary.stopped_early
    assert json.loads((run / "summary.json").read_text())["stopped_early"] is True
    assert json.loads((run / "best" / "kept.json").read_text()) == {"step": 2}
    assert json.loads((run / "last" / "kept.json").read_text()) == {"step": 4}
    before = log_of(run)
    again = train_run(config(garden_set, training__patience=2), run, resume=True)
    assert (again.steps, again.stopped_early, again.resumed_from) == (4, True, 4)
    assert log_of(run) == before
    more = train_run(config(garden_set, training__patience=3), run, resume=True)
    assert (more.steps, more.stopped_early, more.best_step) == (6, False, 6)


def test_without_patience_a_run_goes_on(garden_set: Path, tmp_path: Path) -> None:
    summary = train_run(config(garden_set), tmp_path / "run")
    assert (summary.steps, summary.stopped_early) == (6, False)
