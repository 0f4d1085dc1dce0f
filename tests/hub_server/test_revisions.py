"""The Hub on loopback keeps tags, branches and pull requests."""

from __future__ import annotations

import pytest
from huggingface_hub import CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError, RevisionNotFoundError
from support.hub_clients import add, send
from support.hub_server import Hub

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


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
