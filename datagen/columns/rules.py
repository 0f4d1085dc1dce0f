"""The rules that hold in every row of a catalogue, gathered from the roles of its columns.

They follow from the schema and the profile alone and are computed apart from what made the rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datagen.columns.roles import role_of
from datagen.columns.rule import Rule
from datagen.schemas import Schema

if TYPE_CHECKING:
    from datagen.product.profile import Profile


def rules(schema: Schema, profile: Profile | None) -> list[Rule]:
    """All rules of a catalogue that hold within a row, in the order of its columns.

    Without a profile, as for real rows, those that the schema alone implies.
    """
    return [rule for column in schema.columns for rule in role_of(column).rules(column, schema, profile)]


def nullable(schema: Schema, profile: Profile | None) -> frozenset[str]:
    """The columns in which a cell may be null: gaps of real rows, and those that a profile has a share for.

    A column of texts has the schema's text for missing instead.
    """

    def has_gaps(name: str) -> bool:
        return profile is None or (name in profile.drawn and profile.drawn[name].missing > 0)

    columns = [each for each in schema.columns if role_of(each).may_be_null and each.dtype != "string"]
    return frozenset(each.name for each in columns if has_gaps(each.name))
