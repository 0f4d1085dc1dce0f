"""A set opens for training whatever columns it has besides those that are taught."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import datasets
import pytest
from support.sets import garden, rows_of

from datagen.train.chat.conversation import Template
from datagen.train.data.opening import open_rows
from datagen.train.data.sources import open_source


@pytest.fixture(scope="module")
def told_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return garden(tmp_path_factory.mktemp("opening") / "told", 12, attributes=True, masks=True)


@pytest.mark.parametrize("stream", [False, True])
def test_what_pictures_show_is_left_out(told_set: Path, stream: bool) -> None:
    opened = open_rows(str(told_set), stream=stream)
    assert {"attributes", "mask"} <= set(opened.features)
    source = open_source(str(told_set), Template(), stream=stream)
    assert not {"attributes", "mask"} & set(source.columns.values())
    rows = rows_of(told_set)
    for number in (0, 11):
        row = source.row(number)
        assert set(row) == {"title", "category3_code", "full_price", "image"}
        assert row["image"] == rows[number]["picture"]
    assert source.titles() == [row["label"] for row in rows]


def test_a_mask_is_not_decoded_when_a_set_is_opened(told_set: Path) -> None:
    opened = open_rows(str(told_set))
    assert opened.features["mask"] == datasets.Image()
    assert opened.rows.row(3, ("mask",))["mask"] == rows_of(told_set)[3]["mask"]


def test_a_dataset_rewritten_in_place_gives_its_new_rows(tmp_path: Path) -> None:
    old = garden(tmp_path / "old", 8, image_size=None, seed=1)
    new = garden(tmp_path / "new", 8, image_size=None, seed=2)
    before = open_rows(str(old))
    for path in [old / "manifest.json", *(old / "data").iterdir()]:
        shutil.copyfile(new / path.relative_to(old), path)
    after = open_rows(str(old))
    assert after.digest != before.digest
    assert after.rows.column("label") == [row["label"] for row in rows_of(new)] != before.rows.column("label")


def test_the_digest_of_a_made_set_is_that_of_its_shards_in_the_manifest(garden_set: Path) -> None:
    shards = json.loads((garden_set / "manifest.json").read_bytes())["shards"]
    lines = sorted(f"{shard['sha256']} {shard['path']}\n" for shard in shards)
    assert open_rows(str(garden_set)).digest == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_digest_without_a_manifest_is_that_of_the_files(garden_set: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(garden_set, tmp_path / "bare")
    (bare / "manifest.json").write_text("{}")
    files = sorted((bare / "data").iterdir())
    lines = sorted(f"{hashlib.sha256(file.read_bytes()).hexdigest()} {file.name}\n" for file in files)
    assert open_rows(str(bare)).digest == hashlib.sha256("".join(lines).encode()).hexdigest()
