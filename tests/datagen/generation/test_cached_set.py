"""Datasets that a name describes: made once into the cache, whole or not at all, the bytes of a folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.sets import GARDEN, contents, garden

from datagen.generation import cached_set as cached
from datagen.generation.cached_set import cached_set, recipe_named
from datagen.schemas import InputError, RunFailed
from datagen.schemas.made_sets import made_set

SHELF = f"make:{GARDEN['schema']},profile={GARDEN['profile']}"
NAME = f"{SHELF},rows=24,image-size=64x64"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "datagen" / "made"


def test_it_has_the_bytes_of_a_folder_and_is_made_once(tmp_path: Path, cache: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    folder = made_set(NAME, lambda *at: seen.append(at))
    assert folder.parent == cache
    assert contents(folder) == contents(garden(tmp_path / "set", shard_rows=1000))
    assert seen[-1] == ("Making garden", 24, 24)
    seen.clear()
    before = {path: path.stat().st_ino for path in folder.rglob("*")}
    assert made_set(NAME, lambda *at: seen.append(at)) == folder
    assert not seen
    assert {path: path.stat().st_ino for path in folder.rglob("*")} == before
    other = made_set(f"{NAME},seed=1")
    assert other != folder
    assert contents(other) != contents(folder)


def test_one_that_was_killed_is_resumed_and_one_that_is_damaged_is_made_again(
    monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("datagen.generation.make.write_metadata", killed)
        with pytest.raises(KeyboardInterrupt):
            cached_set(NAME)
    (left,) = (path for path in cache.iterdir() if path.is_dir())
    assert left.name.endswith(".partial")  # the shard was whole, and nothing is at its name
    made: list[int] = []
    folder = cached_set(NAME, lambda stage, done, total: made.append(done))
    assert made[0] == 24  # kept, not made again
    expected = contents(folder)
    (shard,) = (folder / "data").glob("*.parquet")
    with shard.open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    assert contents(cached_set(NAME)) == expected


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    class Usage(NamedTuple):
        free: int

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: Usage(1000))
        with pytest.raises(
            RunFailed, match=r"cannot be made in .* 1,000 left\); free some space, or set XDG"
        ):
            cached_set(NAME)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(cached, "write_dataset", full)
        with pytest.raises(RunFailed, match=r"cannot be made in .* \(No space left on device\); free some"):
            cached_set(NAME)
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_what_is_in_the_way_in_the_cache_is_named() -> None:
    folder = cached_set(NAME)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(InputError, match=r"in the cache is not what it was made as; remove that folder"):
        cached_set(NAME)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("make:", "names nothing to make; give it as make:burberry,rows=3000,seed=1"),
        ("make:burbery", "No schema 'burbery': did you mean .burberry"),
        ("make:nowhere.yaml", r"nowhere\.yaml"),
        ("make:burberry,profile=other", "No profile 'other'"),
        ("make:burberry,rows=", "rows is ''; give a whole number"),
        ("make:burberry,rows=-3", "rows is '-3'; give a whole number"),
        ("make:burberry,rows=0", "0 rows cannot be made"),
        ("make:burberry,rows=99999999", "need more product codes .* ask for at most 5,288,681"),
        ("make:burberry,rows=3,rows=4", "gives rows twice"),
        ("make:burberry,row=3", "has the option 'row'; did you mean .rows"),
        ("make:burberry,image-size=480", "image-size is '480'; give a size in pixels, such as 480x640"),
        ("make:burberry,image-size=2x2", "each side is 64 to 4096"),
        ("make:burberry,seed=99999999999999999999", "seed"),
    ],
)
def test_a_name_that_describes_nothing_is_one_sentence(name: str, expected: str, cache: Path) -> None:
    with pytest.raises(InputError, match=expected) as refused:
        cached_set(name)
    assert "\n" not in str(refused.value)
    assert not cache.exists()


def test_the_defaults_are_those_of_make() -> None:
    recipe = recipe_named("make:burberry")
    assert (recipe.rows, recipe.seed, recipe.image_size) == (3040, 0, (480, 640))
    assert recipe_named("make:burberry,rows=20,jpeg-quality=70,image-size=64x96").jpeg_quality == 70
