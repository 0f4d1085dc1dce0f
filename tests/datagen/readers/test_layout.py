"""Which files are the table: what ``datasets`` itself would take, and nothing outside of the folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from datasets.data_files import DataFilesList, EmptyDatasetError, get_data_patterns
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.readers.layout import Layout, find_layout, matches
from datagen.schemas import InputError


def found(
    *paths: str, front: dict[str, Any] | None = None, config: str | None = None, split: str | None = None
) -> Layout:
    return find_layout(paths, front or {}, "it", config, split)


WORD = st.sampled_from(
    ["train", "training", "test", "val", "dev", "eval", "x", "trainer", "contest", "00000", "data"]
)
NAME = st.builds("".join, st.lists(WORD | st.sampled_from(list("-._ 05")), min_size=1, max_size=3))
SHARD = st.sampled_from(["data/train-00000-of-00001", "data/extra-00000-of-00002-ab", "data/test-00000-of-1"])
FOLDERS = st.lists(NAME.filter(lambda name: not name.startswith(".")), max_size=2)
PATH = st.one_of(
    st.builds(lambda folders, name: "/".join([*folders, f"{name}.csv"]), FOLDERS, NAME),
    SHARD.map("{}.csv".format),
)


def make(folder: Path, paths: list[str]) -> list[str]:
    """The files, as far as the disk bears them: a name cannot be a folder and a file."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in paths:
        try:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).touch()
        except OSError:
            continue
    there = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return sorted(path for path in there if not any(part.startswith(".") for part in path.split("/")))


@settings(max_examples=60)
@given(paths=st.lists(PATH, min_size=1, max_size=6))
def test_splits_are_those_that_datasets_finds(folder: Path, paths: list[str]) -> None:
    top = folder / "tree"
    known = make(top, paths)
    try:
        patterns = get_data_patterns(str(top))
    except EmptyDatasetError:
        return
    for split, each in patterns.items():
        theirs = DataFilesList.from_patterns(each, str(top), allowed_extensions=[".csv"])
        assert set(found(*known, split=str(split)).files) == {
            Path(path).relative_to(top).as_posix() for path in theirs
        }


PATTERN = st.lists(
    st.sampled_from(["**", "*", "*.csv", "train*", "x.csv", "[!x]*", "data", "?????.csv", "*-0*"]),
    min_size=1,
    max_size=3,
).map("/".join)


@settings(max_examples=60)
@given(paths=st.lists(PATH, min_size=1, max_size=6), pattern=PATTERN)
def test_patterns_match_what_datasets_matches(folder: Path, paths: list[str], pattern: str) -> None:
    top = folder / "tree"
    known = make(top, paths)
    try:
        theirs = DataFilesList.from_patterns([pattern], str(top), allowed_extensions=[".csv"])
    except FileNotFoundError:
        theirs = []
    special = [path for path in known if any(part.startswith("__") for part in path.split("/")[:-1])]
    mine = {path for path in known if matches(pattern, path)} - set(special)
    assert mine == {Path(path).relative_to(top).as_posix() for path in theirs}


def test_a_hostile_pattern_takes_no_time() -> None:
    assert not matches("*a" * 60 + "b", "a" * 4000)
    assert not matches("/".join(["**"] * 200 + ["b"]), "/".join("a" * 200))


def test_the_real_sets_layout() -> None:
    name = "data/train-00000-of-00001-b028364d551b8a95.parquet"
    layout = found("README.md", ".gitattributes", name)
    assert layout == Layout("default", "train", (name,), False)


def test_a_split_is_train_or_the_only_one_or_asked_for() -> None:
    assert found("test.csv", "train.csv").files == ("train.csv",)
    assert found("test.csv").split == "test"
    assert found("test.csv", "train.csv", split="test").files == ("test.csv",)
    with pytest.raises(InputError, match="it has several splits; choose one with --split: validation, test"):
        found("test.csv", "dev.csv")
    with pytest.raises(InputError, match="it has no split none; it has train"):
        found("train.csv", split="none")


CARD: dict[str, Any] = {
    "configs": [
        {"config_name": "real", "data_files": [{"split": "train", "path": ["a/*.csv", "b.csv"]}]},
        {"config_name": "made", "data_dir": "made"},
        {"config_name": "plain", "data_files": "./c.csv"},
    ]
}
PATHS = ("a/2.csv", "a/1.csv", "b.csv", "c.csv", "made/train.csv", "made/test.csv", "made/deep/c.csv")


def test_configs_of_the_card() -> None:
    assert found(*PATHS, front=CARD, config="real").files == ("a/1.csv", "a/2.csv", "b.csv")
    assert found(*PATHS, front=CARD, config="made").files == ("made/train.csv",)
    assert found(*PATHS, front=CARD, config="made", split="test").files == ("made/test.csv",)
    assert found(*PATHS, front=CARD, config="plain").files == ("c.csv",)
    with pytest.raises(InputError, match="several configs; choose one with --config: real, made, plain"):
        found(*PATHS, front=CARD)
    with pytest.raises(InputError, match="has no config none; it has real, made, plain"):
        found(*PATHS, front=CARD, config="none")
    for marked in ({"config_name": "default"}, {"config_name": "x", "default": True}):
        card = {"configs": [*CARD["configs"], {**marked, "data_files": ["c.csv"]}]}
        assert found(*PATHS, front=card).config == marked["config_name"]


@pytest.mark.parametrize(
    ("configs", "said"),
    [
        ([{"data_files": "/etc/passwd"}], r"names data outside its folder \(/etc/passwd\)"),
        ([{"data_files": ["../x.csv"]}], "names data outside its folder"),
        ([{"data_files": "https://example.org/x.csv"}], "names data outside its folder"),
        ([{"data_files": "zip://x.csv::c.csv"}], "names data outside its folder"),
        ([{"data_dir": "../.."}], "names data outside its folder"),
        ([{"data_files": "none.csv"}], "names none.csv, which does not exist"),
        ([{"data_files": "none*.csv"}], r"has no rows that can be read \(it contains .csv\)"),
        ([{"data_files": [{"split": "a"}]}], "as something other than text"),
        ([{"data_files": {"train": 5}}], "as something other than text"),
        ([{"data_files": 5}], "as something other than text"),
        (["x"], "are not a list of mappings"),
        ({"a": 1}, "are not a list of mappings"),
    ],
)
def test_a_hostile_card_is_one_sentence(configs: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        found("c.csv", front={"configs": configs})


def test_tables_come_before_loose_pictures_and_pictures_with_metadata_before_tables() -> None:
    assert found("logo.png", "data.csv").files == ("data.csv",)
    assert found("a.JPG", "notes.txt", "b.png") == Layout("default", "train", ("a.JPG", "b.png"), True)
    layout = found("a.jpg", "metadata.csv", "other.csv", "other.jsonl")
    assert layout == Layout("default", "train", ("a.jpg", "metadata.csv"), True)
    assert not found("metadata.csv").pictures


def test_of_several_kinds_the_most_frequent_is_read() -> None:
    assert found("a.csv", "b.tsv", "c.parquet").files == ("a.csv", "b.tsv")
    assert found("a.csv", "c.parquet").files == ("c.parquet",)
    assert found("a.csv.gz", "b.CSV", "c.json", "config.json", ".hidden/x.json").files == (
        "a.csv.gz",
        "b.CSV",
    )


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ((), "it contains nothing"),
        (
            ("a.tar", "b.tar", "README.md"),
            r"it contains .tar, .md\); give a folder with pictures, or",
        ),
        (("a.mp3", "LICENSE"), "it contains .mp3, LICENSE"),
        (("set.py", "README.md"), "a script may produce them, but is never run: on the Hub, try --revision"),
        (("notes.txt",), "it contains .txt"),
        (("\x1b[0m.x\n",), r"it contains .x\\n"),
    ],
)
def test_what_holds_no_table_is_one_sentence(paths: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError, match="^it has no rows that can be read") as error:
        found(*paths)
    assert said.replace("\\", "") in str(error.value).replace("\\", "")
    assert str(error.value).isprintable()
