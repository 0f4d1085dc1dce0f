"""What sections learn from rows: words as a sparse table, and linear models on it, exact and fast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from datagen.report.sets.words import pairs, words
from datagen.schemas.keyed import F64, I64

Sparse = Any
"""A SciPy CSR matrix of float64."""

_TOLERANCE, _MOST_STEPS = 1e-3, 200
"""Conjugate gradients end when the residual has shrunk to this share of what it was."""


class Vocabulary:
    """Tokens as columns of a sparse table; tokens that were not there when it was made have no column."""

    def __init__(self, rows: Iterable[Sequence[str]], fewest: int = 1) -> None:
        """``fewest``: in how many rows a token has to be."""
        often: dict[str, int] = {}
        for tokens in rows:
            for token in set(tokens):
                often[token] = often.get(token, 0) + 1
        known = sorted(token for token, times in often.items() if times >= fewest)
        self.column = {token: at for at, token in enumerate(known)}

    def table(self, rows: Sequence[Sequence[str]]) -> Sparse:
        """Which row has which token: (rows, tokens), 0 or 1."""
        from scipy.sparse import csr_array

        found = [sorted({self.column[token] for token in tokens if token in self.column}) for tokens in rows]
        ends = np.cumsum([0, *(len(columns) for columns in found)])
        columns = np.array([at for each in found for at in each], dtype=np.int64)
        shape = (len(rows), len(self.column))
        return csr_array((np.ones(len(columns)), columns, ends), shape=shape)


def tokens_of_titles(titles: Sequence[str]) -> list[list[str]]:
    """The words of each title and its pairs of neighbouring words."""
    of_title: dict[str, list[str]] = {}
    for title in titles:
        if title not in of_title:
            parts = words(title)
            of_title[title] = [*parts, *(f"{one} {two}" for one, two in pairs(parts))]
    return [of_title[title] for title in titles]


def ridge(table: Sparse, targets: F64, strength: float = 1.0) -> tuple[F64, F64]:
    """Weights (tokens, targets) and constants (targets,) of a ridge regression of ``targets`` (rows,
    targets).

    Minimises the squared error plus ``strength`` times the squared weights (Hoerl and Kennard, Technometrics
    12, 1970), by conjugate gradients for all targets at once; the constants are not penalised.
    """
    middle, mean = np.asarray(table.mean(axis=0)), targets.mean(axis=0)
    across = table.T.tocsr()

    def curvature(weights: F64) -> F64:
        product: F64 = across @ (table @ weights) + strength * weights
        product -= len(targets) * np.outer(middle, middle @ weights)
        return product

    weights = np.zeros((table.shape[1], targets.shape[1]))
    residual = across @ (targets - mean)
    step, size = residual.copy(), (residual**2).sum(axis=0)
    enough = _TOLERANCE**2 * size
    for _ in range(_MOST_STEPS):
        if (size <= enough).all():
            break
        bent = curvature(step)
        along = (step * bent).sum(axis=0)
        pace = np.divide(size, along, out=np.zeros_like(size), where=along > 0)
        weights += pace * step
        residual -= pace * bent
        before, size = size, (residual**2).sum(axis=0)
        step = residual + np.divide(size, before, out=np.zeros_like(size), where=before > 0) * step
    return weights, mean - middle @ weights


def crossed(table: Sparse, target: F64, fold: I64, folds: int) -> F64:
    """For each row the value of ``target`` that the other folds suggest; NaN targets teach nothing."""
    suggested = np.full(len(target), np.nan)
    for at in range(folds):
        inside = fold == at
        teach = ~inside & ~np.isnan(target)
        if inside.any() and teach.sum() > 1:
            weights, mean = ridge(table[teach], target[teach, None])
            suggested[inside] = (table[inside] @ weights + mean)[:, 0]
    return suggested
