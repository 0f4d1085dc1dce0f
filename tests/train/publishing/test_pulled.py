"""What a stranger's repository may hold: nothing of it is run, read as pickle, or larger than a model is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from huggingface_hub import constants
from support.hub_server import Hub
from support.tiny_base import tiny_base

from datagen.schemas import InputError, RunFailed
from datagen.schemas.model_folder import ModelRecord
from datagen.train.config import load_config
from datagen.train.models.base import load_run
from datagen.train.publishing import pulled
from datagen.train.publishing.pulled import run_folder

REPO = "bob/model"


@pytest.fixture(scope="module")
def model_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a complete model as a push writes them."""
    folder = tmp_path_factory.mktemp("model")
    base = tiny_base()
    base.model.save_pretrained(folder)
    base.processor.save_pretrained(folder)
    flags = {"data.real": "shop", "model.method": "lora", "model.base": "bob/base", "model.num_crops": 1}
    config = load_config(None, flags).text()
    files = {path.name: path.read_bytes() for path in folder.iterdir()} | {"config.yaml": config.encode()}
    record = ModelRecord(kind="model", base="bob/base", revision=None, files=tuple(files))
    return {**files, "datagen.json": record.text().encode()}


def pushed(hub: Hub, files: dict[str, bytes], **more: bytes) -> None:
    hub.seed(REPO, {**files, **more}, type="model")


def test_only_the_files_of_a_model_are_fetched(hub: Hub, model_files: dict[str, bytes]) -> None:
    strange = {
        "modeling_evil.py": b"raise SystemExit",
        "training_args.bin": b"\x80\x04pickle",
        "pytorch_model.bin": b"\x80\x04pickle",
        "deep/config.json": b"{}",
        "scores/best.json": b"{}",
        "README.md": b"---\nlicense: mit\n---\n",
    }
    pushed(hub, model_files, **strange)
    run = run_folder(REPO)
    found = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    beside = {"config.yaml", "datagen.json"}
    assert found == beside | {f"best/{name}" for name in model_files if name not in beside}
    assert load_run(run).model.num_parameters() == tiny_base().model.num_parameters()


def test_code_that_a_configuration_names_is_not_run(
    hub: Hub, model_files: dict[str, bytes], tmp_path: Path
) -> None:
    mine = f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Phi3VConfig: pass\n".encode()
    config = {
        **json.loads(model_files["config.json"]),
        "auto_map": {"AutoConfig": "configuration_phi3_v.Phi3VConfig"},
    }
    changed = {"config.json": json.dumps(config).encode(), "configuration_phi3_v.py": mine}
    pushed(hub, {**model_files, **changed})
    load_run(run_folder(REPO))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"datagen.json": None}, "is not a model that datagen push wrote"),
        ({"config.yaml": None}, "is not a model that datagen push wrote"),
        ({"datagen.json": b"[]"}, "a datagen.json that datagen push did not write"),
        ({"config.yaml": b"data: ["}, "bob/model/config.yaml"),
        ({"config.yaml": b"!!python/object/apply:os.system [ls]"}, "bob/model/config.yaml"),
        ({"model.safetensors": None, "model.bin": b"\x80"}, "no weights as safetensors"),
        ({"model.safetensors": b"\0" * 90}, "cannot be loaded as a model"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_what_no_push_writes_is_refused_in_one_sentence(
    hub: Hub, model_files: dict[str, bytes], change: dict[str, bytes | None], said: str
) -> None:
    files = {**model_files, **change}
    pushed(hub, {name: content for name, content in files.items() if content is not None})
    with pytest.raises(InputError, match=said) as refused:
        load_run(run_folder(REPO))
    assert str(refused.value).count(". ") == 0


def test_an_adapter_names_a_base_on_the_hub_and_no_folder_here(
    hub: Hub, model_files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = ModelRecord(kind="adapter", base="bob/base", revision=None, files=("config.yaml",))
    as_adapter = {"datagen.json": record.text().encode(), "adapter_model.safetensors": b"\0"}
    (tmp_path / "bob" / "base").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    pushed(hub, {**model_files, **as_adapter})
    with pytest.raises(InputError, match="or the name of a folder here"):
        run_folder(f"{REPO}@main")
    for base in ("/etc/passwd", "../secret"):
        config = load_config(None, {"data.real": "shop", "model.base": base}).text().encode()
        pushed(hub, {**model_files, **as_adapter, "config.yaml": config})
        with pytest.raises(InputError, match="which is no model on the Hub"):
            run_folder(f"{REPO}@main")


def test_larger_files_than_a_model_has_are_not_fetched(
    hub: Hub, model_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(hub, model_files)
    monkeypatch.setattr(pulled, "MOST_BYTES_OF_WEIGHTS", 1000)
    with pytest.raises(InputError, match="more than such a file ever has"):
        run_folder(REPO)
    assert not hub.requests("resolve")


def test_bytes_that_are_not_those_listed_are_not_kept(hub: Hub, model_files: dict[str, bytes]) -> None:
    pushed(hub, model_files)
    hub.faults.add("blob", times=1, body=b"\0" * len(model_files["model.safetensors"]))
    with pytest.raises(RunFailed, match="model.safetensors arrived incomplete or damaged"):
        run_folder(REPO)
    assert load_run(run_folder(REPO)).model is not None


def test_names_and_access_are_told_apart(
    hub: Hub, model_files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(hub, model_files)
    assert run_folder(tmp_path) == tmp_path
    assert run_folder("no-run") == Path("no-run")
    with pytest.raises(InputError, match="no model of that name on the Hub that your login can read"):
        run_folder("bob/none")
    with pytest.raises(InputError, match="has no branch, tag or commit 'v9'"):
        run_folder(f"{REPO}@v9")
    (tmp_path / "bob").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="There is no folder bob/model, although there is a folder bob"):
        run_folder(REPO)
    hub.seed("bob/gated", model_files, type="model", gated="manual")
    with pytest.raises(InputError, match="is gated; request access on its page"):
        run_folder("bob/gated@main")
    hub.faults.add("info", times=99, status=503)
    with pytest.raises(RunFailed, match="The Hub answered 503 about bob/model; try again later"):
        run_folder(f"{REPO}@main")
    hub.stop()
    with pytest.raises(RunFailed, match="cannot be downloaded from the Hub"):
        run_folder(f"{REPO}@main")


def test_a_list_of_empty_pages_without_end_is_one_sentence_without_a_password(
    hub: Hub, model_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(hub, model_files)
    hub.tree_page = 0
    monkeypatch.setattr(constants, "ENDPOINT", hub.url.replace("://", "://me:secret@"))
    with pytest.raises(RunFailed, match=f"^{hub.url} does not answer as the Hub does; try again later"):
        run_folder(REPO)
