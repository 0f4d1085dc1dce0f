"""The rules that hold between the columns of every row, each as a check over a table of rows.

A rule gets a batch of rows and says which of them break it. The rules follow from the schema and
the profile alone, not from the code that made the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrow import texts
from datagen.columns.rows import fill
from datagen.product.codes import slugs
from datagen.product.prices import Ladder
from datagen.product.profile import Profile
from datagen.product.titles import parse
from datagen.schemas import Schema
from datagen.schemas.files import PICTURE_SUFFIXES, picture_name
from datagen.schemas.schema import (
    Category,
    Code,
    Constant,
    ConvertedPrice,
    DiscountFlag,
    Image,
    Link,
    PictureLink,
    Title,
)

Broken = NDArray[np.bool_]
"""True where a row breaks a rule."""

_PICTURE_ID = "(?:[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}|[0-9a-f]{40})"


@dataclass(frozen=True)
class Rule:
    """One rule: what it says, the column it is told by, and its check over a table without nulls."""

    text: str
    column: str
    broken: Callable[[pa.Table], Broken]


def rules(schema: Schema, profile: Profile | None) -> list[Rule]:
    """All rules of a catalogue that hold within a row.

    Without a profile, as for real rows, those that the schema alone implies.
    """
    found: list[Rule] = []
    for column in schema.columns:
        if isinstance(column, Constant | Code | Link | PictureLink):
            found.append(rule_of(schema, column))
        elif isinstance(column, ConvertedPrice):
            found.append(_converted(column, profile) if profile else _above_zero(column.name))
        elif isinstance(column, DiscountFlag):
            found.append(_flag(schema, column))
    if profile is None:
        return [*found, *_sound(schema), *_paid(schema)]
    return [*found, *_categories(schema, profile), *_titles(schema, profile), *_prices(schema, profile)]


def rule_of(schema: Schema, column: Constant | Code | Link | PictureLink) -> Rule:
    """The rule of one column that real rows may break without being wrong."""
    if isinstance(column, Constant):
        return _constant(column)
    if isinstance(column, Code):
        return _matches(column.name, f"matches {column.pattern}", f"^(?:{column.pattern})$")
    return _link(schema, column) if isinstance(column, Link) else _picture_link(schema, column)


def code_texts(table: pa.Table, schema: Schema) -> pa.ChunkedArray | None:
    """The codes of some rows as text, or None where the schema has no code column."""
    code = schema.one(Code)
    return None if code is None else table[code.name].cast(pa.string())


def picture_names(table: pa.Table, schema: Schema) -> Broken:
    """Rows whose picture is not called by their code."""
    image, codes = schema.one(Image), code_texts(table, schema)
    if image is None or codes is None:
        return np.zeros(len(table), dtype=bool)
    names = pc.struct_field(table[image.name], "path")
    plain = pc.match_substring_regex(codes, r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    if not pc.all(plain).as_py():
        codes = texts([picture_name(code) for code in codes.to_pylist()])
    called = [pc.equal(names, pc.binary_join_element_wise(codes, f".{end}", "")) for end in PICTURE_SUFFIXES]
    return _is_not(pc.or_(called[0], pc.or_(called[1], called[2])))


def _constant(column: Constant) -> Rule:
    return Rule(
        f"is always {column.value}", column.name, lambda t: _is_not(pc.equal(t[column.name], column.value))
    )


def _matches(name: str, text: str, pattern: str) -> Rule:
    return Rule(text, name, lambda t: _is_not(pc.match_substring_regex(t[name].cast(pa.string()), pattern)))


def _categories(schema: Schema, profile: Profile) -> list[Rule]:
    """Each level is legal under the levels above it."""
    made: list[Rule] = []
    columns = schema.of(Category)
    for depth, column in enumerate(columns, start=1):
        legal = texts(sorted({_path(shelf.path[:depth]) for shelf in profile.shelves}))
        above = [other.name for other in columns[:depth]]

        def broken(table: pa.Table, above: list[str] = above, legal: pa.Array = legal) -> Broken:
            return _is_not(pc.is_in(_paths(table, above), legal))

        made.append(Rule("is legal under the level above", column.name, broken))
    return made


def _titles(schema: Schema, profile: Profile) -> list[Rule]:
    """A title is one that the grammar of a kind on the row's shelf could have composed."""
    title, levels = schema.one(Title), [column.name for column in schema.of(Category)]
    if title is None:
        return []
    name = title.name
    kinds = {
        _path(shelf.path): [kind for kind, w in shelf.kinds.items() if w > 0] for shelf in profile.shelves
    }

    @lru_cache(maxsize=1 << 16)
    def legal(shelf: str, text: str) -> bool:
        return any(parse(text, profile.kinds[kind], profile.words) for kind in kinds.get(shelf, ()))

    def broken(table: pa.Table) -> Broken:
        shelves = _paths(table, levels).to_pylist() if levels else [""] * len(table)
        pairs = zip(shelves, table[name].to_pylist(), strict=True)
        return np.array([not legal(shelf, text) for shelf, text in pairs], dtype=bool)

    return [Rule("is a legal title for a kind of its shelf", name, broken)]


def _prices(schema: Schema, profile: Profile) -> list[Rule]:
    full, paid, title = schema.price("full"), schema.price("paid"), schema.one(Title)
    made: list[Rule] = []
    if full is not None:
        made.append(_on_a_ladder(full.name, title.name if title else None, profile))
    made += _paid(schema)
    if full is not None and paid is not None and profile.prices.discounts.share == 0:
        made.append(
            Rule(
                "is the full price, since this catalogue has no discounts",
                paid.name,
                lambda t: _values(t, paid.name) != _values(t, full.name),
            )
        )
    return made


def _paid(schema: Schema) -> list[Rule]:
    """What every price that is paid keeps."""
    full, paid = schema.price("full"), schema.price("paid")
    made = [_above_zero(paid.name)] if paid is not None else []
    if full is not None and paid is not None:
        made.append(
            Rule(
                "is at most the full price",
                paid.name,
                lambda t: ~(_values(t, paid.name) <= _values(t, full.name)),
            )
        )
    return made


def _sound(schema: Schema) -> list[Rule]:
    """What any title, category and full price keeps, made or real."""
    full, title = schema.price("full"), schema.one(Title)
    made = [_above_zero(full.name)] if full is not None else []
    if title is not None:
        made.append(_matches(title.name, "is more than one character", "(?s)^..+$"))
    if schema.missing:
        made += [_matches(column.name, "is not empty", ".") for column in schema.of(Category)]
    return made


def _above_zero(name: str) -> Rule:
    """A price is a number above zero, and finite."""

    def broken(table: pa.Table) -> Broken:
        values = _values(table, name)
        return ~((values > 0) & np.isfinite(values))

    return Rule("is above zero", name, broken)


def _on_a_ladder(name: str, title: str | None, profile: Profile) -> Rule:
    """A full price is within the bounds, on a legal ending of a ladder that a kind of its noun uses."""
    laws, bounds = profile.prices.laws, profile.prices.bounds
    ladders = {ladder: Ladder(bands, bounds) for ladder, bands in profile.prices.ladders.items()}
    nouns: dict[str, set[str]] = {ladder: set() for ladder in ladders}
    for kind in profile.kinds.values():
        nouns[laws[kind.price].ladder].update(noun for noun, weight in kind.nouns.items() if weight > 0)

    def broken(table: pa.Table) -> Broken:
        prices = _values(table, name)
        legal = np.zeros(len(table), dtype=bool)
        for ladder, grid in ladders.items():
            here = grid.legal(prices)
            if title is not None:
                here &= _holds_one(table[title], nouns[ladder])
            legal |= here
        return ~legal

    return Rule("is on a legal ending within the bounds", name, broken)


def _holds_one(texts: pa.ChunkedArray, nouns: set[str]) -> Broken:
    found = np.zeros(len(texts), dtype=bool)
    for noun in nouns:
        found |= pc.match_substring(texts, noun).to_numpy(zero_copy_only=False)
    return found


def _link(schema: Schema, column: Link) -> Rule:
    title = schema.one(Title)

    def broken(table: pa.Table) -> Broken:
        codes = code_texts(table, schema)
        values = {
            "slug": slugs(table[title.name].combine_chunks()) if title else pa.nulls(len(table), pa.string()),
            "code": codes.combine_chunks() if codes is not None else pa.nulls(len(table), pa.string()),
        }
        return _is_not(pc.equal(table[column.name].combine_chunks(), fill(column.template, values)))

    return Rule("is made of the title's slug and the code", column.name, broken)


def _picture_link(schema: Schema, column: PictureLink) -> Rule:
    before, after = column.template.split("{picture}")
    pattern = f"^{_literal(before)}{_PICTURE_ID}{_literal(after)}$"

    def broken(table: pa.Table) -> Broken:
        links = table[column.name]
        legal = pc.or_(pc.match_substring_regex(links, pattern), pc.equal(links, schema.missing))
        return _is_not(legal)

    return Rule(f"is an address of a picture, or {schema.missing}", column.name, broken)


def _converted(column: ConvertedPrice, profile: Profile) -> Rule:
    rate = profile.rates[column.currency]
    half = 0.5 * 10.0**-rate.decimals

    def broken(table: pa.Table) -> Broken:
        exact = _values(table, column.source) * rate.rate
        value = _values(table, column.name)
        off = np.abs(value - exact) > half + 1e-6 * np.maximum(1e-2, np.abs(exact) * 1e-6)
        wrong: Broken = off | (np.round(value, rate.decimals) != value) | ~np.isfinite(value)
        return wrong

    return Rule(f"is {column.source} x {rate.rate}, rounded", column.name, broken)


def _flag(schema: Schema, column: DiscountFlag) -> Rule:
    full, paid = schema.price("full"), schema.price("paid")

    def broken(table: pa.Table) -> Broken:
        flags = _values(table, column.name)
        wrong: Broken = (flags != 0) & (flags != 1)
        if full is not None and paid is not None:
            wrong = flags != (_values(table, paid.name) < _values(table, full.name))
        return wrong

    return Rule("is 1 where the paid price is below the full price, else 0", column.name, broken)


def _values(table: pa.Table, name: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = table[name].to_numpy().astype(np.float64)
    return values


def _path(values: tuple[str, ...]) -> str:
    return "\x1f".join(values)


def _paths(table: pa.Table, names: list[str]) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*(table[name] for name in names), "\x1f")


def _literal(text: str) -> str:
    return "".join(letter if letter.isalnum() else f"\\x{{{ord(letter):x}}}" for letter in text)


def _is_not(holds: pa.ChunkedArray | pa.Array) -> Broken:
    broken: Broken = ~pc.fill_null(holds, False).to_numpy(zero_copy_only=False).astype(bool)
    return broken
