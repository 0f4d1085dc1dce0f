"""Datasets go to the Hub on loopback and back with the official clients, over LFS and Xet storage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from support.hub_clients import run_client
from support.hub_server import Hub
from support.hub_server.xet import read_chunks, read_shard

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

WHOLE_WAY = """
    import hashlib, json, os, pathlib
    import numpy as np
    from datasets import Dataset, load_dataset
    from huggingface_hub import HfApi, hf_hub_download, snapshot_download

    api, random, answer = HfApi(), np.random.default_rng(0), {}
    rows = {"n": list(range(200)), "b": [random.bytes(3000) for _ in range(200)], "t": ["a title"] * 200}
    pushed = Dataset.from_dict(rows)
    first = pushed.push_to_hub("alice/set", num_shards=3, private=True)
    api.create_tag("alice/set", tag="v1", repo_type="dataset")
    answer["again"] = pushed.push_to_hub("alice/set", num_shards=3).oid == first.oid

    loaded = load_dataset("alice/set", split="train", revision="v1")
    answer["same rows"] = loaded.to_dict() == rows
    streamed = load_dataset("alice/set", split="train", streaming=True)
    answer["streamed"] = sum(row["n"] for row in streamed)

    pathlib.Path("up/data").mkdir(parents=True)
    contents = {
        "README.md": b"---\\nlicense: mit\\n---\\n# A set\\n",
        "data/noise.bin": random.bytes(700_000),
        "data/text.csv": b"one,two,three\\n" * 90_000,
        "data/numbers.npy": np.linspace(0, 1, 100_000, dtype=np.float32).tobytes(),
        "data/empty.bin": b"",
    }
    for name, content in contents.items():
        pathlib.Path("up", name).write_bytes(content)
    api.create_repo("alice/folder", repo_type="dataset")
    api.upload_folder(repo_id="alice/folder", folder_path="up", repo_type="dataset")
    copy = pathlib.Path(snapshot_download("alice/folder", repo_type="dataset", local_dir="copy"))
    answer["same files"] = all((copy / name).read_bytes() == content for name, content in contents.items())

    pathlib.Path("up/new.bin").write_bytes(b"new\\0" * 5000)
    pull = api.upload_folder(repo_id="alice/folder", folder_path="up", repo_type="dataset", create_pr=True)
    answer["pull"] = [pull.pr_url, pull.pr_revision]
    found = hf_hub_download("alice/folder", "new.bin", repo_type="dataset", revision=pull.pr_revision)
    answer["from pull"] = pathlib.Path(found).read_bytes() == b"new\\0" * 5000
    answer["sha256"] = {n: hashlib.sha256(c).hexdigest() for n, c in contents.items()}
    print(json.dumps(answer))
"""


@pytest.fixture(scope="module", params=["xet", "lfs"])
def whole_way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp(request.param)
    with Hub(folder / "hub", xet=request.param == "xet", part_size=300_000) as hub:
        yield SimpleNamespace(hub=hub, answer=run_client(hub, WHOLE_WAY, folder / "client"))


def test_a_set_goes_up_and_comes_down_in_every_way(whole_way: Any) -> None:
    hub, answer = whole_way.hub, whole_way.answer
    assert answer["same rows"]
    assert answer["streamed"] == 199 * 100
    assert answer["same files"]
    assert answer["from pull"]
    assert answer["pull"] == [f"{hub.url}/datasets/alice/folder/discussions/1", "refs/pr/1"]
    stored = hub.files("alice/folder")
    assert {name: stored[name].sha256 for name in answer["sha256"]} == answer["sha256"]
    assert (
        hashlib.sha256(hub.read("alice/folder", "data/text.csv")).hexdigest()
        == stored["data/text.csv"].sha256
    )
    assert "new.bin" not in stored
    assert "new.bin" in hub.files("alice/folder", "refs/pr/1")


def test_load_dataset_does_not_find_a_private_set_without_a_token(hub: Hub, tmp_path: Path) -> None:
    hub.seed("alice/set", {"data/train.csv": b"n\n1\n"}, private=True)
    code = """
        import json
        from datasets import load_dataset
        answers = []
        for token in (False, "hf_bob", "hf_alice"):
            try:
                answers.append(load_dataset("alice/set", split="train", token=token)["n"][:])
            except Exception as error:
                answers.append(type(error).__name__)
        print(json.dumps({"answers": answers}))
    """
    answer = run_client(hub, code, tmp_path / "client", user=None)
    assert answer["answers"] == ["DatasetNotFoundError", "DatasetNotFoundError", [1]]


def test_the_same_push_makes_no_commit(whole_way: Any) -> None:
    assert whole_way.answer["again"]
    assert [commit.title for commit in whole_way.hub.commits("alice/set")] == [
        "Upload dataset",
        "initial commit",
    ]
    assert whole_way.hub.tags("alice/set") == {"v1": whole_way.hub.branches("alice/set")["main"]}


def test_each_transport_keeps_to_its_own_routes(whole_way: Any) -> None:
    used = {entry.route for entry in whole_way.hub.log}
    xet = {"xet_write", "xet_read", "chunk", "xorb", "shard", "reconstruction", "xorb_data"}
    lfs = {"batch", "put", "put_part", "complete", "verify"}
    assert (xet <= used and not lfs & used) if whole_way.hub.xet else (lfs <= used and not xet & used)


def test_no_token_reaches_the_origin_of_contents(whole_way: Any) -> None:
    hub = whole_way.hub
    signed = {"blob", "put", "put_part", "xorb_data"}
    sent = [entry for entry in hub.log if entry.route in signed]
    assert sent
    assert all(entry.host.startswith("localhost:") and not entry.authorized for entry in sent)
    known = {entry.route for entry in hub.log if entry.host.startswith("localhost:")}
    assert known <= {*signed, "xorb", "shard", "chunk", "reconstruction", "nowhere"}
    url = hub.signed_url("blobs", hub.files("alice/folder")["data/noise.bin"].sha256)
    assert httpx2.get(url).status_code == 200
    assert httpx2.get(url, headers={"Authorization": "Bearer hf_alice"}).status_code == 400
    assert httpx2.get(url[:-1] + "0g"[url.endswith("0")]).status_code == 403


def test_xet_chunks_of_every_packing_were_unpacked(whole_way: Any) -> None:
    if whole_way.hub.xet:
        xorbs = [path.read_bytes() for path in whole_way.hub.store.cas.xorbs.iterdir()]
        assert {chunk.packing for xorb in xorbs for chunk in read_chunks(xorb)} == {0, 1, 2}


def test_sixty_shards_arrive(hub: Hub, tmp_path: Path) -> None:
    code = """
        import json
        from datasets import Dataset, load_dataset
        Dataset.from_dict({"n": list(range(600))}).push_to_hub("alice/set", num_shards=60)
        print(json.dumps({"rows": load_dataset("alice/set", split="train")["n"][:]}))
    """
    assert run_client(hub, code, tmp_path / "client")["rows"] == list(range(600))
    assert sum(name.endswith(".parquet") for name in hub.files("alice/set")) == 60
    parts = ["Upload dataset (part 00001-of-00002)", "Upload dataset (part 00000-of-00002)"]
    assert [c.title for c in hub.commits("alice/set")] == ["Upload dataset", *parts, "initial commit"]


def test_xet_faults_are_met_and_survived(tmp_path: Path) -> None:
    code = """
        import json, os, pathlib
        from huggingface_hub import HfApi, hf_hub_download
        api, content = HfApi(), os.urandom(300_000)
        api.create_repo("alice/set", repo_type="dataset")
        pathlib.Path("up").mkdir()
        pathlib.Path("up/a.bin").write_bytes(content)
        api.upload_folder(folder_path="up", repo_id="alice/set", repo_type="dataset")
        path = hf_hub_download("alice/set", "a.bin", repo_type="dataset")
        print(json.dumps({"same": pathlib.Path(path).read_bytes() == content}))
    """
    with Hub(tmp_path / "hub") as hub:
        faults = [
            hub.faults.add("xet_write", expired=True),
            hub.faults.add("xorb", drop=True, when="during"),
            hub.faults.add("shard", status=503),
            hub.faults.add("commit", status=503, when="after"),
            hub.faults.add("reconstruction", status=500),
            hub.faults.add("xorb_data", cut=1000),
        ]
        assert run_client(hub, code, tmp_path / "client")["same"]
        assert [fault.hits for fault in faults] == [1] * 6
        # The commit had taken place when its answer was lost; the client's second try made an empty one.
        titles = [commit.title for commit in hub.commits("alice/set")]
        assert titles == ["Upload folder using huggingface_hub"] * 2 + ["initial commit"]


def test_what_xet_storage_has_is_not_sent_again(tmp_path: Path) -> None:
    code = """
        import json, pathlib, random, sys
        from huggingface_hub import HfApi
        api, content = HfApi(), random.Random(0).randbytes(500_000)
        name = "alice/" + pathlib.Path.cwd().name
        api.create_repo(name, repo_type="dataset")
        api.upload_file(path_or_fileobj=content, path_in_repo="a.bin", repo_id=name, repo_type="dataset")
        print(json.dumps({"size": len(content)}))
    """
    with Hub(tmp_path / "hub") as hub:
        run_client(hub, code, tmp_path / "first")
        assert sum(entry.received for entry in hub.requests("xorb")) > 500_000
    with Hub(tmp_path / "hub") as hub:  # another client, with an empty cache
        run_client(hub, code, tmp_path / "second")
        assert not hub.requests("xorb")
        first, second = (hub.files(f"alice/{name}")["a.bin"] for name in ("first", "second"))
        assert first == second


def test_broken_xet_uploads_are_refused(tmp_path: Path) -> None:
    with Hub(tmp_path) as hub:
        hub.seed("alice/set")
        base, name = f"{hub.storage_url}/cas/v1", "0" * 64
        write, read = ({"Authorization": f"Bearer {hub.cas_token(scope)[0]}"} for scope in ("write", "read"))
        late = {"Authorization": f"Bearer {hub.cas_token('write', expired=True)[0]}"}
        missing = b"HFRepoMetaData\0".ljust(48) + b"\1" * 32 + bytes([0, 0, 0, 0, 1]).ljust(16, b"\0")
        missing += b"\2" * 32 + bytes([0] * 4 + [9, 0, 0, 0] + [0] * 4 + [1, 0, 0, 0]) + b"\xff" * 96
        assert [len(file.terms) for file in read_shard(missing)[0]] == [1]
        for target, headers, body, expected in (
            (f"xorbs/default/{name}", write, b"\0\xff\xff\xff\0\1\0\0", 400),
            (f"xorbs/default/{name}", write, b"", 400),
            (f"xorbs/default/{name}", read, b"\0\1\0\0\0\1\0\0x", 403),
            (f"xorbs/default/{name}", late, b"\0\1\0\0\0\1\0\0x", 401),
            (f"xorbs/default/{name}", {}, b"\0\1\0\0\0\1\0\0x", 401),
            (f"xorbs/default/{name}", write, b"\0\1\0\0\0\1\0\0x", 200),
            ("shards", write, b"not a shard", 400),
            ("shards", write, missing, 400),
        ):
            assert httpx2.post(f"{base}/{target}", headers=headers, content=body).status_code == expected, (
                body
            )
        assert httpx2.get(f"{base}/reconstructions/{name}", headers=read).status_code == 404
