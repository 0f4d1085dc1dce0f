"""What each figure has to reach for the report's verdict, and why: all thresholds are here."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import Literal, NamedTuple

from datagen.report.figures import Figure


class Threshold(NamedTuple):
    """The value to reach, the side that is better, and the reason."""

    value: float
    better: Literal["lower", "higher"]
    reason: str


THRESHOLDS: dict[str, Threshold] = {
    "two-sample AUC": Threshold(
        0.70,
        "lower",
        "Seven of ten pairs told apart: a convention. An honest draw reaches 0.50; compare with the columns "
        "shuffled apart.",
    ),
    "two-sample AUC of pictures": Threshold(
        0.75,
        "lower",
        "Three of four pairs told apart, by features that describe pictures only coarsely; two draws of one "
        "generator reach 0.50, drawings against photos 1.00.",
    ),
    "rows that break a rule": Threshold(
        0.0,
        "lower",
        "A rule that every real row keeps can be kept by every synthetic one, as it is computed.",
    ),
    "price from title: share of the real-trained R2": Threshold(
        0.90,
        "higher",
        "What is learned from synthetic rows has lost at most a tenth of what real rows teach.",
    ),
    "category from title: share of what real rows teach": Threshold(
        0.90, "higher", "As for the price: at most a tenth is lost of what real rows teach beyond guessing."
    ),
    "copied rows": Threshold(0.0, "lower", "A made row that equals a real one, prices and all, was copied."),
    "copied codes": Threshold(0.0, "lower", "A code names one product; it has no reason to come again."),
    "copied links": Threshold(0.0, "lower", "A link names one product; it has no reason to come again."),
    "share nearer to the fitted rows": Threshold(
        0.65,
        "lower",
        "One half is right. Learned words make made rows a little nearer to the rows they were learned from.",
    ),
    "strongest membership attack": Threshold(
        0.58,
        "lower",
        "Shown a row that was fitted and one that was not, an attacker picks the right one in at most 58 of "
        "100 cases; 50 is guessing.",
    ),
}


def judged(
    name: str,
    value: float,
    low: float | None = None,
    high: float | None = None,
    references: dict[str, float] | None = None,
    about: str = "",
    at_least: float = 0.0,
) -> Figure:
    """A figure with the threshold of its name and why; ``at_least``: a threshold that real rows reach."""
    threshold, better, reason = THRESHOLDS[name]
    threshold = max(threshold, at_least)
    known = {key: round(float(each), 4) for key, each in (references or {}).items()}
    ends = [None if end is None or not isfinite(end) else round(float(end), 4) for end in (low, high)]
    text = f"{about} {reason}".strip()
    return Figure(name, round(float(value), 4), ends[0], ends[1], known, threshold, better, text)


def judged_auc(
    name: str,
    value: float,
    low: float,
    high: float,
    references: dict[str, float],
    about: str,
    *,
    smallest: float,
    few: bool,
) -> Figure:
    """The AUC of a two-sample test with the threshold of its name, or with its rows' own where they are few.

    ``smallest``: the smallest AUC that its rows can tell from chance. ``few``: whether the threshold of the
    name, which is for as many rows as a test takes, does not hold. An AUC grows with the rows that a
    classifier learns from, and so do those of the references; so few rows are judged by half the way from
    the other half to the columns shuffled apart, if they can tell that from chance.
    """
    figure = judged(name, value, low, high, references, about)
    usual, best, worst = THRESHOLDS[name].value, references.get("other half"), references.get("shuffled")
    if worst is not None and worst < smallest:
        return _unjudged(figure, "even columns shuffled apart could not be told from real ones")
    if few and best is not None and worst is not None:
        half_way = (max(best, 0.5) + worst) / 2
        threshold = round(min(usual, max(half_way, smallest)), 4)
        if threshold < usual:
            why = (
                "the smallest AUC that so few can tell from chance"
                if threshold > half_way
                else "half the way from the other half of the real ones to the columns shuffled apart"
            )
            sentence = f"With so few, {usual:.2f} would be lenient: the threshold here is {why}."
            return replace(figure, threshold=threshold, about=f"{figure.about} {sentence}")
    if smallest >= usual:
        return _unjudged(figure, "an AUC at the threshold could not be told from chance")
    return figure


def _unjudged(figure: Figure, why: str) -> Figure:
    return replace(figure, threshold=None, about=f"{figure.about} It is not judged here: with so few, {why}.")
