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
