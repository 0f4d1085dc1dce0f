"""The drawn scale: marks lie in the order of their numbers, and the passing side is the right one."""

from __future__ import annotations

import re
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from datagen.report.figures import REFERENCES, Figure
from datagen.report.page.scale import mark, scale

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def places(drawn: str, tag: str, attribute: str) -> list[float]:
    """The positions, in percent, of the elements of a kind."""
    return [float(found) for found in re.findall(rf'<{tag}[^>]* {attribute}="([\d.-]+)%"', drawn)]


@given(NUMBERS, st.lists(NUMBERS, min_size=4, max_size=4), NUMBERS, st.sampled_from(["lower", "higher"]))
def test_everything_lies_on_the_scale_in_the_order_of_its_numbers(
    value: float, others: list[float], threshold: float, better: Literal["lower", "higher"]
) -> None:
    figure = Figure("x", value, None, None, dict(zip(REFERENCES, others, strict=True)), threshold, better)
    drawn = scale(figure)
    if not drawn:
        assert len({value, threshold, *others}) == 1
        return
    (dot,) = places(drawn, "circle", "cx")
    marks = places(drawn, "svg", "x")
    (bound,) = places(drawn, 'line class="bound"', "x1")
    for place in (dot, bound, *marks):
        assert 0 < place < 100
    numbers = sorted(zip([value, threshold, *others], [dot, bound, *marks], strict=True))
    assert [place for _, place in numbers] == sorted(place for _, place in numbers)
    (width,) = places(drawn, 'rect class="good"', "width")
    inside = width if better == "lower" else 100 - width
    assert abs(inside - bound) < 0.02


def test_a_figure_without_anything_to_compare_has_no_scale() -> None:
    assert scale(Figure("x", 1.0)) == ""
    assert scale(Figure("x", None, references={"chance": 0.5})) == ""
    assert scale(Figure("x", float("nan"), references={"chance": 0.5})) == ""
    assert scale(Figure("x", 0.5, references={"chance": 0.5})) == ""


def test_every_reference_has_a_shape_of_its_own_and_the_scale_a_text() -> None:
    assert len({mark(name) for name in (*REFERENCES, "another")}) == 5
    drawn = scale(Figure('AUC "<x>"', 0.7, references={"chance": 0.5}))
    assert 'aria-label="AUC &quot;&lt;x&gt;&quot; 0.700 on a scale with chance 0.500"' in drawn
