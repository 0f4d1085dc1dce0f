"""Intervals of the report's figures. Rows of one title family depend on each other, so families are counted.

The area under the ROC curve (AUC) is the chance that a row of one kind scores above a row of the other, ties
counted half. Its variance is DeLong's (Biometrics 44, 1988), in the form for clustered rows of Obuchowski
(Biometrics 53, 1997). Everything else is bootstrapped by title family.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.schemas.keyed import F64, I64, uniforms

Z95 = 1.959964
"""Half the width, in standard errors, of a 95 % interval."""
Z80 = 0.841621
"""The quantile for a power of 80 %."""
RESAMPLES = 400
"""How often the families are drawn again for a bootstrap interval."""


@dataclass(frozen=True)
class Auc:
    """An AUC, its standard error, and its 95 % interval."""

    value: float
    error: float

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return max(0.0, self.value - Z95 * self.error)

    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return min(1.0, self.value + Z95 * self.error)


def auc(score: F64, positive: NDArray[np.bool_], family: I64, fold: I64 | None = None) -> Auc:
    """The AUC of scores; ``positive``: which rows should score higher. Not a number without both kinds.

    With folds, rows are compared only with rows of their fold, since every fold was scored by a model of its
    own; folds count by the pairs that they have. Families must lie within folds.
    """
    folds = (
        [np.arange(len(score))] if fold is None else [np.flatnonzero(fold == at) for at in np.unique(fold)]
    )
    parts = [(_auc(score[rows], positive[rows], family[rows]), _pairs(positive[rows])) for rows in folds]
    parts = [(part, pairs) for part, pairs in parts if pairs]
    if not parts:
        return Auc(float("nan"), float("nan"))
    weight = np.array([pairs for _, pairs in parts], dtype=np.float64)
    weight /= weight.sum()
    value = sum(share * part.value for share, (part, _) in zip(weight, parts, strict=True))
    error = sum((share * part.error) ** 2 for share, (part, _) in zip(weight, parts, strict=True)) ** 0.5
    return Auc(float(value), float(error))


def _pairs(positive: NDArray[np.bool_]) -> int:
    return int(positive.sum()) * int((~positive).sum())


def _auc(score: F64, positive: NDArray[np.bool_], family: I64) -> Auc:
    if not _pairs(positive):
        return Auc(float("nan"), float("nan"))
    high, low = score[positive], score[~positive]
    above = _share_below(high, low)  # of each positive row: the share of the others that it outscores
    below = 1 - _share_below(low, high)
    value = float(above.mean())
    clusters, at = np.unique(family, return_inverse=True)
    sums = np.bincount(at[positive], above - value, len(clusters)) / len(high)
    sums += np.bincount(at[~positive], below - value, len(clusters)) / len(low)
    many = len(clusters)
    return Auc(value, float(np.sqrt(many / max(1, many - 1) * (sums**2).sum())))


def _share_below(values: F64, others: F64) -> F64:
    """The share of ``others`` below each value, ties counted half."""
    in_order = np.sort(others)
    upto = np.searchsorted(in_order, values, "left") + np.searchsorted(in_order, values, "right")
    share: F64 = upto / (2 * len(others))
    return share


def smallest_auc(result: Auc, rows: tuple[int, int]) -> float:
    """The smallest AUC that so many rows can tell from chance, with a power of 80 % at the 5 % level.

    The error under chance is that of the rank sum (Hanley and McNeil, Radiology 143, 1982), widened as much
    as families widen that of ``result``.
    """
    first, second = rows
    plain = np.sqrt((first + second + 1) / (12 * first * second))
    q1, q2 = result.value / (2 - result.value), 2 * result.value**2 / (1 + result.value)
    spread = result.value * (1 - result.value)
    spread += (first - 1) * (q1 - result.value**2) + (second - 1) * (q2 - result.value**2)
    independent = np.sqrt(max(spread, 1e-12) / (first * second))
    widened = max(1.0, result.error / independent)
    return float(min(1.0, 0.5 + (Z95 + Z80) * plain * widened))


def family_weights(family: I64, seed: int, purpose: str, times: int = RESAMPLES) -> F64:
    """How often each row is in each of ``times`` resamples of whole families: float64 (times, rows)."""
    clusters, at = np.unique(family, return_inverse=True)
    many = len(clusters)
    drawn = (uniforms(seed, f"bootstrap {purpose}", 0, times * many) * many).astype(np.int64)
    drawn += np.repeat(np.arange(times, dtype=np.int64) * many, many)
    counts = np.bincount(drawn, minlength=times * many).reshape(times, many)
    weights: F64 = counts[:, at].astype(np.float64)
    return weights


def percentiles(values: F64) -> tuple[float, float]:
    """The 95 % interval of bootstrapped values, those that are not numbers left out."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def share_interval(is_so: F64, family: I64, seed: int, purpose: str) -> tuple[float, float, float]:
    """A mean over rows with its interval: value, low, high."""
    weights = family_weights(family, seed, purpose)
    total = np.maximum(weights.sum(axis=1), 1)
    return (float(is_so.mean()), *percentiles(weights @ is_so / total))
