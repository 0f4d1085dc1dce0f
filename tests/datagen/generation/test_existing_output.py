"""A run touches nothing but its own folder: what was there before is whole until the new dataset is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.sets import contents, garden
from support.unfinished_sets import stamps, unfinished

from datagen.schemas import InputError


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
    for name in ("file", "folder", "app", "link", "dangling", "a", "b", "c"):
        with pytest.raises(InputError) as refused:
            garden(tmp_path / name, rows=3, image_size=None, **options)
        assert "\n" not in str(refused.value)
    assert stamps(tmp_path) == before
    assert stamps(small) == theirs


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
