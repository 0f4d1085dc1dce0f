"""The table of roles: what each class of column does. A new role is a file of this folder and a line here."""

from __future__ import annotations

from typing import Any

from datagen.columns import (
    category,
    code,
    constant,
    converted_price,
    discount_flag,
    drawn,
    image,
    link,
    other,
    picture_link,
    price,
    title,
)
from datagen.columns.role import Role
from datagen.schemas.schema import Column

ROLES: dict[type[Column], Role[Any]] = {
    each.ROLE.column: each.ROLE
    for each in (
        constant,
        category,
        code,
        title,
        link,
        picture_link,
        price,
        converted_price,
        discount_flag,
        drawn,
        other,
        image,
    )
}


def role_of(column: Column) -> Role[Any]:
    """The role of a column."""
    return ROLES[type(column)]
