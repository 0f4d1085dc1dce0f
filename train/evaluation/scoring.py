"""Answers scored against the truth, with intervals, and one run compared with another.

The scores themselves are in the table of scores.py.

Intervals are 95 % percentile bootstrap intervals (Efron and Tibshirani 1993, chapter 13) that resample title
title_families rather than rows: the rows of a family share a title and a price, so they are not independent
evidence. A set of rows of one family has no interval. If all families agree, the interval has width 0 however
few they are: resampling cannot show what the sample does not contain.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.schemas import InputError
from datagen.schemas.keyed import I64, words
from datagen.train.chat.conversation import Fields, Template
from datagen.train.evaluation.scores import SCORES

RESAMPLES = 1000
OUTSIDE = 0.05
"""The share of resamples outside an interval, half at each end."""

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Estimate:
    """A score, or the difference of two, and its 95 % interval; NaN if undefined."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | None]:
        """The numbers; None for what JSON cannot express."""
        return {"value": _plain(self.value), "low": _plain(self.low), "high": _plain(self.high)}


@dataclass(frozen=True)
class CategoryScores:
    """The scores of the rows of one category, and those of the category as a label (recall, precision,
    F1).
    """

    category: str
    rows: int
    scores: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Values for JSON."""
        return {
            "category": self.category,
            "rows": self.rows,
            **{name: _plain(value) for name, value in self.scores.items()},
        }


@dataclass(frozen=True)
class Scores:
    """All scores of one set of answers. ``prices``: rows with a true price; ``priced``: those of them
    that were answered with a price.
    """

    rows: int
    title_families: int
    prices: int
    priced: int
    estimates: Mapping[str, Estimate]
    by_category: tuple[CategoryScores, ...]

    def as_json(self) -> dict[str, Any]:
        """Values for JSON."""
        return {
            "rows": self.rows,
            "families": self.title_families,
            "prices": self.prices,
            "priced": self.priced,
            "scores": {name: estimate.as_json() for name, estimate in self.estimates.items()},
            "by_category": [category.as_json() for category in self.by_category],
        }


def score(
    truth: Sequence[Fields],
    answers: Sequence[Fields | None],
    title_families: I64,
    template: Template,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Scores:
    """Score ``answers`` (``answers.parse``) against ``truth`` (``Template.fields``), row by row.

    ``title_families``: int64 (rows,), the title family of each row. Raises InputError if the lengths differ
    or there are no rows. An interval is NaN if there is only one family, or if the score is undefined in
    more than 5 % of the resamples.
    """
    columns = _columns(truth, answers, title_families, template)
    values = _statistics(columns)
    drawn = [_statistics(_take(columns, rows)) for rows in _resamples(title_families, seed, resamples)]
    estimates = {name: _estimate(value, [sample[name] for sample in drawn]) for name, value in values.items()}
    priced = columns["price"] > 0 if "price" in columns else np.zeros(0, dtype=bool)
    return Scores(
        rows=len(truth),
        title_families=len(np.unique(title_families)),
        prices=int(priced.sum()),
        priced=int((priced & ~np.isnan(columns["price_answer"])).sum()) if "price" in columns else 0,
        estimates=estimates,
        by_category=_by_category(columns),
    )


def compare(
    truth: Sequence[Fields],
    first: Sequence[Fields | None],
    second: Sequence[Fields | None],
    title_families: I64,
    template: Template,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Estimate]:
    """``second`` minus ``first`` in every score, on the same rows: the difference and its interval.

    Paired: each resample scores both on the same draw of families, so that the difficulty of the rows cancels
    out. If an interval excludes 0, these rows show a difference. If ``first`` and ``second`` are exchanged,
    every number changes its sign. Raises InputError as :func:`score` does.
    """
    both = [_columns(truth, answers, title_families, template) for answers in (first, second)]
    values = [_statistics(columns) for columns in both]
    drawn: list[dict[str, float]] = []
    for rows in _resamples(title_families, seed, resamples):
        one, other = (_statistics(_take(columns, rows)) for columns in both)
        drawn.append({name: other[name] - one[name] for name in one})
    return {
        name: _estimate(values[1][name] - values[0][name], [draw[name] for draw in drawn])
        for name in values[0]
    }


def share(
    right: NDArray[np.bool_], title_families: I64, *, seed: int = 0, resamples: int = RESAMPLES
) -> Estimate:
    """The share of rows (bool) that are right, with an interval as scores have."""
    drawn = [float(right[rows].mean()) for rows in _resamples(title_families, seed, resamples)]
    return _estimate(float(right.mean()), drawn)


def _columns(
    truth: Sequence[Fields], answers: Sequence[Fields | None], title_families: I64, template: Template
) -> dict[str, NDArray[Any]]:
    """What the scores are computed from, one value per row; text metrics are computed here, once."""
    if not len(truth) or not len(truth) == len(answers) == len(title_families):
        raise InputError(
            f"There are {len(truth)} true rows, {len(answers)} answers and {len(title_families)} families; "
            "scores need one of each for every row."
        )
    columns: dict[str, NDArray[Any]] = {"parsed": np.array([answer is not None for answer in answers])}
    if template.title is not None:
        pairs = [
            (_text(true, template.title, template), _text(answer, template.title, template))
            for true, answer in zip(truth, answers, strict=True)
        ]
        for one in (one for one in SCORES if one.of == "titles"):
            columns[one.name] = np.array(
                [
                    0.0 if true is None or answer is None else float(one.compute(true, answer))
                    for true, answer in pairs
                ]
            )
    if template.category is not None:
        names = [_text(fields, template.category, template) for fields in truth]
        predicted = [_text(answer, template.category, template) for answer in answers]
        number = {name: at for at, name in enumerate(dict.fromkeys(names))}
        columns["category"] = np.array([number[name] for name in names], dtype=np.int64)
        columns["category_answer"] = np.array([number.get(name, -1) for name in predicted], dtype=np.int64)
        columns["category_name"] = np.array(names, dtype=object)
    if template.price is not None:
        columns["price"] = np.array([_number(fields, template.price) for fields in truth])
        columns["price_answer"] = np.array([_number(fields, template.price) for fields in answers])
    return columns


def _statistics(columns: Columns) -> dict[str, float]:
    """Every score of some rows, except those of a single category."""
    values: dict[str, float] = {}
    for one in SCORES:
        if one.of == "answers":
            values[one.name] = one.compute(columns["parsed"])
        elif one.of == "titles" and one.name in columns:
            values[one.name] = float(columns[one.name].mean())
        elif one.of == "categories" and "category" in columns:
            values[one.name] = one.compute(columns["category"], columns["category_answer"])
        elif one.of == "prices" and "price" in columns:
            priced = columns["price"] > 0
            values[one.name] = one.compute(columns["price"][priced], columns["price_answer"][priced])
    return values


def _by_category(columns: Columns) -> tuple[CategoryScores, ...]:
    """The scores of each true category, the most frequent first."""
    if "category" not in columns:
        return ()
    over_all_categories = {one.name for one in SCORES if one.of == "categories"}
    table = []
    for name, count in Counter(columns["category_name"]).most_common():
        rows = np.flatnonzero(columns["category_name"] == name)
        label = columns["category"][rows[0]]
        values = _statistics(_take(columns, rows))
        own = {key: value for key, value in values.items() if key not in over_all_categories}
        for one in (one for one in SCORES if one.of == "category"):
            own[one.name] = one.compute(columns["category"] == label, columns["category_answer"] == label)
        table.append(CategoryScores(str(name), count, own))
    return tuple(sorted(table, key=lambda scores: (-scores.rows, scores.category)))


def _take(columns: Columns, rows: I64) -> dict[str, NDArray[Any]]:
    return {name: column[rows] for name, column in columns.items()}


def _resamples(title_families: I64, seed: int, count: int) -> Iterator[I64]:
    """Row numbers of each bootstrap sample: whole title families, drawn with replacement; no sample of one
    family.
    """
    labels, family = np.unique(title_families, return_inverse=True)
    size = len(labels)
    for number in range(count if size > 1 else 0):
        drawn = words(seed, "bootstrap", number, size) % np.uint64(size)
        times = np.bincount(drawn.astype(np.int64), minlength=size)
        yield np.repeat(np.arange(len(title_families)), times[family])


def _estimate(value: float, resampled: Sequence[float]) -> Estimate:
    """A score with the interval that holds the middle 95 % of its resamples."""
    known = np.sort([one for one in resampled if not math.isnan(one)])
    if math.isnan(value) or not len(known) or len(known) < (1 - OUTSIDE) * len(resampled):
        return Estimate(value, math.nan, math.nan)
    cut = math.floor(OUTSIDE / 2 * (len(known) - 1))
    return Estimate(value, float(known[cut]), float(known[-1 - cut]))


def _text(fields: Fields | None, name: str, template: Template) -> str | None:
    """A field on one line; None only if there is no answer at all, so that no answer is never right."""
    if fields is None:
        return None
    value = fields.get(name)
    return template.missing if value is None else " ".join(str(value).split())


def _number(fields: Fields | None, name: str) -> float:
    value = None if fields is None else fields.get(name)
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else math.nan


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
