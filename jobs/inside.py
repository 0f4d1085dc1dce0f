"""What runs in a job, in the folder of its inputs:

    python -m datagen.jobs.inside train OWNER/NAME SECONDS
    python -m datagen.jobs.inside make OWNER/NAME OPTIONS ...

`train` fetches the run that an earlier job has begun, trains it from config.yaml, evaluates it, and pushes
its folder every SECONDS and at the end, whatever the end is. `make` makes a dataset folder and pushes it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import HfApi

from datagen.hub.client import connect
from datagen.hub.errors import translate_errors
from datagen.jobs.run_repository import CONFIG, RunThere, pull_run, push_run
from datagen.schemas import InputError, RunFailed
from datagen.schemas.terminal import show

RUN, DATA = Path("run"), Path("data")
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
    with _pushing(api, repo, seconds):
        code = _run("train", "--recipe", CONFIG, "--out", str(RUN), "--resume")
    if code == 0 and _run("evaluate", str(RUN)) != 0:
        show("The run was trained but not evaluated; `datagen evaluate` does that.")
    if (RUN / CONFIG).is_file():
        with translate_errors(repo, "push"):
            push_run(api, repo, RUN, "The run is finished" if code == 0 else "The run has stopped")
        show(f"Pushed the run to {repo}.")
    return code


def make(repo: str, words: list[str]) -> int:
    """Make a dataset and push it; the exit code."""
    code = _run("make", *words, f"--out={DATA}")
    return code or _run("push", str(DATA), repo)


def _run(*words: str) -> int:
    """A command of datagen in a process of its own. SIGTERM is passed on, so that it can save its work."""
    process = subprocess.Popen([sys.executable, "-m", "datagen", *words])  # noqa: S603
    before = signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _pushing(api: HfApi, repo: str, seconds: float) -> Iterator[None]:
    """Push the run in a thread while it trains: whenever there is a new checkpoint, and not more often."""
    ended = threading.Event()

    def push_again_and_again() -> None:
        pushed: str | None = None
        wait = min(CHECKED_EVERY, seconds)
        while not ended.wait(wait):
            wait = min(CHECKED_EVERY, seconds)
            newest = max((path.name for path in RUN.glob("checkpoints/step-*")), default=None)
            if newest is None or newest == pushed:
                continue
            try:
                with translate_errors(repo, "push"):
                    push_run(api, repo, RUN, f"Checkpoint {newest}")
            except (InputError, RunFailed, OSError) as error:
                show(f"The checkpoint {newest} was not pushed: {error}")
            else:
                pushed = newest
                show(f"Pushed the checkpoint {newest} to {repo}.")
            wait = seconds

    thread = threading.Thread(target=push_again_and_again)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def main(words: list[str]) -> int:
    """Run one of the two; the exit code."""
    what, repo, *rest = words
    try:
        return train(repo, float(rest[0])) if what == "train" else make(repo, rest)
    except (InputError, RunFailed) as error:
        show(f"Error: {error}", err=True)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
