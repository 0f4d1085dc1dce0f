from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from datagen.report.statistics.intervals import auc, family_weights, percentiles, share_interval, smallest_auc


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_an_auc_is_scikit_learns(rows: list[tuple[int, bool]]) -> None:
    score = np.array([value for value, _ in rows], dtype=float)
    positive = np.array([kind for _, kind in rows])
    found = auc(score, positive, np.arange(len(rows)))
    if positive.all() or not positive.any():
        assert np.isnan(found.value)
    else:
        assert found.value == pytest.approx(roc_auc_score(positive, score))


def test_folds_compare_rows_within_themselves_only() -> None:
    score = np.array([1.0, 2.0, 11.0, 12.0])
    positive = np.array([False, True, False, True])
    assert auc(score, positive, np.arange(4), np.array([0, 0, 1, 1])).value == 1.0
    # Over both folds, 2 is below 11.
    assert auc(score, positive, np.arange(4)).value == 0.75


def test_the_error_is_that_of_delong_by_hand() -> None:
    # Placements of the positives 3, 1 among 0, 2: 1, 1/2; of the negatives 0, 2 below them: 1, 1/2.
    found = auc(np.array([3.0, 1.0, 0.0, 2.0]), np.array([True, True, False, False]), np.arange(4))
    assert found.value == 0.75
    by_hand = np.sqrt(4 / 3 * sum(((at - 0.75) / 2) ** 2 for at in (1, 0.5, 1, 0.5)))
    assert found.error == pytest.approx(by_hand)


def test_repeated_rows_of_a_family_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(0)
    score, positive = rng.normal(size=200), np.arange(200) < 100
    score[positive] += 0.5
    once = auc(score, positive, np.arange(200))
    ten = auc(np.tile(score, 10), np.tile(positive, 10), np.tile(np.arange(200), 10))
    assert ten.value == pytest.approx(once.value)
    assert ten.error == pytest.approx(once.error)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    inside = 0
    for _ in range(300):
        score = np.concatenate([rng.normal(0, 1, 60), rng.normal(1, 1, 60)])
        found = auc(score, np.arange(120) >= 60, np.arange(120))
        inside += found.low <= 0.7602 <= found.high
    assert 0.91 <= inside / 300 <= 0.98


def test_fewer_rows_tell_less_from_chance() -> None:
    chance = auc(np.arange(2000.0) % 7, np.arange(2000) % 2 == 0, np.arange(2000))
    assert 0.5 < smallest_auc(chance, (1000, 1000)) < smallest_auc(chance, (50, 50)) < 0.75
    # (1.96 + 0.84) standard errors of the rank sum, sqrt(2001 / 12) / 1000.
    assert smallest_auc(chance, (1000, 1000)) == pytest.approx(
        0.5 + 2.8016 * np.sqrt(2001 / 12) / 1000, abs=2e-3
    )


def test_resamples_take_whole_families_and_repeat_for_a_seed() -> None:
    family = np.array([7, 7, 3, 3, 3, 9])
    weights = family_weights(family, 0, "test", 50)
    assert weights.shape == (50, 6)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 2, 5]].sum(axis=1) == 3).all()
    assert (weights == family_weights(family, 0, "test", 50)).all()
    assert (weights != family_weights(family, 1, "test", 50)).any()


def test_a_share_has_an_interval_around_it() -> None:
    value, low, high = share_interval(np.array([1.0, 0.0] * 100), np.arange(200), 0, "test")
    assert value == 0.5
    assert 0.40 < low < 0.46 < 0.54 < high < 0.60


def test_values_that_are_not_numbers_have_no_interval() -> None:
    assert np.isnan(percentiles(np.array([np.nan]))).all()
