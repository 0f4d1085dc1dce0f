"""The Hub on loopback: official clients work against it, it refuses what it should, and fails when told."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi
from huggingface_hub import constants as client_constants
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import _http as client_http
from support.hub_server import Hub
from support.hub_server.cards import check_card
from support.hub_server.xet import read_chunks, read_shard

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

ROOT = Path(__file__).parents[1]
CARD = b"---\nlicense: mit\ntags:\n- synthetic\n---\n# A set\n"
ORGS = {"acme": {"alice": "write", "bob": "read"}}


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A Hub for clients in this process, which use LFS: the environment is read only once."""
    monkeypatch.setattr(client_constants, "HF_HUB_DISABLE_XET", True)
    with Hub(tmp_path / "hub", orgs=ORGS, xet=False) as hub:
        yield hub


@pytest.fixture
def api(hub: Hub) -> HfApi:
    return HfApi(endpoint=hub.url, token=hub.token("alice"))


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the client would have slept between its tries."""
    slept: list[float] = []
    monkeypatch.setattr(client_http, "time", SimpleNamespace(sleep=slept.append, time=time.time))
    return slept


def add(path: str, content: bytes) -> CommitOperationAdd:
    return CommitOperationAdd(path, content)


def send(api: HfApi, *operations: Any, repo: str = "alice/set", **options: Any) -> Any:
    return api.create_commit(
        repo, list(operations), commit_message="a change", repo_type="dataset", **options
    )


def status(
    hub: Hub, target: str, user: str | None = "alice", role: Any = "write", method: str = "GET"
) -> int:
    headers = {"Authorization": f"Bearer {hub.token(user, role)}"} if user else {}
    return httpx2.request(method, hub.url + target, headers=headers).status_code


def run_client(hub: Hub, code: str, folder: Path, user: str | None = "alice") -> dict[str, Any]:
    """Run a client in a process of its own, and return the JSON that it prints last."""
    folder.mkdir(exist_ok=True)
    environment = os.environ | hub.environment(user)
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


# The whole way, with the official clients in a process of their own


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


# Who may do what


def test_whoami_tells_user_role_and_organisations(hub: Hub, api: HfApi) -> None:
    told = api.whoami()
    assert told["name"] == "alice"
    assert [(org["name"], org["roleInOrg"]) for org in told["orgs"]] == [("acme", "write")]
    reader = HfApi(endpoint=hub.url, token=hub.token("alice", "read"))
    assert reader.whoami()["auth"]["accessToken"]["role"] == "read"
    hub.revoke(hub.token("alice"))
    with pytest.raises(HfHubHTTPError, match="Invalid user token"):
        api.whoami()


def test_a_repo_is_created_once_and_deleted(hub: Hub, api: HfApi) -> None:
    url = api.create_repo("alice/set", repo_type="dataset")
    assert url == f"{hub.url}/datasets/alice/set"
    with pytest.raises(HfHubHTTPError, match="409"):
        api.create_repo("alice/set", repo_type="dataset")
    assert api.create_repo("alice/set", repo_type="dataset", exist_ok=True) == url
    assert api.repo_exists("alice/set", repo_type="dataset")
    assert [info.id for info in api.list_datasets(author="alice")] == ["alice/set"]
    api.delete_repo("alice/set", repo_type="dataset")
    assert not api.repo_exists("alice/set", repo_type="dataset")
    assert hub.repos() == []


def test_one_writes_only_where_one_may(hub: Hub, api: HfApi) -> None:
    bob = HfApi(endpoint=hub.url, token=hub.token("bob"))
    reader = HfApi(endpoint=hub.url, token=hub.token("alice", "read"))
    api.create_repo("acme/set", repo_type="dataset")
    api.create_repo("alice/set", repo_type="dataset")
    for client, namespace in (
        (api, "bob"),
        (bob, "alice"),
        (bob, "acme"),
        (reader, "alice"),
        (api, "nobody"),
    ):
        with pytest.raises(HfHubHTTPError, match="403 Forbidden"):
            client.create_repo(f"{namespace}/mine", repo_type="dataset")
    for client in (bob, reader):
        with pytest.raises(HfHubHTTPError, match="403 Forbidden"):
            send(client, add("a.txt", b"a"), repo="alice/set")
        with pytest.raises(HfHubHTTPError, match="403 Forbidden"):
            client.create_tag("alice/set", tag="v1", repo_type="dataset")
    send(api, add("a.txt", b"a"), repo="acme/set")
    assert send(bob, add("a.txt", b"a"), repo="alice/set", create_pr=True).pr_num == 1
    assert list(hub.files("alice/set")) == [".gitattributes"]


def test_a_private_repo_hides(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    hub.seed("acme/set", {"a.txt": b"a"}, private=True)
    info = "/api/datasets/acme/set"
    assert [status(hub, info, user) for user in ("alice", "bob")] == [200, 200]  # both are members
    hub.accounts.orgs["acme"].pop("bob")
    assert status(hub, info, "bob") == 404
    assert status(hub, info, None) == 401
    assert httpx2.get(hub.url + info, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert api.dataset_info("acme/set").private
    for client in (HfApi(endpoint=hub.url, token=token) for token in (hub.token("bob"), False)):
        with pytest.raises(RepositoryNotFoundError):
            client.hf_hub_download("acme/set", "a.txt", repo_type="dataset", cache_dir=tmp_path)
        assert list(client.list_datasets()) == []
    api.update_repo_settings("acme/set", private=False, repo_type="dataset")
    assert status(hub, info, None) == 200


def test_a_gated_repo_shows_its_files_but_not_their_contents(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    hub.seed("alice/set", {"a.txt": b"a"})
    api.update_repo_settings("alice/set", gated="manual", repo_type="dataset")
    bob = HfApi(endpoint=hub.url, token=hub.token("bob"))
    assert bob.dataset_info("alice/set").gated == "manual"
    with pytest.raises(GatedRepoError):
        bob.hf_hub_download("alice/set", "a.txt", repo_type="dataset", cache_dir=tmp_path)
    with pytest.raises(GatedRepoError):
        bob.auth_check("alice/set", repo_type="dataset")
    hub.grant("alice/set", "bob")
    assert Path(bob.hf_hub_download("alice/set", "a.txt", repo_type="dataset", cache_dir=tmp_path)).exists()


def test_the_quota_ends_in_429(tmp_path: Path) -> None:
    with Hub(tmp_path, quota=3) as hub:
        codes = [status(hub, "/api/whoami-v2") for _ in range(4)]
        assert codes == [200, 200, 200, 429]
        assert status(hub, "/api/whoami-v2", "bob") == 200
        answer = httpx2.get(f"{hub.url}/api/whoami-v2", headers={"Authorization": "Bearer hf_alice"})
        assert re.fullmatch(r'"api";r=0;t=\d+', answer.headers["RateLimit"])


# Commits


def test_a_commit_adds_copies_and_deletes(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set", {"README.md": CARD, "old/a.txt": b"a", "old/b.txt": b"b", "c.bin": b"\0c"})
    send(
        api,
        add("data/new.bin", b"\0" * 5000),
        CommitOperationCopy("c.bin", "copy.bin"),
        CommitOperationDelete("old/"),
        parent_commit=hub.branches("alice/set")["main"],
    )
    assert sorted(hub.files("alice/set")) == [
        ".gitattributes",
        "README.md",
        "c.bin",
        "copy.bin",
        "data/new.bin",
    ]
    assert hub.read("alice/set", "copy.bin") == b"\0c"
    assert hub.files("alice/set")["data/new.bin"].lfs
    info = api.dataset_info("alice/set", files_metadata=True)
    assert info.sha == hub.commits("alice/set")[0].oid
    assert info.tags == ["license:mit", "synthetic", "region:us"]
    assert info.card_data.license == "mit"
    sizes = {sibling.rfilename: (sibling.size, bool(sibling.lfs)) for sibling in info.siblings}
    assert sizes["data/new.bin"] == (5000, True)
    assert api.list_repo_commits("alice/set", repo_type="dataset")[0].title == "a change"
    with pytest.raises(EntryNotFoundError):
        send(api, CommitOperationDelete("missing.txt"))
    with pytest.raises(RevisionNotFoundError):
        send(api, add("a.txt", b"a"), revision="nowhere")


def test_a_stale_parent_is_refused(hub: Hub, api: HfApi) -> None:
    stale = hub.seed("alice/set").oid
    hub.seed("alice/set", {"rival.txt": b"first"})
    with pytest.raises(
        HfHubHTTPError, match="412.*A commit has happened since|A commit has happened since"
    ) as e:
        send(api, add("a.txt", b"a"), parent_commit=stale)
    assert e.value.response.status_code == 412
    assert "a.txt" not in hub.files("alice/set")


def line(key: str, **value: Any) -> str:
    return json.dumps({"key": key, "value": value})


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (line("lfsFile", path="a.bin", algo="sha256", oid="0" * 64, size=3), "was not uploaded"),
        (
            line("lfsFile", path="a.bin", algo="sha256", oid=hashlib.sha256(b"\0c").hexdigest(), size=3),
            "2 bytes",
        ),
        (line("lfsFile", path="a.bin", algo="md5", oid="0" * 32, size=3), "SHA-256"),
        (line("file", path="../a.txt", content="", encoding="base64"), "Invalid path"),
        (line("file", path="/etc/passwd", content="", encoding="base64"), "Invalid path"),
        (line("file", path="a/../../b", content="", encoding="base64"), "Invalid path"),
        (line("file", path=".git/config", content="", encoding="base64"), "Invalid path"),
        (line("file", path="a.txt", content="not base64!", encoding="base64"), "not base64"),
        (line("file", path="c.bin/a.txt", content="", encoding="base64"), "a file and a folder"),
        (line("file", path="README.md", content="---\nlicense: 5\n---\n"), '"license" must be'),
        (line("unknown", path="a.txt"), "Unknown operation"),
        ("not json", "malformed"),
    ],
)
def test_a_commit_that_cannot_be_is_refused(hub: Hub, operation: str, message: str) -> None:
    before = hub.seed("alice/set", {"c.bin": b"\0c"})
    answer = httpx2.post(
        f"{hub.url}/api/datasets/alice/set/commit/main",
        headers={"Authorization": "Bearer hf_alice", "Content-Type": "application/x-ndjson"},
        content="\n".join([line("header", summary="a change"), operation]),
    )
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert hub.commits("alice/set")[0] == before


def test_commits_at_the_same_time_queue_up(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: send(api, add(f"{n}.txt", b"%d" % n)), range(16)))
    assert len(hub.commits("alice/set")) == 18
    assert len(hub.files("alice/set")) == 17


@pytest.mark.parametrize(
    ("card", "error"),
    [
        ("license: mit\ntags: [a, b]\nconfigs:\n- config_name: x\n  data_files: 'data/*'", None),
        ("license: [mit, apache-2.0]\nsize_categories: 1K<n<10K\nlanguage: en", None),
        ("license: my-own", "is none"),
        ("license: {name: mit}", '"license" must be a string'),
        ("tags: synthetic", '"tags" must be an array'),
        ("tags: [1, 2]", '"tags" must be an array'),
        ("pretty_name: 5", '"pretty_name" must be a string'),
        ("size_categories: many", '"size_categories" must be one of'),
        ("configs: {}", '"configs" must be an array'),
        ("configs:\n- data_files: x", 'config_name" must be a string'),
        ("configs:\n- config_name: x\n  data_files:\n  - path: y", "must name a split"),
        ("dataset_info: none", '"dataset_info" must be'),
        ("license: mit\nlicense: mit", "duplicated mapping key"),
        ("a: [1", "cannot be read"),
        ("- a", "must be a mapping"),
    ],
)
def test_the_card_is_checked(card: str, error: str | None) -> None:
    errors, warnings = check_card(f"---\n{card}\n---\n# A set\n", "dataset")
    assert warnings == []
    assert errors == [] if error is None else any(error in found for found in errors)


def test_the_client_hears_of_a_bad_card_before_it_uploads(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    with pytest.raises(ValueError, match='"license" must be one of'):
        send(api, add("README.md", b"---\nlicense: own\n---\n"), add("a.bin", b"\0" * 100))
    assert not hub.requests("put")
    with pytest.warns(UserWarning, match="empty or missing yaml metadata"):
        send(api, add("README.md", b"# A set\n"))


# Branches, tags, pull requests


def test_tags_and_branches_come_and_go(hub: Hub, api: HfApi) -> None:
    first, second = hub.seed("alice/set", {"a.txt": b"1"}).oid, hub.seed("alice/set", {"a.txt": b"2"}).oid
    of = {"repo_type": "dataset"}
    api.create_tag("alice/set", tag="v1", revision=first[:7], **of)
    api.create_branch("alice/set", branch="a/b", revision="v1", **of)
    assert hub.tags("alice/set") == {"v1": first}
    assert hub.branches("alice/set") == {"main": second, "a/b": first}
    for again in (
        lambda: api.create_tag("alice/set", tag="v1", **of),
        lambda: api.create_branch("alice/set", branch="a/b", **of),
    ):
        with pytest.raises(HfHubHTTPError, match="409"):
            again()
    api.create_tag("alice/set", tag="v1", exist_ok=True, **of)
    api.create_branch("alice/set", branch="a/b", exist_ok=True, **of)
    assert hub.tags("alice/set") == {"v1": first}
    send(api, add("a.txt", b"3"), revision="a/b")
    assert hub.read("alice/set", "a.txt", "a/b") == b"3"
    refs = api.list_repo_refs("alice/set", **of)
    assert {ref.name: ref.target_commit for ref in refs.tags} == {"v1": first}
    assert {ref.name for ref in refs.branches} == {"main", "a/b"}
    api.delete_branch("alice/set", branch="a/b", **of)
    api.delete_tag("alice/set", tag="v1", **of)
    with pytest.raises(RevisionNotFoundError):
        api.delete_tag("alice/set", tag="v1", **of)
    with pytest.raises(RevisionNotFoundError):
        api.create_tag("alice/set", tag="v2", revision="nowhere", **of)
    with pytest.raises(HfHubHTTPError, match="protected"):
        api.delete_branch("alice/set", branch="main", **of)


def test_a_pull_request_is_opened_amended_and_merged(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set", {"a.txt": b"1", "gone.txt": b"x"})
    made = send(api, add("a.txt", b"2"), CommitOperationDelete("gone.txt"), create_pr=True)
    assert made.pr_revision == "refs/pr/1"
    assert made.pr_url == f"{hub.url}/datasets/alice/set/discussions/1"
    send(api, add("b.txt", b"b"), revision="refs/pr/1")
    hub.seed("alice/set", {"c.txt": b"c"})
    (listed,) = api.get_repo_discussions("alice/set", repo_type="dataset")
    assert (listed.title, listed.status, listed.is_pull_request) == ("a change", "open", True)
    api.comment_discussion("alice/set", 1, "fine", repo_type="dataset")
    api.merge_pull_request("alice/set", 1, repo_type="dataset")
    details = api.get_discussion_details("alice/set", 1, repo_type="dataset")
    assert (details.status, details.merge_commit_oid) == ("merged", hub.branches("alice/set")["main"])
    assert sorted(hub.files("alice/set")) == [".gitattributes", "a.txt", "b.txt", "c.txt"]
    assert hub.read("alice/set", "a.txt") == b"2"
    second = api.create_pull_request("alice/set", "another one", repo_type="dataset")
    assert (second.num, second.status, second.git_reference) == (2, "draft", "refs/pr/2")


# Reading


def test_resolve_answers_by_every_name_of_a_revision(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    first = hub.seed("alice/set", {"a.txt": b"1", "a.bin": b"\0first"}).oid
    api.create_tag("alice/set", tag="v1", repo_type="dataset")
    hub.seed("alice/set", {"a.txt": b"2"})
    hub.seed("alice/set", {"a.txt": b"3"}, branch="side")
    send(api, add("a.txt", b"4"), create_pr=True)
    names = {"main": b"2", "v1": b"1", first: b"1", first[:7]: b"1", "side": b"3", "refs/pr/1": b"4"}
    for name, content in names.items():
        path = api.hf_hub_download(
            "alice/set", "a.txt", repo_type="dataset", revision=name, cache_dir=tmp_path
        )
        assert Path(path).read_bytes() == content, name
    api.hf_hub_download("alice/set", "a.bin", repo_type="dataset", cache_dir=tmp_path)
    small = api.get_hf_file_metadata(url=f"{hub.url}/datasets/alice/set/resolve/v1/a.txt")
    assert (small.commit_hash, small.etag, small.size) == (
        first,
        hub.files("alice/set", "v1")["a.txt"].oid,
        1,
    )
    large = api.get_hf_file_metadata(url=f"{hub.url}/datasets/alice/set/resolve/v1/a.bin")
    assert (large.etag, large.size) == (hashlib.sha256(b"\0first").hexdigest(), 6)
    assert large.location.startswith(hub.storage_url)


@pytest.mark.parametrize(
    ("target", "code", "error"),
    [
        ("/datasets/alice/set/resolve/main/b.txt", 404, "EntryNotFound"),
        ("/datasets/alice/set/resolve/nowhere/a.txt", 404, "RevisionNotFound"),
        ("/datasets/alice/none/resolve/main/a.txt", 404, "RepoNotFound"),
        ("/api/datasets/alice/none", 404, "RepoNotFound"),
        ("/api/datasets/alice/set/revision/nowhere", 404, "RevisionNotFound"),
        ("/api/datasets/alice/set/tree/main/none", 404, "EntryNotFound"),
        ("/api/nowhere", 404, None),
    ],
)
def test_errors_carry_the_code_that_the_client_looks_at(hub: Hub, target: str, code: int, error: str) -> None:
    hub.seed("alice/set", {"a.txt": b"a"})
    for method in ("GET", "HEAD"):
        answer = httpx2.request(method, hub.url + target, headers={"Authorization": "Bearer hf_alice"})
        assert (answer.status_code, answer.headers.get("X-Error-Code")) == (code, error)


@pytest.mark.parametrize(
    ("wanted", "code", "body", "told"),
    [
        ("bytes=0-3", 206, b"\x00123", "bytes 0-3/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=4-99", 206, b"456789", "bytes 4-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("lines=1-2", 200, b"\x00123456789", None),
    ],
)
@pytest.mark.parametrize("lfs", [True, False])
def test_ranges(hub: Hub, lfs: bool, wanted: str, code: int, body: bytes | None, told: str | None) -> None:
    first = b"\0" if lfs else b"0"
    hub.seed("alice/set", {"file": first + b"123456789"})
    url = f"{hub.url}/datasets/alice/set/resolve/main/file"
    answer = httpx2.get(url, headers={"Range": wanted}, follow_redirects=True)
    assert (answer.status_code, answer.headers.get("Content-Range")) == (code, told)
    if body is not None:
        assert answer.content == body.replace(b"\0", first)
    assert len(answer.history) == lfs


def test_large_trees_come_in_pages(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set", {f"d{n % 3}/{n:02}.txt": b"%d" % n for n in range(30)})
    hub.tree_page = 7
    listed = list(api.list_repo_tree("alice/set", recursive=True, expand=True, repo_type="dataset"))
    assert len(listed) == 30 + 3 + 1
    assert len(hub.requests("tree")) == 5
    assert {entry.last_commit.title for entry in listed} == {"initial commit", "seed"}
    inside = list(api.list_repo_tree("alice/set", "d1", repo_type="dataset"))
    assert [entry.path for entry in inside] == [f"d1/{n:02}.txt" for n in range(1, 30, 3)]
    found = api.get_paths_info("alice/set", ["d1/01.txt", "d2", "none"], repo_type="dataset")
    assert [entry.path for entry in found] == ["d1/01.txt", "d2"]


def test_models_have_their_own_addresses(hub: Hub, api: HfApi, tmp_path: Path) -> None:
    api.create_repo("alice/adapter")
    api.upload_file(path_or_fileobj=b"\0" * 9000, path_in_repo="adapter.safetensors", repo_id="alice/adapter")
    path = api.hf_hub_download("alice/adapter", "adapter.safetensors", cache_dir=tmp_path)
    assert Path(path).read_bytes() == b"\0" * 9000
    assert hub.repos("model") == ["alice/adapter"]
    assert hub.repos() == []
    assert api.model_info("alice/adapter").id == "alice/adapter"


# LFS uploads


def test_a_large_file_goes_up_in_parts(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    hub.part_size = 4000
    content = os.urandom(10_000)
    send(api, add("a.bin", content))
    assert [entry.received for entry in hub.requests("put_part")] == [4000, 4000, 2000]
    assert hub.read("alice/set", "a.bin") == content
    hub.faults.add("put_part", after=1, etag="0" * 32)
    with pytest.raises(RuntimeError) as refused:
        send(api, add("b.bin", os.urandom(9000)))
    assert "InvalidPart" in str(refused.value.__cause__)


def test_contents_are_checked_on_arrival(hub: Hub) -> None:
    hub.seed("alice/set")
    sha256 = hashlib.sha256(b"right").hexdigest()
    put = lambda size, body: httpx2.put(hub.signed_url("lfs", f"{sha256}/{size}"), content=body).status_code  # noqa: E731
    assert put(5, b"wrong") == 400
    assert put(6, b"right") == 400
    assert not hub.store.has(sha256)
    assert put(5, iter([b"ri", b"ght"])) == 200  # chunked
    assert hub.store.has(sha256, 5)
    verify = f"{hub.url}/datasets/alice/set.git/info/lfs/objects/verify"
    for oid, code in ((sha256, 200), ("0" * 64, 404)):
        headers = {"Authorization": "Bearer hf_alice"}
        assert httpx2.post(verify, json={"oid": oid, "size": 5}, headers=headers).status_code == code


def test_a_second_try_sends_only_what_is_missing(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    operations = [add(f"{n}.bin", os.urandom(1000)) for n in range(10)]
    contents = [operation.path_or_fileobj for operation in operations]
    fault = hub.faults.add("put", after=4, times=99, status=403)
    with pytest.raises(RuntimeError, match="Error while uploading"):
        send(api, *operations)
    assert fault.hits >= 1
    hub.faults.clear()
    hub.log.clear()
    send(api, *(add(f"{n}.bin", content) for n, content in enumerate(contents)))
    assert len(hub.requests("put")) == 6
    assert [hub.read("alice/set", f"{n}.bin") for n in range(10)] == contents


# Faults


@pytest.mark.parametrize(
    ("fault", "happened", "seen"),
    [
        ({"status": 503}, False, 503),
        ({"status": 504, "when": "after"}, True, 504),
        ({"status": 412, "message": "A commit has happened since"}, False, 412),
        ({"status": 409}, False, 409),
        ({"retry_after": 7}, False, 429),
        ({"expired": True}, False, 401),
        ({"drop": True}, False, 0),
        ({"drop": True, "when": "during"}, False, 0),
        ({"drop": True, "when": "after"}, True, 0),
    ],
)
def test_a_commit_that_fails_did_or_did_not_happen(
    hub: Hub, api: HfApi, fault: dict[str, Any], happened: bool, seen: int
) -> None:
    hub.seed("alice/set")
    made = hub.faults.add("commit", **fault)
    with pytest.raises(
        (HfHubHTTPError, httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)
    ) as failed:
        send(api, add("a.txt", b"a" * 1000))
    if seen:
        assert failed.value.response.status_code == seen
    assert [entry.status for entry in hub.requests("commit")] == [seen]
    assert ("a.txt" in hub.files("alice/set")) == happened
    assert made.hits == 1
    send(api, add("b.txt", b"b"))
    assert "b.txt" in hub.files("alice/set")


def test_the_client_waits_as_long_as_it_is_told(hub: Hub, api: HfApi, naps: list[float]) -> None:
    hub.seed("alice/set")
    hub.faults.add("preupload", retry_after=7)
    hub.faults.add("preupload", after=1, rate_limit=40)
    hub.faults.add("batch", status=503, times=2)
    hub.faults.add("put", drop=True, when="during")
    hub.faults.add("verify", status=500)
    send(api, add("a.bin", b"\0" * 5000))
    assert naps == [8, 41, 1, 2, 1, 1]
    assert hub.read("alice/set", "a.bin") == b"\0" * 5000


def test_faults_choose_their_requests(hub: Hub) -> None:
    hub.seed("alice/set", {"a.txt": b"a", "b.txt": b"b"})
    hub.faults.add("resolve", path="b.txt", method="HEAD", after=1, times=2, status=500)
    hub.faults.add("*", path="/refs", delay=0.2)
    target = "/datasets/alice/set/resolve/main/"
    assert [status(hub, target + "b.txt", method="HEAD") for _ in range(4)] == [200, 500, 500, 200]
    assert status(hub, target + "b.txt") == status(hub, target + "a.txt", method="HEAD") == 200
    start = time.monotonic()
    assert status(hub, "/api/datasets/alice/set/refs") == 200
    assert time.monotonic() - start >= 0.2
    with pytest.raises(ValueError, match="no route 'comit'; there are .*commit"):
        hub.faults.add("comit", status=500)
    with pytest.raises(ValueError, match="needs drop"):
        hub.faults.add("put", status=500, when="during")


def test_downloads_are_cut_short(
    hub: Hub, api: HfApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        client_constants, "DOWNLOAD_CHUNK_SIZE", 100_000
    )  # it resumes at whole chunks, of 10 MB
    content = os.urandom(3_000_000)
    hub.seed("alice/set", {"a.bin": b"\0" + content})

    def fetch(name: str) -> bytes:
        path = api.hf_hub_download("alice/set", "a.bin", repo_type="dataset", cache_dir=tmp_path / name)
        return Path(path).read_bytes()

    hub.faults.add("blob", cut=1_000_000)
    assert fetch("resumed") == b"\0" + content
    assert [entry.status for entry in hub.requests("blob")] == [200, 206]
    hub.faults.add("blob", truncate=1_000_000)
    with pytest.raises(OSError, match="Consistency check failed"):
        fetch("truncated")
    hub.faults.add("resolve", etag="")
    with pytest.raises(Exception, match="ETag|Location|LocalEntryNotFound|metadata|find"):
        fetch("no etag")
    hub.faults.add("resolve", etag="f" * 64)
    fetch("wrong etag")
    assert [path.name for path in (tmp_path / "wrong etag").glob("*/blobs/*")] == ["f" * 64]


def test_an_outage_ends(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    api.dataset_info("alice/set")
    hub.stop()
    with pytest.raises(httpx2.TransportError):
        api.dataset_info("alice/set")
    hub.start()
    assert api.dataset_info("alice/set").id == "alice/set"


def test_a_bug_of_the_hub_itself_does_not_pass_for_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = Hub(tmp_path).start()
    hub.store.repos = None  # type: ignore[assignment]
    assert status(hub, "/api/datasets/alice/set") == 500
    assert "Traceback" in capsys.readouterr().err
    with pytest.raises(AssertionError, match="broke down"):
        hub.__exit__(None, None, None)


# Running it by hand


def test_the_log_tells_what_came(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set", {"a.txt": b"hello"})
    hub.log.clear()
    url = f"{hub.url}/datasets/alice/set/resolve/main/a.txt?download=true"
    httpx2.get(url)
    api.whoami()
    first, second = hub.log
    assert (first.method, first.route, first.status, first.sent) == ("GET", "resolve", 200, 5)
    assert (first.authorized, first.user, first.query) == (False, None, {"download": ["true"]})
    assert (second.route, second.authorized, second.user) == ("whoami", True, "alice")
    assert hub.requests("whoami") == [second]


def test_started_by_hand_it_keeps_its_sets(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.support.hub_server",
        "--port",
        "0",
        "--folder",
        str(tmp_path / "sets"),
    ]

    def session(work: Callable[[HfApi, str], None]) -> str:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(4)]
        exports = dict(item.split("=", 1) for item in lines[3].split()[1:])
        work(HfApi(endpoint=exports["HF_ENDPOINT"], token=exports["HF_TOKEN"]), exports["HF_ENDPOINT"])
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)
        assert process.returncode == 0
        assert "Traceback" not in errors
        return "".join(lines) + rest

    def push(api: HfApi, url: str) -> None:
        api.create_repo("alice/set", repo_type="dataset")
        api.create_tag("alice/set", tag="v1", repo_type="dataset")
        assert httpx2.get(f"{url}/datasets/alice/set").status_code == 200

    def look(api: HfApi, url: str) -> None:
        assert [tag.name for tag in api.list_repo_refs("alice/set", repo_type="dataset").tags] == ["v1"]
        page = httpx2.get(url + "/").text
        assert "datasets/alice/set" in page

    told = session(push)
    assert "You are alice, your token is hf_alice" in told
    assert told.endswith("Stopped.\n")
    session(look)


def test_the_environment_says_who_and_where(hub: Hub) -> None:
    assert hub.environment("bob", role="read")["HF_TOKEN"] == "hf_bob_read"  # noqa: S105
    nobody = hub.environment(None)
    assert (nobody["HF_ENDPOINT"], nobody["HF_TOKEN"]) == (hub.url, "")
    assert nobody["HF_HOME"] != hub.environment("bob")["HF_HOME"]
