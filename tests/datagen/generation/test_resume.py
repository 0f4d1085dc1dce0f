"""A resumed run ends in the same bytes, keeps whole shards, and refuses other settings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from support.sets import GARDEN, contents, garden
from support.unfinished_sets import stamp, stamps, unfinished

from datagen import make
from datagen.generation import recipe
from datagen.generation.make import MakeResult
from datagen.render.baked.layers import index
from datagen.schemas import InputError


def test_a_broken_shard_is_made_again_and_strangers_are_dropped(small: Path, tmp_path: Path) -> None:
    work = unfinished(small, tmp_path / "set", shards=3)
    first, second, third = sorted((work / "data").glob("*.parquet"))
    first.write_bytes(first.read_bytes()[:-1])
    second.write_bytes(b"")
    (work / "data" / "stranger.parquet").write_bytes(third.read_bytes())
    (work / "data" / "train-00000-of-00003.parquet.part").write_bytes(b"half")
    (work / "README.md.part").write_bytes(b"half")
    kept = stamp(third)
    made = make(24, tmp_path / "set", image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert made.rows_made == 20
    assert stamp(made.path / "data" / third.name) == kept
    assert contents(made.path) == contents(small)


def test_maps_are_made_again_as_everything_is(told_set: Path, tmp_path: Path) -> None:
    unfinished(told_set, tmp_path / "set")
    told = dict.fromkeys(("attributes", "masks", "keypoints", "normals", "depth"), True)
    assert contents(garden(tmp_path / "set", resume=True, **told)) == contents(told_set)


def test_a_shard_with_other_rows_is_made_again(small: Path, tmp_path: Path) -> None:
    work = unfinished(small, tmp_path / "set", shards=3)
    first, _, third = sorted((work / "data").glob("*.parquet"))
    shutil.copy(third, first)  # four rows in the place of ten
    assert contents(garden(tmp_path / "set", resume=True)) == contents(small)


def test_a_shard_with_a_bit_flipped_is_made_again(small: Path, tmp_path: Path) -> None:
    """It has as many rows and bytes as before, and Parquet has no checksum that would tell."""
    work = unfinished(small, tmp_path / "set", shards=3)
    first = min((work / "data").glob("*.parquet"))
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    made = make(24, tmp_path / "set", image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert made.rows_made == 10
    assert contents(made.path) == contents(small)


@pytest.mark.parametrize("left", [[], [".lock"], [".lock", "begun.json.part"]])
def test_what_a_kill_leaves_before_the_first_note_is_no_hindrance(
    small: Path, tmp_path: Path, left: list[str]
) -> None:
    (tmp_path / "set.partial").mkdir()
    for name in left:
        (tmp_path / "set.partial" / name).write_text("")
    assert contents(garden(tmp_path / "set", resume=True)) == contents(small)


def test_killed_between_manifest_and_renaming_it_resumes(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small, tmp_path / "set.partial")
    made = make(24, tmp_path / "set", image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert made.rows_made == 0
    assert contents(made.path) == contents(small)


OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"rows": 25}, "rows 24, not 25"),
    ({"seed": 9}, "seed 0, not 9"),
    ({"image_size": (64, 65)}, "image size [64, 64], not [64, 65]"),
    ({"image_size": None}, "image size [64, 64], not None"),
    ({"jpeg_quality": 80}, "jpeg quality 90, not 80"),
    ({"shard_rows": 12}, "shard rows 10, not 12"),
    ({"attributes": True}, "attributes None, not True"),
    ({"masks": True}, "masks None, not True"),
    ({"depth": True}, "depth None, not True"),
    ({"where": {"group": ["Wear"]}}, "profile garden"),
    ({"schema": "edited.yaml"}, "schema garden"),
]


@pytest.mark.parametrize("finished", [False, True])
@pytest.mark.parametrize(("other", "named"), OTHERS, ids=[named for _, named in OTHERS])
def test_resuming_with_other_settings_is_refused(
    small: Path, tmp_path: Path, other: dict[str, Any], named: str, finished: bool
) -> None:
    if other.get("schema"):
        text = GARDEN["schema"].read_text(encoding="utf-8").replace("?w=1", "?w=2")
        other = {"schema": tmp_path / "edited.yaml"}
        other["schema"].write_text(text, encoding="utf-8")
    out = tmp_path / "set"
    if finished:
        shutil.copytree(small, out)
    else:
        unfinished(small, out)
    before = stamps(tmp_path)
    with pytest.raises(InputError) as refused:
        garden(out, **{"rows": 24, "resume": True, **other})
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)
    assert stamps(tmp_path) == before


@pytest.mark.parametrize("finished", [False, True])
def test_resuming_with_other_layers_of_figures_is_refused(
    small: Path, tmp_path: Path, finished: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "set"
    if finished:
        shutil.copytree(small, out)
    else:
        unfinished(small, out)
    other = index()._replace(digest="f" * 64)
    monkeypatch.setattr(recipe, "index", lambda: other)
    with pytest.raises(InputError, match=rf"layers baked {index().digest[:12]}, not baked f{{12}}"):
        garden(out, rows=24, resume=True)


def test_a_set_without_pictures_does_not_depend_on_layers(tmp_path: Path) -> None:
    made = make(5, tmp_path / "set", image_size=None, **GARDEN)
    assert '"layers"' not in (made.path / "manifest.json").read_text("utf-8")


def test_resuming_what_is_finished_changes_nothing(small: Path) -> None:
    before = stamps(small)
    made = make(24, small, image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert isinstance(made, MakeResult)
    assert (made.rows, made.rows_made) == (24, 0)
    assert stamps(small) == before


def test_an_interrupted_replacement_is_resumed(small: Path, tmp_path: Path) -> None:
    out = garden(tmp_path / "set", rows=5, seed=8)
    work = unfinished(small, out, overwrite=True)
    kept = stamp(min((work / "data").iterdir()))
    made = make(24, out, image_size=(64, 64), shard_rows=10, resume=True, **GARDEN)
    assert made.rows_made == 4
    assert stamp(min((out / "data").iterdir())) == kept
    assert contents(out) == contents(small)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
