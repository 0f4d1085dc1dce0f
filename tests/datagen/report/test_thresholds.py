"""What the AUC of a two-sample test is judged by: a convention for many rows, its own references for few."""

from __future__ import annotations

import pytest

from datagen.report.figures import Figure
from datagen.report.thresholds import judged_auc

NAME = "two-sample AUC"


def judge(value: float, best: float, worst: float, smallest: float, *, few: bool) -> Figure:
    references = {"other half": best, "resample": 0.4, "shuffled": worst, "chance": 0.5}
    return judged_auc(NAME, value, value - 0.03, value + 0.03, references, "", smallest=smallest, few=few)


def test_as_many_rows_as_a_test_takes_are_judged_by_the_convention() -> None:
    found = judge(0.69, 0.5, 0.8, 0.52, few=False)
    assert (found.threshold, found.verdict) == (0.7, "pass")


@pytest.mark.parametrize(
    ("best", "worst", "smallest", "threshold"),
    [
        (0.50, 0.70, 0.56, 0.60),  # half the way to the columns shuffled apart
        (0.40, 0.70, 0.56, 0.60),  # below chance is chance
        (0.54, 0.62, 0.61, 0.61),  # which so few could not tell from chance
        (0.50, 0.99, 0.56, 0.70),  # never above the convention
    ],
)
def test_few_rows_are_judged_by_their_own_references(
    best: float, worst: float, smallest: float, threshold: float
) -> None:
    above, below = (judge(threshold + by, best, worst, smallest, few=True) for by in (0.005, -0.005))
    assert above.threshold == below.threshold == pytest.approx(threshold)
    assert (above.verdict, below.verdict) == ("fail", "pass")
    assert ("threshold here is" in above.about) == (threshold < 0.7)


@pytest.mark.parametrize(("worst", "smallest"), [(0.60, 0.61), (0.99, 0.71)])
def test_what_so_few_rows_cannot_tell_is_not_judged(worst: float, smallest: float) -> None:
    found = judge(0.9, 0.5, worst, smallest, few=True)
    assert found.verdict == "none"
    assert "It is not judged here: with so few" in found.about
