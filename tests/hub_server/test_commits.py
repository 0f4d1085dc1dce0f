"""The Hub on loopback makes commits whole or not at all, and checks each dataset card."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from huggingface_hub import CommitOperationCopy, CommitOperationDelete, HfApi
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RevisionNotFoundError
from support.hub_clients import add, send
from support.hub_server import Hub
from support.hub_server.cards import check_card

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
CARD = b"---\nlicense: mit\ntags:\n- synthetic\n---\n# A set\n"


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


INDEX = "model-index: [{name: m, results: [{task: {type: t}, dataset: {type: d, name: n}, metrics: %s}]}]"


@pytest.mark.parametrize(
    ("card", "error"),
    [
        ("base_model: me/base\nbase_model_relation: adapter\n" + INDEX % "[{type: f1, value: 1}]", None),
        ("base_model: {a: b}", '"base_model" must be a string'),
        ("base_model_relation: cousin", "must be one of adapter, merge"),
        ("library_name: [peft]", '"library_name" must be a string'),
        ("model-index: {}", '"model-index" must be an array'),
        (INDEX % "[{type: f1}]", '"model-index" needs name, task.type'),
        ("model-index: [{name: m}]", '"model-index" needs name, task.type'),
    ],
)
def test_the_card_of_a_model_is_checked(card: str, error: str | None) -> None:
    errors, _ = check_card(f"---\n{card}\n---\n# A model\n", "model")
    assert [error in each for each in errors] == [True] if error else errors == []


def test_the_client_hears_of_a_bad_card_before_it_uploads(hub: Hub, api: HfApi) -> None:
    hub.seed("alice/set")
    with pytest.raises(ValueError, match='"license" must be one of'):
        send(api, add("README.md", b"---\nlicense: own\n---\n"), add("a.bin", b"\0" * 100))
    assert not hub.requests("put")
    with pytest.warns(UserWarning, match="empty or missing yaml metadata"):
        send(api, add("README.md", b"# A set\n"))
