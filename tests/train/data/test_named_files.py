"""A card names files of its own dataset and nothing else: no address is visited, no disk is listed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.listener import listener

from datagen.schemas import InputError
from datagen.train.data.named_files import CARD, SETTINGS, inside
from datagen.train.data.opening import open_rows
from datagen.train.data.sources import open_source

ADDRESS = "ADDRESS/rows.parquet"
FILES = [
    f"data_files: {ADDRESS}",
    f"data_files: [{ADDRESS}]",
    f"data_files: [{{split: train, path: {ADDRESS}}}]",
    f"data_files: [{{split: train, path: [data/*.parquet, '{ADDRESS}']}}]",
    f"data_dir: {ADDRESS}",
    f"data_files: zip://rows.csv::{ADDRESS}",
    "data_files: /**/*.parquet",
    "data_files: ../*/data/*.parquet",
    "data_files: hf://datasets/other/set/rows.parquet",
    "data_files: file:/etc/passwd",
    "data_files: ~/rows.parquet",
]


@pytest.mark.parametrize("file", [CARD, SETTINGS])
@pytest.mark.parametrize("files", FILES)
def test_files_elsewhere_are_refused_before_anything_is_asked_for(
    garden_set: Path, tmp_path: Path, files: str, file: str
) -> None:
    folder = shutil.copytree(garden_set, tmp_path / "set")
    seen: list[str] = []
    with listener(seen) as address:
        metadata = f"configs:\n- config_name: default\n  {files.replace('ADDRESS', address)}\n"
        (folder / file).write_text(metadata if file == SETTINGS else f"---\n{metadata}---\n# Set\n")
        with pytest.raises(InputError, match=rf"The {file} of .* refers to files outside it") as refused:
            open_rows(str(folder))
    assert "\n" not in str(refused.value)
    assert seen == []


def test_a_second_config_is_checked_too(garden_set: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(garden_set, tmp_path / "set")
    configs = [{"config_name": "a", "data_files": "data/*"}, {"config_name": "b", "data_files": "/etc/*"}]
    (folder / CARD).write_text(f"---\nconfigs: {json.dumps(configs)}\n---\n")
    with pytest.raises(InputError, match="outside it"):
        open_rows(str(folder), config="a")


def test_files_of_the_folder_are_found_by_the_cards_patterns(garden_set: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(garden_set, tmp_path / "set")
    (folder / CARD).write_text(
        "---\nconfigs:\n- config_name: default\n"
        "  data_files: [{split: train, path: 'data/*-0000[01]-*'}]\n---\n"
    )
    assert 0 < len(open_rows(str(folder)).rows) < 60


@pytest.mark.parametrize("text", ["\x00", "---\n[\n---\n", "---\na: &a [*a]\n---\n", "---\n- 1\n---\n"])
def test_an_odd_card_is_one_sentence(garden_set: Path, tmp_path: Path, text: str) -> None:
    folder = shutil.copytree(garden_set, tmp_path / "set")
    (folder / CARD).write_text(text)
    try:
        open_rows(str(folder))
    except InputError as error:
        assert "\n" not in str(error)


def test_no_value_of_a_row_is_decoded(tmp_path: Path) -> None:
    """The features that a card or file declares may make an address the sound or picture of a title."""
    seen: list[str] = []
    with listener(seen) as address:
        rows = {"title": [{"bytes": None, "path": f"{address}/a.png"}] * 4}
        features = datasets.Features({"title": datasets.Image()})
        metadata = {b"huggingface": json.dumps({"info": {"features": features.to_dict()}}).encode()}
        kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
        table = pa.table({"title": pa.array(rows["title"], kind)}).replace_schema_metadata(metadata)
        pq.write_table(table, tmp_path / "rows.parquet")
        opened = open_rows(str(tmp_path / "rows.parquet"))
        assert opened.features["title"] == datasets.Image()
        assert opened.rows.row(2, ("title",)) == {"title": {"bytes": None, "path": f"{address}/a.png"}}
    assert seen == []


@given(st.text(st.sampled_from("ab./*~:\\"), max_size=12))
def test_a_pattern_inside_never_leaves_its_folder(pattern: str) -> None:
    if not inside(pattern):
        return
    assert not pattern.startswith(("/", "~"))
    assert ".." not in pattern.split("/")
    assert "://" not in pattern


def test_a_path_that_is_missing_is_not_looked_for_on_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shops").mkdir()

    def ask(*_: object, **__: object) -> None:
        raise AssertionError("the Hub was asked")

    monkeypatch.setattr("huggingface_hub.HfApi.dataset_info", ask)
    with pytest.raises(InputError, match=r"no folder shops/garden, although .* give shops/garden@main\.$"):
        open_source("shops/garden", None)  # type: ignore[arg-type]
