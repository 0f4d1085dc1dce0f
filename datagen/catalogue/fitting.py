"""The schema that real rows keep: the requested one, relaxed where the rows differ from it.

A sister catalogue has the same columns and another country; a shop has text for codes and links of
another form. Such rows are not wrong, so the schema of their folder describes what is true of them.
"""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa

from datagen.columns.role import Fit
from datagen.columns.roles import role_of
from datagen.schemas import Schema
from datagen.schemas.schema import Column, Image


class Facts:
    """What the rows that are kept show of the columns that may be fitted to them."""

    def __init__(self, schema: Schema) -> None:
        self.rows = 0
        self._fits: dict[str, Fit] = {
            column.name: fit(column, schema)
            for column in schema.columns
            if (fit := role_of(column).fit) is not None
        }

    def add(self, table: pa.Table) -> None:
        """Include more rows; ``table`` has the columns of the schema, codes as text."""
        self.rows += len(table)
        for fit in self._fits.values():
            fit.add(table)

    def fitted(self, column: Column) -> tuple[Column, str]:
        """The column that all rows keep, and how it differs from ``column`` ("" if it does not)."""
        return self._fits[column.name].fitted() if column.name in self._fits else (column, "")


def narrowed(schema: Schema, there: Collection[str], pictures: bool) -> Schema:
    """The schema with only the columns that a source has; levels of categories close up."""
    names = {
        column.name
        for column in schema.columns
        if (pictures if isinstance(column, Image) else column.name in there)
    }
    columns = [
        role_of(column).narrow(column, schema, names) for column in schema.columns if column.name in names
    ]
    return Schema(**{**dict(schema), "columns": tuple(columns)})


def fitted(schema: Schema, facts: Facts) -> tuple[Schema, dict[str, str]]:
    """The schema that all rows keep, and in words where it differs from ``schema``, by column."""
    pairs = [facts.fitted(column) for column in schema.columns]
    changes = {column.name: change for column, change in pairs if change}
    return Schema(**{**dict(schema), "columns": tuple(column for column, _ in pairs)}), changes
