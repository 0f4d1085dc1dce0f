"""Fitting what a profile says of products to rows: shelves, kinds, titles, families, colours, prices.

Only counts leave this room: a word, a category value or a price that fewer than ``min_count`` products have
is folded, so that a profile tells of no single product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.fit.catalogue import Family, Path, ProductRows, families_of, words_of
from datagen.fit.folding import frequent, left_over, products_with, rounded
from datagen.fit.habits import habits_of
from datagen.fit.looks.colours import PLAIN, colour_set
from datagen.fit.looks.drawings import drawing_of, plain_material, wearer_of
from datagen.fit.names import names_spread, with_names, with_pools
from datagen.fit.prices.effects import fit_effects
from datagen.fit.prices.ladders import NEAR, Endings, decimals_of, fit_ladders
from datagen.fit.prices.law import laws_of
from datagen.fit.shelves import fit_shelves
from datagen.fit.titles.grammar import OTHER_KIND, fit_grammar, pseudonyms_for
from datagen.fit.titles.pseudonyms import Pseudonyms, forms_of

Sections = dict[str, Any]
"""Plain data of sections of a profile, as YAML holds them."""

MOST_KINDS = 250
MOST_RARE_NOUNS = 100
LARGEST_FAMILY = 12
OWN_PALETTE, MOST_PAIRS = 60, 80

__all__ = ["ProductRows", "fit_products"]


class TooFewAlike(ValueError):
    """The rows have nothing in common that a profile could be fitted to."""


def fit_products(rows: ProductRows, min_count: int = 5, *, invent_names: bool = True) -> Sections:
    """The sections ``wearers, shelves, grammar, kinds, families, colourways, palettes, prices`` of a profile.

    ``prices`` has no discounts. Where there is no category, every shelf has the path ``["all"]``. Whatever
    fewer than ``min_count`` products show is folded. ``invent_names``: whether rare values of columns of
    names have made-up ones in their place. Raises TooFewAlike where no
    row has a title or category, or no noun is that of enough products.
    """
    families = families_of(rows, max(min_count, 4))
    taken = words_of(families)
    families = _on_frequent_paths(with_pools(families, min_count) if invent_names else families, min_count)
    if not families:
        raise TooFewAlike("no row has a title or a category value to fit to")
    families, kinds = _kinds(families, min_count)
    if not families:
        raise TooFewAlike("no noun is that of enough products")
    pseudonyms = pseudonyms_for(families, min_count, taken)
    nouns = _nouns(families, kinds, pseudonyms, min_count)
    effects = fit_effects(families, kinds, min_count)
    laws, law_of = laws_of(families, kinds, effects, min_count)
    decimals, ladders, ladder_of, bounds = _ladders(families, laws, min_count)
    colours, palettes, palette_of = _palettes(families, kinds, min_count)
    sizes = _sizes(families, palettes, min_count)
    drawings = _drawings(families, kinds)
    shelves = fit_shelves(families, kinds, effects, ladder_of, rows.wearer, min_count)
    spread = names_spread(families, effects.residual, min_count)
    shelves = with_names(shelves, families, spread, min_count, taken)
    return {
        "wearers": {shelf["path"][0]: wearer_of([shelf["path"][0]], rows.wearer) for shelf in shelves},
        "shelves": shelves,
        "grammar": fit_grammar(families, kinds, min_count, effects.of_unit, pseudonyms),
        "kinds": {
            kind: {
                "nouns": nouns[kind],
                "plain": {"material": plain_material(drawing), "pattern": "solid"},
                "drawing": drawing,
                "palette": palette_of[kind],
                "price": law_of[kind],
                "effect": round(effects.of_kind[kind], 2),
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


def _on_frequent_paths(families: list[Family], min_count: int) -> list[Family]:
    """The families on paths that enough products have, or all where none has."""
    kept = frequent([family.path for family in families], [family.product for family in families], min_count)
    return [family for family in families if family.path in kept] if kept else families


def _kinds(families: list[Family], min_count: int) -> tuple[list[Family], list[str]]:
    """Families and their kinds: a kind by frequent noun, and one for all other nouns.

    The others are left out where together they are fewer than ``min_count`` products.
    """
    named = [family for family in families if family.noun]
    counts = products_with([family.noun for family in named], [family.product for family in named])
    kept = {noun for noun, count in counts.most_common(MOST_KINDS) if count >= min_count}
    others = len({family.product for family in named if family.noun not in kept})
    chosen = [family for family in named if family.noun in kept or others >= min_count or not kept]
    return chosen, [family.noun if family.noun in kept else OTHER_KIND for family in chosen]


def _nouns(
    families: Sequence[Family], kinds: Sequence[str], pseudonyms: Pseudonyms, min_count: int
) -> dict[str, dict[str, int]]:
    """How each kind is said: by its noun; what is rare by pseudonyms."""
    nouns = {kind: {kind: 1} for kind in kinds}
    rare = [(f.noun, f.product) for f, kind in zip(families, kinds, strict=True) if kind == OTHER_KIND]
    if rare:
        many = min(MOST_RARE_NOUNS, max(1, len({noun for noun, _ in rare}) // min_count * min_count))
        nouns[OTHER_KIND] = dict.fromkeys(pseudonyms.invented(forms_of(rare, min_count), many), 1)
    return nouns


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


def _ladders(
    families: Sequence[Family], laws: Mapping[str, Any], min_count: int
) -> tuple[int, dict[str, Any], dict[str, str], list[float]]:
    """Decimals, ladders, the ladder of those last category values that have endings of their own, bounds."""
    priced = [family for family in families if np.isfinite(family.price)]
    known, products = np.array([f.price for f in priced]), np.array([f.product for f in priced])
    decimals = decimals_of(known)
    # Powers of ten around all that the laws make, and so around no single price.
    low = float(10.0 ** np.floor(np.log10(min(min(law["quantiles"].values()) for law in laws.values()))))
    high = float(
        10.0 ** np.ceil(np.log10(max(max(law["quantiles"].values()) for law in laws.values()) * 1.001))
    )
    endings = Endings(known, products, decimals, high + 1, min_count)
    ladders, ladder_of = fit_ladders([family.path[-1] for family in priced], endings)
    return decimals, ladders, ladder_of, [low, high]


def _palettes(
    families: Sequence[Family], kinds: Sequence[str], min_count: int
) -> tuple[list[str], dict[str, dict[str, float]], dict[str, str]]:
    """Names of colourways, weights of them by palette, and the palette of each kind."""
    said = [
        (colour, f, kind) for f, kind in zip(families, kinds, strict=True) for colour in f.colours if colour
    ]
    counts = products_with([colour for colour, *_ in said], [f.product for _, f, _ in said])
    if not counts:
        return list(PLAIN), {"all": dict.fromkeys(PLAIN, 1.0)}, dict.fromkeys(kinds, "all")
    rows = Counter(colour for colour, *_ in said)
    usual = {c: float(rounded(rows[c], min_count)) for c, n in counts.most_common() if n >= min_count}
    kept = {**usual, **_pairs_of_colours(counts, usual, min_count)} or dict.fromkeys(PLAIN, 1.0)
    own: dict[str, Counter[str]] = {kind: Counter() for kind in kinds}
    for (kind, colour), count in products_with(
        [(kind, colour) for colour, _, kind in said], [f.product for _, f, _ in said]
    ).items():
        own[kind][colour] += count
    choices = [(kind, colour) for kind, colours in own.items() for colour in sorted(colours.elements())]
    habit_of = habits_of(
        [kind for kind, _ in choices], [colour for _, colour in choices], 8, max(min_count, 5)
    )
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
    """Weights of colourways: those that enough products show, the others by what they weigh in the whole.

    What is said of single colours and of several at once is shared out apart: of the latter each is rare.
    """
    weights = {
        colour: float(rounded(counts[colour], min_count)) for colour in kept if counts[colour] >= min_count
    }
    for several in (False, True):
        others = {c: w for c, w in kept.items() if c not in weights and _is_several(c) == several}
        few = sum(n for c, n in counts.items() if n < min_count and _is_several(c) == several)
        (rest,) = left_over([few], min_count)
        whole = sum(others.values()) or 1.0
        weights |= {c: round(rest * w / whole, 2) for c, w in others.items() if rest * w / whole >= 0.005}
    return {colour: weights[colour] for colour in kept if colour in weights} or dict(kept)


def _is_several(colour: str) -> bool:
    return len(colour.split()) >= 3


def _pairs_of_colours(counts: Counter[str], kept: Mapping[str, float], min_count: int) -> dict[str, float]:
    """Pairs of frequent colours in the place of those combinations that few products come in."""
    joiner = Counter(
        word for say, count in counts.items() for word in say.split()[1:-1] for _ in range(count)
    )
    rare = {say: count for say, count in counts.items() if say not in kept and _is_several(say)}
    between = next((word for word, count in joiner.most_common(1) if count >= min_count), None)
    mass = sum(rare.values()) // min_count * min_count
    if between is None or not mass:
        return {}
    first, last = Counter[str](), Counter[str]()
    for say, count in rare.items():
        first[say.split()[0]] += count
        last[say.split()[-1]] += count
    single = {say for say in kept if len(say.split()) == 1}
    chances = {
        f"{one} {between} {other}": float(first[one] * last[other])
        for one in sorted(single)
        for other in sorted(single)
        if one != other
        and min(first[one], last[other]) >= min_count
        and f"{one} {between} {other}" not in kept
    }
    likeliest = sorted(chances, key=lambda say: (-chances[say], say))[:MOST_PAIRS]
    total = sum(chances[say] for say in likeliest)
    return {say: round(mass * chances[say] / total, 1) for say in likeliest}


def _sizes(
    families: Sequence[Family],
    palettes: Mapping[str, Mapping[str, float]],
    min_count: int,
) -> dict[int, int]:
    most = min(LARGEST_FAMILY, *[len(palette) for palette in palettes.values()])
    sizes = [min(len(family.colours), most) for family in families]
    enough = frequent(sizes, [family.product for family in families], min_count)
    return {
        size: rounded(count, min_count) for size, count in sorted(Counter(sizes).items()) if size in enough
    } or {1: 1}
