"""Fidelity: whether synthetic rows can be told from real ones, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.arrow import numbers
from datagen.columns.rule import Broken
from datagen.columns.rules import rules
from datagen.report.fidelity import side_by_side
from datagen.report.fidelity.features import broken_rules
from datagen.report.fidelity.shapes import Quality, quality
from datagen.report.fidelity.two_sample import MOST_ROWS, TwoSample, two_sample
from datagen.report.figures import Figure, Section, Table
from datagen.report.sets.rows import Comparison, Rows, resample, shuffled, some
from datagen.report.statistics.intervals import share_interval, smallest_auc
from datagen.report.thresholds import judged, judged_auc
from datagen.schemas.schema import Code

AUC_NAME = "two-sample AUC"
RULES_NAME = "rows that break a rule"


@dataclass(frozen=True)
class Tested:
    """The two-sample test of a comparison, or why there is none, and the AUC of each reference."""

    headline: TwoSample | str
    references: dict[str, float]


def two_sample_tests(sets: Comparison) -> Tested:
    """The headline test, and the same test of the references."""
    seed, like = sets.seed, _of_like_size(sets)
    tests = {
        "other half": two_sample(*sets.halves, seed, like),
        "resample": two_sample(sets.real, resample(sets.real, seed), seed, like),
        "shuffled": two_sample(sets.real, shuffled(sets.real, seed), seed, like),
    }
    found = {name: _round(test.result.value) for name, test in tests.items() if isinstance(test, TwoSample)}
    return Tested(two_sample(sets.real, sets.synthetic, seed, like), {**found, "chance": 0.5})


def fidelity(sets: Comparison, tested: Tested) -> Section:
    """The two-sample test beside its references, rules, and tables side by side."""
    left_out = list(sets.left_out)
    if not _of_like_size(sets):
        left_out.append(
            f"How often titles repeat was not a feature of the classifier, since the sets differ in size "
            f"({len(sets.real):,} and {len(sets.synthetic):,} rows) and larger sets repeat more."
        )
    rows = min(len(sets.real), len(sets.synthetic))
    real, synthetic = (
        some(each, rows, sets.seed, f"report table {at}")
        for at, each in enumerate((sets.real, sets.synthetic))
    )
    rule_figure, rule_table = _rules(sets)
    tables = [
        rule_table,
        side_by_side.title_table(real, synthetic),
        side_by_side.word_table(real, synthetic),
        side_by_side.price_table(sets.real, sets.synthetic),
        *side_by_side.category_tables(sets.real, sets.synthetic),
        side_by_side.number_table(sets.real, sets.synthetic),
        side_by_side.repeat_table(real, synthetic),
    ]
    for what, there in (
        ("Titles", sets.real.titles is not None),
        ("Prices", sets.real.prices is not None),
        ("Categories", bool(sets.real.categories)),
    ):
        if not there:
            left_out.append(f"{what} were not compared, since the sets have no such column in common.")
    figures, pair_table = _sdmetrics(sets)
    return Section(
        "fidelity",
        "Fidelity",
        about=(
            "Whether a classifier can tell synthetic rows from real ones, by categories, words and length of "
            "the title, price, ending, repeated titles, and how these go together: 0.5 means that it cannot. "
            "It is asked about title families that it was not trained on. "
            + (
                "The real rows here are the holdout, which the profile was not fitted to."
                if sets.holdout
                else "The real rows here may be those that the profile was fitted to, which flatters copies."
            )
        ),
        figures=(*_headline(tested), rule_figure, *figures),
        tables=tuple(table for table in [*tables, pair_table] if table is not None),
        left_out=tuple(left_out),
        main=(AUC_NAME,),
    )


def _round(value: float) -> float:
    return round(float(value), 4)


def _headline(tested: Tested) -> tuple[Figure, ...]:
    test = tested.headline
    if isinstance(test, str):
        return (Figure(AUC_NAME, None, references=tested.references, not_computed=test),)
    rows, result = len(test.first), test.result
    smallest = smallest_auc(result, (rows, rows))
    about = f"{rows:,} + {rows:,} rows; the AUC grows with the number of rows."
    return (
        judged_auc(
            AUC_NAME,
            result.value,
            result.low,
            result.high,
            tested.references,
            about,
            smallest=smallest,
            few=rows < MOST_ROWS,
        ),
        Figure(
            "smallest AUC told from chance",
            _round(smallest),
            about=(
                f"By {rows:,} + {rows:,} rows of these title families, with a power of 80 % at the 5 % level."
            ),
        ),
    )


def _of_like_size(sets: Comparison) -> bool:
    """Whether repeated titles can be compared: they are more frequent in larger sets."""
    return 0.8 <= len(sets.real) / len(sets.synthetic) <= 1.25


def _rules(sets: Comparison) -> tuple[Figure, Table]:
    """Every rule with the rows that break it; the figure counts rules that all real rows keep."""
    sides = [{**broken_rules(rows), **_unique(rows)} for rows in (sets.real, sets.synthetic)]
    kept = [name for name in sides[0] if not sides[0][name].any()]
    rows: list[tuple[str | float | None, ...]] = []
    for name in sides[0]:
        note = "" if name in kept else "not judged: real rows break it too"
        rows.append((name, int(sides[0][name].sum()), int(sides[1][name].sum()), note))
    broken = np.zeros(len(sets.synthetic), dtype=bool)
    for name in kept:
        broken |= sides[1][name]
    of_profile = _broken_by_profile(sets)
    for name, where in of_profile.items():
        broken |= where
        if where.any():
            rows.append((name, None, int(where.sum()), "a rule of the profile that the rows were made from"))
    if of_profile and not any(where.any() for where in of_profile.values()):
        rows.append((f"all {len(of_profile)} rules of the profile that the rows were made from", None, 0, ""))
    table = Table("Rules, rows that break them", ("rule", "real", "synthetic", ""), tuple(rows))
    if not rows:
        return Figure(RULES_NAME, None, not_computed="the schema implies no rule"), table
    share, low, high = share_interval(broken.astype(float), sets.synthetic.family, sets.seed, "rules")
    return judged(RULES_NAME, share, low, high), table


def _unique(rows: Rows) -> dict[str, Broken]:
    """Where a code is one that another row has too."""
    column = rows.schema.one(Code)
    if column is None:
        return {}
    codes = np.array(rows.texts(column.name), dtype=object)
    _, at, often = np.unique(codes.astype(str), return_inverse=True, return_counts=True)
    return {f"{column.name} is in one row only": often[at] > 1}


def _broken_by_profile(sets: Comparison) -> dict[str, Broken]:
    """Where synthetic rows break the rules of the profile that they were made from, which ``verify``
    checks.
    """
    if sets.profile is None or len(sets.profile.shelves[0].path) != len(sets.real.categories):
        return {}
    table = sets.synthetic.table
    complete = np.ones(len(table), dtype=bool)
    for column in table.columns:
        complete &= ~column.is_null().to_numpy()
    found = {}
    for rule in rules(sets.real.schema, sets.profile):
        broken = np.zeros(len(table), dtype=bool)
        if complete.any():
            broken[complete] = rule.broken(table.filter(numbers(complete)))
        found[f"{rule.column} {rule.text}"] = broken
    return found


def _sdmetrics(sets: Comparison) -> tuple[tuple[Figure, ...], Table | None]:
    seed = sets.seed
    found: dict[str, Quality] = {
        "synthetic": quality(sets.real, sets.synthetic),
        "other half": quality(*sets.halves),
        "resample": quality(sets.real, resample(sets.real, seed)),
        "shuffled": quality(sets.real, shuffled(sets.real, seed)),
    }
    about = (
        "SDMetrics' number, shown because it is known and judged by nothing: every new title counts as a "
        "fault, so it may give columns shuffled apart more than an honest draw (compare the references)."
    )
    figures = []
    for name, part, text in (
        ("SDMetrics overall", "overall", about),
        ("SDMetrics column shapes", "shapes", "The mean over columns of KSComplement and TVComplement."),
        ("SDMetrics pair trends", "trends", "The mean over the pairs of columns that depend on each other."),
    ):
        values = {kind: _round(getattr(each, part)) for kind, each in found.items()}
        value = values.pop("synthetic")
        known = {kind: number for kind, number in values.items() if np.isfinite(number)}
        reason = "" if np.isfinite(value) else "no pair of columns depends on each other enough"
        figures.append(
            Figure(
                name,
                value if not reason else None,
                references=known,
                better="higher",
                about=text,
                not_computed=reason,
            )
        )
    half, synthetic = found["other half"], found["synthetic"]
    names = [(name, half.columns.get(name), score) for name, score in synthetic.columns.items()]
    pairs = [(f"{a} × {b}", half.pairs.get((a, b)), score) for (a, b), score in synthetic.pairs.items()]
    rows = tuple(
        (name, None if of_half is None else _round(of_half), _round(score))
        for name, of_half, score in [*names, *sorted(pairs, key=lambda pair: pair[2])[:20]]
    )
    return tuple(figures), Table(
        "SDMetrics' shapes and pairs, 1 at best", ("", "other half", "synthetic"), rows
    ) if rows else None
