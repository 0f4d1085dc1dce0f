"""What is pushed: which folders are tables, what they are called, and where they lie in the repository."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from datagen.dataset.collection import config_and_split, parts
from datagen.schemas import InputError


def put(few_rows: Path, top: Path, *places: str) -> Path:
    for place in places:
        shutil.copytree(few_rows, top / place, dirs_exist_ok=True)
    return top


def found(path: Path, **options: str) -> dict[str, tuple[str, str]]:
    return {part.place: (part.config, part.split) for part in parts(path, **options)}


def test_a_single_set_is_the_default_table(few_rows: Path) -> None:
    assert found(few_rows) == {"": ("default", "train")}
    (part,) = parts(few_rows)
    assert part.in_repository("data/x") == "data/x"


@pytest.mark.parametrize(
    ("config", "split", "place"),
    [
        ("real", None, "real"),
        (None, "test", "test"),
        ("real", "test", "real/test"),
        ("real", "train", "real"),
        ("default", "train", ""),
        (None, "dev", "default/dev"),
        ("dev", None, "dev"),
    ],
)
def test_a_single_set_is_what_it_is_said_to_be(
    few_rows: Path, config: str | None, split: str | None, place: str
) -> None:
    (part,) = parts(few_rows, config, split)
    assert (part.config, part.split, part.place) == (config or "default", split or "train", place)
    assert config_and_split(part.place) == (part.config, part.split)
    assert part.in_repository("data/x") == f"{place}/data/x".lstrip("/")


def test_splits_and_tables_are_found(few_rows: Path, tmp_path: Path) -> None:
    put(few_rows, tmp_path, "train", "validation", "real", "real/test", "mixed/train", "mixed/dev")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes.txt").write_text("notes")
    put(few_rows, tmp_path, "not a table")
    assert found(tmp_path) == {
        "": ("default", "train"),
        "validation": ("default", "validation"),
        "mixed": ("mixed", "train"),
        "mixed/dev": ("mixed", "dev"),
        "real": ("real", "train"),
        "real/test": ("real", "test"),
    }
    for place, named in found(tmp_path).items():
        assert config_and_split(place) == named


def test_the_layout_of_the_repository_is_found_too(few_rows: Path, tmp_path: Path) -> None:
    put(few_rows, tmp_path, "", "validation", "test", "again")
    assert found(tmp_path) == {
        "": ("default", "train"),
        "validation": ("default", "validation"),
        "test": ("default", "test"),
    }
    assert found(tmp_path, split="test") == {"test": ("default", "test")}


def test_a_folder_of_splits_can_be_one_table(few_rows: Path, tmp_path: Path) -> None:
    put(few_rows, tmp_path, "train", "test", "real")
    assert found(tmp_path, config="mine") == {"mine": ("mine", "train"), "mine/test": ("mine", "test")}
    with pytest.raises(InputError, match="several datasets, and --split is for a single one"):
        parts(tmp_path, split="train")


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "a/b", "x" * 64, "ü"])
def test_illegal_names_are_refused(few_rows: Path, name: str) -> None:
    with pytest.raises(InputError, match="is not a name for a config"):
        parts(few_rows, config=name)
    with pytest.raises(InputError, match="is not a name for a split"):
        parts(few_rows, split=name)


def test_no_table_is_named_like_a_split(few_rows: Path) -> None:
    with pytest.raises(InputError, match="give --split test"):
        parts(few_rows, config="test")


def test_nothing_to_push_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a finished dataset"):
        parts(tmp_path)
    with pytest.raises(InputError, match="There is no dataset folder"):
        parts(tmp_path / "none")
