"""A made-up catalogue of hand tools, row by row, for what is measured on rows: its titles and prices are
known.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from datagen.arrow import numbers, texts
from datagen.report.sets.rows import RowSet, read_table
from datagen.schemas import Schema
from datagen.schemas.schema import Category, Code, Price, Title

SCHEMA = Schema(
    name="tools",
    columns=(
        Code(name="sku", role="code", pattern="T[0-9]+"),
        Category(name="aisle", role="category", level=1),
        Title(name="label", role="title"),
        Price(name="eur", role="price", which="full"),
    ),
)

NOUNS = {
    "hammer": ("hand tools", 20.0),
    "chisel": ("hand tools", 12.0),
    "pliers": ("hand tools", 16.0),
    "drill": ("machines", 110.0),
    "grinder": ("machines", 90.0),
    "lathe": ("machines", 900.0),
    "rake": ("garden", 25.0),
    "spade": ("garden", 30.0),
}
MAKERS = ("ostrava", "linden", "kestrel", "harrow", "bramble", "tindal", "marlow", "quill")
USES = ("steel", "oak", "compact", "long", "folding", "cordless", "curved", "heavy", "light", "narrow")


def tool_rows(rows: int, seed: int, first_code: int = 0) -> pa.Table:
    """Rows drawn from one law: a maker, up to two uses and a noun, which decides on aisle and price.

    Every row has a number in its title that is its own, like a model number, so that titles seldom repeat.
    """
    rng = np.random.default_rng(seed)
    labels, aisles, prices = [], [], []
    for _ in range(rows):
        noun = str(rng.choice(list(NOUNS)))
        aisle, price = NOUNS[noun]
        uses = [str(use) for use in rng.choice(USES, rng.integers(0, 3), replace=False)]
        maker = str(rng.choice(MAKERS))
        labels.append(" ".join([maker, *uses, noun, str(rng.integers(100, 9999))]).title())
        aisles.append(aisle)
        price *= np.exp(0.3 * ("heavy" in uses) + 0.1 * MAKERS.index(maker) + rng.normal(0, 0.1))
        prices.append(round(price) - 0.05)
    codes = [f"T{first_code + at}" for at in range(rows)]
    columns = [texts(codes), texts(aisles), texts(labels), numbers(np.array(prices))]
    return pa.table(columns, names=["sku", "aisle", "label", "eur"])


def tools(rows: int, seed: int, name: str = "tools") -> RowSet:
    """The same as a set for a report; sets of different seeds share no code."""
    return read_table(tool_rows(rows, seed, first_code=seed * 100_000), SCHEMA, name)


def as_set(table: pa.Table, name: str = "tools") -> RowSet:
    """Some rows of the catalogue as a set."""
    return read_table(table, SCHEMA, name)
