"""The rows of a catalogue, one entry a product: rows that differ by colour alone are one family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from datagen.fit.folding import products_of
from datagen.fit.titles.classes import NOUN_MARK
from datagen.fit.titles.units import COLOUR_MARK, Tokens, cut, nouns_of
from datagen.schemas.keyed import F64, I64

MOST_ROWS = 200_000
"""Rows that are looked at; of more, an even share, so that memory is bounded."""

MOST_TIMES = 4
"""As how many rows a product in many colours counts at most, in titles and in prices."""

NO_PRICE = 10.0
"""The price of every product of a catalogue without prices, which no column shows."""

Path = tuple[str, ...]


@dataclass(frozen=True)
class ProductRows:
    """The columns of a catalogue that say what its products are; all have one length.

    ``levels``: the category columns, the widest first, none or more (Arrow strings, null: missing);
    ``titles``: Arrow strings, None where the catalogue has none;
    ``full``: prices before discounts (float64, NaN: missing), None where it has none;
    ``wearer``: who wears the products where no category says.
    """

    levels: Sequence[pa.Array | pa.ChunkedArray]
    titles: pa.Array | pa.ChunkedArray | None
    full: F64 | None
    wearer: str = "woman"

    def __len__(self) -> int:
        columns = [*self.levels, *([] if self.titles is None else [self.titles])]
        return len(columns[0]) if columns else 0 if self.full is None else len(self.full)


@dataclass(frozen=True)
class Family:
    """A product on a shelf at a price: title with marks for noun and colour, the noun, colours of its rows.

    ``product``: its title family, by which it is counted (see :mod:`datagen.fit.folding`);
    ``rare_name``: the value that a mark in ``path`` stands for (see :mod:`datagen.fit.names`).
    """

    path: Path
    units: tuple[str, ...]
    noun: str
    price: float
    colours: tuple[str, ...]
    product: int
    rare_name: str = ""


def families_of(rows: ProductRows, together: int) -> list[Family]:
    """The products of a catalogue. A title of None, or without a word, is not looked at."""
    step = max(1, -(-len(rows) // MOST_ROWS))
    chosen: I64 = np.arange(0, len(rows), step)
    take = pa.array(chosen) if step > 1 else None

    def texts(column: pa.Array | pa.ChunkedArray) -> list[str | None]:
        found: list[str | None] = (column if take is None else column.take(take)).to_pylist()
        return found

    columns = [[value or "" for value in texts(level)] for level in rows.levels]
    paths: list[Path] = list(zip(*columns, strict=True)) if columns else [("all",)] * len(chosen)
    titles = texts(rows.titles) if rows.titles is not None else [path[-1] for path in paths]
    prices = np.full(len(chosen), np.nan) if rows.full is None else np.asarray(rows.full, float)[chosen]
    prices = np.where(np.isfinite(prices) & (prices > 0), prices, np.nan)
    if not np.isfinite(prices).any():
        prices[:] = NO_PRICE
    kept = [at for at, title in enumerate(titles) if title and title.strip()]
    if not kept:
        return []
    titles_cut = cut([titles[at] or "" for at in kept], together)
    kept_paths, kept_prices = [paths[at] for at in kept], prices[kept]
    log_price = np.log(kept_prices) if np.isfinite(kept_prices).mean() > 0.5 else None
    nouns = nouns_of(titles_cut, [str(path) for path in kept_paths], log_price)
    products = products_of(None if rows.titles is None else [titles[at] for at in kept], len(kept))
    return _gathered(titles_cut, nouns, kept_paths, kept_prices, products)


def _gathered(
    titles: list[Tokens], nouns: list[int], paths: list[Path], prices: F64, products: I64
) -> list[Family]:
    gathered: dict[tuple[Path, tuple[str, ...], str, float, int], list[str]] = {}
    for each, noun, path, price, product in zip(titles, nouns, paths, prices, products.tolist(), strict=True):
        units = list(each.units)
        said = units[noun] if noun >= 0 and units[noun] != COLOUR_MARK else ""
        if said:
            units[noun] = NOUN_MARK
        key = path, tuple(units), said, -1.0 if np.isnan(price) else float(price), product
        gathered.setdefault(key, []).append(each.colour)
    return [
        Family(path, units, noun, np.nan if price < 0 else price, tuple(colours), product)
        for (path, units, noun, price, product), colours in gathered.items()
    ]


def words_of(families: Sequence[Family]) -> set[str]:
    """Every category value, unit and noun of a catalogue, whole and word by word: none may be made up."""
    values = {value for family in families for value in (*family.path, *family.units, family.noun)}
    return values | {word for value in values for word in value.split()}
