"""The files of a study's outcome, each whole or not at all.

STUDY/results.json   every number
STUDY/cells.parquet  a line for each finished cell: what it was trained on, and all its scores
STUDY/table.md       the tables
STUDY/plot.svg       score against real rows
STUDY/study.html     all of it as one page
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datagen.schemas.files import whole_file, write_file
from datagen.train.evaluation.scores import SCORES
from datagen.train.study.cells import FinishedCell
from datagen.train.study.outcome import Outcome
from datagen.train.study.page import page
from datagen.train.study.plot import plot
from datagen.train.study.tables import markdown

RESULTS, TABLE, MODELS, PLOT, PAGE = "results.json", "table.md", "cells.parquet", "plot.svg", "study.html"
LOCK = ".lock"


def write_outcome(outcome: Outcome, cells: Sequence[FinishedCell], out: Path) -> None:
    """Write all files, one process at a time. Raises OSError."""
    title = f"{outcome.data['synthetic']} beside {outcome.data['real']}"
    with _held(out):
        write_file(out / RESULTS, json.dumps(outcome.as_json(), indent=1, ensure_ascii=False) + "\n")
        with whole_file(out / MODELS) as aside:
            pq.write_table(_table(cells), aside)
        write_file(out / TABLE, markdown(outcome.results))
        write_file(out / PLOT, plot(outcome.results, title))
        write_file(out / PAGE, page(outcome))


def _table(cells: Sequence[FinishedCell]) -> pa.Table:
    """A line for each cell; a score that is undefined is null."""
    columns: dict[str, Any] = {
        "cell": pa.array([one.digest for one in cells], pa.string()),
        "arm": pa.array([one.cell.arm for one in cells], pa.string()),
        "real_rows": pa.array([one.cell.real_rows for one in cells], pa.int64()),
        "share": pa.array([one.cell.share for one in cells], pa.float64()),
        "seed": pa.array([one.cell.seed for one in cells], pa.int64()),
        "test_rows": pa.array([len(one.predictions.rows) for one in cells], pa.int64()),
    }
    for score in SCORES:
        if any(score.name in one.scores for one in cells):
            columns[score.name] = pa.array([one.scores.get(score.name) for one in cells], pa.float64())
    return pa.table(columns)


@contextmanager
def _held(out: Path) -> Iterator[None]:
    """Wait until no other process writes the outcome of this study."""
    with (out / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
