"""Classes of units: what stands in like places beside like neighbours is an alternative to one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from datagen.fit.titles.units import COLOUR_MARK
from datagen.schemas.keyed import F64, I64, uniforms

BEGIN, END, NOUN_MARK = "\0begin", "\0end", "\0noun"
_NEIGHBOURS = 120
"""Most frequent units that count as neighbours; with more, rare units would have nothing in common."""

ALONE, MOST_ALONE = 0.1, 16
"""The share of titles from which a unit is a class by itself, and how many may be."""

_FAR = 4
_SELDOM = 3
_ROUNDS = 25


def classes_of(titles: Sequence[Sequence[str]], counts: Counter[str], many: int) -> dict[str, int]:
    """Unit -> number of its class. Noun and colour stand as marks in the titles.

    What is in a large share of titles, as units of measure and marks are, is a class by itself: nothing
    stands for it. ``many``: the classes of all others.
    """
    units = [unit for unit, _ in counts.most_common() if unit not in {COLOUR_MARK, NOUN_MARK}]
    if not units:
        return {}
    seen = _features(titles, units)
    total = seen.sum(axis=1, keepdims=True) / 4  # each place counts in four groups of features
    shape = np.array([_shape(unit) for unit in units])
    usual = seen.sum(axis=0, keepdims=True) / max(total.sum(), 1)
    features = np.sqrt((seen + 2 * usual) / (total + 2))
    # How a unit is written counts as much as where it stands: a number is no alternative to a word.
    features = np.hstack([features, 2.0 * np.eye(3)[shape]])
    weight = np.sqrt(total[:, 0])
    learned = np.flatnonzero(total[:, 0] >= _SELDOM)
    if len(learned) <= many:
        learned = np.arange(len(units))
    centres = _centres(features[learned], weight[learned], min(many, len(learned)))
    nearest = _nearest(features, centres)
    alone = [unit for unit in units[:MOST_ALONE] if counts[unit] >= ALONE * len(titles)]
    found = {unit: int(nearest[at]) for at, unit in enumerate(units)}
    return found | {unit: many + at for at, unit in enumerate(alone)}


def _shape(unit: str) -> int:
    """0 for words, 1 for numbers, 2 for words with digits."""
    if not any(map(str.isdigit, unit)):
        return 0
    return 2 if any(map(str.isalpha, unit)) else 1


def _features(titles: Sequence[Sequence[str]], units: Sequence[str]) -> F64:
    """Counts of places (from the start, from the noun) and of neighbours of each unit, (units, features)."""
    id_of = {unit: at for at, unit in enumerate(units)}
    neighbours = [BEGIN, END, NOUN_MARK, COLOUR_MARK, *units[:_NEIGHBOURS]]
    column = {unit: at for at, unit in enumerate(neighbours)}
    wide = len(neighbours) + 1  # the last one: any other
    first, from_noun = 2 * wide, 2 * wide + _FAR
    seen = np.zeros((len(units), first + _FAR + 2 * _FAR + 1))
    rows, columns = [], []
    for title in titles:
        noun = next((at for at, unit in enumerate(title) if unit == NOUN_MARK), len(title))
        for at, unit in enumerate(title):
            row = id_of.get(unit)
            if row is None:
                continue
            left = title[at - 1] if at else BEGIN
            right = title[at + 1] if at + 1 < len(title) else END
            rows += [row] * 4
            columns += [
                column.get(left, wide - 1),
                wide + column.get(right, wide - 1),
                first + min(at, _FAR - 1),
                from_noun + max(-_FAR, min(_FAR, at - noun)) + _FAR,
            ]
    np.add.at(seen, (rows, columns), 1)
    return seen


def _centres(features: F64, weight: F64, many: int) -> F64:
    """Weighted k-means, begun as k-means++ does (SODA 2007), always the same."""
    u = uniforms(0, "classes", 0, many)
    centres = [features[int(np.argmax(weight))]]
    away = _squares(features, np.array(centres))[:, 0]
    for at in range(1, many):
        chances = np.cumsum(away * weight)
        if chances[-1] <= 0:
            break
        centres.append(features[int(np.searchsorted(chances, u[at] * chances[-1]))])
        away = np.minimum(away, _squares(features, centres[-1][None])[:, 0])
    found = np.array(centres)
    for _ in range(_ROUNDS):
        nearest = _nearest(features, found)
        total = np.bincount(nearest, weight, len(found))
        moved = np.zeros_like(found)
        np.add.at(moved, nearest, features * weight[:, None])
        moved = np.where(total[:, None] > 0, moved / np.maximum(total, 1e-9)[:, None], found)
        if np.allclose(moved, found, atol=1e-9):
            break
        found = moved
    return found


def _nearest(features: F64, centres: F64) -> I64:
    return np.concatenate(
        [_squares(features[at : at + 4096], centres).argmin(axis=1) for at in range(0, len(features), 4096)]
    )


def _squares(features: F64, centres: F64) -> F64:
    away: F64 = (features**2).sum(1)[:, None] - 2 * features @ centres.T + (centres**2).sum(1)[None]
    return np.maximum(away, 0)
