"""One thing that a classifier sees of a row, and a table of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from datagen.schemas.keyed import F64

Kind = Literal["number", "yes or no", "value"]


@dataclass(frozen=True)
class Feature:
    """A column of the classifier's table. ``values``: what each number of a ``value`` feature stands for."""

    name: str
    kind: Kind
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Features:
    """What a classifier sees of some rows, not a number where a row has none.

    ``table``: float64 (rows, features), but for the last features, those of ``learned``: for each fold a
    table of its own, float64 (rows, learned features), of what the other folds teach.
    """

    features: tuple[Feature, ...]
    table: F64
    learned: tuple[F64, ...]

    def of_fold(self, fold: int) -> F64:
        """All features for the model that is tested on a fold."""
        return np.hstack([self.table, self.learned[fold]])

    @property
    def categorical(self) -> NDArray[np.bool_]:
        """Which features are values without an order."""
        return np.array([feature.kind == "value" for feature in self.features], dtype=bool)


Column = tuple[Feature, F64]
"""A feature and its value in every row."""


def describe(feature: Feature, values: F64) -> str:
    """What one set's rows are like in a feature: a share, a median, or the most frequent values."""
    known = values[~np.isnan(values)]
    if not len(known):
        return "missing in all rows"
    if feature.kind == "yes or no":
        return f"{known.mean():.1%} of the rows"
    if feature.kind == "value":
        codes = Counter(known.astype(np.int64).tolist()).most_common(3)
        return ", ".join(f"{feature.values[code] or 'missing'} {n / len(known):.0%}" for code, n in codes)
    low, middle, high = np.quantile(known, [0.1, 0.5, 0.9])
    return f"{low:,.4g} / {middle:,.4g} / {high:,.4g}"
