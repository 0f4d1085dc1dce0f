"""Folders that are there whole or not at all: checkpoints of a run, its best and its last model.

    RUN/checkpoints/step-000120/        adapter or model, optimiser, schedule, random numbers, state
    RUN/checkpoints/.step-000160.part/  one that was being written; of no account

A folder is written aside, its files are forced to the disk, and it is renamed: killed at any moment, a run
finds either the folder of before or the new one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from datagen.schemas import InputError, RunFailed

STEP = re.compile(r"step-([0-9]{6,12})")
STATE = "trainer_state.json"
SHAPE = "shape.json"
"""What must be the same for a checkpoint to be gone on with."""


def folder_of(folder: Path, step: int) -> Path:
    """Where a step's checkpoint lies."""
    return folder / f"step-{step:06d}"


def aside_of(path: Path) -> Path:
    """Where a folder is written before it gets its name."""
    return path.with_name(f".{path.name}.part")


def begin(path: Path) -> Path:
    """A new, empty folder beside ``path``, to be given its name by :func:`finish`."""
    aside = aside_of(path)
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    return aside


def finish(path: Path) -> None:
    """Give what was written aside its name, in place of what had it before. Raises RunFailed."""
    aside, before = aside_of(path), path.with_name(f".{path.name}.old")
    try:
        for file in sorted(aside.rglob("*")):
            _force(file)
        _force(aside)
        if path.exists():
            shutil.rmtree(before, ignore_errors=True)
            path.rename(before)
        aside.rename(path)
        _force(path.parent)
    except OSError as error:
        raise RunFailed(
            f"{path} cannot be written ({error.strerror or error}); make room, then --resume."
        ) from None
    shutil.rmtree(before, ignore_errors=True)


def mend(path: Path) -> None:
    """Bring back what a kill in the middle of :func:`finish` left without its name."""
    before = path.with_name(f".{path.name}.old")
    if before.is_dir() and not path.exists():
        before.rename(path)
    shutil.rmtree(before, ignore_errors=True)


def whole_checkpoints(folder: Path) -> list[Path]:
    """The checkpoints that can be gone on with, by step."""
    found = [path for path in folder.glob("step-*") if STEP.fullmatch(path.name) and (path / STATE).is_file()]
    return sorted(found, key=step_of)


def step_of(path: Path) -> int:
    """The step of a checkpoint, from its name."""
    found = STEP.fullmatch(path.name)
    return int(found[1]) if found else -1


def prune(folder: Path, keep: int) -> None:
    """Delete all but the last checkpoints, and what was left half written."""
    for path in whole_checkpoints(folder)[:-keep]:
        gone = path.with_name(f".{path.name}.old")
        path.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
    for path in folder.glob(".step-*"):
        shutil.rmtree(path, ignore_errors=True)


def write_shape(checkpoint: Path, shape: dict[str, Any]) -> None:
    """Record what a run that resumes from this checkpoint must share with the one that wrote it."""
    (checkpoint / SHAPE).write_text(json.dumps(shape), encoding="utf-8")


def check_shape(checkpoint: Path, shape: dict[str, Any]) -> None:
    """Raises InputError where a run differs from the one that wrote a checkpoint."""
    try:
        then = json.loads((checkpoint / SHAPE).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{checkpoint} cannot be read ({error}); delete it, then --resume.") from None
    if then.get("samples_per_step") != shape["samples_per_step"] or then.get("steps") != shape["steps"]:
        raise InputError(
            f"{checkpoint} is of a run of {then.get('steps')} steps of {then.get('samples_per_step')} "
            "samples, "
            f"and this one has {shape['steps']} of {shape['samples_per_step']}; resume with the same options "
            "and as many processes."
        )


def _force(path: Path) -> None:
    """Have the disk, not only the system, hold a file or a folder's names."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
