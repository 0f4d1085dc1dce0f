"""The scores.json of evaluations, read back, and what two evaluations of the same rows differ by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from datagen.schemas import InputError
from datagen.train.evaluation.held_out import HeldOutRows
from datagen.train.evaluation.predictions import Predictions, read_predictions
from datagen.train.evaluation.report import report, scores_table
from datagen.train.evaluation.scoring import compare

Record = dict[str, Any]
"""The contents of a scores.json."""

PREDICTIONS, SCORES = "predictions.parquet", "scores.json"
MOST_RECORD_BYTES = 50_000_000


def read_record(path: Path) -> Record | None:
    """A scores.json, or None if the file is not one."""
    try:
        if path.stat().st_size > MOST_RECORD_BYTES:
            return None
        record = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record["data"]["key"], str):
            return None
        report(record, [record])  # reads all of it
        scores_table(record, [record], 80)
        return dict(record)
    except Exception:  # a file of anybody's: whatever is odd in it, it is not a record
        return None


def of_same_rows(run: Path, record: Record) -> dict[Path, Record]:
    """The folders and records of a run's evaluations of the same rows, without hidden folders."""
    found = {}
    for path in sorted((run / "evaluation").glob(f"[!.]*/{SCORES}")):
        one = read_record(path)
        if one is not None and one["data"]["key"] == record["data"]["key"]:
            found[path.parent] = one
    return found


def difference_of(
    first: Record, before: Predictions, second: Record, now: Predictions, held: HeldOutRows
) -> dict[str, Any]:
    """The second evaluation minus the first, on the rows that both answered."""
    _, one, other = np.intersect1d(before.rows, now.rows, return_indices=True)
    before, now = before.take(one), now.take(other)
    found = compare(now.truth, before.fields, now.fields, now.title_families, held.template, seed=held.seed)
    return {
        "label": first["label"],
        "run": first["run"],
        "neighbours": neighbours(first),
        "rows": len(now.rows),
        "scores": first["scores"],
        "differences": {name: estimate.as_json() for name, estimate in found.items()},
    }


def with_and_without(
    run: Path, record: Record, found: Predictions, held: HeldOutRows
) -> dict[str, dict[str, Any]]:
    """How an evaluation differs from those of the same weights and rows without neighbours in the prompts.

    Of one without neighbours, how it differs from those with some. What has not been evaluated is left out.
    """
    differences = {}
    for folder, other in of_same_rows(run, record).items():
        same = all(other[name] == record[name] for name in ("which", "weights", "images", "generation"))
        if not same or bool(neighbours(other)) == bool(neighbours(record)):
            continue
        try:
            before, _ = read_predictions(folder / PREDICTIONS, held.template)
        except InputError:  # whatever is wrong with them, there is nothing to compare with
            continue
        differences[folder.name] = difference_of(other, before, record, found, held)
    return differences


def neighbours(record: Record) -> int:
    """How many products of an index stood in the prompts of an evaluation."""
    return int((record.get("retrieval") or {}).get("k", 0))
