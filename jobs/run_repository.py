"""A run's folder in a private model repository: pushed while it trains, so that a job may die at any time.

The newest checkpoint is pushed with the rest, and takes the place of the one before. It is for the next job;
what is pulled here is the finished run.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import HfApi

from datagen.hub.files import CACHE, download_files, is_safe_path, list_files
from datagen.hub.private import private_head, send_files
from datagen.schemas import InputError
from datagen.schemas.progress import ByteProgress

CONFIG, SUMMARY = "config.yaml", "summary.json"
CHECKPOINTS = "checkpoints/"
EVALUATED = "evaluation/best/scores.json"
NOT_OURS = frozenset({".gitattributes", "README.md"})
"""Files of the repository that are not of the run's folder."""

IMMUTABLE = frozenset({".safetensors", ".pt", ".bin"})
"""Large files that are never changed once they have their name: a link to one is as good as a copy."""

_unfinished = shutil.ignore_patterns(".*", "*.part")

TRIES = 20


class RunThere:
    """A run as its repository has it: ``files`` by path, at ``commit``."""

    def __init__(self, api: HfApi, repo: str) -> None:
        head = private_head(api, repo, "model")
        self.repo, self.commit = repo, head
        self.files = list_files(api, repo, head, "model") if head is not None else {}

    @property
    def empty(self) -> bool:
        """Whether there is nothing, or no repository."""
        return not self.files.keys() - NOT_OURS

    @property
    def is_run(self) -> bool:
        """Whether there is a run."""
        return CONFIG in self.files

    @property
    def finished(self) -> bool:
        """Whether it has been trained to its end."""
        return SUMMARY in self.files and any(path.startswith("best/") for path in self.files)


def push_run(api: HfApi, repo: str, run: Path, what: str) -> str:
    """Push a run's folder as it is now, while it may be written; ``what`` is the title of the commit.

    Returns the commit. Raises InputError or RunFailed.
    """
    with _still(run) as copy:
        files = {
            path.relative_to(copy).as_posix(): path for path in sorted(copy.rglob("*")) if path.is_file()
        }
        there = RunThere(api, repo).files.keys() - NOT_OURS
        return send_files(api, repo, "model", files, delete=sorted(there - files.keys()), message=what)


@contextmanager
def _still(run: Path) -> Iterator[Path]:
    """A copy of a folder that nobody writes to. Whatever is renamed meanwhile makes it start again."""
    with tempfile.TemporaryDirectory(prefix=".push-", dir=run.absolute().parent) as folder:
        for attempt in range(TRIES):
            copy = Path(folder) / str(attempt)
            try:
                shutil.copytree(
                    run, copy, copy_function=_linked, ignore=shutil.ignore_patterns(".*", "*.part")
                )
                break
            except (shutil.Error, FileNotFoundError):
                time.sleep(0.2)
        else:
            raise InputError(f"{run} changes all the time and cannot be pushed.")
        for old in sorted(copy.glob("checkpoints/step-*"))[:-1]:
            shutil.rmtree(old)
        yield copy


def _linked(source: str, target: str) -> None:
    if Path(source).suffix in IMMUTABLE:
        Path(target).hardlink_to(source)
    else:
        shutil.copy2(source, target)


def pull_run(
    api: HfApi, there: RunThere, out: Path, *, checkpoints: bool, progress: ByteProgress | None = None
) -> None:
    """Download a run to a folder, whole or not at all; a run that is there is replaced.

    Raises InputError for a repository without a run, RunFailed where the Hub or the connection fails.
    """
    if there.commit is None or not there.is_run:
        raise InputError(f"{there.repo} holds no run.")
    files = {
        path: file
        for path, file in there.files.items()
        if path not in NOT_OURS and is_safe_path(path) and (checkpoints or not path.startswith(CHECKPOINTS))
    }
    aside, before = (out.absolute().with_name(f".{out.absolute().name}.{name}") for name in ("part", "old"))
    report = progress or (lambda done, total: None)
    download_files(api, there.repo, there.commit, files, aside, report, "model")
    shutil.rmtree(aside / CACHE, ignore_errors=True)
    for file in [path for path in aside.rglob("*") if path.is_file()]:  # of an earlier attempt, perhaps
        if file.relative_to(aside).as_posix() not in files:
            file.unlink()
    shutil.rmtree(before, ignore_errors=True)
    if out.exists():
        out.absolute().rename(before)
    aside.rename(out.absolute())
    shutil.rmtree(before, ignore_errors=True)


def refuse_existing(out: Path, *, overwrite: bool) -> None:
    """The run is written there at the end, which must not be too late to find out."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        if not (out / CONFIG).is_file():
            raise InputError(f"{out} already exists and is not a run; give another --out.")
        if not overwrite:
            raise InputError(
                f"{out} already exists; continue it with --resume, replace it with --overwrite, or give "
                "another --out."
            )
