"""Bootstrap intervals and comparisons: how wide they are, how often they are right, and what they hang on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scored_rows import (
    CATEGORY_ONLY,
    ROW,
    ROWS,
    TEMPLATE,
    Row,
    fields,
    made_rows,
    scored,
    values,
)

from datagen.schemas.keyed import F64, I64
from datagen.train.chat.conversation import Fields
from datagen.train.evaluation.scoring import compare, score


def simulated(title_families: int, rows: int, chance: float, rng: np.random.Generator) -> tuple[F64, I64]:
    """Whether each row is right, all rows of a family alike, and the rows' title families."""
    right = (rng.random(title_families) < chance).astype(float)
    return np.repeat(right, rows), np.repeat(np.arange(title_families), rows)


def answered(right: Iterable[float]) -> list[Fields | None]:
    """Answers where each category is A, as it should be, or B."""
    return [{"category3_code": "A" if one else "B"} for one in right]


def accuracy(right: F64, title_families: I64, **options: int) -> tuple[float, float]:
    truth: list[Fields] = [{"category3_code": "A"}] * len(right)
    found = score(truth, answered(right), title_families, CATEGORY_ONLY, **options)
    estimate = found.estimates["category_accuracy"]
    assert estimate.value == pytest.approx(right.mean())
    return estimate.low, estimate.high


def test_intervals_hold_the_truth_as_often_as_they_say_and_those_by_row_would_not() -> None:
    rng = np.random.default_rng(0)
    held = {"family": 0, "row": 0}
    for _ in range(120):
        right, title_families = simulated(50, 5, 0.6, rng)
        for unit, by in (("family", title_families), ("row", np.arange(len(right)))):
            low, high = accuracy(right, by, resamples=120)
            held[unit] += low <= 0.6 <= high
    assert held["family"] >= 0.89 * 120
    assert held["row"] <= 0.75 * 120


def test_intervals_are_wider_where_families_are_larger() -> None:
    right, _ = simulated(400, 1, 0.5, np.random.default_rng(1))
    right = np.sort(right)
    widths = []
    for size in (1, 4, 20):
        low, high = accuracy(right, np.arange(400) // size, resamples=400)
        widths.append(high - low)
    normal = 2 * 1.96 * math.sqrt(0.25 / 400)
    assert widths == [pytest.approx(normal * math.sqrt(size), rel=0.15) for size in (1, 4, 20)]


def test_intervals_hang_on_the_seed_alone() -> None:
    rows = made_rows(40)
    first, again, other = scored(rows, 50), scored(rows, 50), scored(rows, 50, seed=1)
    assert json.dumps(first.as_json()) == json.dumps(again.as_json())
    assert values(first) == values(other)
    assert first.estimates["title_exact"] != other.estimates["title_exact"]


def test_draws_are_pinned() -> None:
    rows: list[Row] = [(fields(price=1000.0), fields(price=1000.0 + 2**at), at) for at in range(12)]
    found = scored(rows, 100, seed=7).estimates["price_mae"]
    assert (found.low * 12, found.high * 12) == (917, 8088)


def test_one_family_has_no_interval() -> None:
    for rows in (made_rows(1), [(truth, said, 3) for truth, said, _ in made_rows(9)]):
        found = scored(rows)
        assert found.title_families == 1
        assert not math.isnan(found.estimates["title_exact"].value)
        assert all(math.isnan(one.low) and math.isnan(one.high) for one in found.estimates.values())


def test_a_score_that_most_draws_do_not_have_has_no_interval() -> None:
    rows: list[Row] = [(fields(price=None), fields(), at) for at in range(1, 12)]
    found = scored([(fields(price=100.0), fields(), 0), *rows], 200)
    assert found.estimates["price_within_20"].value == 1
    assert math.isnan(found.estimates["price_within_20"].low)
    assert not math.isnan(found.estimates["title_exact"].low)


def test_a_score_that_is_not_defined_has_no_interval_even_where_a_draw_has_it() -> None:
    rows: list[Row] = [(fields(price=price), fields(price=price), 0) for price in (1.0, 2.0)]
    for seed in range(20):
        found = scored([*rows, (fields(), None, 1)], 1, seed).estimates["price_spearman"]
        assert math.isnan(found.value)
        assert math.isnan(found.low)


@settings(max_examples=50)
@given(ROWS, st.data())
def test_a_comparison_turned_round_changes_its_signs(rows: list[Row], data: st.DataObject) -> None:
    truth, first, title_families = zip(*rows, strict=True)
    one_answer = st.one_of(st.none(), ROW)
    second = data.draw(st.lists(one_answer, min_size=len(rows), max_size=len(rows)))
    there = compare(truth, first, second, np.array(title_families), TEMPLATE, resamples=41)
    back = compare(truth, second, first, np.array(title_families), TEMPLATE, resamples=41)
    for name, one in there.items():
        other = back[name]
        assert (one.value, one.low, one.high) == pytest.approx(
            (-other.value, -other.high, -other.low), nan_ok=True, abs=0, rel=0
        )
        json.dumps(one.as_json(), allow_nan=False)


@given(ROWS)
def test_a_run_is_no_better_than_itself(rows: list[Row]) -> None:
    truth, answers, title_families = zip(*rows, strict=True)
    for one in compare(truth, answers, answers, np.array(title_families), TEMPLATE, resamples=5).values():
        assert one.value == 0 or math.isnan(one.value)
        assert one.low == one.high == 0 or math.isnan(one.low)


def test_a_difference_is_that_of_the_scores_and_pairing_makes_it_sure() -> None:
    """The second answers the same rows right and some more: plain where paired, and only there."""
    rng = np.random.default_rng(2)
    first = rng.random(200) < 0.5
    second = first | (rng.random(200) < 0.15)
    truth: list[Fields] = [{"category3_code": "A"}] * 200
    title_families = np.arange(200)
    both = compare(truth, answered(first), answered(second), title_families, CATEGORY_ONLY, resamples=300)
    found = both["category_accuracy"]
    assert found.value == pytest.approx(second.mean() - first.mean())
    assert 0 < found.low <= found.value <= found.high
    before, after = (accuracy(one.astype(float), title_families, resamples=300) for one in (first, second))
    assert before[1] > after[0]


def test_where_no_price_is_read_the_difference_of_errors_is_not_defined() -> None:
    truth = [fields(price=float(price)) for price in range(1, 7)]
    nothing: list[Fields | None] = [None] * 6
    title_families = np.arange(6)
    both = compare(truth, nothing, nothing, title_families, TEMPLATE, resamples=20)["price_median_ape"]
    assert both.as_json() == {"value": None, "low": None, "high": None}
    better = compare(truth, nothing, truth, title_families, TEMPLATE, resamples=20)["price_median_ape"]
    assert (better.value, better.low, better.high) == (-math.inf,) * 3
    half = compare(truth, nothing, [*truth[:3], None, None, None], title_families, TEMPLATE, resamples=100)
    assert math.isnan(half["price_median_ape"].low)
