"""Discount flag columns: 1 where the paid price is below the full price, else 0."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import numbers
from datagen.columns.cells import Cells, as_flags
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Broken, Rule, floats
from datagen.schemas import Schema
from datagen.schemas.schema import DiscountFlag


def _compute(column: DiscountFlag, batch: ProductBatch) -> pa.Array:
    reduced = numbers(batch.products.paid < batch.products.full)
    return reduced if column.dtype == "bool" else reduced.cast(pa.int64())


def _rules(column: DiscountFlag, schema: Schema, *_: object) -> list[Rule]:
    full, paid = schema.price("full"), schema.price("paid")

    def broken(table: pa.Table) -> Broken:
        flags = floats(table, column.name)
        wrong: Broken = (flags != 0) & (flags != 1)
        if full is not None and paid is not None:
            wrong = flags != (floats(table, paid.name) < floats(table, full.name))
        return wrong

    return [Rule("is 1 where the paid price is below the full price, else 0", column.name, broken)]


def _read(column: DiscountFlag, raw: pa.Array, missing: str) -> Cells:
    cells = as_flags(raw, missing)
    return cells if column.dtype == "int64" else Cells(cells.values.cast(pa.bool_()), cells.faults)


def _follows(
    column: DiscountFlag, values: pa.Array, schema: Schema, read: Mapping[str, pa.Array]
) -> pa.Array | None:
    full, paid = schema.price("full"), schema.price("paid")
    if full is None or paid is None or not {full.name, paid.name} <= set(read):
        return None
    reduced = pc.less(read[paid.name], read[full.name])
    return reduced if column.dtype == "bool" else reduced.cast(pa.int64())


ROLE = Role(DiscountFlag, compute=_compute, rules=_rules, read=_read, follows=_follows)
