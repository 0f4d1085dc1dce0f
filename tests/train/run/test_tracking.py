"""Trackers: an offline W&B run read back with its figures and pictures; whatever fails there, the run goes
on.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sys
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.sets import wait_for
from support.tiny_runs import config_of, log_of
from support.wandb_files import history, records

from datagen.schemas import InputError
from datagen.train.config import load_config
from datagen.train.data.run_data import described_data
from datagen.train.run.finetune import train_run
from datagen.train.run.tracking import (
    FaultTolerantTracker,
    SampleAnswer,
    Tracker,
    open_tracker,
    track_evaluation,
    tracked,
)

KEY = "f00d" * 10


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("WANDB_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")


@pytest.mark.slow
def test_an_offline_run_is_read_back_with_figures_and_pictures(garden_set: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    config = config_of(
        garden_set,
        tracking__tracker="wandb",
        tracking__pictures=3,
        tracking__tags=["one"],
        training__generate_rows=4,
    )
    said: list[str] = []
    train_run(config, run, say=said.append)
    assert not [line for line in said if "failed" in line]
    wait_for(lambda: "exit" in kinds(run))  # its service writes the end a moment after it was told
    lines = history(run / "tracking")
    steps = [line for line in lines if "loss" in line]
    logged = [line for line in log_of(run) if "loss" in line]
    assert [line["step"] for line in steps] == list(range(1, 7))
    for name, ours in (
        ("loss", "loss"),
        ("learning_rate", "learning_rate"),
        ("grad_norm", "grad_norm"),
        ("tokens/s", "tokens_per_second"),
        ("samples/s", "samples_per_second"),
    ):
        assert [line[name] for line in steps] == [line[ours] for line in logged], name
    assert all(line["peak_memory_gb"] > 0 for line in steps)
    scored = [line for line in lines if "validation/loss" in line]
    assert [line["step"] for line in scored] == [3, 6]
    assert all("validation/title_exact" in line for line in scored)
    shown = [line for line in lines if "validation/answers/nrows" in line]
    assert [line["step"] for line in shown] == [3, 6]
    assert shown[0]["validation/pictures/count"] == 3
    found = {record.WhichOneof("record_type"): record for record in records(run / "tracking")}
    told = {item.key: item.value_json for item in found["run"].run.config.update}
    assert json.loads(told["data"])["real"]["digest"] == described_data(run)["real"]["digest"]
    assert json.loads(told["run"])["training"]["steps"] == 6
    assert list(found["run"].run.tags) == ["one"]
    assert found["exit"].exit.exit_code == 0
    _check_table(run, config.tracking.pictures)
    (told,) = [line for line in said if "W&B" in line]
    assert "offline, since there is no key" in told
    place = re.search("`wandb sync (.*)` sends it", told)
    assert place
    (own,) = (run / "tracking").rglob("*.wandb")
    assert Path(place[1]) == own.parent.resolve()
    record = {"which": "best", "scores": {"title_exact": {"value": 0.5}, "price_rank": {"value": None}}}
    track_evaluation(run, "best-shuffled", record, said.append)
    assert not [line for line in said if "failed" in line]
    (later,) = {*(run / "tracking").rglob("*.wandb")} - {own}
    wait_for(lambda: kinds(run).count("exit") == 2)
    assert {
        found.run.run_id for found in records(later.parent) if found.WhichOneof("record_type") == "run"
    } == {(run / "tracking" / "id").read_text()}
    assert summary_of(later.parent)["evaluation/best-shuffled/title_exact"] == 0.5
    assert "evaluation/best-shuffled/price_rank" not in summary_of(later.parent)


def summary_of(folder: Path) -> dict[str, Any]:
    """The figures of a run's summary."""
    found: dict[str, Any] = {}
    for record in records(folder):
        if record.WhichOneof("record_type") == "summary":
            for item in record.summary.update:
                found[item.key or ".".join(item.nested_key)] = json.loads(item.value_json)
    return found


def test_evaluations_are_added_to_tensorboard_at_the_step_of_their_model(
    garden_set: Path, tmp_path: Path
) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "kept.json").write_text('{"step": 40}')
    config_of(garden_set, tracking__tracker="tensorboard").save(tmp_path / "config.yaml")
    said: list[str] = []
    for which in ("best", "step-000080", "base"):
        record = {"which": which, "scores": {"title_exact": {"value": 0.25}}}
        track_evaluation(tmp_path, which, record, said.append)
    assert said == [f"TensorBoard shows the run with `tensorboard --logdir {tmp_path / 'tracking'}`."] * 3
    found = events.EventAccumulator(str(tmp_path / "tracking"))
    found.Reload()
    for which, step in (("best", 40), ("step-000080", 80), ("base", 0)):
        (event,) = found.Scalars(f"evaluation/{which}/title_exact")
        assert (event.step, event.value) == (step, 0.25)


def test_an_evaluation_is_not_tracked_unless_its_run_was(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {"which": "best", "scores": {"title_exact": {"value": 0.25}}}
    config_of(garden_set).save(tmp_path / "config.yaml")
    said: list[str] = []
    track_evaluation(tmp_path, "best", record, said.append)
    assert said == []
    assert not (tmp_path / "tracking").exists()
    config_of(garden_set, tracking__tracker="tensorboard").save(tmp_path / "config.yaml")
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    track_evaluation(tmp_path, "best", record, said.append)
    assert said[0].startswith("The scores are not tracked: The tracker tensorboard is not installed")


def kinds(run: Path) -> list[str]:
    return [record.WhichOneof("record_type") for record in records(run / "tracking")]


def _check_table(run: Path, rows: int) -> None:
    """The table's rows, and its pictures: beside the run, and whole."""
    (path, *_) = sorted(run.rglob("media/table/**/*.table.json"))
    table = json.loads(path.read_text())
    assert table["columns"] == ["picture", "truth", "prediction", "right"]
    assert len(table["data"]) == rows
    assert all(truth.startswith("Product: ") for _, truth, _, _ in table["data"])
    pictures = 0
    for record in records(run / "tracking"):
        if record.WhichOneof("record_type") != "artifact":
            continue
        for entry in record.artifact.manifest.contents:
            if not entry.path.endswith(".png"):
                continue
            kept = Path(entry.local_path)
            assert kept.is_relative_to(run.resolve())
            data = kept.read_bytes()
            assert b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode() == entry.digest
            assert Image.open(io.BytesIO(data)).size == (64, 64)
            pictures += 1
    assert pictures >= rows
    assert list(run.rglob("media/images/**/*.png"))


class _Failing(Tracker):
    def __init__(self, at: str) -> None:
        self.at = at
        self.asked: list[str] = []
        self._fail("begin")

    def _fail(self, now: str) -> None:
        self.asked.append(now)
        if now == self.at:
            raise ConnectionError(f"no route to service with key {KEY}\nsecond line")

    def log(self, line: Any) -> None:
        self._fail("log")

    def answers(self, step: int, answered: Any) -> None:
        self._fail("answers")

    def end(self, summary: Any, failed: bool) -> None:
        self._fail("end")


@pytest.mark.parametrize("at", ["begin", "log", "answers", "end"])
def test_a_failing_tracker_is_reported_once_and_stops_nothing(at: str) -> None:
    warned: list[str] = []
    tracker = FaultTolerantTracker(lambda: _Failing(at), warned.append)
    for _ in range(3):
        tracker.log({"step": 1})
        tracker.answers(1, [])
    tracker.end({}, failed=False)
    assert len(warned) == 1
    assert "the run continues" in warned[0]
    assert KEY not in warned[0]
    assert "second line" not in warned[0]


def test_a_run_continues_without_its_tracker(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> Tracker:
        raise OSError("no room")

    monkeypatch.setattr("datagen.train.run.tracking._WandB", refused)
    said: list[str] = []
    run = tmp_path / "run"
    summary = train_run(config_of(garden_set, tracking__tracker="wandb"), run, say=said.append)
    assert summary.steps == 6
    assert [line for line in said if "The tracker failed (no room)" in line]


def test_a_tracker_that_is_not_installed_is_refused(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(InputError, match=r"pip install tensorboard, or use --tracker none\."):
        open_tracker(config_of(garden_set, tracking__tracker="tensorboard"), tmp_path, {}, print)
    assert type(open_tracker(config_of(garden_set), tmp_path, {}, print)) is Tracker
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({}, "offline"),
        ({"WANDB_API_KEY": KEY}, "online"),
        ({"WANDB_API_KEY": KEY, "WANDB_MODE": "offline"}, None),
        ({"WANDB_MODE": "disabled"}, None),
    ],
)
def test_wandb_is_offline_unless_there_is_a_key(
    environment: dict[str, str],
    mode: str | None,
    garden_set: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, Any] = {}

    class Run:
        offline, url = False, "https://wandb.example/run"

        def define_metric(self, *_: Any, **__: Any) -> None: ...

    class WandB:
        Settings = dict

        @staticmethod
        def init(**options: Any) -> Run:
            asked.update(options)
            return Run()

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "wandb", WandB)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    warned: list[str] = []
    config = config_of(garden_set, tracking__tracker="wandb")
    for _ in range(2):
        open_tracker(config, tmp_path / "run", {}, warned.append)
    assert warned == ["W&B shows the run at https://wandb.example/run."] * 2
    assert asked["mode"] == mode
    assert asked["name"] == "run"
    assert (tmp_path / "run" / "tracking" / "id").read_text() == asked["id"]  # the same when resumed
    assert KEY not in str(asked)


def test_a_key_is_found_in_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datagen.train.run.tracking import _has_key

    assert not _has_key()
    (tmp_path / "netrc").write_text(f"machine api.wandb.ai login user password {KEY}\n")
    (tmp_path / "netrc").chmod(0o600)
    assert _has_key()
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.com")
    assert not _has_key()
    (tmp_path / "netrc").write_text("no netrc at all")
    assert not _has_key()


def test_names_that_trackers_show() -> None:
    line = {"step": 3, "loss": None, "tokens": 5, "tokens_per_second": 2.0, "validation_loss": 1.0}
    assert tracked({**line, "peak_memory": 2e9}) == {
        "step": 3,
        "tokens/s": 2.0,
        "validation/loss": 1.0,
        "peak_memory_gb": 2.0,
    }
    assert SampleAnswer(None, "a", "b").truth == "a"


def test_nothing_is_tracked_and_no_picture_is_sent_unless_asked_for(
    garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_config(None, {"data.real": "shop"}).tracking.tracker == "none"
    sent: list[int] = []

    class Recording(Tracker):
        def answers(self, step: int, answered: Sequence[SampleAnswer]) -> None:
            sent.append(len(answered))

    monkeypatch.setattr("datagen.train.run.finetune.open_tracker", lambda *_: Recording())
    short = {"training__steps": 1, "training__evaluate_every": 1, "training__generate_rows": 3}
    train_run(config_of(garden_set, **short), tmp_path / "quiet")
    assert sent == []
    train_run(config_of(garden_set, **short, tracking__pictures=2), tmp_path / "asked")
    assert sent == [2]
