"""Pulling: the same folder and the same checksums, whole or not at all, nothing else."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from huggingface_hub import constants
from support.hub_server import Hub
from support.killed import killed_at
from support.sets import Run, contents, garden

from datagen.hub.pull_back import NotPushed, pull_back
from datagen.schemas import InputError
from datagen.schemas.terminal import size

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SET = "alice/set"


def same_but_for_the_card(one: Path, other: Path) -> bool:
    here, there = contents(one), contents(other)
    return here.pop("README.md") != there.pop("README.md") and here == there


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "back"


def test_branch_tag_commit_and_at_give_back_the_same_checksums(
    hub: Hub, run: Run, whole_set: Path, tmp_path: Path
) -> None:
    run("push", whole_set, SET, "--tag", "v1", "--revision", "side/way")
    run("push", garden(tmp_path / "other", 8), SET)
    commit = hub.tags(SET)["v1"]
    for number, words in enumerate(
        (
            [f"{SET}@v1"],
            [SET, "--revision", "v1"],
            [f"{SET}@side/way"],
            [f"{SET}@{commit}"],
            [SET, "--revision", commit],
        )
    ):
        back = tmp_path / f"back{number}"
        done = run("pull", *words, "--out", back)
        assert done.exit_code == 0, done.stderr
        assert f"Pulled 24 rows to {back} (commit {commit[:8]}); all checksums match." in " ".join(
            done.stdout.split()
        )
        assert same_but_for_the_card(whole_set, back)
        assert run("verify", back).exit_code == 0
    assert json.loads(run("pull", SET, "--out", tmp_path / "main", "--json").stdout)["rows"] == 8
    assert "give one of them" in run("pull", f"{SET}@v1", "--revision", "v2").stderr


def test_json_and_quiet(hub: Hub, run: Run, few_rows: Path, out: Path) -> None:
    run("push", few_rows, SET)
    done = run("pull", SET, "--out", out, "--json")
    commit = hub.branches(SET)["main"]
    summary = {"path": str(out), "repo": SET, "commit": commit, "tables": 1, "rows": 4}
    assert [json.loads(line) for line in done.stdout.splitlines()] == [summary]
    assert run("pull", SET, "--out", out, "--overwrite", "--quiet").output == ""


def test_progress_goes_to_stderr_in_bytes_up_to_the_whole(
    hub: Hub, run: Run, few_rows: Path, out: Path
) -> None:
    run("push", few_rows, SET)
    done = run("pull", SET, "--out", out)
    total = sum(file.size for file in hub.files(SET).values() if file.path != ".gitattributes")
    assert done.stderr.splitlines()[-1].startswith(f"Receiving: {size(total)} of {size(total)}")
    assert "Receiving" not in done.stdout


def test_only_what_is_asked_for_of_several_tables(hub: Hub, run: Run, tmp_path: Path) -> None:
    places = ["train", "validation", "real/train", "real/test"]
    for seed, place in enumerate(places):
        garden(tmp_path / "many" / place, 3 + seed, seed=seed, image_size=None)
    assert run("push", tmp_path / "many", SET).exit_code == 0
    for words, expected in (
        ([], {"manifest.json": 3, "validation/manifest.json": 4, "real/manifest.json": 5}),
        (["--config", "default"], {"manifest.json": 3, "validation/manifest.json": 4}),
        (["--config", "real", "--split", "test"], {"real/test/manifest.json": 6}),
        (["--split", "validation"], {"validation/manifest.json": 4}),
    ):
        back = tmp_path / "back"
        done = run("pull", SET, "--out", back, "--overwrite", *words)
        assert done.exit_code == 0, done.stderr
        found = {
            str(path.relative_to(back)): sum(s["rows"] for s in json.loads(path.read_text())["shards"])
            for path in back.rglob("manifest.json")
        }
        assert expected.items() <= found.items()
        assert len(found) == (4 if not words else len(expected))
    done = run("pull", SET, "--out", tmp_path / "none", "--config", "fake")
    assert done.exit_code == 2
    assert (
        "no such config and split; it has default/train, real/train, real/test, default/validation."
        in done.stderr
    )


def test_what_was_pulled_can_be_pushed_again(hub: Hub, run: Run, tmp_path: Path, out: Path) -> None:
    for seed, place in enumerate(["train", "validation", "test"]):
        garden(tmp_path / "many" / place, 3 + seed, seed=seed, image_size=None)
    run("push", tmp_path / "many", SET)
    run("pull", SET, "--out", out)
    summary = json.loads(run("push", out, SET, "--json").stdout)
    assert (summary["sent"], summary["commit"]) == (0, hub.branches(SET)["main"])


# Interruptions and damage


def test_an_interrupted_pull_resumes(hub: Hub, run: Run, whole_set: Path, out: Path) -> None:
    run("push", whole_set, SET)
    path = hub.files(SET)["data/train-00001-of-00003.parquet"].sha256
    hub.faults.add("blob", path=path, times=10**6, drop=True)
    done = run("pull", SET, "--out", out)
    assert done.exit_code == 1
    assert "run the same command again" in done.stderr
    assert not out.exists()
    hub.faults.clear()
    hub.log.clear()
    assert run("pull", SET, "--out", out).exit_code == 0
    assert same_but_for_the_card(whole_set, out)
    assert len([entry for entry in hub.requests("blob") if entry.method == "GET"]) < 4
    assert not out.with_name("back.partial").exists()


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True}, {"retry_after": 1}], ids=str)
@pytest.mark.parametrize("route", ["info", "tree", "resolve", "blob"])
def test_a_fault_that_passes_is_survived(
    hub: Hub, run: Run, few_rows: Path, out: Path, route: str, fault: dict[str, int]
) -> None:
    run("push", few_rows, SET)
    struck = hub.faults.add(route, **fault)
    done = run("pull", SET, "--out", out)
    assert done.exit_code == 0, done.stderr
    assert struck.hits == 1
    assert same_but_for_the_card(few_rows, out)


@pytest.mark.parametrize("route", ["info", "tree", "resolve", "blob"])
def test_a_fault_that_stays_is_one_sentence(
    hub: Hub, run: Run, few_rows: Path, out: Path, route: str
) -> None:
    run("push", few_rows, SET)
    hub.faults.add(route, times=10**6, status=503)
    done = run("pull", SET, "--out", out)
    assert done.exit_code == 1
    assert not out.exists()


@pytest.mark.parametrize("name", ["data/train-00001-of-00003.parquet", "schema.yaml"])
def test_a_damaged_download_is_seen(hub: Hub, run: Run, whole_set: Path, out: Path, name: str) -> None:
    run("push", whole_set, SET)
    stored = hub.store.path(hub.files(SET)[name].sha256)
    content = stored.read_bytes()
    stored.write_bytes(content[:-9] + bytes(byte ^ 1 for byte in content[-9:]))
    done = run("pull", SET, "--out", out)
    assert done.exit_code == 1
    assert f"{name} arrived incomplete or damaged; run the same command again." in done.stderr
    assert not out.exists()
    stored.write_bytes(content)
    assert run("pull", SET, "--out", out).exit_code == 0
    assert same_but_for_the_card(whole_set, out)


def test_what_is_not_whole_on_the_hub_is_refused(hub: Hub, run: Run, few_rows: Path, out: Path) -> None:
    run("push", few_rows, SET)
    hub.seed(SET, {"data/train-00001-of-00002.parquet": b"\0other"})
    done = run("pull", SET, "--out", out)
    assert done.exit_code == 2
    assert "is not whole on the Hub: data/train-00001-of-00002.parquet" in done.stderr
    assert not out.exists()


def test_nothing_of_an_older_pull_is_left(
    hub: Hub, run: Run, whole_set: Path, out: Path, tmp_path: Path
) -> None:
    run("push", whole_set, SET)
    hub.faults.add("blob", after=3, times=10**6, status=503)
    assert run("pull", SET, "--out", out).exit_code == 1
    hub.faults.clear()
    less = garden(tmp_path / "less", 8)
    run("push", less, SET)
    assert run("pull", SET, "--out", out).exit_code == 0
    assert same_but_for_the_card(less, out)


def test_the_old_dataset_stays_until_the_new_one_has_its_name(
    hub: Hub, run: Run, few_rows: Path, own_set: Path
) -> None:
    """Killed just before its last step, a pull has lost nothing, and the same command finishes it."""
    run("push", few_rows, SET)
    before = contents(own_set)

    def renames_to_its_name(event: str, arguments: tuple[Any, ...]) -> bool:
        return event == "os.rename" and Path(arguments[1]) == own_set

    assert killed_at(renames_to_its_name, lambda: pull_back(SET, own_set, overwrite=True))
    assert contents(own_set.with_name("own.old")) == before
    done = run("pull", SET, "--out", own_set, "--overwrite")
    assert done.exit_code == 0, done.stderr
    assert same_but_for_the_card(few_rows, own_set)
    assert not list(own_set.parent.glob("own.*"))


def test_killed_at_any_step_after_the_last_download_a_pull_is_finished_by_the_same_command(
    hub: Hub, run: Run, few_rows: Path, tmp_path: Path
) -> None:
    """And fetches nothing twice."""
    run("push", few_rows, SET)
    for step in count(1):
        out, arrived, steps = tmp_path / str(step) / "back", Event(), count(1)

        def downloaded(done: int, total: int, arrived: Event = arrived) -> None:
            if done == total:
                arrived.set()

        def is_step(event: str, arguments: tuple[Any, ...], arrived=arrived, steps=steps, step=step) -> bool:
            # Of the client's many notes, those on one file are enough.
            others = any(name in str(arguments[0]) for name in ("parquet", "profile", "README"))
            return arrived.is_set() and not others and next(steps) == step

        killed = killed_at(is_step, lambda: pull_back(SET, out, progress=downloaded))  # noqa: B023
        hub.log.clear()
        if not out.exists():
            done = run("pull", SET, "--out", out)
            assert done.exit_code == 0, (step, done.stderr)
        else:
            assert "already exists" in run("pull", SET, "--out", out).stderr
        assert same_but_for_the_card(few_rows, out), step
        assert [path.name for path in out.parent.iterdir()] == ["back"], step
        assert not [entry for entry in hub.requests("blob") if entry.method == "GET"], step
        if not killed:
            break
    assert step > 10


def test_of_two_pulls_at_once_one_wins_and_the_other_says_why(
    hub: Hub, run: Run, few_rows: Path, tmp_path: Path
) -> None:
    run("push", few_rows, SET)

    def outcome(out: Path) -> str:
        try:
            pull_back(SET, out)
        except InputError as error:
            return str(error)
        return "pulled"

    for number in range(20):
        out = tmp_path / str(number) / "back"
        with ThreadPoolExecutor(2) as pool:
            outcomes = sorted(pool.map(outcome, [out, out]))
        assert outcomes[1] == "pulled", outcomes
        assert outcomes[0].startswith(("Another run is writing", f"{out} already exists")), outcomes
        assert same_but_for_the_card(few_rows, out)


def test_of_two_pulls_into_one_folder_the_second_is_refused(
    hub: Hub, run: Run, few_rows: Path, out: Path
) -> None:
    run("push", few_rows, SET)
    refused: list[str] = []

    def second(done: int, total: int) -> None:
        with pytest.raises(InputError) as error:
            pull_back(SET, out)
        refused.append(str(error.value))

    pull_back(SET, out, progress=second)
    assert refused
    assert all("Another run is writing" in sentence for sentence in refused)
    assert same_but_for_the_card(few_rows, out)


# What already exists


def test_nothing_is_overwritten_without_overwrite(
    hub: Hub, run: Run, few_rows: Path, own_set: Path, tmp_path: Path
) -> None:
    run("push", few_rows, SET)
    assert "already exists; give --overwrite" in run("pull", SET, "--out", own_set).stderr
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    assert "already exists" in run("pull", SET, "--out", mine).stderr
    assert "is not a dataset of this tool" in run("pull", SET, "--out", mine, "--overwrite").stderr
    assert (mine / "letter.txt").read_text() == "dear"
    link = tmp_path / "link"
    link.symlink_to(own_set)
    assert run("pull", SET, "--out", link, "--overwrite").exit_code == 2
    assert run("pull", SET, "--out", own_set, "--overwrite").exit_code == 0
    assert same_but_for_the_card(few_rows, own_set)


def test_an_unfinished_make_is_left_alone(hub: Hub, run: Run, few_rows: Path, out: Path) -> None:
    run("push", few_rows, SET)
    half = Path(shutil.copytree(few_rows, out.with_name("back.partial")))
    before = contents(half)
    done = run("pull", SET, "--out", out)
    assert done.exit_code == 2
    assert "is not from a pull" in done.stderr
    assert contents(half) == before


# What cannot be pulled


def test_what_cannot_be_seen_is_one_sentence(
    hub: Hub, run: Run, few_rows: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("push", few_rows, SET)
    run("push", few_rows, "alice/gated", "--public")
    hub.repo("alice/gated").gated = "manual"
    assert "has no branch, tag or commit 'none'" in run("pull", f"{SET}@none", "--out", out).stderr
    assert "There is no dataset alice/none" in run("pull", "alice/none", "--out", out).stderr
    assert "There is no file or folder 'none'" in run("pull", "none", "--out", out).stderr
    monkeypatch.setenv("HF_TOKEN", hub.token("bob"))
    for source, said in (
        (SET, "or it is private and you have no access to it"),
        ("alice/gated", "is gated; request access"),
    ):
        done = run("pull", source, "--out", out)
        assert done.exit_code == 2
        assert said in done.stderr
    monkeypatch.setenv("HF_TOKEN", "")
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(out / "none"))
    done = run("pull", SET, "--out", out)
    assert done.exit_code == 2
    assert "private and you have no access to it; log in with `hf auth login`" in done.stderr
    assert not out.exists()


def test_what_datagen_did_not_push_is_read_as_any_catalogue(hub: Hub, run: Run, out: Path) -> None:
    hub.seed(SET, {"data/train-00000-of-00001.parquet": b"PAR1\0"})
    assert "cannot be read (Parquet file size is 5 bytes" in run("pull", SET, "--out", out).stderr
    with pytest.raises(NotPushed, match=r"was not pushed by datagen: it has no manifest.json"):
        pull_back(SET, out)


@pytest.mark.parametrize("manifest", [b"[]", b"{", b"\xff", b'{"shards": [{"path": "../../x.parquet"}]}'])
def test_a_hostile_manifest_is_one_sentence(
    hub: Hub, run: Run, few_rows: Path, out: Path, manifest: bytes
) -> None:
    run("push", few_rows, SET)
    hub.seed(SET, {"manifest.json": manifest})
    assert run("pull", SET, "--out", out).exit_code == 2
    assert not out.exists()


def test_hostile_paths_write_nothing_elsewhere(hub: Hub, run: Run, few_rows: Path, tmp_path: Path) -> None:
    run("push", few_rows, SET)
    run("push", few_rows, SET, "--config", "real")
    hostile = {
        "real\x1b[31m/manifest.json": b"{}",
        "real\x1bschema.yaml": b"evil",
        "real/\x1b[31m": b"evil",
        "data/train-\u0660\u0660\u0660\u0660\u0660-of-00001.parquet": b"\0evil",
        "data/train-/../../../../evil.parquet": b"\0evil",
        "../evil/manifest.json": b"{}",
        "/evil/manifest.json": b"{}",
        "data/train-[x].parquet": b"\0evil",
        "run.py": b"evil",
        "data/../schema.yaml": b"evil",
    }
    hub.seed(SET, hostile)
    before = {path for path in tmp_path.rglob("*") if path.is_file() and "hub" not in path.parts}
    out = tmp_path / "deep" / "er" / "back"
    done = run("pull", SET, "--out", out)
    assert done.exit_code == 0, done.stderr
    shutil.rmtree(out / "real")
    assert same_but_for_the_card(few_rows, out)
    assert {
        path for path in tmp_path.rglob("*") if path.is_file() and not {"hub", "back"} & set(path.parts)
    } == before
