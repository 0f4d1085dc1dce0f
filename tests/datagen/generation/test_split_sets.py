"""Datasets with splits: every row of the plain dataset is in one split, no title in two, whatever happens."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.killed import killed_at
from support.sets import GARDEN, contents, garden, rows_of
from support.unfinished_sets import stamp, whole_shards

from datagen.dataset.verify import verify_folder
from datagen.generation.make import make
from datagen.generation.recipe import Recipe, write_recipe
from datagen.schemas import InputError
from datagen.schemas.folder import read_manifest
from datagen.schemas.title_families import title_families

THREE = {"train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.fixture(scope="module")
def splits_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 rows with pictures in three splits; not to be changed."""
    return garden(tmp_path_factory.mktemp("splits") / "set", 60, splits=THREE)


@pytest.fixture(scope="module")
def plain_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows without splits; not to be changed."""
    return garden(tmp_path_factory.mktemp("plain") / "set", 60)


def _rows_of_splits(folder: Path) -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for shard in read_manifest(folder).shards:
        rows[str(shard.split)] += pq.read_table(folder / shard.path).to_pylist()
    return rows


def test_every_row_is_in_one_split_and_no_title_family_in_two(splits_set: Path, plain_set: Path) -> None:
    rows, plain = _rows_of_splits(splits_set), rows_of(plain_set)
    place = {row["sku"]: at for at, row in enumerate(plain)}
    every = [row for some in rows.values() for row in some]
    assert sorted(every, key=lambda row: place[row["sku"]]) == plain
    for some in rows.values():
        assert [place[row["sku"]] for row in some] == sorted(place[row["sku"]] for row in some)
    split_of = [split for split, some in rows.items() for _ in some]
    families = title_families([row["label"] for row in every])
    assert len(set(zip(families.tolist(), split_of, strict=True))) == len(set(families.tolist()))
    verdict = verify_folder(splits_set)
    assert verdict.whole, verdict.breaches


def test_shards_have_names_and_sizes_as_the_manifest_says(splits_set: Path) -> None:
    manifest = read_manifest(splits_set)
    assert manifest.splits == ("train", "validation", "test")
    assert sum(manifest.rows_by_split.values()) == 60
    for split, rows in manifest.rows_by_split.items():
        shards = [shard for shard in manifest.shards if shard.split == split]
        count = -(-rows // 10)
        assert [shard.path for shard in shards] == [
            f"data/{split}-{at:05d}-of-{count:05d}.parquet" for at in range(count)
        ]
        assert [shard.rows for shard in shards[:-1]] == [10] * (count - 1)


def test_datasets_loads_the_splits(splits_set: Path) -> None:
    loaded = datasets.load_dataset(str(splits_set))
    rows = _rows_of_splits(splits_set)
    assert {name: split["sku"][:] for name, split in loaded.items()} == {
        name: [row["sku"] for row in some] for name, some in rows.items()
    }
    test = datasets.load_dataset(str(splits_set), split="test")
    assert test[0]["picture"].size == (64, 64)


def test_workers_and_the_order_of_the_shares_change_no_byte(splits_set: Path, tmp_path: Path) -> None:
    shares = dict(reversed(THREE.items()))
    assert contents(garden(tmp_path / "set", 60, splits=shares, workers=2)) == contents(splits_set)


@pytest.mark.parametrize("shards", [1, 4, 6])
def test_killed_after_some_shards_it_resumes_to_the_same_bytes(
    splits_set: Path, tmp_path: Path, shards: int
) -> None:
    renamed = 0

    def moment(event: str, arguments: tuple[Any, ...]) -> bool:
        nonlocal renamed
        if event == "os.rename" and Path(arguments[1]).match("set.partial/data/*.parquet"):
            renamed += 1
        return renamed > shards

    out = tmp_path / "set"
    assert killed_at(moment, lambda: garden(out, 60, splits=THREE))
    kept = {path.name: stamp(path) for path in whole_shards(out)}
    assert len(kept) == shards
    made = make(60, out, image_size=(64, 64), shard_rows=10, splits=THREE, resume=True, **GARDEN)
    assert made.rows_made == 60 - sum(pq.read_metadata(out / "data" / name).num_rows for name in kept)
    assert {name: stamp(out / "data" / name) for name in kept} == kept
    assert contents(out) == contents(splits_set)


def test_resuming_with_other_splits_is_refused(splits_set: Path) -> None:
    with pytest.raises(InputError, match="splits .*train.* not None"):
        garden(splits_set, 60, resume=True)


@settings(max_examples=30)
@given(
    st.integers(200, 9000),
    st.integers(1, 5000),
    st.integers(0, 99),
    st.sampled_from([{"a": 0.5, "b": 0.5}, {"test": 1.0}, {"train": 0.7, "x_1": 0.2, "test": 0.1}]),
)
def test_shards_hold_every_row_once(
    garden_recipe: Recipe, rows: int, shard_rows: int, seed: int, shares: dict[str, float]
) -> None:
    recipe = Recipe(
        garden_recipe.schema,
        garden_recipe.profile,
        rows,
        seed,
        None,
        90,
        shard_rows,
        splits=tuple(shares.items()),
    )
    shards = recipe.shards()
    assert sum(shard.rows for shard in shards) == rows
    for split in shares:
        own = [shard for shard in shards if shard.split == split]
        assert all(shard.rows == shard_rows for shard in own[:-1])
        assert 1 <= own[-1].rows <= shard_rows
        assert [shard.stop for shard in own[:-1]] == [shard.start for shard in own[1:]]


def test_a_split_that_would_be_empty_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The split b would be empty"):
        garden(tmp_path / "set", 3, splits={"a": 0.999, "b": 0.001})
    assert not list(tmp_path.iterdir())


def test_a_longer_dataset_of_another_seed_keeps_each_title_in_its_split(
    splits_set: Path, tmp_path: Path
) -> None:
    other = garden(tmp_path / "other", 300, splits=THREE, image_size=None, seed=3)
    split_of = {row["label"]: split for split, some in _rows_of_splits(splits_set).items() for row in some}
    both = [
        (split_of[row["label"]], split)
        for split, some in _rows_of_splits(other).items()
        for row in some
        if row["label"] in split_of
    ]
    assert len(both) > 20
    assert all(one == there for one, there in both)


def test_without_splits_the_recipe_says_nothing_of_them() -> None:
    assert write_recipe(5, image_size=None, **GARDEN).as_json()["splits"] is None
