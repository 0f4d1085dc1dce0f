"""Groups of category values or kinds that choose alike: that end prices alike, or come in like colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datagen.schemas.keyed import F64, I64

_ROUNDS = 40
_PRIOR = 5.0
"""Choices of the whole catalogue that each group is smoothed with."""


def habits_of(who: Sequence[str], what: Sequence[str], many: int, least: int) -> dict[str, int]:
    """The group of each who chose ``least`` times or more: a mixture of at most ``many`` multinomials.

    ``who`` chose ``what``, entry by entry. Fitted by expectation and maximisation with hard assignments,
    begun with those who chose most often.
    """
    names, of_who = np.unique(np.array(who, dtype=object), return_inverse=True)
    options, of_what = np.unique(np.array(what, dtype=object), return_inverse=True)
    counts: F64 = np.zeros((len(names), len(options)))
    np.add.at(counts, (of_who, of_what), 1)
    total = counts.sum(axis=1)
    told = np.flatnonzero(total >= least)
    if len(told) < 2:
        return {}
    usual = counts.sum(axis=0) / counts.sum()
    begin = _apart(counts[told], usual, min(many, len(told)))
    group = _likeliest(counts[told], counts[told][begin], usual)
    for _ in range(_ROUNDS):
        sums = np.zeros((len(begin), len(options)))
        np.add.at(sums, group, counts[told])
        moved = _likeliest(counts[told], sums, usual)
        if (moved == group).all():
            break
        group = moved
    return {str(names[at]): int(its) for at, its in zip(told, group, strict=True)}


def _likeliest(counts: F64, sums: F64, usual: F64) -> I64:
    smooth = sums + _PRIOR * usual
    log = np.log(np.maximum(smooth / smooth.sum(axis=1, keepdims=True), 1e-9))
    group: I64 = (counts @ log.T).argmax(axis=1)
    return group


def _apart(counts: F64, usual: F64, many: int) -> list[int]:
    """Beginnings: who chose most often, then again and again whoever is worst described so far."""
    chosen = [int(counts.sum(axis=1).argmax())]
    while len(chosen) < many:
        smooth = counts[chosen] + _PRIOR * usual
        log = np.log(np.maximum(smooth / smooth.sum(axis=1, keepdims=True), 1e-9))
        own = counts + _PRIOR * usual
        best = (counts * np.log(np.maximum(own / own.sum(axis=1, keepdims=True), 1e-9))).sum(axis=1)
        lost = best - (counts @ log.T).max(axis=1)
        lost[chosen] = -1
        if lost.max() <= 0:
            break
        chosen.append(int(lost.argmax()))
    return chosen
