"""What gives synthetic rows away: what the classifier went by, and the rows that show it most."""

from __future__ import annotations

import numpy as np

from datagen.report.fidelity.feature import describe
from datagen.report.fidelity.section import Tested
from datagen.report.fidelity.two_sample import TwoSample
from datagen.report.figures import Section, Table
from datagen.report.sets.rows import Rows
from datagen.report.statistics.intervals import auc
from datagen.schemas.keyed import F64, permutation

MOST_FEATURES = 10
MOST_EXAMPLES = 10

_TITLE = "What gives it away"


def giveaway(tested: Tested, seed: int) -> Section:
    """The ten features of the headline test and the rows it was surest of."""
    test = tested.headline
    if isinstance(test, str):
        return Section("giveaway", _TITLE, not_computed=test)
    return Section(
        "giveaway",
        _TITLE,
        about=(
            "What the classifier of the fidelity section went by, and the rows that it was surest of: what "
            "to mend next. An importance is the AUC that is lost, on rows that the classifier was not "
            "trained on, when a feature's values are shuffled; what two features both tell is "
            "credited to neither."
        ),
        tables=(
            _feature_table(test, seed),
            _example_table(
                test.second,
                test.score[test.is_second],
                "Rows that are most surely synthetic",
                "All of these rows are synthetic.",
            ),
            _example_table(
                test.first,
                1 - test.score[~test.is_second],
                "Real rows that the synthetic ones cover least",
                "Titles and prices of the real set.",
                shows_real_rows=True,
            ),
        ),
    )


def importances(test: TwoSample, seed: int) -> F64:
    """The AUC lost when each feature is permuted among the held-out rows of each fold: float64 (features,).

    Permutation importance; Breiman, Machine Learning 45, 2001. Only rows whose value changes are scored
    again.
    """
    many = len(test.features.features)
    scores = np.tile(test.score, (many, 1))
    for fold, model in enumerate(test.models):
        rows = np.flatnonzero(test.fold == fold)
        if not len(rows):
            continue
        table = test.features.of_fold(fold)[rows]
        asked, places = [], []
        for at in range(many):
            dealt = table[permutation(seed, f"report importance {fold}", at, len(rows)), at]
            same = (dealt == table[:, at]) | (np.isnan(dealt) & np.isnan(table[:, at]))
            changed = np.flatnonzero(~same)
            copy = table[changed]
            copy[:, at] = dealt[changed]
            asked.append(copy)
            places.append((at, rows[changed]))
        answers = model.predict_proba(np.concatenate(asked))[:, 1] if any(map(len, asked)) else np.empty(0)
        first = 0
        for at, where in places:
            scores[at, where] = answers[first : first + len(where)]
            first += len(where)
    after = [auc(score, test.is_second, test.family, test.fold).value for score in scores]
    return test.result.value - np.array(after)


def _feature_table(test: TwoSample, seed: int) -> Table:
    lost = importances(test, seed)
    every = test.features.of_fold(0)
    rows = []
    for at in np.argsort(-lost, kind="stable")[:MOST_FEATURES]:
        if lost[at] <= 0:
            break
        feature = test.features.features[at]
        sides = [describe(feature, every[side, at]) for side in (~test.is_second, test.is_second)]
        rows.append((feature.name, round(float(lost[at]), 4), *sides))
    about = (
        "Numbers are given as 10 %, 50 % and 90 % quantiles."
        if rows
        else "No feature helps to tell them apart."
    )
    return Table(
        "The ten features that tell most", ("feature", "AUC lost", "real", "synthetic"), tuple(rows), about
    )


def _example_table(rows: Rows, sure: F64, title: str, about: str, shows_real_rows: bool = False) -> Table:
    """The rows with the highest scores, each title once."""
    shown: list[tuple[str | float | None, ...]] = []
    seen = set()
    for at in np.argsort(-sure, kind="stable"):
        price = None if rows.prices is None or np.isnan(rows.prices[at]) else float(rows.prices[at])
        cells = (rows.shelves[at] if rows.shelves else "", rows.titles[at] if rows.titles else "")
        key = cells if cells[1] else (*cells, price)
        if key in seen:
            continue
        seen.add(key)
        shown.append((*cells, price, round(float(sure[at]), 3)))
        if len(shown) == MOST_EXAMPLES:
            break
    columns = ("category", "title", "price", "certainty")
    return Table(title, columns, tuple(shown), about, shows_real_rows)
