"""Title columns: the name of the product as the shop writes it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datagen.columns.category import path_text, path_texts
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Broken, Rule, matches
from datagen.schemas import Schema
from datagen.schemas.schema import Category, Title

if TYPE_CHECKING:
    from datagen.product.profile import Profile


def _compute(column: Title, batch: ProductBatch) -> pa.Array:
    return batch.titles


def _rules(column: Title, schema: Schema, profile: Profile | None) -> list[Rule]:
    if profile is None:
        return [matches(column.name, "is more than one character", "(?s)^..+$")]
    return [_is_legal(column.name, schema, profile)]


def _is_legal(name: str, schema: Schema, profile: Profile) -> Rule:
    """A title is one that the grammar of a kind on the row's shelf could have composed.

    The parser is the inverse of the grammar: it reads the profile's words, not the composer's tables.
    """
    from datagen.product.naming import reader_of

    readings = reader_of(profile)
    levels = [column.name for column in schema.of(Category)]
    kinds = {
        path_text(shelf.path): [kind for kind, weight in shelf.kinds.items() if weight > 0]
        for shelf in profile.shelves
    }

    @lru_cache(maxsize=1 << 16)
    def legal(shelf: str, text: str) -> bool:
        return any(any(readings(text, kind)) for kind in kinds.get(shelf, ()))

    def broken(table: pa.Table) -> Broken:
        shelves = path_texts(table, levels).to_pylist() if levels else [""] * len(table)
        pairs = zip(shelves, table[name].to_pylist(), strict=True)
        return np.array([not legal(shelf, text) for shelf, text in pairs], dtype=bool)

    return Rule("is a legal title for a kind of its shelf", name, broken)


ROLE = Role(Title, compute=_compute, rules=_rules, may_be_missing=False)
