"""Reading from the Hub on loopback: by revision, in ranges, in pages, from models, and with error codes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi
from support.hub_clients import add, send
from support.hub_server import Hub

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


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
