"""Numbers and verdicts in words."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from datagen.report.figures import Figure, Section
from datagen.report.page import wording
from datagen.report.page.wording import cell_number, interval, number, wanted


def test_the_examples_hold() -> None:
    assert doctest.testmod(wording).failed == 0


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_number_reads_back_as_nearly_itself(value: float) -> None:
    for shown, off in ((number(value), 0.0006), (cell_number(value), 0.0006)):
        if shown == "–":
            continue
        assert abs(float(shown.replace(",", "")) - value) <= max(off, abs(value) * 0.006)


def test_intervals_and_thresholds_in_words() -> None:
    figure = Figure("x", 0.6, 0.5, 0.7, threshold=0.65)
    assert (interval(figure), wanted(figure)) == ("0.500 to 0.700", "at most 0.650")
    assert wanted(Figure("x", 0.6, threshold=0.5, better="higher")) == "at least 0.500"
    assert (interval(Figure("x", None, 0.5, 0.7)), wanted(Figure("x", 1.0))) == ("", "")


def test_the_headline_is_what_fails_first() -> None:
    good, bad, plain = Figure("a", 0.1, threshold=1), Figure("b", 2.0, threshold=1), Figure("c", 3.0)
    assert Section("x", "X", figures=(plain, good, bad)).headline == bad
    assert Section("x", "X", figures=(plain, good)).headline == plain
    assert Section("x", "X").headline is None


def test_a_headline_that_could_not_be_computed_gives_way_to_one_that_could() -> None:
    unknown, good = Figure("c", None, not_computed="there are 3 rows"), Figure("a", 0.1, threshold=1)
    assert Section("x", "X", figures=(unknown, good)).headline == good
    assert Section("x", "X", figures=(unknown,)).headline == unknown


def test_a_figure_that_is_no_number_is_not_judged() -> None:
    assert Figure("a", float("nan"), threshold=1).verdict == "none"
