"""Usefulness: what a model trained on synthetic rows knows of real ones (train on synthetic, test on real).

Esteban et al., arXiv 1706.02633. The models are linear, on the words of titles and on categories: fast,
exact, and the same for all sides. The rows that are tested on share no title family with the real rows
trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.report.fidelity.relations import row_tokens
from datagen.report.figures import Figure, Section, Table
from datagen.report.sets.rows import Comparison, Rows, resample, shuffled, some
from datagen.report.statistics.intervals import family_weights, percentiles
from datagen.report.statistics.learners import Vocabulary, ridge, tokens_of_titles
from datagen.report.thresholds import judged
from datagen.schemas.keyed import F64

MOST_ROWS = 5_000
"""Of each side, to train on and to test on."""
FEWEST_ROWS = 20
MOST_CATEGORIES = 100
"""That a model tells apart: those with the most rows to train on; rows of others count as wrong."""
SHARES = (0.1, 0.3, 1.0)
"""Of the real rows that synthetic rows are added to."""

PRICE_R2 = "price from title: share of the real-trained R2"
CATEGORY = "category from title: share of what real rows teach"


@dataclass(frozen=True)
class Trial:
    """How a model did. ``scores``: on each resample of the test rows, the first being these rows
    themselves.
    """

    scores: F64

    @property
    def value(self) -> float:
        """The score on the test rows."""
        return float(self.scores[0])


class PriceTask:
    """Log price from title and categories; the score is R2, 1 at best, 0 for always answering the mean."""

    name = "log price from title and category (R2)"

    def __init__(self, test: Rows, weights: F64) -> None:
        """``weights``: (resamples, rows), the first all ones."""
        prices = test.log_prices
        known = np.flatnonzero(~np.isnan(prices)) if prices is not None else np.empty(0, dtype=np.int64)
        self.test = test.take(known)
        self._truth = prices[known] if prices is not None else np.empty(0)
        self._weights = weights[:, known]

    def answers(self, train: Sequence[Rows]) -> F64 | None:
        """The log price of each test row, learned from some sets; None where they teach nothing."""
        prices = [rows.log_prices for rows in train]
        target = np.concatenate([each for each in prices if each is not None])
        tokens = row_tokens(*train)
        known = np.flatnonzero(~np.isnan(target))
        if not tokens or len(known) < FEWEST_ROWS:
            return None
        taught = [tokens[row] for row in known]
        vocabulary = Vocabulary(taught)
        weights, mean = ridge(vocabulary.table(taught), target[known, None])
        asked = row_tokens(self.test) or [[]] * len(self.test)
        answers: F64 = (vocabulary.table(asked) @ weights + mean)[:, 0]
        return answers

    def trial(self, train: Sequence[Rows]) -> Trial | None:
        """R2 of what some sets teach; None where they teach nothing."""
        answers = self.answers(train)
        return None if answers is None else Trial(self._r2(answers))

    def rank_correlation(self, train: Sequence[Rows]) -> float | None:
        """Spearman's rank correlation of answers and prices."""
        answers = self.answers(train)
        if answers is None or answers.min() == answers.max() or self._truth.min() == self._truth.max():
            return None
        return float(np.corrcoef(_ranks(answers), _ranks(self._truth))[0, 1])

    def _r2(self, answers: F64) -> F64:
        total = self._weights.sum(axis=1)
        mean = self._weights @ self._truth / total
        spread = self._weights @ self._truth**2 / total - mean**2
        wrong = self._weights @ (answers - self._truth) ** 2 / total
        r2: F64 = 1 - wrong / np.where(spread > 0, spread, np.nan)
        return r2


class CategoryTask:
    """A category from the title alone; the score is the share of right answers."""

    def __init__(self, column: str, test: Rows, weights: F64) -> None:
        self.name = f"{column} from title (share right)"
        self.test = test
        self._column = column
        self._truth = np.array(test.texts(column), dtype=object)
        self._weights = weights
        self._tokens = tokens_of_titles(test.titles or [])

    def trial(self, train: Sequence[Rows]) -> Trial | None:
        """The share of right answers of what some sets teach; None where they teach nothing."""
        values = [value for rows in train for value in rows.texts(self._column)]
        taught = tokens_of_titles([title for rows in train for title in rows.titles or []])
        if len(values) < FEWEST_ROWS or not any(taught):
            return None
        names, at, often = np.unique(np.array(values), return_inverse=True, return_counts=True)
        frequent = np.argsort(-often, kind="stable")[:MOST_CATEGORIES]
        targets = (at[:, None] == frequent[None, :]).astype(np.float64)
        vocabulary = Vocabulary(taught)
        weights, mean = ridge(vocabulary.table(taught), targets)
        answers = names[frequent[(vocabulary.table(self._tokens) @ weights + mean).argmax(axis=1)]]
        right = (answers.astype(object) == self._truth).astype(np.float64)
        return Trial(self._weights @ right / self._weights.sum(axis=1))

    def by_chance(self) -> float:
        """The share right of always answering the most frequent category of the test rows."""
        return float(np.unique(self._truth.astype(str), return_counts=True)[1].max() / len(self._truth))


def usefulness(sets: Comparison) -> Section:
    """Train on synthetic, test on real, beside train on real; real rows with and without synthetic ones."""
    about = (
        "A model is trained on synthetic rows and tested on real ones; the same model, trained on real rows "
        "of other title families, is what it is compared with. "
        + (
            "It is tested on the holdout."
            if sets.holdout
            else "It is tested on one half of the real rows and compared with the other half; if the profile "
            "was fitted to all of them, this flatters the synthetic rows: hold rows out to know (--holdout)."
        )
    )
    train, test = (
        some(half, MOST_ROWS, sets.seed, f"report useful {at}") for at, half in enumerate(sets.halves)
    )
    made = some(sets.synthetic, MOST_ROWS, sets.seed, "report useful synthetic")
    fewest = min(len(train), len(test), len(made))
    section = ("usefulness", "Usefulness of the rows")
    if fewest < FEWEST_ROWS:
        return Section(
            *section,
            about,
            not_computed=f"{FEWEST_ROWS} rows are needed to train and to test, and there are {fewest:,}",
        )
    weights = np.vstack([np.ones(len(test)), family_weights(test.family, sets.seed, "usefulness")])
    # Both teach with as many rows, so that the larger set has no advantage.
    rows = min(len(train), len(made))
    part = some(train, rows, sets.seed, "report teach real")
    teachers = {
        "synthetic": some(made, rows, sets.seed, "report teach synthetic"),
        "real": part,
        "resample": resample(part, sets.seed),
        "shuffled": shuffled(part, sets.seed),
    }
    figures: list[Figure] = []
    left_out: list[str] = []
    tables: list[Table] = []
    price = _price_task(test, weights)
    if isinstance(price, str):
        figures.append(Figure(PRICE_R2, None, better="higher", not_computed=price))
    else:
        figures += _compared(PRICE_R2, price, teachers, 0.0)
        ranks = {name: price.rank_correlation([rows]) for name, rows in teachers.items()}
        figures += _rank_figure(ranks)
        tables.append(_mixed(price, train, made, sets.seed))
    category = _category_task(train, test, weights)
    if isinstance(category, str):
        figures.append(Figure(CATEGORY, None, better="higher", not_computed=category))
    else:
        figures += _compared(CATEGORY, category, teachers, category.by_chance())
        tables.append(_mixed(category, train, made, sets.seed))
    return Section(*section, about, tuple(figures), tuple(tables), tuple(left_out), main=(PRICE_R2, CATEGORY))


def _price_task(test: Rows, weights: F64) -> PriceTask | str:
    prices = test.log_prices
    if prices is None:
        return "the sets have no column of prices in common"
    known = prices[~np.isnan(prices)]
    if len(known) < FEWEST_ROWS or known.min() == known.max():
        return "the real prices are all equal, or missing"
    if test.titles is None and not test.categories:
        return "the sets have neither titles nor categories in common"
    return PriceTask(test, weights)


def _category_task(train: Rows, test: Rows, weights: F64) -> CategoryTask | str:
    if test.titles is None:
        return "the sets have no column of titles in common"
    if not test.categories:
        return "the sets have no column of categories in common"
    varied = [name for name in test.categories if len(set(train.categories[name])) > 1]
    if not varied:
        return "every row has the same categories"
    # The deepest level that the model can tell apart: brands and the like have too many values.
    few = [name for name in varied if len(set(train.categories[name])) <= MOST_CATEGORIES] or varied[:1]
    return CategoryTask(few[-1], test, weights)


def _compared(
    name: str, task: PriceTask | CategoryTask, teachers: dict[str, Rows], by_chance: float
) -> list[Figure]:
    """The score of what synthetic rows teach, and its share of what real ones do, beyond guessing."""
    trials = {teacher: task.trial([rows]) for teacher, rows in teachers.items()}
    made, real = trials["synthetic"], trials["real"]
    if made is None or real is None:
        return [Figure(name, None, better="higher", not_computed="titles and categories teach nothing here")]
    plain = {teacher: trial.value for teacher, trial in trials.items() if trial is not None}
    references = {"other half": plain["real"], "chance": by_chance}
    references |= {teacher: plain[teacher] for teacher in ("resample", "shuffled") if teacher in plain}
    low, high = percentiles(made.scores[1:])
    figures = [
        Figure(
            task.name,
            round(made.value, 4),
            round(low, 4),
            round(high, 4),
            {key: round(value, 4) for key, value in references.items()},
            better="higher",
            about=(
                f"Trained on {len(teachers['synthetic']):,} synthetic rows, tested on {len(task.test):,} "
                "real ones; other half: trained on as many real rows."
            ),
        )
    ]
    least = percentiles(real.scores[1:])[0]
    if not (real.value > by_chance + 0.02 and least > by_chance):
        reason = f"real rows teach next to nothing here themselves ({real.value:.2f}, at least {least:.2f})"
        return [*figures, Figure(name, None, better="higher", not_computed=reason)]
    gain = real.value - by_chance
    low, high = percentiles((made.scores[1:] - by_chance) / (real.scores[1:] - by_chance))
    shares = {key: (value - by_chance) / gain for key, value in references.items()}
    return [*figures, judged(name, (made.value - by_chance) / gain, low, high, shares)]


def _rank_figure(ranks: dict[str, float | None]) -> list[Figure]:
    value = ranks.pop("synthetic")
    known = {name: round(each, 4) for name, each in ranks.items() if each is not None}
    if "real" in known:
        known["other half"] = known.pop("real")
    known["chance"] = 0.0
    if value is None:
        return []
    return [
        Figure(
            "rank correlation of prices",
            round(value, 4),
            references=known,
            better="higher",
            about="Spearman's.",
        )
    ]


def _mixed(task: PriceTask | CategoryTask, train: Rows, made: Rows, seed: int) -> Table:
    """Some of the real rows alone and with all synthetic ones."""
    rows: list[tuple[str | float | None, ...]] = []
    for share in SHARES:
        part = _first(train, share)
        alone, both = task.trial([part]), task.trial([part, made])
        gain: tuple[float | None, ...] = (None, None, None)
        if alone is not None and both is not None:
            low, high = percentiles(both.scores[1:] - alone.scores[1:])
            gain = tuple(_number(each) for each in (both.value - alone.value, low, high))
        scores = [None if trial is None else _number(trial.value) for trial in (alone, both)]
        rows.append((f"{share:.0%} of the real rows ({len(part):,})", *scores, *gain))
    return Table(
        f"Real and synthetic rows: {task.name}",
        ("", "real alone", "with synthetic", "gain", "from", "to"),
        tuple(rows),
        f"All {len(made):,} synthetic rows are added; the smaller parts are whole title families.",
    )


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _first(rows: Rows, share: float) -> Rows:
    """A share of the rows, whole title families, in the random order that these are numbered in."""
    order = np.argsort(rows.family, kind="stable")
    count = max(1, round(share * len(rows)))
    last = rows.family[order[count - 1]]
    return rows.take(np.flatnonzero(rows.family <= last))


def _ranks(values: F64) -> F64:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, at, often = np.unique(values, return_inverse=True, return_counts=True)
    ranks: F64 = (np.cumsum(often) - (often - 1) / 2)[at]
    return ranks
