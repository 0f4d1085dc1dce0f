"""The schema that real rows really keep: the one that was asked for, less what they show to be otherwise.

A sister catalogue has the same columns and another country; a shop has text for codes and links of
another form. Such rows are not wrong, so the schema of their folder says what is so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns.rules import rule_of
from datagen.schemas import Schema
from datagen.schemas.schema import (
    AnyColumn,
    Category,
    Code,
    Constant,
    ConvertedPrice,
    Image,
    Link,
    Other,
    PictureLink,
    Price,
)

TEXT_CODES = 0.1
"""Share of codes that are no whole numbers from which on all codes are text; fewer are faults."""

WHOLE_CODE = r"^(0|-?[1-9][0-9]{0,17})$"


@dataclass
class Facts:
    """What is seen of the rows that stand: the first two values of constants, rules broken, codes."""

    rows: int = 0
    odd_codes: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    values: dict[str, list[str | int | float]] = field(default_factory=dict)

    def add(self, schema: Schema, table: pa.Table) -> None:
        """Look at some more rows; ``table`` has the columns of ``schema``, codes as text."""
        self.rows += len(table)
        for column in schema.columns:
            if isinstance(column, Constant):
                seen = self.values.setdefault(column.name, [])
                if len(seen) < 2:
                    there = pc.unique(table[column.name]).to_pylist()
                    seen += [value for value in there if value not in seen][: 2 - len(seen)]
            elif isinstance(column, Code | Link | PictureLink):
                self.broken[column.name] += int(rule_of(schema, column).broken(table).sum())
                if isinstance(column, Code):
                    whole = pc.match_substring_regex(table[column.name], WHOLE_CODE)
                    self.odd_codes += len(table) - int(pc.sum(whole).as_py() or 0)


def narrowed(schema: Schema, there: Collection[str], pictures: bool) -> Schema:
    """The schema with only the columns that a source has; levels of categories close up."""
    kept: list[AnyColumn] = []
    level = 0
    prices = {column.name for column in schema.of(Price)} & set(there)
    for column in schema.columns:
        if isinstance(column, Image):
            if pictures:
                kept.append(column.model_copy(update={"about": "The picture"}))
        elif column.name in there:
            if isinstance(column, Category):
                level += 1
                kept.append(column.model_copy(update={"level": level}))
            elif isinstance(column, ConvertedPrice) and column.source not in prices:
                kept.append(_other(column))
            else:
                kept.append(column)
    return Schema(**{**dict(schema), "columns": tuple(kept)})


def fitted(schema: Schema, facts: Facts) -> tuple[Schema, dict[str, str]]:
    """The schema that all rows keep, and in words what is other than ``schema``, by column."""
    changes: dict[str, str] = {}
    columns = tuple(_fitted(column, facts, changes) for column in schema.columns)
    return Schema(**{**dict(schema), "columns": columns}), changes


def _fitted(column: AnyColumn, facts: Facts, changes: dict[str, str]) -> AnyColumn:
    if isinstance(column, Constant):
        seen = facts.values.get(column.name, [])
        if seen == [column.value]:
            return column
        if len(seen) == 1:
            changes[column.name] = f"is always {seen[0]}, not {column.value}"
            return column.model_copy(update={"value": seen[0]})
        changes[column.name] = f"has several values, not only {column.value}"
        return _other(column)
    if isinstance(column, Code):
        return _fitted_code(column, facts, changes)
    if isinstance(column, Link | PictureLink) and facts.broken[column.name]:
        changes[column.name] = (
            f"has another form than {column.template} in {facts.broken[column.name]:,} rows"
        )
        return _other(column)
    return column


def _fitted_code(column: Code, facts: Facts, changes: dict[str, str]) -> Code:
    update: Mapping[str, str] = {}
    if column.dtype == "int64" and facts.odd_codes > TEXT_CODES * facts.rows:
        changes[column.name] = "is text, not a whole number"
        update = {"dtype": "string"}
    if facts.broken[column.name]:
        form = f"has another form than {column.pattern} in {facts.broken[column.name]:,} rows"
        changes[column.name] = f"{changes[column.name]}, and {form}" if column.name in changes else form
        update = {**update, "pattern": ".+", "about": "Key of the product"}
    return column.model_copy(update=update)


def _other(column: AnyColumn) -> Other:
    return Other(name=column.name, dtype=column.dtype, about=column.about, role="other")
