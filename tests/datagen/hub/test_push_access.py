"""Who may push, where to, under which name and visibility; and no token is ever shown or stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi, constants
from support.hub_server import Hub
from support.pushed_sets import SET, is_whole
from support.sets import Run, contents
from support.sets import run as run_command

from datagen.dataset.collection import parts
from datagen.hub.attempt import _result
from datagen.hub.plan import DatasetRequest
from datagen.hub.request import Plan

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

# Who may, and where to


@pytest.mark.parametrize(
    ("user", "role", "repo", "said"),
    [
        (
            None,
            "write",
            SET,
            "You are not logged in to the Hub; log in with `hf auth login`, or set HF_TOKEN.",
        ),
        ("alice", "read", SET, "The token of alice is read-only; log in"),
        ("alice", "write", "bob/set", "alice may not write to bob; the token gives access to alice, acme."),
        ("bob", "write", "acme/set", "The Hub denied this operation on acme/set (403); log in"),
        ("mallory", "write", SET, "The Hub rejected the token; log in"),
    ],
)
def test_access_is_refused_before_a_byte(
    hub: Hub,
    run: Run,
    whole_set: Path,
    monkeypatch: pytest.MonkeyPatch,
    user: str | None,
    role: Any,
    repo: str,
    said: str,
) -> None:
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(whole_set / "none"))
    monkeypatch.setenv(
        "HF_TOKEN", "" if user is None else "hf_wrong" if user == "mallory" else hub.token(user, role)
    )
    done = run("push", whole_set, repo)
    assert done.exit_code == 2
    assert said in done.stderr
    assert not hub.requests("preupload")
    assert hub.repos() == []


def test_an_organisation_is_written_to(hub: Hub, run: Run, few_rows: Path) -> None:
    assert run("push", few_rows, "acme/set").exit_code == 0
    assert is_whole(hub, "acme/set")


@pytest.mark.parametrize(
    "name",
    ["set", "alice/", "/set", "a/b/c", "alice/se t", "alice/-set", "alice/s..t", "alice/s.git", "alice/ü"],
)
def test_an_illegal_name_is_refused(hub: Hub, run: Run, few_rows: Path, name: str) -> None:
    assert "is not a valid name for a dataset" in run("push", few_rows, name).stderr
    assert not hub.log


@pytest.mark.parametrize("name", ["v 1", "../v", "a..b", "-v", "v~1", "refs/heads/x", "v.lock", "", "a//b"])
def test_an_illegal_tag_or_branch_is_refused(hub: Hub, run: Run, few_rows: Path, name: str) -> None:
    assert "is not a valid name for a tag" in run("push", few_rows, SET, f"--tag={name}").stderr
    assert "is not a valid name for a branch" in run("push", few_rows, SET, f"--revision={name}").stderr
    assert not hub.log


def test_private_is_the_default_and_visibility_is_not_changed(hub: Hub, run: Run, few_rows: Path) -> None:
    run("push", few_rows, SET, "--public")
    assert not hub.repo(SET).private
    done = run("push", few_rows, SET, "--private")
    assert done.exit_code == 2
    assert f"{SET} is public; change that on its settings page" in done.stderr
    assert run("push", few_rows, SET, "--public").exit_code == 0
    assert run("push", few_rows, SET).exit_code == 0
    run("push", few_rows, "alice/own")
    assert hub.repo("alice/own").private
    assert "alice/own is private" in run("push", few_rows, "alice/own", "--public").stderr


# Secrets


@pytest.mark.slow
def test_the_token_is_nowhere(tmp_path: Path, own_set: Path) -> None:
    secret = "hf_" + "aVeryTellingSecret"
    with Hub(tmp_path / "hub", users={"alice": secret, "bob": "hf_bob"}, xet=False) as hub:
        environment = {**hub.environment("alice", home=tmp_path / "home"), "HF_DEBUG": "1"}
        said = ""
        hub.faults.add("put", status=403)
        hub.faults.add("whoami", after=3, expired=True)
        for words in (
            ["push", own_set, SET],
            ["--debug", "push", own_set, SET, "--tag", "v1"],
            ["--debug", "push", own_set, "bob/set"],
            ["--debug", "push", own_set, SET, "--json"],
            ["pull", f"{SET}@v1", "--out", tmp_path / "pulled"],
            ["--debug", "pull", "alice/none"],
        ):
            done = run_command(*words, cwd=tmp_path, environment=environment)
            said += done.stdout + done.stderr
        assert "Traceback" in said
        assert secret not in said.replace("<TOKEN>", "")
        for folder in (own_set, tmp_path / "pulled", tmp_path / "home", hub.store.objects):
            for path, content in contents(folder).items():
                assert secret.encode() not in content, path


def test_the_password_of_the_endpoint_is_nowhere(
    hub: Hub, run: Run, few_rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in what is printed nor in what is written."""
    run("push", few_rows, SET, "--public")
    monkeypatch.setattr(constants, "ENDPOINT", hub.url.replace("://", "://me:sesame@"))
    pulled = run("pull", SET, "--out", tmp_path / "back", "--json")
    assert pulled.exit_code == 0, pulled.stderr
    assert not [path for path, content in contents(tmp_path / "back").items() if b"sesame" in content]
    missing = run("pull", "alice/none", "--out", tmp_path / "none")
    refused = run("push", few_rows, SET)
    hub.faults.add("whoami", body=b"<html>", times=2)
    odd = run("push", few_rows, SET)
    hub.stop()
    for done in (pulled, missing, refused, odd, run("push", few_rows, SET)):
        assert "sesame" not in done.output
    assert hub.url in missing.stderr
    assert hub.url in odd.stderr


def test_the_address_of_a_push_is_shown_without_a_password(few_rows: Path) -> None:
    api = HfApi(endpoint="https://me:sesame@hub.example")
    request = DatasetRequest(SET, None, "main", None, False, "m", tuple(parts(few_rows, None, None)))
    plan = Plan(None, True, {}, None, (), 0)
    assert _result(api, request, plan, "", None).url == f"https://hub.example/datasets/{SET}"
