"""A shard made alone, whole, by whoever calls, is the shard of the dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.sets import GARDEN, garden

from datagen.dataset.folder import open_folder
from datagen.dataset.shards import ShardRecord
from datagen.generation.make_shard import ShardWork, make_shard
from datagen.generation.recipe import Recipe, write_recipe
from datagen.places.folder import ASIDE, FolderPlace
from datagen.schemas import RunFailed

ROWS_ONLY = {"image_size": None, "attributes": False, "masks": False}
TOLD = {"image_size": (64, 64), "attributes": True, "masks": True, "normals": True, "depth": True}
SPLITS = {"train": 0.6, "validation": 0.2, "test": 0.2}


def _place(folder: Path) -> FolderPlace:
    (folder / "data").mkdir(parents=True)
    return FolderPlace(folder)


def _recipe(**options: Any) -> Recipe:
    return write_recipe(60, shard_rows=10, **GARDEN, **options)


@pytest.mark.parametrize(
    "options",
    [TOLD, ROWS_ONLY, {**ROWS_ONLY, "splits": SPLITS}, {"image_size": (64, 64), "splits": SPLITS}],
    ids=["pictures", "rows", "rows in splits", "pictures in splits"],
)
def test_shards_made_alone_from_the_last_to_the_first_are_those_of_the_dataset(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    recipe, place = _recipe(**options), _place(tmp_path / "alone")
    manifest = open_folder(garden(tmp_path / "set", 60, **options)).manifest
    records = [make_shard(recipe, number, place) for number in reversed(range(len(manifest.shards)))]
    shards = recipe.shards()
    entries = [record.entry(shard.split) for record, shard in zip(reversed(records), shards, strict=True)]
    assert entries == list(manifest.shards)
    assert sum(record.families for record in records) == manifest.families
    assert [place.written(shard) for shard in shards] == list(reversed(records))
    assert not list((tmp_path / "alone" / ASIDE).iterdir())


def test_two_workers_may_make_the_same_shard_at_once(tmp_path: Path) -> None:
    recipe, place = _recipe(**ROWS_ONLY), _place(tmp_path / "set")
    with place.staging() as one, place.staging() as other:
        assert one != other
    assert make_shard(recipe, 0, place) == make_shard(recipe, 0, place)


def test_a_shard_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, place = _recipe(**ROWS_ONLY), _place(tmp_path / "set")

    def full(self: FolderPlace, staged: Path, record: ShardRecord) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(FolderPlace, "publish", full)
        with pytest.raises(OSError, match="No space left"):
            make_shard(recipe, 1, place)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert place.written(recipe.shards()[1]) is None


def test_a_machine_without_the_folder_or_with_other_packages_makes_nothing(tmp_path: Path) -> None:
    recipe = _recipe(**ROWS_ONLY)
    work = ShardWork(recipe, tuple(recipe.shards()), FolderPlace(tmp_path / "elsewhere"), {})
    with pytest.raises(RunFailed, match=r"has no folder .*elsewhere; give --out a folder that all machines"):
        work(0)
    assert not (tmp_path / "elsewhere").exists()
    other = replace(work, place=_place(tmp_path / "set"), versions={"numpy": "1.0"})
    with pytest.raises(RunFailed, match=r"has numpy 2.*, and the run was started with 1\.0"):
        other(0)
    with pytest.raises(RunFailed, match=r"has no-such-package \(not installed\)"):
        replace(other, versions={"no-such-package": "1.0"})(0)
