"""Rows: products as an Arrow table in the order of a schema, each column computed by its role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from datagen.columns.category import check_levels
from datagen.columns.role import ProductBatch
from datagen.columns.roles import role_of
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import Column, Drawn
from datagen.schemas.yaml_file import nearest

if TYPE_CHECKING:
    from datagen.product.product import Products
    from datagen.product.profile import Profile
    from datagen.product.sampler import Sampler


def check(schema: Schema, profile: Profile) -> None:
    """Raises InputError where a profile contradicts the schema that its rows are to have."""
    if profile.schema_name != schema.name:
        raise InputError(
            f"The profile {profile.name} is for the schema {profile.schema_name!r}, not for {schema.name!r}."
        )
    check_levels(schema, profile)
    drawn = {column.name for column in schema.of(Drawn)}
    for name in profile.drawn:
        if name not in drawn:
            raise InputError(
                f"The profile {profile.name} draws values for {name!r}, but the schema {schema.name} has no "
                f"such column of the role drawn ({nearest(name, drawn)})."
            )
    for column in schema.columns:
        role_of(column).check(column, schema, profile)


def try_out(schema: Schema, profile: Profile) -> None:
    """Raises InputError where a column cannot be made, as far as a few values show."""
    for column in schema.columns:
        role_of(column).try_out(column, schema, profile)


class RowMaker:
    """Turns products into rows of a schema."""

    def __init__(self, schema: Schema, sampler: Sampler) -> None:
        """Raises InputError where the sampler's profile contradicts the schema."""
        check(schema, sampler.profile)
        self.schema = schema
        self._sampler = sampler

    def table(self, products: Products) -> pa.Table:
        """The rows of a batch: all columns of the schema but the picture, in its order."""
        batch = ProductBatch(self.schema, self._sampler, products)
        for column in sorted(self.schema.columns, key=self._looks_up):
            compute = role_of(column).compute
            if compute is not None:
                batch.computed[column.name] = compute(column, batch)
        names = [column.name for column in self.schema.columns if column.name in batch.computed]
        return pa.table({name: batch.computed[name] for name in names})

    def _looks_up(self, column: Column) -> bool:
        entry = self._sampler.profile.drawn.get(column.name)
        return entry is not None and entry.lookup is not None
