"""The roles of columns as a given schema declares them, for fitting a profile alone."""

from __future__ import annotations

from datagen.fit.columns.drawn import Entry, fit_entry
from datagen.fit.columns.links import LinkForm, PictureForm, picture_form
from datagen.fit.columns.observed import Observed
from datagen.fit.columns.prices import Conversion, conversion
from datagen.fit.columns.roles import Roles
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import (
    Category,
    Code,
    Column,
    Constant,
    ConvertedPrice,
    DiscountFlag,
    Drawn,
    Image,
    Link,
    Other,
    PictureLink,
    Price,
    Title,
)

_WITHOUT_VALUES = (Constant, Image, Link, PictureLink, DiscountFlag)
"""Roles whose column may be absent from the source: nothing of a profile is fitted to them, or little."""


def declared_roles(
    schema: Schema, columns: list[Observed], missing: str, min_count: int, where: str
) -> Roles:
    """The roles of the columns of a schema. Raises InputError for one that the source lacks."""
    found = {column.name: column for column in columns}
    roles = Roles(columns, schema.missing or missing, min_count=min_count)
    roles.title = next((found[each.name] for each in schema.of(Title) if each.name in found), None)
    for column in schema.columns:
        observed = found.get(column.name)
        if observed is not None:
            _declare(column, observed, roles, where)
        elif isinstance(column, Other):
            raise InputError(f"The schema's column {column.name} has the role other, which cannot be made.")
        elif not isinstance(column, _WITHOUT_VALUES):
            raise InputError(
                f"{where} has no column {column.name!r} for the schema {schema.name}; "
                f"say with --map THEIRS={column.name} what it is called there."
            )
    for column in schema.of(ConvertedPrice):
        _convert(column, found, roles, where)
    used = {column.name for column in schema.columns}
    for each in columns:
        if each.name not in used:
            roles.left_out[each.name] = "not in the schema"
    return roles


def _declare(column: Column, observed: Observed, roles: Roles, where: str) -> None:
    if isinstance(column, Constant):
        roles.constants[column.name] = column.value
    elif isinstance(column, Category):
        roles.levels.append(observed)
    elif isinstance(column, Code):
        roles.code = observed
    elif isinstance(column, Link):
        roles.links[column.name] = LinkForm(column.template, 1.0)
    elif isinstance(column, PictureLink):
        form = picture_form(observed)
        roles.pictures[column.name] = PictureForm(column.template, form.forms if form else {"guid": 1}, 1.0)
    elif isinstance(column, Price | ConvertedPrice) and not observed.is_number:
        raise InputError(f"The column {column.name} of {where} is no number in some rows, but a price.")
    elif isinstance(column, Price):
        setattr(roles.prices, column.which, observed)
    elif isinstance(column, DiscountFlag):
        roles.prices.flag = observed
    elif isinstance(column, Drawn):
        entry = fit_entry(observed, roles.fold)
        if not isinstance(entry, Entry):
            raise InputError(f"The column {column.name} of {where} cannot be drawn: it has {entry}.")
        if entry.dtype != column.dtype:
            raise InputError(
                f"The column {column.name} of {where} is {entry.dtype}, the schema's is {column.dtype}; "
                "change the schema."
            )
        roles.entries[column.name] = entry
    elif isinstance(column, Other):
        raise InputError(f"The schema's column {column.name} has the role other, which cannot be made.")


def _convert(column: ConvertedPrice, found: dict[str, Observed], roles: Roles, where: str) -> None:
    rate = conversion(found[column.source], found[column.name])
    if rate is None:
        raise InputError(
            f"The column {column.name} of {where} is not {column.source} at one rate, as the schema says."
        )
    roles.prices.converted.append(
        Conversion(rate.column, rate.source, column.currency, rate.rate, rate.decimals, rate.share)
    )
