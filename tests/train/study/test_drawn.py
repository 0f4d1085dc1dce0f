"""Tables, plot and page draw the results as they are, escaped, without a script."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from datagen.schemas.pages.template import policy_hash
from datagen.train.study.outcome import Outcome
from datagen.train.study.page import page
from datagen.train.study.plan import MAJORITY, MIXTURE, REAL, SYNTHETIC
from datagen.train.study.plot import plot
from datagen.train.study.results import Effect, Point, ScoreResults
from datagen.train.study.statistics import Interval, Worth
from datagen.train.study.tables import HEADINGS, markdown, signed, table_of, worth_text

NAN = math.nan
SCORE = Interval(0.6, 0.5, 0.7, 0.05)
GAIN = Interval(0.1, 0.04, 0.16, 0.03)
POINTS = (
    Point(MAJORITY, 50, 0.0, 6, Interval(0.4, 0.4, 0.4, 0.0)),
    Point(REAL, 50, 0.0, 6, SCORE),
    Point(REAL, 200, 0.0, 6, Interval(0.7, 0.6, 0.8, 0.05)),
    Point(MIXTURE, 50, 0.5, 6, Interval(0.7, 0.6, 0.8, 0.05)),
    Point(SYNTHETIC, 0, 1.0, 6, SCORE),
)
EFFECTS = (
    Effect(MIXTURE, 50, 0.5, 6, GAIN, 0.031, 0.38, 0.084, Worth(150, 20, 150, "least")),
    Effect(SYNTHETIC, 50, 1.0, 6, Interval(0.0, NAN, NAN, NAN), 1.0, NAN, NAN, None),
)
RESULTS = ScoreResults("category_accuracy", "category accuracy", POINTS, EFFECTS)
DATA = {
    "real": "<script>shop",
    "synthetic": "made & more",
    "test_rows": 60,
    "test_families": 30,
    "pool": 200,
    "used": 800,
    "synthetic_rows": 900,
    "left_out": 3,
}
OUTCOME = Outcome(
    "datagen study", DATA, {"name": "cnn"}, {"torch": "2"}, 9, 8, {}, (0, 1), (RESULTS,), ("A & B.",)
)


def test_a_line_of_the_table_has_the_difference_and_what_it_is_worth() -> None:
    lines = {line[1]: line for line in table_of(RESULTS) if line[0] == "50"}
    assert lines["real, 50 % synthetic"][2:] == [
        "70.0 % (60.0 to 80.0)",
        "+10.0 (+4.0 to +16.0)",
        "0.031",
        "38.0 %",
        "8.4",
        "≥ 150 (20 to 150)",
    ]
    assert lines["real"][3:] == ["–"] * 5
    assert lines["synthetic alone"][3:] == ["0.0 (no interval)", "1.000", "–", "–", "–"]
    assert lines["no model: most frequent answer"][2] == "40.0 %"


def test_rows_without_real_ones_are_compared_at_every_size() -> None:
    assert [line[0] for line in table_of(RESULTS) if line[1] == "synthetic alone"] == ["50", "200"]


def test_markdown_has_a_table_for_every_score() -> None:
    text = markdown((RESULTS, replace(RESULTS, label="price within 20 %")))
    assert text.count(" | ".join(HEADINGS)) == 2
    assert "### Price within 20 %" in text


def test_differences_have_a_sign_and_zero_has_none() -> None:
    assert [signed(one) for one in (0.071, -0.03, -0.0001, 0.0)] == ["+7.1", "-3.0", "0.0", "0.0"]
    assert worth_text(Worth(-20, NAN, NAN, "most")) == "≤ -20"


@pytest.mark.parametrize("points", [POINTS, POINTS[:2], POINTS[-1:]])
def test_the_plot_is_svg_with_a_line_for_every_arm(points: tuple[Point, ...]) -> None:
    drawn = plot((replace(RESULTS, points=points),), "made & more")
    tree = ElementTree.fromstring(drawn)  # noqa: S314 (our own)
    lines = [one for one in tree.iter() if one.tag.endswith("polyline")]
    assert len(lines) == len({(one.arm, one.share) for one in points})
    for number in re.findall(r'(?:x|y|x1|x2|y1|y2|points)="([^"]*)"', drawn):
        assert "nan" not in number
    assert plot((replace(RESULTS, points=()),), "nothing").count("<polyline") == 0


def test_the_page_shows_anybodys_names_and_allows_only_its_own_style() -> None:
    text = page(OUTCOME)
    assert "<script" not in text
    assert "&lt;script&gt;shop" in text
    assert "A &amp; B." in text
    style = text.split("<style>")[1].split("</style>")[0]
    assert policy_hash(style) in text
    assert "style=" not in text.split("<body>")[1]
    assert page(OUTCOME) == text
    assert "Failed" not in text
    assert "the cable" in page(replace(OUTCOME, failed={"ab": "the cable"}))
