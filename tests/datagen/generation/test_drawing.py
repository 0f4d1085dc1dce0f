"""Batches hold all stretches in order; groups hold all rows, and a stencil is in one of them only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.generation import drawing
from datagen.generation.drawing import GROUP_PICTURES, batches, groups, made_here
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe


@given(st.lists(st.integers(1, 400), max_size=12))
def test_batches_are_bounded_and_keep_the_order(garden_recipe: Recipe, sizes: list[int]) -> None:
    recipe = replace(garden_recipe, image_size=(1000, 1000), shard_rows=300)  # at most a thousand in a batch
    stretches = [range(at * 400, at * 400 + size) for at, size in enumerate(sizes)]
    found = list(batches(recipe, stretches))
    assert [rows for batch in found for rows in batch] == stretches
    assert all(sum(map(len, batch)) <= 1000 for batch in found)
    assert all(map(len, found))


def test_batches_begin_with_a_few_shards_and_grow(garden_recipe: Recipe) -> None:
    recipe = replace(garden_recipe, image_size=(1000, 1000), shard_rows=75)
    found = batches(recipe, [range(at, at + 100) for at in range(0, 3000, 100)])
    assert [sum(map(len, batch)) for batch in found] == [300, 600, 1000, 1000, 100]


def test_a_stretch_that_is_larger_than_a_batch_is_one(garden_recipe: Recipe) -> None:
    recipe = replace(garden_recipe, image_size=(4096, 4096))
    assert list(batches(recipe, [range(70), range(70, 80)])) == [[range(70)], [range(70, 80)]]


def test_shards_that_lie_far_apart_are_not_in_one_batch(garden_recipe: Recipe) -> None:
    recipe = replace(garden_recipe, image_size=(64, 64), shard_rows=100)
    near, far = range(100), range(5_000_000, 5_000_100)
    assert list(batches(recipe, [near, far])) == [[near], [far]]


def test_stretches_without_pictures_come_one_by_one(garden_recipe: Recipe) -> None:
    recipe = replace(garden_recipe, image_size=None)
    assert list(batches(recipe, [range(2), range(2, 4)])) == [[range(2)], [range(2, 4)]]


def test_groups_have_every_row_and_whole_stencils(
    garden_recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [(f"subject {row % 3}", f"stencil {row * row % 7}") for row in range(900)]
    maker = Maker(garden_recipe)
    monkeypatch.setattr(maker, "drawing_keys", lambda rows: [keys[row] for row in rows])
    found = groups(maker, range(100, 900))
    assert sorted(row for group in found for row in group.rows) == list(range(100, 900))
    owner: dict[tuple[str, str], int] = {}
    for number, group in enumerate(found):
        assert {keys[row][0] for row in group.rows} == {group.subject}
        assert all(owner.setdefault(keys[row], number) == number for row in group.rows)
    assert len(found) > 3
    assert min(len(group.rows) for group in found[:1]) >= GROUP_PICTURES


@pytest.mark.parametrize("size", [None, (64, 64)])
def test_pieces_are_the_same_whatever_the_batch(
    garden_recipe: Recipe, size: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = Maker(replace(garden_recipe, rows=30, image_size=size))
    stretches, counts = [range(at, at + 6) for at in range(0, 30, 6)], list[int]()
    whole = list(made_here(maker, stretches, counts.append))
    assert sum(counts) == 30
    monkeypatch.setattr(drawing, "BATCH_PIXELS", 12 * 64 * 64)
    assert [piece.table for piece in made_here(maker, stretches)] == [piece.table for piece in whole]
