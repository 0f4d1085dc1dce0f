"""The cells of a study on disk, one folder each, finished as soon as its scores are there.

    STUDY/cells/DIGEST/
        predictions.parquet   truth and answer of every test row (evaluation/predictions.py)
        scores.json           the cell, what the study's cells share, and the scores; written last
        failed.json           why a cell has no scores; it is tried again by the next command

The digest names all that the cell depends on, so that the same command finds its cells again, and none of
other data, another learner or other settings.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import read_file, write_file
from datagen.schemas.keyed import I64
from datagen.train.chat.conversation import Fields, Template
from datagen.train.evaluation.predictions import Predictions, read_predictions, write_predictions
from datagen.train.evaluation.scoring import score
from datagen.train.study.plan import Cell, digest_of

CELLS, PREDICTIONS, SCORES, FAILED = "cells", "predictions.parquet", "scores.json", "failed.json"
MOST_SCORE_BYTES = 1_000_000


@dataclass(frozen=True)
class FinishedCell:
    """A cell with its predictions and the scores that are defined."""

    cell: Cell
    digest: str
    predictions: Predictions
    scores: Mapping[str, float]


def folder_of(out: Path, cell: Cell, study: Mapping[str, Any]) -> Path:
    """The folder of a cell."""
    return out / CELLS / digest_of(cell, study)


def is_finished(folder: Path) -> bool:
    """Whether the scores of a cell are there."""
    return (folder / SCORES).is_file()


def store(
    folder: Path,
    cell: Cell,
    study: Mapping[str, Any],
    template: Template,
    truth: Sequence[Fields],
    answers: Sequence[Fields | None],
    rows: I64,
    title_families: I64,
) -> None:
    """Write a cell's predictions and scores. Raises OSError."""
    said = ["" if fields is None else template.text(fields) for fields in answers]
    found = Predictions(rows, title_families, rows, list(truth), said, list(answers))
    scores = score(truth, answers, title_families, template, resamples=0)
    values = {name: one.value for name, one in scores.estimates.items() if np.isfinite(one.value)}
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{PREDICTIONS}.part"
    write_predictions(found, template, aside, {"cell": folder.name})
    aside.replace(folder / PREDICTIONS)
    record = {"cell": asdict(cell), "study": study, "rows": len(rows), "scores": values}
    write_file(folder / SCORES, json.dumps(record, indent=1, sort_keys=True) + "\n")
    clear(folder)


def clear(folder: Path) -> None:
    """Remove from the folder of a finished cell what its training went on from. Raises OSError."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in (PREDICTIONS, SCORES):
            path.unlink()


def store_failure(folder: Path, cell: Cell, why: str) -> None:
    """Write why a cell has no scores. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / FAILED, json.dumps({"cell": asdict(cell), "error": why}, indent=1) + "\n")


def failure_of(folder: Path) -> str | None:
    """Why a cell has no scores; None if nothing is known."""
    try:
        return str(json.loads(read_file(folder / FAILED, MOST_SCORE_BYTES))["error"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def read(
    out: Path, cells: Sequence[Cell], study: Mapping[str, Any], template: Template
) -> list[FinishedCell]:
    """Those of some cells that are finished, in their order. Raises RunFailed for one that is damaged."""
    found = []
    for cell in cells:
        folder = folder_of(out, cell, study)
        if not is_finished(folder):
            continue
        try:
            record = json.loads(read_file(folder / SCORES, MOST_SCORE_BYTES))
            scores = {str(name): float(value) for name, value in record["scores"].items()}
            predictions, _ = read_predictions(folder / PREDICTIONS, template)
        except (
            InputError,
            OSError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:
            raise RunFailed(
                f"{folder} is damaged ({str(error).splitlines()[0][:150]}); remove it and run the "
                "command again."
            ) from None
        found.append(FinishedCell(cell, folder.name, predictions, scores))
    return found
