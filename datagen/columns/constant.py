"""Constant columns: the same value in every row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import numbers, text
from datagen.columns.other import as_other
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Rule, is_false
from datagen.schemas import Schema
from datagen.schemas.schema import Column, Constant


def _compute(column: Constant, batch: ProductBatch) -> pa.Array:
    rows = len(batch.products)
    if column.dtype == "string":
        return pa.repeat(text(str(column.value)), rows)
    return numbers(np.full(rows, column.value, dtype=column.dtype))


def _rules(column: Constant, *_: object) -> list[Rule]:
    return [
        Rule(
            f"is always {column.value}",
            column.name,
            lambda t: is_false(pc.equal(t[column.name], column.value)),
        )
    ]


class _FirstTwoValues:
    """A sister catalogue has another value in all its rows; with several, any value is allowed."""

    def __init__(self, column: Constant, schema: Schema) -> None:
        self._column = column
        self._values: list[str | int | float] = []

    def add(self, table: pa.Table) -> None:
        if len(self._values) < 2:
            unique = pc.unique(table[self._column.name]).to_pylist()
            new = [value for value in unique if value not in self._values]
            self._values += new[: 2 - len(self._values)]

    def fitted(self) -> tuple[Column, str]:
        column = self._column
        if self._values == [column.value]:
            return column, ""
        if len(self._values) == 1:
            (value,) = self._values
            return column.model_copy(update={"value": value}), f"is always {value}, not {column.value}"
        return as_other(column), f"has several values, not only {column.value}"


ROLE = Role(Constant, compute=_compute, rules=_rules, fit=_FirstTwoValues)
