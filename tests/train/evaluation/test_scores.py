"""Scores against scikit-learn, SciPy and plain restatements; rules that hold for whatever is answered."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, precision_recall_fscore_support
from support.scored_rows import (
    CATEGORY_ONLY,
    ROWS,
    SHARES,
    TEMPLATE,
    TITLES,
    Row,
    fields,
    made_rows,
    scored,
    values,
)

from datagen.schemas import InputError
from datagen.train.chat.answers import parse
from datagen.train.chat.conversation import Template
from datagen.train.evaluation.predictions import marks
from datagen.train.evaluation.scores import exact, macro_f1, rouge_l, spearman, token_f1
from datagen.train.evaluation.scoring import compare, score


def categories(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    true = [str(truth["category3_code"]) for truth, _, _ in rows]
    return true, ["none" if answer is None else str(answer["category3_code"]) for _, answer, _ in rows]


def test_scores_of_a_few_answers_match_a_manual_calculation() -> None:
    rows: list[Row] = [
        (fields("Wool Coat", "A", 100.0), fields("Wool Coat", "A", 120.0), 0),
        (fields("Check Wool Scarf", "A", 200.0), fields("Scarf Wool", "B", 100.0), 1),
        (fields("Cap", "B", None), fields("Cap", "B", 70.0), 2),
        (fields("Tie", "C", 400.0), None, 3),
    ]
    found = scored(rows)
    assert (found.rows, found.title_families, found.prices, found.priced) == (4, 4, 3, 2)
    assert values(found) == pytest.approx(
        {
            "unparsable": 1 / 4,
            "title_exact": 2 / 4,
            "title_token_f1": (1 + 4 / 5 + 1 + 0) / 4,
            "title_rouge_l": (1 + 2 / 5 + 1 + 0) / 4,
            "category_accuracy": 2 / 4,
            "category_macro_f1": (2 / 3 + 2 / 3 + 0) / 3,
            "price_mae": (20 + 100) / 2,
            "price_median_ape": 0.5,
            "price_within_20": 1 / 3,
            "price_spearman": math.nan,
        },
        nan_ok=True,
    )


def test_scores_are_those_of_scikit_learn_scipy_and_plain_loops() -> None:
    rows = made_rows(80)
    found = values(scored(rows))
    true, said = categories(rows)
    assert found["category_accuracy"] == pytest.approx(accuracy_score(true, said))
    macro = f1_score(true, said, labels=sorted(set(true)), average="macro", zero_division=0)
    assert found["category_macro_f1"] == pytest.approx(macro)
    prices = [
        (float(truth["full_price"] or 0), None if answer is None else answer["full_price"])
        for truth, answer, _ in rows
    ]
    pairs = [(one, other) for one, other in prices if isinstance(other, float)]
    assert found["price_mae"] == pytest.approx(mean_absolute_error(*zip(*pairs, strict=True)))
    assert found["price_spearman"] == pytest.approx(spearmanr(*zip(*pairs, strict=True)).statistic)
    errors = [abs(other - one) / one if isinstance(other, float) else math.inf for one, other in prices]
    assert found["price_median_ape"] == pytest.approx(statistics.median(errors))
    assert found["price_within_20"] == pytest.approx(sum(error <= 0.2 for error in errors) / len(rows))
    assert found["unparsable"] == sum(answer is None for _, answer, _ in rows) / len(rows)


def test_each_category_has_the_scores_of_its_own_rows_and_label() -> None:
    rows = made_rows(60)
    found = scored(rows)
    true, said = categories(rows)
    labels = [one.category for one in found.by_category]
    assert sorted(labels) == sorted(set(true))
    assert [one.rows for one in found.by_category] == sorted(true.count(label) for label in labels)[::-1]
    table = precision_recall_fscore_support(true, said, labels=labels, zero_division=0)
    for at, one in enumerate(found.by_category):
        assert [one.scores[name] for name in ("precision", "recall", "f1")] == pytest.approx(
            [column[at] for column in table[:3]]
        )
        alone = values(scored([row for row in rows if row[0]["category3_code"] == one.category]))
        kept = {name: value for name, value in alone.items() if not name.startswith("category")}
        assert kept == pytest.approx({name: one.scores[name] for name in kept}, nan_ok=True)


def test_a_category_that_is_never_answered_has_no_precision() -> None:
    found = scored([(fields(category="A"), fields(category="B"), 0), (fields(category="B"), None, 1)])
    never = next(one for one in found.by_category if one.category == "A")
    assert math.isnan(never.scores["precision"])
    assert never.as_json()["precision"] is None
    assert never.scores["recall"] == never.scores["f1"] == 0


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30), st.data())
def test_macro_f1_is_scikit_learns(truth: list[int], data: st.DataObject) -> None:
    said = data.draw(st.lists(st.integers(-1, 7), min_size=len(truth), max_size=len(truth)))
    expected = f1_score(truth, said, labels=sorted(set(truth)), average="macro", zero_division=0)
    assert macro_f1(np.array(truth), np.array(said)) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 6), st.floats(-1e6, 1e6)), min_size=3, max_size=30))
def test_spearman_is_scipys(pairs: list[tuple[float, float]]) -> None:
    first, second = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    found = spearman(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(spearmanr(first, second).statistic, abs=1e-9)
        assert -1 <= found <= 1


def test_two_prices_have_no_rank_correlation() -> None:
    for count in (0, 1, 2):
        column = np.linspace(0, 1, count)
        assert math.isnan(spearman(column, column))


@given(TITLES, TITLES)
def test_rouge_l_and_token_f1_are_their_definitions(true: list[str], said: list[str]) -> None:
    one, other = ([word.casefold() for word in text if word != "&"] for text in (true, said))

    @lru_cache
    def longest(at: int, to: int) -> int:
        if at == len(one) or to == len(other):
            return 0
        if one[at] == other[to]:
            return 1 + longest(at + 1, to + 1)
        return max(longest(at + 1, to), longest(at, to + 1))

    common = sum(min(one.count(word), other.count(word)) for word in set(one))
    for metric, found in ((token_f1, common), (rouge_l, longest(0, 0))):
        value = metric(" ".join(true), " ".join(said))
        if not one and not other:
            assert value == float(true == said)
        elif not found:
            assert value == 0
        else:
            precision, recall = found / len(other), found / len(one)
            assert value == pytest.approx(2 * precision * recall / (precision + recall))


def test_words_are_compared_without_case_and_titles_exactly() -> None:
    assert token_f1("Wool Coat", "coat WOOL!") == 1
    assert rouge_l("Wool Coat", "coat wool") == 0.5
    assert exact("Wool  Coat", "Wool Coat ") == 1
    assert exact("Wool Coat", "wool coat") == 0
    assert token_f1("&", "&") == rouge_l("&", "&") == 1
    assert token_f1("&", "?") == rouge_l("&", "Cap") == 0


@given(ROWS)
def test_scores_and_intervals_stay_in_their_bounds(rows: list[Row]) -> None:
    for name, estimate in scored(rows).estimates.items():
        least = -1 if name == "price_spearman" else 0
        most = 1 if name in SHARES or name in ("unparsable", "price_spearman") else math.inf
        for number in (estimate.value, estimate.low, estimate.high):
            assert math.isnan(number) or least <= number <= most
        assert not estimate.low > estimate.high
        if math.isnan(estimate.value):
            assert math.isnan(estimate.low)
    json.dumps(scored(rows).as_json(), allow_nan=False)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[Row], random: object) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first, second = scored(rows), scored(mixed)
    for name, estimate in first.estimates.items():
        other = second.estimates[name]
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
            (other.value, other.low, other.high), nan_ok=True
        )
    assert [one.as_json() for one in first.by_category] == [
        pytest.approx(one.as_json()) for one in second.by_category
    ]


@given(ROWS)
def test_right_answers_have_the_best_scores(rows: list[Row]) -> None:
    right: list[Row] = [(truth, dict(truth), family) for truth, _, family in rows]
    found = scored(right)
    for name, value in values(found).items():
        if name in SHARES[:5]:
            assert value == pytest.approx(1)
        elif name == "unparsable":
            assert value == 0
    prices = {truth["full_price"] for truth, _, _ in rows if truth["full_price"]}
    if prices:
        assert values(found)["price_within_20"] == 1
        assert values(found)["price_mae"] == values(found)["price_median_ape"] == 0
    else:
        assert math.isnan(values(found)["price_within_20"])
    if len(prices) > 2:
        assert values(found)["price_spearman"] == pytest.approx(1)


@given(ROWS, st.data())
def test_an_answer_that_becomes_unreadable_makes_no_score_better(
    rows: list[Row], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    worse: list[Row] = [*rows[:at], (rows[at][0], None, rows[at][2]), *rows[at + 1 :]]
    before, after = values(scored(rows, 0)), values(scored(worse, 0))
    for name in ("title_exact", "title_token_f1", "title_rouge_l", "category_accuracy", "price_within_20"):
        assert not after[name] > before[name] + 1e-12
    assert not after["price_median_ape"] < before["price_median_ape"]
    assert after["unparsable"] >= before["unparsable"]


def test_answers_none_of_which_can_be_read_are_all_wrong() -> None:
    found = scored([(fields(price=price), None, at) for at, price in enumerate((10.0, 20.0, 30.0, None))])
    numbers = values(found)
    assert numbers["unparsable"] == 1
    assert all(numbers[name] == 0 for name in SHARES)
    assert numbers["price_median_ape"] == math.inf
    assert math.isnan(numbers["price_mae"])
    assert math.isnan(numbers["price_spearman"])
    assert (found.prices, found.priced) == (3, 0)
    told = found.as_json()["scores"]
    assert told["price_median_ape"]["value"] is told["price_mae"]["value"] is None


def test_no_answer_is_never_right_even_where_the_truth_is_missing() -> None:
    template = Template(answer="Shelf {category3_code:.0f}, by {title}", price=None)
    truth = [template.fields({"title": None, "category3_code": None})] * 3
    assert truth[0] == {"title": "N.A.", "category3_code": None}
    title_families = np.arange(3)
    nothing = score(truth, [None] * 3, title_families, template, resamples=5)
    assert nothing.estimates["category_accuracy"].value == nothing.estimates["title_exact"].value == 0
    told = parse(template.text(truth[0]), template)
    right = score(truth, [told] * 3, title_families, template, resamples=5)
    assert right.estimates["category_accuracy"].value == right.estimates["title_exact"].value == 1


def test_rows_without_a_true_price_are_in_no_price_score() -> None:
    known: list[Row] = [(fields(price=float(price)), fields(price=90.0), price) for price in (80, 100, 200)]
    unknown: list[Row] = [(fields(price=price), fields(price=1e6), 300) for price in (None, 0.0)]
    found = scored([*known, *unknown])
    assert (found.rows, found.prices, found.priced) == (5, 3, 3)
    alone, none = values(scored(known)), values(scored(unknown))
    for name in (name for name in alone if name.startswith("price")):
        assert values(found)[name] == pytest.approx(alone[name], nan_ok=True)
        assert math.isnan(none[name])


@given(st.integers(1, 10**6), st.integers(1, 10**6))
@example(5, 4)
def test_a_price_is_near_in_the_score_where_it_is_in_the_file_of_predictions(true: int, said: int) -> None:
    for price in (said / 100, true / 100 * 1.2, true / 100 * 0.8, round(true * 1.2) / 100):
        truth, answer = fields(price=true / 100), fields(price=price)
        marked = marks(truth, answer, TEMPLATE)["price_near"]
        assert values(scored([(truth, answer, 0)], 0))["price_within_20"] == float(bool(marked))


def test_equal_prices_have_an_error_and_no_rank() -> None:
    numbers = values(scored([(fields(price=100.0), fields(price=100.0), at) for at in range(5)]))
    assert numbers["price_mae"] == 0
    assert math.isnan(numbers["price_spearman"])


def test_only_roles_in_the_answer_are_scored() -> None:
    found = score(
        [{"category3_code": "A"}], [{"category3_code": "A"}], np.zeros(1, int), CATEGORY_ONLY, resamples=3
    )
    assert set(found.estimates) == {"unparsable", "category_accuracy", "category_macro_f1"}
    assert (found.prices, found.priced) == (0, 0)
    bare = Template(answer="It is {material}")
    alone = score([{"material": "wool"}], [None], np.zeros(1, int), bare, resamples=3)
    assert {name: one.value for name, one in alone.estimates.items()} == {"unparsable": 1}
    assert alone.by_category == ()


@pytest.mark.parametrize(("truth", "answers", "title_families"), [(0, 0, 0), (2, 1, 2), (2, 2, 1), (1, 2, 2)])
def test_columns_that_do_not_fit_are_refused(truth: int, answers: int, title_families: int) -> None:
    rows = [fields()] * 2
    with pytest.raises(
        InputError, match=f"{truth} true rows, {answers} answers and {title_families} families"
    ):
        score(rows[:truth], rows[:answers], np.zeros(title_families, int), TEMPLATE)
    with pytest.raises(InputError, match="one of each for every row"):
        compare(rows[:truth], rows[:answers], rows[:answers], np.zeros(title_families, int), TEMPLATE)
