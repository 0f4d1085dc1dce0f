"""`datagen train --on hf-jobs`: the same run in a job, and its folder here at the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationDelete, HfApi

from datagen.hub.errors import translate_errors
from datagen.hub.files import RemoteFile
from datagen.hub.jobs import GOING_ON, Job, flavour_named, flavours, list_jobs
from datagen.hub.private import make_private
from datagen.hub.retries import with_retries
from datagen.jobs.estimate import SMOKE_TIMEOUT, STARTING, TRAIN_TIMEOUT, TRAINING_MARGIN, duration
from datagen.jobs.following import JobOptions, Plan, account_of, start_job
from datagen.jobs.local_data import hub_name, on_the_hub, rows_here
from datagen.jobs.run_repository import EVALUATED, NOT_OURS, RunThere, pull_run, refuse_existing
from datagen.jobs.training_time import SOURCE, training_seconds
from datagen.schemas import InputError
from datagen.schemas.files import read_file
from datagen.schemas.progress import ByteProgress, StageProgress
from datagen.train.config import CONFIG, RunConfig
from datagen.train.data.run_data import DATA, SPLIT

MOST_RECORD_BYTES = 100_000_000
SPLIT_FROM = "split-from"
"""The folder among a job's files with the split of another run."""


@dataclass(frozen=True)
class TrainRequest:
    """A run to train in a job. ``command``: as it was typed. ``push_every``: seconds between pushes."""

    config: RunConfig
    out: Path
    push_to: str | None
    resume: bool
    overwrite: bool
    push_every: int
    command: tuple[str, ...]


class TrainJob:
    """A run and where it goes, checked; nothing has been sent yet. Raises InputError, RunFailed."""

    def __init__(self, api: HfApi, request: TrainRequest, options: JobOptions) -> None:
        self._api, self._request, self._options = api, request, options
        config = request.config
        refuse_existing(request.out, overwrite=request.overwrite, resume=request.resume)
        with translate_errors(request.push_to or "your account", "job"):
            account = account_of(api)
            self.repo = request.push_to or f"{account}/{hub_name(request.out)}-job"
            self.account = account_of(api, self.repo)
        flavour = flavour_named(options.flavour, flavours(api))
        _refuse_local_base(config)
        _refuse_index(config)
        if not config.smoke:  # before a machine is paid for that cannot load it
            with translate_errors(config.model.base, "job", "model"):
                with_retries(lambda: api.auth_check(config.model.base))
        self._given_split = _given_split(config)
        with translate_errors(self.repo, "job"):
            self.there = RunThere(api, self.repo)
        self._refuse_other_contents()
        with translate_errors("the data", "job"):
            data = {name: self._data(name, None) for name in ("real", "synthetic")}
        lines = [f"Trains in a job of {self.account}, and pushes the run to the private model {self.repo}."]
        lines += [f"The {name} rows are {where}." for name, where in data.items() if where]
        timeout, why = _time_limit(config, flavour.name)
        if options.timeout is None:
            lines.append(why)
        timeout = options.timeout or timeout
        self.plan = Plan(request.command, flavour, timeout, tuple(lines))

    @property
    def finished(self) -> bool:
        """Whether an earlier job has done everything, so that there is only the run to fetch."""
        return self._request.resume and self.there.finished

    def start(self, progress: StageProgress) -> Job:
        """Push the data that the Hub lacks, and start the job. Raises InputError, RunFailed."""
        label = hashlib.sha256(self.repo.encode()).hexdigest()[:16]
        labels = {"datagen": "train", "datagen-run": label}
        going_on = list_jobs(self._api, self.account, stages=GOING_ON, labels={"datagen-run": label})
        if going_on:
            raise InputError(
                f"The job {going_on[0].id} is training {self.repo} already; follow it with `datagen jobs "
                f"{going_on[0].id}`, or stop it with --cancel."
            )
        with translate_errors("the data", "push"):
            config = self._config_there(progress)
        files = {CONFIG: config.text().encode(), **self._given_split}
        with translate_errors(self.repo, "push"):
            head = make_private(self._api, self.repo, "model")
            if self._request.overwrite and not self.there.empty:
                gone = [CommitOperationDelete(path, is_folder=False) for path in self._old()]
                with_retries(
                    lambda: self._api.create_commit(
                        self.repo,
                        gone,
                        commit_message="Remove the run that is replaced",
                        repo_type="model",
                        parent_commit=head,
                    )
                )
        words = ["train", self.repo, str(self._request.push_every)]
        with translate_errors(self.account, "job"):
            return start_job(
                self._api,
                self.account,
                self.plan,
                self._options,
                words,
                files,
                extra="train",
                target=self.repo,
                labels=labels,
            )

    def fetch(self, progress: ByteProgress) -> dict[str, Any]:
        """Pull the run to where it was asked for; its summary and scores. Raises InputError, RunFailed."""
        return fetch_run(self._api, self.repo, self._request.out, progress)

    def _old(self) -> Mapping[str, RemoteFile]:
        return {path: file for path, file in self.there.files.items() if path not in NOT_OURS}

    def _refuse_other_contents(self) -> None:
        there, request = self.there, self._request
        if there.empty:
            return
        if not there.is_run:
            raise InputError(f"{self.repo} holds something other than a run; give another --push-to.")
        if not (request.resume or request.overwrite):
            raise InputError(
                f"{self.repo} holds a run already; go on with --resume, replace it with --overwrite, or give "
                "another --push-to."
            )

    def _data(self, name: str, progress: StageProgress | None) -> str | None:
        given = getattr(self._request.config.data, name)
        return on_the_hub(self._api, self.account, given, f"--{name}", progress)

    def _config_there(self, progress: StageProgress) -> RunConfig:
        """The configuration with names that mean the same in a job."""
        config = self._request.config
        data: dict[str, Any] = {name: self._data(name, progress) for name in ("real", "synthetic")}
        if self._given_split:
            data["split_from"] = SPLIT_FROM
        return config.model_copy(update={"data": config.data.model_copy(update=data)})


def fetch_run(api: HfApi, repo: str, out: Path, progress: ByteProgress) -> dict[str, Any]:
    """Pull a run from its repository; its summary, and its scores where it was evaluated."""
    with translate_errors(repo, "pull"):
        pull_run(api, RunThere(api, repo), out, checkpoints=False, progress=progress)
    return {
        name: json.loads(read_file(out / path, MOST_RECORD_BYTES)) if (out / path).is_file() else None
        for name, path in (("summary", "summary.json"), ("evaluation", EVALUATED))
    }


def _time_limit(config: RunConfig, flavour: str) -> tuple[int, str]:
    """Seconds after which a job is stopped if nobody says, and why so many."""
    real, synthetic = (rows_here(name) for name in (config.data.real, config.data.synthetic))
    rows = None if real is None or synthetic is None else real + synthetic
    seconds = training_seconds(config, flavour, rows)
    if seconds is None:
        limit = SMOKE_TIMEOUT if config.smoke else TRAIN_TIMEOUT
        return limit, (
            f"The time limit of {duration(limit)} is a default, not an estimate: nobody measured this run on "
            f"{flavour}; give --timeout, and --resume goes on where it ended."
        )
    limit = round(STARTING + TRAINING_MARGIN * seconds)
    return limit, (
        f"Its steps should take about {duration(seconds)} ({SOURCE}); the time limit is {TRAINING_MARGIN:g} "
        "times that and 15 minutes, for validation and scores too."
    )


def _refuse_local_base(config: RunConfig) -> None:
    base = config.model.base
    if not config.smoke and (Path(base).exists() or Path(base).is_absolute() or base.startswith(".")):
        raise InputError(
            f"--base {base} is a folder here, which a job cannot see; push it to the Hub, and give its "
            "name there."
        )


def _refuse_index(config: RunConfig) -> None:
    """Raises InputError for neighbours from an index, which is a folder of this machine."""
    if config.retrieval.index is not None:
        raise InputError("A job cannot read an index of this machine; leave out --retrieve, or train here.")


def _given_split(config: RunConfig) -> dict[str, bytes]:
    """The split of another run, as files of the job. Raises InputError for one of a local folder's rows."""
    if config.data.split_from is None:
        return {}
    run = Path(config.data.split_from)
    files = {str(path): run / path for path in (DATA, SPLIT)}
    if not all(path.is_file() for path in files.values()):
        raise InputError(f"--split-from {run} is not the folder of a run; give one that datagen train wrote.")
    content = {name: read_file(path, MOST_RECORD_BYTES) for name, path in files.items()}
    try:
        about = json.loads(content[DATA])
        digest = str(about[about["split"]["of"]]["digest"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError(
            f"{run / DATA} does not describe the run's data; give another --split-from."
        ) from None
    if "@" not in digest:
        raise InputError(
            f"--split-from {run} has the split of a folder here, and a job reads rows from the Hub; train "
            "that run with --on hf-jobs too."
        )
    return {f"{SPLIT_FROM}/{name}": bytes_ for name, bytes_ in content.items()}
