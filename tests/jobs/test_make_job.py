"""`datagen make --on hf-jobs`: the same dataset, from a job that runs this code from a wheel."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.hub_server import Hub
from support.sets import ENVIRONMENT, OPTIONS, Run, garden, start, wait_for

from datagen.schemas.folder import read_manifest

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SMALL = ("make", "--rows", "24", "--image-size", "64x64", "--shard-rows", "10", *OPTIONS)
LARGE = ("make", "--rows", "2000000", "--no-images")
"""Takes far longer than the commands that a test runs meanwhile."""

HERE = ("--on", "hf-jobs", "--flavor", "cpu-upgrade")


def test_a_job_makes_the_same_bytes_and_pushes_them(hub: Hub, run: Run, tmp_path: Path) -> None:
    done = run(*SMALL, *HERE, "--push", "alice/made")
    assert done.exit_code == 0, done.stderr
    here = read_manifest(garden(tmp_path / "here-too"))
    there = json.loads(hub.read("alice/made", "manifest.json"))
    assert [shard["sha256"] for shard in there["shards"]] == [shard.sha256 for shard in here.shards]
    assert hub.repo("alice/made").private
    assert f"{hub.url}/datasets/alice/made" in done.stdout
    (job,) = hub.jobs.by_id.values()
    for words in ("24 rows", "8 cores", "docs/figures.md", "$0.03 an hour", job.id, "Made data"):
        assert words in done.stderr, words
    assert job.spec["environment"]["DATAGEN_COMMAND"].startswith("datagen make --rows 24 ")
    assert hub.token("alice") not in json.dumps({**job.spec, "secrets": {}})
    assert hub.token("alice") not in done.output
    assert hub.repo("alice/datagen-jobs").private
    listed = json.loads(run("jobs", "--json").stdout)
    assert [(each["id"], each["state"], each["flavor"]) for each in listed] == [
        (job.id, "completed", "cpu-upgrade")
    ]
    assert listed[0]["dollars"] > 0
    assert "datagen make --rows 24" in run("jobs").stdout
    assert "Made data" in run("jobs", job.id).stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*HERE,), "--push OWNER/NAME"),
        (("--on", "hf-jobs", "--flavor", "cpu-upgrad", "--push", "alice/x"), "cpu-upgrade"),
        ((*HERE, "--push", "alice"), "owner/name"),
        ((*HERE, "--push", "bob/x"), "alice may not write to bob"),
        ((*HERE, "--push", "alice/x", "--out", "there"), "--out is about this machine"),
        ((*HERE, "--push", "alice/x", "--engine", "ray"), "A job is one machine and no cluster"),
        ((*HERE, "--push", "alice/x", "--secret", "NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE is not set"),
        ((*HERE, "--push", "alice/x", "--secret", "A=b"), "the name of an environment variable"),
        (("--push", "alice/x"), "--push is about a job; give --on hf-jobs"),
        (("--detach",), "--detach is about a job"),
        ((*HERE, "--push", "alice/x", "--where", "kind=spaceship"), "spaceship"),
    ],
)
def test_what_cannot_work_is_refused_before_a_job(
    hub: Hub, run: Run, words: tuple[str, ...], said: str
) -> None:
    before = len(hub.jobs.by_id)
    done = run(*SMALL, *words)
    assert done.exit_code == 2
    assert said in done.stderr.splitlines()[-1]
    assert len(hub.jobs.by_id) == before


def test_rows_to_learn_from_that_are_here_are_refused(run: Run, tmp_path: Path) -> None:
    rows = tmp_path / "shop.csv"
    rows.write_text("title\nCoat\n")
    done = run("make", "--like", rows, "--rows", "9", *HERE, "--push", "alice/x")
    assert done.exit_code == 2
    assert "which a job cannot see" in done.stderr


def test_without_a_token_or_the_right_to_run_jobs_one_sentence_says_so(
    hub: Hub, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.faults.add("jobs_submit", status=402, message="Add a payment method")
    done = run(*SMALL, *HERE, "--push", "alice/x")
    assert done.exit_code == 2
    assert "402: Add a payment method" in done.stderr.splitlines()[-1]
    monkeypatch.setenv("HF_TOKEN", "")
    for words in ((*SMALL, *HERE, "--push", "alice/x"), ("jobs",)):
        done = run(*words)
        assert done.exit_code == 2
        assert "not logged in" in done.stderr


def test_a_job_that_dies_is_told_with_its_last_lines(hub: Hub, run: Run) -> None:
    done = run("make", "--like", "alice/nowhere", "--rows", "9", *HERE, "--push", "alice/x")
    assert done.exit_code == 1
    last = done.stderr.splitlines()[-1]
    assert "exit code: 2" in last
    assert "Error: There is no dataset alice/nowhere" in last
    assert "resume it with: datagen make --like alice/nowhere" in last


def test_a_job_that_is_out_of_time_says_so(run: Run) -> None:
    done = run(*SMALL, *HERE, "--push", "alice/late", "--timeout", "1s")
    assert done.exit_code == 1
    assert "died (Job timeout)" in done.stderr.splitlines()[-1]


def test_a_job_that_is_told_to_stop_stops_what_it_has_started(hub: Hub, run: Run, tmp_path: Path) -> None:
    words = ("make", "alice/stopped", "--rows=5000000", "--no-images", "--workers=1")
    environment = {**ENVIRONMENT, **hub.environment("alice")}
    command = [sys.executable, "-m", "datagen.jobs.inside", *words]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL) as job:
        wait_for((tmp_path / "data.partial").is_dir)
        job.terminate()
        assert job.wait(60) == 128 + 15
    assert "alice/stopped" not in hub.repos()


def test_after_ctrl_c_the_job_goes_on(hub: Hub, run: Run, tmp_path: Path) -> None:
    words = (*SMALL, *HERE, "--push", "alice/going-on")
    before = set(hub.jobs.by_id)
    with start(*words, cwd=tmp_path, environment=hub.environment("alice")) as process:
        wait_for(lambda: bool(set(hub.jobs.by_id) - before))
        (job,) = set(hub.jobs.by_id) - before
        assert process.stderr is not None
        while f"Started the job {job}" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"The job goes on; follow it with `datagen jobs {job}`" in said
    # On a busy machine the Hub may not have started it yet.
    wait_for(lambda: hub.jobs.by_id[job].stage in ("RUNNING", "COMPLETED"))
    run("jobs", job, "--cancel")


def test_detached_a_job_is_left_alone_and_can_be_cancelled(
    hub: Hub, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "very-secret")
    done = run(*LARGE, *HERE, "--push", "alice/later", "--detach", "--json", "--secret", "WANDB_API_KEY")
    job = json.loads(done.stdout)["job"]["id"]
    spec = hub.jobs.by_id[job].spec
    assert spec["secrets"] == {"HF_TOKEN": hub.token("alice"), "WANDB_API_KEY": "very-secret"}
    assert "very-secret" not in done.output + json.dumps({**spec, "secrets": {}})
    assert json.loads(run("jobs", job, "--json").stdout)["state"] in {"scheduling", "running"}
    assert run("jobs", job, "--cancel").exit_code == 0
    followed = run("jobs", job)
    assert followed.exit_code == 1
    assert f"The job {job} was cancelled" in followed.stderr
    assert "alice/later" not in hub.repos()


def test_a_log_that_breaks_off_does_not_say_to_run_the_command_again(hub: Hub, run: Run) -> None:
    hub.faults.add("job_logs", status=500)
    done = run(*SMALL, *HERE, "--push", "alice/unheard")
    (job,) = [each for each in hub.jobs.by_id.values() if "alice/unheard" in each.spec["command"]]
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].endswith(f"`datagen jobs {job.id}` follows it again.")
    assert "again to" not in done.stderr
    run("jobs", job.id, "--cancel")


def test_a_dry_run_says_what_it_would_take_and_sends_nothing(hub: Hub, run: Run) -> None:
    before = len(hub.requests(method="POST"))
    done = run("make", "--rows", "1000000", *HERE, "--push", "alice/big", "--dry-run")
    assert done.exit_code == 0, done.stderr
    assert "1,000,000 rows" in done.stderr
    assert "at most $" in done.stderr
    assert len(hub.requests(method="POST")) == before


@pytest.mark.parametrize("words", [("--cancel",), ("--out", "x"), ("0123456789abcdef",), ("nonsense/../x",)])
def test_a_job_that_does_not_exist_is_refused(run: Run, words: tuple[str, ...]) -> None:
    done = run("jobs", *words)
    assert done.exit_code == 2
    assert "datagen jobs" in done.stderr
