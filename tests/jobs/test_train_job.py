"""`datagen train --on hf-jobs`, the whole way with the tiny model: killed, resumed, a run like any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pytest
from support.hub_server import Hub
from support.sets import OPTIONS, Run, rows_of, wait_for

from datagen.train.config import PHI_3_VISION

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

SETTINGS = {"save_every": 5, "evaluate_every": 50, "evaluate_rows": 4, "generate_rows": 0, "workers": 0}
STEPS = ("--steps", "60", "--batch-size", "2")
STEPS += tuple(word for name, value in SETTINGS.items() for word in ("--set", f"training.{name}={value}"))
HERE = ("--on", "hf-jobs", "--push-every", "1", "--out", "run")


def there(hub: Hub, repo: str = "alice/run-job") -> dict[str, Any]:
    """The files of a run's repository; none where there is none."""
    return hub.files(repo, type="model") if repo in hub.repos("model") else {}


@pytest.mark.slow
def test_a_job_that_is_killed_is_resumed_and_its_run_is_like_any_other(
    hub: Hub, run: Run, garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.url)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    command = ("train", "--real", garden_set, "--smoke", *STEPS, *HERE)
    hub.jobs.grace = 0.0  # killed at once, in the middle of whatever it does
    started = run(*command, "--detach", "--json")
    assert started.exit_code == 0, started.stderr
    first = json.loads(started.stdout)["job"]["id"]
    wait_for(lambda: any(path.startswith("checkpoints/") for path in there(hub)), 200)
    twice = run(*command, "--resume")
    run("jobs", first, "--cancel")
    assert f"The job {first} is training alice/run-job already" in twice.stderr
    died = run("jobs", first)
    assert died.exit_code == 1
    for words in (f"The job {first} was cancelled", "--resume"):
        assert words in died.stderr.splitlines()[-1]
    assert "summary.json" not in there(hub)

    again = run(*command)
    assert again.exit_code == 2
    assert "alice/run-job holds a run already; go on with --resume" in again.stderr
    resumed = run(*command, "--resume")
    assert resumed.exit_code == 0, resumed.stderr
    assert "Trained run" in resumed.stdout
    summary = json.loads(Path("run/summary.json").read_bytes())
    assert summary["steps"] == 60
    assert summary["resumed_from"] >= 5
    data = json.loads(Path("run/data.json").read_bytes())
    (pushed,) = [name for name in hub.repos() if "garden" in name]
    assert data["real"]["name"].startswith(f"{pushed}@")
    assert len(hub.commits(pushed)) == 2, "pushed once, after the Hub's own first commit"
    assert hub.repo(pushed).private
    assert hub.repo("alice/run-job", "model").private
    for name in ("config.yaml", "log.jsonl", "best", "last", "evaluation/best/scores.json"):
        assert Path("run", name).exists()
    assert not Path("run/checkpoints").exists()

    picture = Path("photo.jpg")
    picture.write_bytes(next(iter(rows_of(garden_set)))["picture"]["bytes"])
    predicted = run("predict", "run", "photo.jpg", "--max-new-tokens", "8")
    assert "photo.jpg" in predicted.stdout, predicted.stderr
    few = ("--rows", "2", "--max-new-tokens", "8", "--json")
    evaluated = run("evaluate", "run", "--which", "last", *few)
    assert json.loads(evaluated.stdout)["rows"] == 2, evaluated.stderr

    jobs = len(hub.jobs.by_id)
    done = run(*command, "--resume", "--json")
    assert json.loads(done.stdout)["summary"]["steps"] == 60
    assert len(hub.jobs.by_id) == jobs, "a finished run needs no job"
    assert list(Path("run/evaluation").glob("last*")), "what was evaluated here is kept"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--flavor", "l4x"), "l4x1"),
        (("--push-to", "nonsense"), "owner/name"),
        (("--push-to", "bob/run"), "alice may not write to bob"),
        (("--push-to", "alice/public"), "alice/public is a public model repository"),
        (("--push-to", "alice/other"), "alice/other holds something other than a run"),
        (("--real", "no/such/folder"), "--real no/such/folder is neither a folder here"),
        (("--real", "alice/nowhere"), "There is no dataset"),
        (("--real", __file__), "is a file, which a job cannot see"),
        (("--synthetic", "make:nobody"), "No schema 'nobody'"),
        (("--synthetic", f"make:{OPTIONS[1]},profile={OPTIONS[3]}"), "garden.yaml, which a job cannot see"),
        (("--split-from", "."), "--split-from . is not the folder of a run"),
        (("--timeout", "soon"), "'soon' is not a length of time; write it as 90m or 2h."),
        (("--resume", "--overwrite"), "cannot be combined"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(
    hub: Hub, run: Run, garden_set: Path, words: tuple[str, ...], said: str
) -> None:
    hub.seed("alice/public", type="model")
    hub.seed("alice/other", {"model.bin": b"x"}, type="model", private=True)
    sent = len(hub.requests("commit"))
    usual = ("train", "--real", garden_set, "--smoke", "--on", "hf-jobs", "--out", "fresh")
    done = run(*usual, *words)
    assert done.exit_code == 2
    assert said in done.stderr.splitlines()[-1]
    assert len(hub.requests("commit")) == sent


def test_a_base_that_is_here_is_refused(run: Run, garden_set: Path) -> None:
    done = run("train", "--real", garden_set, "--base", ".", "--on", "hf-jobs")
    assert done.exit_code == 2
    assert "which a job cannot see" in done.stderr


@pytest.mark.parametrize(
    ("base", "said"),
    [("meta/gated", "meta/gated is gated; request access"), ("me/none", "There is no model me/none")],
)
def test_a_base_that_the_job_could_not_load_is_refused_before_it_is_paid_for(
    hub: Hub, run: Run, garden_set: Path, base: str, said: str
) -> None:
    hub.seed("meta/gated", {"config.json": b"{}"}, type="model", gated="manual")
    sent = len(hub.requests("jobs_submit") + hub.requests("commit"))
    done = run("train", "--real", garden_set, "--base", base, "--on", "hf-jobs", "--out", "fresh")
    assert done.exit_code == 2
    assert said in done.stderr.splitlines()[-1]
    assert len(hub.requests("jobs_submit") + hub.requests("commit")) == sent


def test_an_index_that_is_here_is_refused(run: Run, garden_set: Path) -> None:
    done = run("train", "--real", garden_set, "--retrieve", "shop.index", "--on", "hf-jobs")
    assert done.exit_code == 2
    assert "A job cannot read an index of this machine" in done.stderr


def test_a_run_that_is_here_is_not_replaced_by_one_from_a_job(run: Run, garden_set: Path) -> None:
    command = ("train", "--real", garden_set, "--smoke", "--on", "hf-jobs", "--push-to", "alice/new")
    Path("run").mkdir()
    Path("run/notes.txt").write_text("mine")
    assert "is not a run" in run(*command, "--resume").stderr
    Path("run/config.yaml").write_text("x")
    assert "run already exists; continue it with --resume" in run(*command).stderr
    Path("run/checkpoints").mkdir()
    done = run(*command, "--resume")
    assert done.exit_code == 2
    assert "run was trained on this machine" in done.stderr


def test_a_dry_run_says_where_the_time_limit_comes_from(hub: Hub, run: Run, garden_set: Path) -> None:
    hub.seed(PHI_3_VISION, {"config.json": b"{}"}, type="model")
    sent = len(hub.requests(method="POST"))
    done = run("train", "--real", garden_set, "--on", "hf-jobs", "--dry-run", "--out", "fresh")
    assert done.exit_code == 0, done.stderr
    for words in ("alice/garden-", "l4x1 (1 x L4, 24 GB", "$0.80 an hour", "6 h", "is a default"):
        assert words in done.stderr, done.stderr
    assert len(hub.requests(method="POST")) == sent


def test_rows_that_are_made_for_a_run_are_made_in_the_job(hub: Hub, run: Run) -> None:
    sent = len(hub.requests("commit"))
    name = "make:burberry,rows=200,image-size=64x96"
    done = run("train", "--synthetic", name, "--smoke", "--on", "hf-jobs", "--out", "fresh", "--dry-run")
    assert done.exit_code == 0, done.stderr
    assert f"The synthetic rows are {name}." in done.stderr
    assert len(hub.requests("commit")) == sent
