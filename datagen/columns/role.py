"""What a role of column does, in one record; each role has a file of its own here.

What a column *is* (its name, dtype and parameters) is declared in :mod:`datagen.schemas.schema`. The
record says what follows from that, from making a column to taking one from a real catalogue in. Only
what differs from the defaults is given. Every function gets the column first.

Nothing here may import what makes products when it is imported: pulling a catalogue needs the roles,
but none of the grammar, the prices and the codes. A function that gets a profile may.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import pyarrow as pa

from datagen.columns.cells import Cells, as_dtype
from datagen.columns.rule import Rule
from datagen.schemas import Schema
from datagen.schemas.schema import Column

if TYPE_CHECKING:
    from datagen.product.product import Products
    from datagen.product.profile import Profile
    from datagen.product.sampler import Sampler

C = TypeVar("C", bound=Column)


class ProductBatch:
    """A batch of products, and what several of their columns are computed from."""

    def __init__(self, schema: Schema, sampler: Sampler, products: Products) -> None:
        self.schema = schema
        self.sampler = sampler
        self.products = products
        self.computed: dict[str, pa.Array] = {}
        """The columns that are computed already, by name; lookups come last."""

    @property
    def profile(self) -> Profile:
        """The profile that the products were drawn from."""
        return self.sampler.profile

    @cached_property
    def titles(self) -> pa.Array:
        """The titles of the products (Arrow string)."""
        return self.sampler.titles.compose(self.products.phrases)

    @cached_property
    def codes(self) -> pa.Array:
        """The codes of the products as text (Arrow string)."""
        return self.sampler.codes.text(self.products.number)


class Fit(Protocol):
    """What the rows of a real catalogue show of one column, gathered table by table."""

    def add(self, table: pa.Table) -> None:
        """Look at some more rows; ``table`` has the columns of the schema, codes as text."""

    def fitted(self) -> tuple[Column, str]:
        """The column that all these rows keep, and in words how it differs from the declared one."""


def _nothing_to_check(column: C, schema: Schema, profile: Profile) -> None:
    return


def _no_rules(column: C, schema: Schema, profile: Profile | None) -> list[Rule]:
    return []


def _by_dtype(column: C, raw: pa.Array, missing: str) -> Cells:
    return as_dtype(raw, column.dtype, missing)


def _follows_from_nothing(
    column: C, values: pa.Array, schema: Schema, read: Mapping[str, pa.Array]
) -> pa.Array | None:
    return None


def _unchanged(column: C, schema: Schema, there: Collection[str]) -> Column:
    return column


@dataclass(frozen=True)
class Role(Generic[C]):
    """What the columns of one class do.

    ``compute``: the values (Arrow, of the column's dtype) of a batch; None where the rows have none from
    here. ``check``: raises InputError where a profile contradicts the column.
    ``try_out``: the same for what only making a few values shows; it may take long and run what the profile
    names, so nothing but making calls it. ``rules``: what holds in every row, with a profile that the
    rows were made from or, for real rows, without; computed from the schema's and the profile's own words,
    not by the code that makes the values.

    For real catalogues: ``read``: raw cells as values. ``follows``: values of the columns read before, from
    which a gap can be filled; None where they do not say. ``may_be_missing``: whether a text column's gap
    is filled with the schema's text for missing. ``may_be_null``: whether a column of another dtype, which
    cannot hold that text, keeps its gaps as nulls. ``narrow``: the column in a schema that has only the
    columns ``there``. ``fit``: where real rows may break the column's rule without being wrong, what
    they show; the column is fitted to them.
    """

    column: type[C]
    compute: Callable[[C, ProductBatch], pa.Array] | None = None
    check: Callable[[C, Schema, Profile], None] = _nothing_to_check
    try_out: Callable[[C, Schema, Profile], None] = _nothing_to_check
    rules: Callable[[C, Schema, Profile | None], list[Rule]] = _no_rules
    read: Callable[[C, pa.Array, str], Cells] = _by_dtype
    follows: Callable[[C, pa.Array, Schema, Mapping[str, pa.Array]], pa.Array | None] = _follows_from_nothing
    may_be_missing: bool = True
    may_be_null: bool = False
    narrow: Callable[[C, Schema, Collection[str]], Column] = _unchanged
    fit: Callable[[C, Schema], Fit] | None = None
