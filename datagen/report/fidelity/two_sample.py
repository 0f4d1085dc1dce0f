"""The classifier two-sample test: how well gradient boosting tells the rows of two sets apart.

Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017. An AUC of 0.5 means that it cannot.
It is cross-validated in folds of whole title families, so that it never sees a title that it is asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.report.fidelity.feature import Features
from datagen.report.fidelity.features import family_features, features
from datagen.report.sets.rows import Rows, some
from datagen.report.statistics.intervals import Auc, auc
from datagen.schemas import InputError
from datagen.schemas.keyed import F64, I64, permutation
from datagen.schemas.text import count

MOST_ROWS = 3_000
"""Of each set: the AUC grows with the number of rows, so sets are compared at the same number."""
FEWEST_ROWS = 40
"""Of each set, to train and test in folds."""
FOLDS = 5


@dataclass(frozen=True)
class TwoSample:
    """The result of one test. Rows are those of ``first``, then those of ``second``.

    ``score``: float64 (rows,), the chance of being of the second set, from the model that did not see the
    row. ``models``: the model of each fold.
    """

    first: Rows
    second: Rows
    features: Features
    score: F64
    fold: I64
    models: tuple[Any, ...]
    result: Auc

    @property
    def is_second(self) -> NDArray[np.bool_]:
        """Which rows are of the second set."""
        return np.arange(len(self.score)) >= len(self.first)

    @property
    def family(self) -> I64:
        """The title family of each row."""
        return np.concatenate([self.first.family, self.second.family])


def scikit_learn_is_there() -> None:
    """Raises InputError where scikit-learn is not installed."""
    try:
        import sklearn  # type: ignore[import-untyped] # noqa: F401
    except ImportError:
        raise InputError(
            "A report needs scikit-learn, which is not installed; run pip install 'datagen[report]'."
        ) from None


def two_sample(
    first: Rows, second: Rows, seed: int, with_families: bool = True, most: int = MOST_ROWS
) -> TwoSample | str:
    """The test of as many rows of each set, at most ``most``; why it cannot be done, where it cannot."""
    rows = min(len(first), len(second), most)
    if rows < FEWEST_ROWS:
        return f"each set needs {FEWEST_ROWS} rows, and one has {rows:,}"
    parts, families = [], []
    for at, each in enumerate((first, second)):
        chosen = np.sort(permutation(seed, f"report two-sample {at}", 0, len(each))[:rows])
        parts.append(each.take(chosen))
        families.append(family_features(each)[chosen] if with_families else None)
    of_both = None if families[0] is None or families[1] is None else (families[0], families[1])
    family = np.concatenate([part.family for part in parts])
    if len(np.unique(family)) < 2 * FOLDS:
        return f"the rows are of {count(len(np.unique(family)), 'title family')}, too few to test in folds"
    fold = folds_of(family)
    for side in (slice(0, rows), slice(rows, None)):
        if len(np.unique(fold[side])) < FOLDS:  # one title makes up most of a set, which is plain to see
            fold[side] = np.arange(rows) % FOLDS
    seen = features(parts[0], parts[1], fold, FOLDS, of_both)
    if not seen.features:
        return "no column varies"
    is_second = np.arange(2 * rows) >= rows
    score = np.full(2 * rows, np.nan)
    models = []
    for at in range(FOLDS):
        inside = fold == at
        table = seen.of_fold(at)
        models.append(_trained(table[~inside], is_second[~inside], seen.categorical))
        if inside.any():
            score[inside] = models[-1].predict_proba(table[inside])[:, 1]
    result = auc(score, is_second, family, fold)
    return TwoSample(parts[0], parts[1], seen, score, fold, tuple(models), result)


def folds_of(family: I64) -> I64:
    """Folds of about as many rows, of whole families: the largest first, each to the smallest fold."""
    numbers, sizes = np.unique(family, return_counts=True)
    filled = np.zeros(FOLDS, dtype=np.int64)
    of_family = np.empty(len(numbers), dtype=np.int64)
    for at in np.argsort(-sizes, kind="stable"):
        of_family[at] = filled.argmin()
        filled[of_family[at]] += sizes[at]
    fold: I64 = of_family[np.searchsorted(numbers, family)]
    return fold


def _trained(table: F64, is_second: NDArray[np.bool_], categorical: NDArray[np.bool_]) -> Any:
    """Gradient boosting. Which set has more rows in these folds moves all scores of a fold alike."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]

    model = HistGradientBoostingClassifier(
        max_iter=int(np.clip(len(table) // 20, 20, 60)),  # with few rows, more trees only learn noise
        learning_rate=0.1,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        categorical_features=categorical,
        early_stopping=False,
        random_state=0,
    )
    return model.fit(table, is_second)


def at_most(rows: Rows, seed: int, purpose: str) -> Rows:
    """At most :data:`MOST_ROWS` of the rows."""
    return some(rows, MOST_ROWS, seed, purpose)
