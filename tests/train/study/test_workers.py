"""Cells in other processes: the same as in this one, whatever becomes of the processes."""

from __future__ import annotations

import multiprocessing
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from support.odd_learners import OddProbe, sleepy
from support.sets import contents

from datagen.schemas.progress import StageProgress
from datagen.train.config import load_config
from datagen.train.study.learners.probe import Probe
from datagen.train.study.plan import MIXTURE, REAL, Asked
from datagen.train.study.running import run_cells
from datagen.train.study.study import MakeLearner, Opening, Study, open_cells, opened
from datagen.train.study.work import work_of
from datagen.train.study.workers import in_processes

ASKED = Asked(real_rows=(10,), shares=(0, 0.5), seeds=2, without=("retrieved", "permuted"))


def study_in(real: Path, synthetic: Path, out: Path, learner: MakeLearner = Probe) -> Study:
    flags = {"data.real": str(real), "data.synthetic": str(synthetic)}
    return open_cells(ASKED, load_config(None, flags).data, learner, out, lambda *_: None)


@pytest.fixture(scope="module")
def here(garden_set: Path, other_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study run in this process."""
    study = study_in(other_set, garden_set, tmp_path_factory.mktemp("here"))
    run_cells(study, None, lambda *_: None)
    assert len(study.finished()) == len(study.cells) == 8
    return study


@pytest.mark.slow
def test_two_processes_make_the_same_cells_and_what_fails_takes_nothing_with_it(
    here: Study, garden_set: Path, other_set: Path, tmp_path: Path
) -> None:
    odd = study_in(other_set, garden_set, tmp_path, OddProbe)
    told: list[tuple[int, int | None]] = []
    spread = partial(in_processes, workers=2)
    run_cells(odd, None, lambda stage, done, total: told.append((done, total)), spread)
    assert told == [(done, 8) for done in range(9)]
    failed = {
        odd.folder_of(cell).name: cell for cell in odd.cells if odd.folder_of(cell).name in odd.failures()
    }
    assert {(cell.arm, cell.seed) for cell in failed.values()} == {(REAL, 1), (MIXTURE, 0)}
    assert {odd.failures()[name] for name in failed} == {
        "RuntimeError: the cable came loose",
        "Its process ended (exit code 9), possibly because memory ran out; try fewer --workers.",
    }
    expected = contents(here.out)
    found = contents(tmp_path)
    assert found == {
        name: content for name, content in expected.items() if not any(folder in name for folder in failed)
    } | {name: content for name, content in found.items() if name.endswith("failed.json")}
    mended = study_in(other_set, garden_set, tmp_path)
    run_cells(mended, None, lambda *_: None)
    assert contents(tmp_path) == expected


def test_another_machine_with_other_rows_runs_no_cell(
    here: Study, garden_set: Path, other_set: Path, tmp_path: Path
) -> None:
    work = work_of(here, here.cells)
    elsewhere = work_of(study_in(garden_set, other_set, tmp_path), here.cells)
    result = replace(work, opening=elsewhere.opening)(0)
    assert result.answers is None
    assert result.error.startswith("The rows or the settings are others on this machine")
    assert work(0).answers == here.finished()[0].predictions.fields


def test_a_process_opens_its_study_once_though_each_task_brings_a_copy(
    here: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[Opening] = []

    def counted(opening: Opening, progress: StageProgress) -> Study:
        times.append(opening)
        return opened(opening, progress)

    monkeypatch.setattr("datagen.train.study.work.opened", counted)
    monkeypatch.setattr("datagen.train.study.work._last", [])
    work = work_of(here, here.cells)
    results = [deepcopy(work)(number) for number in (0, 1)]
    assert [result.answers for result in results] == [cell.predictions.fields for cell in here.finished()[:2]]
    assert len(times) == 1
    assert replace(work, shared="another")(0).error.startswith("The rows or the settings are others")
    assert len(times) == 2


def test_a_study_that_is_stopped_leaves_no_process() -> None:
    with closing(in_processes(sleepy, range(4), 2)) as results:
        assert next(iter(results)).number == 0
        assert len(multiprocessing.active_children()) == 2
    assert not multiprocessing.active_children()
