"""Price columns: a price in the catalogue's own currency, before (full) or after a discount (paid)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import numbers
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Broken, Rule, above_zero, floats
from datagen.schemas import Schema
from datagen.schemas.keyed import F64
from datagen.schemas.schema import Price, Title

if TYPE_CHECKING:
    from datagen.product.price_law import Band
    from datagen.product.product import Products
    from datagen.product.profile import Profile

PRECISION = 1e-7
"""Relative error of a price that was stored as a 32-bit float."""


def _compute(column: Price, batch: ProductBatch) -> pa.Array:
    price = price_of(column, batch.products)
    return numbers(price if column.dtype == "float64" else np.round(price).astype(np.int64))


def price_of(column: Price, products: Products) -> F64:
    """The prices (float64) of some products that a column has."""
    return products.full if column.which == "full" else products.paid


def _rules(column: Price, schema: Schema, profile: Profile | None) -> list[Rule]:
    if column.which == "paid":
        return _rules_of_paid(column, schema, profile)
    return [_has_legal_ending(column.name, schema, profile) if profile else above_zero(column.name)]


def _rules_of_paid(column: Price, schema: Schema, profile: Profile | None) -> list[Rule]:
    full = schema.price("full")
    rules = [above_zero(column.name)]
    if full is None:
        return rules
    rules.append(
        Rule(
            "is at most the full price",
            column.name,
            lambda t: ~(floats(t, column.name) <= floats(t, full.name)),
        )
    )
    if profile is not None and profile.prices.discounts.share == 0:
        rules.append(
            Rule(
                "is the full price, since this catalogue has no discounts",
                column.name,
                lambda t: floats(t, column.name) != floats(t, full.name),
            )
        )
    return rules


def _has_legal_ending(name: str, schema: Schema, profile: Profile) -> Rule:
    """A full price is within the bounds and has an ending of its band, on a ladder that its noun allows."""
    prices, title = profile.prices, schema.one(Title)
    low, high = prices.bounds
    nouns: dict[str, set[str]] = {ladder: set() for ladder in prices.ladders}
    of_shelves = {shelf.ladder for shelf in profile.shelves if shelf.ladder}
    for kind in profile.kinds.values():
        nouns[prices.laws[kind.price].ladder].update(
            noun for noun, weight in kind.nouns.items() if weight > 0
        )

    def broken(table: pa.Table) -> Broken:
        values = floats(table, name)
        legal = np.zeros(len(table), dtype=bool)
        for ladder, bands in prices.ladders.items():
            here = (values >= low) & (values <= high) & _ends_in(values, bands, prices.decimals)
            if title is not None and ladder not in of_shelves:
                here &= _holds_one(table[title.name], nouns[ladder])
            legal |= here
        return ~legal

    return Rule("is on a legal ending within the bounds", name, broken)


def _ends_in(prices: F64, bands: tuple[Band, ...], decimals: int) -> Broken:
    """Which prices have, as remainder by their band's step, one of the band's endings.

    A price that differs from a whole one by the precision of a 32-bit float counts as that one.
    """
    limits = np.array([band.below for band in bands])
    counted = np.round(prices * 10**decimals)
    band_of = np.searchsorted(limits, counted / 10**decimals, side="right")  # NaN comes after the last band
    legal = np.zeros(len(prices), dtype=bool)
    whole = np.abs(prices * 10**decimals - counted) <= PRECISION * np.maximum(counted, 1)
    for at, band in enumerate(bands):
        endings = [ending for ending, weight in band.endings.items() if weight > 0]
        mine = (band_of == at) & whole
        legal[mine] = np.isin(counted[mine] % band.step, endings)
    return legal


def _holds_one(titles: pa.ChunkedArray, nouns: set[str]) -> Broken:
    holds = np.zeros(len(titles), dtype=bool)
    for noun in nouns:
        holds |= pc.match_substring(titles, noun).to_numpy(zero_copy_only=False)
    return holds


def _follows(
    column: Price, values: pa.Array, schema: Schema, read: Mapping[str, pa.Array]
) -> pa.Array | None:
    """Where no price is paid, the full price is."""
    full = schema.price("full")
    if column.which == "paid" and full is not None and full.name in read:
        return read[full.name].cast(values.type, safe=False)
    return None


ROLE = Role(Price, compute=_compute, rules=_rules, follows=_follows)
