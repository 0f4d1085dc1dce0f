"""verify, preview, export and the card of a dataset with splits."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner
from support.sets import contents, edit_manifest, garden, replace_shard

from datagen.cli import main
from datagen.dataset.collection import parts
from datagen.dataset.export.writing import write_export
from datagen.dataset.folder import open_folder
from datagen.dataset.preview import write_preview
from datagen.dataset.verify import verify_folder
from datagen.schemas import InputError
from datagen.schemas.folder import read_manifest

SPLITS = {"train": 0.6, "validation": 0.2, "test": 0.2}


@pytest.fixture(scope="module")
def splits_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 rows with pictures in one shard per split; not to be changed."""
    return garden(tmp_path_factory.mktemp("splits") / "set", 60, splits=SPLITS, shard_rows=100)


@pytest.fixture
def copy(splits_set: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(splits_set, tmp_path / "set"))


def _tables(folder: Path) -> dict[str, pa.Table]:
    return {str(shard.split): pq.read_table(folder / shard.path) for shard in read_manifest(folder).shards}


def test_rows_that_change_places_with_another_split_are_found(copy: Path) -> None:
    train, _, test = _tables(copy).values()
    replace_shard(copy, 0, pa.concat_tables([train.slice(1), test.slice(0, 1)]))
    replace_shard(copy, 2, pa.concat_tables([test.slice(1), train.slice(0, 1)]))
    verdict = verify_folder(copy)
    assert verdict.counts == {"is a title of its split and of no other": 2}
    assert {breach.file[:10] for breach in verdict.breaches} == {"data/train", "data/test-"}


def test_a_code_in_two_splits_is_found(copy: Path) -> None:
    train, validation, _ = _tables(copy).values()
    twice = train.slice(0, 1).set_column(2, train.schema.field(2), validation["sku"].slice(0, 1))
    replace_shard(copy, 0, pa.concat_tables([train.slice(1), twice]))
    assert "appears in an earlier row too" in verify_folder(copy).counts


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest["shards"][0].pop("split"),
        lambda manifest: manifest["shards"][0].update(split="test"),
        lambda manifest: manifest["shards"][0].update(split="../x"),
        lambda manifest: manifest["recipe"].pop("splits"),
        lambda manifest: manifest["recipe"]["splits"].pop("test"),
    ],
)
def test_a_manifest_whose_splits_do_not_agree_is_refused(copy: Path, change: Any) -> None:
    edit_manifest(copy, change)
    with pytest.raises(InputError, match="shard"):
        open_folder(copy)


def test_the_preview_takes_rows_of_every_split(splits_set: Path, tmp_path: Path) -> None:
    assert write_preview(splits_set, tmp_path / "sheet.jpg", count=60).stat().st_size > 10_000


def test_the_card_lists_splits_with_their_rows_and_files(splits_set: Path) -> None:
    text = (splits_set / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(text.split("---")[1])
    counts = read_manifest(splits_set).rows_by_split
    assert front["configs"] == [
        {
            "config_name": "default",
            "data_files": [{"split": name, "path": f"data/{name}-*.parquet"} for name in SPLITS],
        }
    ]
    info = front["dataset_info"]
    assert {split["name"]: split["num_examples"] for split in info["splits"]} == counts
    assert info["dataset_size"] == sum(split["num_bytes"] for split in info["splits"])
    assert f"| rows of the split `test` | {counts['test']} |" in text
    assert "--splits train=0.6,validation=0.2,test=0.2" in text


def test_the_command_on_the_card_makes_the_same_bytes(splits_set: Path, tmp_path: Path) -> None:
    text = (splits_set / "README.md").read_text(encoding="utf-8")
    words = shlex.split(next(line for line in text.splitlines() if line.startswith("datagen make")))[1:]
    for option in ("--schema", "--profile"):
        at = words.index(option) + 1
        words[at] = str(splits_set / words[at])
    words[words.index("--out") + 1] = str(tmp_path / "again")
    assert CliRunner().invoke(main, [*words, "--workers", "1"]).exit_code == 0
    assert contents(tmp_path / "again") == contents(splits_set)


@pytest.mark.parametrize("layout", ["csv", "jsonl", "parquet", "imagefolder"])
def test_an_export_has_a_file_or_folder_per_split(splits_set: Path, tmp_path: Path, layout: str) -> None:
    done: list[int] = []
    target = write_export(splits_set, layout, tmp_path / "out", progress=done.append).path
    loaded = datasets.load_dataset(str(target))
    assert {name: len(rows) for name, rows in loaded.items()} == read_manifest(splits_set).rows_by_split
    assert (done[0], done[-1]) == (0, 60)
    assert done == sorted(done)
    before = contents(target)
    write_export(splits_set, layout, target, overwrite=True)
    assert contents(target) == before


def test_splits_of_an_export_hold_the_rows_of_that_split(splits_set: Path, tmp_path: Path) -> None:
    table = write_export(splits_set, "csv", tmp_path / "out").path / "test.csv"
    with table.open(encoding="utf-8", newline="") as file:
        codes = [row["sku"] for row in csv.DictReader(file)]
    assert codes == _tables(splits_set)["test"]["sku"].to_pylist()


def test_a_dataset_with_splits_is_no_split_of_a_collection(splits_set: Path, tmp_path: Path) -> None:
    (part,) = parts(splits_set)
    assert (part.place, part.splits) == ("", ("train", "validation", "test"))
    with pytest.raises(
        InputError, match="has splits of its own .train, validation, test., and --split is for"
    ):
        parts(splits_set, split="test")
    shutil.copytree(splits_set, tmp_path / "real")
    (part,) = parts(tmp_path)
    assert (part.config, part.pattern("test")) == ("real", "real/data/test-*.parquet")
    shutil.copytree(splits_set, tmp_path / "real" / "test")
    with pytest.raises(InputError, match="stands for the split test, but has splits of its own"):
        parts(tmp_path)
    shutil.rmtree(tmp_path / "real" / "test")
    garden(tmp_path / "real" / "test", 4, image_size=None)
    with pytest.raises(InputError, match="both hold the split test of the table real"):
        parts(tmp_path)


@pytest.mark.parametrize(
    ("splits", "said"),
    [
        ("train", "--splits 'train' is not NAME=SHARE"),
        ("train=x", "--splits 'train=x' is not NAME=SHARE"),
        ("", "--splits '' is not NAME=SHARE"),
        ("train=0.5,train=0.5", "names the split train twice"),
        ("train=0.5,test=0.4", "add up to 0.9"),
    ],
)
def test_wrong_splits_on_the_command_line_are_named(splits: str, said: str) -> None:
    done = CliRunner().invoke(main, ["make", "--rows", "9", "--no-images", "--splits", splits, "--dry-run"])
    assert done.exit_code == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_dry_run_and_a_summary_give_the_rows_of_every_split(tmp_path: Path) -> None:
    words = [
        "make",
        "--rows",
        "300",
        "--no-images",
        "--splits",
        "test=0.2,train=0.8",
        "--out",
        tmp_path / "x",
    ]
    line = [str(word) for word in words]
    plan = json.loads(CliRunner().invoke(main, [*line, "--dry-run", "--json"]).stdout)
    shown = CliRunner().invoke(main, [*line, "--dry-run"]).stdout
    made = json.loads(CliRunner().invoke(main, [*line, "--json"]).stdout)
    assert list(plan["splits"].items()) == [("train", 0.8), ("test", 0.2)]
    assert plan["split_rows"] == made["splits"] == read_manifest(tmp_path / "x").rows_by_split
    assert f"train {made['splits']['train']}" in shown
