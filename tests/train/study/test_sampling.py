"""The rows of a cell: nested, drawn anew by each seed, and never a test row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.train.study.data import StudyData
from datagen.train.study.plan import MIXTURE, PERMUTED, REAL, RETRIEVED, SYNTHETIC, THEN_REAL, Cell
from datagen.train.study.sampling import passes, phases, retrieved, rows_of, subset


def data(real: int = 40, synthetic: int = 30) -> StudyData:
    """Rows by number alone: every fourth row is tested, two rows make a family."""
    rows = np.arange(real)
    parts: dict[str, Any] = {"real": None, "synthetic": None, "template": None, "left_out": 0}
    return StudyData(
        pool=rows[rows % 4 != 0],
        test=rows[rows % 4 == 0],
        title_family=rows // 2,
        synthetic_rows=np.arange(5, 5 + synthetic),
        **parts,
    )


@given(st.integers(0, 50), st.integers(1, 30), st.integers(1, 30))
def test_subsets_are_nested_and_of_training_rows(seed: int, first: int, second: int) -> None:
    known = data()
    fewer, more = (set(subset(known, count, seed).tolist()) for count in sorted((first, second)))
    assert fewer <= more <= set(known.pool.tolist())
    assert len(more) == max(first, second)


def test_seeds_draw_other_rows_family_by_family() -> None:
    known = data()
    drawn = {tuple(subset(known, 10, seed).tolist()) for seed in range(6)}
    assert len(drawn) == 6
    sizes = np.unique(known.title_family[subset(known, 11, 3)], return_counts=True)[1]
    whole = np.unique(known.title_family[known.pool], return_counts=True)[1]
    assert len(sizes) <= 11
    assert (sizes <= whole.max()).all()


def test_a_mixture_and_real_rows_alone_share_their_real_rows() -> None:
    known = data()
    alone = rows_of(Cell(REAL, 12, 0.0, 4), known, None)
    mixed = rows_of(Cell(MIXTURE, 12, 0.5, 4), known, None, 20)
    assert (alone.real == mixed.real).all()
    assert len(alone.synthetic) == 0
    assert len(mixed.synthetic) == 20
    assert (mixed.synthetic == mixed.answers).all()
    others = rows_of(Cell(MIXTURE, 12, 0.5, 5), known, None, 20)
    assert set(others.synthetic.tolist()) != set(mixed.synthetic.tolist())
    assert len(rows_of(Cell(SYNTHETIC, 0, 1.0, 4), known, None).real) == 0
    assert len(rows_of(Cell(THEN_REAL, 12, 0.5, 4), known, None).synthetic) == 30


def test_permuted_answers_are_the_same_answers_elsewhere() -> None:
    known = data()
    mixed, permuted = (rows_of(Cell(arm, 12, 0.5, 1), known, None) for arm in (MIXTURE, PERMUTED))
    assert (mixed.synthetic == permuted.synthetic).all()
    assert sorted(permuted.answers.tolist()) == sorted(mixed.answers.tolist())
    assert (permuted.answers != permuted.synthetic).mean() > 0.7


def test_the_most_similar_other_rows_are_retrieved() -> None:
    features = np.array([[0.0], [9.0], [1.0], [8.5], [5.0], [0.0]], dtype=np.float32)
    known, others = np.array([0, 1]), np.array([2, 3, 4, 5])
    assert retrieved(features, known, others, 1).tolist() == [5]
    assert retrieved(features, known, others, 3).tolist() == [2, 3, 5]
    assert retrieved(features, known, others, 99).tolist() == [2, 3, 4, 5]
    assert retrieved(features, known, others[:0], 3).tolist() == []


def test_retrieved_rows_are_as_many_as_the_subset_and_no_test_rows() -> None:
    known = data()
    features = np.random.default_rng(0).random((40, 5)).astype(np.float32)
    rows = rows_of(Cell(RETRIEVED, 12, 0.5, 2), known, features)
    assert len(rows.retrieved) == 12
    assert not set(rows.retrieved.tolist()) & (set(rows.real.tolist()) | set(known.test.tolist()))
    assert len(rows_of(Cell(RETRIEVED, 25, 0.5, 2), known, features).retrieved) == 5  # all that are left
    with pytest.raises(ValueError, match="needs the features"):
        rows_of(Cell(RETRIEVED, 12, 0.5, 2), known, None)


@given(st.integers(1, 40), st.integers(0, 200), st.integers(0, 9))
def test_passes_show_every_row_equally_often(rows: int, samples: int, seed: int) -> None:
    drawn = passes(np.arange(rows), samples, seed, "rows")
    times = np.bincount(drawn, minlength=rows)
    assert len(drawn) == samples
    assert times.max() - times.min() <= 1


def test_every_cell_takes_equally_many_steps() -> None:
    for cell in (Cell(REAL, 5, 0.0, 0), Cell(MIXTURE, 5, 0.8, 0), Cell(THEN_REAL, 5, 0.5, 0)):
        assert sum(steps for steps, _ in phases(cell, 7)) == 7
    assert phases(Cell(THEN_REAL, 5, 0.5, 0), 7) == ((4, 1.0), (3, 0.0))
