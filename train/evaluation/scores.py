"""The table of scores: what each one is called, how to read it, and the function that computes it.

Adding a score is adding an entry to ``SCORES``: scoring, comparison, scores.json, the reports, the training
log and the commands all read this table. The metric functions below it are pure functions of arrays or texts.

Every score is over all rows, and an answer that cannot be parsed counts as wrong, with two exceptions:
``price_mae`` and ``price_spearman`` need a number, so they are over the rows whose price was answered and
must be read together with ``unparsable``. ``price_within_20`` and ``price_median_ape`` are over all rows
with a price, and no answer is an infinite error there; use these two to compare runs by price. A row whose
true price is missing or 0 is in no price score. A missing title or category is written as
``Template.missing``, and an answer that says the same is right.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from datagen.schemas.keyed import F64, I64

Bools = NDArray[np.bool_]
Of = Literal["answers", "titles", "categories", "category", "prices"]
"""What ``Score.compute`` is given; see there."""
Unit = Literal["share", "currency", "correlation"]

NEAR = 0.2
"""A predicted price is near the true one if it is within this share of it."""


@dataclass(frozen=True)
class Score:
    """One score.

    ``name``: in scores.json and in the training log. ``label``: in tables and sentences. ``unit``: shares are
    printed in percent, ``currency`` is the catalogue's own. ``lead``: position in the sentence that sums up a
    comparison, 0 for the scores that it leaves out; in a leading score, higher is better. ``by_category``:
    whether the report's table of categories has a column for it.

    ``compute`` depends on ``of``:

        answers      (parsed: bool (rows,)) -> float
        titles       (truth: str, answer: str) -> float, the score is its mean over all rows
        categories   (truth: int64 (rows,), answer: int64 (rows,)) -> float; labels are numbers, -1 is no
                     label of the truth; left out of the scores of a single category
        category     (truth: bool (rows,), answer: bool (rows,)) -> float, whether each is one given category;
                     computed for each category over all rows, never for all rows at once
        prices       (truth: float64 (rows,), answer: float64 (rows,)) -> float, over rows with a true price
                     above 0; an answer without a price is NaN
    """

    name: str
    label: str
    of: Of
    compute: Callable[..., float]
    unit: Unit = "share"
    lower_is_better: bool = False
    lead: int = 0
    by_category: bool = False


def unparsable(parsed: Bools) -> float:
    """The share of answers that could not be parsed."""
    return float((~parsed).mean())


def exact(truth: str, answer: str) -> float:
    """1 if two texts are equal letter by letter, apart from the amount of whitespace, else 0."""
    return float(truth.split() == answer.split())


def token_f1(truth: str, answer: str) -> float:
    """F1 of two texts as bags of words (Rajpurkar et al., EMNLP 2016)."""
    true, predicted = _tokens(truth), _tokens(answer)
    common = sum((Counter(true) & Counter(predicted)).values())
    return 2 * common / (len(predicted) + len(true)) if predicted or true else exact(truth, answer)


def rouge_l(truth: str, answer: str) -> float:
    """F1 of the longest common subsequence of two texts' words (Lin, ACL 2004)."""
    true, predicted = _tokens(truth), _tokens(answer)
    longest = [0] * (len(predicted) + 1)
    for word in true:
        before = 0
        for at, other in enumerate(predicted, 1):
            before, longest[at] = (
                longest[at],
                before + 1 if word == other else max(longest[at], longest[at - 1]),
            )
    return 2 * longest[-1] / (len(predicted) + len(true)) if predicted or true else exact(truth, answer)


def accuracy(truth: I64, answer: I64) -> float:
    """The share of equal labels."""
    return float((truth == answer).mean())


def macro_f1(truth: I64, answer: I64) -> float:
    """Mean F1 of the labels that occur in ``truth``; a negative label is never right."""
    labels, true = np.unique(truth, return_inverse=True)
    at = np.searchsorted(labels, answer)
    known = (at < len(labels)) & (labels[np.minimum(at, len(labels) - 1)] == answer)
    predicted = np.where(known, at, len(labels))
    size = len(labels) + 1
    right = np.bincount(true[true == predicted], minlength=size)[:-1]
    of_truth = np.bincount(true, minlength=size)[:-1]
    of_answers = np.bincount(predicted, minlength=size)[:-1]
    return float(np.mean(2 * right / (of_truth + of_answers)))


def recall(truth: Bools, answer: Bools) -> float:
    """Of the rows of a category, the share that was recognised; NaN without such rows."""
    return float((truth & answer).sum() / truth.sum()) if truth.any() else math.nan


def precision(truth: Bools, answer: Bools) -> float:
    """Of the answers that name a category, the share that is right; NaN if none names it."""
    return float((truth & answer).sum() / answer.sum()) if answer.any() else math.nan


def f1(truth: Bools, answer: Bools) -> float:
    """The harmonic mean of recall and precision; NaN if the category occurs in neither."""
    both = int(truth.sum() + answer.sum())
    return float(2 * (truth & answer).sum() / both) if both else math.nan


def within(truth: F64, answer: F64) -> float:
    """The share of prices within ``NEAR`` of the truth; NaN without rows."""
    return float((np.abs(answer - truth) <= NEAR * truth).mean()) if len(truth) else math.nan


def median_relative_error(truth: F64, answer: F64) -> float:
    """The median of |answer - truth| / truth, infinite if there is no answer; NaN without rows."""
    if not len(truth):
        return math.nan
    return float(np.median(np.where(np.isnan(answer), math.inf, np.abs(answer - truth) / truth)))


def mean_absolute_error(truth: F64, answer: F64) -> float:
    """The mean of |answer - truth| over the prices that were answered; NaN if none was."""
    answered = ~np.isnan(answer)
    return float(np.abs(answer - truth)[answered].mean()) if answered.any() else math.nan


def answered_spearman(truth: F64, answer: F64) -> float:
    """The rank correlation over the prices that were answered."""
    answered = ~np.isnan(answer)
    return spearman(truth[answered], answer[answered])


def spearman(first: F64, second: F64) -> float:
    """The rank correlation of two columns, ties at their mean rank; NaN below 3 rows or without variation."""
    if len(first) < 3:
        return math.nan
    one, other = (_ranks(column) - (len(column) + 1) / 2 for column in (first, second))
    spread = math.sqrt(float(one @ one) * float(other @ other))
    return float(one @ other) / spread if spread else math.nan


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _ranks(column: F64) -> F64:
    _, inverse, counts = np.unique(column, return_inverse=True, return_counts=True)
    ranks: F64 = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return ranks


SCORES: tuple[Score, ...] = (
    Score("unparsable", "answers that cannot be parsed", "answers", unparsable, lower_is_better=True),
    Score("title_exact", "title exact", "titles", exact, lead=2, by_category=True),
    Score("title_token_f1", "title token F1", "titles", token_f1),
    Score("title_rouge_l", "title ROUGE-L", "titles", rouge_l),
    Score("category_accuracy", "category accuracy", "categories", accuracy, lead=1),
    Score("category_macro_f1", "category macro-F1", "categories", macro_f1),
    Score("recall", "category recall", "category", recall, by_category=True),
    Score("precision", "category precision", "category", precision, by_category=True),
    Score("f1", "category F1", "category", f1),
    Score("price_within_20", "price within 20 %", "prices", within, lead=3, by_category=True),
    Score(
        "price_median_ape",
        "price median error",
        "prices",
        median_relative_error,
        lower_is_better=True,
        by_category=True,
    ),
    Score(
        "price_mae",
        "price mean absolute error",
        "prices",
        mean_absolute_error,
        unit="currency",
        lower_is_better=True,
    ),
    Score("price_spearman", "price Spearman", "prices", answered_spearman, unit="correlation"),
)
"""Every score, in the order of tables."""

BY_NAME: dict[str, Score] = {score.name: score for score in SCORES}


def named(names: Any) -> list[Score]:
    """The scores whose names are among ``names``, in the order of tables."""
    return [score for score in SCORES if score.name in names]
