"""Answers to held-out rows, with what was true, stored as Parquet.

A study keeps its cells with this, in processes that load no language model: nothing here imports one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.schemas import InputError
from datagen.schemas.keyed import I64
from datagen.train.chat.conversation import Fields, Template, Value
from datagen.train.evaluation.scores import NEAR, exact

BLANK = -1
"""In place of the row whose picture was shown, if it was a blank one."""


@dataclass(frozen=True)
class Predictions:
    """Answers to rows, in the order of the rows.

    ``rows`` and ``title_families``: int64 (n,). ``shown``: int64 (n,), the row whose picture was shown, or
    BLANK. ``truth``, ``answers`` and ``fields`` have one entry per row; fields are None if an answer cannot
    be read. ``neighbours``: the keys in the index of the products that stood in each prompt.
    """

    rows: I64
    title_families: I64
    shown: I64
    truth: list[Fields]
    answers: list[str]
    fields: list[Fields | None]
    neighbours: list[list[str]] | None = None

    def take(self, some: I64) -> Predictions:
        """The predictions at some places (int64)."""
        places = some.tolist()
        return Predictions(
            self.rows[some],
            self.title_families[some],
            self.shown[some],
            [self.truth[at] for at in places],
            [self.answers[at] for at in places],
            [self.fields[at] for at in places],
            [self.neighbours[at] for at in places] if self.neighbours is not None else None,
        )


def marks(truth: Fields, answer: Fields | None, template: Template) -> dict[str, bool | None]:
    """Whether title, category and price of an answer are right (a price: within 20 %); None without truth."""
    right: dict[str, bool | None] = {}
    for role, field in (("title", template.title), ("category", template.category)):
        if field is not None:
            right[f"{role}_right"] = answer is not None and exact(str(truth[field]), str(answer[field])) == 1
    if template.price is not None:
        true, price = truth[template.price], None if answer is None else answer[template.price]
        known = isinstance(true, float) and true > 0
        near = isinstance(true, float) and isinstance(price, float) and abs(price - true) <= NEAR * true
        right["price_near"] = near if known else None
    return right


def write_predictions(found: Predictions, template: Template, path: Path, of: Mapping[str, Any]) -> None:
    """Write predictions as Parquet; ``of``, their provenance, goes into the file's metadata as JSON.

    Columns: row, family, shown, true_FIELD for each field, answer, read, said_FIELD for each field, the
    ``marks``, and neighbours where there were some.
    """
    columns: dict[str, pa.Array] = {
        "row": pa.array(found.rows),
        "family": pa.array(found.title_families),
        "shown": pa.array(found.shown),
    }
    names = [one.field for one in template.answer_fields]
    for name in names:
        columns[f"true_{name}"] = _column([fields[name] for fields in found.truth], name, template)
    columns["answer"] = pa.array(found.answers, pa.string())
    columns["read"] = pa.array([fields is not None for fields in found.fields], pa.bool_())
    for name in names:
        values = [None if fields is None else fields[name] for fields in found.fields]
        columns[f"said_{name}"] = _column(values, name, template)
    all_marks = [
        marks(truth, answer, template) for truth, answer in zip(found.truth, found.fields, strict=True)
    ]
    for mark in all_marks[0] if all_marks else ():
        columns[mark] = pa.array([one[mark] for one in all_marks], pa.bool_())
    if found.neighbours is not None:
        columns["neighbours"] = pa.array(found.neighbours, pa.list_(pa.string()))
    table = pa.table(columns).replace_schema_metadata({"evaluation": json.dumps(of, sort_keys=True)})
    pq.write_table(table, path)


def read_predictions(path: Path, template: Template) -> tuple[Predictions, dict[str, Any]]:
    """What :func:`write_predictions` wrote, and its provenance. Raises InputError for anything else."""
    try:
        table = pq.read_table(path)
        of = json.loads((table.schema.metadata or {})[b"evaluation"])
        columns = {name: table.column(name).to_pylist() for name in table.column_names}
        names = [one.field for one in template.answer_fields]
        count = table.num_rows
        truth = [{name: columns[f"true_{name}"][at] for name in names} for at in range(count)]
        fields: list[Fields | None] = [
            {name: columns[f"said_{name}"][at] for name in names} if columns["read"][at] else None
            for at in range(count)
        ]
        rows, title_families, shown = (
            np.array(columns[name], dtype=np.int64) for name in ("row", "family", "shown")
        )
        keys = columns.get("neighbours")
        return Predictions(rows, title_families, shown, truth, columns["answer"], fields, keys), dict(of)
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path} does not contain predictions ({str(error).splitlines()[0][:200]})."
        ) from None


def _column(values: list[Value], name: str, template: Template) -> pa.Array:
    return pa.array(values, pa.float64() if name in template.numbers else pa.string())
