from __future__ import annotations

import gc
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from support.hub_server import Hub
from support.sets import ROOT, edit_manifest, replace_shard, rows_of

from datagen.schemas import InputError
from datagen.train.chat.conversation import Template
from datagen.train.data.sources import open_source

GARDEN_TEMPLATE = Template(
    answer="Product: {label}, Category: {subgroup}, Full Price: {list_eur}",
    title="label",
    category="subgroup",
    price="list_eur",
    image="picture",
    missing="-",
)
HERE: dict[str, Any] = {"answer": "{title}"}


@pytest.mark.parametrize("stream", [False, True])
def test_a_made_folder_opens_by_the_roles_of_its_schema(garden_set: Path, stream: bool) -> None:
    source = open_source(str(garden_set), Template(), stream=stream)
    assert source.columns == {
        "title": "label",
        "category3_code": "subgroup",
        "full_price": "list_eur",
        "image": "picture",
    }
    rows = rows_of(garden_set)
    assert len(source) == len(rows) == 60
    for number in (0, 59, 31, 9, 10):
        made, row = rows[number], source.row(number)
        assert (row["title"], row["category3_code"], row["full_price"]) == (
            made["label"],
            made["subgroup"],
            made["list_eur"],
        )
        assert row["image"] == made["picture"]
    assert source.titles() == source.column("title") == [made["label"] for made in rows]
    assert source.column("full_price") == [made["list_eur"] for made in rows]


def test_columns_are_found_by_option_then_name_then_role(garden_set: Path) -> None:
    source = open_source(str(garden_set), GARDEN_TEMPLATE)
    assert source.columns == {name: name for name in ("label", "subgroup", "list_eur", "picture")}
    wished = open_source(str(garden_set), Template(), columns={"category3_code": "group"})
    assert wished.columns["category3_code"] == "group"
    with pytest.raises(InputError, match="The template has no field 'kind'; its fields are title, "):
        open_source(str(garden_set), Template(), columns={"kind": "group"})


def test_a_missing_column_is_reported_with_the_existing_ones(garden_set: Path, tmp_path: Path) -> None:
    path = tmp_path / "set.parquet"
    shutil.copy(next((garden_set / "data").iterdir()), path)
    for stream in (False, True):
        with pytest.raises(
            InputError, match=r"no column 'title' for the answer; its columns are shop, shop_id, "
        ):
            open_source(str(path), Template(), stream=stream)
    with pytest.raises(InputError, match="no column 'photo1' for the picture"):
        open_source(str(garden_set), Template(), columns={"image": "photo1"})
    with pytest.raises(InputError, match="'photo' of .* does not hold pictures"):
        open_source(str(garden_set), Template(), columns={"image": "photo"})


def test_both_ways_of_reading_give_the_same_rows_and_digest(garden_set: Path, tmp_path: Path) -> None:
    whole, streamed = (open_source(str(garden_set), Template(), stream=stream) for stream in (False, True))
    assert whole.digest == streamed.digest
    assert whole.bounds is None
    assert streamed.bounds is not None
    assert streamed.bounds.tolist() == [0, 10, 20, 30, 40, 50, 60]
    assert [whole.row(at) for at in range(60)] == [streamed.row(at) for at in range(60)]
    again = pickle.loads(pickle.dumps(streamed))  # noqa: S301 - as workers of a loader get it
    assert again.row(7) == whole.row(7)
    moved = Path(shutil.copytree(garden_set, tmp_path / "moved"))
    assert open_source(str(moved), Template()).digest == whole.digest
    edit_manifest(moved, lambda manifest: manifest["shards"][0].update(sha256="0" * 64))
    assert open_source(str(moved), Template()).digest != whole.digest


def test_nulls_become_the_missing_text_of_the_schema(garden_set: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(garden_set, tmp_path / "own"))
    table = pq.read_table(own / "data" / "train-00000-of-00006.parquet")
    rows = table.to_pylist()
    rows[0].update(subgroup=None, list_eur=None, picture=None)
    replace_shard(own, 0, pa.Table.from_pylist(rows, schema=table.schema))
    source = open_source(str(own), Template())
    row = source.row(0)
    assert (row["category3_code"], row["full_price"], row["image"]) == ("-", None, None)
    assert source.column("category3_code")[0] == "-"
    assert source.column("full_price")[0] is None


# datasets 5.2 leaves metadata.csv open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_folder_of_pictures_and_other_files_open_too(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, colour in (("a.png", "red"), ("b.png", "blue")):
        Image.new("RGB", (8, 8), colour).save(folder / name)
    (folder / "metadata.csv").write_text("file_name,title\na.png,Red Bag\nb.png,Blue Bag\n")
    source = open_source(str(folder), Template(**HERE))
    assert source.titles() == ["Red Bag", "Blue Bag"]
    picture = source.row(1)["image"]
    assert picture["bytes"] == (folder / "b.png").read_bytes()
    with pytest.raises(InputError, match="imagefolder files, and only Parquet can be streamed"):
        open_source(str(folder), Template(**HERE), stream=True)
    (folder / "b.png").unlink()
    with pytest.raises(InputError, match="The picture .* row 1 cannot be read"):
        source.row(1)
    gc.collect()  # the warning about the open file belongs to this test


def test_pictures_as_plain_bytes_are_pictures(tmp_path: Path) -> None:
    path = tmp_path / "bytes.parquet"
    pq.write_table(pa.table({"title": ["A", "B"], "image": [b"x", None]}), path)
    for stream in (False, True):
        source = open_source(str(path), Template(**HERE), stream=stream)
        assert [source.row(at)["image"] for at in (0, 1)] == [{"bytes": b"x", "path": None}, None]


def test_a_path_in_a_table_is_never_followed(garden_set: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    table = pq.read_table(garden_set / "data" / "train-00000-of-00006.parquet")
    rows = table.to_pylist()
    rows[0]["picture"] = {"bytes": None, "path": str(secret)}
    path = tmp_path / "hostile.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    for stream in (False, True):
        source = open_source(str(path), GARDEN_TEMPLATE, stream=stream)
        with pytest.raises(InputError, match="row 0 has only the path of its picture"):
            source.row(0)


def test_a_readme_cannot_name_files_outside_of_its_folder(garden_set: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    shard = garden_set / "data" / "train-00000-of-00006.parquet"
    (hostile / "README.md").write_text(
        f"---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: {shard}\n---\n"
    )
    with pytest.raises(InputError, match="refers to files outside it"):
        open_source(str(hostile), GARDEN_TEMPLATE)


def test_pickles_and_unknown_files_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "pickles"
    folder.mkdir()
    (folder / "train.pkl").write_bytes(pickle.dumps({"title": ["A"]}))
    (folder / "README.md").write_text(
        "---\nconfigs:\n- config_name: default\n  data_files: train.pkl\n  builder_name: pandas\n---\n"
    )
    with pytest.raises(InputError):
        open_source(str(folder), Template(**HERE))
    with pytest.raises(InputError, match=r"supported files are \.parquet, "):
        open_source(str(folder / "train.pkl"), Template(**HERE))


@pytest.mark.parametrize("content", [b"", b"nonsense", None])
def test_unusable_datasets_are_refused_in_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "set.parquet"
    if content is None:
        pq.write_table(
            pa.table({"title": pa.array([], pa.string()), "image": pa.array([], pa.binary())}), path
        )
    else:
        path.write_bytes(content)
    for name in (str(path), str(tmp_path)):
        for stream in (False, True):
            with pytest.raises(InputError) as caught:
                open_source(name, Template(**HERE), stream=stream)
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nowhere", "a/b/c", "../x y", "owner/na me", ""])
def test_a_name_that_is_neither_path_nor_id_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="There is no folder or file|cannot be opened"):
        open_source(name or "nowhere at all", Template())


def test_an_unknown_split_is_refused(garden_set: Path) -> None:
    with pytest.raises(InputError, match="no split 'test'; its splits are train"):
        open_source(str(garden_set), Template(), split="test")
    with pytest.raises(InputError, match="has no row 60"):
        open_source(str(garden_set), Template()).row(60)


def test_splits_in_folders_of_their_own_open_by_name(garden_set: Path, tmp_path: Path) -> None:
    both = tmp_path / "both"
    shutil.copytree(garden_set, both / "train")
    shutil.copytree(garden_set, both / "test")
    assert len(open_source(str(both), Template(), split="test")) == 60


ON_THE_HUB = """
import json, sys
from datagen.train.chat.conversation import Template
from datagen.train.data.sources import open_source
from datagen.schemas import InputError, RunFailed
found = []
for name in sys.argv[1:]:
    for stream in (False, True):
        try:
            source = open_source(name, Template(), stream=stream)
            row = source.row(15)
            found.append([source.digest, len(source), row["title"], len(row["image"]["bytes"])])
        except (InputError, RunFailed) as error:
            found.append([type(error).__name__, str(error)])
print(json.dumps(found))
"""


@pytest.mark.slow
def test_a_set_on_the_hub_opens_at_a_commit_copied_or_streamed(garden_set: Path, tmp_path: Path) -> None:
    with Hub(tmp_path / "hub", xet=False) as hub:
        environment = {**hub.environment("alice"), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}

        def opened(*names: str, **settings: str) -> list[list[Any]]:
            command = [sys.executable, "-c", ON_THE_HUB, *names]
            options: dict[str, Any] = {"env": {**environment, **settings}, "cwd": ROOT, "text": True}
            done = subprocess.run(command, check=True, capture_output=True, **options)
            found: list[list[Any]] = json.loads(done.stdout)
            return found

        push = [sys.executable, "-m", "datagen", "push", str(garden_set), "alice/garden"]
        subprocess.run(push, env=environment, cwd=ROOT, check=True, capture_output=True)
        online = opened("alice/garden", "alice/garden@main", "alice/none", "alice/garden@v9")
        commit = online[0][0]
        offline = opened("alice/garden", commit, "alice/garden@v9", HF_HUB_OFFLINE="1")
        unreached = opened("alice/garden", HF_ENDPOINT="http://127.0.0.1:9")
    made = rows_of(garden_set)[15]
    there = [commit, 60, made["label"], len(made["picture"]["bytes"])]
    assert commit.startswith("alice/garden@")
    assert online[:4] == [there] * 4
    assert all(kind == "InputError" and "no dataset of that name" in told for kind, told in online[4:])
    assert offline[0] == offline[2] == there
    assert offline[4] == [
        "InputError",
        f"Offline, only {commit} is available; give that, or unset HF_HUB_OFFLINE.",
    ]
    assert all(kind == "InputError" and "cannot be streamed offline" in told for kind, told in offline[1::2])
    assert all(kind == "RunFailed" and "cannot be fetched from the Hub" in told for kind, told in unreached)
