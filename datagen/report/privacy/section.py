"""Privacy: whether synthetic rows tell which real rows they were made from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from datagen.report.figures import Figure, Section, Table
from datagen.report.privacy.attacks import Targets, attacks, targets
from datagen.report.privacy.copies import copy_figures
from datagen.report.privacy.nearness import Nearest, Space, nearest, next_family
from datagen.report.sets.rows import Comparison, Rows, resample, some
from datagen.report.statistics.intervals import Auc, auc, family_weights, percentiles, share_interval
from datagen.report.thresholds import judged
from datagen.schemas.keyed import F64, permutation

MOST_ATTACKED = 3_000
"""Rows of each kind, members and others; and synthetic rows whose nearest real ones are looked for."""
MOST_MADE = 10_000
"""Synthetic rows that an attack computes distances to."""
FEWEST_ATTACKED = 30
NEAR_COPY = 0.1
"""The distance below which a row is a near copy: three parts of ten of one of the three aspects differ."""
Z_SIMULTANEOUS = 2.7344
"""For eight intervals that hold together with 95 % (Bonferroni: the quantile of 1 - 0.05 / 16)."""
PERMUTATIONS = 200

NEARER = "share nearer to the fitted rows"
STRONGEST = "strongest membership attack"

_UNKNOWN = (
    "it is not known which real rows the synthetic ones were fitted to; hold whole title families out, fit "
    "to the others, and give those held out as --holdout"
)


def privacy(sets: Comparison) -> Section:
    """Copies, nearness and membership attacks."""
    if not all(map(len, sets.halves)):
        return Section(
            "privacy", "Privacy", not_computed="the real titles are all alike, so that none can be held apart"
        )
    copied, copy_table = copy_figures(sets)
    near_figures, near_table = _nearness(sets)
    membership, tables = _membership(sets) if sets.holdout else (_not_known(), ())
    left_out = []
    if not sets.holdout:
        left_out.append(
            "Membership attacks and the share nearer to the fitted rows need a holdout. Copies and "
            "distances to real rows are computed against all real rows, and say whether rows are repeated, "
            "not whether a row could be recognised."
        )
    return Section(
        "privacy",
        "Privacy",
        about=(
            "Whether synthetic rows give real ones away. That none is near a real one does not prove "
            "privacy: data that pass distance tests have been open to membership attacks (arXiv "
            "2505.01524). So the section is judged by the strongest of several attacks, and stronger ones "
            "may exist."
        ),
        figures=(*copied, *near_figures, *membership),
        tables=(copy_table, near_table, *tables),
        left_out=tuple(left_out),
        main=(STRONGEST,),
    )


def _not_known() -> tuple[Figure, ...]:
    return tuple(Figure(name, None, not_computed=_UNKNOWN) for name in (NEARER, STRONGEST))


def _nearness(sets: Comparison) -> tuple[tuple[Figure, ...], Table]:
    """Near copies and nearest-neighbour ratios of synthetic rows, and of real rows of other families."""
    first, second = (
        some(half, MOST_ATTACKED, sets.seed, f"report near {at}") for at, half in enumerate(sets.halves)
    )
    made = some(sets.synthetic, MOST_ATTACKED, sets.seed, "report near synthetic")
    space = Space(first, [first, second, made])
    known = space.points(first)
    measured: dict[str, tuple[Rows, Nearest, F64]] = {}
    for name, rows in (("synthetic", made), ("other half", second), ("resample", resample(first, sets.seed))):
        points = space.points(rows)
        found = nearest(points, known, k=1)
        measured[name] = rows, found, next_family(points, known, found)
    close = {
        name: (near.distance[:, 0] < NEAR_COPY).astype(np.float64) for name, (_, near, _) in measured.items()
    }
    ratio = {name: _ratio(near.distance[:, 0], after) for name, (_, near, after) in measured.items()}
    share, low, high = share_interval(close["synthetic"], made.family, sets.seed, "near copies")
    weights = family_weights(made.family, sets.seed, "nearest ratio")
    middle = percentiles(_weighted_medians(ratio["synthetic"], weights))
    figures = (
        Figure(
            "near copies",
            round(share, 4),
            round(low, 4),
            round(high, 4),
            {name: round(float(values.mean()), 4) for name, values in close.items() if name != "synthetic"},
            about=(
                f"Synthetic rows whose distance to the nearest of {len(first):,} real rows is below "
                f"{NEAR_COPY}: the same title, category and price but for one detail. The other half has no "
                "title of these rows, so it has few near copies by nature; not judged."
            ),
        ),
        Figure(
            "nearest-neighbour ratio",
            round(float(np.median(ratio["synthetic"])), 4),
            round(middle[0], 4),
            round(middle[1], 4),
            {
                name: round(float(np.median(values)), 4)
                for name, values in ratio.items()
                if name != "synthetic"
            },
            better="higher",
            about=(
                "The median of the distance to the nearest real row by that to the nearest of another title "
                "family: 0 for copies, near 1 where no single real row was followed. Not judged."
            ),
        ),
    )
    quantiles = (0.0, 0.01, 0.05, 0.25, 0.5)
    table = Table(
        "Distance to the nearest real row",
        ("", "least", "1 %", "5 %", "25 %", "50 %"),
        tuple(
            (name, *(round(float(at), 3) for at in np.quantile(near.distance[:, 0], quantiles)))
            for name, (_, near, _) in measured.items()
        ),
        "To one half of the real rows: of synthetic rows, of the other half, and of copies of the half.",
    )
    return figures, table


def _ratio(near: F64, after: F64) -> F64:
    """Nearest by next; 1 where both are copies or there is no next."""
    known = np.isfinite(after) & (after > 0)
    ratio: F64 = np.where(known, near / np.where(known, after, 1.0), 1.0)
    return ratio


def _weighted_medians(values: F64, weights: F64) -> F64:
    """The median of the values under each row of weights."""
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[:, order], axis=1)
    at = (upto < upto[:, -1:] / 2).sum(axis=1)
    medians: F64 = values[order][np.minimum(at, len(values) - 1)]
    return medians


@dataclass(frozen=True)
class Attacked:
    """The scores of every attack on the same targets, and their AUCs."""

    at: Targets
    scores: dict[str, F64]
    results: dict[str, Auc]

    @property
    def strongest(self) -> str:
        """The attack with the highest AUC."""
        return max(self.results, key=lambda name: (self.results[name].value, name))


def attacked(members: Rows, others: Rows, synthetic: Rows, seed: int) -> Attacked:
    """All attacks on as many members as others."""
    rows = min(len(members), len(others), MOST_ATTACKED)
    at = targets(some(members, rows, seed, "report members"), some(others, rows, seed, "report non-members"))
    near = some(synthetic, MOST_MADE, seed, "report attacked")
    scores = attacks(at, synthetic, near)
    return Attacked(
        at, scores, {name: auc(score, at.member, at.rows.family) for name, score in scores.items()}
    )


def _membership(sets: Comparison) -> tuple[tuple[Figure, ...], tuple[Table, ...]]:
    members, others = sets.halves
    fewest = min(len(members), len(others))
    if fewest < FEWEST_ATTACKED:
        reason = f"real rows and holdout need {FEWEST_ATTACKED} rows each, and one has {fewest:,}"
        return tuple(Figure(name, None, not_computed=reason) for name in (NEARER, STRONGEST)), ()
    found = attacked(members, others, sets.synthetic, sets.seed)
    copier = attacked(members, others, resample(members, sets.seed), sets.seed)
    by_chance = _by_chance(found, sets.seed)
    low, high = (
        max(result.value + sign * Z_SIMULTANEOUS * result.error for result in found.results.values())
        for sign in (-1, 1)
    )
    name = found.strongest
    figure = judged(
        STRONGEST,
        found.results[name].value,
        max(0.0, low),
        min(1.0, high),
        {
            "resample": max(result.value for result in copier.results.values()),
            "chance": float(by_chance.mean()),
        },
        (
            f"The AUC of the strongest of {len(found.results)} attacks ({name}) at telling fitted rows from "
            f"{len(found.at.rows) // 2:,} held-out ones. The strongest of several is above 0.5 by chance; "
            "the interval allows for the choice."
        ),
    )
    if np.quantile(by_chance, 0.95) > (figure.threshold or 1.0):
        few = (
            " It is not judged here: with so few rows, the strongest attack is above the threshold by chance."
        )
        figure = replace(figure, threshold=None, about=figure.about + few)
    rows = tuple(
        (
            each,
            round(result.value, 4),
            round(result.low, 4),
            round(result.high, 4),
            round(copier.results[each].value, 4),
        )
        for each, result in sorted(found.results.items(), key=lambda item: (-item[1].value, item[0]))
    )
    table = Table("Membership attacks", ("attack", "AUC", "from", "to", "on a copier"), rows)
    return (_nearer(sets), figure), (table,)


def _by_chance(found: Attacked, seed: int) -> F64:
    """The highest AUC of each of some relabellings that shuffle whole title families."""
    family, member = found.at.rows.family, found.at.member
    clusters, at = np.unique(family, return_inverse=True)
    of_cluster = np.zeros(len(clusters), dtype=bool)
    of_cluster[at] = member
    labels = np.stack(
        [
            of_cluster[permutation(seed, "report relabelled", time, len(clusters))][at]
            for time in range(PERMUTATIONS)
        ]
    ).astype(np.float64)
    many = labels.sum(axis=1)
    highest = np.zeros(PERMUTATIONS)
    for score in found.scores.values():
        _, value, often = np.unique(score, return_inverse=True, return_counts=True)
        rank = (np.cumsum(often) - (often - 1) / 2)[value]
        area = (labels @ rank - many * (many + 1) / 2) / np.maximum(many * (len(rank) - many), 1)
        highest = np.maximum(highest, area)
    return highest


def _nearer(sets: Comparison) -> Figure:
    """The share of synthetic rows whose nearest real row is a fitted one, of as many fitted as held out."""
    rows = min(len(sets.halves[0]), len(sets.halves[1]), MOST_ATTACKED)
    fitted, held_out = (
        some(half, rows, sets.seed, f"report nearer {at}") for at, half in enumerate(sets.halves)
    )
    made = some(sets.synthetic, MOST_ATTACKED, sets.seed, "report near synthetic")
    space = Space(fitted, [fitted, held_out, made])
    sides = [space.points(each) for each in (fitted, held_out)]

    def nearer(points: Rows) -> F64:
        there = space.points(points)
        to_fitted, to_held_out = (nearest(there, side, k=1).distance[:, 0] for side in sides)
        share: F64 = np.where(to_fitted == to_held_out, 0.5, to_fitted < to_held_out)
        return share

    is_nearer = nearer(made)
    share, low, high = share_interval(is_nearer, made.family, sets.seed, "nearer")
    about = f"Out of {rows:,} fitted and {rows:,} held-out rows; ties count half."
    return judged(NEARER, share, low, high, {"resample": float(nearer(fitted).mean()), "chance": 0.5}, about)
