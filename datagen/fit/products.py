"""Fitting what a profile says of products to the rows of a catalogue: shelves, kinds, titles, families, prices.

Only counts leave this room: a word, a category value or a price that fewer than ``min_count`` products have
is folded, so that a profile tells of no single product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.fit.catalogue import Family, Path, ProductRows, families_of, frequent
from datagen.fit.colours import PLAIN, colour_set
from datagen.fit.price_effects import PriceEffects, fit_effects
from datagen.fit.price_law import NEAR, decimals_of, fit_ladder, laws_of
from datagen.fit.titles import fit_grammar
from datagen.schemas.keyed import F64

Sections = dict[str, Any]
"""Plain data of sections of a profile, as YAML holds them."""

MOST_KINDS = 250
LARGEST_FAMILY = 12

__all__ = ["ProductRows", "fit_products"]


def fit_products(rows: ProductRows, min_count: int = 5) -> Sections:
    """The sections ``wearers, shelves, grammar, kinds, families, colourways, palettes, prices`` of a profile.

    ``prices`` has no discounts. Where there is no category, every shelf has the path ``["all"]``. Whatever
    fewer than ``min_count`` products show is folded. Raises ValueError where no row has a title or a category.
    """
    families = families_of(rows, max(min_count, 4))
    if not families:
        raise ValueError("no row has a title or a category value to fit to")
    families, kinds = _of_frequent_kinds(families, min_count)
    effects, log_price = _priced(families, kinds, min_count)
    laws, law_of = laws_of(kinds, log_price, effects, min_count)
    decimals, ladders, ladder_of, bounds = _ladders(families, min_count)
    colours, palettes, palette_of = _palettes(families, kinds, min_count)
    sizes = _sizes(families, colours, palettes, min_count)
    return {
        "wearers": {family.path[0]: "woman" for family in families},
        "shelves": _shelves(families, kinds, effects, ladder_of, min_count),
        "grammar": fit_grammar(families, kinds, min_count, effects.of_unit),
        "kinds": {
            kind: {
                "nouns": {kind: 1},
                "plain": {"material": "cotton", "pattern": "solid"},
                "drawing": "tote",
                "palette": palette_of[kind],
                "price": law_of[kind],
                "effect": round(effects.of_kind[kind], 3),
            }
            for kind in sorted(set(kinds))
        },
        "families": {"sizes": sizes},
        "colourways": {name: {**colour_set(name), "say": name} for name in colours},
        "palettes": palettes,
        "prices": {
            "noise": round(effects.noise, 4),
            "near": NEAR,
            "bounds": bounds,
            "decimals": decimals,
            "laws": laws,
            "ladders": ladders,
        },
    }


def _of_frequent_kinds(families: list[Family], min_count: int) -> tuple[list[Family], list[str]]:
    """The families whose noun is frequent, and their kinds: one by noun."""
    nouns = frequent([family.noun for family in families if family.noun], min_count)
    kept = {noun for noun, _ in nouns.most_common(MOST_KINDS)}
    chosen = [family for family in families if family.noun in kept]
    return chosen, [family.noun for family in chosen]


def _priced(families: Sequence[Family], kinds: Sequence[str], min_count: int) -> tuple[PriceEffects, F64]:
    log_price = np.log(np.array([family.price for family in families]))
    return fit_effects(families, kinds, min_count), log_price


def _ladders(
    families: Sequence[Family], min_count: int
) -> tuple[int, dict[str, Any], dict[str, str], list[float]]:
    """Decimals, ladders, the ladder of those last category values that have endings of their own, bounds."""
    prices = np.array([family.price for family in families])
    known = prices[np.isfinite(prices)]
    decimals = decimals_of(known)
    low = 10.0 ** np.floor(np.log10(known.min()))
    high = 10.0 ** np.ceil(np.log10(known.max() * 1.001))
    ladders = {"default": fit_ladder(known, decimals, high + 1, min_count)}
    return decimals, ladders, {}, [float(low), float(high)]


def _palettes(
    families: Sequence[Family], kinds: Sequence[str], min_count: int
) -> tuple[list[str], dict[str, dict[str, float]], dict[str, str]]:
    """Names of colourways, weights of them by palette, and the palette of each kind."""
    counts = Counter(colour for family in families for colour in family.colours if colour)
    if not counts:
        return list(PLAIN), {"all": {name: 1.0 for name in PLAIN}}, {kind: "all" for kind in kinds}
    kept = {colour: float(count) for colour, count in counts.most_common() if count >= min_count}
    kept = kept or {counts.most_common(1)[0][0]: 1.0}
    palettes = {"all": kept}
    palette_of = {}
    total = sum(kept.values())
    for kind, count in Counter(kinds).items():
        if count < 20:
            palette_of[kind] = "all"
            continue
        own = Counter(
            colour
            for family, its in zip(families, kinds, strict=True)
            if its == kind
            for colour in family.colours
            if colour in kept
        )
        prior = 10.0
        # Smoothed towards the whole, so that no weight tells of a single product.
        palettes[kind] = {c: round(own[c] * (own[c] >= min(2, min_count)) + prior * w / total, 2) for c, w in kept.items()}
        palettes[kind] = {c: w for c, w in palettes[kind].items() if w > 0}
        palette_of[kind] = kind
    return list(kept), palettes, palette_of


def _sizes(
    families: Sequence[Family],
    colours: Sequence[str],
    palettes: Mapping[str, Mapping[str, float]],
    min_count: int,
) -> dict[int, float]:
    most = min(LARGEST_FAMILY, *[len(palette) for palette in palettes.values()])
    counts = Counter(min(len(family.colours), most) for family in families)
    return {size: count for size, count in sorted(counts.items()) if count >= min_count} or {1: 1}


def _shelves(
    families: Sequence[Family],
    kinds: Sequence[str],
    effects: PriceEffects,
    ladder_of: Mapping[str, str],
    min_count: int,
) -> list[Sections]:
    on_shelf: dict[Path, Counter[str]] = {}
    share: Counter[Path] = Counter()
    for family, kind in zip(families, kinds, strict=True):
        on_shelf.setdefault(family.path, Counter())[kind] += 1
        share[family.path] += len(family.colours)
    return [
        {
            "path": list(path),
            "share": share[path],
            "kinds": dict(counts),
            "effect": round(effects.of_path[path], 3),
            "effects": {
                kind: round(effects.of_pair[path, kind], 3) for kind in counts if (path, kind) in effects.of_pair
            },
        }
        for path, counts in on_shelf.items()
    ]
