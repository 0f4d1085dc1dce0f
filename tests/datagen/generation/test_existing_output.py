"""A run touches nothing but its own folder: what was there before is whole until the new dataset is."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.sets import GARDEN, contents, garden
from support.unfinished_sets import stamps, unfinished

from datagen.generation.make import check_dataset
from datagen.generation.recipe import write_recipe
from datagen.schemas import InputError, RunFailed


def test_an_unfinished_run_is_only_restarted_with_overwrite(small: Path, tmp_path: Path) -> None:
    unfinished(small, tmp_path / "set")
    before = stamps(tmp_path)
    with pytest.raises(InputError, match="--resume"):
        garden(tmp_path / "set")
    assert stamps(tmp_path) == before
    assert contents(garden(tmp_path / "set", overwrite=True)) == contents(small)


@pytest.mark.parametrize("options", [{}, {"resume": True}, {"overwrite": True}])
def test_somebody_elses_things_are_never_touched(
    small: Path, tmp_path: Path, options: dict[str, bool]
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "mine.txt").write_text("mine")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text('{"name": "a web page has one, too"}')
    (tmp_path / "link").symlink_to(small)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "a.partial").mkdir()
    (tmp_path / "a.partial" / "mine.txt").write_text("mine")
    (tmp_path / "b.partial").write_text("mine")
    (tmp_path / "c.partial").symlink_to(tmp_path / "folder")
    before, theirs = stamps(tmp_path), stamps(small)
    recipe = write_recipe(3, image_size=None, **GARDEN)
    for name in ("file", "folder", "app", "link", "dangling", "a", "b", "c"):
        with pytest.raises(InputError) as refused:
            garden(tmp_path / name, rows=3, image_size=None, **options)
        assert "\n" not in str(refused.value)
        with pytest.raises(InputError, match=re.escape(str(refused.value))):
            check_dataset(recipe, tmp_path / name, **options)
    assert stamps(tmp_path) == before
    assert stamps(small) == theirs


def test_a_check_says_about_how_large_the_dataset_will_be_and_touches_nothing(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = write_recipe(24, image_size=(64, 64), shard_rows=10, **GARDEN)
    unfinished(small, tmp_path / "set")
    before = tmp_path.stat().st_mtime_ns, stamps(tmp_path)
    size = check_dataset(recipe, tmp_path / "new" / "set")
    made = sum(path.stat().st_size for path in (small / "data").iterdir())
    assert 0.3 * made < size < 3 * made
    with pytest.raises(InputError, match="is not finished; give --resume"):
        check_dataset(recipe, tmp_path / "set")
    check_dataset(recipe, tmp_path / "set", resume=True)
    check_dataset(recipe, tmp_path / "set", overwrite=True)
    with pytest.raises(InputError, match="was started with other settings"):
        check_dataset(replace(recipe, seed=3), tmp_path / "set", resume=True)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=size // 2))
    with pytest.raises(
        RunFailed, match=f"will take about {size:,} bytes, and its disk has {size // 2:,} left"
    ):
        check_dataset(recipe, tmp_path / "other")
    assert (tmp_path.stat().st_mtime_ns, stamps(tmp_path)) == before


def test_an_empty_folder_is_filled(small: Path, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    assert contents(garden(tmp_path / "set")) == contents(small)


def test_overwriting_replaces_a_dataset_of_this_tool(small: Path, tmp_path: Path) -> None:
    out = garden(tmp_path / "set", rows=5, seed=8)
    with pytest.raises(InputError, match="--overwrite"):
        garden(out)
    assert contents(garden(out, overwrite=True)) == contents(small)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_backup_beside_the_dataset_is_not_swept_away(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "set.old")
    out = garden(tmp_path / "set", rows=5, image_size=None)
    before = stamps(tmp_path)
    with pytest.raises(InputError, match=r"set\.old already exists"):
        garden(out, overwrite=True)
    assert stamps(tmp_path) == before
