"""The Hub on loopback shows and changes only what the token of a request gives access to."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError
from support.hub_clients import add, send, status
from support.hub_server import Hub

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


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
