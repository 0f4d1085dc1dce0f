"""A study from end to end on made sets: the same cells whenever it was stopped, and its files."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from support.killed import killed_at
from support.sets import contents
from support.tiny_runs import SMALL

from datagen.schemas import InputError, RunFailed
from datagen.train.chat.conversation import Fields, Template
from datagen.train.config import load_config
from datagen.train.evaluation.baselines import majority
from datagen.train.study.cells import folder_of
from datagen.train.study.data import StudyData
from datagen.train.study.learners.learner import answering
from datagen.train.study.learners.recipe import Recipe
from datagen.train.study.learners.small_network import SmallNetwork
from datagen.train.study.outcome import outcome_of
from datagen.train.study.plan import RETRIEVED, Asked, Cell
from datagen.train.study.running import run_cells
from datagen.train.study.sampling import CellRows
from datagen.train.study.study import Study, open_cells
from datagen.train.study.write import write_outcome

ASKED = Asked(real_rows=(10, None), shares=(0, 0.5, 1), then_real=True, seeds=2)


class MostFrequent:
    """A learner that takes no time: the most frequent answer of all rows that it is given."""

    def __init__(self, data: StudyData, features: Any, progress: Any, fails: str = "") -> None:
        self._data, self._fails = data, fails

    @property
    def template(self) -> Template:
        return answering(self._data.template, "category", "price")

    @property
    def settings(self) -> Mapping[str, Any]:
        return {"name": "most frequent"}

    def answer(self, cell: Cell, rows: CellRows, folder: Path) -> list[Fields | None]:
        if cell.arm == self._fails and cell.seed == 1:
            raise RuntimeError("the\ncable came loose")
        real, made = self._data.real.fields, self._data.synthetic.fields
        known = [real[row] for row in (*rows.real.tolist(), *rows.retrieved.tolist())]
        known += [made[row] for row in rows.answers.tolist()]
        return [majority(known, self.template)] * len(self._data.test)


def opened(real: Path, synthetic: Path, out: Path, asked: Asked = ASKED, **options: Any) -> Study:
    flags = {"data.real": str(real), "data.synthetic": str(synthetic), **options}
    learner = partial(MostFrequent, fails=options.pop("fails", "")) if "fails" in options else MostFrequent
    flags.pop("fails", None)
    return open_cells(asked, load_config(None, flags).data, learner, out, lambda *_: None)


def moved(study: Study, out: Path, **changes: Any) -> Study:
    """The same study in another folder."""
    return replace(study, opening=replace(study.opening, out=out), **changes)


@pytest.fixture(scope="module")
def garden_study(garden_set: Path, other_set: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return opened(other_set, garden_set, tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def whole(garden_study: Study) -> Study:
    """The study, run to its end."""
    run_cells(garden_study, None, lambda *_: None)
    return garden_study


def test_no_synthetic_row_has_the_title_of_a_test_row(garden_study: Study) -> None:
    data = garden_study.data
    titles, made = data.real.source.titles(), data.synthetic.source.titles()
    tested = {titles[row] for row in data.test.tolist()}
    assert data.left_out > 0
    assert not tested & {made[row] for row in data.synthetic_rows.tolist()}
    assert not tested & {titles[row] for row in data.pool.tolist()}


def test_every_cell_answers_the_same_rows(whole: Study) -> None:
    finished = whole.finished()
    assert len(finished) == len(whole.cells)
    rows = {tuple(one.predictions.rows.tolist()) for one in finished}
    assert rows == {tuple(whole.data.test.tolist())}
    assert {"category_accuracy", "price_within_20"} <= set(finished[0].scores)
    assert any(one.cell.arm == RETRIEVED for one in finished)


def test_finished_cells_are_not_run_again(whole: Study) -> None:
    before = contents(whole.out)
    run_cells(whole, None, lambda *_: pytest.fail("nothing is left to do"))
    assert contents(whole.out) == before


def test_parts_make_the_same_cells(whole: Study, tmp_path: Path) -> None:
    parted = moved(whole, tmp_path)
    for part in (3, 1, 2):
        run_cells(parted, (part, 3), lambda *_: None)
    assert contents(tmp_path / "cells") == contents(whole.out / "cells")


def test_killed_anywhere_it_makes_the_same_cells(whole: Study, tmp_path: Path) -> None:
    some = moved(whole, tmp_path, cells=whole.cells[:3])
    expected = {
        name: content
        for name, content in contents(whole.out).items()
        if any(folder_of(whole.out, cell, whole.shared).name in name for cell in some.cells)
    }
    kills = 0
    for count in itertools.count(1, 4):
        moments = itertools.count(1)
        if not killed_at(
            lambda *_, after=count, at=moments: next(at) == after,
            lambda: run_cells(some, None, lambda *_: None),
        ):
            break
        kills += 1
    assert kills >= 2
    assert contents(tmp_path) == expected


def test_a_cell_that_fails_is_told_and_tried_again(garden_set: Path, other_set: Path, tmp_path: Path) -> None:
    study = opened(other_set, garden_set, tmp_path, fails="mixture")
    run_cells(study, None, lambda *_: None)
    failed = [cell for cell in study.cells if (cell.arm, cell.seed) == ("mixture", 1)]
    assert len(study.finished()) == len(study.cells) - len(failed)
    assert set(study.failures().values()) == {"RuntimeError: the cable came loose"}
    outcome, cells = outcome_of(study, "datagen study")
    write_outcome(outcome, cells, tmp_path)
    assert "the cable came loose" in (tmp_path / "study.html").read_text()
    mended = opened(other_set, garden_set, tmp_path)
    run_cells(mended, None, lambda *_: None)
    assert len(mended.finished()) == len(mended.cells)
    assert not mended.failures()


def test_damaged_cells_are_told(whole: Study, tmp_path: Path) -> None:
    damaged = moved(whole, tmp_path, cells=whole.cells[:1])
    run_cells(damaged, None, lambda *_: None)
    for name, content in (("scores.json", b"{"), ("predictions.parquet", b"no")):
        file = folder_of(tmp_path, damaged.cells[0], damaged.shared) / name
        before = file.read_bytes()
        file.write_bytes(content)
        with pytest.raises(RunFailed, match=r"is damaged .* remove it and run the command again"):
            damaged.finished()
        file.write_bytes(before)


def test_the_files_of_an_outcome(whole: Study, tmp_path: Path) -> None:
    outcome, cells = outcome_of(whole, "datagen study --real <b>")
    write_outcome(outcome, cells, tmp_path)
    first = contents(tmp_path)
    write_outcome(outcome, cells, tmp_path)
    assert contents(tmp_path) == first
    table = pq.read_table(tmp_path / "cells.parquet")
    assert table.num_rows == len(whole.cells)
    assert {"arm", "real_rows", "share", "seed", "category_accuracy"} <= set(table.column_names)
    page, plot = (first[name].decode() for name in ("study.html", "plot.svg"))
    assert "<b>" not in page.split("<pre>")[1].split("</pre>")[0]
    for text in (page, plot):
        assert "<script" not in text
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert "made against made" in page
    assert "| real rows | trained on |" in first["table.md"].decode()


def test_the_small_network_runs_every_arm(garden_set: Path, other_set: Path, tmp_path: Path) -> None:
    flags = {"data.real": str(other_set), "data.synthetic": str(garden_set)}
    asked = Asked(real_rows=(10,), shares=(0, 0.5, 1), then_real=True, seeds=2, synthetic_rows=8)
    study = open_cells(
        asked, load_config(None, flags).data, partial(SmallNetwork, steps=2), tmp_path, lambda *_: None
    )
    arms = ("mixture", "then_real", "permuted")
    some = replace(study, cells=tuple(cell for cell in study.cells if cell.arm in arms and cell.seed == 0))
    run_cells(some, None, lambda *_: None)
    assert not some.failures()
    first = contents(tmp_path)
    again = moved(some, tmp_path / "again", cells=some.cells[:1])
    run_cells(again, None, lambda *_: None)
    assert contents(tmp_path / "again").items() <= first.items(), "equal seeds give equal answers"
    answers = {one.cell.arm: one.predictions.fields for one in some.finished()}
    answered = {one.field for one in study.learner.template.answer_fields}
    assert all(fields is not None and set(fields) == answered for fields in answers["then_real"])
    assert answers["permuted"] != answers["mixture"]


def test_a_recipe_makes_a_run_of_every_cell(garden_set: Path, other_set: Path, tmp_path: Path) -> None:
    flags = {**SMALL, "data.real": str(other_set), "data.synthetic": str(garden_set), "training.steps": 2}
    asked = Asked(real_rows=(10,), shares=(0, 0.5), then_real=True, seeds=2, synthetic_rows=20)
    config = load_config(None, flags)
    study = open_cells(
        asked, config.data, partial(Recipe, config=config, name="small"), tmp_path, lambda *_: None
    )
    cells = tuple(cell for cell in study.cells if cell.arm == "then_real" and cell.seed == 0)
    some = replace(study, cells=cells)
    run_cells(some, None, lambda *_: None)
    assert not some.failures()
    assert {path.name for path in tmp_path.glob("cells/*/*")} == {"predictions.parquet", "scores.json"}
    for one in some.finished():
        assert one.predictions.rows.tolist() == study.data.test.tolist()
        assert {"title_exact", "category_accuracy", "price_within_20"} <= set(one.scores)


def test_a_recipe_of_epochs_is_refused(garden_set: Path, other_set: Path, tmp_path: Path) -> None:
    config = load_config(None, {"data.real": str(other_set), "data.synthetic": str(garden_set)})
    with pytest.raises(InputError, match="gpu trains for epochs, .* give --steps"):
        open_cells(ASKED, config.data, partial(Recipe, config=config, name="gpu"), tmp_path, lambda *_: None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"asked": replace(ASKED, synthetic_rows=5000)}, "--synthetic-rows 5,000 is more than the"),
        ({"asked": replace(ASKED, real_rows=(5000,))}, "--real-rows 5,000 is more than the"),
    ],
)
def test_studies_that_cannot_be_are_refused(
    garden_set: Path, other_set: Path, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        opened(other_set, garden_set, tmp_path, **options)
    assert not list(tmp_path.iterdir())
