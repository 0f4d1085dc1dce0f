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
from datagen.columns.template import TemplateFit, fill
from datagen.schemas import Schema
from datagen.schemas.schema import Link, Title


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
    title = schema.one(Title)

    def broken(table: pa.Table) -> Broken:
        codes = code_texts(table, schema)
        if title is None or codes is None:
            return np.ones(len(table), dtype=bool)
        rows = zip(
            table[column.name].to_pylist(), table[title.name].to_pylist(), codes.to_pylist(), strict=True
        )
        return np.array(
            [link != column.template.format(slug=_slug(text), code=code) for link, text, code in rows],
            dtype=bool,
        )

    return [Rule("is made of the title's slug and the code", column.name, broken)]


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
