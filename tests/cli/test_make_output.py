"""What the commands print and write: summaries, JSON, progress, and commands that run as printed."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from support.command import SMALL, invoke, refusal
from support.sets import DATAGEN, ENVIRONMENT, GARDEN, OPTIONS, contents, garden, rows_of


def test_the_summary_tells_what_was_made(small: Path) -> None:
    done = invoke(*SMALL)
    assert done.exit_code == 0
    made = json.loads((Path("garden-24-64x64-by10") / "manifest.json").read_text())
    table = dict(re.findall(r"│ (\S+) +│ ([^│]+?) +│", done.stdout))
    assert table.keys() == {"rows", "families", "shards", "bytes", "seconds", "rows/s"}
    assert table["rows"] == "24"
    assert table["shards"] == "3"
    assert table["families"].startswith(f"{made['families']}, ")
    assert table["bytes"].startswith(f"{sum(shard['bytes'] for shard in made['shards']):,} (")
    assert float(table["seconds"]) >= 0
    assert int(table["rows/s"].replace(",", "")) > 0
    assert contents(Path("garden-24-64x64-by10")) == contents(small)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["set", "it's two words"])
def test_every_next_command_runs_as_printed(name: str, tmp_path: Path) -> None:
    done = invoke(*SMALL, "--out", name)
    commands = [line.strip() for line in done.stdout.partition("Next:\n")[2].splitlines()]
    assert [shlex.split(command)[:2] for command in commands] == [
        ["datagen", "preview"], ["datagen", "verify"], ["python", "-c"],
    ]  # fmt: skip
    tools = (
        f'datagen() {{ {shlex.join(DATAGEN)} "$@"; }}; python() {{ {shlex.quote(sys.executable)} "$@"; }}\n'
    )
    environment = {**ENVIRONMENT, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"}
    for command in commands if name == "set" else commands[:1] + commands[2:]:
        ran = subprocess.run(
            ["bash", "-c", tools + command], env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout
    assert "num_rows: 24" in ran.stdout


@pytest.mark.parametrize("name", ["a[red]b", "a*b", "a$HOME"])
def test_no_command_is_suggested_that_would_not_run(name: str) -> None:
    shown = invoke("make", "--rows", 3, "--no-images", *OPTIONS, "--out", name).stdout
    assert f"Made {name}" in shown
    assert f"datagen verify '{name}'" in shown
    assert "load_dataset" not in shown, "datasets takes the name for a pattern"


def test_json_is_one_object_and_nothing_else() -> None:
    done = invoke(*SMALL, "--json")
    told = json.loads(done.stdout)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    assert told["path"] == "garden-24-64x64-by10"
    assert (told["rows"], told["shards"], told["rows_made"]) == (24, 3, 24)
    assert {"families", "bytes", "seconds", "rows_per_second"} <= told.keys()
    again = json.loads(invoke(*SMALL, "--json", "--resume").stdout)
    assert again["rows_made"] == 0
    plan = json.loads(invoke(*SMALL, "--json", "--dry-run", "--out", "other").stdout)
    assert (plan["rows"], plan["shards"], plan["out"]) == (24, 3, "other")
    verdict = json.loads(invoke("verify", "garden-24-64x64-by10", "--json").stdout)
    assert verdict["whole"] is True
    assert json.loads(invoke("schema", GARDEN["schema"], "--json").stdout)["name"] == "garden"


def test_json_tells_a_refusal_on_stdout_too() -> None:
    done = invoke(*SMALL, "--json", "--seed", -1)
    assert done.exit_code == 2
    assert "seed -1" in json.loads(done.stdout)["error"]
    assert done.stderr.count("\n") == 1


def test_json_tells_wrong_options_on_stdout_too() -> None:
    done = invoke("make", "--rows", "abc", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"].endswith("'abc' is not a valid integer.")
    assert "Usage:" in done.stderr


def test_json_tells_the_faults_of_a_set(small: Path) -> None:
    garden(Path("set"))
    next(Path("set/data").iterdir()).unlink()
    done = invoke("verify", "set", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["counts"] == {"the shard is missing": 1}
    plain = invoke("verify", "set")
    assert plain.exit_code == 1
    assert "the shard is missing" in plain.stdout
    assert "set has faults:" in plain.stdout


def test_quiet_prints_nothing() -> None:
    for words in (
        [*SMALL, "--out", "set"],
        ["verify", "set"],
        ["preview", "set"],
        ["export", "set", "--format", "csv"],
        [*SMALL, "--out", "set", "--resume"],
        [*SMALL, "--dry-run", "--out", "other"],
    ):
        done = invoke(*words, "--quiet")
        assert (done.exit_code, done.stdout, done.stderr) == (0, "", ""), words
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["set", "set-csv", "set-preview.jpg"]


def test_piped_progress_is_plain_lines_on_stderr() -> None:
    done = invoke(*SMALL, "--out", "set")
    assert re.fullmatch(r"Making: 24 of 24 rows, [\d,.]+ rows/s\n", done.stderr)
    for words, verb in ((["verify", "set"], "Checking"), (["export", "set", "--format", "csv"], "Exporting")):
        done = invoke(*words)
        found = re.fullmatch(rf"{verb}: 24 of 24 rows, ([\d,.]+) rows/s\n", done.stderr)
        assert found, done.stderr
        assert found[1] != "0"
        assert "\x1b" not in done.stdout + done.stderr


def _on_a_terminal(*words: object) -> str:
    """What the command writes to stderr where that is a terminal; stdout is not."""
    ours, theirs = pty.openpty()
    command = [*DATAGEN, *map(str, words), "--out", "set"]
    environment = {**ENVIRONMENT, "TERM": "xterm"}
    with subprocess.Popen(command, stderr=theirs, stdout=subprocess.PIPE, env=environment) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                shown += os.read(ours, 4096)
            except OSError as error:
                assert error.errno == errno.EIO
                break
        out = process.stdout.read() if process.stdout else b""
    os.close(ours)
    assert process.returncode == 0
    assert b"\x1b" not in out
    return shown.decode()


def test_on_a_terminal_there_is_a_bar() -> None:
    shown = _on_a_terminal(*SMALL)
    assert "━" in shown
    assert "24 of 24 rows" in shown


def test_a_dry_run_checks_everything_and_writes_nothing(small: Path) -> None:
    done = invoke(*SMALL, "--dry-run")
    assert done.exit_code == 0
    assert "Would make" in done.stdout
    assert "garden-24-64x64-by10" in done.stdout
    assert "64 x 64" in done.stdout
    assert not list(Path.cwd().iterdir())
    assert re.search(r"about +│ [\d.]+ kB", done.stdout)
    assert "seed" in refusal(invoke(*SMALL, "--dry-run", "--seed", -1))
    assert "already exists; give --overwrite" in refusal(invoke(*SMALL, "--dry-run", "--out", small))
    assert "cannot be made (Not a directory)" in refusal(
        invoke(*SMALL, "--dry-run", "--out", small / "manifest.json" / "set")
    )


def test_datasets_of_other_options_lie_side_by_side_without_names() -> None:
    words = ["make", "--rows", 5, "--no-images", *OPTIONS, "-q"]
    for more in ([], ["--seed", 7], ["--where", "subgroup=Hats"], ["--where", "subgroup=Hats", "--seed", 7]):
        assert invoke(*words, *more).exit_code == 0
    names = ["garden-5-hats-no-images", "garden-5-hats-no-images-seed7", "garden-5-no-images"]
    assert sorted(path.name for path in Path.cwd().iterdir()) == [*names, "garden-5-no-images-seed7"]


def test_on_a_terminal_the_bar_says_that_workers_start_and_moves_picture_by_picture() -> None:
    shown = _on_a_terminal("make", "--rows", 220, "--image-size", "64x64", "--workers", 2, *OPTIONS)
    assert "Starting 2 workers" in shown
    amounts = {int(amount) for amount in re.findall(r"(\d+) of 220 rows", shown)}
    assert len(amounts) > 3
    assert min(amounts) < 100


def test_only_the_wanted_categories_are_made() -> None:
    words = ["make", "--rows", 60, "--no-images", *OPTIONS, "-q", "-o", "set"]
    assert invoke(*words, "--where", "subgroup=Hats", "--where", "subgroup=Bags").exit_code == 0
    assert {row["subgroup"] for row in rows_of(Path("set"))} == {"Hats", "Bags"}
    assert (
        invoke(*words, "--overwrite", "--where", "SubGroup=hats,BAGS", "--where", "price<90").exit_code == 0
    )
    assert {row["subgroup"] for row in rows_of(Path("set"))} == {"Hats", "Bags"}
    assert max(row["now_eur"] for row in rows_of(Path("set"))) < 90


def test_counts_are_made_and_shown_before() -> None:
    words = ["make", "--no-images", *OPTIONS, "-o", "set", "--count", "hats=7", "--count", "tote=5"]
    shown = invoke(*words, "--dry-run", "--where", "price=10..2000").stdout
    assert re.search(r"rows +│ 12 ", shown)
    assert re.search(r"subgroup Hats +│ 7 rows", shown)
    assert re.search(r"kind tote +│ 5 rows", shown)
    assert re.search(r"where price +│ >=10, <=2000 ", shown)
    plan = json.loads(invoke(*words, "--dry-run", "--json").stdout)
    assert plan["parts"] == {"subgroup:Hats": 7, "kind:tote": 5}
    assert invoke(*words).exit_code == 0
    assert Counter(row["subgroup"] for row in rows_of(Path("set"))) == {"Hats": 7, "Bags": 5}


def test_balance_is_even() -> None:
    words = ["make", "--rows", 22, "--no-images", *OPTIONS, "-o", "set", "--balance", "SUBGROUP"]
    assert invoke(*words).exit_code == 0
    assert sorted(Counter(row["subgroup"] for row in rows_of(Path("set"))).values()) == [5, 5, 6, 6]


def test_resuming_what_is_finished_says_so(small: Path) -> None:
    invoke(*SMALL, "--out", "set")
    before = contents(Path("set"))
    done = invoke(*SMALL, "--out", "set", "--resume")
    assert done.exit_code == 0
    assert "nothing was missing" in done.stdout
    assert contents(Path("set")) == before == contents(small)


def test_what_is_there_is_refused_and_untouched(small: Path) -> None:
    before = contents(small)
    done = invoke(*SMALL, "--out", small)
    assert "already exists" in refusal(done)
    assert "differs in seed 0, not 1" in refusal(invoke(*SMALL, "--out", small, "--resume", "--seed", 1))
    assert "contradict" in refusal(invoke(*SMALL, "--out", small, "--resume", "--overwrite"))
    assert contents(small) == before
