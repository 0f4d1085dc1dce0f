"""A dataset that has splits: a run trains on its train rows, and is validated and tested on the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.sets import garden

from datagen.schemas import InputError
from datagen.schemas.folder import read_manifest
from datagen.train.chat.conversation import Template
from datagen.train.config import load_config
from datagen.train.data.mixture import REAL
from datagen.train.data.run_data import RunData, described_data, prepare_data, reopen_data
from datagen.train.data.sources import open_source
from datagen.train.data.splits import load_split, save_split, split_as_given

THREE = {"train": 0.5, "validation": 0.25, "test": 0.25}
PARTS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def three_splits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 rows with pictures in three splits; not to be changed."""
    return garden(tmp_path_factory.mktemp("three") / "set", 60, splits=THREE)


def _asked(real: Path | None, synthetic: Path | None = None, **flags: Any) -> Any:
    data = {"data.real": real and str(real), "data.synthetic": synthetic and str(synthetic)}
    return load_config(None, {**data, **{f"data.{name}": value for name, value in flags.items()}}).data


def _titles(data: RunData, part: str) -> set[str | None]:
    titles = data.held.titles()
    return {titles[row] for row in data.split.rows(part).tolist()}


@pytest.mark.parametrize("stream", [False, True])
def test_the_parts_of_a_run_are_the_splits_of_its_real_rows(
    three_splits: Path, other_set: Path, tmp_path: Path, stream: bool
) -> None:
    data = prepare_data(_asked(three_splits, other_set, stream=stream), tmp_path / "run")
    shards = read_manifest(three_splits).shards
    for part in PARTS:
        own = [pq.read_table(three_splits / shard.path) for shard in shards if shard.split == part]
        assert _titles(data, part) == set(pa.concat_tables(own)["label"].to_pylist())
    counts = read_manifest(three_splits).rows_by_split
    assert len(data.rows[REAL]) == counts["train"]
    assert described_data(tmp_path / "run")["split"] == {
        "of": "real", **counts, "given": counts, "in_no_part": 0,
    }  # fmt: skip
    assert data.given_splits() == "The validation and test rows are those of the dataset's own splits."
    again = reopen_data(_asked(three_splits, other_set, stream=stream), tmp_path / "run")
    assert np.array_equal(again.split.part, data.split.part)
    assert again.held.titles() == data.held.titles()


def test_of_synthetic_rows_beside_real_ones_only_train_is_trained_on(
    three_splits: Path, garden_set: Path, tmp_path: Path
) -> None:
    data = prepare_data(_asked(garden_set, three_splits), tmp_path / "run")
    made = data.sources[1]
    assert made is not None
    assert len(made) == read_manifest(three_splits).rows_by_split["train"]
    assert data.given_splits() == ""


def test_runs_share_the_given_splits(three_splits: Path, tmp_path: Path) -> None:
    first = prepare_data(_asked(three_splits), tmp_path / "first")
    other = prepare_data(_asked(three_splits, split_from=str(tmp_path / "first"), seed=4), tmp_path / "other")
    assert np.array_equal(first.split.part, other.split.part)


def test_one_split_is_opened_by_its_name(three_splits: Path) -> None:
    counts = read_manifest(three_splits).rows_by_split
    for name, rows in counts.items():
        assert len(open_source(str(three_splits), Template(), split=name)) == rows
    every = open_source(str(three_splits), Template(), split=None)
    assert every.splits == counts
    with pytest.raises(InputError, match="no split 'dev'"):
        open_source(str(three_splits), Template(), split="dev")


def test_a_part_that_is_not_given_is_split_off_the_train_rows() -> None:
    titles = [f"Coat {number}" for number in range(100)]
    found = split_as_given(titles, {"train": 90, "test": 10}, seed=0)
    assert found.rows("test").tolist() == list(range(90, 100))
    assert 8 <= len(found.rows("validation")) <= 12
    assert found.rows("validation").max() < 90
    assert len(found.rows("train")) == 90 - len(found.rows("validation"))


def test_rows_that_would_give_a_held_out_title_away_are_in_no_part(tmp_path: Path) -> None:
    train, validation = ["Wool Coat", "Silk Scarf", "Umbrella"], ["wool coats", "Leather Belt"]
    test = ["Leather Belts", "Silk Scarf"]
    counts = {"train": 3, "validation": 2, "test": 2}
    found = split_as_given([*train, *validation, *test], counts, seed=0)
    assert found.part.tolist() == [-1, -1, 0, 1, -1, 2, 2]
    save_split(found, tmp_path / "split.parquet", seed=0, shares=THREE, digest="d")
    assert load_split(tmp_path / "split.parquet", digest="d").part.tolist() == found.part.tolist()
    with pytest.raises(InputError, match="Every training row has a title"):
        split_as_given(["Wool Coat", "Cap", "Wool Coat"], {"train": 1, "validation": 1, "test": 1}, seed=0)
