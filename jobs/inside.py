"""What runs in a job, in the folder of its inputs:

    python -m datagen.jobs.inside train OWNER/NAME SECONDS
    python -m datagen.jobs.inside make OWNER/NAME OPTIONS ...
    python -m datagen.jobs.inside study OWNER/NAME SECONDS OPTIONS ...

`train` fetches the run that an earlier job has begun, trains it from config.yaml, evaluates it, and pushes
its folder every SECONDS and at the end, whatever the end is. `make` makes a dataset folder and pushes it.
`study` fetches the models that other jobs have trained, trains those that are missing, and pushes them like a
run, and then the page of all models that are there.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import HfApi

from datagen.hub.client import connect
from datagen.hub.errors import translate_errors
from datagen.jobs.run_repository import CONFIG, RunThere, pull_run, push_run
from datagen.jobs.study_repository import RESULTS, SCORES, pull_study, push_models, push_outcome
from datagen.schemas import InputError, RunFailed
from datagen.schemas.terminal import show

RUN, DATA, STUDY = Path("run"), Path("data"), Path("study")
"""The last is where `datagen study` puts a study that has no --out."""
WAITS = (30, 60, 120, 240)
"""Seconds between the last attempts to push a run."""

CHECKED_EVERY = 1.0
"""Seconds between looks at whether there is a new checkpoint to push."""


def train(repo: str, seconds: float) -> int:
    """Train, evaluate and push a run; the exit code."""
    api = connect()
    with translate_errors(repo, "pull"):
        there = RunThere(api, repo)
        if there.is_run:
            show(f"Fetching the run in {repo} to go on with it.")
            pull_run(api, there, RUN, checkpoints=True)
    with _pushing(
        repo, seconds, _newest_checkpoint, lambda what: push_run(api, repo, RUN, what.capitalize())
    ):
        code = _run("train", "--recipe", CONFIG, "--out", str(RUN), "--resume")
    if code == 0 and _run("evaluate", str(RUN)) != 0:
        show("The run was trained but not evaluated; `datagen evaluate` does that.")
    if (RUN / CONFIG).is_file():
        what = "The run is finished" if code == 0 else "The run has stopped"
        _push_at_the_end(repo, "the run", lambda: push_run(api, repo, RUN, what))
    return code


def study(repo: str, seconds: float, words: list[str]) -> int:
    """Train the models of a study that are missing, and push them and the page; the exit code."""
    api = connect()
    with translate_errors(repo, "pull"):
        pull_study(api, repo, STUDY, outcome=False)
    with _pushing(repo, seconds, _models, lambda what: push_models(api, repo, STUDY)):
        code = _run("study", *words, "--quiet")
    _push_at_the_end(repo, "the models", lambda: push_models(api, repo, STUDY))
    _push_at_the_end(repo, "the page", lambda: _push_page(api, repo, words))
    return code


def _push_page(api: HfApi, repo: str, words: list[str]) -> None:
    """Push the page of all models that are there; other jobs may push theirs at the same time."""
    while True:
        head, new = pull_study(api, repo, STUDY, outcome=False)
        if new and _run("study", *words, "--page-only", "--quiet") not in (0, 1):
            return  # it has said why
        if not (STUDY / RESULTS).is_file() or push_outcome(api, repo, STUDY, head):
            return


def _push_at_the_end(repo: str, what: str, push: Callable[[], object]) -> None:
    """Push with more patience than usual: what is not pushed is lost with the job."""
    for wait in (*WAITS, None):
        try:
            with translate_errors(repo, "push"):
                push()
        except RunFailed as error:
            if wait is None:
                raise
            show(f"Not pushed: {what}; this is tried again in {wait} s: {error}")
            time.sleep(wait)
        else:
            show(f"Pushed {what} to {repo}.")
            return


def make(repo: str, words: list[str]) -> int:
    """Make a dataset and push it; the exit code."""
    code = _run("make", *words, f"--out={DATA}")
    return code or _run("push", str(DATA), repo)


def _run(*words: str) -> int:
    """A command of datagen in a process of its own; its exit code, 128 and the signal if it was killed.

    SIGTERM is passed on, so that it can save its work.
    """
    process = subprocess.Popen([sys.executable, "-m", "datagen", *words])  # noqa: S603
    before = signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
    try:
        code = process.wait()
        return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _pushing(
    repo: str, seconds: float, newest: Callable[[], str | None], push: Callable[[str], object]
) -> Iterator[None]:
    """Push in a thread while a command works, whenever ``newest`` names something else."""
    ended = threading.Event()

    def push_again_and_again() -> None:
        pushed: str | None = None
        wait = min(CHECKED_EVERY, seconds)
        while not ended.wait(wait):
            wait = min(CHECKED_EVERY, seconds)
            what = newest()
            if what is None or what == pushed:
                continue
            try:
                with translate_errors(repo, "push"):
                    push(what)
            except (InputError, RunFailed, OSError) as error:
                show(f"Not pushed: {what}: {error}")
            else:
                pushed = what
                show(f"Pushed {what} to {repo}.")
            wait = seconds

    thread = threading.Thread(target=push_again_and_again)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _newest_checkpoint() -> str | None:
    newest = max((path.name for path in RUN.glob("checkpoints/step-*")), default=None)
    return newest and f"the checkpoint {newest}"


def _models() -> str | None:
    finished = len(list(STUDY.glob(f"cells/*/{SCORES}")))
    return f"{finished} models" if finished else None


def main(words: list[str]) -> int:
    """Run one of the three; the exit code."""
    what, repo, *rest = words
    try:
        if what == "study":
            return study(repo, float(rest[0]), rest[1:])
        return train(repo, float(rest[0])) if what == "train" else make(repo, rest)
    except (InputError, RunFailed) as error:
        show(f"Error: {error}", err=True)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
