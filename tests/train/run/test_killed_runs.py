"""Real processes: killed and resumed, stopped by signals, and several sharing a run."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.sets import wait_for
from support.tiny_runs import Forked, finished, flags_of, forked_ranks, log_of, losses_of, torchrun

from datagen.train.run.checkpoints import whole_checkpoints

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("_server")]


def flags(garden_set: Path, **more: Any) -> dict[str, Any]:
    asked = {
        "model__method": "lora",
        "model__lora__dropout": 0.2,
        "training__steps": 30,
        "training__accumulation": 2,
        "training__batch_size": 2,
        "training__learning_rate": 0.003,
        "training__save_every": 4,
        "training__evaluate_every": 8,
        "training__generate_rows": 1,
        **more,
    }
    return flags_of(garden_set, **asked)


@pytest.fixture(scope="module")
def undisturbed(
    _server: None, garden_set: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, float]:
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    finished(Forked(run, flags(garden_set)))
    return losses_of(run)


def reached(process: Forked, run: Path, step: int) -> None:
    """Wait until a run has a checkpoint of a step."""

    def there() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return (run / "checkpoints" / f"step-{step:06d}").exists()

    wait_for(there, seconds=120)


def test_killed_twice_and_resumed_gives_the_losses_of_an_undisturbed_run(
    garden_set: Path, tmp_path: Path, undisturbed: dict[int, float]
) -> None:
    run = tmp_path / "run"
    for step in (4, 16):
        process = Forked(run, flags(garden_set), resume=run.exists())
        reached(process, run, step)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert whole_checkpoints(run / "checkpoints")
        assert not (run / "summary.json").exists()
    said = finished(Forked(run, flags(garden_set), resume=True))
    assert "resumed_from=None" not in said
    assert losses_of(run) == pytest.approx(undisturbed, abs=1e-6)
    assert list(losses_of(run)) == list(undisturbed)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_a_checkpoint_and_says_how_to_go_on(
    garden_set: Path, tmp_path: Path, undisturbed: dict[int, float], number: signal.Signals
) -> None:
    run = tmp_path / "run"
    process = Forked(run, flags(garden_set))
    reached(process, run, 4)
    os.kill(process.pid, number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "RunInterrupted: Stopped at step" in said
    assert "--resume" in said
    step = max(losses_of(run))
    assert whole_checkpoints(run / "checkpoints")[-1].name == f"step-{step:06d}"
    if number == signal.SIGTERM:
        finished(Forked(run, flags(garden_set), resume=True))
        assert losses_of(run) == pytest.approx(undisturbed, abs=1e-6)


def test_two_processes_give_the_losses_of_one_at_the_same_global_batch(
    garden_set: Path, tmp_path: Path
) -> None:
    dry = {"model__lora__dropout": 0.0, "training__steps": 14}
    one, two = tmp_path / "one", tmp_path / "two"
    finished(Forked(one, flags(garden_set, **dry)))
    both = flags(garden_set, **dry, training__batch_size=1)
    ranks = forked_ranks(two, both, 2)
    reached(ranks[0], two, 4)
    for rank in ranks:
        os.killpg(rank.pid, signal.SIGKILL)
    for rank in ranks:
        rank.communicate()
    assert ranks[0].returncode == -signal.SIGKILL
    assert ranks[1].returncode != 0  # killed as well, or ended since the first one was
    assert not (two / "summary.json").exists()
    finished(torchrun(two, both, 2, "--resume"))
    assert losses_of(two) == pytest.approx(losses_of(one), abs=1e-5)


def test_workers_give_the_same_losses(
    garden_set: Path, tmp_path: Path, undisturbed: dict[int, float]
) -> None:
    validated = []
    for workers in (1, 0):
        run = tmp_path / f"{workers}"
        finished(Forked(run, flags(garden_set, training__workers=workers, training__evaluate_every=8)))
        assert losses_of(run) == pytest.approx(undisturbed, abs=1e-6)
        validated.append([line["validation_loss"] for line in log_of(run) if "validation_loss" in line])
    assert validated[0] == validated[1] != []


def test_a_picture_that_breaks_during_a_run_gives_one_sentence(garden_set: Path, tmp_path: Path) -> None:
    """Its file changed after the rows were checked, unnoticed by the manifest; a worker meets it."""
    data, run = shutil.copytree(garden_set, tmp_path / "data"), tmp_path / "run"
    few = {"data__stream": True, "training__workers": 1, "training__evaluate_every": 30}
    process = Forked(run, flags(data, **few))
    reached(process, run, 4)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    for path in (data / "data").iterdir():
        table = pq.read_table(path)
        rows = [{**row, "picture": {"bytes": b"no picture", "path": None}} for row in table.to_pylist()]
        pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    process = Forked(run, flags(data, **few), resume=True)
    said = process.communicate(timeout=120)[0]
    assert process.returncode == 1
    last = said.strip().splitlines()[-1]
    assert last.startswith("InputError: Row ")
    assert f" of {data}: its picture cannot be read" in last
