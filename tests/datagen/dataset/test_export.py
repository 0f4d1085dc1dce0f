"""Other layouts hold the same rows and the very same pictures, and nothing is written elsewhere."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from support.sets import change_cell, contents, garden, replace_shard, rows_of

from datagen.dataset.export.writing import LAYOUTS, write_export
from datagen.schemas import InputError, Schema

LOOSE = ["csv", "jsonl", "imagefolder"]
"""The layouts whose pictures are files."""

ELSEWHERE = Path(tempfile.gettempdir(), "datagen-elsewhere.jpg")
HOSTILE = [
    "../x.jpg", "../../x.jpg", str(ELSEWHERE), "a/b.jpg", "..", "", None, ".hidden", "a\\b.jpg", "n\nl",
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("export") / "whole")


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "set"))


def _typed(row: dict[str, str], schema: Schema) -> dict[str, Any]:
    to = {"string": str, "int64": int, "float64": float}
    return {c.name: to[c.dtype](row[c.name]) for c in schema.columns if c.dtype != "image"}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_csv_holds_every_value_and_its_folder_every_picture(
    whole: Path, garden_schema: Schema, tmp_path: Path
) -> None:
    counts: list[int] = []
    target = write_export(whole, "csv", tmp_path / "shop", progress=counts.append).path
    assert sorted(path.name for path in target.iterdir()) == ["images", "shop.csv"]
    written, rows = _read(target / "shop.csv"), rows_of(whole)
    names = [column.name for column in garden_schema.columns if column.dtype != "image"]
    assert list(written[0]) == [*names, "local_image_path"]
    for line, row in zip(written, rows, strict=True):
        assert line["local_image_path"] == f"images/{row['sku']}.jpg"
        assert (target / line["local_image_path"]).read_bytes() == row["picture"]["bytes"]
        del row["picture"]
        assert _typed(line, garden_schema) == row
    assert len(list((target / "images").iterdir())) == 24
    assert counts == [0, 10, 20, 24]  # a shard has 10 rows


def test_rows_without_pictures_go_to_a_csv_alone(tmp_path: Path, garden_schema: Schema) -> None:
    folder = garden(tmp_path / "rows", rows=300, image_size=None)
    target = write_export(folder, "csv", tmp_path / "shop").path
    assert [path.name for path in target.iterdir()] == ["shop.csv"]
    assert [_typed(line, garden_schema) for line in _read(target / "shop.csv")] == rows_of(folder)
    with pytest.raises(InputError, match="has no pictures"):
        write_export(folder, "imagefolder", tmp_path / "folder")


def test_datasets_opens_the_imagefolder_with_the_same_values(whole: Path, tmp_path: Path) -> None:
    target = write_export(whole, "imagefolder", tmp_path / "folder").path
    read = datasets.load_dataset("imagefolder", data_dir=str(target), cache_dir=str(tmp_path / "cache"))
    assert list(read) == ["train"]
    found = {row["sku"]: row for row in read["train"]}
    for row in rows_of(whole):
        picture = row.pop("picture")
        theirs = found.pop(row["sku"])
        assert theirs.pop("image").size == (64, 64)
        assert theirs == row
        assert (target / "train" / f"{row['sku']}.jpg").read_bytes() == picture["bytes"]
    assert not found


def test_the_csv_holds_attributes_as_json_and_its_folder_every_mask(told_set: Path, tmp_path: Path) -> None:
    target = write_export(told_set, "csv", tmp_path / "shop").path
    assert sorted(path.name for path in target.iterdir()) == [
        "depth",
        "images",
        "masks",
        "normals",
        "shop.csv",
    ]
    for line, row in zip(_read(target / "shop.csv"), rows_of(told_set), strict=True):
        assert json.loads(line["attributes"]) == row["attributes"]
        assert json.loads(line["keypoints"]) == row["keypoints"]
        assert line["local_mask_path"] == f"masks/{row['sku']}-mask.png"
        assert (target / line["local_mask_path"]).read_bytes() == row["mask"]["bytes"]
        for name in ("normals", "depth"):
            path = line[f"local_{name}_path"]
            assert path == ("" if row[name] is None else f"{name}/{row['sku']}-{name}.png")
            assert not path or (target / path).read_bytes() == row[name]["bytes"]


def test_datasets_opens_masks_and_attributes_of_the_imagefolder(told_set: Path, tmp_path: Path) -> None:
    target = write_export(told_set, "imagefolder", tmp_path / "folder").path
    read = datasets.load_dataset("imagefolder", data_dir=str(target), cache_dir=str(tmp_path / "cache"))
    found = {row["sku"]: row for row in read["train"]}
    assert len(found) == 24
    for row in rows_of(told_set):
        theirs = found[row["sku"]]
        assert theirs["attributes"] == row["attributes"]
        assert theirs["image"].size == theirs["mask"].size == (64, 64)
        assert np.array_equal(theirs["mask"], Image.open(io.BytesIO(row["mask"]["bytes"])))
        for name in ("normals", "depth"):
            assert (theirs[name] is None) == (row[name] is None)
            if row[name] is not None:
                assert np.array_equal(theirs[name], Image.open(io.BytesIO(row[name]["bytes"])))


@pytest.mark.parametrize("folder", ["masks", "normals", "depth"])
def test_a_folder_of_masks_that_is_not_the_exports_is_not_overwritten(
    whole: Path, told_set: Path, tmp_path: Path, folder: str
) -> None:
    target = write_export(whole, "csv", tmp_path / "shop").path
    (target / folder).mkdir()
    (target / folder / "G12345X.png").write_bytes(b"mine")
    with pytest.raises(InputError, match="not be overwritten"):
        write_export(told_set, "csv", target, overwrite=True)
    (target / folder / "G12345X.png").unlink()
    write_export(told_set, "csv", target, overwrite=True)
    write_export(whole, "csv", target, overwrite=True)
    assert sorted(path.name for path in target.iterdir()) == ["images", "shop.csv"]


@pytest.mark.parametrize("to", LOOSE)
@pytest.mark.parametrize("name", ["../x.png", "", None])
def test_a_hostile_name_of_a_mask_writes_nothing(
    told_set: Path, tmp_path: Path, to: str, name: str | None
) -> None:
    folder = Path(shutil.copytree(told_set, tmp_path / "set"))
    change_cell(folder, 12, "mask", {**rows_of(folder)[12]["mask"], "path": name})
    with pytest.raises(InputError, match="file name"):
        write_export(folder, to, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


@pytest.mark.parametrize("to", LOOSE)
def test_the_same_set_exports_to_the_same_bytes(whole: Path, tmp_path: Path, to: str) -> None:
    first = write_export(whole, to, tmp_path / "a" / "shop").path
    assert contents(first) == contents(write_export(whole, to, tmp_path / "b" / "shop").path)


@pytest.mark.parametrize("to", LOOSE)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_name_writes_nothing_anywhere(copy: Path, to: str, name: str | None) -> None:
    rows = rows_of(copy)
    change_cell(copy, 12, "picture", {**rows[12]["picture"], "path": name})
    before = contents(copy.parent)
    with pytest.raises(InputError, match="file name"):
        write_export(copy, to, copy.parent / "deep" / "er" / "out")
    (copy.parent / "deep" / "er").rmdir()
    (copy.parent / "deep").rmdir()
    assert contents(copy.parent) == before
    assert not ELSEWHERE.exists()


@pytest.mark.parametrize("to", LOOSE)
def test_a_failing_export_leaves_nothing_and_the_old_one_whole(copy: Path, to: str) -> None:
    old = write_export(copy, to, copy.parent / "out").path
    before = contents(old)
    rows = rows_of(copy)
    faults: list[dict[str, Any] | None] = [None, {"bytes": b"", "path": "x.jpg"}, {**rows[0]["picture"]}]
    for fault in faults:  # the last one: two pictures of one name
        change_cell(copy, 20, "picture", fault)
        with pytest.raises((InputError, FileExistsError)):
            write_export(copy, to, old, overwrite=True)
        assert contents(old) == before
        assert sorted(path.name for path in copy.parent.iterdir()) == ["out", "set"]


@pytest.mark.parametrize("to", LOOSE)
def test_what_is_there_is_refused_and_only_an_export_is_replaced(
    whole: Path, tmp_path: Path, to: str
) -> None:
    target = write_export(whole, to, tmp_path / "out").path
    with pytest.raises(InputError, match="--overwrite"):
        write_export(whole, to, target)
    (target / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not be overwritten"):
        write_export(whole, to, target, overwrite=True)
    (target / "mine.txt").unlink()
    next(iter(target.rglob("*.jpg"))).unlink()
    write_export(whole, to, target, overwrite=True)
    assert len(list(target.rglob("*.jpg"))) == 24
    with pytest.raises(InputError, match="not be overwritten"):
        write_export(whole, "imagefolder" if to == "csv" else "csv", target, overwrite=True)
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "file").write_text("mine")
    for name in ("link", "file"):
        with pytest.raises(InputError, match="not be overwritten"):
            write_export(whole, to, tmp_path / name, overwrite=True)
    with pytest.raises(InputError):
        write_export(whole, to, whole, overwrite=True)


@pytest.mark.parametrize("to", LOOSE)
def test_an_unfinished_run_of_that_name_is_not_swept_away(whole: Path, tmp_path: Path, to: str) -> None:
    shutil.copytree(whole, tmp_path / "out.partial")
    before = contents(tmp_path)
    with pytest.raises(InputError, match=r"out\.partial is not an unfinished export"):
        write_export(whole, to, tmp_path / "out")
    assert contents(tmp_path) == before


def test_an_export_that_was_killed_starts_again(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "out.partial" / "images").mkdir(parents=True)
    (tmp_path / "out.partial" / "images" / "G00000X.jpg").write_bytes(b"half")
    target = write_export(whole, "csv", tmp_path / "out").path
    assert len(list((target / "images").iterdir())) == 24
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("to", LOOSE)
def test_shards_that_are_not_as_the_set_says_are_refused(copy: Path, to: str) -> None:
    shards = sorted((copy / "data").iterdir())
    table = pq.read_table(shards[1])
    for other in (table.drop_columns(["picture"]), table.append_column("more", table["shop"])):
        replace_shard(copy, 1, other)
        with pytest.raises(InputError, match="other columns"):
            write_export(copy, to, copy.parent / "out")
    shards[1].write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read"):
        write_export(copy, to, copy.parent / "out")
    assert [path.name for path in copy.parent.iterdir()] == ["set"]


def test_a_place_under_a_file_is_refused(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        write_export(whole, "csv", tmp_path / "file" / "out")


def test_json_lines_hold_typed_values(told_set: Path, tmp_path: Path) -> None:
    target = write_export(told_set, "jsonl", tmp_path / "shop").path
    lines = (target / "shop.jsonl").read_text(encoding="utf-8").splitlines()
    for line, row in zip(lines, rows_of(told_set), strict=True):
        read = json.loads(line)
        assert (target / read.pop("local_image_path")).read_bytes() == row.pop("picture")["bytes"]
        assert (target / read.pop("local_mask_path")).read_bytes() == row.pop("mask")["bytes"]
        for name in ("normals", "depth"):
            path, stored = read.pop(f"local_{name}_path"), row.pop(name)
            assert (path is None) == (stored is None)
            assert path is None or (target / path).read_bytes() == stored["bytes"]
        assert read == row


def test_one_parquet_file_holds_everything(told_set: Path, tmp_path: Path) -> None:
    file = write_export(told_set, "parquet", tmp_path / "shop").path / "shop.parquet"
    assert pq.read_table(file).to_pylist() == rows_of(told_set)
    read = datasets.load_dataset("parquet", data_files=str(file), cache_dir=str(tmp_path / "cache"))
    assert read["train"][0]["picture"].size == (64, 64)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_dataset_that_was_changed_is_not_exported(told_set: Path, tmp_path: Path, layout: str) -> None:
    copy = Path(shutil.copytree(told_set, tmp_path / "set"))
    shard = sorted((copy / "data").iterdir())[1]
    content = bytearray(shard.read_bytes())
    content[len(content) // 3] ^= 1
    shard.write_bytes(bytes(content))
    with pytest.raises(InputError, match="run datagen verify"):
        write_export(copy, layout, copy.parent / "out")
    assert not (copy.parent / "out").exists()


def test_cells_that_a_spreadsheet_would_run_are_counted_and_escaped(copy: Path) -> None:
    for row, label in enumerate(["=1+1", "@SUM(A1)", "-5 to 5", "a=b"]):
        change_cell(copy, row, "label", label)
    exact = write_export(copy, "csv", copy.parent / "exact")
    assert exact.formulas == 3
    assert _read(exact.path / "exact.csv")[0]["label"] == "=1+1"
    safe = write_export(copy, "csv", copy.parent / "safe", escape_formulas=True)
    labels = [row["label"] for row in _read(safe.path / "safe.csv")[:4]]
    assert labels == ["'=1+1", "'@SUM(A1)", "'-5 to 5", "a=b"]
    with pytest.raises(InputError, match="leave out --escape-formulas"):
        write_export(copy, "jsonl", copy.parent / "other", escape_formulas=True)


@pytest.mark.parametrize("step", ["old aside", "new in place"])
def test_a_replacement_that_was_killed_is_undone_or_finished(whole: Path, tmp_path: Path, step: str) -> None:
    target = write_export(whole, "csv", tmp_path / "out").path
    before = contents(target)
    if step == "old aside":
        target.rename(tmp_path / "out.old")
        with pytest.raises(InputError, match="already exists; give --overwrite"):
            write_export(whole, "csv", target)
        assert contents(target) == before
    else:
        shutil.copytree(target, tmp_path / "out.old")
    write_export(whole, "csv", target, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert contents(target) == before


def test_values_with_commas_quotes_and_accents_survive(copy: Path) -> None:
    label = 'Piqué "Coat", line\none'
    change_cell(copy, 0, "label", label)
    csv_file = write_export(copy, "csv", copy.parent / "out").path / "out.csv"
    assert _read(csv_file)[0]["label"] == label
    lines = write_export(copy, "imagefolder", copy.parent / "folder").path / "train" / "metadata.jsonl"
    first = lines.read_text(encoding="utf-8").split("\n")[0]
    assert json.loads(first)["label"] == label
    assert "Piqué" in first
