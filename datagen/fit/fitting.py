"""Fitting a schema and a profile to rows: the roles of the columns, then what each role needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.arrow import texts
from datagen.columns.cells import as_text
from datagen.fit.catalogue import ProductRows
from datagen.fit.columns.codes import CodeForm, find_form, fitted_form
from datagen.fit.columns.declared import declared_roles
from datagen.fit.columns.levels import filled, frequent_paths
from datagen.fit.columns.observed import Observed, observe
from datagen.fit.columns.prices import discounts, is_whole
from datagen.fit.columns.roles import Roles, find_roles
from datagen.fit.folding import at_most, rounded_all
from datagen.fit.looks.drawings import wearer_of
from datagen.fit.products import TooFewAlike, fit_products
from datagen.fit.sample import SAMPLE_ROWS, Sample, Tables
from datagen.fit.titles.pseudonyms import share_of_rare_words
from datagen.schemas import InputError, Schema
from datagen.schemas.text import count

Plain = dict[str, Any]
FEWEST_ROWS = 10
MIN_COUNT = 5
"""A value that fewer rows have is folded."""

MOST_RARE_WORDS = 0.5
"""The share of a title's words that may be made up before there is a warning."""

HOUSE = {"name": "NORTH AND LOOM", "letters": "NL"}
"""The made-up lettering on the pictures: that of no shop."""

PRODUCT_SECTIONS = (
    "wearers",
    "shelves",
    "words",
    "grammar",
    "kinds",
    "families",
    "colourways",
    "palettes",
    "prices",
)


_NO_COLOURS = {"ground": "#8c8c8c", "band": "#444444", "line": "#ffffff", "accent": "#aa0000"}

NO_PRODUCTS: Plain = {
    "wearers": {},
    "shelves": [{"path": [], "share": 1, "kinds": {"product": 1}}],
    "kinds": {
        "product": {
            "nouns": {"Product": 1},
            "plain": {"material": "cotton", "pattern": "solid"},
            "drawing": "tote",
            "palette": "all",
            "price": "all",
        }
    },
    "families": {"sizes": {1: 1}},
    "colourways": {"grey": _NO_COLOURS},
    "palettes": {"all": {"grey": 1}},
    "prices": {
        "bounds": [1, 1000],
        "laws": {"all": {"quantiles": {0: 100, 100: 101}}},
        "ladders": {"default": [{"below": 1000, "step": 1, "endings": {0: 1}}]},
    },
}
"""The sections of products for rows that say nothing of any."""


@dataclass(frozen=True)
class Finding:
    """What was found of one column: its role, its rule in words, what was folded, or why it is left out."""

    column: str
    role: str
    rule: str
    folded: str = ""


@dataclass(frozen=True)
class Fitted:
    """A schema and a profile as plain data, in the order of their sections, and what was found by column.

    ``warnings``: sentences on what could not be learned well.
    """

    schema: Plain
    profile: Plain
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    looked_at: int = 0
    warnings: tuple[str, ...] = ()


def fit(
    sample: Sample,
    tables: Tables,
    name: str,
    *,
    schema: Schema | None = None,
    min_count: int = MIN_COUNT,
    invent_names: bool = True,
    progress: Callable[[str], None] = lambda stage: None,
) -> Fitted:
    """A schema of the source's own columns, and a profile; with a ``schema``, a profile for that one.

    ``invent_names``: whether made-up names stand for rare ones, such as those of small brands.

    ``tables`` reads the source again, for what has to be looked at in all rows of a source that is larger
    than its sample: the codes. Raises InputError for too few rows, and for a schema that does not fit them.
    """
    if min_count < 2:
        raise InputError(f"--min-count is {min_count}; give 2 or more, since 1 would fold nothing.")
    if sample.rows < max(FEWEST_ROWS, 2 * min_count):
        raise InputError(
            f"{sample.name} has {count(sample.rows, 'row')}, too few to learn from with --min-count "
            f"{min_count}; give {max(FEWEST_ROWS, 2 * min_count)} or more."
        )
    progress("Finding columns")
    columns, missing = observe(sample.table)
    if schema is None:
        roles = find_roles(columns, sample.left_out, missing, min_count)
    else:
        roles = declared_roles(schema, columns, missing, min_count, sample.name)
    fitted = _fit_roles(roles, sample, tables, name, min_count, invent_names, progress)
    if schema is None:
        return fitted
    kept = [each for each in fitted.findings if each.column in {column.name for column in columns}]
    profile = {**fitted.profile, "schema": schema.name}
    return replace(fitted, schema=schema.model_dump(mode="json"), profile=profile, findings=kept)


def _fit_roles(
    roles: Roles,
    sample: Sample,
    tables: Tables,
    name: str,
    min_count: int,
    invent_names: bool,
    progress: Callable[[str], None],
) -> Fitted:
    """Schema and profile for columns whose roles are known."""
    looked_at = len(sample.table)
    source = f"fitted to {looked_at:,} rows" + (f" of {sample.rows:,}" if looked_at < sample.rows else "")
    progress("Finding codes")
    codes = _codes(roles, sample, tables)
    progress("Fitting products")
    sections, folded_paths = _products(roles, sample.name, min_count, invent_names, source)
    profile: Plain = {"name": name, "schema": name, "about": "", "source": source}
    profile["house"] = {**HOUSE, "source": "modelled: two invented words"}
    rates = {
        each.currency: {"rate": each.rate, "decimals": each.decimals, "source": source}
        for each in roles.prices.converted
    }
    if rates:
        profile["rates"] = rates
    profile |= {section: sections[section] for section in PRODUCT_SECTIONS if section in sections}
    if codes is not None:
        profile["codes"] = codes.section(source)
    pictures = next(iter(roles.pictures.items()), None)
    if pictures is not None:
        gaps = roles.fold.missing(next(each.texts for each in roles.columns if each.name == pictures[0]))
        forms = rounded_all(pictures[1].forms, min_count)
        profile["pictures"] = {"forms": forms, "missing": gaps, "source": source}
    drawn: Plain = {each: {**entry.values, "source": source} for each, entry in roles.entries.items()}
    for each, (other, table) in roles.lookups.items():
        usual = next(iter(table.values()))
        lookup = {"of": other.name, "values": table, "otherwise": usual}
        drawn[each] = {"lookup": lookup, "source": source}
    if drawn:
        profile["drawn"] = drawn
    made_up = [_made_up(each, at, roles, sections) for at, each in enumerate(roles.levels)]
    schema, findings = _schema(roles, codes, name, min_count, folded_paths, made_up)
    warnings = _warnings(roles, sample.name, min_count)
    return Fitted(_plain(schema), _plain(profile), findings, sample.rows, looked_at, warnings)


def _warnings(roles: Roles, where: str, min_count: int) -> tuple[str, ...]:
    if roles.title is None:
        return ()
    rare = share_of_rare_words(roles.title.texts.to_pylist(), roles.fold.products.tolist(), min_count)
    if rare <= MOST_RARE_WORDS:
        return ()
    titles = len(np.unique(roles.fold.products[roles.fold.products >= 0]))
    return (
        f"{where} has only {count(titles, 'different title')}, and {rare:.0%} of their words are in fewer "
        f"than {min_count} of them, so made-up words stand in for these; give more products, or a smaller "
        "--min-count.",
    )


def _plain(value: Any) -> Any:
    """Plain data that shares no part with itself: numbers of NumPy as Python's, copies of dicts and lists."""
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _codes(roles: Roles, sample: Sample, tables: Tables) -> CodeForm | None:
    codes = roles.code.texts if roles.code is not None else roles.code_in_link
    if codes is None:
        return None
    template, share = find_form(codes)
    if not template:
        return None
    dtype = roles.code.dtype if roles.code is not None else "string"
    everything: list[pa.Array] | _Again = [codes]
    if roles.code is not None and sample.rows > SAMPLE_ROWS:
        everything = _Again(tables, roles.code.name)
    return fitted_form(template, share, dtype, everything)


class _Again:
    """All cells of one column, read again each time."""

    def __init__(self, tables: Tables, column: str) -> None:
        self._tables, self._column = tables, column

    def __iter__(self) -> Iterator[pa.Array]:
        for table in self._tables([self._column]):
            yield as_text(table[self._column].combine_chunks(), "").values


def _made_up(column: Observed, level: int, roles: Roles, sections: Plain) -> int:
    """How many values of a category column are made up."""
    known = {roles.missing, *roles.fold.frequent(filled(column, roles.missing))}
    return len({shelf["path"][level] for shelf in sections["shelves"] if shelf["path"]} - known)


def _products(roles: Roles, where: str, min_count: int, invent_names: bool, source: str) -> tuple[Plain, int]:
    """The sections that describe products, and how many paths of categories are folded."""
    rows = len(roles.columns[0].texts) if roles.columns else 0
    keep, folded = frequent_paths(roles.levels, roles.missing, roles.fold)
    if roles.levels and not keep.any():
        raise InputError(
            f"No combination of category values is in {min_count} rows of {where}; "
            "give a smaller --min-count."
        )
    levels = [filled(each, roles.missing) for each in roles.levels]
    titles = roles.title.texts if roles.title is not None else None
    full = roles.prices.full
    prices = full.numbers if full is not None else np.full(rows, 100.0)
    no_levels = not levels
    if titles is None and no_levels:
        levels = [texts(["product"] * rows)]
    try:
        wearer = wearer_of(map(str, roles.constants.values()))
        columns = ProductRows(levels, titles, prices, wearer)
        sections = fit_products(columns, min_count, invent_names=invent_names)
    except TooFewAlike:
        if titles is not None or roles.levels:
            raise InputError(
                f"Too few rows of {where} are alike: no word of a title and no category value is in "
                f"{min_count} products; give more rows, or a smaller --min-count."
            ) from None
        sections = dict(NO_PRODUCTS)
    if no_levels:
        sections["wearers"] = {}
        sections["shelves"] = [
            {**shelf, "path": [], "wearer": shelf.get("wearer") or wearer} for shelf in sections["shelves"]
        ]
    cuts = discounts(roles.prices, roles.fold)
    sections["prices"] = {**sections["prices"], **({"discounts": {**cuts, "source": source}} if cuts else {})}
    sections["prices"]["source"] = source if full is not None else "modelled: the rows have no prices"
    for section in ("families", "grammar"):
        if isinstance(sections.get(section), dict):
            sections[section] = {**sections[section], "source": source}
    return sections, folded


def _schema(
    roles: Roles,
    codes: CodeForm | None,
    name: str,
    min_count: int,
    folded_paths: int,
    made_up: Sequence[int],
) -> tuple[Plain, list[Finding]]:
    columns: list[Plain] = []
    findings: list[Finding] = []
    for column in roles.columns:
        described = _described(column, roles, codes, min_count, folded_paths, made_up)
        if isinstance(described, str):
            findings.append(Finding(column.name, "left out", described))
            continue
        plain, finding = described
        columns.append({"name": column.name, **plain, "about": finding.rule})
        findings.append(finding)
    for each, why in roles.left_out.items():
        if each not in {finding.column for finding in findings}:
            findings.append(Finding(each, "left out", why))
    taken = {column.name for column in roles.columns}
    image = roles.image or next(
        each for each in ("image", "picture", "rendered_picture") if each not in taken
    )
    rule = "the rendered picture" + ("" if roles.image else ", which the source does not have")
    columns.append({"name": image, "role": "image", "about": rule})
    findings.append(Finding(image, "image", rule))
    return {"name": name, "title": name, "missing": roles.missing, "columns": columns}, findings


def _described(
    column: Observed,
    roles: Roles,
    codes: CodeForm | None,
    min_count: int,
    folded_paths: int,
    made_up: Sequence[int],
) -> tuple[Plain, Finding] | str:
    """A column as the schema has it, and what was found; for one that is left out, why."""
    name = column.name
    dtype: Plain = {} if column.dtype == "string" else {"dtype": column.dtype}
    missing = roles.fold.missing(column.texts)
    gaps = f"; {missing:.0%} missing in the source" if missing else ""

    def told(role: str, plain: Plain, rule: str, folded: str = "") -> tuple[Plain, Finding]:
        return {"role": role, **plain}, Finding(name, role, rule, folded)

    if name in roles.left_out:
        return roles.left_out[name]
    if name in roles.constants:
        value = roles.constants[name]
        kind = {int: {"dtype": "int64"}, float: {"dtype": "float64"}}.get(type(value), {})
        return told("constant", {**kind, "value": value}, f"always {value}")
    if column is roles.code:
        if codes is None:
            return "codes without a common form"
        rule = "unique, of the form of the source's, but never one of them"
        if not column.unique:
            repeated = at_most(column.rows - column.distinct, min_count)
            rule += f" ({repeated} repeated or missing in the source)"
        if codes.longer:
            rule += "; one digit longer or more, since the source's form has too few left"
        return told("code", {**dtype, "pattern": codes.pattern()}, rule)
    if column is roles.title:
        return told("title", {}, "new titles by the grammar of the source's" + gaps)
    if column in roles.levels:
        level = roles.levels.index(column) + 1
        rare = column.distinct - len(roles.fold.frequent(column.texts))
        folded = f"{at_most(rare, min_count)} rare values" if rare else ""
        if level == len(roles.levels) and folded_paths and level > 1:
            folded = (
                folded + ", " if folded else ""
            ) + f"{at_most(folded_paths, min_count)} rare combinations"
        kept, names = column.distinct - rare, made_up[level - 1]
        rule = f"one of {kept:,} values" + (f" and {names:,} made-up names for rare ones" if names else "")
        return told("category", {"level": level}, f"{rule}, as they go together", folded)
    if name in roles.links:
        form = roles.links[name]
        exact = "" if form.share > 0.999 else f" ({form.share:.0%} of the source's are just that)"
        return told("link", {"template": form.template}, f"made of its parts{exact}")
    if name in roles.pictures:
        return told(
            "picture_link", {"template": roles.pictures[name].template}, "around a made-up picture id" + gaps
        )
    if column is roles.prices.full or column is roles.prices.paid:
        which = "full" if column is roles.prices.full else "paid"
        kind = {"dtype": "int64"} if column.dtype == "int64" and is_whole(column.numbers) else {}
        rule = (
            "price before discounts" if which == "full" else "price after discounts, at most the full price"
        )
        return told("price", {**kind, "which": which}, rule + gaps)
    for each in roles.prices.converted:
        if each.column is column:
            exact = "" if each.share > 0.9999 else " (not to the last digit in all of the source's rows)"
            plain = {"source": each.source.name, "currency": each.currency}
            return told("converted_price", plain, f"{each.source.name} x {each.rate:.10g}, rounded{exact}")
    if column is roles.prices.flag:
        return told("discount_flag", dtype, "whether the paid price is below the full one")
    if name in roles.lookups:
        return told("drawn", dtype, f"follows from {roles.lookups[name][0].name}")
    entry = roles.entries[name]
    kind = {} if entry.dtype == "string" else {"dtype": entry.dtype}
    hole = gaps if entry.dtype == "string" else gaps + ", none in made rows" if gaps else ""
    return told("drawn", kind, entry.words + hole, entry.folded)


def name_of(text: str) -> str:
    """A name for a schema, from that of a file or a dataset."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:50].strip("-._")
    return plain or "catalogue"
