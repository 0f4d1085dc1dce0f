"""Shelves: paths of categories with their shares and kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datagen.fit.catalogue import Family, Path
from datagen.fit.folding import frequent, left_over, products_with, rounded
from datagen.fit.habits import habits_of
from datagen.fit.looks.drawings import wearer_of
from datagen.fit.prices.effects import PriceEffects

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
    with like kinds and the same first category value together, so that it cannot be seen on which of them a
    kind is that is rare there.
    """
    cells: list[Cell] = [(family.path, kind) for family, kind in zip(families, kinds, strict=True)]
    told = frequent(cells, [family.product for family in families], min_count)
    rows: Counter[Cell] = Counter()
    for cell, family in zip(cells, families, strict=True):
        rows[cell] += len(family.colours)
    else_of = _what_else(cells, families, told, min_count)
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
    cells: Sequence[Cell], families: Sequence[Family], told: set[Cell], min_count: int
) -> dict[Path, dict[str, float]]:
    """The shares of kinds in what the shelves of a group do not name, for each path."""
    rows: Counter[tuple[Cell, int]] = Counter()
    for cell, family in zip(cells, families, strict=True):
        rows[cell, family.product] += len(family.colours)
    pairs = sorted(rows)
    group_of = habits_of(
        [str(path) for (path, _), _ in pairs], [kind for (_, kind), _ in pairs], MOST_GROUPS, 1
    )
    left = [(path, kind, product) for (path, kind), product in pairs if (path, kind) not in told]
    shown = [_Shown(kind, product, rows[(path, kind), product]) for (path, kind), product in pairs]
    usual = _usual(shown, min_count)
    of_left = [_Shown(kind, product, rows[(path, kind), product]) for path, kind, product in left]
    everywhere = _shares(of_left, usual, min_count)
    firsts: dict[str, list[_Shown]] = {path[0]: [] for path, _ in cells}
    groups: dict[tuple[str, int], list[_Shown]] = {
        (path[0], group_of.get(str(path), -1)): [] for path, _ in cells
    }
    for (path, *_), each in zip(left, of_left, strict=True):
        firsts[path[0]].append(each)
        groups[path[0], group_of.get(str(path), -1)].append(each)
    of_first = {first: _shares(shown, everywhere, min_count) for first, shown in firsts.items()}
    of_group = {key: _shares(shown, of_first[key[0]], min_count) for key, shown in groups.items()}
    return {
        path: of_group[path[0], group_of.get(str(path), -1)]
        for path in dict.fromkeys(path for path, _ in cells)
    }


class _Shown(NamedTuple):
    """A kind that a product is of, and in how many rows."""

    kind: str
    product: int
    rows: int


def _shares(shown: Sequence[_Shown], others: Mapping[str, float], min_count: int) -> dict[str, float]:
    """The shares of kinds in rows; what too few products have together goes to the kinds of ``others``."""
    counts, rows = _counted(shown)
    weights = {kind: float(rounded(rows[kind], min_count)) for kind, n in counts.items() if n >= min_count}
    (rest,) = left_over([sum(rows[kind] for kind, n in counts.items() if n < min_count)], min_count)
    rest = rest or float(not weights)
    other = sum(share for kind, share in others.items() if kind not in weights)
    for kind, share in others.items():
        if kind not in weights:
            weights[kind] = rest * share / other
    total = sum(weights.values())
    return {kind: weight / total for kind, weight in weights.items()}


def _usual(shown: Sequence[_Shown], min_count: int) -> dict[str, float]:
    """The shares of kinds everywhere; every kind has enough products, or there is only one."""
    _, rows = _counted(shown)
    return {kind: rounded(n, min_count) / sum(rows.values()) for kind, n in rows.items()}


def _counted(shown: Sequence[_Shown]) -> tuple[Counter[str], Counter[str]]:
    """How many products, and how many rows, are of each kind."""
    counts = products_with([each.kind for each in shown], [each.product for each in shown])
    rows: Counter[str] = Counter()
    for each in shown:
        rows[each.kind] += each.rows
    return counts, rows
