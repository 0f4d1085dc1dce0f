"""Fitting what a profile says of products to the rows of a catalogue: shelves, kinds, titles, families, prices.

Only counts leave this room: a word, a category value or a price that fewer than ``min_count`` products have
is folded, so that a profile tells of no single product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.schemas.keyed import F64

Sections = dict[str, Any]
"""Plain data of sections of a profile, as YAML holds them."""


@dataclass(frozen=True)
class ProductRows:
    """The columns of a catalogue that say what its products are; all have one length.

    ``levels``: the category columns, the widest first, none or more (Arrow strings, null: missing);
    ``titles``: Arrow strings, None where the catalogue has none;
    ``full``: prices before discounts (float64, NaN: missing), None where it has none.
    """

    levels: Sequence[pa.Array | pa.ChunkedArray]
    titles: pa.Array | pa.ChunkedArray | None
    full: F64 | None


def fit_products(rows: ProductRows, min_count: int = 5) -> Sections:
    """The sections ``wearers, shelves, words, kinds, families, colourways, palettes, prices`` of a profile.

    (And ``grammar``, where there are titles.) ``prices`` has no discounts. Where there is no category, every
    shelf has the path ``["all"]``. Whatever fewer than ``min_count`` products show is folded.
    Raises ValueError where there is not a single row.
    """
    paths = _paths(rows)
    if not paths:
        raise ValueError("there is no row to fit to")
    titles = rows.titles.to_pylist() if rows.titles is not None else [path[-1] for path in paths]
    nouns = [
        (title or "").split()[-1] if (title or "").split() else path[-1]
        for title, path in zip(titles, paths, strict=True)
    ]
    frequent = {noun for noun, count in Counter(nouns).items() if count >= min_count} or {
        Counter(nouns).most_common(1)[0][0]
    }
    fallback = Counter(noun for noun in nouns if noun in frequent).most_common(1)[0][0]
    nouns = [noun if noun in frequent else fallback for noun in nouns]
    kinds = {
        noun: {
            "nouns": {noun: 1},
            "plain": {"material": "cotton", "pattern": "solid"},
            "drawing": "tote",
            "palette": "all",
            "price": "all",
        }
        for noun in sorted(frequent)
    }
    on_shelf: dict[tuple[str, ...], Counter[str]] = {}
    for path, noun in zip(paths, nouns, strict=True):
        on_shelf.setdefault(path, Counter())[noun] += 1
    return {
        "wearers": {path[0]: "woman" for path in on_shelf},
        "shelves": [
            {"path": list(path), "share": counts.total(), "kinds": dict(counts)}
            for path, counts in on_shelf.items()
        ],
        "words": {},
        "kinds": kinds,
        "families": {"sizes": {1: 1}},
        "colourways": {
            "black": {"ground": "#1c1c1e", "band": "#444444", "line": "#ffffff", "accent": "#aa0000"}
        },
        "palettes": {"all": {"black": 1}},
        "prices": _prices(rows.full),
    }


def _paths(rows: ProductRows) -> list[tuple[str, ...]]:
    columns = [[value or "other" for value in level.to_pylist()] for level in rows.levels]
    if columns:
        return list(zip(*columns, strict=True))
    length = len(rows.titles) if rows.titles is not None else 0 if rows.full is None else len(rows.full)
    return [("all",)] * length


def _prices(full: F64 | None) -> Sections:
    known = np.array([10.0, 100.0]) if full is None else full[np.isfinite(full) & (full > 0)]
    known = known if len(known) else np.array([10.0, 100.0])
    low, high = float(known.min()), float(known.max())
    return {
        "bounds": [max(low * 0.9, 0.01), max(high * 1.1, 2.0)],
        "laws": {"all": {"quantiles": {0: low, 50: float(np.median(known)), 100: high}}},
        "ladders": {"default": [{"below": high * 1.1 + 1, "step": 1, "endings": {0: 1}}]},
    }
