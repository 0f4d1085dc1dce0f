"""Rows: products as an Arrow table in the order of a schema. Every column is computed from its role."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import numbers, text, texts
from datagen.product.codes import picture_ids
from datagen.product.prices import as_arrow, converted
from datagen.product.product import Products
from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import (
    AnyColumn,
    Category,
    Code,
    Column,
    Constant,
    ConvertedPrice,
    DiscountFlag,
    Image,
    Link,
    Other,
    PictureLink,
    Price,
    Title,
)
from datagen.schemas.yaml_file import nearest

_ARROW = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}


def check(schema: Schema, profile: Profile) -> None:
    """Raises InputError where a profile contradicts the schema that its rows are to have."""
    if profile.schema_name != schema.name:
        raise InputError(
            f"The profile {profile.name} is for the schema {profile.schema_name!r}, not for {schema.name!r}."
        )
    if schema.of(Other):
        name = schema.of(Other)[0].name
        raise InputError(
            f"The column {name} of the schema {schema.name} has the role other, for which nothing is made; "
            "give it another role, or take it out."
        )
    levels, depth = len(schema.of(Category)), len(profile.shelves[0].path)
    if levels != depth:
        raise InputError(
            f"The profile {profile.name} has shelves of {depth} levels, the schema {schema.name} has "
            f"{levels} category columns."
        )
    for column in schema.of(ConvertedPrice):
        if column.currency not in profile.rates:
            raise InputError(
                f"The column {column.name} needs the rate of {column.currency}, which the profile "
                f"{profile.name} lacks ({nearest(column.currency, profile.rates)})."
            )
    code = schema.one(Code)
    if code is not None:
        codes = profile.codes
        for low, high in [r for line in codes.lines.values() for r in line.ranges] + list(codes.overflow):
            for number in (low, high):
                text = f"{codes.prefix}{number:0{codes.digits}d}{codes.suffix}"
                if not pc.match_substring_regex(texts([text]), f"^(?:{code.pattern})$")[0].as_py():
                    raise InputError(
                        f"The profile {profile.name} makes the code {text}, which the column {code.name} "
                        f"refuses: it must match {code.pattern}."
                    )
                if code.dtype == "int64" and (not text.isdigit() or text != str(int(text)) or len(text) > 18):
                    raise InputError(
                        f"The profile {profile.name} makes the code {text}, which cannot stand in the "
                        f"int64 column {code.name}."
                    )


class RowMaker:
    """Turns products into rows of a schema."""

    def __init__(self, schema: Schema, sampler: Sampler) -> None:
        """Raises InputError where the sampler's profile contradicts the schema."""
        check(schema, sampler.profile)
        self.schema = schema
        self._sampler = sampler
        self._levels = [
            texts([shelf.path[level] for shelf in sampler.profile.shelves])
            for level in range(len(sampler.profile.shelves[0].path))
        ]
        forms = sampler.profile.pictures
        total = sum(forms.forms.values())
        self._sha1_from = forms.missing + (1 - forms.missing) * forms.forms.get("guid", 0.0) / total

    def table(self, products: Products) -> pa.Table:
        """The rows of a batch: all columns of the schema but the picture, in its order."""
        titles, slugs = self._sampler.titles.compose(products.phrases)
        codes = self._sampler.codes.text(products.number)
        made: dict[type[Column], Callable[[AnyColumn], pa.Array]] = {
            Constant: _of(Constant, lambda c: _repeated(c, len(products))),
            Category: _of(Category, lambda c: self._levels[c.level - 1].take(numbers(products.shelf))),
            Code: _of(Code, lambda c: codes.cast(_ARROW[c.dtype])),
            Title: _of(Title, lambda c: titles),
            Link: _of(Link, lambda c: fill(c.template, {"slug": slugs, "code": codes})),
            PictureLink: _of(PictureLink, lambda c: self._picture_links(c, products)),
            Price: _of(Price, lambda c: as_arrow(self._price(c, products), c.dtype)),
            ConvertedPrice: _of(ConvertedPrice, lambda c: numbers(self._converted(c, products))),
            DiscountFlag: _of(
                DiscountFlag, lambda c: numbers((products.paid < products.full).astype(np.int64))
            ),
        }
        columns = [column for column in self.schema.columns if not isinstance(column, Image)]
        return pa.table({column.name: made[type(column)](column) for column in columns})

    def _price(self, column: Price, products: Products) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return products.full if column.which == "full" else products.paid

    def _converted(
        self, column: ConvertedPrice, products: Products
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        source = next(price for price in self.schema.of(Price) if price.name == column.source)
        rate = self._sampler.profile.rates[column.currency]
        return converted(self._price(source, products), rate.rate, rate.decimals)

    def _picture_links(self, column: PictureLink, products: Products) -> pa.Array:
        form = products.picture_form
        ids = picture_ids(products.picture_raw, form >= self._sha1_from)
        links = fill(column.template, {"picture": ids})
        return pc.if_else(
            numbers(form < self._sampler.profile.pictures.missing), text(self.schema.missing), links
        )


def _repeated(column: Constant, rows: int) -> pa.Array:
    if column.dtype == "string":
        return pa.repeat(text(str(column.value)), rows)
    return numbers(np.full(rows, column.value, dtype=column.dtype))


C = TypeVar("C", bound=Column)


def _of(role: type[C], make: Callable[[C], pa.Array]) -> Callable[[AnyColumn], pa.Array]:
    """``make`` for a column that is known to be of ``role``."""

    def checked(column: AnyColumn) -> pa.Array:
        if not isinstance(column, role):
            raise TypeError(f"{column.name} is not a {role.__name__}")
        return make(column)

    return checked


def fill(template: str, values: dict[str, pa.Array]) -> pa.Array:
    """A template such as ``https://shop/{slug}-p{code}`` filled row by row (Arrow string)."""
    parts: list[pa.Array | pa.Scalar] = []
    rest = template
    while rest:
        found = [(rest.find("{" + name + "}"), name) for name in values if "{" + name + "}" in rest]
        if not found:
            parts.append(text(rest))
            break
        at, name = min(found)
        if at:
            parts.append(text(rest[:at]))
        parts.append(values[name])
        rest = rest[at + len(name) + 2 :]
    return pc.binary_join_element_wise(*parts, text(""))
