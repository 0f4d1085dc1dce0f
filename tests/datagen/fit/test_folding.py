"""What is written of counts: nothing of fewer products than the least number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from datagen.fit.folding import Fold, left_over, products_of, rounded
from datagen.fit.titles.backoff import RARE, Seen, fit_draws

rows = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xyz"), st.integers(0, 40)), min_size=1
)


def test_colours_and_plurals_of_a_title_are_one_product() -> None:
    found = products_of(["Black Wool Coat", "Wool Coats", "Silk Coat", "", None], 5)
    assert found[0] == found[1] != found[2]
    assert set(found[3:]) == {-1}
    assert products_of(None, 3).tolist() == [0, 1, 2]


@given(st.integers(5, 10**7), st.integers(2, 50))
def test_a_rounded_count_is_a_multiple_and_near(count: int, min_count: int) -> None:
    found = rounded(count, min_count)
    assert found % min_count == 0
    assert found >= min_count
    assert abs(found - count) <= max(min_count, count * 0.06)


@given(st.lists(st.integers(0, 60), min_size=1, max_size=30), st.integers(2, 9))
def test_what_few_products_leave_over_is_the_same_everywhere(counts: list[int], least: int) -> None:
    found = left_over(counts, least)
    few = {each for each, count in zip(found, counts, strict=True) if count < least}
    assert len(few) <= 1
    if sum(count for count in counts if count < least) < least:
        assert few <= {0.0}


@given(rows, st.integers(2, 6))
def test_every_option_of_a_table_is_that_of_enough_products(
    rows: list[tuple[str, str, int]], least: int
) -> None:
    options, contexts, products = ([row[at] for row in rows] for at in range(3))
    seen = Seen(options, {"kind": contexts}, products)
    drawn = fit_draws(seen, [[("kind",)]], least)
    for context in drawn["contexts"]:
        for key, table in context["tables"].items():
            for option in table["weights"]:
                its = {row[2] for row in rows if row[:2] == (option, key)}
                assert len(its) >= least
    assert RARE not in drawn["weights"]
    assert set(drawn["weights"]) == set(options)


@given(rows, st.integers(2, 6))
def test_one_product_more_shows_no_option_that_was_not_there(
    rows: list[tuple[str, str, int]], least: int
) -> None:
    """What a table and the wider one say of a rare option is the same with and without a product."""
    secret = ("a", "new context", 99)
    tables = []
    for these in (rows, [*rows, secret]):
        options, contexts, products = ([row[at] for row in these] for at in range(3))
        drawn = fit_draws(Seen(options, {"kind": contexts}, products), [[("kind",)]], least)
        tables.append({key for context in drawn["contexts"] for key in context["tables"]})
    assert "new context" not in tables[1]
    assert tables[0] == tables[1]


@given(rows, st.integers(2, 6))
def test_values_are_told_by_products_not_by_rows(rows: list[tuple[str, str, int]], least: int) -> None:
    fold = Fold(np.array([row[2] for row in rows]), least)
    found = fold.frequent(pa.array([row[0] for row in rows]))
    for value in "abcdefgh":
        its = {row[2] for row in rows if row[0] == value}
        assert (value in found) == (len(its) >= least)
    share = fold.share(np.array([row[0] == "a" for row in rows]))
    assert (share == 0) or len({row[2] for row in rows if row[0] == "a"}) >= least


def test_the_extremes_of_one_product_are_not_the_bounds() -> None:
    numbers = np.array([*range(100), *[9999.0] * 20])
    fold = Fold(np.array([*range(100), *[100] * 20]), 5)
    assert fold.inner(numbers)[1] <= 99
    assert (fold.once(numbers) == 9999).sum() == 1
