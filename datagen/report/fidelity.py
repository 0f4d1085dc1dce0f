"""Fidelity: whether synthetic rows can be told from real ones, and where they differ."""

from __future__ import annotations

from datagen.report.figures import Figure, Section
from datagen.report.intervals import smallest_auc
from datagen.report.rows import Comparison, resample, shuffled
from datagen.report.thresholds import THRESHOLDS
from datagen.report.two_sample import TwoSample, two_sample


def fidelity(sets: Comparison) -> Section:
    """The classifier two-sample test beside its references."""
    seed = sets.seed
    with_families = _of_like_size(sets)
    others = {
        "other half": two_sample(*sets.halves, seed, with_families),
        "resample": two_sample(sets.real, resample(sets.real, seed), seed, with_families),
        "shuffled": two_sample(sets.real, shuffled(sets.real, seed), seed, with_families),
    }
    headline = two_sample(sets.real, sets.synthetic, seed, with_families)
    references = {
        name: round(test.result.value, 4) for name, test in others.items() if isinstance(test, TwoSample)
    }
    return Section(
        "fidelity",
        "Fidelity",
        about="Whether synthetic rows can be told from real ones.",
        figures=_headline(headline, {**references, "chance": 0.5}),
        left_out=sets.left_out,
    )


def _headline(test: TwoSample | str, references: dict[str, float]) -> tuple[Figure, ...]:
    name = "two-sample AUC"
    if isinstance(test, str):
        return (Figure(name, None, references=references, not_computed=test),)
    rows = len(test.first)
    smallest = smallest_auc(test.result, (rows, rows))
    threshold = THRESHOLDS[name].value
    result = test.result
    return (
        Figure(
            name,
            round(result.value, 4),
            round(result.low, 4),
            round(result.high, 4),
            references,
            threshold if smallest < threshold else None,
        ),
        Figure("smallest AUC that could be told from chance", round(smallest, 4)),
    )


def _of_like_size(sets: Comparison) -> bool:
    """Whether repeated titles can be compared: they are more frequent in larger sets."""
    return 0.8 <= len(sets.real) / len(sets.synthetic) <= 1.25
