"""Drawn columns: values of the user's own, as the entry of the column's name in the profile says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrow import texts
from datagen.columns.cells import LONGEST, as_dates
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Broken, Rule, floats, is_false
from datagen.product.drawn import Boolean, Choice, Dates, FakerCall, Floats, Integers, Lookup, Text
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import Drawn, Image
from datagen.schemas.yaml_file import nearest

if TYPE_CHECKING:
    from datagen.product.profile import Profile

_MOST_SHOWN = 6
"""Values of a choice that the text of its rule names."""


def _compute(column: Drawn, batch: ProductBatch) -> pa.Array:
    from datagen.columns.drawn_values import looked_up, make, raw_words, with_missing

    entry = batch.profile.drawn[column.name]
    raw = raw_words(batch.sampler.seed, column.name, batch.products.row)
    try:
        if isinstance(entry.values, Lookup):
            values = looked_up(entry.values, batch.computed[entry.values.of], column.dtype)
        else:
            values = make(entry.values, raw, column.dtype)
    except InputError as refusal:
        raise InputError(f"The column {column.name}: {refusal}") from None
    return with_missing(values, raw, entry.missing, batch.schema.missing) if entry.missing else values


def _check(column: Drawn, schema: Schema, profile: Profile) -> None:
    from datagen.columns.drawn_values import as_options

    if column.name not in profile.drawn:
        raise InputError(
            f"The column {column.name} of the schema {schema.name} is drawn, but the profile {profile.name} "
            f"has no entry for it in its section drawn ({nearest(column.name, profile.drawn)})."
        )
    entry = profile.drawn[column.name]
    where = f"The profile {profile.name}: drawn.{column.name}"
    dtypes = entry.values.DTYPES
    if column.dtype not in dtypes:
        raise InputError(
            f"{where} makes values of the dtype {' or '.join(dtypes)}, but the column's is {column.dtype}; "
            "change one of them."
        )
    if isinstance(entry.values, Lookup):
        _check_source(column, entry.values, schema, profile)
    named = {Choice: "choice", Lookup: "lookup"}.get(type(entry.values))
    if named:
        try:
            as_options(_options(entry.values), column.dtype)
        except (ValueError, KeyError, OverflowError) as error:
            raise InputError(f"{where}.{named} has a value that is not a {column.dtype} ({error}).") from None


def _options(values: object) -> list[str]:
    if isinstance(values, Lookup):
        return [*values.values.values(), *filter(None, [values.otherwise])]
    return list(values.root) if isinstance(values, Choice) else []


def _check_source(column: Drawn, values: Lookup, schema: Schema, profile: Profile) -> None:
    """Raises InputError unless a lookup looks at a column that is made without looking anything up."""
    made = [each for each in schema.columns if each.name != column.name and not isinstance(each, Image)]
    known = [each.name for each in made if not ((entry := profile.drawn.get(each.name)) and entry.lookup)]
    if values.of not in known:
        raise InputError(
            f"The profile {profile.name}: drawn.{column.name}.lookup is of {values.of!r}, which is no other "
            f"column that is made on its own ({nearest(values.of, known)})."
        )


def _try_out(column: Drawn, schema: Schema, profile: Profile) -> None:
    call = profile.drawn[column.name].faker
    if call is not None:
        from datagen.columns.faker_calls import try_out

        try:
            try_out(call, column.dtype)
        except InputError as refusal:
            raise InputError(f"The profile {profile.name}: drawn.{column.name}: {refusal}") from None


def _rules(column: Drawn, schema: Schema, profile: Profile | None) -> list[Rule]:
    """A value is one that the entry allows. Real rows may have any value of the dtype."""
    if profile is None:
        return []
    entry = profile.drawn[column.name]
    text, broken = _ALLOWED[type(entry.values)](column, entry.values)
    if not text:
        return []
    if not entry.missing:
        return [Rule(text, column.name, broken)]

    def broken_where_there(table: pa.Table) -> Broken:
        cells, found = table[column.name], np.zeros(len(table), dtype=bool)
        there = pc.not_equal(cells, schema.missing) if column.dtype == "string" else pc.is_valid(cells)
        if pc.any(there).as_py():
            found[~is_false(there)] = broken(table.filter(there))
        return found

    missing = schema.missing if column.dtype == "string" else "missing"
    return [Rule(f"{text}, or is {missing}", column.name, broken_where_there)]


Allowed = tuple[str, Callable[[pa.Table], Broken]]
"""What the values of an entry keep, in words ("": nothing but the dtype), and the rows that break it."""


def _integers(column: Drawn, values: Integers) -> Allowed:
    text = f"is a whole number from {values.low} to {values.high}"
    return text, lambda t: _outside(floats(t, column.name), values.low, values.high)


def _floats(column: Drawn, values: Floats) -> Allowed:
    def broken(table: pa.Table) -> Broken:
        there = floats(table, column.name)
        finer: Broken = np.round(there * values.scale) / values.scale != there
        return finer | _outside(there, values.low, values.high)

    return f"is from {values.low} to {values.high} with at most {values.decimals} decimals", broken


def _outside(there: NDArray[np.float64], low: float, high: float) -> Broken:
    return ~((there >= low) & (there <= high))


def _choice(column: Drawn, values: Choice) -> Allowed:
    options = [option for option, weight in values.root.items() if weight > 0]
    shown = ", ".join(options[:_MOST_SHOWN]) + (", ..." if len(options) > _MOST_SHOWN else "")

    def broken(table: pa.Table) -> Broken:
        if column.dtype == "string":
            return is_false(pc.is_in(table[column.name], texts(options)))
        if column.dtype == "date32":
            return is_false(pc.is_in(table[column.name].cast(pa.string()), texts(options)))
        as_number = int if column.dtype == "int64" else float
        return ~np.isin(table[column.name].to_numpy(), [as_number(option) for option in options])

    return f"is one of {shown}", broken


def _lookup(column: Drawn, values: Lookup) -> Allowed:
    from datagen.columns.drawn_values import looked_up

    def broken(table: pa.Table) -> Broken:
        keys = table[values.of].combine_chunks()
        return is_false(pc.equal(looked_up(values, keys, column.dtype), table[column.name].combine_chunks()))

    return f"is what the profile's table says of {values.of}", broken


def _dates(column: Drawn, values: Dates) -> Allowed:
    def broken(table: pa.Table) -> Broken:
        there = table[column.name].combine_chunks()
        days = as_dates(there, "").values
        within = pc.and_(pc.greater_equal(days, values.first), pc.less_equal(days, values.last))
        return is_false(within) | is_false(pc.equal(days.cast(there.type), there))

    return f"is a day from {values.first} to {values.last}", broken


def _boolean(column: Drawn, values: Boolean) -> Allowed:
    if 0 < values.root < 1:
        return "", _none
    always = values.root == 1
    return f"is always {str(always).lower()}", lambda t: is_false(pc.equal(t[column.name], always))


def _text(column: Drawn, values: Text) -> Allowed:
    # Not a regular expression: an alternation of thousands of words takes a millisecond a row.
    parts = [(set(options), {len(option) for option in options}) for options in values.parts()]

    def follows(text: str) -> bool:
        ends = {0}
        for options, lengths in parts:
            ends = {at + length for at in ends for length in lengths if text[at : at + length] in options}
        return len(text) in ends

    def broken(table: pa.Table) -> Broken:
        return np.array([not follows(text) for text in table[column.name].to_pylist()], dtype=bool)

    return f"follows the template {values.template}", broken


def _faker(column: Drawn, values: FakerCall) -> Allowed:
    """What a provider method may return is not known; what a maker lets through is."""
    if column.dtype == "string":
        text = f"is a text of at most {LONGEST:,} characters"
        return text, lambda t: is_false(pc.less_equal(pc.utf8_length(t[column.name]), LONGEST))
    if column.dtype == "float64":
        return "is a finite number", lambda t: ~np.isfinite(floats(t, column.name))
    return "", _none


def _none(table: pa.Table) -> Broken:
    return np.zeros(len(table), dtype=bool)


_ALLOWED: dict[type, Callable[[Drawn, Any], Allowed]] = {
    Integers: _integers,
    Floats: _floats,
    Choice: _choice,
    Dates: _dates,
    Boolean: _boolean,
    Text: _text,
    FakerCall: _faker,
    Lookup: _lookup,
}

ROLE = Role(Drawn, compute=_compute, check=_check, try_out=_try_out, rules=_rules, may_be_null=True)
