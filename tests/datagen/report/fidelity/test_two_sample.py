from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from support.catalogue_rows import as_set, tool_rows, tools

from datagen.arrow import numbers, texts
from datagen.report.fidelity.giveaway import giveaway, importances
from datagen.report.fidelity.section import two_sample_tests
from datagen.report.fidelity.two_sample import TwoSample, folds_of, scikit_learn_is_there, two_sample
from datagen.report.sets.rows import Comparison, Rows, compare, shuffled
from datagen.schemas import InputError


@pytest.fixture(scope="module")
def honest() -> Comparison:
    return compare(tools(500, 1), tools(500, 2), 0)


def _test(first: Rows, second: Rows, **options: Any) -> TwoSample:
    found = two_sample(first, second, 0, **options)
    assert isinstance(found, TwoSample)
    return found


def test_an_honest_draw_cannot_be_told_apart(honest: Comparison) -> None:
    found = _test(honest.real, honest.synthetic)
    assert found.result.low < 0.5 < found.result.high
    assert abs(found.result.value - 0.5) < 0.06


def test_a_set_cannot_be_told_from_itself(honest: Comparison) -> None:
    assert _test(honest.real, honest.real).result.value == pytest.approx(0.5, abs=0.03)


def test_columns_shuffled_apart_are_told_apart(honest: Comparison) -> None:
    assert _test(honest.real, shuffled(honest.real, 0)).result.low > 0.8


def test_one_wrong_word_is_found_and_named() -> None:
    real = tool_rows(300, 1)
    made = tool_rows(300, 2, first_code=9000)
    labels = [f"{label} Stainless" if at % 2 else label for at, label in enumerate(made["label"].to_pylist())]
    made = made.set_column(2, "label", texts(labels))
    sets = compare(as_set(real), as_set(made), 0)
    section = giveaway(two_sample_tests(sets), 0)
    features, surest, least_covered = section.tables
    assert "stainless" in str(features.rows)
    assert len(features.rows) <= 10
    assert all("Stainless" in str(row[1]) for row in surest.rows)
    made_titles = set(labels)
    assert all(row[1] in made_titles for row in surest.rows)
    assert not any(row[1] in made_titles for row in least_covered.rows)
    assert (surest.shows_real_rows, least_covered.shows_real_rows) == (False, True)


def test_prices_twice_as_high_are_named() -> None:
    made = tool_rows(400, 2, first_code=9000)
    made = made.set_column(3, "eur", numbers(made["eur"].to_numpy() * 2))
    sets = compare(as_set(tool_rows(400, 1)), as_set(made), 0)
    test = _test(sets.real, sets.synthetic)
    assert test.result.low > 0.9
    lost = importances(test, 0)
    assert "price" in test.features.features[int(np.argmax(lost))].name


def test_the_test_is_the_same_for_the_same_seed(honest: Comparison) -> None:
    one, other = (_test(honest.real, honest.synthetic, most=120) for _ in range(2))
    assert (one.score == other.score).all()
    assert (importances(one, 0) == importances(other, 0)).all()


def test_few_rows_and_columns_that_never_vary_are_said(honest: Comparison) -> None:
    ten = honest.real.take(np.arange(10))
    assert two_sample(ten, honest.synthetic, 0) == "each set needs 40 rows, and one has 10"
    one_row = honest.real.take(np.zeros(60, dtype=np.int64))
    assert two_sample(one_row, one_row, 0) == "the rows are of 1 title family, too few to test in folds"


def test_folds_have_whole_families_and_about_as_many_rows() -> None:
    family = np.repeat(np.arange(60), np.arange(60) % 7 + 1)
    fold = folds_of(family)
    for number in range(60):
        assert len(set(fold[family == number])) == 1
    assert np.ptp(np.bincount(fold)) <= 7


def test_without_scikit_learn_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("sklearn"):
            raise ImportError(name)
        return plain(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(InputError, match=r"not installed; run pip install 'datagen\[report\]'\.$"):
        scikit_learn_is_there()


def test_titles_in_another_script_are_told_apart_by_their_letters() -> None:
    def rows(nouns: str, seed: int) -> pa.Table:
        table = tool_rows(200, seed, first_code=seed * 1000)
        labels = [f"{nouns[at % len(nouns)]}{at * 7919 % 9973}" for at in range(200)]
        return table.set_column(2, "label", texts(labels))

    same = compare(as_set(rows("革靴木", 1)), as_set(rows("革靴木", 2)), 0)
    other = compare(as_set(rows("革靴木", 1)), as_set(rows("鉄紙布", 2)), 0)
    assert _test(same.real, same.synthetic, with_families=False).result.low < 0.55
    assert _test(other.real, other.synthetic).result.value > 0.95
