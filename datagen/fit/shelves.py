"""Shelves: paths of categories with their shares and kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from datagen.fit.catalogue import Family, Path
from datagen.fit.drawings import wearer_of
from datagen.fit.folding import frequent, left_over, products_with, rounded
from datagen.fit.habits import habits_of
from datagen.fit.price_effects import PriceEffects

MOST_GROUPS = 16
_LEAST_WEIGHT = 0.05

Cell = tuple[Path, str]


def fit_shelves(
    families: Sequence[Family],
    kinds: Sequence[str],
    effects: PriceEffects,
    ladder_of: Mapping[str, str],
    wearer: str,
    min_count: int,
) -> list[dict[str, Any]]:
    """The section ``shelves``.

    A shelf names the kinds of which enough products are on it. What else it has is told of a group of shelves
    with like kinds together, so that it cannot be seen on which of them a kind is that is rare there.
    """
    cells: list[Cell] = [(family.path, kind) for family, kind in zip(families, kinds, strict=True)]
    products = [family.product for family in families]
    told = frequent(cells, products, min_count)
    rows: Counter[Cell] = Counter()
    for cell, family in zip(cells, families, strict=True):
        rows[cell] += len(family.colours)
    else_of = _what_else(cells, products, told, min_count)
    paths = list(dict.fromkeys(path for path, _ in cells))
    total: Counter[Path] = Counter()
    unnamed: Counter[Path] = Counter()
    for (path, kind), count in rows.items():
        total[path] += count
        unnamed[path] += 0 if (path, kind) in told else count
    shelves = []
    for path, left in zip(paths, left_over([unnamed[path] for path in paths], min_count), strict=True):
        named = {kind: count for (its, kind), count in rows.items() if its == path and (its, kind) in told}
        weights = {kind: float(rounded(count, min_count)) for kind, count in named.items()}
        for kind, share in else_of[path].items():
            if kind not in weights and (left * share >= _LEAST_WEIGHT or not named):
                weights[kind] = round(max(left, 1) * share, 3)
        its = wearer_of(path, wearer)
        shelves.append(
            {
                "path": list(path),
                "share": rounded(total[path], min_count),
                **({"wearer": its} if its != wearer_of(path[:1], wearer) else {}),
                "kinds": weights,
                "effect": round(effects.of_path[path], 2),
                "effects": {
                    kind: round(effects.of_pair[path, kind], 2)
                    for kind in named
                    if (path, kind) in effects.of_pair
                },
                **({"ladder": ladder_of[path[-1]]} if path[-1] in ladder_of else {}),
            }
        )
    return shelves


def _what_else(
    cells: Sequence[Cell], products: Sequence[int], told: set[Cell], min_count: int
) -> dict[Path, dict[str, float]]:
    """The shares of kinds in what the shelves of a group do not name, for each path."""
    pairs = sorted(set(zip(cells, products, strict=True)))
    group_of = habits_of(
        [str(path) for (path, _), _ in pairs], [kind for (_, kind), _ in pairs], MOST_GROUPS, 1
    )
    left = [(path, kind, product) for (path, kind), product in pairs if (path, kind) not in told]
    usual = _usual([(kind, product) for (_, kind), product in pairs], min_count)
    everywhere = _shares([(kind, product) for _, kind, product in left], usual, min_count)
    of_group = {
        group: _shares(
            [(kind, product) for path, kind, product in left if group_of.get(str(path)) == group],
            everywhere,
            min_count,
        )
        for group in set(group_of.values())
    }
    return {
        path: of_group.get(group_of.get(str(path), -1), everywhere)
        for path in dict.fromkeys(path for path, _ in cells)
    }


def _shares(
    kinds: Sequence[tuple[str, int]], others: Mapping[str, float], min_count: int
) -> dict[str, float]:
    """The shares of kinds; what too few products have together goes to the kinds of ``others``."""
    counts = products_with([kind for kind, _ in kinds], [product for _, product in kinds])
    weights = {kind: float(rounded(n, min_count)) for kind, n in sorted(counts.items()) if n >= min_count}
    (rest,) = left_over([sum(n for n in counts.values() if n < min_count)], min_count)
    rest = rest or float(not weights)
    for kind, share in others.items():
        weights[kind] = weights.get(kind, 0.0) + rest * share
    total = sum(weights.values())
    return {kind: weight / total for kind, weight in weights.items()}


def _usual(kinds: Sequence[tuple[str, int]], min_count: int) -> dict[str, float]:
    """The shares of kinds everywhere; every kind has enough products, or there is only one."""
    counts = products_with([kind for kind, _ in kinds], [product for _, product in kinds])
    return {kind: rounded(n, min_count) / sum(counts.values()) for kind, n in sorted(counts.items())}
