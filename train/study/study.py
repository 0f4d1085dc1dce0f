"""A study, from two sets to its cells, top to bottom.

    study = run_study(asked, config.data, partial(SmallNetwork, steps=500), Path("study"))

Cells that are finished are kept, one that fails is noted and the study goes on. What the cells say together
is results.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.schemas import InputError, RunFailed
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields
from datagen.train.config import DataConfig
from datagen.train.evaluation.baselines import majority, nearest
from datagen.train.study.cells import (
    FinishedCell,
    clear,
    failure_of,
    folder_of,
    is_finished,
    read,
    store,
    store_failure,
)
from datagen.train.study.data import StudyData, open_study
from datagen.train.study.learners.learner import Learner, features_of
from datagen.train.study.plan import MAJORITY, NEAREST, RETRIEVED, Asked, Cell, cells_of, part_of
from datagen.train.study.sampling import CellRows, rows_of

MakeLearner = Callable[[StudyData, StageProgress], Learner]
PROGRESS = "Training and testing models"


@dataclass(frozen=True)
class Study:
    """A study on disk. ``cells``: all that it has; ``shared``: what they share, part of their digests."""

    out: Path
    asked: Asked
    data: StudyData
    learner: Learner
    cells: tuple[Cell, ...]
    shared: Mapping[str, Any] = field(default_factory=dict)

    def finished(self) -> list[FinishedCell]:
        """The finished cells, in their order. Raises RunFailed for a damaged one."""
        return read(self.out, self.cells, self.shared, self.learner.template)

    def failures(self) -> dict[str, str]:
        """Digest -> why, of the cells that failed."""
        folders = [folder_of(self.out, cell, self.shared) for cell in self.cells]
        return {
            folder.name: why
            for folder in folders
            if not is_finished(folder) and (why := failure_of(folder)) is not None
        }


def open_cells(
    asked: Asked, config: DataConfig, learner: MakeLearner, out: Path, progress: StageProgress
) -> Study:
    """A study with its data opened and its cells known, none of them run. Raises InputError, RunFailed."""
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; give another --out.")
    data = open_study(config, asked.test_share, progress)
    cells = cells_of(asked, len(data.pool), data.real.source.name)
    if asked.synthetic_rows is not None and asked.synthetic_rows > len(data.synthetic_rows):
        raise InputError(
            f"--synthetic-rows {asked.synthetic_rows:,} is more than the {len(data.synthetic_rows):,} rows "
            f"of {data.synthetic.source.name} that can be used; give fewer, or leave it out for all."
        )
    model = learner(data, progress)
    shared = {**data.key, "learner": dict(model.settings), "synthetic_rows": asked.synthetic_rows}
    return Study(out, asked, data, model, cells, shared)


def run_cells(study: Study, only: tuple[int, int] | None, progress: StageProgress) -> None:
    """Run the cells that are not finished, of part ``only[0]`` of ``only[1]``. Raises RunFailed."""
    mine = part_of(study.cells, only)
    todo = [cell for cell in mine if not is_finished(folder_of(study.out, cell, study.shared))]
    for cell in set(mine) - set(todo):
        clear(folder_of(study.out, cell, study.shared))
    if not todo:
        return
    features = _features(study, todo, progress)
    truth = [study.data.real.fields[row] for row in study.data.test.tolist()]
    truth = [{name: row[name] for name in _answered(study)} for row in truth]
    for at, cell in enumerate(todo):
        progress(PROGRESS, len(mine) - len(todo) + at, len(mine))
        folder = folder_of(study.out, cell, study.shared)
        try:
            answers = _answers(study, cell, features, folder)
            families = study.data.title_family[study.data.test]
            template = study.learner.template
            store(folder, cell, study.shared, template, truth, answers, study.data.test, families)
        except Exception as error:  # whatever ends one cell, a night's other cells are worth having
            _note(folder, cell, error)
    progress(PROGRESS, len(mine), len(mine))


def _answers(
    study: Study, cell: Cell, features: NDArray[np.float32] | None, folder: Path
) -> list[Fields | None]:
    """The answers of a cell to every test row."""
    data = study.data
    rows: CellRows = rows_of(cell, data, features, study.asked.synthetic_rows)
    if cell.trained:
        return study.learner.answer(cell, rows, folder)
    known = [{name: data.real.fields[row][name] for name in _answered(study)} for row in rows.real.tolist()]
    if cell.arm == MAJORITY:
        return [majority(known, study.learner.template)] * len(data.test)
    if features is None:
        raise ValueError("the nearest picture needs the features of the real pictures")
    return [*nearest(known, features[rows.real], features[data.test])]


def _answered(study: Study) -> list[str]:
    return [one.field for one in study.learner.template.answer_fields]


def _features(study: Study, cells: list[Cell], progress: StageProgress) -> NDArray[np.float32] | None:
    """Features of the real pictures, if a cell needs them."""
    if not any(cell.arm in (NEAREST, RETRIEVED) for cell in cells):
        return None
    rows = np.union1d(study.data.pool, study.data.test)
    return features_of(study.data.real.source, study.data.template, rows, progress)


def _note(folder: Path, cell: Cell, error: Exception) -> None:
    known = isinstance(error, (InputError, RunFailed))
    why = str(error) if known else f"{type(error).__name__}: {error}"
    try:
        store_failure(folder, cell, " ".join(why.split())[:1000])
    except OSError as full:
        raise RunFailed(
            f"{folder} cannot be written ({full.strerror or full}); finished cells are kept, so run the same "
            "command again."
        ) from None
