"""The folder of a run: held by one process, and as it was before if the run is refused before it trains.

    RUN/.lock     held by the process that trains; the system releases it however the process ends
    .RUN.old      the run that --overwrite replaces, until training begins

A run that is refused, fails or is interrupted before its first step leaves nothing behind, so that the
corrected command works. From the first step on, the folder is kept: it can be resumed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from datagen.schemas import InputError, RunFailed
from datagen.train.config import saved_config
from datagen.train.models.base import CHECKPOINTS
from datagen.train.private_apis.disk_errors import is_disk_full
from datagen.train.run.checkpoints import whole_checkpoints
from datagen.train.run.log import LOG

LOCK = ".lock"


class RunFolder:
    """A run's folder while a process holds it. ``kept``: whether it stays if the run ends with an error."""

    def __init__(self, run: Path, *, kept: bool) -> None:
        self.path = run
        self.kept = kept

    def training_begins(self) -> None:
        """From here on, the folder is worth keeping, and a run that it replaces is gone."""
        self.kept = True
        shutil.rmtree(_old(self.path), ignore_errors=True)


@contextmanager
def held_folder(run: Path, *, resume: bool, overwrite: bool) -> Iterator[RunFolder]:
    """Hold the folder of a new run, or with ``resume`` that of an existing one, until the end of the block.

    Raises InputError if it cannot be used or another process holds it; RunFailed for a full disk.
    """
    _undo_replacement(run)
    if resume:
        saved_config(run)
        with _disk_errors(run, resumable=lambda: True), _locked(run):
            yield RunFolder(run, kept=True)
        return
    check_out(run, overwrite=overwrite)
    missing = [path for path in (run, *run.parents) if not path.exists()]
    if _holds_files(run):
        run.rename(_old(run))
    folder = RunFolder(run, kept=False)
    try:
        with _disk_errors(run, resumable=lambda: folder.kept):
            run.mkdir(parents=True, exist_ok=True)
            with _locked(run):
                yield folder
    except BaseException as error:
        worthless = isinstance(error, (InputError, KeyboardInterrupt)) and not whole_checkpoints(
            run / CHECKPOINTS
        )
        if not folder.kept or worthless:
            _discard(run, missing)
        raise


def check_out(run: Path, *, overwrite: bool) -> None:
    """Raises InputError if a new run cannot be written to a folder."""
    if _holds_files(run):
        if not _is_run(run):
            raise InputError(f"{run} already exists and is not a run; give another --out.")
        if not overwrite:
            raise InputError(
                f"{run} already exists; continue it with --resume, replace it with --overwrite, or give "
                "another --out."
            )
        with _locked(run):
            pass
        if run.is_symlink():
            raise InputError(f"{run} is a link, which --overwrite does not replace; give another --out.")
    elif run.exists() and not run.is_dir():
        raise InputError(f"{run} is a file; give another --out.")
    there = next(path for path in (run.absolute(), *run.absolute().parents) if path.exists())
    if not there.is_dir():
        raise InputError(f"{there} is a file, so {run} cannot be a folder; give another --out.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"There is no permission to write to {there}; give another --out.")


@contextmanager
def _locked(run: Path) -> Iterator[None]:
    path = run / LOCK
    try:
        file = path.open("a")
    except OSError as error:
        raise InputError(
            f"{run} cannot be written ({error.strerror or error}); give another --out."
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = os.path.samestat(os.fstat(file.fileno()), path.stat())
        except (BlockingIOError, FileNotFoundError):  # another process holds it, or has just finished
            held = False
        if not held:
            raise InputError(f"Another process is training {run}; wait for it, or give another --out.")
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def _disk_errors(run: Path, resumable: Callable[[], bool]) -> Iterator[None]:
    """A full disk as one sentence, whichever library has met it."""
    try:
        yield
    except Exception as error:
        if not is_disk_full(error):
            raise
        then = "continue with --resume" if resumable() else "run the same command again"
        raise RunFailed(f"There is no disk space left for {run}; free some, then {then}.") from None


def _holds_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.name != LOCK for path in folder.iterdir())


def _is_run(folder: Path) -> bool:
    try:
        saved_config(folder)
    except InputError:
        return False
    return True


def _old(run: Path) -> Path:
    path = run.absolute()
    return path.with_name(f".{path.name}.old")


def _discard(run: Path, missing: list[Path]) -> None:
    """Remove a run that never trained, and the folders made for it; an older run gets its name back."""
    shutil.rmtree(run, ignore_errors=True)
    if _old(run).is_dir():
        _old(run).rename(run)
        return
    if run not in missing:  # an empty folder was there
        run.mkdir(exist_ok=True)
    for path in missing[1:]:
        try:
            path.rmdir()
        except OSError:  # something else has been put there
            return


def _undo_replacement(run: Path) -> None:
    """Finish or undo a replacement whose process was killed before training began."""
    old = _old(run)
    if not old.is_dir():
        return
    if run.exists() and not (run / LOG).is_file():
        with _locked(run):
            shutil.rmtree(run)
    if run.exists():
        shutil.rmtree(old, ignore_errors=True)
    else:
        old.rename(run)
