"""Rows that cannot be used are found when a run is planned, and excluded; the others are what is used."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pytest
from PIL import Image
from support.hub_server import Hub
from support.sets import ENVIRONMENT, change_cell, garden
from support.tiny_runs import config_of, flags_of, log_of

from datagen.schemas import InputError
from datagen.train.chat.conversation import Template
from datagen.train.config import DataConfig, load_config
from datagen.train.data.checked_rows import CHECKED, load_checked
from datagen.train.data.mixture import LEFT_OUT, SYNTHETIC, RowSubset
from datagen.train.data.run_data import RunData, described_data, prepare_data, reopen_data
from datagen.train.data.sources import Source
from datagen.train.models.encoding import Encoder
from datagen.train.phi3_vision.tiny_tokenizer import tiny_processor
from datagen.train.run.finetune import train_run
from datagen.train.run.left_out import PATH
from datagen.train.run.row_check import check_rows, checked_data

DAMAGED, NO_PICTURE, NO_ANSWER, LONG = 3, 7, 12, 21
"""Rows of the broken set, all of them rows that would be trained on."""


def damaged(value: Any) -> dict[str, Any]:
    """A picture's file without its second half."""
    return {"bytes": value[: len(value) // 2], "path": None}


def large(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.effect_noise((width, height), 50).convert("RGB").save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="module")
def broken_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 rows, one of them with each fault, and one picture that is larger than all others."""
    folder = garden(tmp_path_factory.mktemp("broken") / "garden", 40)
    change_cell(folder, DAMAGED, "picture", damaged(large(64, 64)))
    change_cell(folder, NO_PICTURE, "picture", None)
    for column in ("label", "subgroup", "list_eur"):
        change_cell(folder, NO_ANSWER, column, None)
    change_cell(folder, LONG, "picture", {"bytes": large(300, 300), "path": None})
    return folder


def data_of(folder: Path, run: Path, **more: Any) -> tuple[DataConfig, RunData]:
    config = config_of(None, folder, **more).data
    return config, prepare_data(config, run)


def encoder(**options: Any) -> Encoder:
    processor = tiny_processor([Template().question, Template().answer] * 4, num_crops=16, vocab_size=400)
    processor.image_processor.auto_crops = True
    return Encoder(processor, Template(), **options)


def test_each_fault_is_found_and_the_longest_sample_is_the_longest(broken_set: Path, tmp_path: Path) -> None:
    _, data = data_of(broken_set, tmp_path)
    said: list[tuple[str, int, int | None]] = []
    encode = encoder()
    found = check_rows(data, encode, None, lambda *report: said.append(report))
    assert {one.row: one.fault for one in found.excluded} == {
        DAMAGED: "picture",
        NO_PICTURE: "missing",
        NO_ANSWER: "answer",
    }
    wanted = np.union1d(data.rows[SYNTHETIC], data.split.rows("validation")).tolist()
    assert found.row.tolist() == wanted
    assert said[-1] == ("Checking pictures", len(wanted), len(wanted))
    used = [row for row in wanted if row not in {DAMAGED, NO_PICTURE, NO_ANSWER}]
    lengths = {row: len(encode(data.held.row(row))["input_ids"]) for row in used}
    assert {row: found.lengths(SYNTHETIC, 40)[row] for row in used} == lengths
    assert max(lengths, key=lambda row: lengths[row]) == LONG
    assert found.longest()[0] == lengths[LONG] > sorted(lengths.values())[-2]
    short = check_rows(data, encode, lengths[LONG] - 1, None)
    assert {one.row: one.reason for one in short.excluded}[LONG] == (
        f"its sample has {lengths[LONG]:,} tokens, more than {lengths[LONG] - 1:,}"
    )


def test_a_streamed_set_is_checked_like_any_other(broken_set: Path, tmp_path: Path) -> None:
    faults = []
    for stream in (False, True):
        run = tmp_path / str(stream)
        found = check_rows(data_of(broken_set, run, data__stream=stream)[1], encoder(), 100)
        faults.append((found.excluded, found.tokens.tolist()))
    assert faults[0] == faults[1]


def test_pictures_on_the_hub_are_not_fetched_for_the_check(
    broken_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, data = data_of(broken_set, tmp_path, data__stream=True)
    data.held.remote = True
    read: list[int] = []
    real = Source.row
    monkeypatch.setattr(Source, "row", lambda self, row: (read.append(row), real(self, row))[1])
    found = check_rows(data, encoder(), None)
    assert len(read) == 1
    assert {one.fault for one in found.excluded} == {"answer"}
    assert len(found.row) > 20


PROGRAM = """
import json, sys
from pathlib import Path
from datagen.train.config import load_config
from datagen.train.run.finetune import train_run
from datagen.train.run.trainer import RunTrainer

flags, run, stop, resume = json.loads(sys.argv[1])
agree = RunTrainer.agree
def stopping(trainer, step):
    trainer._should_stop = lambda: stop and step >= 4
    agree(trainer, step)
RunTrainer.agree = stopping
train_run(load_config(None, flags), Path(run), resume=resume, quiet=True)
"""


def test_streamed_rows_that_cannot_be_used_are_replaced(
    broken_set: Path, tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs replace the same rows with the same losses; one has a worker and is in two pieces."""
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.url)
    paths = [path for path in broken_set.rglob("*") if path.is_file()]
    hub.seed("alice/garden", {str(path.relative_to(broken_set)): path.read_bytes() for path in paths})
    flags = flags_of(
        Path("alice/garden"),
        data__stream=True,
        data__split__train=0.7,
        data__split__validation=0.2,
        training__steps=8,
        training__batch_size=8,
        training__accumulation=1,
        training__save_every=4,
        training__evaluate_every=8,
        training__generate_rows=4,
    )
    losses = []
    for workers, pieces in ((0, [False]), (1, [True, False])):
        run = tmp_path / f"{workers}"
        flags["training.workers"] = workers
        for number, stops in enumerate(pieces):
            if not workers:
                train_run(load_config(None, flags), run, quiet=True)
                continue
            asked = json.dumps([flags, str(run), stops, number > 0])
            environment = {**ENVIRONMENT, **hub.environment("alice"), "OMP_NUM_THREADS": "1"}
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, asked], env=environment, capture_output=True, text=True
            )
            assert (done.returncode != 0) is stops, done.stderr[-2000:]
            assert ("Stopped at step" in done.stderr) is stops
        listed = [json.loads(line) for line in (run / PATH).read_text().splitlines()]
        reasons = {one["row"]: one["reason"] for one in listed}
        assert set(reasons) == {DAMAGED, NO_PICTURE}
        excluded = json.loads((run / "summary.json").read_text())["excluded"]
        assert excluded == {"answer": 1, "streamed": 2}
        assert all(one["data"] == "alice/garden" for one in listed)
        assert f"Row {DAMAGED} of alice/garden: its picture cannot be read" in reasons[DAMAGED]
        assert reasons[NO_PICTURE] == f"alice/garden row {NO_PICTURE} has no picture."
        losses.append([line["loss"] for line in log_of(run) if "loss" in line])
    assert len(losses[0]) == 8
    assert losses[0] == losses[1]


def test_a_streamed_set_without_a_usable_picture_stops_the_run() -> None:
    class Damaged:
        name, remote = "me/set", True

        def row(self, number: int) -> dict[str, Any]:
            return {"image": number}

    def encode(row: dict[str, Any]) -> Any:
        if row["image"] != 117:
            raise InputError("its picture cannot be read.")
        return {}

    rows = np.arange(200)
    found = RowSubset(Damaged(), rows, encode)
    assert [one.place.row for one in found[115][LEFT_OUT]] == [115, 116]
    assert found[115]["place"].row == 117
    assert LEFT_OUT not in found[117]
    with pytest.raises(InputError, match="Row 100 of me/set: its picture cannot be read"):
        found[0]
    with pytest.raises(InputError, match="Row 2 of me/set"):
        RowSubset(Damaged(), rows[:3], encode)[0]


def test_the_record_is_read_when_a_run_is_resumed(broken_set: Path, tmp_path: Path) -> None:
    config, data = data_of(broken_set, tmp_path)
    first = checked_data(data, encoder(), config, tmp_path)
    assert not {DAMAGED, NO_PICTURE, NO_ANSWER} & set(first.rows[SYNTHETIC].tolist())
    about = described_data(tmp_path)
    assert about["checks"]["excluded"] == 3
    assert about["synthetic"]["training_rows"] == len(first.rows[SYNTHETIC])
    reopened = reopen_data(config, tmp_path)
    assert reopened.rows[SYNTHETIC].tolist() == first.rows[SYNTHETIC].tolist()
    again = checked_data(reopened, encoder(), config.model_copy(update={"max_length": 16}), tmp_path)
    assert again.rows[SYNTHETIC].tolist() == first.rows[SYNTHETIC].tolist()  # not checked a second time


def test_a_set_without_a_usable_row_is_refused_with_the_first_fault(broken_set: Path, tmp_path: Path) -> None:
    config, data = data_of(broken_set, tmp_path, data__max_length=16)
    with pytest.raises(InputError, match=r"No row of .*garden can be trained on; row \d+: its sample has"):
        checked_data(data, encoder(), config, tmp_path)
    assert not (tmp_path / CHECKED).exists()


def test_a_run_with_faulty_rows_trains_on_the_others(broken_set: Path, tmp_path: Path) -> None:
    said: list[str] = []
    run = tmp_path / "run"
    config = config_of(None, broken_set, model__num_crops="auto", training__evaluate_every=None)
    summary = train_run(config, run, say=said.append, quiet=True)
    assert summary.excluded == {"picture": 1, "missing": 1, "answer": 1}
    assert json.loads((run / "summary.json").read_text())["excluded"] == summary.excluded
    assert any(line.startswith("3 rows of ") and "1 has no picture" in line for line in said)
    about = described_data(run)
    checked = load_checked(run / CHECKED)
    validated = [row for row in checked.row if row not in {DAMAGED, NO_PICTURE, NO_ANSWER}]
    assert about["synthetic"]["training_rows"] < len(validated) == about["checks"]["checked"] - 3
    listed = {one["row"]: one["reason"] for one in about["checks"]["rows"]}
    assert listed[DAMAGED].startswith("its picture cannot be read")
    evaluated = [line["step"] for line in log_of(run) if "validation_loss" in line]
    assert evaluated == [6]  # an epoch has more than these 6 steps: at the end, then
