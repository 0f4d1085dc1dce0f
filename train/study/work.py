"""A cell as a task: what any process or machine needs to run it, and what comes back.

    work = work_of(study)        # pure data, to be sent anywhere
    result = work(3)             # the answers of the model of cell 3, or why there are none

The process that runs the study gives out the numbers and stores what comes back (running.py). The rows of a
study are opened once in every process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from datagen.schemas import InputError, RunFailed
from datagen.train.chat.conversation import Fields
from datagen.train.evaluation.baselines import majority, nearest
from datagen.train.study.plan import MAJORITY, NEAREST, RETRIEVED, Cell
from datagen.train.study.sampling import rows_of
from datagen.train.study.study import Opening, Study, opened

MOST_LETTERS = 1000


class CellResult(NamedTuple):
    """``answers``: to every test row, None for a cell that failed; ``error``: why it did."""

    number: int
    answers: list[Fields | None] | None
    error: str = ""


Spread = Callable[[Callable[[int], CellResult], Sequence[int]], Generator[CellResult, None, None]]
"""Calls a function with each of some numbers, in other processes or on other machines, and gives the results
as they come, in any order. All of it ends when the generator is closed.
"""


@dataclass(frozen=True)
class CellWork:
    """Runs the cell of a number, in any process. ``shared``: of the study that it must be.

    Pipes and Ray pickle it between the processes of a run, as they do everything; our own code reads none.
    """

    opening: Opening
    cells: tuple[Cell, ...]
    shared: str

    def __call__(self, number: int) -> CellResult:
        """The result of a cell; whatever goes wrong is in it."""
        try:
            study = _opened(self.opening, self.shared)
            if _as_text(study) != self.shared:
                raise InputError("The rows or the settings are others on this machine than on the first one.")
        except Exception as error:
            return CellResult(number, None, reason(error))
        return result_of(study, number, self.cells[number])


def work_of(study: Study, cells: Sequence[Cell]) -> CellWork:
    """Some cells of a study as tasks, by their place."""
    usable = (study.data.real.usable, study.data.synthetic.usable)
    config = study.opening.config.model_copy(
        update={name: _absolute(getattr(study.opening.config, name)) for name in ("real", "synthetic")}
    )
    features = _absolute(study.asked.features)
    asked = replace(study.asked, features=features)
    opening = Opening(asked, config, study.opening.learner, study.out.absolute(), usable)
    return CellWork(opening, tuple(cells), _as_text(study))


def result_of(study: Study, number: int, cell: Cell) -> CellResult:
    """The result of a cell in this process, of which ``number`` is the place."""
    try:
        return CellResult(number, _answers(study, cell))
    except Exception as error:  # whatever ends one cell, a night's other cells are worth having
        return CellResult(number, None, reason(error))


def reason(error: Exception) -> str:
    """Why a cell failed, on one line."""
    known = isinstance(error, (InputError, RunFailed))
    why = str(error) if known else f"{type(error).__name__}: {error}"
    return " ".join(why.split())[:MOST_LETTERS]


def answered(study: Study, rows: Sequence[int]) -> list[Fields]:
    """The fields of some real rows that the learner answers."""
    names = [one.field for one in study.learner.template.answer_fields]
    return [{name: study.data.real.fields[row][name] for name in names} for row in rows]


_last: list[tuple[object, Study]] = []
"""The study of the last call in this process, since opening one takes longer than some cells do."""


def _opened(opening: Opening, shared: str) -> Study:
    key = (opening.asked, opening.config.model_dump_json(), opening.out, shared)
    if not _last or _last[0][0] != key:
        _last[:] = [(key, opened(opening, lambda stage, done, total: None))]
    return _last[0][1]


def _as_text(study: Study) -> str:
    return json.dumps(study.shared, sort_keys=True)


def _absolute(name: str | None) -> str | None:
    """A folder here, wherever the process that opens it runs; names on the Hub stay."""
    return str(Path(name).absolute()) if name is not None and Path(name).exists() else name


def _answers(study: Study, cell: Cell) -> list[Fields | None]:
    """The answers of a cell to every test row."""
    data = study.data
    compared = study.features.real if cell.arm in (NEAREST, RETRIEVED) else None
    rows = rows_of(cell, data, compared, study.asked.synthetic_rows)
    if cell.trained:
        return study.learner.answer(cell, rows, study.folder_of(cell))
    known = answered(study, rows.real.tolist())
    if cell.arm == MAJORITY:
        return [majority(known, study.learner.template)] * len(data.test)
    if compared is None:
        raise ValueError(f"the arm {cell.arm} has no model and compares no pictures")
    found: list[Any] = nearest(known, compared[rows.real], compared[data.test])
    return found
