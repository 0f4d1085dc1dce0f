"""Link columns: the address of the product's page, made of its title's slug and its code."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns.code import code_texts
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Broken, Rule
from datagen.columns.template import TemplateFit, fill, unescaped
from datagen.schemas import Schema
from datagen.schemas.schema import Code, Link, Title


def _compute(column: Link, batch: ProductBatch) -> pa.Array:
    written = batch.sampler.titles.slugs(batch.products.phrases)
    return fill(
        column.template,
        {"slug": slugs(batch.titles) if written is None else written, "code": batch.codes},
    )


def slugs(titles: pa.Array) -> pa.Array:
    """The slugs of some titles (Arrow string), vectorised."""
    plain = pc.utf8_lower(pc.utf8_normalize(titles, "NFKD"))
    plain = pc.replace_substring(plain, " and ", "")
    plain = pc.replace_substring_regex(plain, r"\p{M}+", "")
    plain = pc.replace_substring_regex(plain, r"[^a-z0-9]+", "-")
    return pc.ascii_trim(plain, "-")


def _rules(column: Link, schema: Schema, *_: object) -> list[Rule]:
    title, code = schema.one(Title), schema.one(Code)
    template = column.template
    if code is None and "{code}" in template:
        return [_of_any_code(column, title)]
    if title is None and "{slug}" in template:
        return [Rule("is made of a title's slug, and there is no title", column.name, _all)]

    def broken(table: pa.Table) -> Broken:
        nothing = pa.nulls(len(table), pa.string())
        titles = table[title.name] if title else nothing
        codes = code_texts(table, schema)
        rows = zip(
            table[column.name].to_pylist(),
            titles.to_pylist(),
            (nothing if codes is None else codes).to_pylist(),
            strict=True,
        )
        return np.array(
            [link != template.format(slug=_slug(text or ""), code=code) for link, text, code in rows],
            dtype=bool,
        )

    made_of = [words for field, words in _PARTS.items() if field in template]
    return [Rule(f"is made of {' and '.join(made_of)}", column.name, broken)]


_PARTS = {"{slug}": "the title's slug", "{code}": "the code"}


def _of_any_code(column: Link, title: Title | None) -> Rule:
    """The rule where codes are in the addresses alone."""
    before, after = column.template.split("{code}")

    def broken(table: pa.Table) -> Broken:
        titles = table[title.name].to_pylist() if title else [""] * len(table)
        found = []
        for link, text in zip(table[column.name].to_pylist(), titles, strict=True):
            first, last = (unescaped(part).replace("{slug}", _slug(text)) for part in (before, after))
            found.append(link.startswith(first) and link.endswith(last) and len(link) > len(first + last))
        return ~np.array(found, dtype=bool)

    return Rule("is made of the title's slug and a code", column.name, broken)


def _all(table: pa.Table) -> Broken:
    return np.ones(len(table), dtype=bool)


@lru_cache(maxsize=1 << 16)
def _slug(title: str) -> str:
    """A title's slug by the rule that the docstring of :class:`Link` states."""
    text = unicodedata.normalize("NFKD", title).lower().replace(" and ", "")
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "M")
    return "-".join(re.findall("[a-z0-9]+", text))


def _fit(column: Link, schema: Schema) -> TemplateFit:
    (rule,) = _rules(column, schema)
    return TemplateFit(column, rule)


ROLE = Role(Link, compute=_compute, rules=_rules, fit=_fit)
