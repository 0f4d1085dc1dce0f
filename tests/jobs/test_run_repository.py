"""A run's folder to its repository and back: nothing unfinished, nothing old, nothing half there."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from support.hub_server import Hub
from support.sets import contents, edit_manifest

from datagen.hub.client import connect
from datagen.jobs.local_data import on_the_hub
from datagen.jobs.run_repository import RunThere, pull_run, push_run
from datagen.schemas import InputError

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def api(hub: Hub) -> HfApi:
    return connect()


@pytest.fixture
def repo(hub: Hub, request: pytest.FixtureRequest) -> str:
    """A repository of this test's own."""
    name = f"alice/{request.node.name[5:60].replace('_', '-').strip('-')}"
    hub.seed(name, type="model", private=True)
    return name


def a_run(folder: Path, steps: tuple[int, ...] = (5,)) -> Path:
    files = {
        "config.yaml": b"smoke: true\n",
        ".lock": b"",
        "log.jsonl": b"{}\n",
        "best/model.safetensors": b"\0best",
        ".last.part/model.safetensors": b"\0half",
        "summary.json.part": b"{",
        **{f"checkpoints/step-{step:06d}/model.safetensors": b"\0%d" % step for step in steps},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def there(hub: Hub, repo: str) -> set[str]:
    return set(hub.files(repo, type="model")) - {".gitattributes"}


def test_what_is_finished_is_pushed_with_the_newest_checkpoint_only(
    hub: Hub, api: HfApi, repo: str, tmp_path: Path
) -> None:
    run = a_run(tmp_path / "run", (5, 10))
    first = push_run(api, repo, run, "one")
    always = {"config.yaml", "log.jsonl", "best/model.safetensors"}
    assert there(hub, repo) == {*always, "checkpoints/step-000010/model.safetensors"}
    assert push_run(api, repo, run, "again") == first, "nothing has changed"
    a_run(run, (15,))
    push_run(api, repo, run, "two")
    assert there(hub, repo) == {*always, "checkpoints/step-000015/model.safetensors"}
    assert [commit.title for commit in hub.commits(repo, type="model")][:2] == ["two", "one"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"], "no copy is left behind"


def test_a_run_that_is_written_meanwhile_is_pushed_as_it_was_at_one_moment(
    hub: Hub, api: HfApi, repo: str, tmp_path: Path
) -> None:
    run = a_run(tmp_path / "run")
    stop = threading.Event()

    def keep_renaming() -> None:
        while not stop.is_set():
            shutil.copytree(run / "best", run / ".best.part")
            (run / "best").rename(run / ".best.old")
            stop.wait(0.01)
            (run / ".best.part").rename(run / "best")
            shutil.rmtree(run / ".best.old")
            stop.wait(0.01)

    thread = threading.Thread(target=keep_renaming)
    thread.start()
    try:
        for number in range(5):
            (run / "log.jsonl").write_text(f"{number}\n")
            push_run(api, repo, run, f"push {number}")
    finally:
        stop.set()
        thread.join()
    for commit in hub.commits(repo, type="model")[:-2]:
        assert {"config.yaml", "log.jsonl", "best/model.safetensors"} <= commit.files.keys()
    assert not [path for path in there(hub, repo) if ".part" in path or ".old" in path]


def test_a_run_is_pulled_whole_without_its_checkpoints_and_keeps_evaluations_made_here(
    api: HfApi, repo: str, tmp_path: Path
) -> None:
    push_run(api, repo, a_run(tmp_path / "run"), "one")
    out = tmp_path / "out"
    (out / "evaluation/last").mkdir(parents=True)
    (out / "evaluation/last/scores.json").write_text("{}")
    (out / "old.txt").write_text("of the run before")
    (tmp_path / ".out.part").mkdir()
    (tmp_path / ".out.part/stray").write_text("of a pull that was killed")
    pull_run(api, RunThere(api, repo), out, checkpoints=False)
    pulled = {"config.yaml", "log.jsonl", "best/model.safetensors", "evaluation/last/scores.json"}
    assert contents(out).keys() == pulled
    pull_run(api, RunThere(api, repo), tmp_path / "job", checkpoints=True)
    assert "checkpoints/step-000005/model.safetensors" in contents(tmp_path / "job")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["job", "out", "run"]


def test_a_repository_without_a_run_and_a_public_one_are_refused(
    hub: Hub, api: HfApi, repo: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="holds no run"):
        pull_run(api, RunThere(api, repo), tmp_path / "out", checkpoints=False)
    assert RunThere(api, "alice/never-made").empty
    hub.seed("alice/open", type="model")
    with pytest.raises(InputError, match="alice/open is a public model repository"):
        push_run(api, "alice/open", a_run(tmp_path / "run"), "one")
    assert not there(hub, "alice/open")


def test_a_name_of_the_hub_is_pinned_and_a_folder_is_named_by_its_content(
    hub: Hub, api: HfApi, garden_set: Path, tmp_path: Path
) -> None:
    commit = hub.seed("alice/shop", {"a.csv": b"1"}).oid
    assert on_the_hub(api, "alice", "alice/shop", "--real", None) == f"alice/shop@{commit}"
    assert on_the_hub(api, "alice", None, "--real", None) is None
    same = Path(shutil.copytree(garden_set, tmp_path / "elsewhere" / "garden"))
    name = on_the_hub(api, "alice", str(garden_set), "--real", None)
    assert on_the_hub(api, "alice", str(same), "--real", None) == name
    edit_manifest(same, lambda manifest: manifest["shards"][0].update(sha256="0" * 64))
    assert on_the_hub(api, "alice", str(same), "--real", None) != name
