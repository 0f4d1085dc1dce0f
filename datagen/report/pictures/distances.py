"""How far the pictures of two sets are apart in a space of features: KID, precision, recall, coverage.

Features are arrays, whoever computed them. Title families are the unit throughout: colourways of one product
have nearly the same picture, and would otherwise be each other's nearest neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.report.pictures.features import F32
from datagen.report.statistics.intervals import Z95
from datagen.schemas.keyed import F64, I64

NEIGHBOURS = 5
"""The neighbour whose distance is the radius of a picture's ball, as Naeem et al. have it."""
GROUPS = 20
"""Of title families, each left out once, for the interval of KID."""


def standardised(features: F32, like: F32) -> F32:
    """Features less the mean of ``like``, by its standard deviation, at most six of them.

    A feature that does not vary in ``like`` is measured by its spread in both.
    """
    middle, spread = like.mean(axis=0), like.std(axis=0)
    both = np.concatenate([features, like]).std(axis=0)
    spread = np.where(spread > 1e-6, spread, np.where(both > 1e-6, both, 1))
    made: F32 = np.clip((features - middle) / spread, -6, 6).astype(np.float32)
    return made


@dataclass(frozen=True)
class Kid:
    """The kernel inception distance with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def kid(first: F32, second: F32, first_family: I64, second_family: I64) -> Kid:
    """The squared maximum mean discrepancy under the kernel (x . y / d + 1) ** 3, unbiased.

    Binkowski et al., "Demystifying MMD GANs", ICLR 2018; of whatever features are given. It is 0 on average
    for two samples of one distribution. Pairs within a title family are left out. The interval is a
    jackknife over groups of title families.
    """
    within = [
        _group_sums(each, each, family, family, True)
        for each, family in ((first, first_family), (second, second_family))
    ]
    between = _group_sums(first, second, first_family, second_family, False)
    every = _mmd(within[0], within[1], between, np.ones(GROUPS, dtype=bool))
    parts = []
    for group in range(GROUPS):
        kept = np.arange(GROUPS) != group
        parts.append(_mmd(within[0], within[1], between, kept))
    known = np.array([each for each in parts if np.isfinite(each)])
    error = np.sqrt((len(known) - 1) / max(1, len(known)) * ((known - known.mean()) ** 2).sum())
    return Kid(every, every - Z95 * float(error), every + Z95 * float(error))


Sums = tuple[F64, F64]
"""Sums of the kernel and numbers of pairs, by the groups of both pictures: (GROUPS, GROUPS) each."""


def _group_sums(first: F32, second: F32, first_family: I64, second_family: I64, one_set: bool) -> Sums:
    kernel: Any = (first @ second.T / np.float32(first.shape[1]) + 1) ** 3
    counted = np.ones_like(kernel)
    if one_set:
        same = first_family[:, None] == second_family[None, :]
        kernel[same] = counted[same] = 0
    rows, columns = (
        np.eye(GROUPS, dtype=np.float32)[family % GROUPS] for family in (first_family, second_family)
    )
    return (
        (rows.T @ kernel @ columns).astype(np.float64),
        (rows.T @ counted @ columns).astype(np.float64),
    )


def _mmd(first: Sums, second: Sums, between: Sums, kept: Any) -> float:
    means = []
    for sums, counts in (first, second, between):
        here = np.ix_(kept, kept)
        pairs = counts[here].sum()
        if not pairs:
            return float("nan")
        means.append(sums[here].sum() / pairs)
    return float(means[0] + means[1] - 2 * means[2])


@dataclass(frozen=True)
class Neighbourhood:
    """Which pictures of two sets are among each other's neighbours; float64, 1 for yes.

    ``precise``: of each of the second set, whether it is in the ball of one of the first. ``recalled``: of
    each of the first set, whether it is in the ball of one of the second. ``covered``: of each of the first
    set, whether its ball holds one of the second. ``gap``: of each of the first set, the distance to the
    nearest of the second, in radii of its ball.
    """

    precise: F64
    recalled: F64
    covered: F64
    gap: F64


def neighbourhood(first: F32, second: F32, first_family: I64, second_family: I64) -> Neighbourhood:
    """Precision and recall (Kynkaanniemi et al., NeurIPS 2019) and coverage (Naeem et al., ICML 2020)."""
    between = _distances(first, second)
    first_radius = _radii(first, first_family)
    second_radius = _radii(second, second_family)
    nearest = between.min(axis=1)
    return Neighbourhood(
        np.asarray((between <= first_radius[:, None]).any(axis=0), dtype=np.float64),
        np.asarray((between <= second_radius[None, :]).any(axis=1), dtype=np.float64),
        (nearest <= first_radius).astype(np.float64),
        (nearest / np.maximum(first_radius, 1e-6)).astype(np.float64),
    )


def _radii(features: F32, family: I64) -> F32:
    """The distance of each picture to its fifth nearest of other families."""
    distances = _distances(features, features)
    distances[family[:, None] == family[None, :]] = np.inf
    at = min(NEIGHBOURS, len(features)) - 1
    nearest: F32 = np.partition(distances, at, axis=1)[:, at]
    return np.where(np.isfinite(nearest), nearest, 0).astype(np.float32)


def _distances(first: F32, second: F32) -> F32:
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)[None, :] - 2 * first @ second.T
    made: F32 = np.sqrt(np.maximum(squares, 0))
    return made
