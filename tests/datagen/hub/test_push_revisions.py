"""Pushing to tags, branches and pull requests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.hub_server import Hub
from support.pushed_sets import SET, card, is_whole, nothing_was_sent, shards
from support.sets import Run, garden

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_a_tag_is_never_moved(hub: Hub, run: Run, own_set: Path) -> None:
    run("push", own_set, SET, "--tag", "v1")
    tagged = dict(hub.tags(SET))
    (own_set / "README.md").write_text((own_set / "README.md").read_text() + "\nMore.\n")
    hub.log.clear()
    done = run("push", own_set, SET, "--tag", "v1")
    assert done.exit_code == 2
    assert f"already has the tag v1, on commit {tagged['v1'][:8]}; give another --tag." in done.stderr
    assert nothing_was_sent(hub)
    run("push", own_set, SET, "--tag", "v2")
    assert hub.tags(SET).keys() == {"v1", "v2"}
    assert hub.tags(SET)["v1"] == tagged["v1"]
    assert "already has the tag v1" in run("push", own_set, SET, "--tag", "v1").stderr


def test_a_branch_of_its_own(hub: Hub, run: Run, own_set: Path) -> None:
    run("push", own_set, SET)
    main = hub.branches(SET)["main"]
    (own_set / "README.md").write_text((own_set / "README.md").read_text() + "\nMore.\n")
    assert run("push", own_set, SET, "--revision", "try/this", "--tag", "t").exit_code == 0
    assert hub.branches(SET)["main"] == main
    assert hub.tags(SET)["t"] == hub.branches(SET)["try/this"] != main
    assert "More." in card(hub, "try/this")
    assert len(hub.requests("put")) == 4  # three shards and the preview, once


def test_one_pull_request_even_when_repeated(hub: Hub, run: Run, own_set: Path, tmp_path: Path) -> None:
    run("push", own_set, SET)
    main = hub.branches(SET)["main"]
    less = garden(tmp_path / "less", 8)
    done = json.loads(run("push", less, SET, "--create-pr", "--json").stdout)
    again = json.loads(run("push", less, SET, "--create-pr", "--json").stdout)
    assert done["pull_request"] == again["pull_request"] == f"{hub.url}/datasets/{SET}/discussions/1"
    assert (again["commit"], again["sent"]) == (done["commit"], 0)
    assert hub.branches(SET)["main"] == main
    (proposal,) = hub.repo(SET).discussions
    assert proposal["status"] == "open"
    assert is_whole(hub, SET, "refs/pr/1")
    assert shards(hub, "refs/pr/1") == ["data/train-00000-of-00001.parquet"]


@pytest.mark.parametrize("route", ["discussion", "commit"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_one_pull_request_even_when_an_answer_is_lost(
    hub: Hub, run: Run, own_set: Path, tmp_path: Path, route: str, after: int
) -> None:
    run("push", own_set, SET)
    hub.faults.add(route, after=after, drop=True, when="after")
    done = run("push", garden(tmp_path / "less", 8), SET, "--create-pr")
    assert done.exit_code == 0, done.stderr
    (proposal,) = hub.repo(SET).discussions
    assert proposal["status"] == "open"
    assert is_whole(hub, SET, "refs/pr/1")
    assert len(hub.commits(SET, "refs/pr/1")) == 3


def test_who_may_not_write_may_propose(
    hub: Hub, run: Run, own_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("push", own_set, SET, "--public")
    (own_set / "README.md").write_text((own_set / "README.md").read_text() + "\nMore.\n")
    monkeypatch.setenv("HF_TOKEN", hub.token("bob"))
    assert run("push", own_set, SET).exit_code == 2
    assert run("push", own_set, SET, "--create-pr").exit_code == 0
    assert "More." in card(hub, "refs/pr/1")
    assert run("push", own_set, "carol/none", "--create-pr").exit_code == 2


def test_a_pull_request_takes_no_tag_and_no_branch(hub: Hub, run: Run, few_rows: Path) -> None:
    for words in (["--tag", "v1"], ["--revision", "side"]):
        assert (
            "--create-pr proposes a change to main"
            in run("push", few_rows, SET, "--create-pr", *words).stderr
        )
