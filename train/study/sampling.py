"""Which rows a cell trains on: nested subsets, drawn again for each seed, and the order of its samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.schemas.keyed import F64, I64, permutation
from datagen.train.evaluation.baselines import LEAST_SPREAD
from datagen.train.study.data import StudyData
from datagen.train.study.plan import PERMUTED, RETRIEVED, SYNTHETIC, THEN_REAL, Cell

F32 = NDArray[np.float32]
NOTHING: I64 = np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class CellRows:
    """``real``: int64, the subset of the real rows. ``synthetic``: int64, the rows of the synthetic set, and
    ``answers``: int64, for each of them the row whose answer it is given, which is its own except in the arm
    ``permuted``. ``retrieved``: int64, real rows in the place of synthetic ones.
    """

    real: I64
    synthetic: I64
    answers: I64
    retrieved: I64


def rows_of(cell: Cell, data: StudyData, features: F32 | None, synthetic_rows: int | None = None) -> CellRows:
    """The rows of a cell. ``features``: float32 (real rows, n) of all real pictures, for ``retrieved``.

    ``synthetic_rows``: how many each seed draws; None for all of them.
    """
    real = subset(data, cell.real_rows, cell.seed) if cell.arm != SYNTHETIC else NOTHING
    if cell.arm == RETRIEVED:
        if features is None:
            raise ValueError("retrieving needs the features of the real pictures")
        others = np.setdiff1d(data.pool, real)
        return CellRows(real, NOTHING, NOTHING, retrieved(features, real, others, len(real)))
    if not cell.share:
        return CellRows(real, NOTHING, NOTHING, NOTHING)
    order = permutation(cell.seed, "study: synthetic rows", 0, len(data.synthetic_rows))
    drawn = np.sort(data.synthetic_rows[order[:synthetic_rows]])
    dealt = permutation(cell.seed, "study: dealt answers", 0, len(drawn))
    return CellRows(real, drawn, drawn[dealt] if cell.arm == PERMUTED else drawn, NOTHING)


def subset(data: StudyData, count: int, seed: int) -> I64:
    """``count`` of the real training rows (ascending), title family by title family in an order of the seed.

    The first 50 are among the first 200. With another seed they are others, unless they are all there are.
    """
    families, family = np.unique(data.title_family[data.pool], return_inverse=True)
    turn = np.argsort(permutation(seed, "study: real families", 0, len(families)))
    return np.sort(data.pool[np.argsort(turn[family], kind="stable")[:count]])


def retrieved(features: F32, known: I64, others: I64, most: int) -> I64:
    """Of ``others``, the ``most`` rows (ascending) whose picture is nearest to one of the rows ``known``.

    Distances are Euclidean, every feature by its spread over both; equal ones are taken by row number.
    """
    if not len(others) or not most:
        return NOTHING
    together = features[np.concatenate([known, others])].astype(np.float64)
    together = (together - together.mean(0)) / np.maximum(together.std(0), LEAST_SPREAD)
    mine, theirs = together[: len(known)], together[len(known) :]
    distance: F64 = np.array([((mine - one) ** 2).sum(1).min() for one in theirs])
    return np.sort(others[np.argsort(distance.round(9), kind="stable")[:most]])


def passes(rows: I64, count: int, seed: int, purpose: str) -> I64:
    """``count`` of ``rows``, in whole passes over them, each in an order of its own; the last is cut short.

    So no row is seen more than once more often than another.
    """
    if not len(rows) or not count:
        return NOTHING
    turns = range(-(-count // len(rows)))
    return np.concatenate([rows[permutation(seed, f"study: {purpose}", turn, len(rows))] for turn in turns])[
        :count
    ]


def phases(cell: Cell, steps: int) -> Sequence[tuple[int, float]]:
    """Steps and share of synthetic samples, phase by phase; the steps add up to ``steps``."""
    if cell.arm == THEN_REAL:
        first = round(steps * cell.share)
        return (first, 1.0), (steps - first, 0.0)
    return ((steps, cell.share),)
