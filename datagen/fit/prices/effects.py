"""Effects on log prices, of shelves, kinds and units, by ridge regression, and what they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.fit.catalogue import Family, Path
from datagen.fit.folding import frequent, products_with
from datagen.fit.titles.classes import NOUN_MARK
from datagen.fit.titles.units import COLOUR_MARK
from datagen.schemas.keyed import F64, I64

MOST_FEATURES = 1500
_CHUNK = 4096
_RIDGE = {"level": 1.0, "path": 2.0, "kind": 0.5, "unit": 2.0}
"""Penalty of each sort of effect: about how many products it takes to believe half of what they say."""

_PAIR = 3.0
_MOST = 4.5


@dataclass(frozen=True)
class PriceEffects:
    """Effects on the log price; ``scores``: their sum for each family, ``residual``: price beyond it.

    ``scores`` and ``residual`` have an entry a family, ``residual`` is NaN where there is no price.
    """

    mean: float
    of_path: Mapping[Path, float]
    of_pair: Mapping[tuple[Path, str], float]
    of_kind: Mapping[str, float]
    of_unit: Mapping[str, float]
    noise: float
    scores: F64
    residual: F64


def fit_effects(families: Sequence[Family], kinds: Sequence[str], min_count: int) -> PriceEffects:
    """Fit the effects to the families that have a price."""
    log_price = np.log(np.array([family.price for family in families]))
    priced = np.flatnonzero(np.isfinite(log_price))
    features, rows, columns, penalty = _features(families, kinds, priced, min_count)
    y = log_price[priced]
    mean = float(y.mean())
    effect, freedom = _ridge(rows, columns, penalty, y - mean)
    fitted = np.zeros(len(priced))
    np.add.at(fitted, rows, effect[columns])
    value = dict(zip(features, np.clip(effect, -_MOST, _MOST).tolist(), strict=True))
    of_path = {}
    for family in families:
        names = [("level", f"{at}/{each}") for at, each in enumerate(family.path)]
        of_path[family.path] = sum(value.get(name, 0.0) for name in [*names, ("path", str(family.path))])
    of_pair = _pairs(
        [families[at] for at in priced.tolist()],
        [kinds[at] for at in priced.tolist()],
        y - mean - fitted,
        min_count,
    )
    of_kind = {kind: value.get(("kind", kind), 0.0) for kind in set(kinds)}
    of_unit = {name: effect for (sort, name), effect in value.items() if sort == "unit"}
    scores = np.array(
        [
            of_path[family.path]
            + of_pair.get((family.path, kind), 0.0)
            + of_kind[kind]
            + sum(of_unit.get(unit, 0.0) for unit in family.units)
            for family, kind in zip(families, kinds, strict=True)
        ]
    )
    residual = log_price - mean - scores
    # Rare names, which share one effect, have a spread of their own (see datagen.fit.names).
    plain = np.array([not family.rare_name for family in families])
    plain = plain if np.isfinite(residual[plain]).any() else ~plain
    left = float(np.nansum(residual[plain] ** 2))
    many = int(np.isfinite(residual[plain]).sum())
    noise = float(np.sqrt(left / max(1.0, many - freedom * many / len(priced))))
    return PriceEffects(mean, of_path, of_pair, of_kind, of_unit, noise, scores, residual)


Feature = tuple[str, str]


def _features(
    families: Sequence[Family], kinds: Sequence[str], priced: I64, min_count: int
) -> tuple[list[Feature], I64, I64, F64]:
    """The features of the priced families as (row, column) pairs, and the penalty of each column."""
    of_family: list[list[Feature]] = []
    for at in priced.tolist():
        family = families[at]
        found = [("level", f"{level}/{value}") for level, value in enumerate(family.path)]
        if len(family.path) > 1:
            found.append(("path", str(family.path)))
        found.append(("kind", kinds[at]))
        found += [("unit", unit) for unit in set(family.units) - {NOUN_MARK, COLOUR_MARK}]
        of_family.append(found)
    pairs_of = [(f, families[at].product) for at, found in zip(priced, of_family, strict=True) for f in found]
    counts = products_with([feature for feature, _ in pairs_of], [product for _, product in pairs_of])
    least = max(min_count, 3)
    kept = [feature for feature, count in counts.most_common(MOST_FEATURES) if count >= least]
    column = {feature: at for at, feature in enumerate(kept)}
    pairs = [(row, column[f]) for row, found in enumerate(of_family) for f in found if f in column]
    table = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return kept, table[:, 0], table[:, 1], np.array([_RIDGE[sort] for sort, _ in kept])


def _ridge(rows: I64, columns: I64, penalty: F64, y: F64) -> tuple[F64, float]:
    """The effects, and the degrees of freedom that they take."""
    many = len(penalty)
    if not many:
        return np.zeros(0), 0.0
    normal, right = np.zeros((many, many)), np.bincount(columns, y[rows], many)
    for start in range(0, len(y), _CHUNK):
        first, last = np.searchsorted(rows, [start, start + _CHUNK])
        dense = np.zeros((min(_CHUNK, len(y) - start), many))
        dense[rows[first:last] - start, columns[first:last]] = 1
        normal += dense.T @ dense
    inverse = np.linalg.inv(normal + np.diag(penalty))
    return inverse @ right, float(np.einsum("ij,ji->", inverse, normal))


def _pairs(
    families: Sequence[Family], kinds: Sequence[str], residual: F64, min_count: int
) -> dict[tuple[Path, str], float]:
    """What a kind costs more on one shelf than the two together say, shrunk towards nothing."""
    last: dict[tuple[str, str], list[float]] = {}
    for family, kind, left in zip(families, kinds, residual, strict=True):
        last.setdefault((family.path[-1], kind), []).append(float(left))
    enough = frequent(
        [(family.path[-1], kind) for family, kind in zip(families, kinds, strict=True)],
        [family.product for family in families],
        max(2, min_count),
    )
    found = {key: sum(values) / (len(values) + _PAIR) for key, values in last.items() if key in enough}
    on_shelf = {(family.path, kind) for family, kind in zip(families, kinds, strict=True)}
    return {
        (path, kind): found[path[-1], kind]
        for path, kind in sorted(on_shelf)
        if (path[-1], kind) in found and abs(found[path[-1], kind]) >= 0.02
    }
