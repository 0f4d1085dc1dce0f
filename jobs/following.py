"""A job from the question before it to its end: what it will take, its log, and what to do if it died."""

from __future__ import annotations

import os
import re
import shlex
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from huggingface_hub import HfApi

from datagen.hub.client import check_repo_id, require_write_access
from datagen.hub.errors import LOGIN
from datagen.hub.jobs import COMMAND, Flavour, Job, JobRequest, inspect, log_lines, submit
from datagen.jobs.estimate import cost, duration, price
from datagen.jobs.inputs import Inputs, send_inputs
from datagen.jobs.job_command import job_command, packed
from datagen.jobs.package import pins, wheel
from datagen.schemas import InputError, RunFailed
from datagen.schemas.terminal import confirm, show, somebody_can_answer
from datagen.schemas.text import printable

LAST_LINES = 3
"""Lines of the log that the error of a job that died repeats."""

TOKEN = "HF_TOKEN"  # noqa: S105 - the name, not a token
TARGET = "DATAGEN_TARGET"
"""The environment variable of a job that holds the repository it works for."""


@dataclass(frozen=True)
class JobOptions:
    """What was asked for about the job itself.

    ``timeout``: in seconds. ``secrets``: names of environment variables. ``package``: the requirement of
    datagen, None for this installation.
    """

    flavour: str
    timeout: int | None
    secrets: tuple[str, ...]
    package: str | None
    detach: bool
    yes: bool


@dataclass(frozen=True)
class Plan:
    """What a job will do, before anything is sent. ``lines``: what to know about it; ``jobs``: how many."""

    command: tuple[str, ...]
    flavour: Flavour
    timeout: int
    lines: tuple[str, ...]
    jobs: int = 1

    def price_lines(self) -> list[str]:
        """The machine, its price, and the most that the job can cost."""
        most = cost(self.flavour, self.timeout)
        all_of_it = "it costs" if self.jobs == 1 else f"{self.jobs} jobs cost"
        limit = f", so {all_of_it} at most ${most * self.jobs:.2f}" if most is not None else ""
        return [*self.lines, f"{price(self.flavour)}; stopped after {duration(self.timeout)}{limit}."]


class NotConfirmed(InputError):
    """The question before a job was answered with no."""


def account_of(api: HfApi, repo: str | None = None) -> str:
    """The account behind the token, which may write to ``repo``. Raises InputError."""
    if not api.token:
        raise InputError(f"A job runs in your account on the Hub, and you are not logged in; {LOGIN}.")
    if repo is not None:
        check_repo_id(repo)
        return require_write_access(api, repo)
    return str(api.whoami()["name"])


def secrets_of(api: HfApi, names: Sequence[str]) -> dict[str, str]:
    """The token, and the values of variables of this process. Raises InputError for one that is not set."""
    values = {TOKEN: str(api.token)}
    for name in names:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise InputError(
                "--secret takes the name of an environment variable, such as WANDB_API_KEY, not its value."
            )
        if not os.environ.get(name):
            raise InputError(f"--secret {name} is not set in this environment; export it first.")
        values[name] = os.environ[name]
    return values


def announce(plan: Plan, *, yes: bool, quiet: bool) -> None:
    """Say what a job will take, and ask before money is spent, on a terminal only. Raises NotConfirmed."""
    asks = not yes and somebody_can_answer()
    if asks or not quiet:
        show(*plan.price_lines(), err=True)
    if asks and not confirm("Start this job?" if plan.jobs == 1 else f"Start these {plan.jobs} jobs?"):
        raise NotConfirmed("No job was started; give --yes to start one without being asked.")


def start_job(
    api: HfApi,
    account: str,
    plan: Plan,
    options: JobOptions,
    words: Sequence[str],
    files: Mapping[str, bytes],
    *,
    extra: str,
    target: str,
    labels: Mapping[str, str],
) -> Job:
    """Send what a job needs, and start it. ``words``: of inside.py. ``extra``: of datagen's requirements."""
    secrets = secrets_of(api, options.secrets)
    files, package = dict(files), options.package
    if package is None:
        name, content = wheel()
        files[name] = content
        package = packed(name, extra)
    inputs: Inputs = send_inputs(api, account, files)
    request = JobRequest(
        command=job_command(inputs, package, pins(extra), words),
        flavour=plan.flavour.name,
        timeout=plan.timeout,
        environment={COMMAND: shlex.join(plan.command), TARGET: target, "PYTHONUNBUFFERED": "1"},
        secrets=secrets,
        labels=labels,
    )
    return submit(api, account, request)


def follow_job(api: HfApi, job: Job, say: Callable[[str], None], *, resume: str) -> Job:
    """Show a job's log until its end. Raises RunFailed where it ended otherwise than well.

    ``resume``: the command that goes on from there.
    """
    last: deque[str] = deque(maxlen=LAST_LINES)
    try:
        for line in log_lines(api, job.namespace, job.id):
            say(line)
            if line.strip():
                last.append(" ".join(printable(line).split())[:200])
        ended = inspect(api, job.namespace, job.id)
    except RunFailed as error:
        raise RunFailed(
            f"{str(error).partition(';')[0]}; the job goes on, and `datagen jobs {job.id}` follows it again."
        ) from error
    if ended.stage != "COMPLETED":
        raise job_failed(ended, list(last), resume)
    return ended


def job_failed(job: Job, last: Sequence[str], resume: str) -> RunFailed:
    """The error for a job that was cancelled, failed or ran out of time."""
    how = "was cancelled" if job.stage == "CANCELED" else "died"
    why = f" ({job.message.rstrip('.')})" if job.message else ""
    said = f" after saying: {' | '.join(last)}" if last else ""
    return RunFailed(f"The job {job.id} {how}{why}{said.rstrip('.')}; resume it with: {resume}")
