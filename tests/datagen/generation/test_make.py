"""A dataset's bytes depend on its recipe alone: not on workers, engines, shards or repetition."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sets import GARDEN, contents, garden, rows_of
from support.unfinished_sets import unfinished

from datagen import make, stream
from datagen.dataset.shards import ShardRecord
from datagen.generation.engines import ENGINES, local
from datagen.generation.engines.machines import Machines
from datagen.generation.make import write_dataset
from datagen.generation.make_shard import ShardWork
from datagen.generation.recipe import write_recipe
from datagen.schemas import InputError

TOLD = dict.fromkeys(("attributes", "masks", "keypoints", "normals", "depth"), True)


@pytest.fixture
def many_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes even for a few rows."""
    monkeypatch.setattr(local, "ROWS_WORTH_A_PROCESS", 5)
    monkeypatch.setattr(local, "PICTURES_WORTH_A_PROCESS", 5)


@pytest.mark.slow
@pytest.mark.usefixtures("many_workers")
@pytest.mark.parametrize("options", [{}, {"image_size": None}, TOLD], ids=["pictures", "rows", "truth"])
def test_workers_change_no_byte(tmp_path: Path, options: dict[str, Any]) -> None:
    one = garden(tmp_path / "one", workers=1, **options)
    two = garden(tmp_path / "two", workers=2, **options)
    assert contents(one) == contents(two)
    shards = {name for name in contents(one) if name.startswith("data/")}
    assert shards == {f"data/train-0000{at}-of-00003.parquet" for at in range(3)}
    assert contents(one).keys() - shards >= {"README.md", "manifest.json", "schema.yaml", "profile.yaml"}


def test_the_same_command_gives_the_same_bytes_and_another_seed_gives_others(
    small: Path, tmp_path: Path
) -> None:
    assert contents(garden(tmp_path / "again")) == contents(small)
    other = rows_of(garden(tmp_path / "other", seed=1))
    assert {row["sku"] for row in other} != {row["sku"] for row in rows_of(small)}
    assert [row["picture"]["bytes"] for row in other] != [row["picture"]["bytes"] for row in rows_of(small)]


def test_the_engine_changes_no_byte(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that makes the last shard first, each with a maker of its own."""
    requested: list[int] = []

    def other(
        work: ShardWork, numbers: Sequence[int], machines: Machines, count: Callable[[int], None]
    ) -> Iterator[ShardRecord]:
        for number in reversed(numbers):
            yield from local.make_shards(work, [number], machines, count)
            requested.append(number)

    monkeypatch.setitem(ENGINES, "other", other)
    recipe = write_recipe(24, image_size=(64, 64), shard_rows=10, **GARDEN)
    assert contents(write_dataset(recipe, tmp_path / "set", engine="other").path) == contents(small)
    assert requested == [2, 1, 0]
    with pytest.raises(InputError, match="No such engine 'othre'; did you mean 'other'"):
        write_dataset(recipe, tmp_path / "none", engine="othre")
    with pytest.raises(InputError, match="The engine local has no cluster to connect to"):
        write_dataset(recipe, tmp_path / "none", address="head:6379")
    assert not (tmp_path / "none.partial").exists()


@given(shard_rows=st.integers(1, 30))
@settings(max_examples=8)
def test_shards_change_no_row_and_no_picture(
    small: Path, tmp_path_factory: pytest.TempPathFactory, shard_rows: int
) -> None:
    folder = garden(tmp_path_factory.mktemp("shards") / "set", shard_rows=shard_rows)
    assert rows_of(folder) == rows_of(small)
    assert len(list((folder / "data").iterdir())) == -(-24 // shard_rows)


def test_ground_truth_is_the_same_in_other_shards_and_after_a_kill(told_set: Path, tmp_path: Path) -> None:
    assert rows_of(garden(tmp_path / "shards", shard_rows=7, **TOLD)) == rows_of(told_set)
    unfinished(told_set, tmp_path / "killed")
    made = make(24, tmp_path / "killed", image_size=(64, 64), shard_rows=10, resume=True, **TOLD, **GARDEN)
    assert made.rows_made == 4
    assert contents(made.path) == contents(told_set)


def test_fewer_rows_are_the_first_of_more(small: Path, tmp_path: Path) -> None:
    for rows in (1, 10, 23):
        assert rows_of(garden(tmp_path / str(rows), rows=rows)) == rows_of(small)[:rows]


@given(at=st.integers(0, 23), count=st.integers(1, 24))
@settings(max_examples=20)
def test_stream_gives_the_rows_of_make_from_any_start(small: Path, at: int, count: int) -> None:
    count = min(count, 24 - at)
    assert list(stream(count, start=at, image_size=(64, 64), **GARDEN)) == rows_of(small)[at : at + count]


def test_stream_touches_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert sum(1 for _ in stream(30, start=4090, image_size=(64, 64), **GARDEN)) == 30
    assert not list(tmp_path.iterdir())


def test_progress_and_result_say_what_was_made(small: Path, tmp_path: Path) -> None:
    counts: list[int] = []
    made = make(24, tmp_path / "set", image_size=(64, 64), shard_rows=10, progress=counts.append, **GARDEN)
    assert counts[0] == 0
    assert counts[-1] == 24
    assert counts == sorted(counts)
    assert (made.path, made.rows, made.rows_made, made.shards) == (tmp_path / "set", 24, 24, 3)
    assert made.bytes == sum(path.stat().st_size for path in (small / "data").iterdir())
    assert made.families == json.loads((small / "manifest.json").read_text())["families"]
    assert made.as_json()["rows_per_second"] > 0
