"""A model on the Hub: one commit, only what is missing, a user's text kept, no other model overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import HfApi
from support.hub_server import Hub
from support.pushed_sets import nothing_was_sent
from support.sets import Run

from datagen.hub.attempt import PushResult
from datagen.hub.push_model import push_model, work_folder
from datagen.schemas import InputError
from datagen.schemas.model_folder import ModelFolder, ModelRecord

# The official client uploads through LFS in a way that httpx2 finds old-fashioned.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

MODEL, BASE = "alice/reader", "bob/base"


def model(
    folder: Path, *, base: str | None = BASE, weights: bytes = b"\0" * 9, kind: Any = "adapter"
) -> ModelFolder:
    """A folder as the training half writes it; here only its bytes matter."""
    folder.mkdir(exist_ok=True)
    files = {"adapter_config.json": b"{}", "adapter_model.safetensors": weights, "config.yaml": b"a: 1\n"}
    if kind == "model":
        files = {"config.json": b"{}", "model.safetensors": weights, "config.yaml": b"a: 1\n"}
    record = ModelRecord(kind=kind, base=base, revision=None, files=tuple(sorted(files)))
    for name, content in {**files, "datagen.json": record.text().encode()}.items():
        (folder / name).write_bytes(content)
    front: dict[str, Any] = {"base_model": base} if base else {}
    return ModelFolder(
        folder, record, {**front, "library_name": "peft", "tags": ["datagen"]}, "# reader\n\nIt reads."
    )


def push(folder: ModelFolder, repo: str = MODEL, **options: Any) -> PushResult:
    return push_model(lambda: folder, repo, **options)


def files(hub: Hub, revision: str = "main") -> set[str]:
    return set(hub.files(MODEL, revision, "model")) - {".gitattributes"}


def card(hub: Hub) -> str:
    return hub.read(MODEL, "README.md", type="model").decode()


@pytest.fixture
def based(hub: Hub) -> Hub:
    """A Hub with the base model, whose card states its licence."""
    hub.seed(
        BASE, {"README.md": b"---\nlicense: mit\nlicense_link: https://a.example/x\n---\n"}, type="model"
    )
    hub.log.clear()
    return hub


def test_a_push_is_one_commit_of_a_private_model_with_its_card(based: Hub, tmp_path: Path) -> None:
    done = push(model(tmp_path / "model"), tag="v1")
    titles = [commit.title for commit in based.commits(MODEL, type="model")]
    assert titles[0].startswith("Push an adapter of bob/base (")
    assert titles[1:] == ["initial commit"]
    assert files(based) == {
        "README.md", "adapter_config.json", "adapter_model.safetensors", "config.yaml", "datagen.json"
    }  # fmt: skip
    assert based.repos("dataset") == []
    assert based.repo(MODEL, "model").private
    assert based.tags(MODEL, "model") == {"v1": done.commit}
    assert done.url == f"{based.url}/{MODEL}"
    assert f"base_model:{BASE}" in (HfApi().model_info(MODEL, token=based.token("alice")).tags or [])
    assert done.load == f"datagen predict {MODEL}@v1 photo.jpg"
    front = yaml.safe_load(card(based).split("---")[1])
    assert front["base_model"] == BASE
    assert (front["license"], front["license_link"]) == ("mit", "https://a.example/x")
    assert "That of its base, `bob/base`: `mit`." in card(based)


def test_the_same_push_again_sends_nothing_and_a_new_one_what_is_new(based: Hub, tmp_path: Path) -> None:
    first = push(model(tmp_path / "model"))
    based.log.clear()
    again = push(model(tmp_path / "model"))
    assert nothing_was_sent(based)
    assert (again.commit, again.sent) == (first.commit, 0)
    done = push(model(tmp_path / "model", weights=b"\0new"))
    assert (done.sent, done.kept) == (1, 4)
    done = push(model(tmp_path / "whole", kind="model"))  # the adapter's files are stale then
    assert done.deleted == 2
    assert files(based) == {"README.md", "config.json", "config.yaml", "datagen.json", "model.safetensors"}


def test_what_a_user_wrote_stays(based: Hub, tmp_path: Path) -> None:
    push(model(tmp_path / "model"))
    text = card(based).replace("license: mit", "license: apache-2.0\nlanguage: en") + "\nMy own words.\n"
    based.seed(MODEL, {"README.md": text.encode(), "notes.txt": b"mine"}, type="model")
    push(model(tmp_path / "model", weights=b"\0new"))
    front = yaml.safe_load(card(based).split("---")[1])
    assert (front["license"], front["language"]) == ("apache-2.0", "en")
    assert "My own words." in card(based)
    assert card(based).count("It reads.") == 1
    assert "notes.txt" in files(based)


def test_an_adapter_of_another_base_is_refused(based: Hub, tmp_path: Path) -> None:
    push(model(tmp_path / "model"))
    based.log.clear()
    with pytest.raises(InputError) as refused:
        push(model(tmp_path / "other", base="bob/other"))
    assert str(refused.value) == (
        "alice/reader already holds an adapter of bob/base, and this one is of bob/other; push to another "
        "repository."
    )
    with pytest.raises(InputError, match="this one is of a base that is on no Hub"):
        push(model(tmp_path / "mine", base=None, kind="model"), dry_run=True)
    assert nothing_was_sent(based)


@pytest.mark.parametrize("name", ["adapter_config.json", "pytorch_model.bin", "model.gguf", "config.json"])
def test_a_model_that_datagen_did_not_push_is_refused(based: Hub, tmp_path: Path, name: str) -> None:
    record = {"datagen.json": b'{"format": "mine"}'}
    based.seed(MODEL, {name: b"{}", **record}, type="model")
    with pytest.raises(InputError, match=f"holds a model that datagen did not push \\({name}\\)"):
        push(model(tmp_path / "model"))
    assert nothing_was_sent(based)


@pytest.mark.parametrize(
    ("user", "role", "said"),
    [
        (None, "write", "You are not logged in to the Hub"),
        ("alice", "read", "The token of alice is read-only; log in"),
        ("bob", "write", "bob may not write to alice"),
    ],
)
def test_access_is_refused_before_the_model_is_written(
    based: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: str | None, role: Any, said: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "none"))
    monkeypatch.setenv("HF_TOKEN", "" if user is None else based.token(user, role))
    written: list[ModelFolder] = []

    def write() -> ModelFolder:
        written.append(model(tmp_path / "model"))
        return written[0]

    with pytest.raises(InputError, match=said):
        push_model(write, MODEL)
    assert not written


def test_a_base_without_a_card_or_that_is_gone_has_no_known_licence(hub: Hub, tmp_path: Path) -> None:
    push(model(tmp_path / "model"))
    assert yaml.safe_load(card(hub).split("---")[1])["license"] == "unknown"
    assert "`bob/base` states no licence that could be read here" in card(hub)


def test_a_busy_hub_is_waited_for_and_a_pull_request_is_opened_once(based: Hub, tmp_path: Path) -> None:
    based.faults.add("commit", status=503, times=2)
    based.faults.add("info", status=429, times=1)
    push(model(tmp_path / "model"))
    folder = model(tmp_path / "model", weights=b"\0new")
    done = push(folder, create_pr=True)
    assert done.pull_request == push(folder, create_pr=True).pull_request
    assert len(based.repo(MODEL, "model").discussions) == 1
    assert based.read(MODEL, "adapter_model.safetensors", "refs/pr/1", "model") == b"\0new"
    assert based.read(MODEL, "adapter_model.safetensors", type="model") == b"\0" * 9


def test_a_dataset_of_that_name_is_another_repository(
    based: Hub, run: Run, whole_set: Path, tmp_path: Path
) -> None:
    assert run("push", whole_set, MODEL).exit_code == 0
    push(model(tmp_path / "model"))
    assert "manifest.json" in based.files(MODEL)
    assert "manifest.json" not in files(based)


def test_what_a_killed_push_left_goes_and_what_another_one_writes_stays(tmp_path: Path) -> None:
    run, killed = tmp_path / "run[1]", tmp_path / ".run[1].push-killed"
    (killed / "model").mkdir(parents=True)
    with work_folder(run) as one, work_folder(run) as other:
        assert not killed.exists()
        assert one.is_dir()
        assert other.is_dir()
        assert one != other
    assert list(tmp_path.iterdir()) == []


# What a folder is, and which options it has


def test_a_folder_that_is_neither_dataset_nor_run_is_refused(hub: Hub, run: Run, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    done = run("push", tmp_path / "photos", MODEL)
    assert done.exit_code == 2
    assert done.stderr == (
        f"Error: {tmp_path}/photos is neither a dataset nor a run: it has no manifest.json and no "
        "config.yaml; give a folder that datagen make, pull or train wrote.\n"
    )


def test_options_of_the_other_kind_are_refused(hub: Hub, run: Run, whole_set: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").write_text("")
    assert (
        "--split is for datasets, and this is a run"
        in run("push", tmp_path / "run", MODEL, "--split", "a").stderr
    )
    assert "--merged is for runs, and this is a dataset" in run("push", whole_set, MODEL, "--merged").stderr
    assert nothing_was_sent(hub)
