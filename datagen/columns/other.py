"""Other columns: values of a real catalogue that follow from no other column; none can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datagen.columns.role import Role
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import Column, Other

if TYPE_CHECKING:
    from datagen.product.profile import Profile


def _check(column: Other, schema: Schema, profile: Profile) -> None:
    raise InputError(
        f"The column {column.name} of the schema {schema.name} has the role other, for which no values "
        "can be made; give it another role, such as drawn, or remove it."
    )


def as_other(column: Column) -> Other:
    """The same column without any rule, for rows that do not keep it."""
    return Other(name=column.name, dtype=column.dtype, about=column.about, role="other")


ROLE = Role(Other, check=_check, may_be_null=True)
