"""What `make` and `train` share once a job is planned: the question, the log, Ctrl-C, and the way back."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from huggingface_hub import HfApi

    from datagen.hub.jobs import Job
    from datagen.jobs.following import JobOptions, Plan


def options_of(asked: dict[str, Any], flavour: str) -> JobOptions:
    """The options about the job, with the default flavour."""
    from datagen.jobs.following import JobOptions

    return JobOptions(
        flavour=asked["flavor"] or flavour,
        timeout=asked["timeout"],
        secrets=asked["secrets"],
        package=asked["package"],
        detach=asked["detach"],
        yes=asked["yes"],
    )


def typed_command() -> tuple[str, ...]:
    """This command as it was typed."""
    context = click.get_current_context()
    return ("datagen", str(context.info_name), *context.meta["arguments"])


def resuming(command: Sequence[str]) -> str:
    """The command that goes on where a job ended, if it has --resume; otherwise the same command."""
    words = [word for word in command if word not in {"--overwrite", "--resume"}]
    return shlex.join([*words, "--resume"] if words[1] == "train" else words)


def show_plan(plan: Plan, quiet: bool) -> None:
    """Say what the job will do and cost, on stderr."""
    from datagen.schemas.terminal import show

    if not quiet:
        show(*plan.price_lines(), err=True)


def followed(api: HfApi, job: Job, command: Sequence[str], *, detach: bool, quiet: bool) -> Job | None:
    """The job once it has ended well; None if it was to be left alone. Ctrl-C leaves it running."""
    from datagen.commands import interruption
    from datagen.jobs.following import follow_job
    from datagen.schemas.terminal import show

    if not quiet:
        show(f"Started the job {job.id}: {job.url}", err=True)
    if detach:
        return None
    line = (lambda text: None) if quiet else partial(show, err=True)
    try:
        return follow_job(api, job, line, resume=resuming(command))
    except KeyboardInterrupt:
        interruption.end(
            f"The job goes on; follow it with `datagen jobs {job.id}`, or stop it with `datagen jobs "
            f"{job.id} --cancel`."
        )


def show_detached(job: Job, target: str, as_json: bool, quiet: bool, then: Callable[[], list[str]]) -> None:
    """The result of a command that started a job and left it. ``then``: the commands to type next."""
    from datagen.schemas.terminal import show_json, show_next

    if as_json:
        show_json({"job": job.as_json(), "target": target})
    elif not quiet:
        show_next([f"datagen jobs {job.id}", *then(), f"datagen jobs {job.id} --cancel"])
