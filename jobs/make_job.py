"""`datagen make --on hf-jobs`: the same dataset, made in a job and pushed from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi

from datagen.hub.errors import translate_errors
from datagen.hub.jobs import Job, flavour_named, flavours
from datagen.jobs.estimate import MARGIN, STARTING, duration, making_seconds
from datagen.jobs.following import JobOptions, Plan, account_of, start_job
from datagen.schemas import InputError
from datagen.schemas.files import read_file
from datagen.schemas.text import without_secrets

MOST_FILE_BYTES = 50_000_000

LEARNING_TIMEOUT = 2 * 3600
"""Seconds that a job may run that learns a catalogue first, which nobody has measured there."""


@dataclass(frozen=True)
class MakeRequest:
    """A dataset to make in a job.

    ``words``: the options of `make` there. ``files``: what they name, by name. ``rows``: None where
    they are learned from others first. ``pixels``: of a picture, 0 without. ``command``: as it was typed.
    """

    words: tuple[str, ...]
    files: Mapping[str, bytes]
    rows: int | None
    pixels: int
    push: str | None
    command: tuple[str, ...]


class MakeJob:
    """A dataset and where it goes, checked; nothing has been sent yet. Raises InputError, RunFailed."""

    def __init__(self, api: HfApi, request: MakeRequest, options: JobOptions) -> None:
        self._api, self._request, self._options = api, request, options
        if request.push is None:
            raise InputError("A job keeps nothing; say where it pushes the dataset with --push OWNER/NAME.")
        self.repo = request.push
        with translate_errors(self.repo, "job"):
            self._owner = account_of(api, self.repo)
            self.account = account_of(api)
        flavour = flavour_named(options.flavour, flavours(api))
        rows = f"{request.rows:,} rows" if request.rows is not None else "the rows"
        lines = [f"Makes {rows} in a job of {self.account}, and pushes them to {self.repo}."]
        timeout = options.timeout or LEARNING_TIMEOUT
        if request.rows is not None:
            cores = flavour.cores or 2
            seconds = making_seconds(request.rows, request.pixels, cores)
            timeout = options.timeout or round(STARTING + MARGIN * seconds)
            what = "3,040 pictures in 20.2 s on two cores" if request.pixels else "216,000 rows a second"
            lines.append(
                f"Making them should take about {duration(max(seconds, 1))} on {cores} cores, if they are as "
                f"fast as the ones that were measured ({what}; docs/figures.md); starting up comes first."
            )
        self.plan = Plan(request.command, flavour, timeout, tuple(lines))

    @property
    def address(self) -> str:
        """Where the dataset will be."""
        return f"{without_secrets(self._api.endpoint)}/datasets/{self.repo}"

    def start(self) -> Job:
        """Send what the job needs, and start it. Raises InputError, RunFailed."""
        with translate_errors(self.account, "job"):
            return start_job(
                self._api,
                self.account,
                self.plan,
                self._options,
                ["make", self.repo, *self._request.words],
                self._request.files,
                extra="",
                target=self.repo,
                labels={"datagen": "make"},
            )


def shipped(value: str, files: dict[str, bytes]) -> str:
    """The name that a file has among a job's files, to which it is added. Raises InputError."""
    path = Path(value)
    content = read_file(path, MOST_FILE_BYTES)
    if files.get(path.name, content) != content:
        raise InputError(f"Two files that the job needs are named {path.name}; rename one of them.")
    files[path.name] = content
    return path.name
