"""The folder of a run: held by one process, and as it was before where a run is refused."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import SafetensorError
from support.forked import FORKED
from support.full_disk import train_on_a_full_disk
from support.tiny_runs import config_of, flags_of

from datagen.schemas import InputError, RunFailed
from datagen.train.config import CONFIG
from datagen.train.private_apis.disk_errors import is_disk_full
from datagen.train.run.checkpoints import STATE, whole_checkpoints
from datagen.train.run.finetune import train_run
from datagen.train.run.run_folder import check_out, held_folder


def old_run(folder: Path) -> Path:
    folder.mkdir(parents=True)
    config_of(Path("shop")).save(folder / CONFIG)
    (folder / "log.jsonl").write_text('{"step": 1}\n')
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def held(run: Path, *, resume: bool = False, overwrite: bool = False) -> Any:
    return held_folder(run, resume=resume, overwrite=overwrite)


def end(
    run: Path, error: BaseException, *, trains: bool = False, step: int | None = None, overwrite: bool = False
) -> None:
    """A run that ends with an error: before it trains or after, with a checkpoint or without."""
    with held(run, overwrite=overwrite) as folder:
        (run / "splits").mkdir()
        (run / CONFIG).write_text("a: 1")
        if trains:
            folder.training_begins()
        if step is not None:
            checkpoint = run / "checkpoints" / f"step-{step:06d}"
            checkpoint.mkdir(parents=True)
            (checkpoint / STATE).write_text("{}")
        raise error


@pytest.mark.parametrize("error", [InputError("no"), RunFailed("no"), KeyboardInterrupt(), MemoryError()])
def test_a_run_that_ends_before_it_trains_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        end(tmp_path / "new" / "deep" / "run", error)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_refused_while_it_trains_leaves_nothing_if_it_has_no_checkpoint(tmp_path: Path) -> None:
    for step, left in ((None, []), (3, ["run"])):
        with pytest.raises(InputError):
            end(tmp_path / "run", InputError("a row cannot be read"), trains=True, step=step)
        assert [path.name for path in tmp_path.iterdir()] == left


def test_a_run_that_fails_while_it_trains_is_kept(tmp_path: Path) -> None:
    with pytest.raises(RunFailed):
        end(tmp_path / "run", RunFailed("the loss is NaN"), trains=True)
    assert (tmp_path / "run").is_dir()


def test_an_older_run_is_replaced_only_when_the_new_one_trains(tmp_path: Path) -> None:
    run = old_run(tmp_path / "run")
    before = files(run)
    with pytest.raises(InputError):
        end(run, InputError("no such data"), overwrite=True)
    assert files(run) == before
    with held(run, overwrite=True) as folder:
        folder.training_begins()
        (run / "new").write_text("new")
    assert files(run) == {"new": b"new"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_replacement_that_was_killed_before_it_trained_is_undone(tmp_path: Path) -> None:
    run = old_run(tmp_path / "run")
    before = files(run)
    run.rename(tmp_path / ".run.old")
    run.mkdir()
    (run / CONFIG).write_text("half")
    with pytest.raises(InputError, match="already exists"):
        end(run, AssertionError())
    assert files(run) == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("again", [{}, {"resume": True}, {"overwrite": True}])
def test_one_process_at_a_time_trains_a_run(tmp_path: Path, again: dict[str, bool]) -> None:
    run = old_run(tmp_path / "run")
    refusal = pytest.raises(InputError, match="already exists|Another process is training .*/run; wait")
    with held(run, resume=True):
        with refusal, held(run, **again):
            pass
        assert (run / CONFIG).is_file()
    with held(run, resume=True):
        pass
    assert not (run / ".lock").exists()


def test_a_folder_that_only_has_a_config_of_something_else_is_no_run(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text("name: my-project\n")
    with pytest.raises(InputError, match="is not a run"):
        end(tmp_path, AssertionError(), overwrite=True)


def test_a_place_where_no_folder_can_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(InputError, match="is a file"):
            check_out(out, overwrite=False)


def unwritable(kind: str) -> Exception:
    if kind == "os":
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if kind == "safetensors":
        return SafetensorError("Error while serializing: I/O error: File too large (os error 27)")
    return RuntimeError("[enforce fail at inline_container.cc:665] . unexpected pos 64 vs 0")


@pytest.mark.parametrize("kind", ["os", "safetensors", "torch"])
def test_a_full_disk_is_one_sentence(tmp_path: Path, kind: str) -> None:
    with pytest.raises(RunFailed, match="no disk space left for .*; free some, then run the same command"):
        end(tmp_path / "run", unwritable(kind))
    with pytest.raises(RunFailed, match="free some, then continue with --resume"):
        end(tmp_path / "run", unwritable(kind), trains=True)


def test_errors_of_torch_and_safetensors_on_a_full_disk_are_recognised(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    tensor = torch.zeros(100_000)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    writers: list[Callable[[], object]] = [
        lambda: torch.save({"a": tensor}, tmp_path / "a.pt"),
        lambda: save_file({"a": tensor}, tmp_path / "a.safetensors"),
        lambda: (tmp_path / "a.txt").write_bytes(bytes(400_000)),
    ]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        for write in writers:
            with pytest.raises(Exception) as failed:  # noqa: PT011 - each library has its own
                write()
            assert is_disk_full(failed.value)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert not is_disk_full(RuntimeError("CUDA out of memory"))


@pytest.mark.slow
@pytest.mark.usefixtures("_server")
@pytest.mark.parametrize("moment", ["before", "checkpoint"])
def test_a_run_on_a_full_disk_can_go_on(garden_set: Path, tmp_path: Path, moment: str) -> None:
    run, said = tmp_path / "run", tmp_path / "said"
    flags = flags_of(garden_set, training__evaluate_every=100, training__steps=4, training__save_every=2)
    process = FORKED.Process(target=train_on_a_full_disk, args=(said, run, flags, moment))
    process.start()
    process.join(120)
    sentence = said.read_text()
    assert sentence.startswith(f"RunFailed: There is no disk space left for {run}; free some, then ")
    if moment == "before":
        assert sentence.endswith("run the same command again.")
        assert not run.exists()
    else:
        assert sentence.endswith("continue with --resume.")
        assert [path.name for path in (run / "checkpoints").iterdir()] == ["step-000002"]
        assert train_run(config_of(garden_set, **unflagged(flags)), run, resume=True).resumed_from == 2
        assert len(whole_checkpoints(run / "checkpoints")) == 2


def unflagged(flags: dict[str, Any]) -> dict[str, Any]:
    own = ("training.evaluate_every", "training.steps", "training.save_every")
    return {name.replace(".", "__"): flags[name] for name in own}
