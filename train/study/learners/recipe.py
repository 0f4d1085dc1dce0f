"""The learner of a recipe: every cell is a run of ``datagen train``, tested as ``datagen evaluate`` tests it.

    CELL/split/         the split of the run: the cell's rows train, the study's test rows test
    CELL/others.parquet the rows in the place of synthetic ones, where they are not the set as it is
    CELL/first/, base/  in the arm then_real, the run on synthetic rows, and its model as the next one's base
    CELL/run/           the run whose answers are scored

A killed run is resumed from its last checkpoint. All of this goes when the scores of the cell are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.schemas import InputError
from datagen.schemas.files import whole_file
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields, Template
from datagen.train.config import CONFIG, RunConfig
from datagen.train.data.run_data import SPLIT
from datagen.train.data.splits import PARTS, Split, save_split
from datagen.train.evaluation.evaluate import evaluate_run
from datagen.train.evaluation.predictions import read_predictions
from datagen.train.evaluation.records import PREDICTIONS
from datagen.train.models.adapter import merge
from datagen.train.run.finetune import RunInterrupted, train_run
from datagen.train.run.summary import SUMMARY
from datagen.train.study.data import StudyData
from datagen.train.study.features import Features
from datagen.train.study.plan import Cell
from datagen.train.study.sampling import CellRows, phases

SPLIT_FROM, OTHERS, FIRST, BASE, RUN = "split", "others.parquet", "first", "base", "run"
ROW_GROUP = 100
NO_VALIDATION = {"train": 0.5, "validation": 0.0, "test": 0.5}
"""Every run is tested after the same number of steps: rows to choose a model with are better trained on. (The
shares of the other two follow from the split that is written.)
"""


class Recipe:
    """See ``learner.Learner``. ``config``: of every run, but for its data, its seed and its steps."""

    def __init__(
        self, data: StudyData, features: Features, progress: StageProgress, *, config: RunConfig, name: str
    ) -> None:
        if config.training.steps is None:
            raise InputError(
                f"The recipe {name} trains for epochs, which are longer with more rows; give "
                "--steps, so that every model trains equally long."
            )
        self._data = data
        self._config = config
        self._name = name
        self._steps = config.training.steps

    @property
    def template(self) -> Template:
        """Every field of the answer."""
        return self._data.template

    @property
    def settings(self) -> Mapping[str, Any]:
        """The configuration, without its data and where its figures go."""
        values = self._config.model_dump(mode="json")
        return {"name": self._name, "steps": self._steps, "model": values["model"]} | {
            name: {key: value for key, value in values[name].items() if key != "seed"}
            for name in ("training",)
        }

    def answer(self, cell: Cell, rows: CellRows, folder: Path) -> list[Fields | None]:
        """The answers of the last model of a run; a killed one goes on."""
        folder.mkdir(parents=True, exist_ok=True)
        self._write_split(rows, folder / SPLIT_FROM)
        others = self._others(rows, folder / OTHERS)
        base: Path | None = None
        (*before, (steps, share)) = phases(cell, self._steps)
        for first, all_synthetic in before:
            self._train(cell, folder / FIRST, others, first, all_synthetic, None)
            base = folder / BASE
            if not base.is_dir():
                merge(folder / FIRST, base, "last")
        self._train(cell, folder / RUN, others if share else None, steps, share, base)
        evaluation = evaluate_run(folder / RUN, "last", "test", baselines=False)
        found, _ = read_predictions(evaluation.folder / PREDICTIONS, self.template)
        said = dict(zip(found.rows.tolist(), found.fields, strict=True))
        return [said.get(row) for row in self._data.test.tolist()]

    def _train(
        self, cell: Cell, run: Path, others: str | None, steps: int, share: float, base: Path | None
    ) -> None:
        if (run / SUMMARY).is_file():
            return
        values = self._config.model_dump(mode="json")
        values["data"] |= {
            "real": self._data.real.source.name,
            "synthetic": others,
            "synthetic_share": share if others else None,
            "split_from": str(run.parent / SPLIT_FROM),
            "split": NO_VALIDATION,
            "seed": cell.seed,
        }
        if others != self._data.synthetic.source.name:
            values["data"]["synthetic_columns"] = {}
        values["training"] |= {"steps": steps, "epochs": None, "seed": cell.seed}
        if base is not None:
            values["smoke"] = False
            values["model"] |= {"base": str(base.resolve()), "revision": None}
        try:
            train_run(RunConfig.model_validate(values), run, resume=(run / CONFIG).is_file(), quiet=True)
        except RunInterrupted:
            raise KeyboardInterrupt from None  # the study stops, too, and goes on with this run

    def _write_split(self, rows: CellRows, folder: Path) -> None:
        """The split of the cell's runs, in the layout of a run's folder."""
        part = np.full(len(self._data.title_family), -1, dtype=np.int64)
        part[self._data.test] = PARTS.index("test")
        part[rows.real if len(rows.real) else self._data.pool] = PARTS.index("train")
        path = folder / SPLIT
        path.parent.mkdir(parents=True, exist_ok=True)
        found = Split(part, self._data.title_family, np.arange(len(part), dtype=np.int64))
        digest = self._data.real.source.digest
        save_split(found, path, seed=0, shares={"train": 1.0}, digest=digest)

    def _others(self, rows: CellRows, path: Path) -> str | None:
        """Where the rows are that stand for synthetic ones: the set itself, or a file that is written."""
        if not len(rows.synthetic) and not len(rows.retrieved):
            return None
        as_it_is = len(rows.synthetic) == len(self._data.synthetic_rows)
        if as_it_is and (rows.synthetic == rows.answers).all():
            return self._data.synthetic.source.name
        if not path.is_file():
            retrieved = len(rows.retrieved) > 0
            source = self._data.real.source if retrieved else self._data.synthetic.source
            pictures = rows.retrieved if retrieved else rows.synthetic
            answers = rows.retrieved if retrieved else rows.answers
            image = self.template.image
            table = pa.Table.from_pylist(
                [
                    source.row(answer) | {image: source.row(picture)[image]}
                    for picture, answer in zip(pictures.tolist(), answers.tolist(), strict=True)
                ]
            )
            with whole_file(path) as aside:
                pq.write_table(table, aside, row_group_size=ROW_GROUP)
        return str(path)
