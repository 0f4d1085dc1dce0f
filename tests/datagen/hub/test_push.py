"""Pushing: one commit, repeatable at any point, that sends only what is missing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support.hub_server import Hub
from support.pushed_sets import SET, card, files, is_whole, nothing_was_sent, shards
from support.sets import Run, change_cell, contents, garden, replace_shard

from datagen.hub.push import push

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


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
    for words in (hub.branches(SET)["main"], f"{hub.url}/datasets/{SET}", "private"):
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
    assert f"{SET} has everything already" in run("push", whole_set, SET).stdout
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


def test_progress_counts_rows_and_then_bytes(hub: Hub, run: Run, whole_set: Path) -> None:
    total = sum(path.stat().st_size for path in whole_set.rglob("*") if path.is_file())
    total -= (whole_set / "README.md").stat().st_size
    told: list[tuple[str, int, int | None]] = []
    push(whole_set, "alice/other", progress=lambda *report: told.append(report))
    assert told == sorted(told)
    assert [report for report in told if report[0] == "Checking"][-1] == ("Checking", 24, 24)
    assert told[-1] == ("Sending", total, total)
    done = run("push", whole_set, SET)
    checking, *_, sending = done.stderr.splitlines()
    assert re.match(r"Checking: \d+ of 24 rows", checking)
    assert re.fullmatch(
        rf"Sending: {total / 1000:.1f} kB of {total / 1000:.1f} kB(, [\d.]+ [kMG]B/s)?", sending
    )
    assert run("push", whole_set, "alice/third", "--quiet").output == ""
