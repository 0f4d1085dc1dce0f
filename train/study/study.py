"""A study: two sets, the cells that compare them, and a learner for those.

    study = open_cells(asked, config.data, partial(SmallNetwork, steps=500), Path("study"), progress)
    run_cells(study, None, progress)

Cells are run by running.py; what they say together is results.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.schemas import InputError
from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.train.config import DataConfig
from datagen.train.study.cells import FinishedCell, failure_of, folder_of, is_finished, read
from datagen.train.study.data import StudyData, open_study
from datagen.train.study.features import Features, features_of
from datagen.train.study.learners.learner import Learner
from datagen.train.study.plan import Asked, Cell, cells_of

MakeLearner = Callable[[StudyData, Features, StageProgress], Learner]


@dataclass(frozen=True)
class Opening:
    """All that a study depends on, pure data, from which another process opens the same study.

    ``usable``: the rows of both sets that can be used, where that is known: to find them takes reading all
    pictures.
    """

    asked: Asked
    config: DataConfig
    learner: MakeLearner
    out: Path
    usable: tuple[I64, I64] | None = None


@dataclass(frozen=True)
class Study:
    """A study on disk. ``cells``: all that it has; ``shared``: what they share, part of their digests."""

    opening: Opening
    data: StudyData
    features: Features
    learner: Learner
    cells: tuple[Cell, ...]
    shared: Mapping[str, Any]

    @property
    def out(self) -> Path:
        """Its folder."""
        return self.opening.out

    @property
    def asked(self) -> Asked:
        """What it was asked for."""
        return self.opening.asked

    def folder_of(self, cell: Cell) -> Path:
        """The folder of a cell."""
        return folder_of(self.out, cell, self.shared)

    def finished(self) -> list[FinishedCell]:
        """The finished cells, in their order. Raises RunFailed for a damaged one."""
        return read(self.out, self.cells, self.shared, self.learner.template)

    def failures(self) -> dict[str, str]:
        """Digest -> why, of the cells that failed."""
        folders = [self.folder_of(cell) for cell in self.cells]
        return {
            folder.name: why
            for folder in folders
            if not is_finished(folder) and (why := failure_of(folder)) is not None
        }


def open_cells(
    asked: Asked, config: DataConfig, learner: MakeLearner, out: Path, progress: StageProgress
) -> Study:
    """A study with its data opened and its cells known, none of them run. Raises InputError, RunFailed."""
    return opened(Opening(asked, config, learner, out), progress)


def opened(opening: Opening, progress: StageProgress) -> Study:
    """See open_cells."""
    asked, out = opening.asked, opening.out
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file; give another --out.")
    data = open_study(opening.config, asked.test_share, progress, opening.usable)
    cells = cells_of(asked, len(data.pool), data.real.source.name)
    if asked.synthetic_rows is not None and asked.synthetic_rows > len(data.synthetic_rows):
        raise InputError(
            f"--synthetic-rows {asked.synthetic_rows:,} is more than the {len(data.synthetic_rows):,} rows "
            f"of {data.synthetic.source.name} that can be used; give fewer, or leave it out for all."
        )
    features = features_of(asked.features, data, out, progress)
    model = opening.learner(data, features, progress)
    shared = {**data.key, "learner": dict(model.settings), "synthetic_rows": asked.synthetic_rows}
    return Study(opening, data, features, model, cells, shared)
