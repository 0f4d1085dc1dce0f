"""Folders that ``datasets`` saved, as it saves them, and as a stranger may have changed them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Image, Value

from datagen.readers import open_source
from datagen.schemas import InputError

from .conftest import read

FEATURES = Features({"image": Image(), "kind": ClassLabel(names=["coat", "bag"]), "code": Value("string")})
ROWS = {"image": [{"bytes": b"\xff\xd8", "path": "a.jpg"}] * 4, "kind": [0, 1, 1, 0], "code": list("0123")}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    Dataset.from_dict(ROWS, FEATURES).save_to_disk(tmp_path / "saved", num_shards=2)
    return tmp_path / "saved"


def test_a_saved_dataset(saved: Path, tmp_path: Path) -> None:
    source = open_source(str(saved), work=tmp_path)
    assert (source.name, source.split, source.typed, source.root) == ("saved", "train", True, saved)
    found = read(source)
    assert [row["code"] for row in found.rows] == list("0123")
    assert [row["kind"] for row in found.rows] == ["coat", "bag", "bag", "coat"]
    assert found.rows[0]["image"] == {"bytes": b"\xff\xd8", "path": "a.jpg"}


def test_saved_splits(saved: Path, tmp_path: Path) -> None:
    whole = Dataset.from_dict(ROWS, FEATURES)
    parts = DatasetDict({"a": whole.select([0]), "train": whole.select([1, 2]), "test": whole.select([3])})
    parts.save_to_disk(tmp_path / "parts")
    for split, codes in ((None, ["1", "2"]), ("a", ["0"]), ("test", ["3"])):
        source = open_source(str(tmp_path / "parts"), work=tmp_path, split=split)
        assert [row["code"] for row in read(source).rows] == codes
    with pytest.raises(InputError, match="has no split b; it has a, train, test"):
        open_source(str(tmp_path / "parts"), work=tmp_path, split="b")
    with pytest.raises(InputError, match="has no configs; leave out --config"):
        open_source(str(saved), work=tmp_path, config="b")


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("state.json", {"_data_files": [{"filename": "../../secret.arrow"}]}, "which is not in its folder"),
        ("state.json", {"_data_files": [{"filename": "/etc/passwd"}]}, "which is not in its folder"),
        ("state.json", {"_data_files": [{"filename": 5}]}, "names 5, which is not in its folder"),
        ("state.json", {"_data_files": [{}]}, "names None, which is not in its folder"),
        ("state.json", {"_data_files": ["x"]}, "names no data files; save the dataset again"),
        ("state.json", {"_data_files": []}, "names no data files"),
        ("state.json", {"_data_files": [{"filename": "none.arrow"}]}, "is not a regular file"),
        ("state.json", {"_data_files": [{"filename": "dataset_info.json"}]}, "is not a list of objects"),
        ("dataset_dict.json", {"splits": ["../x"]}, "which is not in its folder"),
        ("dataset_dict.json", {"splits": []}, "names no splits"),
        ("dataset_dict.json", {"splits": ["none"]}, "is not what datasets writes; save the dataset again"),
    ],
)
def test_a_folder_that_was_changed_is_one_sentence(
    saved: Path, tmp_path: Path, name: str, change: dict[str, Any], said: str
) -> None:
    path = saved / name
    state = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**state, **change}))
    with pytest.raises(InputError, match=said):
        read(open_source(str(saved), work=tmp_path))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_a_broken_state_is_one_sentence(saved: Path, tmp_path: Path, content: bytes) -> None:
    (saved / "state.json").write_bytes(content)
    with pytest.raises(InputError, match="state.json is not what datasets writes; save the dataset again"):
        open_source(str(saved), work=tmp_path)


def test_a_shard_that_leads_elsewhere_is_one_sentence(saved: Path, tmp_path: Path) -> None:
    shard = sorted(saved.glob("*.arrow"))[0]
    shard.rename(tmp_path / "elsewhere.arrow")
    shard.symlink_to(tmp_path / "elsewhere.arrow")
    with pytest.raises(InputError, match="which is not in its folder"):
        open_source(str(saved), work=tmp_path)
