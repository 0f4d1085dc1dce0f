"""Which cells a study has: the same for the same question, with everything that a comparison needs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas import InputError
from datagen.train.study.plan import (
    MIXTURE,
    PERMUTED,
    REAL,
    RETRIEVED,
    SYNTHETIC,
    THEN_REAL,
    Asked,
    Cell,
    cells_of,
    digest_of,
    part_of,
)


def test_every_size_has_all_arms_and_every_seed_the_same_cells() -> None:
    cells = cells_of(Asked(real_rows=(50, None), shares=(0, 0.5, 0.8, 1), then_real=True, seeds=3), 90)
    of_seed = [
        [(one.arm, one.real_rows, one.share) for one in cells if one.seed == seed] for seed in range(3)
    ]
    assert of_seed[0] == of_seed[1] == of_seed[2]
    trained = [one for one in of_seed[0] if one[0] not in ("majority", "nearest")]
    assert trained == [
        (SYNTHETIC, 0, 1.0),
        (REAL, 50, 0.0),
        (MIXTURE, 50, 0.5),
        (MIXTURE, 50, 0.8),
        (THEN_REAL, 50, 0.5),
        (PERMUTED, 50, 0.5),
        (RETRIEVED, 50, 0.5),
        (REAL, 90, 0.0),
        (MIXTURE, 90, 0.5),
        (MIXTURE, 90, 0.8),
        (THEN_REAL, 90, 0.5),
        (PERMUTED, 90, 0.5),  # and nothing is left to retrieve
    ]


def test_real_rows_alone_are_always_there_and_controls_can_be_left_out() -> None:
    cells = cells_of(Asked(real_rows=(10,), shares=(1,), seeds=2, without=(PERMUTED,)), 20)
    assert {one.arm for one in cells if one.trained} == {REAL, SYNTHETIC}
    assert PERMUTED in {one.arm for one in cells_of(Asked(real_rows=(10,), shares=(1,), seeds=2), 20)}


def test_without_sizes_the_usual_ones_that_there_are() -> None:
    assert Asked().sizes(300, "shop") == (50, 200, 300)
    assert Asked().sizes(40, "shop") == (40,)
    assert Asked(real_rows=(None, 7, 7)).sizes(9, "shop") == (7, 9)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seeds": 1}, "--seeds 1"),
        ({"shares": (0, 1.2)}, "--shares 1.2 is impossible"),
        ({"shares": (0.0,)}, "no share above 0"),
        ({"test_share": 1.0}, "--test-share 1"),
        ({"real_rows": (0,)}, "--real-rows 0"),
        ({"synthetic_rows": 0}, "--synthetic-rows 0"),
    ],
)
def test_impossible_questions_are_refused(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Asked(**asked)


def test_more_rows_than_there_are_is_refused() -> None:
    with pytest.raises(InputError, match="--real-rows 800 is more than the 154 training rows of shop"):
        cells_of(Asked(real_rows=(50, 800)), 154, "shop")


@given(st.integers(2, 5), st.integers(1, 9))
def test_parts_hold_every_cell_once(seeds: int, parts: int) -> None:
    cells = cells_of(Asked(real_rows=(5,), seeds=seeds), 20)
    shared = [one for at in range(1, parts + 1) for one in part_of(cells, (at, parts))]
    assert sorted(shared, key=cells.index) == list(cells)
    assert part_of(cells, None) == cells


def test_a_digest_names_all_that_a_cell_depends_on() -> None:
    study = {"real": "a", "learner": {"steps": 5}}
    cells = [Cell(REAL, 5, 0.0, 0), Cell(REAL, 5, 0.0, 1), Cell(REAL, 6, 0.0, 0), Cell(MIXTURE, 5, 0.5, 0)]
    digests = [digest_of(one, study) for one in cells]
    digests += [digest_of(cells[0], {**study, "learner": {"steps": 6}})]
    assert len(set(digests)) == len(digests)
    assert digest_of(Cell(REAL, 5, 0.0, 0), {"learner": {"steps": 5}, "real": "a"}) == digests[0]
    assert digests[0] == "18a003030650e271"
