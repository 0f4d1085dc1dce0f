"""Commands that run on the Hub's machines (Jobs): flavours and prices, submitting, following, cancelling.

What a job may see of this machine is what is given to :func:`submit`: its command, its environment, and
secrets by name. A secret's value goes to the Hub in the one request that submits the job, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from huggingface_hub import HfApi, JobInfo
from huggingface_hub.errors import HfHubHTTPError

from datagen.hub.errors import LOGIN, odd_answer, one_line, translate_errors
from datagen.hub.retries import with_retries
from datagen.schemas import InputError
from datagen.schemas.yaml_file import nearest

IMAGE = "ghcr.io/astral-sh/uv:python3.12-bookworm"
"""What a job runs in: Python and uv, as `hf jobs uv run` uses it (huggingface_hub 2.4)."""

GOING_ON = ("SCHEDULING", "RUNNING")
"""The stages of a job that has not ended."""

MOST_JOBS = 1000
"""Jobs that are listed."""

COMMAND = "DATAGEN_COMMAND"
"""The environment variable of a job that holds the command as it was typed."""

RIGHTS = "Jobs need a plan or credits that pay for them and a token that may write and start jobs"


@dataclass(frozen=True)
class Flavour:
    """A kind of machine. ``dollars``: its price per ``unit`` ("minute"). ``gpu``: empty where it has none."""

    name: str
    cpu: str
    memory: str
    gpu: str
    dollars: float
    unit: str

    @property
    def dollars_per_hour(self) -> float | None:
        """The price of an hour; None for a unit of time that is not known here."""
        hours = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0}.get(self.unit)
        return self.dollars / hours if hours else None

    @property
    def cores(self) -> int | None:
        """The number of virtual cores, None where it is not told."""
        number = re.match(r"(\d+) vCPU", self.cpu)
        return int(number[1]) if number else None


@dataclass(frozen=True)
class JobRequest:
    """A job to start. ``timeout``: in seconds. ``secrets``: name -> value, never printed."""

    command: tuple[str, ...]
    flavour: str
    timeout: int
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """A job as the Hub describes it.

    ``message``: why it ended, if the Hub says so. ``seconds``: how long it has run, None before it did.
    """

    id: str
    url: str
    namespace: str
    stage: str
    message: str
    flavour: str
    command: str
    environment: Mapping[str, str]
    created: datetime | None
    seconds: int | None

    @property
    def ended(self) -> bool:
        """Whether it will not run any further."""
        return self.stage not in GOING_ON

    def as_json(self) -> dict[str, Any]:
        """The description as plain values."""
        return {
            "id": self.id,
            "url": self.url,
            "state": self.stage.lower(),
            "message": self.message or None,
            "flavor": self.flavour,
            "command": self.command,
            "created": self.created.isoformat() if self.created else None,
            "seconds": self.seconds,
        }


# Flavours


def flavours(api: HfApi) -> dict[str, Flavour]:
    """The kinds of machine that the Hub offers, by name."""
    with job_errors():
        found = with_retries(api.list_jobs_hardware)
        every = {}
        for each in found:
            gpu = each.accelerator
            described = f"{gpu.quantity} x {gpu.model}, {gpu.vram}" if gpu else ""
            price, unit = float(each.unit_cost_usd), one_line(each.unit_label)
            name = one_line(each.name)
            every[name] = Flavour(
                name, one_line(each.cpu), one_line(each.ram), one_line(described), price, unit
            )
    return every


def flavour_named(name: str, known: Mapping[str, Flavour]) -> Flavour:
    """The flavour of a name. Raises InputError that names the nearest."""
    if name not in known:
        raise InputError(f"--flavor {name} does not exist; {nearest(name, known)}.")
    return known[name]


# Jobs


def submit(api: HfApi, namespace: str, request: JobRequest) -> Job:
    """Start a job. Raises InputError where the account may not, RunFailed where the Hub fails.

    It is not retried: a request that took effect unnoticed would start, and cost, a second job.
    """
    with job_errors():
        # run_uv_job would take every argument that is also the name of a file here for a file to upload.
        info = api.run_job(
            image=IMAGE,
            command=list(request.command),
            env=dict(request.environment),
            secrets=dict(request.secrets),
            flavor=request.flavour,
            timeout=request.timeout,
            labels=dict(request.labels),
            namespace=namespace,
            token=api.token,
        )
        return _job(info)


def inspect(api: HfApi, namespace: str, job: str) -> Job:
    """A job as it is now. Raises InputError where there is none."""
    with job_errors(namespace, job):
        return _job(with_retries(lambda: api.inspect_job(job_id=_checked(job), namespace=namespace)))


def list_jobs(
    api: HfApi, namespace: str, *, stages: Sequence[str] = (), labels: Mapping[str, str] | None = None
) -> list[Job]:
    """The jobs of an account, newest first; only those in some stages, or with some labels."""

    def call() -> list[Job]:
        found = api.list_jobs(
            status=list(stages) or None,
            labels=dict(labels or {}) or None,
            namespace=namespace,
            token=api.token,
        )
        return [_job(info) for info in islice(found, MOST_JOBS)]

    with job_errors():
        return with_retries(call)


def cancel(api: HfApi, namespace: str, job: str) -> None:
    """Stop a job. Raises InputError where there is none."""
    with job_errors(namespace, job):
        with_retries(lambda: api.cancel_job(job_id=_checked(job), namespace=namespace))


def log_lines(api: HfApi, namespace: str, job: str) -> Iterator[str]:
    """The lines of a job's log, from the first to the last, as they come; ends when the job has ended.

    The client (huggingface_hub 2.4) leaves out the end of the log where a connection broke and the job ended
    before it was made again, so that what it has not given is fetched once more.
    """
    with job_errors(namespace, job):
        told = 0
        for line in api.fetch_job_logs(job_id=_checked(job), namespace=namespace, follow=True):
            told += 1
            yield line
        for number, line in enumerate(api.fetch_job_logs(job_id=job, namespace=namespace, follow=False)):
            if number >= told:
                yield line


def _checked(job: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{4,64}", job):
        raise InputError(f"{job!r} is not the id of a job; `datagen jobs` lists them.")
    return job


def _job(info: JobInfo) -> Job:
    environment = info.environment or {}
    words = [*(info.command or []), *(info.arguments or [])]
    if not isinstance(info.id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{4,64}", info.id):
        raise odd_answer("a job without an id")
    command = environment.get(COMMAND) or " ".join(map(str, words))
    seconds = info.durations.running_secs if info.durations else None
    return Job(
        id=info.id,
        url=one_line(info.url),
        namespace=one_line(str(info.owner.name)),
        stage=one_line(str(getattr(info.status.stage, "value", info.status.stage))),
        message=one_line(info.status.message or ""),
        flavour=one_line(str(info.flavor or "")),
        command=one_line(str(command)),
        environment={str(name): str(value) for name, value in environment.items()},
        created=info.created_at,
        seconds=seconds if isinstance(seconds, int) else None,
    )


@contextmanager
def job_errors(namespace: str = "", job: str = "") -> Iterator[None]:
    """Raise what the client raises about jobs as InputError or RunFailed instead."""
    with translate_errors("the jobs", "job"):
        try:
            yield
        except HfHubHTTPError as error:
            status = error.response.status_code
            said = one_line(error.server_message or "")
            said = f": {said}" if said else ""
            if status == 404 and job:
                raise InputError(f"{namespace} has no job {job}; `datagen jobs` lists them.") from error
            if status == 401:
                raise InputError(f"The Hub rejected the token; {LOGIN}.") from error
            if status in {402, 403}:
                raise InputError(f"The Hub refuses to run this job ({status}{said}); {RIGHTS}.") from error
            if status == 400:
                raise InputError(f"The Hub does not accept this job (400{said}).") from error
            raise
