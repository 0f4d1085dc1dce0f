"""Checking that the rows of a dataset are those that its recipe asks for: conditions, numbers by category.

Categories, kinds and wearers that were selected are all that the profile of the folder has, so the rules of
their columns check these.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns.rule import Broken, Rule, floats
from datagen.schemas import Schema
from datagen.schemas.folder import RecipeRecord
from datagen.schemas.schema import Category, Title

if TYPE_CHECKING:
    from datagen.product.conditions import Conditions
    from datagen.product.profile import Profile


class SelectionCheck:
    """The check of one dataset: ``rules`` for its rows, and :meth:`faults` once all have been counted."""

    def __init__(self, recipe: RecipeRecord | None, schema: Schema, profile: Profile | None) -> None:
        """Raises InputError where the recipe asks for what the profile lacks."""
        self.rules: list[Rule] = []
        self._wanted: dict[tuple[str, str], int] = {}
        self._rows: dict[tuple[str, str], int] = {}
        if recipe is None or profile is None:
            return
        if recipe.where:
            self.rules = _rules(recipe.where, schema, profile)
        categories = {column.name for column in schema.of(Category)}
        for part, rows in (recipe.parts or {}).items():
            column, _, value = part.partition(":")
            if column in categories:
                self._wanted[column, value] = rows

    def count(self, table: pa.Table) -> None:
        """Count the rows of a table."""
        for column, value in self._wanted:
            here = pc.sum(pc.equal(table[column], value)).as_py() or 0
            self._rows[column, value] = self._rows.get((column, value), 0) + here

    def faults(self) -> Iterator[tuple[str, str]]:
        """The columns and the rules that are broken by the numbers of rows."""
        for (column, value), wanted in self._wanted.items():
            rows = self._rows.get((column, value), 0)
            if rows != wanted:
                yield column, f"{rows:,} rows have the value {value}, not {wanted:,}"


def _rules(where: dict[str, list[str]], schema: Schema, profile: Profile) -> list[Rule]:
    from datagen.product.conditions import Names, bounds_of, read_where

    conditions, prices = read_where(where, schema, profile), Names(schema, profile).prices
    rules = []
    for name, texts in where.items():
        for text in texts if name in prices else ():
            for low, high, said in bounds_of(name, "=", text):
                rules.append(_within(prices[name].name, f"is {said}", low, high))
    title = schema.one(Title)
    if conditions.looks and title is not None:
        rules.append(_shows(title.name, conditions, profile))
    return rules


def _within(column: str, text: str, low: float, high: float) -> Rule:
    def broken(table: pa.Table) -> Broken:
        values = floats(table, column)
        return ~((values >= low) & (values <= high))

    return Rule(text, column, broken)


def _shows(column: str, conditions: Conditions, profile: Profile) -> Rule:
    """A title is one of a product that shows what the conditions say."""
    from datagen.product.conditions import shows
    from datagen.product.naming import reader_of

    readings = reader_of(profile)
    kinds = [
        (name, profile.kinds[name]) for name in {name for shelf in profile.shelves for name in shelf.kinds}
    ]

    @lru_cache(maxsize=1 << 16)
    def legal(title: str) -> bool:
        return any(
            shows(profile, kind, said, conditions)
            for name, kind in kinds
            if any(noun in title for noun in kind.nouns)
            for said in readings(title, name)
        )

    def broken(table: pa.Table) -> Broken:
        return np.array([not legal(title) for title in table[column].to_pylist()], dtype=bool)

    return Rule(f"is a product that matches {conditions.said}", column, broken)
