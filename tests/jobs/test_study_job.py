"""`datagen study --on hf-jobs`, the whole way: two jobs, one page, and the models that this machine makes."""

from __future__ import annotations

import json
from pathlib import Path

import datasets
import pyarrow.parquet as pq
import pytest
from support.hub_server import Hub
from support.sets import Run, garden

from datagen.hub.client import connect
from datagen.jobs.study_repository import pull_study, push_models, push_outcome

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

FEW = ("--real-rows", "10", "--shares", "0,0.5", "--seeds", "2", "--steps", "2", "--workers", "1")
FEW += ("--without", "permuted", "--without", "retrieved")


@pytest.fixture(scope="module")
def real_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 rows that stand for real ones."""
    return garden(tmp_path_factory.mktemp("study") / "shop", 120, seed=1, image_size=(64, 80))


@pytest.mark.slow
def test_two_jobs_train_the_models_that_this_machine_would_and_one_page_shows_them(
    hub: Hub, run: Run, real_set: Path, garden_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", hub.url)
    study = ("study", "--real", real_set, "--synthetic", garden_set, *FEW)
    in_jobs = (*study, "--on", "hf-jobs", "--jobs", "2", "--out", "there", "--push-every", "1")
    done = run(*in_jobs)
    assert done.exit_code == 0, done.output
    assert "8 of 8 models are trained." in done.stdout
    assert "made against made" in done.stdout
    assert "2 jobs cost at most" in done.stderr
    assert {path.name for path in Path("there").iterdir()} >= {"cells", "study.html", "results.json"}
    assert len(list(Path("there/cells").glob("*/predictions.parquet"))) == 8
    assert hub.repo("alice/there-job").private
    sets = [name for name in hub.repos() if "garden-" in name or "shop-" in name]
    assert len(sets) == 2
    assert all(hub.repo(name).private for name in sets)
    assert "@" not in json.loads(Path("there/results.json").read_bytes())["data"]["real"]

    here = run(*study, "--out", "here")
    assert here.exit_code == 0, here.output
    order = [("arm", "ascending"), ("seed", "ascending")]
    mine, theirs = (
        pq.read_table(f"{folder}/cells.parquet").drop_columns(["cell"]).sort_by(order)
        for folder in ("here", "there")
    )
    assert mine.equals(theirs)

    jobs = list(hub.jobs.by_id)
    again = run(*in_jobs, "--json")
    assert json.loads(again.stdout)["cells"] == {"planned": 8, "finished": 8, "failed": {}}
    assert list(hub.jobs.by_id) == jobs, "models that are trained need no job"
    pulled = run("jobs", jobs[1], "--out", "pulled")
    assert "8 of 8 models are trained." in pulled.stdout, pulled.stderr
    assert Path("pulled/study.html").read_bytes() == Path("there/study.html").read_bytes()
    taken = run(*study, "--on", "hf-jobs", "--push-to", "alice/another", "--out", "here")
    assert "here holds a study that was run here; give another --out." in taken.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "1/2", "--jobs", "2"), "--only starts the job of one part, and --jobs those of all"),
        (("--jobs", "0"), "--jobs 0 must be from 1 to 100"),
        (("--push-to", "alice/photos"), "alice/photos holds something other than a study"),
        (("--push-to", "alice/open"), "alice/open is a public dataset repository"),
        (("--real", __file__), "is a file, which a job cannot see"),
        (("--learner", "probe", "--features", "."), "--features . is a folder here, which a job cannot see"),
        (("--engine", "ray"), "leave out --engine"),
        (("--flavor", "l4x"), "l4x1"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_sent(
    hub: Hub, run: Run, real_set: Path, garden_set: Path, words: tuple[str, ...], said: str
) -> None:
    hub.seed("alice/photos", {"photo.jpg": b"x"}, private=True)
    hub.seed("alice/open")
    sent = len(hub.requests("commit"))
    done = run("study", "--real", real_set, "--synthetic", garden_set, "--on", "hf-jobs", *words)
    assert done.exit_code == 2, done.output
    assert said in done.stderr.splitlines()[-1]
    assert len(hub.requests("commit")) == sent
    assert not list(Path.cwd().iterdir())


def test_a_page_that_was_overtaken_is_made_again(hub: Hub, run: Run, tmp_path: Path) -> None:
    api, repo = connect(), "alice/overtaken"
    hub.seed(repo, private=True)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, cell in ((first, "0" * 16), (second, "1" * 16)):
        (folder / "cells" / cell).mkdir(parents=True)
        (folder / "cells" / cell / "scores.json").write_text(cell)
        (folder / "results.json").write_text(cell)
        for name in ("cells.parquet", "table.md", "plot.svg", "study.html"):
            (folder / name).write_text(cell)
    (first / "cells" / ("0" * 16) / "notes.txt").write_text("not of a study")
    assert push_models(api, repo, first) == 1
    head, new = pull_study(api, repo, first, outcome=False)
    assert new == 0
    push_models(api, repo, second)
    assert not push_outcome(api, repo, first, head), "the other model came between"
    head, new = pull_study(api, repo, first, outcome=False)
    assert new == 1
    assert push_outcome(api, repo, first, head)
    assert push_outcome(api, repo, first, pull_study(api, repo, first, outcome=True)[0]), "nothing to do"
    assert not any("notes" in path for path in hub.files(repo))


def test_what_a_stranger_puts_into_a_repository_is_not_pulled(hub: Hub, run: Run, tmp_path: Path) -> None:
    cell = "a" * 16
    files = {
        f"cells/{cell}/scores.json": b"{}",
        f"cells/{cell}/run.py": b"x",
        "cells/../evil/scores.json": b"x",
        f"cells/{'b' * 16}/predictions.parquet": b"half",
        "results.json": b"[]",
        "more.html": b"x",
    }
    hub.seed("alice/strange", files, private=True)
    pull_study(connect(), "alice/strange", tmp_path / "out", outcome=True)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {f"out/cells/{cell}/scores.json", "out/results.json"}
