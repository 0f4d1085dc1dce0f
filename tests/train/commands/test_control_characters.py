"""Training, evaluating and predicting print no raw control character, whatever rows and answers hold."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch
from support.hostile import HOSTILE, printed
from support.sets import change_cell, garden
from support.tiny_run import overfit, run_folder

NOUNS = [
    "Spade",
    "Rake",
    "Hoe",
    "Trowel",
    "Barrow",
    "Hose",
    "Bench",
    "Planter",
    "Sieve",
    "Mower",
    "Fork",
    "Axe",
]
WORDS = [f"{word} {noun}" for word in ("Tall", "Red", "Oak", "Iron") for noun in NOUNS]
ROWS = len(WORDS)
FEW = ["training.steps=2", "training.evaluate_rows=4", "training.generate_rows=2"]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def hostile_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows with pictures; the titles and categories of all, and the name of the folder, are hostile."""
    folder = garden(tmp_path_factory.mktemp("hostile") / "set\x1b[31m\u202e\x9b", ROWS, shard_rows=ROWS)
    for row in range(ROWS):
        value = HOSTILE[row % len(HOSTILE)]
        change_cell(folder, row, "label", f"{WORDS[row]} \x1b[2J {value}", shard_rows=ROWS)
        change_cell(folder, row, "subgroup", value, shard_rows=ROWS)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, hostile_set: Path) -> Path:
    """A run that answers as its rows do."""
    folder = tmp_path_factory.mktemp("hostile") / "run\x1b[2J\u2066"
    overfit(folder, run_folder(folder, hostile_set), steps=100)
    return folder


@pytest.mark.slow
def test_training_prints_none(hostile_set: Path, tmp_path: Path) -> None:
    few = [word for each in FEW for word in ("--set", each)]
    broken = shutil.copytree(hostile_set, tmp_path / "broken\x1b[2J")
    change_cell(broken, 3, "picture", {"bytes": b"\x1b[2J", "path": None}, shard_rows=ROWS)
    out = tmp_path / "run\x9b"
    said = printed("train", "--real", broken, "--smoke", *few, "--out", out)
    assert "1 has a picture that cannot be read" in said
    assert "run\\x9b" in said
    assert "run\\x9b" in printed("train", "--resume", "--out", out)
    planned = printed("train", "--real", hostile_set, "--smoke", "--dry-run", "--out", tmp_path / "b\u202e")
    assert "b\\u202e" in planned


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--real", "no\x1b[2J"], "no folder or file no\\x1b[2J"),
        (["--synthetic", "make:\x1b[2J"], "No schema '\\x1b[2J'"),
        (["--real", "SET", "--set", "training.\x1b=1"], "training.\\x1b=1"),
        (["--real", "SET", "--set", "training.steps='\u202e'"], "not '\\u202e'"),
        (["--real", "SET", "--recipe", "\u202ex"], "--recipe \\u202ex is neither"),
        (["--real", "SET", "--split-from", "no\x9b"], "no\\x9b"),
        (["--real", "SET@x\u2066"], "x\\u2066"),
    ],
)
def test_what_training_refuses_is_printable(words: list[str], said: str, hostile_set: Path) -> None:
    words = [word.replace("SET", str(hostile_set)) for word in words]
    assert said in printed("train", "--smoke", "--out", hostile_set.parent / "run", *words)


@pytest.mark.slow
def test_evaluating_prints_none(run: Path, hostile_set: Path) -> None:
    said = printed("evaluate", run, "--shuffle-images", "--max-new-tokens", 60)
    assert "run\\x1b[2J\\u2066" in said
    assert any(repr(value.strip())[1:-1] in said for value in HOSTILE[:4]), "categories"
    said = printed("evaluate", run, "--max-new-tokens", 60, "--json")
    assert json.loads(said[: said.index("}\n") + 1])["run"] == run.name
    refused = printed("evaluate", run, "--data", hostile_set, "--split", "tr\x1b[2J")
    assert "has no split 'tr\\x1b[2J'" in refused


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        "Product: Red \x1b[2J\u202e\x9b Fork, Category: \x1b]0;x\x07, Full Price: 9.0",
        "\x1b]0;owned\x07 \u202e no answer \r\nError: invented",
    ],
    ids=["parsed", "not parsed"],
)
def test_answers_are_printed_as_text(
    answer: str, run: Path, hostile_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datagen.train.evaluation.generate._text", lambda *_: answer)
    (shard,) = (hostile_set / "data").iterdir()
    photo, bad = tmp_path / "photo\x1b[31m\u202e.jpg", tmp_path / "bad\x9b.jpg"
    photo.write_bytes(pq.read_table(shard)["picture"][0].as_py()["bytes"])
    bad.write_bytes(b"\x1b[2J")
    said = printed("predict", run, photo, bad)
    assert "photo\\x1b[31m\\u202e.jpg" in said
    assert "bad\\x9b.jpg is not a JPEG" in said
    answered = [json.loads(line) for line in printed("predict", run, photo, bad, "--json").splitlines()]
    assert [one["answer"] for one in answered if one["error"] is None] == [answer]
    printed("evaluate", run, "--max-new-tokens", 8, "--which", "base")
