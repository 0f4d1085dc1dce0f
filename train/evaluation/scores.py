"""How good answers are: title, category and price, with intervals, and one run against another.

Every score is over all rows, with an answer that could not be read counted as wrong, but for ``price_mae``
and ``price_spearman``, which need a number: they are over the rows whose price was answered, so they are to
be read beside ``unparsable``. ``price_within_20`` and ``price_median_ape`` are over all rows with a price,
where no answer is an infinite error; they are the prices to compare runs by. A row whose true price is
missing or 0 is in no price score.

    unparsable          share of answers that could not be read
    title_exact         share of titles that are right to the letter
    title_token_f1      F1 of a title's words as a bag, mean over rows (Rajpurkar et al., EMNLP 2016)
    title_rouge_l       F1 of the longest common subsequence of words, mean over rows (Lin, ACL 2004)
    category_accuracy   share of categories that are right to the letter
    category_macro_f1   F1 of each category that occurs in the truth, mean over categories
    price_mae           mean absolute error, in the catalogue's currency
    price_median_ape    median of |answer - truth| / truth
    price_within_20     share of prices within 20 % of the truth
    price_spearman      rank correlation, ties at their mean rank

A missing title or category is told as ``Template.missing``, and an answer that says so is right.

Intervals are 95 % percentile bootstrap intervals (Efron and Tibshirani 1993, chapter 13) that draw title
families rather than rows: the rows of a family share a title and a price and are no independent evidence.
Rows of one family alone have no interval. Where all families agree, an interval has no width, however few
they are: it cannot tell what they never showed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.schemas import InputError
from datagen.schemas.keyed import F64, I64, words
from datagen.train.chat.conversation import Fields, Template

RESAMPLES = 1000
NEAR = 0.2
"""A price is near the truth within this share of it."""
OUTSIDE = 0.05
"""The share of resamples that an interval leaves out, half at each end."""

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Estimate:
    """A score, or the difference of two, and its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float | None]:
        """The numbers, with None for what JSON has no number for."""
        return {"value": _plain(self.value), "low": _plain(self.low), "high": _plain(self.high)}


@dataclass(frozen=True)
class CategoryScores:
    """The scores of the rows of one category; ``recall`` and ``precision`` are of its own label."""

    category: str
    rows: int
    scores: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "category": self.category,
            "rows": self.rows,
            **{name: _plain(value) for name, value in self.scores.items()},
        }


@dataclass(frozen=True)
class Scores:
    """All scores of one set of answers. ``prices``: rows with a true price; ``priced``: those answered."""

    rows: int
    families: int
    prices: int
    priced: int
    estimates: Mapping[str, Estimate]
    by_category: tuple[CategoryScores, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rows": self.rows,
            "families": self.families,
            "prices": self.prices,
            "priced": self.priced,
            "scores": {name: estimate.as_json() for name, estimate in self.estimates.items()},
            "by_category": [category.as_json() for category in self.by_category],
        }


def score(
    truth: Sequence[Fields],
    answers: Sequence[Fields | None],
    families: I64,
    template: Template,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Scores:
    """The scores of ``answers`` (``answers.parse``) against ``truth`` (``Template.fields``), row by row.

    ``families``: int64 (rows,), the title family of each row. Raises InputError where the lengths differ or
    there are no rows. An interval is NaN where there is but one family, and where the score is not defined in
    more than 5 % of the resamples.
    """
    columns = _columns(truth, answers, families, template)
    values = _statistics(columns)
    drawn = [_statistics(_take(columns, rows)) for rows in _resamples(families, seed, resamples)]
    estimates = {name: _estimate(value, [sample[name] for sample in drawn]) for name, value in values.items()}
    known = columns.get("known", np.zeros(0, dtype=bool))
    return Scores(
        rows=len(truth),
        families=len(np.unique(families)),
        prices=int(known.sum()),
        priced=int((known & ~np.isnan(columns["price"])).sum()) if "price" in columns else 0,
        estimates=estimates,
        by_category=_by_category(columns),
    )


def compare(
    truth: Sequence[Fields],
    first: Sequence[Fields | None],
    second: Sequence[Fields | None],
    families: I64,
    template: Template,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Estimate]:
    """What ``second`` has over ``first`` in every score, on the same rows: the difference and its interval.

    Paired: each resample scores both on the same draw of families, so what makes a row hard for both
    falls out. An interval that does not hold 0 is a difference that these rows can show. With ``first`` and
    ``second`` exchanged, every number changes its sign. Raises InputError as :func:`score` does.
    """
    both = [_columns(truth, answers, families, template) for answers in (first, second)]
    values = [_statistics(columns) for columns in both]
    drawn: list[dict[str, float]] = []
    for rows in _resamples(families, seed, resamples):
        one, other = (_statistics(_take(columns, rows)) for columns in both)
        drawn.append({name: other[name] - one[name] for name in one})
    return {
        name: _estimate(values[1][name] - values[0][name], [draw[name] for draw in drawn])
        for name in values[0]
    }


def exact(truth: str, answer: str) -> float:
    """1 where two texts are equal to the letter, but for spaces, else 0."""
    return float(truth.split() == answer.split())


def token_f1(truth: str, answer: str) -> float:
    """F1 of two texts' words as bags."""
    true, said = _tokens(truth), _tokens(answer)
    common = sum((Counter(true) & Counter(said)).values())
    return 2 * common / (len(said) + len(true)) if said or true else exact(truth, answer)


def rouge_l(truth: str, answer: str) -> float:
    """F1 of the longest common subsequence of two texts' words."""
    true, said = _tokens(truth), _tokens(answer)
    longest = [0] * (len(said) + 1)
    for word in true:
        before = 0
        for at, other in enumerate(said, 1):
            before, longest[at] = (
                longest[at],
                before + 1 if word == other else max(longest[at], longest[at - 1]),
            )
    return 2 * longest[-1] / (len(said) + len(true)) if said or true else exact(truth, answer)


def macro_f1(truth: I64, answer: I64) -> float:
    """Mean F1 of the labels that occur in ``truth``; labels are numbers, a negative one is never right."""
    labels, true = np.unique(truth, return_inverse=True)
    at = np.searchsorted(labels, answer)
    said = np.where((at < len(labels)) & (labels[np.minimum(at, len(labels) - 1)] == answer), at, len(labels))
    size = len(labels) + 1
    right = np.bincount(true[true == said], minlength=size)[:-1]
    of_truth, of_answers = np.bincount(true, minlength=size)[:-1], np.bincount(said, minlength=size)[:-1]
    return float(np.mean(2 * right / (of_truth + of_answers)))


def spearman(first: F64, second: F64) -> float:
    """The rank correlation of two columns; NaN below 3 rows or where one is all equal."""
    if len(first) < 3:
        return math.nan
    one, other = (_ranks(column) - (len(column) + 1) / 2 for column in (first, second))
    spread = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / spread if spread else math.nan


_OF_TITLES = {"title_exact": exact, "title_token_f1": token_f1, "title_rouge_l": rouge_l}
_MEANS = ("unparsable", *_OF_TITLES)


def _columns(
    truth: Sequence[Fields], answers: Sequence[Fields | None], families: I64, template: Template
) -> dict[str, NDArray[Any]]:
    """What the scores are computed from, one value a row."""
    if not len(truth) or not len(truth) == len(answers) == len(families):
        raise InputError(
            f"There are {len(truth)} true rows, {len(answers)} answers and {len(families)} families; scores "
            "need one of each for every row."
        )
    columns: dict[str, NDArray[Any]] = {
        "unparsable": np.array([answer is None for answer in answers], dtype=float)
    }
    if template.title is not None:
        pairs = [
            (_text(true, template.title, template), _text(said, template.title, template))
            for true, said in zip(truth, answers, strict=True)
        ]
        for name, metric in _OF_TITLES.items():
            columns[name] = np.array(
                [0.0 if true is None or said is None else float(metric(true, said)) for true, said in pairs]
            )
    if template.category is not None:
        names = [_text(fields, template.category, template) for fields in truth]
        said = [_text(answer, template.category, template) for answer in answers]
        number = {name: at for at, name in enumerate(dict.fromkeys(names))}
        columns["shelf"] = np.array([number[name] for name in names], dtype=np.int64)
        columns["shelf_said"] = np.array([number.get(name, -1) for name in said], dtype=np.int64)
        columns["shelf_name"] = np.array(names, dtype=object)
    if template.price is not None:
        columns["true_price"] = np.array([_number(fields, template.price) for fields in truth])
        columns["price"] = np.array([_number(fields, template.price) for fields in answers])
        columns["known"] = columns["true_price"] > 0
    return columns


def _statistics(columns: Columns) -> dict[str, float]:
    """Every score of some rows."""
    found = {name: float(columns[name].mean()) for name in _MEANS if name in columns}
    if "shelf" in columns:
        found["category_accuracy"] = float((columns["shelf"] == columns["shelf_said"]).mean())
        found["category_macro_f1"] = macro_f1(columns["shelf"], columns["shelf_said"])
    if "price" in columns:
        known = columns["known"]
        true, said = columns["true_price"][known], columns["price"][known]
        answered = ~np.isnan(said)
        error = np.abs(said - true)
        relative = np.where(answered, error / true, math.inf)
        near = error <= NEAR * true
        found["price_mae"] = float(error[answered].mean()) if answered.any() else math.nan
        found["price_median_ape"] = float(np.median(relative)) if len(true) else math.nan
        found["price_within_20"] = float(near.mean()) if len(true) else math.nan
        found["price_spearman"] = spearman(true[answered], said[answered])
    return found


def _by_category(columns: Columns) -> tuple[CategoryScores, ...]:
    """The scores of each true category, the most frequent first."""
    if "shelf" not in columns:
        return ()
    table = []
    for name, count in Counter(columns["shelf_name"]).most_common():
        rows = np.flatnonzero(columns["shelf_name"] == name)
        label = columns["shelf"][rows[0]]
        scores = _statistics(_take(columns, rows))
        right = int((columns["shelf_said"][rows] == label).sum())
        said = int((columns["shelf_said"] == label).sum())
        of_label = {
            "recall": right / count,
            "precision": right / said if said else math.nan,
            "f1": 2 * right / (count + said),
        }
        kept = {key: value for key, value in scores.items() if not key.startswith("category_")}
        table.append(CategoryScores(str(name), count, {**kept, **of_label}))
    return tuple(sorted(table, key=lambda scores: (-scores.rows, scores.category)))


def _take(columns: Columns, rows: I64) -> dict[str, NDArray[Any]]:
    return {name: column[rows] for name, column in columns.items()}


def _resamples(families: I64, seed: int, count: int) -> Iterator[I64]:
    """Row numbers of each bootstrap sample: whole families, drawn with replacement; none of one family."""
    labels, family = np.unique(families, return_inverse=True)
    size = len(labels)
    for number in range(count if size > 1 else 0):
        drawn = words(seed, "bootstrap", number, size) % np.uint64(size)
        times = np.bincount(drawn.astype(np.int64), minlength=size)
        yield np.repeat(np.arange(len(families)), times[family])


def _estimate(value: float, resampled: Sequence[float]) -> Estimate:
    """A score with the middle 95 % of its resamples."""
    known = np.sort([one for one in resampled if not math.isnan(one)])
    if math.isnan(value) or not len(known) or len(known) < (1 - OUTSIDE) * len(resampled):
        return Estimate(value, math.nan, math.nan)
    cut = math.floor(OUTSIDE / 2 * (len(known) - 1))
    return Estimate(value, float(known[cut]), float(known[-1 - cut]))


def _text(fields: Fields | None, name: str, template: Template) -> str | None:
    """A field in one line; None only where there is no answer at all, so that none is never right."""
    if fields is None:
        return None
    value = fields.get(name)
    return template.missing if value is None else " ".join(str(value).split())


def _number(fields: Fields | None, name: str) -> float:
    value = None if fields is None else fields.get(name)
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else math.nan


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _ranks(column: F64) -> F64:
    _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    ranks: F64 = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
