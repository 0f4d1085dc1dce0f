"""Datasets with splits on the Hub: pushed in one commit, loaded by split, pulled back as they were."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from support.hub_server import Hub
from support.pushed_sets import SET, card, is_whole, shards
from support.sets import Run, contents, garden

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

TWO, THREE = {"train": 0.6, "test": 0.4}, {"train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.fixture(scope="session")
def two_splits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 rows without pictures in the splits train and test; not to be changed."""
    return garden(tmp_path_factory.mktemp("two") / "set", 60, image_size=None, splits=TWO)


@pytest.fixture(scope="session")
def three_splits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same rows in the splits train, validation and test; not to be changed."""
    return garden(tmp_path_factory.mktemp("three") / "set", 60, image_size=None, splits=THREE)


def _listed(folder: Path) -> list[str]:
    return sorted(f"data/{path.name}" for path in (folder / "data").iterdir())


def _splits_on_the_card(hub: Hub) -> dict[str, str]:
    front = yaml.safe_load(card(hub).split("---")[1])
    (config,) = front["configs"]
    infos = front["dataset_info"]
    assert [split["name"] for split in infos["splits"]] == [file["split"] for file in config["data_files"]]
    return {file["split"]: file["path"] for file in config["data_files"]}


def test_pushed_and_pulled_back_it_is_the_same_folder(
    hub: Hub, run: Run, three_splits: Path, tmp_path: Path
) -> None:
    assert run("push", three_splits, SET).exit_code == 0
    assert shards(hub) == _listed(three_splits)
    assert _splits_on_the_card(hub) == {name: f"data/{name}-*.parquet" for name in THREE}
    assert run("pull", SET, "--out", tmp_path / "back").exit_code == 0
    here, there = contents(three_splits), contents(tmp_path / "back")
    assert here.pop("README.md") != there.pop("README.md")
    assert here == there
    loaded = datasets.load_dataset(str(tmp_path / "back"))
    assert list(loaded) == list(THREE)
    assert "has everything already" in " ".join(run("push", three_splits, SET).stdout.split())


def test_a_dataset_with_other_splits_replaces_it_whole(
    hub: Hub, run: Run, two_splits: Path, three_splits: Path, few_rows: Path
) -> None:
    run("push", three_splits, SET)
    for folder, splits in ((two_splits, ["train", "test"]), (few_rows, ["train"]), (three_splits, [*THREE])):
        assert run("push", folder, SET).exit_code == 0
        assert shards(hub) == _listed(folder)
        assert list(_splits_on_the_card(hub)) == splits
        assert is_whole(hub, SET)


def test_a_split_in_a_folder_of_its_own_is_not_hidden(
    hub: Hub, run: Run, three_splits: Path, few_rows: Path
) -> None:
    run("push", few_rows, SET, "--split", "test")
    refused = run("push", three_splits, SET)
    assert refused.exit_code == 2
    assert "has the split test of the table default elsewhere (test/data/train-00000-of-" in refused.stderr
    assert run("push", three_splits, SET, "--config", "made").exit_code == 0


def test_a_split_is_not_pushed_beside_a_dataset_that_has_it(
    hub: Hub, run: Run, three_splits: Path, few_rows: Path
) -> None:
    run("push", three_splits, SET)
    refused = run("push", few_rows, SET, "--split", "test")
    assert refused.exit_code == 2
    assert "elsewhere (data/test-00000-of-" in refused.stderr
    assert run("push", few_rows, SET, "--split", "dev").exit_code == 0


def test_somebody_elses_split_is_neither_deleted_nor_pulled_nor_overwritten(
    hub: Hub, run: Run, few_rows: Path, three_splits: Path, tmp_path: Path
) -> None:
    own = io.BytesIO()
    pq.write_table(pa.table({"x": [1]}), own)
    theirs = "data/test-00000-of-00001.parquet"
    run("push", few_rows, SET)
    hub.seed(SET, {theirs: own.getvalue()})
    assert run("push", garden(tmp_path / "more", 6, image_size=None), SET).exit_code == 0
    assert theirs in shards(hub)
    assert run("pull", SET, "--out", tmp_path / "back").exit_code == 0
    assert not (tmp_path / "back" / theirs).exists()
    refused = run("push", three_splits, SET)
    assert refused.exit_code == 2
    assert f"holds data that datagen did not push ({theirs})" in refused.stderr


def test_one_of_the_splits_cannot_be_pulled_alone(
    hub: Hub, run: Run, three_splits: Path, tmp_path: Path
) -> None:
    run("push", three_splits, SET)
    for split in ("train", "test"):
        refused = run("pull", SET, "--split", split, "--out", tmp_path / "back")
        assert refused.exit_code == 2
        assert "without --split" in refused.stderr or "leave out --split" in refused.stderr
    assert not (tmp_path / "back").exists()


def test_a_folder_of_datasets_is_still_pushed_as_splits(
    hub: Hub, run: Run, few_rows: Path, tmp_path: Path
) -> None:
    for split in THREE:
        shutil.copytree(few_rows, tmp_path / "sets" / split)
    assert run("push", tmp_path / "sets", SET).exit_code == 0
    assert _splits_on_the_card(hub)["test"] == "test/data/train-*.parquet"


def test_a_dataset_with_splits_has_no_split(hub: Hub, run: Run, three_splits: Path) -> None:
    refused = run("push", three_splits, SET, "--split", "test")
    assert refused.exit_code == 2
    assert "--split is for a dataset without" in refused.stderr
