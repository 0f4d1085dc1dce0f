"""Where pieces are made changes nothing in them; workers come in order, few at a time, and leave."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sets import contents, garden

from datagen.generation.engines import all_cores, local
from datagen.generation.engines.local import make_pieces, useful_workers
from datagen.generation.engines.workers import Workers
from datagen.generation.make_shard import ShardWork
from datagen.generation.recipe import Recipe
from datagen.render import scene
from datagen.schemas import RunFailed


def _recipe(whole: Recipe, rows: int, pictures: bool) -> Recipe:
    """Pictures come with their ground truth, which travels between processes as they do."""
    size = (64, 64) if pictures else None
    told = dict.fromkeys(("attributes", "masks", "normals", "depth"), pictures)
    return Recipe(whole.schema, whole.profile, rows, 0, size, 90, 20, **told)


def _ranges(rows: int, step: int) -> list[range]:
    return [range(at, min(at + step, rows)) for at in range(0, rows, step)]


@pytest.mark.slow
@pytest.mark.parametrize("pictures", [False, True])
def test_pieces_are_the_same_in_this_process_and_in_others(garden_recipe: Recipe, pictures: bool) -> None:
    recipe = _recipe(garden_recipe, 45, pictures)
    here = list(make_pieces(recipe, _ranges(45, 4), workers=1))
    there = list(make_pieces(recipe, _ranges(45, 4), workers=3))
    assert [len(piece.table) for piece in here] == [4] * 11 + [1]
    for one, other in zip(here, there, strict=True):
        assert one.table.equals(other.table)
        assert one.families == other.families


@pytest.mark.parametrize("pictures", [False, True])
def test_a_worker_that_dies_fails_the_run_and_none_is_left(garden_recipe: Recipe, pictures: bool) -> None:
    pieces = make_pieces(_recipe(garden_recipe, 4000, pictures), _ranges(4000, 10), workers=2)
    next(pieces)
    victim = multiprocessing.active_children()[0].pid
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(RunFailed, match="--resume"):
        list(pieces)
    assert not multiprocessing.active_children()


@pytest.mark.slow
def test_workers_make_whole_shards_where_there_are_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "ROWS_WORTH_A_PROCESS", 5)
    requested: list[int] = []
    give = Workers.make_shard

    def noticed(self: Workers, number: int, work: ShardWork, shard: int) -> None:
        requested.append(shard)
        give(self, number, work, shard)

    monkeypatch.setattr(Workers, "make_shard", noticed)
    seen: list[int] = []
    options: dict[str, Any] = {"image_size": None, "shard_rows": 3}
    whole = garden(tmp_path / "whole", workers=2, progress=seen.append, **options)
    assert requested == list(range(8))
    assert sorted(set(seen)) == list(range(0, 25, 3))
    assert contents(whole) == contents(garden(tmp_path / "pieces", workers=1, **options))


def test_only_a_few_pieces_are_under_way_and_none_after_the_end(garden_recipe: Recipe) -> None:
    requested = 0

    def ranges() -> Iterator[range]:
        nonlocal requested
        for piece in _ranges(4000, 10):
            requested += 1
            yield piece

    pieces = make_pieces(_recipe(garden_recipe, 4000, pictures=False), ranges(), workers=2)
    for received in range(1, 6):
        next(pieces)
        assert requested - received <= 2 * 2
    pieces.close()
    assert not multiprocessing.active_children()


def test_one_worker_makes_one_piece_at_a_time(garden_recipe: Recipe) -> None:
    ranges = iter(_ranges(100, 10))
    pieces = make_pieces(_recipe(garden_recipe, 100, pictures=False), ranges, workers=1)
    next(pieces)
    assert next(ranges) == range(10, 20)


@pytest.mark.parametrize(("many", "kept"), [(24, False), (25, True)])
def test_many_pictures_leave_nothing_in_the_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int, kept: bool
) -> None:
    monkeypatch.setattr(local, "MANY_PICTURES", many)
    garden(tmp_path / "set", workers=1)  # 24 rows
    assert bool(scene._stencils.recent.entries) == kept


@given(st.integers(1, 10**7), st.integers(1, 64), st.booleans())
def test_a_process_is_started_only_where_it_pays(
    garden_recipe: Recipe, rows: int, workers: int, pictures: bool
) -> None:
    used = useful_workers(_recipe(garden_recipe, rows, pictures), workers)
    assert 1 <= used <= workers
    assert used == 1 or rows >= used * 100
    assert used == workers or rows < workers * 400_000


def test_cores_are_those_this_process_may_use() -> None:
    assert all_cores() == len(os.sched_getaffinity(0))
