"""Nearest neighbours: exactly those of a search by hand, whatever the blocks, with ties to the lower row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.schemas.keyed import I64
from datagen.train.data.picture_features import F32
from datagen.train.retrieval import search
from datagen.train.retrieval.search import NONE, nearest_known


def by_hand(known: F32, asked: F32, count: int, known_group: I64, asked_group: I64) -> list[list[int]]:
    found = []
    for one, group in zip(asked.astype(float), asked_group, strict=True):
        distances = [
            (float(((row - one) ** 2).sum()), at)
            for at, row in enumerate(known.astype(float))
            if known_group[at] != group and not np.isnan(one).any()
        ]
        mine = [at for _, at in sorted(distances)[:count]]
        found.append(mine + [NONE] * (count - len(mine)))
    return found


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_nearest_are_those_of_a_search_by_hand(data: st.DataObject) -> None:
    draw = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    rows, width = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 9))
    # Few distinct values, so that many distances are equal.
    known = draw.integers(0, 3, (rows, width)).astype(np.float32)
    asked = draw.integers(0, 3, (data.draw(st.integers(1, 9)), width)).astype(np.float32)
    groups = [draw.integers(0, 5, len(of)).astype(np.int64) for of in (known, asked)]
    if data.draw(st.booleans()):
        asked[0, 0] = np.nan
    count = data.draw(st.integers(1, 6))
    found = nearest_known(known, asked, count, *groups)
    assert found.tolist() == by_hand(known, asked, count, *groups)


def test_blocks_and_copies_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(0)
    some = draw.normal(size=(50, 300)).astype(np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    known = np.concatenate([some, some, some])  # each picture three times, as recolours of one photo may be
    none = [np.arange(150), np.full(50, -1)]
    found = nearest_known(known, some, 3, *none)
    assert found.tolist() == [[at, at + 50, at + 100] for at in range(50)]
    monkeypatch.setattr(search, "MOST_DISTANCES", 1000)
    assert np.array_equal(nearest_known(known, some, 3, *none), found)


def test_nothing_is_near_to_nothing() -> None:
    none = np.empty((0, 4), np.float32)
    found = nearest_known(none, np.zeros((2, 4), np.float32), 2, np.empty(0, np.int64), np.zeros(2, np.int64))
    assert found.tolist() == [[NONE, NONE], [NONE, NONE]]
