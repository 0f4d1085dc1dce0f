"""Pushing: one commit, repeatable at any point, refused where it would break something."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from huggingface_hub import constants
from support.hub_server import Hub
from support.sets import Run, change_cell, contents, garden, replace_shard, rows_of, start, wait_for
from support.sets import run as run_command

from datagen.hub.push import push

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SET = "alice/set"
SENDING = ("preupload", "batch", "put", "put_part", "commit", "create", "branch", "tag", "xorb", "shard")


def files(hub: Hub, revision: str = "main", repo: str = SET) -> dict[str, str]:
    """Path -> SHA-256 of what the repository has."""
    return {path: file.sha256 for path, file in hub.files(repo, revision).items() if path != ".gitattributes"}


def shards(hub: Hub, revision: str = "main") -> list[str]:
    return sorted(path for path in files(hub, revision) if path.endswith(".parquet"))


def card(hub: Hub, revision: str = "main") -> str:
    return hub.read(SET, "README.md", revision).decode()


def nothing_was_sent(hub: Hub) -> bool:
    return not [entry for entry in hub.log if entry.route in SENDING]


def is_whole(hub: Hub, repo: str, revision: str = "main") -> bool:
    """Whether a revision is a whole set, or has nothing of one."""
    there = files(hub, revision, repo)
    if "manifest.json" not in there:
        return not [path for path in there if path != "README.md"]
    manifest = json.loads(hub.read(repo, "manifest.json", revision))
    listed = {shard["path"]: shard["sha256"] for shard in manifest["shards"]}
    return listed == {path: sha for path, sha in there.items() if path.endswith(".parquet")}


def client(hub: Hub, code: str, folder: Path) -> Any:
    """What a script prints as JSON that uses the official libraries in a process of its own."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=folder,
        env=os.environ | hub.environment("alice"),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


# The usual way


def test_a_push_is_one_commit_with_the_bytes_on_disk(hub: Hub, run: Run, whole_set: Path) -> None:
    done = run("push", whole_set, SET, "--tag", "v1")
    assert done.exit_code == 0
    assert [commit.title.split(" (")[0] for commit in hub.commits(SET)] == [
        "Push 24 synthetic rows",
        "initial commit",
    ]
    there, here = hub.files(SET), contents(whole_set)
    assert {path for path in there if path not in {".gitattributes", "README.md"}} == here.keys() - {
        "README.md"
    }
    for path in here.keys() - {"README.md"}:
        assert hub.read(SET, path) == here[path]
    assert hub.tags(SET) == {"v1": hub.branches(SET)["main"]}
    assert hub.repo(SET).private
    said = " ".join(done.stdout.split())
    for words in (hub.branches(SET)["main"], f"{hub.url}/datasets/{SET}", "you only"):
        assert words in said
    assert f'load_dataset("{SET}", revision="v1")' in said
    assert f'load_dataset("{SET}", split="train")' in card(hub)


def pulled(folder: Path, source: Path, rows: int, run: Run) -> Path:
    """A dataset folder of ``rows`` rows, imported from a CSV file."""
    source.write_text("title\n" + "".join(f"Coat number {number}\n" for number in range(rows)))
    done = run("pull", source, "--out", folder, "--no-images")
    assert done.exit_code == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    ("rows", "name", "title"),
    [
        (3, "shop.csv", "Push 3 rows from shop.csv"),
        (1, "shop.csv", "Push 1 row from shop.csv"),
        (2, f"{'x' * 200}.csv", f"Push 2 rows from {'x' * 80}"),
    ],
)
def test_pulled_rows_are_not_called_synthetic(
    hub: Hub, run: Run, tmp_path: Path, rows: int, name: str, title: str
) -> None:
    folder = pulled(tmp_path / "set", tmp_path / name, rows, run)
    done = run("push", folder, SET)
    assert done.exit_code == 0, done.stderr
    assert re.fullmatch(re.escape(title) + r" \([0-9a-f]{12}\)", hub.commits(SET)[0].title)


def test_a_mixture_says_how_many_rows_were_made_and_how_many_were_pulled(
    hub: Hub, run: Run, tmp_path: Path
) -> None:
    mixture = tmp_path / "mixture"
    garden(mixture / "synthetic", 5, image_size=None)
    garden(mixture / "more", 4, image_size=None, seed=1)
    pulled(mixture / "real", tmp_path / "shop.csv", 3, run)
    assert run("push", mixture, SET).exit_code == 0
    assert hub.commits(SET)[0].title.startswith("Push 9 synthetic rows and 3 rows from shop.csv (")
    pulled(mixture / "other", tmp_path / "other.csv", 2, run)
    assert run("push", mixture, SET).exit_code == 0
    assert hub.commits(SET)[0].title.startswith("Push 9 synthetic rows and 5 rows from 2 sources (")


def test_the_same_push_again_sends_nothing(hub: Hub, run: Run, whole_set: Path) -> None:
    first = json.loads(run("push", whole_set, SET, "--json").stdout)
    hub.log.clear()
    again = json.loads(run("push", whole_set, SET, "--json").stdout)
    assert nothing_was_sent(hub)
    assert (again["commit"], again["sent"], again["bytes"]) == (first["commit"], 0, 0)
    assert "the repository was already complete" in run("push", whole_set, SET).stdout
    run("push", whole_set, SET, "--tag", "v1")
    assert hub.tags(SET) == {"v1": first["commit"]}
    assert len(hub.commits(SET)) == 2


def test_only_the_shard_that_changed_travels(hub: Hub, run: Run, own_set: Path) -> None:
    run("push", own_set, SET)
    before = files(hub)
    table = pq.read_table(sorted((own_set / "data").iterdir())[2])
    replace_shard(own_set, 2, table.slice(0, 3).replace_schema_metadata(table.schema.metadata))
    manifest = json.loads((own_set / "manifest.json").read_text())
    manifest["shards"][2]["rows"] = 3
    manifest["recipe"]["rows"] = 23
    (own_set / "manifest.json").write_text(json.dumps(manifest))
    hub.log.clear()
    done = run("push", own_set, SET)
    assert done.exit_code == 0, done.stderr
    assert len(hub.requests("put")) == 1
    changed = {path for path, sha in files(hub).items() if before[path] != sha}
    assert changed == {"data/train-00002-of-00003.parquet", "manifest.json", "README.md"}


def test_shards_that_are_no_longer_part_of_it_go(hub: Hub, run: Run, whole_set: Path, tmp_path: Path) -> None:
    run("push", whole_set, SET)
    hub.seed(SET, {"notes.txt": b"mine", "data/mine.bin": b"\0mine"})
    run("push", garden(tmp_path / "less", 8), SET)
    assert shards(hub) == ["data/train-00000-of-00001.parquet"]
    assert {"notes.txt", "data/mine.bin"} <= files(hub).keys()
    assert is_whole(hub, SET)


def test_a_dry_run_checks_everything_and_sends_nothing(hub: Hub, run: Run, own_set: Path) -> None:
    done = run("push", own_set, SET, "--dry-run", "--tag", "v1")
    assert done.exit_code == 0
    assert "Nothing was sent" in done.stdout
    assert nothing_was_sent(hub)
    assert hub.repos() == []
    run("push", own_set, SET, "--tag", "v1")
    change_cell(own_set, 0, "now_eur", 1)
    assert run("push", own_set, SET, "--dry-run").exit_code == 2
    shutil.rmtree(own_set)
    garden(own_set, 8)
    hub.log.clear()
    told = json.loads(run("push", own_set, SET, "--dry-run", "--json").stdout)
    assert (told["commit"], told["deleted"]) == ("", 3)
    assert "already has the tag v1" in run("push", own_set, SET, "--dry-run", "--tag", "v1").stderr
    assert nothing_was_sent(hub)


def test_json_is_one_object_also_of_an_error(hub: Hub, run: Run, whole_set: Path) -> None:
    done = run("push", whole_set, SET, "--json")
    assert len(done.stdout.splitlines()) == 1
    assert json.loads(done.stdout)["repo"] == SET
    assert done.stderr == ""
    done = run("push", whole_set, "bob/set", "--json")
    assert len(done.stdout.splitlines()) == 1
    assert "may not write to bob" in json.loads(done.stdout)["error"]


def test_progress_counts_bytes(hub: Hub, run: Run, whole_set: Path) -> None:
    total = sum(path.stat().st_size for path in whole_set.rglob("*") if path.is_file())
    total -= (whole_set / "README.md").stat().st_size
    told: list[tuple[int, int]] = []
    push(whole_set, "alice/other", progress=lambda done, every: told.append((done, every)))
    assert told == sorted(told)
    assert told[-1] == (total, total)
    done = run("push", whole_set, SET)
    assert re.fullmatch(
        rf"Sending: {total / 1000:.1f} kB of {total / 1000:.1f} kB(, [\d.]+ [kMG]B/s)?\n", done.stderr
    )
    assert run("push", whole_set, "alice/third", "--quiet").output == ""


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


# What is refused for the data's sake


def test_a_folder_with_faults_is_not_pushed(hub: Hub, run: Run, own_set: Path) -> None:
    change_cell(own_set, 3, "now_eur", 1)
    done = run("push", own_set, SET)
    assert done.exit_code == 2
    assert "has faults and is not pushed" in done.stderr
    (own_set / "manifest.json").unlink()
    assert "not a finished dataset" in run("push", own_set, SET).stderr
    own_set.rename(own_set.with_name("half.partial"))
    assert "is not finished; start the same command" in run("push", own_set.with_name("half"), SET).stderr
    assert nothing_was_sent(hub)


def test_other_columns_are_refused_with_the_way_out(
    hub: Hub, run: Run, whole_set: Path, few_rows: Path
) -> None:
    run("push", whole_set, SET)
    before = hub.branches(SET)["main"]
    hub.log.clear()
    done = run("push", few_rows, SET)
    assert done.exit_code == 2
    assert "The table default of alice/set has other columns" in done.stderr
    assert "differs), and a push would make it impossible to load; give --config NAME" in done.stderr
    assert nothing_was_sent(hub)
    assert hub.branches(SET)["main"] == before
    assert run("push", few_rows, SET, "--config", "rows").exit_code == 0


FOREIGN = [
    {"data/train-00000-of-00001.parquet": b"PAR1\0"},
    {"data/train-00000-of-00003.parquet": b"PAR1\0", "README.md": b"---\nlicense: mit\n---\n"},
    {"train.csv": b"a,b\n1,2\n"},
    {"pictures/1.jpg": b"\xff\xd8\0"},
]


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda foreign: next(iter(foreign)))
def test_somebody_elses_data_is_neither_overwritten_nor_hidden(
    hub: Hub, run: Run, few_rows: Path, foreign: dict[str, bytes]
) -> None:
    before = hub.seed(SET, foreign).oid
    done = run("push", few_rows, SET)
    assert done.exit_code == 2
    assert f"{SET} holds data that datagen did not push" in done.stderr
    assert nothing_was_sent(hub)
    assert hub.branches(SET)["main"] == before


def test_a_new_repository_with_a_licence_and_a_card_is_filled(hub: Hub, run: Run, few_rows: Path) -> None:
    hub.seed(SET, {"README.md": b"---\nlicense: mit\n---\n# Mine\n", "LICENSE": b"MIT"})
    assert run("push", few_rows, SET).exit_code == 0
    assert "license: mit" in card(hub)
    assert "# Mine" in card(hub)


# Tags, branches, pull requests


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


# Faults


ROUTES = (
    *("whoami", "info", "create", "preupload", "batch", "put", "verify", "commit"),
    *("tree", "refs", "tag", "branch", "resolve", "validate_yaml", "discussion"),
)
PASSING: list[dict[str, Any]] = [
    *({"status": status} for status in (408, 409, 412, 429, 500, 502, 503, 504)),
    {"drop": True},
    {"drop": True, "when": "after"},
    {"status": 503, "when": "after"},
    {"retry_after": 1},
    {"rate_limit": 1},
    {"status": 503, "times": 3},
]


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
    for number, fault in enumerate(PASSING):
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
            said = [line for line in done.stderr.splitlines() if not line.startswith("Sending")]
            assert len(said) == 1, said
        for revision in hub.branches(repo) if repo in hub.repos() else ():
            assert is_whole(hub, repo, revision), route
        assert run(*words).exit_code == 0, route


def test_a_server_that_asks_for_long_is_told_to_the_user(hub: Hub, run: Run, few_rows: Path) -> None:
    struck = hub.faults.add("commit", times=99, retry_after=3600)
    done = run("push", few_rows, SET)
    assert (done.exit_code, struck.hits) == (1, 1)
    assert "The Hub answered 429" in done.stderr
    assert "start the same command again" in done.stderr


def test_a_hub_that_is_away_is_one_sentence(
    hub: Hub, run: Run, few_rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.stop()
    done = run("push", few_rows, SET)
    assert done.exit_code == 1
    assert f"The connection to {hub.url} failed" in done.stderr
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


# The card


def test_a_users_words_on_the_hub_survive(hub: Hub, run: Run, own_set: Path) -> None:
    run("push", own_set, SET)
    text = card(hub).replace("license: cc0-1.0", "license: mit\nextra_gated_prompt: Ask nicely")
    text = text.replace("- synthetic\n", "- synthetic\n- mine\n")
    hub.seed(SET, {"README.md": f"{text}\n## About the project\n\nWritten on the Hub.\n".encode()})
    with (own_set / "README.md").open("a") as file:
        file.write("\nWritten in the folder.\n")
    assert run("push", own_set, SET).exit_code == 0
    for words in ("license: mit", "Ask nicely", "- mine", "Written on the Hub.", "Written in the folder."):
        assert card(hub).count(words) == 1, words
    commit = hub.branches(SET)["main"]
    run("push", own_set, SET)
    assert hub.branches(SET)["main"] == commit


def test_yaml_changed_in_the_folder_arrives(hub: Hub, run: Run, own_set: Path) -> None:
    run("push", own_set, SET)
    path = own_set / "README.md"
    path.write_text(path.read_text().replace("license: cc0-1.0", "license: cc-by-4.0\nviewer: false"))
    run("push", own_set, SET)
    assert "license: cc-by-4.0" in card(hub)
    assert "viewer: false" in card(hub)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"---\na: [1\n---\n", "README.md line "),
        (b"---\n- a\n---\n", "is not a mapping"),
        (b"---\na: &x [1]\nb: *x\n---\n", "aliases"),
        (b"x" * 9_000_000, "larger than any card"),
        (b"---\nlicense: my-own\n---\n", 'The Hub rejects the YAML of the card ("license" must be one of'),
    ],
)
def test_a_card_that_cannot_be_merged_is_refused(
    hub: Hub, run: Run, few_rows: Path, text: bytes, said: str
) -> None:
    hub.seed(SET, {"README.md": text})
    done = run("push", few_rows, SET)
    assert done.exit_code == 2
    assert said in done.stderr
    assert nothing_was_sent(hub)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"# Mine\n",
        b"\xff\xfe not UTF-8",
        b"---\n---\n# Mine",
        b"---\r\nlicense: mit\r\n---\r\n# Mine\r\n",
        b"---\nconfigs: 5\ndataset_info: [1, {splits: x}]\ntags: one\n---\n",
        b"---\ndataset_info: {config_name: default, splits: [{name: test, num_bytes: many}]}\n---\n",
        b"---\nconfigs: [{config_name: default, data_files: data/x.parquet}]\n---\n",
        b"<!-- datagen begin default/train : -->" * 20_000,
    ],
    ids=range(9),
)
def test_an_odd_card_is_mended(hub: Hub, run: Run, few_rows: Path, text: bytes) -> None:
    hub.seed(SET, {"README.md": text})
    done = run("push", few_rows, SET)
    assert done.exit_code == 0, done.stderr
    assert is_whole(hub, SET)
    assert "# Mine" not in text.decode(errors="replace") or "# Mine" in card(hub)
    run("push", few_rows, SET)
    assert len(hub.commits(SET)) == 3


def test_a_faulty_card_in_the_folder_is_refused(hub: Hub, run: Run, own_set: Path) -> None:
    path = own_set / "README.md"
    text = path.read_text()
    for wrong, said in (
        (text.replace("license: cc0-1.0", "license: my-own").encode(), "The Hub rejects the YAML"),
        (text.replace("license:", "license: [").encode(), "README.md line "),
        (text.encode() + b"\xff", "not UTF-8"),
    ):
        path.write_bytes(wrong)
        done = run("push", own_set, SET)
        assert done.exit_code == 2
        assert said in done.stderr
    assert nothing_was_sent(hub)


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


# Both transports, as users have them: the real command and the official libraries in their own processes


LOADED = """
    import hashlib, io, json
    from datasets import Image, load_dataset

    whole = load_dataset("alice/set", split="train", revision="v1")
    whole = whole.cast_column("picture", Image(decode=False))
    streamed = load_dataset("alice/set", split="train", streaming=True)
    first = next(iter(streamed))
    print(json.dumps({
        "codes": whole["sku"][:],
        "pictures": [hashlib.sha256(row["picture"]["bytes"]).hexdigest() for row in whole],
        "streamed": [row["sku"] for row in streamed],
        "size": first["picture"].size,
    }))
"""


@pytest.mark.slow
@pytest.mark.parametrize("xet", [True, False], ids=["xet", "lfs"])
def test_both_transports_there_and_back(tmp_path: Path, whole_set: Path, xet: bool) -> None:
    with Hub(tmp_path / "hub", xet=xet) as hub:
        faults = []
        if xet:
            faults = [hub.faults.add(route, status=503) for route in ("xet_write", "xorb", "shard", "commit")]
        environment = hub.environment("alice")
        done = run_command("push", whole_set, SET, "--tag", "v1", cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        assert all(fault.hits for fault in faults)
        assert bool(hub.requests("xorb")) == xet != bool(hub.requests("put"))
        hub.log.clear()
        done = run_command("push", whole_set, SET, "--json", cwd=tmp_path, environment=environment)
        assert json.loads(done.stdout)["sent"] == 0
        assert nothing_was_sent(hub)
        loaded = client(hub, LOADED, tmp_path / "client")
        rows = rows_of(whole_set)
        assert loaded["codes"] == loaded["streamed"] == [row["sku"] for row in rows]
        assert loaded["pictures"] == [hashlib.sha256(row["picture"]["bytes"]).hexdigest() for row in rows]
        assert loaded["size"] == [64, 64]
        done = run_command("pull", f"{SET}@v1", "--out", "back", cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        here, back = contents(whole_set), contents(tmp_path / "back")
        assert here.pop("README.md").decode().count("load_dataset(") == 1
        assert f'load_dataset("{SET}", split="train")' in back.pop("README.md").decode()
        assert here == back


@pytest.mark.slow
def test_xet_storage_that_stays_away_is_one_sentence(tmp_path: Path, few_rows: Path) -> None:
    with Hub(tmp_path / "hub") as hub:
        hub.faults.add("xet_write", times=10**6, status=403)
        done = run_command("push", few_rows, SET, cwd=tmp_path, environment=hub.environment("alice"))
        assert done.returncode in {1, 2}
        assert "Traceback" not in done.stderr
        assert len([line for line in done.stderr.splitlines() if line.startswith("Error: ")]) == 1
        assert shards(hub) == []


@pytest.mark.slow
def test_mixtures_load_by_config_and_split(tmp_path: Path) -> None:
    for seed, place in enumerate(("real", "synthetic", "mixed/train", "mixed/validation", "mixed/test")):
        garden(tmp_path / "mixture" / place, 4 + seed, seed=seed, image_size=None)
    code = """
        import json
        from datasets import get_dataset_config_names, load_dataset
        names = get_dataset_config_names("alice/set")
        sets = {name: load_dataset("alice/set", name) for name in names}
        print(json.dumps({name: {s: len(rows) for s, rows in of.items()} for name, of in sets.items()}))
    """
    with Hub(tmp_path / "hub", xet=False) as hub:
        environment = hub.environment("alice")
        done = run_command("push", tmp_path / "mixture", SET, cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        assert client(hub, code, tmp_path / "client") == {
            "mixed": {"train": 6, "validation": 7, "test": 8},
            "real": {"train": 4},
            "synthetic": {"train": 5},
        }
        more = garden(tmp_path / "more", 9, seed=9, image_size=None)
        for words in (["--config", "real", "--split", "test"], ["--config", "extra", "--split", "dev"]):
            done = run_command("push", more, SET, *words, cwd=tmp_path, environment=environment)
            assert done.returncode == 0, done.stderr
        loaded = client(hub, code, tmp_path / "second")
        assert loaded["real"] == {"train": 4, "test": 9}
        assert loaded["extra"] == {"dev": 9}
        assert loaded["mixed"] == {"train": 6, "validation": 7, "test": 8}
        done = run_command("pull", SET, "--out", "back", cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        hub.log.clear()
        done = run_command("push", "back", SET, "--json", cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["sent"] == 0
