"""Sets of the Hub: the table that is asked for is fetched once; nothing of a stranger is run or followed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.hub_server import Hub
from support.sets import ENVIRONMENT, contents

from datagen.hub.files import is_safe_path
from datagen.readers import Source, open_source
from datagen.schemas import InputError, RunFailed

from .conftest import read

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SET = "alice/Shop.Product.prices"
SHARD = "data/train-00000-of-00001-b028364d551b8a95.parquet"
Open = Callable[..., Source]


def parquet(**columns: list[Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.fixture
def opened(hub: Hub, tmp_path: Path) -> Open:
    def opened(source: str = SET, **options: Any) -> Source:
        return open_source(source, **{"work": tmp_path / "work", **options})

    return opened


def fetched(hub: Hub) -> list[str]:
    """What was sent since the log was cleared."""
    return [each.path for each in hub.requests("resolve", "GET") + hub.requests("blob", "GET")]


def test_the_real_sets_layout(hub: Hub, opened: Open, tmp_path: Path) -> None:
    card = b"---\npretty_name: United States - Shop\n---\n# A card\n"
    commit = hub.seed(SET, {"README.md": card, SHARD: parquet(title=["Coat", None], price=[1.5, 2.0])})
    hub.seed(SET, {SHARD: parquet(title=["Bag"])}, branch="side/way")
    told: list[tuple[int, int]] = []
    source = opened(progress=lambda done, total: told.append((done, total)))
    assert (source.name, source.commit, source.config, source.split) == (SET, commit.oid, "default", "train")
    assert (source.typed, source.root, source.files) == (True, None, (SHARD,))
    assert read(source).rows == [{"title": "Coat", "price": 1.5}, {"title": None, "price": 2.0}]
    assert told == [(hub.files(SET)[SHARD].size,) * 2]
    assert read(opened(f"{SET}@{commit.oid}")).rows == read(source).rows
    for words in ((f"{SET}@side/way", {}), (SET, {"revision": "side/way"})):
        assert read(opened(words[0], work=tmp_path / "side", **words[1])).rows == [{"title": "Bag"}]


def test_nothing_is_fetched_twice(hub: Hub, opened: Open) -> None:
    files = {f"data/train-{at:05d}-of-00004.parquet": parquet(n=[at]) for at in range(4)}
    hub.seed(SET, {**files, "data/test-00000-of-00001.parquet": parquet(n=[9]), "big.bin": b"\0" * 9999})
    struck = hub.faults.add(
        "blob", path=hub.files(SET)["data/train-00002-of-00004.parquet"].sha256, times=10**6, drop=True
    )
    with pytest.raises(RunFailed, match="run the same command again"):
        opened()
    assert struck.hits
    hub.faults.clear()
    hub.log.clear()
    assert [row["n"] for row in read(opened()).rows] == [0, 1, 2, 3]
    assert 1 <= len(hub.requests("blob", "GET")) < 4
    hub.log.clear()
    assert [row["n"] for row in read(opened()).rows] == [0, 1, 2, 3]
    assert not fetched(hub)


def test_another_revision_replaces_what_was_fetched(hub: Hub, opened: Open) -> None:
    for branch, n in (("main", 1), ("side", 2)):
        hub.seed(SET, {"README.md": b"# A card", SHARD: parquet(n=[n])}, branch=branch)
    for branch, n in (("main", 1), ("side", 2), ("main", 1)):
        assert read(opened(revision=branch)).rows == [{"n": n}]


@pytest.mark.parametrize("route", ["info", "tree", "resolve", "blob"])
def test_a_fault_that_passes_is_survived(hub: Hub, opened: Open, route: str) -> None:
    hub.seed(SET, {"README.md": b"# A card", SHARD: parquet(n=[1])})
    struck = hub.faults.add(route, status=503)
    assert len(read(opened()).rows) == 1
    assert struck.hits == 1


def test_a_damaged_download_is_seen(hub: Hub, opened: Open) -> None:
    hub.seed(SET, {SHARD: parquet(n=[1])})
    stored = hub.store.path(hub.files(SET)[SHARD].sha256)
    content = stored.read_bytes()
    stored.write_bytes(content[:-9] + bytes(byte ^ 1 for byte in content[-9:]))
    with pytest.raises(RunFailed, match=r"parquet arrived incomplete or damaged; run the same"):
        opened()
    stored.write_bytes(content)
    assert len(read(opened()).rows) == 1


def test_configs_and_splits_of_the_card(hub: Hub, opened: Open) -> None:
    card = """---
configs:
- config_name: us
  data_files: [{split: train, path: us/*.csv}, {split: test, path: held/*.csv}]
- config_name: uk
  data_files: uk.jsonl
---
"""
    files = {"us/1.csv": b"a\n1\n", "held/1.csv": b"a\n2\n", "uk.jsonl": b'{"a": 3}\n'}
    hub.seed(SET, {"README.md": card.encode(), **files})
    assert read(opened(config="us")).rows == [{"a": "1"}]
    assert read(opened(config="us", split="test")).rows == [{"a": "2"}]
    uk = opened(config="uk")
    assert (uk.config, uk.split, read(uk).rows) == ("uk", "train", [{"a": "3"}])
    with pytest.raises(InputError, match=f"^{SET} has several configs; choose one with --config: us, uk"):
        opened()
    with pytest.raises(InputError, match=f"^{SET} has no split x; it has train, test"):
        opened(config="us", split="x")


def test_only_what_is_asked_for_is_fetched(hub: Hub, opened: Open, tmp_path: Path) -> None:
    hub.seed(SET, {"train.csv": b"a\n1\n", "test.csv": b"a\n2\n", "run.py": b"evil", "logo.png": b"\0"})
    assert read(opened()).rows == [{"a": "1"}]
    assert {path for path in contents(tmp_path / "work") if not path.startswith(".")} == {"train.csv"}


def test_pictures_beside_their_metadata(hub: Hub, opened: Open, tmp_path: Path) -> None:
    metadata = b"file_name,title\na.jpg,A\nsub/b.jpg,B\n../secret.jpg,C\n"
    hub.seed(SET, {"train/metadata.csv": metadata, "train/a.jpg": b"\0A", "train/sub/b.jpg": b"\0B"})
    source = opened()
    found = read(source)
    assert source.root == tmp_path / "work"
    assert [(source.root / row["image"]["path"]).read_bytes() for row in found.rows] == [b"\0A", b"\0B"]
    assert found.reasons == {2: "names a picture outside its folder"}


def test_messages_name_the_repository_and_no_folder_of_this_machine(hub: Hub, opened: Open) -> None:
    hub.seed(SET, {"x.parquet": b"PAR1\0"})
    with pytest.raises(InputError, match=f"^{SET}/x.parquet cannot be read") as error:
        opened()
    assert "work" not in str(error.value)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"set.py": b"evil"},
            "a script may produce them, but is never run: on the Hub, try --revision",
        ),
        ({"train-0.tar": b"\0"}, r"has no rows that can be read \(it contains .tar\)"),
        ({"train/a.mp3": b"\0"}, r"it contains .mp3"),
        ({}, "has no rows that can be read"),
        ({"README.md": b"---\nconfigs: [\n---\n", "a.csv": b"a\n"}, "README.md"),
        ({"README.md": b"---\nconfigs: [{data_files: /etc/passwd}]\n---\n"}, "names data outside its folder"),
        (
            {"../x.csv": b"a\n1\n", "/etc/x.csv": b"a\n", "a\\..\\x.csv": b"a\n"},
            "has no rows that can be read",
        ),
        ({".cache/huggingface/x.csv": b"a\n1\n"}, "has no rows that can be read"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_one_sentence(
    hub: Hub, opened: Open, files: dict[str, bytes], said: str, tmp_path: Path
) -> None:
    hub.seed(SET, files)
    with pytest.raises(InputError, match=said):
        opened(work=tmp_path / "deep" / "work")
    written = {path for path in contents(tmp_path) if not path.startswith(("hub/", "deep/work/.cache/"))}
    assert written <= {"deep/work/README.md"}


def test_what_cannot_be_seen_is_one_sentence(hub: Hub, opened: Open) -> None:
    hub.seed(SET, {SHARD: parquet(n=[1])}, private=True)
    with pytest.raises(InputError, match="There is no dataset alice/none on"):
        opened("alice/none")
    with pytest.raises(InputError, match="has no branch, tag or commit 'none'; known: main"):
        opened(f"{SET}@none")


@pytest.mark.parametrize("path", ["a.csv", "data/b c.parquet", "..a/.b", "é.csv"])
def test_paths_that_may_be_written(path: str) -> None:
    assert is_safe_path(path)


@pytest.mark.parametrize(
    "path", ["", "/a", "a//b", "../a", "a/..", "./a", "a\\b", "a\nb", "a\0", ".cache/a", "\u202ea", "a/"]
)
def test_paths_that_may_not_be_written(path: str) -> None:
    assert not is_safe_path(path)


def test_what_datasets_pushed_reads_back_the_same(hub: Hub, tmp_path: Path) -> None:
    """The official client pushes a set with pictures and class labels, in a process of its own."""
    code = """
import datasets, json, sys
kinds = datasets.ClassLabel(names=["coat", "bag"])
features = datasets.Features({"image": datasets.Image(), "kind": kinds, "code": datasets.Value("string")})
image = {"bytes": bytes.fromhex("ffd8"), "path": "a.jpg"}
rows = {"image": [image] * 3, "kind": [0, 1, 1], "code": ["00", "01", "02"]}
whole = datasets.Dataset.from_dict(rows, features)
whole.push_to_hub("alice/pushed", split="train", num_shards=2)
whole.select([2]).push_to_hub("alice/pushed", split="test")
from pathlib import Path
from datagen.readers import open_source
found = {}
for split in (None, "test"):
    source = open_source("alice/pushed", work=Path("work"), split=split)
    rows = [row for batch in source.batches() for row in batch.table.to_pylist()]
    found[source.split] = [[row["image"]["bytes"].hex(), row["kind"], row["code"]] for row in rows]
print(json.dumps(found))
"""
    environment = {**ENVIRONMENT, **hub.environment("alice")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "train": [["ffd8", "coat", "00"], ["ffd8", "bag", "01"], ["ffd8", "bag", "02"]],
        "test": [["ffd8", "bag", "02"]],
    }
