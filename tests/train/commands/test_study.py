"""``datagen study``: what it writes and says, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import invoke, refusal


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def asked(garden_set: Path, other_set: Path, *more: object) -> list[object]:
    few = ("--real-rows", 10, "--shares", "0,0.5", "--seeds", 2, "--steps", 2)
    controls = ("--without", "permuted", "--without", "retrieved")
    here = ("--workers", 1)
    return ["study", "--real", other_set, "--synthetic", garden_set, *few, *controls, *here, *more]


def test_parts_of_a_study_make_a_whole_with_its_files(garden_set: Path, other_set: Path) -> None:
    first = invoke(*asked(garden_set, other_set, "--only", "1/2", "--json"))
    assert first.exit_code == 0, first.output
    half = json.loads(first.stdout)
    assert half["cells"] == {"planned": 8, "finished": 4, "failed": {}}
    assert half["command"].endswith("--without retrieved")
    done = invoke(*asked(garden_set, other_set, "--out", "study", "--workers", "2"))
    assert done.exit_code == 0, done.output
    assert "real, 50 % synthetic" in done.stdout
    assert "made against made" in done.stdout
    assert "With 2 seeds no difference can be significant" in done.stdout
    assert {path.name for path in Path("study").iterdir()} == {
        ".lock",
        "cells",
        "cells.parquet",
        "plot.svg",
        "results.json",
        "study.html",
        "table.md",
    }
    assert len(list(Path("study/cells").iterdir())) == 8
    page = Path("study/study.html").read_bytes()
    again = invoke(*asked(garden_set, other_set, "--seeds", "3", "--page-only", "--json"))
    assert json.loads(again.stdout)["cells"] == {"planned": 12, "finished": 8, "failed": {}}
    assert Path("study/study.html").read_bytes() != page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--real-rows", "50,many"), "--real-rows 'many' is neither a number nor all"),
        (("--shares", "half"), "--shares 'half' must be numbers from 0 to 1"),
        (("--shares", "0,nan"), "--shares nan is impossible"),
        (("--only", "9/8"), "--only '9/8' is not a part"),
        (("--steps", "1"), "--steps 1 is too small"),
        (("--seeds", "1"), "--seeds 1 must be between"),
        (("--workers", "0"), "--workers 0 is too small"),
        (("--features", "facebook/dinov2-small"), "--features has no effect with --learner cnn"),
        (("--learner", "cnm"), "--learner cnm is neither a file nor built in"),
        (("--set", "training.steps=5"), "--set training.steps has no effect with --learner cnn"),
        (("--real", "nowhere"), "There is no folder or file nowhere"),
    ],
)
def test_refusals_are_one_sentence(
    words: tuple[str, str], said: str, garden_set: Path, other_set: Path
) -> None:
    assert said in refusal(invoke(*asked(garden_set, other_set, *words)))
