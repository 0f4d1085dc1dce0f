"""Wrong pictures are another family's, and each is shown once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.schemas import InputError
from datagen.train.evaluation.answering import shuffled
from datagen.train.evaluation.held_out import HeldOutRows


@dataclass
class _Rows:
    """The part of held-out rows that shuffling looks at."""

    rows: Any
    title_families: Any
    seed: int


def held(title_families: list[int], seed: int = 0) -> HeldOutRows:
    count = len(title_families)
    return cast(
        "HeldOutRows", _Rows(np.arange(count) * 3 + 1, np.array(title_families, dtype=np.int64), seed)
    )


@given(st.lists(st.integers(0, 9), min_size=2, max_size=60), st.integers(0, 2**63))
def test_every_picture_is_shown_once_and_never_to_its_own_row(title_families: list[int], seed: int) -> None:
    rows = held(title_families, seed)
    shown = shuffled(rows)
    assert sorted(shown.tolist()) == rows.rows.tolist()
    assert not np.any(shown == rows.rows)
    assert shuffled(rows).tolist() == shown.tolist()
    if 2 * max(title_families.count(one) for one in title_families) <= len(title_families):
        family = dict(zip(rows.rows.tolist(), title_families, strict=True))
        assert all(family[one] != mine for one, mine in zip(shown.tolist(), title_families, strict=True))


def test_another_seed_shuffles_otherwise_and_one_row_cannot_be_shuffled() -> None:
    title_families = list(range(30))
    assert shuffled(held(title_families, 0)).tolist() != shuffled(held(title_families, 1)).tolist()
    with pytest.raises(InputError, match="fewer than 2 rows"):
        shuffled(held([0]))
