"""Fitting what a profile says of products to rows: shelves, kinds, titles, families, colours, prices.

Only counts leave this room: a word, a category value or a price that fewer than ``min_count`` products have
is folded, so that a profile tells of no single product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.fit.catalogue import Family, Path, ProductRows, families_of
from datagen.fit.colours import PLAIN, colour_set
from datagen.fit.drawings import drawing_of, plain_material, wearer_of
from datagen.fit.habits import habits_of
from datagen.fit.ladders import NEAR, decimals_of, fit_ladders
from datagen.fit.price_effects import PriceEffects, fit_effects
from datagen.fit.price_law import laws_of
from datagen.fit.titles import fit_grammar, said_as
from datagen.schemas.keyed import F64

Sections = dict[str, Any]
"""Plain data of sections of a profile, as YAML holds them."""

MOST_KINDS = 250
OTHER_KIND = "other"
LARGEST_FAMILY = 12
OWN_PALETTE, MOST_PAIRS = 60, 80

__all__ = ["ProductRows", "fit_products"]


class TooFewAlike(ValueError):
    """The rows have nothing in common that a profile could be fitted to."""


def fit_products(rows: ProductRows, min_count: int = 5) -> Sections:
    """The sections ``wearers, shelves, grammar, kinds, families, colourways, palettes, prices`` of a profile.

    ``prices`` has no discounts. Where there is no category, every shelf has the path ``["all"]``. Whatever
    fewer than ``min_count`` products show is folded. Raises TooFewAlike where no
    row has a title or category, or no noun is that of enough products.
    """
    families = families_of(rows, max(min_count, 4))
    if not families:
        raise TooFewAlike("no row has a title or a category value to fit to")
    families, kinds, noun_of = _kinds(families, min_count)
    if not families:
        raise TooFewAlike("no noun is that of enough products")
    nouns: dict[str, Counter[str]] = {}
    for family, kind in zip(families, kinds, strict=True):
        nouns.setdefault(kind, Counter())[noun_of[family.noun]] += 1
    effects, log_price = _priced(families, kinds, min_count)
    laws, law_of = laws_of(kinds, log_price, effects, min_count)
    decimals, ladders, ladder_of, bounds = _ladders(families, min_count)
    colours, palettes, palette_of = _palettes(families, kinds, min_count)
    sizes = _sizes(families, colours, palettes, min_count)
    drawings = _drawings(families, kinds)
    return {
        "wearers": {family.path[0]: wearer_of([family.path[0]], rows.wearer) for family in families},
        "shelves": _shelves(families, kinds, effects, ladder_of, rows.wearer),
        "grammar": fit_grammar(families, kinds, noun_of, min_count, effects.of_unit),
        "kinds": {
            kind: {
                "nouns": dict(nouns[kind]),
                "plain": {"material": plain_material(drawing), "pattern": "solid"},
                "drawing": drawing,
                "palette": palette_of[kind],
                "price": law_of[kind],
                "effect": round(effects.of_kind[kind], 3),
            }
            for kind, drawing in drawings.items()
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


def _kinds(families: list[Family], min_count: int) -> tuple[list[Family], list[str], dict[str, str]]:
    """Families, their kinds and how each noun is said: a kind by frequent noun, and one for all other nouns.

    The others are left out where together they are fewer than ``min_count``.
    """
    counts = Counter(family.noun for family in families)
    kept = {
        noun
        for noun, _ in Counter(
            {noun: count for noun, count in counts.items() if count >= min_count}
        ).most_common(MOST_KINDS)
        if noun
    }
    others = sum(count for noun, count in counts.items() if noun and noun not in kept)
    chosen = [
        family
        for family in families
        if family.noun and (family.noun in kept or others >= min_count or not kept)
    ]
    kinds = [family.noun if family.noun in kept else OTHER_KIND for family in chosen]
    noun_of = said_as(counts, min_count)
    return chosen, kinds, noun_of


def _drawings(families: Sequence[Family], kinds: Sequence[str]) -> dict[str, str]:
    """The drawing of each kind, by name; from its noun, else from its commonest categories."""
    paths: dict[str, Counter[Path]] = {}
    for family, kind in zip(families, kinds, strict=True):
        paths.setdefault(kind, Counter())[family.path] += 1
    return {
        kind: drawing_of("" if kind == OTHER_KIND else kind, _commonest(counts))
        for kind, counts in sorted(paths.items())
    }


def _commonest(paths: Counter[Path]) -> Path:
    return min(paths, key=lambda path: (-paths[path], path))


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
    # Powers of ten, which tell nothing of the lowest and the highest price.
    low = float(10.0 ** np.floor(np.log10(known.min())))
    high = float(10.0 ** np.ceil(np.log10(known.max() * 1.001)))
    values = [family.path[-1] for family, price in zip(families, prices, strict=True) if np.isfinite(price)]
    ladders, ladder_of = fit_ladders(values, known, decimals, high + 1, min_count)
    return decimals, ladders, ladder_of, [low, high]


def _palettes(
    families: Sequence[Family], kinds: Sequence[str], min_count: int
) -> tuple[list[str], dict[str, dict[str, float]], dict[str, str]]:
    """Names of colourways, weights of them by palette, and the palette of each kind."""
    counts = Counter(colour for family in families for colour in family.colours if colour)
    if not counts:
        return list(PLAIN), {"all": dict.fromkeys(PLAIN, 1.0)}, dict.fromkeys(kinds, "all")
    kept = {colour: float(count) for colour, count in counts.most_common() if count >= min_count}
    kept = {**kept, **_pairs_of_colours(counts, kept)} or {counts.most_common(1)[0][0]: 1.0}
    own: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    for family, kind in zip(families, kinds, strict=True):
        own[kind].update(colour for colour in family.colours if colour)
    said = [(kind, colour) for kind, colours in own.items() for colour in colours.elements()]
    habit_of = habits_of([kind for kind, _ in said], [colour for _, colour in said], 8, max(min_count, 5))
    habits: dict[int, Counter[str]] = {}
    for kind, habit in habit_of.items():
        habits.setdefault(habit, Counter()).update(own[kind])
    palettes: dict[str, dict[str, float]] = {"all": kept}
    palette_of = {}
    for kind, colours in own.items():
        like = habits.get(habit_of.get(kind, -1), Counter())
        mine, name = (
            (colours, kind) if colours.total() >= OWN_PALETTE else (like, f"like_{habit_of.get(kind)}")
        )
        palette_of[kind] = name = name if mine else "all"
        if name not in palettes:
            palettes[name] = _palette(mine, kept, min_count)
    return list(kept), palettes, palette_of


def _palette(counts: Counter[str], kept: Mapping[str, float], min_count: int) -> dict[str, float]:
    """Weights of colourways: those that enough products show, the others by what they weigh in the whole."""
    own = {colour: float(counts[colour]) for colour in kept if counts[colour] >= min_count}
    rest = counts.total() - sum(own.values()) + 1
    whole = sum(weight for colour, weight in kept.items() if colour not in own) or 1.0
    return {
        colour: own[colour] if colour in own else round(rest * weight / whole, 2)
        for colour, weight in kept.items()
        if colour in own or rest * weight / whole >= 0.005
    }


def _pairs_of_colours(counts: Counter[str], kept: Mapping[str, float]) -> dict[str, float]:
    """Pairs of frequent colours in the place of those combinations that few products come in."""
    joiner = Counter(
        word for say, count in counts.items() for word in say.split()[1:-1] for _ in range(count)
    )
    rare = {say: count for say, count in counts.items() if say not in kept and len(say.split()) >= 3}
    if not rare:
        return {}
    between = joiner.most_common(1)[0][0]
    single = {say for say in kept if len(say.split()) == 1}
    first, last = Counter[str](), Counter[str]()
    for say, count in rare.items():
        first[say.split()[0]] += count
        last[say.split()[-1]] += count
    chances = {
        f"{one} {between} {other}": float(first[one] * last[other])
        for one in sorted(single)
        for other in sorted(single)
        if one != other and first[one] and last[other] and f"{one} {between} {other}" not in kept
    }
    likeliest = sorted(chances, key=lambda say: (-chances[say], say))[:MOST_PAIRS]
    total = sum(chances[say] for say in likeliest)
    return {say: round(sum(rare.values()) * chances[say] / total, 2) for say in likeliest}


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
    wearer: str,
) -> list[Sections]:
    on_shelf: dict[Path, Counter[str]] = {}
    share: Counter[Path] = Counter()
    for family, kind in zip(families, kinds, strict=True):
        on_shelf.setdefault(family.path, Counter())[kind] += len(family.colours)
        share[family.path] += len(family.colours)
    return [
        {
            "path": list(path),
            "share": share[path],
            **({"wearer": its} if (its := wearer_of(path, wearer)) != wearer_of(path[:1], wearer) else {}),
            "kinds": dict(counts),
            "effect": round(effects.of_path[path], 3),
            "effects": {
                kind: round(effects.of_pair[path, kind], 3)
                for kind in counts
                if (path, kind) in effects.of_pair
            },
            **({"ladder": ladder_of[path[-1]]} if path[-1] in ladder_of else {}),
        }
        for path, counts in on_shelf.items()
    ]
