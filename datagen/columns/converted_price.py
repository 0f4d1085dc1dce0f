"""Converted price columns: a price column in another currency."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datagen.arrow import numbers
from datagen.columns.other import as_other
from datagen.columns.price import price_of
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Broken, Rule, above_zero, floats
from datagen.schemas import InputError, Schema
from datagen.schemas.keyed import F64
from datagen.schemas.schema import Column, ConvertedPrice, Price
from datagen.schemas.yaml_file import nearest

if TYPE_CHECKING:
    from datagen.product.profile import Profile


def _compute(column: ConvertedPrice, batch: ProductBatch) -> pa.Array:
    source = next(price for price in batch.schema.of(Price) if price.name == column.source)
    rate = batch.profile.rates[column.currency]
    return numbers(converted(price_of(source, batch.products), rate.rate, rate.decimals))


def converted(price: F64, rate: float, decimals: int) -> F64:
    """Prices in another currency: price x rate, rounded to ``decimals``."""
    return np.round(price * rate, decimals)


def _check(column: ConvertedPrice, schema: Schema, profile: Profile) -> None:
    if column.currency not in profile.rates:
        raise InputError(
            f"The column {column.name} needs the rate of {column.currency}, which the profile "
            f"{profile.name} lacks ({nearest(column.currency, profile.rates)})."
        )


def _rules(column: ConvertedPrice, schema: Schema, profile: Profile | None) -> list[Rule]:
    if profile is None:
        return [above_zero(column.name)]
    rate = profile.rates[column.currency]
    half = 0.5 * 10.0**-rate.decimals

    def broken(table: pa.Table) -> Broken:
        exact = floats(table, column.source) * rate.rate
        value = floats(table, column.name)
        off = np.abs(value - exact) > half + 1e-6 * np.maximum(1e-2, np.abs(exact) * 1e-6)
        wrong: Broken = off | (np.round(value, rate.decimals) != value) | ~np.isfinite(value)
        return wrong

    return [Rule(f"is {column.source} x {rate.rate}, rounded", column.name, broken)]


def _narrow(column: ConvertedPrice, schema: Schema, there: Collection[str]) -> Column:
    """Without the price that it converts, a value follows from nothing."""
    return column if column.source in there else as_other(column)


ROLE = Role(ConvertedPrice, compute=_compute, check=_check, rules=_rules, narrow=_narrow)
