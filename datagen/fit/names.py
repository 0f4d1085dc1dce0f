"""Made-up names in the place of rare ones, where a category column is one of names, as that of brands is.

A shop of many brands has many of few products each. They may not be told, but a catalogue without them is
another one: smaller, and without the prices and titles of small brands. So as many names are made up as
there are rare ones, and what all rare ones are like together is told of each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from datagen.fit.catalogue import Family, Path
from datagen.fit.folding import frequent, products_with, rounded
from datagen.fit.looks.colours import is_colour
from datagen.fit.looks.units import drawn_by
from datagen.fit.titles.backoff import RARE
from datagen.fit.titles.pseudonyms import Pseudonyms, forms_of
from datagen.product.distributions import standard_normal_at
from datagen.schemas.keyed import F64, permutation, uniforms

FEWEST_NAMES = 20
"""Different values that a column of names has at least."""

RARE_SHARE, MEDIAN_SIZE = 0.2, 4
"""A column of names: the share of its values that are rare, at least; products of the median value, in
multiples of ``min_count``, at most."""

DESCRIBING, SAID = 0.2, 0.3
"""The share of values, at most, that describe products rather than name who makes them; and the share of a
value's titles that say it, from which it describes them."""

MOST_NAMES = 300
KINDS_OF_NAME = 4
"""Draws of what a made-up name sells."""

_SIZES = (0.4, 1.6)
"""The smallest and the largest made-up name, in multiples of their mean."""

_WIDEST = 1.0
_MOST_UNSEEN = 2.0


def with_pools(families: Sequence[Family], min_count: int) -> list[Family]:
    """The families, with one mark in the place of all rare values of a column of names, the first there is.

    A mark stands where enough products of enough rare names have the other category values in common.
    """
    found = list(families)
    for level in range(len(found[0].path) if found else 0):
        values = [family.path[level] for family in found]
        counts = products_with(values, [family.product for family in found])
        rare = {value for value, count in counts.items() if count < min_count}
        if not _are_names(found, level, counts, rare, min_count):
            continue
        marked = [_marked(family.path, level) if family.path[level] in rare else () for family in found]
        pools = frequent(marked, [family.product for family in found], min_count)
        names = Counter(path for path, _ in set(zip(marked, values, strict=True)))
        return [
            replace(family, path=path, rare_name=family.path[level])
            if path and path in pools and names[path] >= min_count
            else family
            for family, path in zip(found, marked, strict=True)
        ]
    return found


def _marked(path: Path, level: int) -> Path:
    return (*path[:level], RARE, *path[level + 1 :])


def _are_names(
    families: Sequence[Family], level: int, counts: Mapping[str, int], rare: set[str], min_count: int
) -> bool:
    """Whether the values of a level are names: many, mostly of few products, and describing none of them."""
    if len(counts) < max(FEWEST_NAMES, 4 * min_count) or len(rare) < max(RARE_SHARE * len(counts), min_count):
        return False
    if float(np.median(list(counts.values()))) > MEDIAN_SIZE * min_count:
        return False
    said: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for family in families:
        value = family.path[level]
        title = " ".join([*family.units, family.noun]).casefold()
        rows[value] += 1
        said[value] += any(stem in title for stem in _stems(value))
    describing = sum(said[value] >= SAID * rows[value] or _is_known(value) for value in counts)
    return describing <= DESCRIBING * len(counts)


def _stems(value: str) -> list[str]:
    """The longer words of a value without their endings."""
    return [word[: max(4, len(word) - 2)] for word in value.casefold().split() if len(word) >= 4]


def _is_known(value: str) -> bool:
    """Whether a value is a colour, a material or the like, or is no word at all."""
    return all(is_colour(word) or drawn_by(word) for word in value.split()) or sum(
        map(str.isalpha, value)
    ) * 2 < len(value)


def names_spread(families: Sequence[Family], residual: F64, min_count: int) -> float:
    """The standard deviation of rare names in log price, by how alike products of one name are; in tenths.

    ``residual``: what is left of each family's log price beyond what all of them have in common.
    """
    of_name: dict[str, list[float]] = {}
    products = set()
    for family, left in zip(families, residual.tolist(), strict=True):
        if family.rare_name and np.isfinite(left):
            of_name.setdefault(family.rare_name, []).append(left)
            products.add(family.product)
    pairs = sum(len(its) * (len(its) - 1) for its in of_name.values())
    if len(products) < 4 * min_count or pairs < 4 * min_count:
        return 0.0
    alike = sum(sum(its) ** 2 - sum(each * each for each in its) for its in of_name.values()) / pairs
    return min(_WIDEST, round(float(np.sqrt(max(0.0, alike))), 1))


def with_names(
    shelves: Sequence[dict[str, Any]],
    families: Sequence[Family],
    spread: float,
    min_count: int,
    taken: Collection[str],
) -> list[dict[str, Any]]:
    """The shelves, each one of rare names as several of made-up ones: as many, and as large together.

    ``spread``: that of :func:`names_spread`; ``taken``: words that no name may be.
    """
    if not any(RARE in shelf["path"] for shelf in shelves):
        return list(shelves)
    invent = _pseudonyms(families, min_count, taken)
    found: list[dict[str, Any]] = []
    for shelf in shelves:
        if RARE not in shelf["path"]:
            found.append(shelf)
            continue
        mine = [family for family in families if list(family.path) == shelf["path"]]
        names = [(family.rare_name, family.product) for family in mine]
        many = min(MOST_NAMES, rounded(len({name for name, _ in names}), min_count))
        level = shelf["path"].index(RARE)
        shelf = {**shelf, "share": shelf["share"] * _unseen(families, level, min_count)}
        made = invent.invented(forms_of(names, min_count), many)
        for at, (share, kinds, effect) in enumerate(_parts(shelf, len(found), many, spread)):
            path = [*shelf["path"][:level], made[at], *shelf["path"][level + 1 :]]
            effects = {kind: value for kind, value in shelf["effects"].items() if kind in kinds}
            part = {"path": path, "share": share, "kinds": kinds, "effect": effect, "effects": effects}
            found.append({**shelf, **part})
    return found


def _unseen(families: Sequence[Family], level: int, min_count: int) -> float:
    """By how much rare names are more than the rows show, since some were missed; in tenths.

    What is seen r times in a sample, from none to ``min_count`` - 1, is as much of another sample as what is
    seen r + 1 times is of this one (Good, Biometrika 40, 1953).
    """
    of_name: dict[str, set[int]] = {}
    rows: Counter[str] = Counter()
    for family in families:
        name = family.rare_name if family.path[level] == RARE else family.path[level]
        of_name.setdefault(name, set()).add(family.product)
        rows[name] += len(family.colours)
    seen = sum(rows[name] for name, its in of_name.items() if len(its) < min_count)
    once_more = sum(rows[name] for name, its in of_name.items() if len(its) == min_count)
    return min(_MOST_UNSEEN, round((seen + once_more) / max(1, seen), 1))


def _parts(
    shelf: Mapping[str, Any], key: int, many: int, spread: float
) -> Iterable[tuple[float, dict[str, float], float]]:
    """Share, kinds and effect of each of so many names that make up a shelf.

    Sizes are spread evenly, and the kinds of a name are a few of the shelf's.
    """
    sizes = np.linspace(*_SIZES, many)
    shares = shelf["share"] * sizes / sizes.sum()
    kinds, bounds = list(shelf["kinds"]), np.cumsum(list(shelf["kinds"].values()))
    draws = many * KINDS_OF_NAME
    place = (permutation(key, "kinds of names", 0, draws) + uniforms(key, "kinds of names", 1, draws)) / draws
    sold = np.searchsorted(bounds, place * bounds[-1], side="right").clip(0, len(kinds) - 1)
    away = spread * standard_normal_at((permutation(key, "effects of names", 0, many) + 0.5) / many)
    for at in range(many):
        mine = Counter(kinds[each] for each in sold[at * KINDS_OF_NAME : (at + 1) * KINDS_OF_NAME])
        weights = {kind: float(count) for kind, count in mine.items()}
        yield round(float(shares[at]), 2), weights, round(shelf["effect"] + float(away[at]), 2)


def _pseudonyms(families: Sequence[Family], min_count: int, taken: Collection[str]) -> Pseudonyms:
    """Names in the look of the frequent ones."""
    products = [family.product for family in families]
    words: Counter[str] = Counter()
    for level in {family.path.index(RARE) for family in families if RARE in family.path}:
        counts = products_with([family.path[level] for family in families], products)
        for value, count in counts.items():
            if count >= min_count and value != RARE:
                words.update({word: rounded(count, min_count) for word in value.split()})
    rare = [(word, f.product) for f in families for word in f.rare_name.split() if word.isalpha()]
    return Pseudonyms(words, taken, rare, min_count)
