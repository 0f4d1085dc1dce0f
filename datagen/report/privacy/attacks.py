"""Membership attacks: scores that are higher for rows which the profile was fitted to, if it leaks them.

Each attacker sees the synthetic rows and, as the strongest attackers do, rows of the same catalogue that were
not fitted; those of the title family that is scored are kept from it. DOMIAS (van Breugel et al., AISTATS
2023) compares the density of synthetic rows with that of such reference rows; the attacks on titles and
prices do the same for parts of a row, where a leak is plainest. No attack dominates (Synth-MIA, arXiv
2509.18014), so the report gives the strongest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.report.fidelity.relations import row_tokens
from datagen.report.fidelity.two_sample import FOLDS, folds_of
from datagen.report.privacy.nearness import Nearest, Points, Space, nearest
from datagen.report.sets.rows import Rows
from datagen.report.sets.words import pairs, words
from datagen.report.statistics.learners import Vocabulary, ridge
from datagen.schemas.keyed import F64, I64

_NEAR = 1e-3
"""Added to distances before their logarithm is taken: nearer than that is a copy."""
_PRICE_WIDTH = 0.02
"""Of the kernel on log prices: two per cent."""


@dataclass(frozen=True)
class Targets:
    """The rows that are attacked, members first: which are members, their families, and their folds.

    Folds consist of whole title families; the reference rows of an attack are the non-members of other folds.
    """

    rows: Rows
    member: NDArray[np.bool_]
    fold: I64


def targets(members: Rows, others: Rows) -> Targets:
    """Members and others as targets; both sets need the same columns."""
    import pyarrow as pa

    rows = Rows(
        members.schema,
        pa.concat_tables([members.table, others.table]),
        np.concatenate([members.family, others.family]),
        np.concatenate([members.numbers, others.numbers]),
    )
    fold = np.concatenate([folds_of(members.family), folds_of(others.family)])
    return Targets(rows, np.arange(len(rows)) < len(members), fold)


def attacks(at: Targets, synthetic: Rows, near: Rows) -> dict[str, F64]:
    """The score of every target by each attack that the columns allow.

    ``near``: the synthetic rows that distances are computed to, since that takes time with the product of
    both; words, titles and prices are looked up in all ``synthetic`` rows.
    """
    reference = at.rows.take(np.flatnonzero(~at.member))
    space = Space(reference, [at.rows, near])
    points, made, known = (space.points(rows) for rows in (at.rows, near, reference))
    to_made, to_known = nearest(points, made), nearest(points, known, apart=True)
    found = {
        "distance to closest record": -to_made.distance[:, 0],
        "density ratio (DOMIAS)": np.log(to_known.distance[:, -1] + _NEAR)
        - np.log(to_made.distance[:, -1] + _NEAR),
        "nearest-distance ratio": np.log(to_known.distance[:, 0] + _NEAR)
        - np.log(to_made.distance[:, 0] + _NEAR),
    }
    tokens = row_tokens(at.rows, near)
    if tokens:
        found["classifier"] = _classifier(at, tokens)
    if at.rows.titles is not None and synthetic.titles is not None:
        found["title likelihood"], found["rarest known word"] = _title_scores(at, synthetic.titles)
        found["title said again"] = _said_again(at.rows, synthetic)
    if at.rows.log_prices is not None and near.log_prices is not None:
        found["price likelihood"] = _price_likelihood(at.rows, points, made, near.log_prices)
    return {name: np.nan_to_num(score, nan=0.0, posinf=0.0, neginf=0.0) for name, score in found.items()}


def _classifier(at: Targets, tokens: list[list[str]]) -> F64:
    """How synthetic a row looks to a linear model that learned synthetic rows against reference rows."""
    score = np.zeros(len(at.rows))
    made = np.arange(len(tokens)) >= len(at.rows)
    table = Vocabulary(tokens, fewest=2).table(tokens)
    if not table.shape[1]:
        return score
    fold = np.concatenate([at.fold, np.full(len(tokens) - len(at.rows), -1)])
    reference = np.concatenate([~at.member, np.zeros(len(tokens) - len(at.rows), dtype=bool)])
    for held_out in range(FOLDS):
        teach = made | (reference & (fold != held_out))
        here = np.flatnonzero(at.fold == held_out)
        if len(here) and (~made[teach]).any():
            weights, _ = ridge(table[teach], made[teach, None].astype(np.float64))
            score[here] = (table[here] @ weights)[:, 0]
    return score


class TitleModel:
    """How likely a title is: a model of word pairs, interpolated with one of words.

    With absolute discounting (Ney, Essen and Kneser, Computer Speech and Language 8, 1994).
    """

    DISCOUNT = 0.75

    def __init__(self, titles: Sequence[str]) -> None:
        self._pair: Counter[tuple[str, str]] = Counter()
        self._word: Counter[str] = Counter()
        for title, times in Counter(titles).items():
            for pair in pairs(words(title)):
                self._pair[pair] += times
                self._word[pair[1]] += times
        self._after: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        for (one, _), times in self._pair.items():
            self._after[one] += times
            self._kinds[one] += 1
        self._total = sum(self._word.values())

    def count(self, word: str) -> int:
        """How often a word was said."""
        return self._word[word]

    def log_likelihood(self, title: str) -> float:
        """The mean log probability of the title's word pairs."""
        every = pairs(words(title))
        return float(np.mean([np.log(self.probability(*pair)) for pair in every]))

    def probability(self, one: str, other: str) -> float:
        """Of the word ``other`` after ``one``; the empty word is the end of a title, and its beginning."""
        kinds = len(self._word) + 1  # with one for all words that are not known
        if not self._total:
            return 1 / kinds
        kept = max(self._word[other] - self.DISCOUNT, 0.0)
        alone = (kept + self.DISCOUNT * len(self._word) / kinds) / self._total
        if not self._after[one]:
            return alone
        seen = max(self._pair[one, other] - self.DISCOUNT, 0.0) / self._after[one]
        return seen + self.DISCOUNT * self._kinds[one] / self._after[one] * alone


def _title_scores(at: Targets, made: Sequence[str]) -> tuple[F64, F64]:
    """How much likelier titles are as synthetic ones than as reference ones; the same of the rarest word."""
    titles = at.rows.titles or []
    synthetic = TitleModel(made)
    size = max(1, len(made))
    likelihood, rarest = np.zeros(len(titles)), np.zeros(len(titles))
    for held_out in range(FOLDS):
        others = np.flatnonzero(~at.member & (at.fold != held_out))
        reference = TitleModel([titles[row] for row in others])
        per_row = size / max(1, len(others))
        for row in np.flatnonzero(at.fold == held_out):
            title = titles[row]
            likelihood[row] = synthetic.log_likelihood(title) - reference.log_likelihood(title)
            ratios = [
                np.log(synthetic.count(word) / per_row + 0.5) - np.log(reference.count(word) + 0.5)
                for word in words(title)
            ]
            rarest[row] = max(ratios, default=0.0)
    return likelihood, rarest


def _said_again(rows: Rows, synthetic: Rows) -> F64:
    """Whether the title is among the synthetic ones, and with the same price."""
    made = set(synthetic.titles or [])
    score = np.array([title in made for title in rows.titles or []], dtype=np.float64)
    if rows.prices is not None and synthetic.prices is not None:
        priced = set(zip(synthetic.titles or [], synthetic.prices.tolist(), strict=True))
        score += [pair in priced for pair in zip(rows.titles or [], rows.prices.tolist(), strict=True)]
    return score


def _price_likelihood(rows: Rows, points: Points, made: Points, made_prices: F64) -> F64:
    """How likely the price is among the synthetic rows of the most similar title and category."""
    like: Nearest = nearest(points, made, with_price=False)
    prices = rows.log_prices if rows.log_prices is not None else np.zeros(len(rows))
    off = np.abs(prices[:, None] - made_prices[like.row])
    kernel = np.where(np.isnan(off), 0.0, np.exp(-off / _PRICE_WIDTH)) * (1 - like.distance)
    score: F64 = np.log(kernel.sum(axis=1) + 1e-3)
    return score
