from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from support.catalogue_rows import as_set, tool_rows, tools

from datagen.report.figures import Figure
from datagen.report.sets.rows import RowSet, compare, shuffled
from datagen.report.statistics.learners import Vocabulary, crossed, ridge
from datagen.report.usefulness.of_rows import CATEGORY, PRICE_R2, usefulness


def _figures(real_seed: int, made: object) -> dict[str, Figure]:
    section = usefulness(compare(tools(500, real_seed), made, 0, tools(300, 9)))  # type: ignore[arg-type]
    return {figure.name: figure for figure in section.figures}


def test_an_honest_draw_teaches_what_real_rows_teach() -> None:
    section = usefulness(compare(tools(500, 1), tools(500, 2), 0, tools(300, 9)))
    found = {figure.name: figure for figure in section.figures}
    for name in (PRICE_R2, CATEGORY):
        figure = found[name]
        assert figure.value == pytest.approx(1, abs=0.06)
        assert figure.low is not None
        assert figure.high is not None
        assert figure.low <= 1.02
        assert figure.high >= 0.98
        assert figure.verdict == "pass"
        assert figure.references["other half"] == 1.0
        assert figure.references["shuffled"] < 0.3
    assert (found["rank correlation of prices"].value or 0) > 0.9
    price, category = section.tables
    assert [row[0] for row in price.rows] == [
        "10% of the real rows (50)",
        "30% of the real rows (150)",
        "100% of the real rows (500)",
    ]
    few, *_ = price.rows
    # 50 real rows know little; with 500 honest ones beside them the interval of the gain is above zero.
    assert isinstance(few[4], float)
    assert few[4] > 0
    assert len(category.rows) == 3


def test_shuffled_rows_teach_nothing_and_fail() -> None:
    rows = compare(tools(500, 1), tools(500, 2), 0).synthetic
    found = _figures(1, as_set(shuffled(rows, 0).table))
    assert {found[PRICE_R2].verdict, found[CATEGORY].verdict} == {"fail"}
    assert (found[PRICE_R2].value or 0) < 0.2


@pytest.mark.parametrize(
    ("column", "name", "reason"),
    [
        ("eur", PRICE_R2, "the sets have no column of prices in common"),
        ("label", CATEGORY, "the sets have no column of titles in common"),
        ("aisle", CATEGORY, "the sets have no column of categories in common"),
    ],
)
def test_a_missing_column_is_said(column: str, name: str, reason: str) -> None:
    real, made, held_out = (
        as_set(tool_rows(90, seed, first_code=seed * 1000).drop_columns([column])) for seed in (1, 2, 3)
    )
    section = usefulness(compare(real, made, 0, held_out))
    assert {figure.name: figure.not_computed for figure in section.figures}[name] == reason


def test_equal_prices_are_said() -> None:
    sets = [
        as_set(table.set_column(3, "eur", [[5.0] * 90]))
        for table in (tool_rows(90, seed, first_code=seed * 1000) for seed in (1, 2, 3))
    ]
    section = usefulness(compare(sets[0], sets[1], 0, sets[2]))
    assert section.figures[0].not_computed == "the real prices are all equal, or missing"


def test_what_real_rows_may_teach_by_chance_alone_is_not_judged() -> None:
    def noisy(rows: int, seed: int) -> RowSet:
        """Rows of which half have the price of another."""
        table, rng = (
            tool_rows(rows, seed, first_code=1000 * seed),
            np.random.default_rng(np.random.Philox(seed)),
        )
        prices = table["eur"].to_numpy().copy()
        some = rng.permutation(rows)[: rows // 2]
        prices[some] = prices[rng.permutation(some)]
        return as_set(table.set_column(3, "eur", [prices]))

    section = usefulness(compare(noisy(300, 1), tools(300, 2), 0, noisy(60, 3)))
    found = {figure.name: figure for figure in section.figures}
    taught = found["log price from title and category (R2)"].references["other half"]
    assert taught > 0.02, "more than nothing, but the interval says that it may be chance"
    assert found[PRICE_R2].verdict == "none"
    assert found[PRICE_R2].not_computed.startswith("real rows teach next to nothing here themselves")


def test_ten_rows_teach_nothing() -> None:
    section = usefulness(compare(tools(10, 1), tools(500, 2), 0))
    assert section.not_computed == "20 rows are needed to train and to test, and there are 5"


def test_ridge_is_the_closed_form_with_a_free_constant() -> None:
    rng = np.random.default_rng(0)
    table = (rng.random((40, 12)) < 0.3).astype(float)
    targets = rng.normal(size=(40, 3)) + 5
    weights, constant = ridge(csr_array(table), targets)
    centred = table - table.mean(axis=0)
    exact = np.linalg.solve(centred.T @ centred + np.eye(12), centred.T @ (targets - targets.mean(axis=0)))
    assert weights == pytest.approx(exact, abs=2e-3)
    assert constant == pytest.approx(targets.mean(axis=0) - table.mean(axis=0) @ exact, abs=2e-3)


def test_ridge_of_nothing_is_the_mean() -> None:
    weights, constant = ridge(csr_array(np.zeros((3, 2))), np.array([[1.0], [2.0], [3.0]]))
    assert (weights == 0).all()
    assert constant == pytest.approx([2.0])


def test_a_row_is_predicted_from_other_folds_only() -> None:
    table = csr_array(np.eye(4))
    target = np.array([0.0, 0.0, 10.0, 10.0])
    # Each row has a token of its own, so the others suggest their mean, whatever its own value is.
    suggested = crossed(table, target, np.array([0, 1, 2, 3]), 4)
    assert suggested == pytest.approx([20 / 3, 20 / 3, 10 / 3, 10 / 3])


def test_tokens_that_are_rare_or_unknown_have_no_column() -> None:
    vocabulary = Vocabulary([["a", "b"], ["a", "a"]], fewest=2)
    assert list(vocabulary.column) == ["a"]
    assert vocabulary.table([["a", "z"], []]).toarray().tolist() == [[1.0], [0.0]]
