"""A push survives faults, interruptions and other pushes at the same time."""

from __future__ import annotations

import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants
from support.hub_server import Hub
from support.pushed_sets import SET, card, files, is_whole, nothing_was_sent, shards
from support.sets import Run, contents, garden, rows_of, start, wait_for
from support.sets import run as run_command

from datagen.dataset.card_merge import read_card
from datagen.hub.push import push

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

# Faults


ROUTES = (
    *("whoami", "info", "create", "preupload", "batch", "put", "verify", "commit"),
    *("tree", "refs", "tag", "branch", "resolve", "validate_yaml", "discussion"),
)
STATUSES = (408, 409, 412, 429, 500, 502, 503, 504)
OTHER_FAULTS: list[dict[str, Any]] = [
    {"drop": True},
    {"drop": True, "when": "after"},
    {"status": 503, "when": "after"},
    {"retry_after": 1},
    {"rate_limit": 1},
    {"status": 503, "times": 3},
]


def passing_faults(route: str) -> list[dict[str, Any]]:
    """Every other fault, and three of the eight statuses: each status on at least five routes.

    All statuses are one line of a table for all routes; DATAGEN_SEARCH=1 tries each on each.
    """
    at = ROUTES.index(route)
    some = STATUSES if os.environ.get("DATAGEN_SEARCH") else [STATUSES[(at + n * 3) % 8] for n in range(3)]
    return [*({"status": status} for status in some), *OTHER_FAULTS]


def push_that_meets(route: str, few_rows: Path, tmp_path: Path, repo: str, run: Run) -> list[object]:
    """The words of a push that calls ``route``, after what has to be there for it."""
    if route == "branch":
        return ["push", few_rows, repo, "--revision", "side"]
    if route in {"resolve", "tree", "discussion"}:
        run("push", few_rows, repo)
        own = Path(shutil.copytree(few_rows, tmp_path / repo))
        (own / "README.md").write_text((own / "README.md").read_text() + "\nMine.\n")
        return ["push", own, repo, *["--create-pr"] * (route == "discussion")]
    if route == "refs":
        run("push", few_rows, repo)
        return ["push", few_rows, repo, "--tag", "v2"]
    return ["push", few_rows, repo, "--tag", "v1"]


@pytest.mark.slow
@pytest.mark.parametrize("route", ROUTES)
def test_a_fault_that_passes_is_survived(
    hub: Hub, run: Run, few_rows: Path, tmp_path: Path, route: str
) -> None:
    for number, fault in enumerate(passing_faults(route)):
        repo = f"alice/set{number}"
        shutil.rmtree(hub.store.objects, ignore_errors=True)
        hub.store.objects.mkdir()
        words = push_that_meets(route, few_rows, tmp_path, repo, run)
        struck = hub.faults.add(route, **fault)
        done = run(*words)
        hub.faults.clear()
        assert struck.hits == struck.times, fault
        assert done.exit_code == 0, (fault, done.stderr)
        for revision in hub.branches(repo):
            assert is_whole(hub, repo, revision), fault
        titles = [commit.title for commit in hub.commits(repo, "side" if route == "branch" else "main")]
        assert len(titles) == (3 if route in {"resolve", "tree"} else 2), (fault, titles)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 403}, {"drop": True}], ids=str)
def test_a_fault_that_stays_ends_in_one_sentence(
    hub: Hub, run: Run, few_rows: Path, tmp_path: Path, fault: dict[str, Any]
) -> None:
    for route in ROUTES:
        repo = f"alice/set-{route}"
        shutil.rmtree(hub.store.objects, ignore_errors=True)
        hub.store.objects.mkdir()
        words = push_that_meets(route, few_rows, tmp_path, repo, run)
        struck = hub.faults.add(route, times=10**6, **fault)
        done = run(*words)
        hub.faults.clear()
        assert struck.hits, route
        if route != "verify":  # the second attempt finds the content there, and asks no more
            assert done.exit_code == (2 if fault.get("status") == 403 else 1), route
            said = [
                line
                for line in done.stderr.splitlines()
                if not line.startswith(("Checking", "Sending", "The "))
            ]
            assert len(said) == 1, said
        for revision in hub.branches(repo) if repo in hub.repos() else ():
            assert is_whole(hub, repo, revision), route
        assert run(*words).exit_code == 0, route


def test_a_server_that_asks_for_long_is_told_to_the_user(hub: Hub, run: Run, few_rows: Path) -> None:
    struck = hub.faults.add("commit", times=99, retry_after=3600)
    done = run("push", few_rows, SET)
    assert (done.exit_code, struck.hits) == (1, 1)
    assert "The Hub answered 429" in done.stderr
    assert "run the same command again" in done.stderr


def test_a_hub_that_is_away_is_one_sentence(
    hub: Hub, run: Run, few_rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.stop()
    done = run("push", few_rows, SET)
    assert done.exit_code == 1
    assert f"Error: {hub.url} cannot be reached (Connection refused)" in done.stderr
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set" in run("push", few_rows, SET).stderr


def test_a_push_in_parts(hub: Hub, run: Run, whole_set: Path) -> None:
    hub.part_size = 20_000
    hub.faults.add("put_part", after=1, status=500, times=2)
    hub.faults.add("complete", drop=True, when="after")
    assert run("push", whole_set, SET).exit_code == 0
    assert is_whole(hub, SET)


# Interruptions, and several at once


@pytest.mark.slow
def test_a_killed_push_goes_on_where_it_stopped(tmp_path: Path, forty_shards: Path) -> None:
    with Hub(tmp_path / "hub", xet=False) as hub:
        environment = hub.environment("alice")
        whole = run_command("push", forty_shards, "alice/whole", cwd=tmp_path, environment=environment)
        assert whole.returncode == 0, whole.stderr
        expected, text = files(hub, repo="alice/whole"), hub.read("alice/whole", "README.md").decode()
        shutil.rmtree(hub.store.objects)
        hub.store.objects.mkdir()
        hub.log.clear()
        hub.faults.add("put", after=21, times=10**6, delay=30, drop=True)
        with start("push", forty_shards, SET, cwd=tmp_path, environment=environment) as process:
            wait_for(lambda: len([entry for entry in hub.requests("put") if entry.status == 200]) == 21)
            os.killpg(process.pid, signal.SIGKILL)
        assert shards(hub) == []
        hub.faults.clear()
        hub.log.clear()
        again = run_command("push", forty_shards, SET, cwd=tmp_path, environment=environment)
        assert again.returncode == 0, again.stderr
        assert len(hub.requests("put")) == 19
        del expected["README.md"]
        assert expected.items() <= files(hub).items()
        assert card(hub) == text.replace("alice/whole", SET)


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, few_rows: Path) -> None:
    with Hub(tmp_path / "hub", xet=False) as hub:
        slow = hub.faults.add("put", times=10**6, delay=1)
        with start("push", few_rows, SET, cwd=tmp_path, environment=hub.environment("alice")) as process:
            wait_for(lambda: bool(slow.hits))
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "Interrupted. Files that were sent are kept; run the same command to resume." in err
        assert "Traceback" not in err
        assert shards(hub) == []


def test_sixty_shards_become_visible_in_one_step(hub: Hub, run: Run, sixty_shards: Path) -> None:
    hub.faults.add("commit", after=1, times=10**6, status=503)
    done = run("push", sixty_shards, SET)
    assert done.exit_code == 1
    assert shards(hub) == []
    assert len(hub.branches(SET)) == 2
    hub.faults.clear()
    hub.log.clear()
    done = run("push", sixty_shards, SET, "--tag", "v1")
    assert done.exit_code == 0, done.stderr
    assert is_whole(hub, SET)
    assert len(shards(hub)) == 60
    assert len(hub.requests("put")) <= 14  # what the second batch lacked
    assert len(hub.commits(SET)) == 2
    assert list(hub.branches(SET)) == ["main"]
    hub.log.clear()
    assert run("push", sixty_shards, SET, "--tag", "v1").exit_code == 0
    assert nothing_was_sent(hub)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("route", ["commit", "branch", "paths", "refs"])
def test_sixty_shards_survive_lost_answers(
    hub: Hub, run: Run, sixty_shards: Path, route: str, when: Any
) -> None:
    for after in range(3):
        hub.faults.add(route, after=after, drop=True, when=when)
    done = run("push", sixty_shards, SET)
    assert done.exit_code == 0, done.stderr
    assert is_whole(hub, SET)
    assert len(hub.commits(SET)) == 2
    assert list(hub.branches(SET)) == ["main"]


@pytest.mark.parametrize("big", [False, True])
def test_two_pushes_at_once_both_end_well(hub: Hub, few_rows: Path, sixty_shards: Path, big: bool) -> None:
    folder = sixty_shards if big else few_rows
    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(lambda _: push(folder, SET, tag="v1"), range(2))
    assert one.commit == two.commit == hub.branches(SET)["main"] == hub.tags(SET)["v1"]
    assert is_whole(hub, SET)
    assert len(hub.commits(SET)) == 2
    assert list(hub.branches(SET)) == ["main"]


def is_one_of(hub: Hub, repo: str, sets: tuple[Path, ...]) -> bool:
    """Whether a repository is wholly one of these sets, its card too."""
    there = {path: hub.read(repo, path) for path in files(hub, repo=repo)}
    rows = [
        info["num_examples"]
        for info in read_card(there.pop("README.md").decode(), repo).front["dataset_info"]["splits"]
    ]
    wholes = [
        {path: content for path, content in contents(each).items() if path != "README.md"} for each in sets
    ]
    return [len(rows_of(sets[at])) for at, whole in enumerate(wholes) if whole == there] == rows


@pytest.fixture
def two_sets(few_rows: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Two sets with other rows, another number of them, and other names of shards."""
    return few_rows, garden(tmp_path / "rival", 3, seed=5, image_size=None, shard_rows=1)


def test_two_pushes_at_once_to_a_new_repository_never_mix(hub: Hub, two_sets: tuple[Path, Path]) -> None:
    for number in range(10):
        repo = f"alice/new{number}"
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(lambda folder, repo=repo: push(folder, repo), two_sets))
        assert is_one_of(hub, repo, two_sets), number
        assert hub.branches(repo)["main"] in [each.commit for each in done]


@pytest.mark.parametrize("route", ["create", "preupload", "commit"])
def test_a_push_that_comes_first_to_a_new_repository_is_replaced_as_a_whole(
    hub: Hub, two_sets: tuple[Path, Path], route: str
) -> None:
    slow = hub.faults.add(route, delay=0.6)
    with ThreadPoolExecutor(1) as pool:
        pushed = pool.submit(push, two_sets[0], SET)
        wait_for(lambda: bool(slow.hits))
        push(two_sets[1], SET)
        pushed.result()
    assert is_one_of(hub, SET, two_sets)
    assert len(hub.commits(SET)) == 3


def test_a_rivals_commit_is_kept(hub: Hub, run: Run, whole_set: Path) -> None:
    hub.seed(SET, {"notes.txt": b"old"}, private=True)
    fault = hub.faults.add("preupload", delay=0.8)
    with ThreadPoolExecutor(1) as pool:
        pushed = pool.submit(push, whole_set, SET)
        wait_for(lambda: bool(fault.hits))
        hub.seed(SET, {"notes.txt": b"new"})
        pushed.result()
    assert hub.read(SET, "notes.txt") == b"new"
    assert is_whole(hub, SET)
    assert hub.requests("commit")[0].status == 412
