"""Folders that are written whole or not at all: checkpoints of a run, its best and its last model.

    RUN/checkpoints/step-000120/        adapter or model, optimiser, schedule, random numbers, state
    RUN/checkpoints/.step-000160.part/  an unfinished one; ignored

A folder is written under a temporary name, its files are flushed to disk, and it is renamed: whenever a
run is killed, it later finds either the old folder or the new one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from datagen.schemas import InputError, RunFailed
from datagen.train.models.loading import ADAPTER, INDEX, WEIGHTS, first_line, read_json

MOST_STATE_BYTES = 1_000_000_000
STEP = re.compile(r"step-([0-9]{6,12})")
STATE = "trainer_state.json"
SHAPE = "shape.json"
"""What must be equal to resume from a checkpoint."""


def folder_of(folder: Path, step: int) -> Path:
    """The folder of a step's checkpoint."""
    return folder / f"step-{step:06d}"


def aside_of(path: Path) -> Path:
    """The temporary name of a folder while it is written."""
    return path.with_name(f".{path.name}.part")


def begin(path: Path) -> Path:
    """A new, empty folder next to ``path``, which :func:`finish` renames to it."""
    aside = aside_of(path)
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    return aside


def finish(path: Path) -> None:
    """Rename the finished folder to ``path``, replacing an old one. Raises RunFailed."""
    aside, before = aside_of(path), path.with_name(f".{path.name}.old")
    try:
        for file in sorted(aside.rglob("*")):
            _flush(file)
        _flush(aside)
        if path.exists():
            shutil.rmtree(before, ignore_errors=True)
            path.rename(before)
        aside.rename(path)
        _flush(path.parent)
    except OSError as error:
        raise RunFailed(
            f"{path} cannot be written ({error.strerror or error}); free some disk space, then --resume."
        ) from None
    shutil.rmtree(before, ignore_errors=True)


def mend(path: Path) -> None:
    """Restore the folder that a kill in the middle of :func:`finish` left under its old name."""
    before = path.with_name(f".{path.name}.old")
    if before.is_dir() and not path.exists():
        before.rename(path)
    shutil.rmtree(before, ignore_errors=True)


def whole_checkpoints(folder: Path) -> list[Path]:
    """The complete checkpoints, by step."""
    found = [path for path in folder.glob("step-*") if STEP.fullmatch(path.name) and (path / STATE).is_file()]
    return sorted(found, key=step_of)


def step_of(path: Path) -> int:
    """The step of a checkpoint, from its name."""
    found = STEP.fullmatch(path.name)
    return int(found[1]) if found else -1


def prune(folder: Path, keep: int) -> None:
    """Delete all but the last checkpoints, and unfinished ones."""
    for path in whole_checkpoints(folder)[:-keep]:
        old = path.with_name(f".{path.name}.old")
        path.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    for path in folder.glob(".step-*"):
        shutil.rmtree(path, ignore_errors=True)


def write_shape(checkpoint: Path, shape: dict[str, Any]) -> None:
    """Record what a run that resumes from this checkpoint must share with the one that wrote it."""
    (checkpoint / SHAPE).write_text(json.dumps(shape), encoding="utf-8")


def check_checkpoint(checkpoint: Path, shape: dict[str, Any]) -> None:
    """Raises InputError if a checkpoint is damaged, or is from a run of another shape."""
    try:
        then, state = read_json(checkpoint / SHAPE), read_json(checkpoint / STATE, MOST_STATE_BYTES)
        _State.model_validate(state)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))[:100]
        raise _damaged(checkpoint, f"{where} in its {STATE} is not as it was written") from None
    except InputError as error:
        raise _damaged(checkpoint, str(error).rstrip(".")) from None
    if state["global_step"] != step_of(checkpoint):
        raise _damaged(checkpoint, f"its {STATE} is of step {state['global_step']:,}")
    if not any((checkpoint / file).is_file() for file in (WEIGHTS, INDEX, ADAPTER)):
        raise _damaged(checkpoint, "it has no weights as safetensors")
    if then.get("samples_per_step") != shape["samples_per_step"] or then.get("steps") != shape["steps"]:
        raise InputError(
            f"{checkpoint} is from a run of {then.get('steps')} steps of {then.get('samples_per_step')} "
            f"samples, but this one has {shape['steps']} steps of {shape['samples_per_step']} samples; "
            "resume with the same options and number of processes."
        )
    if then.get("optimiser", shape.get("optimiser")) != shape.get("optimiser"):
        raise InputError(
            f"{checkpoint} was written by the optimiser {then['optimiser']}, and its state is of no use to "
            f"{shape['optimiser']}; resume with --set training.optimiser={then['optimiser']}."
        )


class _State(BaseModel):
    """What transformers and :mod:`datagen.train.run.finetune` use of a trainer_state.json."""

    global_step: int
    log_history: list[dict[str, float | int | str | None]]
    best_metric: float | None
    best_global_step: int | None
    best_model_checkpoint: str | None
    epoch: float | None
    max_steps: int
    num_train_epochs: int
    stateful_callbacks: dict[str, Any]


def unreadable(checkpoint: Path, error: BaseException) -> InputError:
    """The error for a checkpoint whose weights or state a library cannot load."""
    return _damaged(checkpoint, first_line(error))


def _damaged(checkpoint: Path, why: str) -> InputError:
    return InputError(
        f"The checkpoint {checkpoint} is damaged ({why}); delete it, then --resume from the one before."
    )


def _flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
