"""Features of how the cells of a row go together: title with shelf, price with title, word with word.

None of them knows which set a row is of, but for :func:`word_scores`, which learns that from other folds
only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from datagen.report.fidelity.feature import Column, Feature
from datagen.report.sets.rows import Rows
from datagen.report.sets.words import words
from datagen.report.statistics.learners import Sparse, Vocabulary, crossed, tokens_of_titles
from datagen.schemas.keyed import F64, I64


def relations(first: Rows, second: Rows, fold: I64, folds: int) -> list[Column]:
    """How unusual the title is for the categories, and the price for both, among all rows of two sets."""
    titles = both(first.titles, second.titles)
    found: list[Column] = []
    if titles is not None:
        for name in first.categories:
            values = [*first.categories[name], *second.categories[name]]
            if len(set(values)) > 1:
                found.append((Feature(f"how well the title fits {name}", "number"), _fit(values, titles)))
    if first.log_prices is not None and second.log_prices is not None:
        price = np.concatenate([first.log_prices, second.log_prices])
        tokens = row_tokens(first, second)
        if tokens and (~np.isnan(price)).sum() > 1:
            table = Vocabulary(tokens, fewest=3).table(tokens)
            if table.shape[1]:
                off = price - crossed(table, price, fold, folds)
                found += [
                    (Feature("log price above what title and categories suggest", "number"), off),
                    (Feature("log price away from what title and categories suggest", "number"), np.abs(off)),
                ]
    return found


def both(first: list[str] | None, second: list[str] | None) -> list[str] | None:
    """The values of two sets, those of the first first; None where one has none."""
    return None if first is None or second is None else [*first, *second]


def row_tokens(*sets: Rows) -> list[list[str]]:
    """Words and word pairs of the title and the values of the categories of each row; empty without any."""
    tokens: list[list[str]] = []
    for rows in sets:
        here = tokens_of_titles(rows.titles) if rows.titles is not None else [[] for _ in range(len(rows))]
        for name, values in rows.categories.items():
            here = [[*row, f"{name}={value}"] for row, value in zip(here, values, strict=True)]
        tokens += here
    return tokens if any(tokens) else []


def _fit(values: Sequence[str], titles: Sequence[str]) -> F64:
    """The mean pointwise mutual information of a row's category with the words of its title.

    Over the distinct (category, title) pairs of both sets; Church and Hanks, Computational Linguistics 16,
    1990.
    """
    of_title = {title: sorted(set(words(title))) for title in set(titles)}
    distinct = set(zip(values, titles, strict=True))
    of_value, of_word, together = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for value, title in distinct:
        of_value[value] += 1
        for word in of_title[title]:
            of_word[word] += 1
            together[value, word] += 1
    fit = {}
    for value, title in distinct:
        shares = [
            np.log(together[value, word] * len(distinct) / (of_value[value] * of_word[word]))
            for word in of_title[title]
        ]
        fit[value, title] = float(np.mean(shares)) if shares else 0.0
    return np.array([fit[pair] for pair in zip(values, titles, strict=True)])


def word_scores(table: Sparse, is_second: NDArray[np.bool_], fold: I64, folds: int) -> list[F64]:
    """For each fold, the log odds of every row to be of the second set, by naive Bayes on other folds.

    A row of another fold is scored without that fold and its own, as a row of the fold is scored, so that
    a model trained on the other folds meets scores of the same kind.
    """
    counts = np.stack(
        [
            np.stack([table[(fold == at) & (is_second == kind)].sum(axis=0) for kind in (False, True)])
            for at in range(folds)
        ]
    )
    total = counts.sum(axis=0)
    scores = []
    for held_out in range(folds):
        score = np.zeros(table.shape[0])
        others = [at for at in range(folds) if at != held_out]
        for other in others:
            seen = total - counts[held_out] - counts[other] + 0.5
            odds = np.log(seen[1] / seen[1].sum()) - np.log(seen[0] / seen[0].sum())
            here = fold == other
            score[here] = table[here] @ odds
            mine = fold == held_out
            score[mine] += table[mine] @ odds / len(others)
        scores.append(score)
    return scores
