"""`datagen study --on hf-jobs`: the same models, trained in one job or in several, and their page here."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi

from datagen.hub.errors import translate_errors
from datagen.hub.jobs import GOING_ON, Job, flavour_named, flavours, list_jobs
from datagen.hub.private import make_private
from datagen.jobs.estimate import STUDY_TIMEOUT, duration
from datagen.jobs.following import JobOptions, Plan, account_of, start_job
from datagen.jobs.local_data import hub_name, on_the_hub
from datagen.jobs.study_repository import pull_study, refuse_other_contents, results_in
from datagen.schemas import InputError
from datagen.schemas.progress import ByteProgress, StageProgress
from datagen.train.commands.study import same_models

MOST_JOBS = 100


@dataclass(frozen=True)
class StudyRequest:
    """A study to run in jobs.

    ``sets``: --real and --synthetic, as typed. ``words``: the other options of ``study`` there; ``files``:
    what they name, by name. ``only``: the part of one job, None for ``jobs`` parts. ``push_every``: seconds
    between pushes. ``command``: as it was typed.
    """

    sets: Mapping[str, str]
    words: tuple[str, ...]
    files: Mapping[str, bytes]
    out: Path
    only: tuple[int, int] | None
    jobs: int
    push_to: str | None
    push_every: int
    command: tuple[str, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.jobs <= MOST_JOBS:
            raise InputError(f"--jobs {self.jobs} must be from 1 to {MOST_JOBS}.")
        if self.only is not None and self.jobs > 1:
            raise InputError("--only starts the job of one part, and --jobs those of all; leave one out.")

    @property
    def parts(self) -> list[tuple[int, int]]:
        """The part of each job, and of how many."""
        return [self.only] if self.only is not None else [(at + 1, self.jobs) for at in range(self.jobs)]


class StudyJobs:
    """A study and where it goes, checked; nothing has been sent yet. Raises InputError, RunFailed."""

    def __init__(self, api: HfApi, request: StudyRequest, options: JobOptions) -> None:
        self._api, self._request, self._options = api, request, options
        if request.out.exists() and not request.out.is_dir():
            raise InputError(f"{request.out} is a file; give another --out.")
        with translate_errors(request.push_to or "your account", "job"):
            account = account_of(api)
            self.repo = request.push_to or f"{account}/{hub_name(request.out)}-job"
            self.account = account_of(api, self.repo)
        flavour = flavour_named(options.flavour, flavours(api))
        with translate_errors(self.repo, "job"):
            self._there = refuse_other_contents(api, self.repo)
        with translate_errors("the data", "job"):
            sets = self._sets(None)
        if not self._there and results_in(request.out) is not None:
            raise InputError(f"{request.out} holds a study that was run here; give another --out.")
        many = len(request.parts)
        jobs = "a job" if many == 1 else f"{many} jobs at a time"
        lines = [f"Trains in {jobs} of {self.account}, and pushes to the private dataset {self.repo}."]
        lines += [f"The {name} rows are {where}." for name, where in sets.items()]
        timeout = options.timeout or STUDY_TIMEOUT
        if options.timeout is None:
            lines.append(
                f"The time limit of {duration(timeout)} is a default, not an estimate (--timeout); the same "
                "command goes on where a job ended."
            )
        self.plan = Plan(request.command, flavour, timeout, tuple(lines), jobs=many)

    def finished(self, progress: ByteProgress) -> bool:
        """Whether earlier jobs have trained every model. What they have made is pulled."""
        if not self._there or self._request.only is not None:
            return False
        found = self.fetch(progress)
        if found is None or not self._made(found["command"]):
            return False
        return bool(found["cells"]["finished"] == found["cells"]["planned"])

    def start(self, progress: StageProgress) -> list[Job]:
        """Push the data that the Hub lacks, and start the jobs. Raises InputError, RunFailed."""
        for labels in map(self._labels, self._request.parts):
            for job in list_jobs(self._api, self.account, stages=GOING_ON, labels=labels):
                raise InputError(
                    f"The job {job.id} is training these models already; follow it with `datagen jobs "
                    f"{job.id}`, or stop it with --cancel."
                )
        with translate_errors("the data", "push"):
            sets = self._sets(progress)
        with translate_errors(self.repo, "push"):
            make_private(self._api, self.repo, "dataset")
        started = []
        for part in self._request.parts:
            only = [f"--only={part[0]}/{part[1]}"] if part[1] > 1 else []
            with translate_errors(self.account, "job"):
                started.append(
                    start_job(
                        self._api,
                        self.account,
                        self.plan,
                        self._options,
                        ["study", self.repo, str(self._request.push_every), *self._words(sets), *only],
                        self._request.files,
                        extra="train",
                        target=self.repo,
                        labels={"datagen": "study", **self._labels(part)},
                    )
                )
        return started

    def fetch(self, progress: ByteProgress) -> dict[str, Any] | None:
        """Pull the models and the page; the results. Raises InputError, RunFailed."""
        return fetch_study(self._api, self.repo, self._request.out, progress)

    def _words(self, sets: Mapping[str, str]) -> list[str]:
        return [*(f"--{name}={where}" for name, where in sets.items()), *self._request.words]

    def _made(self, command: str) -> bool:
        """Whether results of that command are those of these jobs, on the same rows."""
        given, mine = shlex.split(command)[2:], same_models(self._words(self._sets(None)))
        # A folder of this machine has the name that its content gives it, before it has a commit.
        return len(given) == len(mine) and all(
            word in (other, other.partition("@")[0]) for word, other in zip(mine, given, strict=True)
        )

    def _labels(self, part: tuple[int, int]) -> dict[str, str]:
        name = hashlib.sha256(self.repo.encode()).hexdigest()[:16]
        return {"datagen-study": f"{name}-{part[0]}-of-{part[1]}"}

    def _sets(self, progress: StageProgress | None) -> dict[str, str]:
        """Both sets as the jobs find them."""
        found = {}
        for name, given in self._request.sets.items():
            found[name] = str(on_the_hub(self._api, self.account, given, f"--{name}", progress))
        return found


def fetch_study(api: HfApi, repo: str, out: Path, progress: ByteProgress) -> dict[str, Any] | None:
    """Pull what the jobs of a study have made; its results.json, None where no job has come so far."""
    with translate_errors(repo, "pull"):
        pull_study(api, repo, out, outcome=True, progress=progress)
    return results_in(out)
