"""Category columns: the levels of the shelf that a product is on."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import numbers, texts
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Broken, Rule, is_false, matches
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import Category, Column

if TYPE_CHECKING:
    from datagen.product.profile import Profile


def _compute(column: Category, batch: ProductBatch) -> pa.Array:
    values = texts([shelf.path[column.level - 1] for shelf in batch.profile.shelves])
    return values.take(numbers(batch.products.shelf))


def check_levels(schema: Schema, profile: Profile) -> None:
    """Raises InputError where a profile's shelves have more or fewer levels than the schema, even none."""
    levels, depth = len(schema.of(Category)), len(profile.shelves[0].path)
    if levels != depth:
        raise InputError(
            f"The profile {profile.name} has shelves of {depth} levels, the schema {schema.name} has "
            f"{levels} category columns."
        )


def _rules(column: Category, schema: Schema, profile: Profile | None) -> list[Rule]:
    """Each level is legal under the levels above it."""
    if profile is None:
        return [matches(column.name, "is not empty", ".")] if schema.missing else []
    legal = texts(sorted({path_text(shelf.path[: column.level]) for shelf in profile.shelves}))
    names = [each.name for each in schema.of(Category)[: column.level]]

    def broken(table: pa.Table) -> Broken:
        return is_false(pc.is_in(path_texts(table, names), legal))

    return [Rule("is legal under the level above", column.name, broken)]


def path_text(path: tuple[str, ...]) -> str:
    """A path of category values as one text, which no other path has."""
    return "\x1f".join(path)


def path_texts(table: pa.Table, names: list[str]) -> pa.ChunkedArray:
    """The same of each row, from its category columns."""
    return pc.binary_join_element_wise(*(table[name] for name in names), "\x1f")


def _narrow(column: Category, schema: Schema, there: Collection[str]) -> Column:
    """Levels close up over those that are absent."""
    above = [each for each in schema.of(Category) if each.name in there and each.level < column.level]
    return column.model_copy(update={"level": len(above) + 1})


ROLE = Role(Category, compute=_compute, rules=_rules, narrow=_narrow)
