"""Scores against scikit-learn, SciPy and plain restatements; rules that hold for whatever is answered."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, precision_recall_fscore_support

from schemas import InputError
from train.answers import parse
from train.conversation import Fields, Template
from train.keyed import F64, I64
from train.predictions import marks
from train.scores import Scores, compare, exact, macro_f1, rouge_l, score, spearman, token_f1

TEMPLATE = Template()
CATEGORY_ONLY = Template(answer="Category: {category3_code}")
SHARES = (
    "title_exact",
    "title_token_f1",
    "title_rouge_l",
    "category_accuracy",
    "category_macro_f1",
    "price_within_20",
)

TITLES = st.lists(st.sampled_from(["Check", "check", "Wool", "Coat", "Scarf", "&"]), min_size=1, max_size=6)
ROW = st.builds(
    lambda title, category, price: fields(" ".join(title), category, price),
    TITLES,
    st.sampled_from("ABC"),
    st.one_of(st.none(), st.floats(0, 5000).map(lambda price: round(price, 2))),
)
ROWS = st.lists(st.tuples(ROW, st.one_of(st.none(), ROW), st.integers(0, 4)), min_size=1, max_size=12)
Row = tuple[Fields, Fields | None, int]


def fields(title: str = "Wool Coat", category: str = "A", price: float | None = 100.0) -> Fields:
    return {"title": title, "category3_code": category, "full_price": price}


def scored(rows: Sequence[Row], resamples: int = 20, seed: int = 0) -> Scores:
    truth, answers, families = zip(*rows, strict=True)
    return score(truth, answers, np.array(families), TEMPLATE, resamples=resamples, seed=seed)


def values(found: Scores) -> dict[str, float]:
    return {name: estimate.value for name, estimate in found.estimates.items()}


def made_rows(count: int, seed: int = 0) -> list[Row]:
    """Rows of which about half are answered right in each respect, some not at all."""
    rng = np.random.default_rng(seed)
    words = np.array(["Check", "Cotton", "Wool", "Silk", "Scarf", "Coat"])
    rows: list[Row] = []
    for _ in range(count):
        title = " ".join(rng.choice(words, 4))
        true = fields(title, "ABCD"[rng.integers(4)], float(rng.integers(50, 3000)))
        answer = fields(
            title if rng.random() < 0.5 else " ".join(rng.choice(words, 3)),
            "ABCDE"[rng.integers(5)],
            None if rng.random() < 0.1 else float(rng.integers(50, 3000)),
        )
        rows.append((true, None if rng.random() < 0.1 else answer, int(rng.integers(count // 2 + 1))))
    return rows


def test_a_few_answers_by_hand() -> None:
    rows: list[Row] = [
        (fields("Wool Coat", "A", 100.0), fields("Wool Coat", "A", 120.0), 0),
        (fields("Check Wool Scarf", "A", 200.0), fields("Scarf Wool", "B", 100.0), 1),
        (fields("Cap", "B", None), fields("Cap", "B", 70.0), 2),
        (fields("Tie", "C", 400.0), None, 3),
    ]
    found = scored(rows)
    assert (found.rows, found.families, found.prices, found.priced) == (4, 4, 3, 2)
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
    true = [str(truth["category3_code"]) for truth, _, _ in rows]
    said = ["none" if answer is None else str(answer["category3_code"]) for _, answer, _ in rows]
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
    true = [str(truth["category3_code"]) for truth, _, _ in rows]
    said = ["none" if answer is None else str(answer["category3_code"]) for _, answer, _ in rows]
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
    column = np.array([1.0, 2.0])
    assert math.isnan(spearman(column, column))
    assert math.isnan(spearman(column[:0], column[:0]))


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

    left = list(other)
    common = 0
    for word in one:
        if word in left:
            left.remove(word)
            common += 1
    for metric, found in ((token_f1, common), (rouge_l, longest(0, 0))):
        value = metric(" ".join(true), " ".join(said))
        if not one and not other:
            assert value == float(true == said)
        elif not found:
            assert value == 0
        else:
            precision, recall = found / len(other), found / len(one)
            assert value == pytest.approx(2 * precision * recall / (precision + recall))


def test_words_are_compared_whatever_their_case_and_titles_to_the_letter() -> None:
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
    families = np.arange(3)
    nothing = score(truth, [None] * 3, families, template, resamples=5)
    assert nothing.estimates["category_accuracy"].value == nothing.estimates["title_exact"].value == 0
    told = parse(template.text(truth[0]), template)
    right = score(truth, [told] * 3, families, template, resamples=5)
    assert right.estimates["category_accuracy"].value == right.estimates["title_exact"].value == 1


def test_rows_without_a_true_price_are_in_no_price_score() -> None:
    known: list[Row] = [(fields(price=float(price)), fields(price=90.0), price) for price in (80, 100, 200)]
    unknown: list[Row] = [(fields(price=price), fields(price=1e6), 300) for price in (None, 0.0)]
    with_unknown, without = scored([*known, *unknown]), scored(known)
    assert (with_unknown.rows, with_unknown.prices, with_unknown.priced) == (5, 3, 3)
    for name in ("price_mae", "price_median_ape", "price_within_20", "price_spearman"):
        assert with_unknown.estimates[name].value == pytest.approx(without.estimates[name].value, nan_ok=True)
    none = values(scored(unknown))
    assert all(math.isnan(none[name]) for name in none if name.startswith("price"))


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_price_is_near_in_the_score_where_it_is_in_the_file_of_predictions(true: int, said: int) -> None:
    for price in (said / 100, true / 100 * 1.2, true / 100 * 0.8, round(true * 1.2) / 100):
        truth, answer = fields(price=true / 100), fields(price=price)
        marked = marks(truth, answer, TEMPLATE)["price_near"]
        assert values(scored([(truth, answer, 0)], 0))["price_within_20"] == float(bool(marked))


def test_equal_prices_have_an_error_and_no_rank() -> None:
    numbers = values(scored([(fields(price=100.0), fields(price=100.0), at) for at in range(5)]))
    assert numbers["price_mae"] == 0
    assert math.isnan(numbers["price_spearman"])


def test_only_roles_that_are_told_are_scored() -> None:
    found = score(
        [{"category3_code": "A"}], [{"category3_code": "A"}], np.zeros(1, int), CATEGORY_ONLY, resamples=3
    )
    assert set(found.estimates) == {"unparsable", "category_accuracy", "category_macro_f1"}
    assert (found.prices, found.priced) == (0, 0)
    bare = Template(answer="It is {material}")
    alone = score([{"material": "wool"}], [None], np.zeros(1, int), bare, resamples=3)
    assert {name: one.value for name, one in alone.estimates.items()} == {"unparsable": 1}
    assert alone.by_category == ()


@pytest.mark.parametrize(("truth", "answers", "families"), [(0, 0, 0), (2, 1, 2), (2, 2, 1), (1, 2, 2)])
def test_columns_that_do_not_fit_are_refused(truth: int, answers: int, families: int) -> None:
    rows = [fields()] * 2
    with pytest.raises(InputError, match=f"{truth} true rows, {answers} answers and {families} families"):
        score(rows[:truth], rows[:answers], np.zeros(families, int), TEMPLATE)
    with pytest.raises(InputError, match="one of each for every row"):
        compare(rows[:truth], rows[:answers], rows[:answers], np.zeros(families, int), TEMPLATE)


def simulated(families: int, rows: int, chance: float, rng: np.random.Generator) -> tuple[F64, I64]:
    """Whether each row is right, all rows of a family alike, and the rows' families."""
    right = (rng.random(families) < chance).astype(float)
    return np.repeat(right, rows), np.repeat(np.arange(families), rows)


def answered(right: Iterable[float]) -> list[Fields | None]:
    """Answers where each category is A, as it should be, or B."""
    return [{"category3_code": "A" if one else "B"} for one in right]


def accuracy(right: F64, families: I64, **options: int) -> tuple[float, float]:
    truth: list[Fields] = [{"category3_code": "A"}] * len(right)
    found = score(truth, answered(right), families, CATEGORY_ONLY, **options)
    estimate = found.estimates["category_accuracy"]
    assert estimate.value == pytest.approx(right.mean())
    return estimate.low, estimate.high


def test_intervals_hold_the_truth_as_often_as_they_say_and_those_by_row_would_not() -> None:
    rng = np.random.default_rng(0)
    held = {"family": 0, "row": 0}
    for _ in range(120):
        right, families = simulated(50, 5, 0.6, rng)
        for unit, by in (("family", families), ("row", np.arange(len(right)))):
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
        assert found.families == 1
        assert not math.isnan(found.estimates["title_exact"].value)
        assert all(math.isnan(one.low) and math.isnan(one.high) for one in found.estimates.values())


def test_a_score_that_most_draws_do_not_have_has_no_interval() -> None:
    rows: list[Row] = [(fields(price=None), fields(), at) for at in range(1, 12)]
    found = scored([(fields(price=100.0), fields(), 0), *rows], 200)
    assert found.estimates["price_within_20"].value == 1
    assert math.isnan(found.estimates["price_within_20"].low)
    assert not math.isnan(found.estimates["title_exact"].low)


@settings(max_examples=50)
@given(ROWS, st.data())
def test_a_comparison_turned_round_changes_its_signs(rows: list[Row], data: st.DataObject) -> None:
    truth, first, families = zip(*rows, strict=True)
    one_answer = st.one_of(st.none(), ROW)
    second = data.draw(st.lists(one_answer, min_size=len(rows), max_size=len(rows)))
    there = compare(truth, first, second, np.array(families), TEMPLATE, resamples=41)
    back = compare(truth, second, first, np.array(families), TEMPLATE, resamples=41)
    for name, one in there.items():
        other = back[name]
        assert (one.value, one.low, one.high) == pytest.approx(
            (-other.value, -other.high, -other.low), nan_ok=True, abs=0, rel=0
        )
        json.dumps(one.as_json(), allow_nan=False)


@given(ROWS)
def test_a_run_is_no_better_than_itself(rows: list[Row]) -> None:
    truth, answers, families = zip(*rows, strict=True)
    for one in compare(truth, answers, answers, np.array(families), TEMPLATE, resamples=5).values():
        assert one.value == 0 or math.isnan(one.value)
        assert one.low == one.high == 0 or math.isnan(one.low)


def test_a_difference_is_that_of_the_scores_and_pairing_makes_it_sure() -> None:
    """The second answers the same rows, and a tenth more: paired, that is plain; unpaired it is not."""
    rng = np.random.default_rng(2)
    first = rng.random(200) < 0.5
    second = first | (rng.random(200) < 0.15)
    truth: list[Fields] = [{"category3_code": "A"}] * 200
    one, other = (answered(column) for column in (first, second))
    families = np.arange(200)
    found = compare(truth, one, other, families, CATEGORY_ONLY, resamples=300)["category_accuracy"]
    assert found.value == pytest.approx(second.mean() - first.mean())
    assert 0 < found.low <= found.value <= found.high
    before = accuracy(first.astype(float), families, resamples=300)
    after = accuracy(second.astype(float), families, resamples=300)
    assert before[1] > after[0]


def test_where_no_price_is_read_the_difference_of_errors_is_not_defined() -> None:
    truth = [fields(price=float(price)) for price in range(1, 7)]
    nothing: list[Fields | None] = [None] * 6
    families = np.arange(6)
    both = compare(truth, nothing, nothing, families, TEMPLATE, resamples=20)["price_median_ape"]
    assert both.as_json() == {"value": None, "low": None, "high": None}
    better = compare(truth, nothing, truth, families, TEMPLATE, resamples=20)["price_median_ape"]
    assert (better.value, better.low, better.high) == (-math.inf,) * 3
    half = compare(truth, nothing, [*truth[:3], None, None, None], families, TEMPLATE, resamples=100)
    assert math.isnan(half["price_median_ape"].low)
