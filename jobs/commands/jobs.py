"""``datagen jobs``: the jobs of an account, the log of one, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datagen.commands.command import Command
from datagen.commands.options import json_option, quiet_option

if TYPE_CHECKING:
    from huggingface_hub import HfApi

    from datagen.hub.jobs import Flavour, Job


@click.command(cls=Command)
@click.argument("job", required=False)
@click.option("--cancel", is_flag=True, help="Stop the job.")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    help="Pull what a job of train or study has made into this folder once it has ended.",
)
@quiet_option
@json_option
def jobs(job: str | None, cancel: bool, out: Path | None, quiet: bool, as_json: bool) -> None:
    """List your Hugging Face Jobs, or follow the log of one.

    Without JOB, lists what runs and what ran; with it, shows its log until it ends. With --json, a job is
    described as it is now.

    \b
    Examples:
      datagen jobs
      datagen jobs 687fb701029421ae5549d998
      datagen jobs 687fb701029421ae5549d998 --cancel
      datagen jobs 687fb701029421ae5549d998 --out run
    """
    from datagen.hub.client import connect
    from datagen.hub.errors import translate_errors
    from datagen.hub.jobs import cancel as cancel_job
    from datagen.hub.jobs import inspect
    from datagen.jobs.following import account_of
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show, show_json

    if job is None and (cancel or out is not None):
        raise InputError(f"{'--cancel' if cancel else '--out'} needs a job; `datagen jobs` lists them.")
    api = connect()
    with translate_errors("your account", "job"):
        account = account_of(api)
    if job is None:
        _list(api, account, as_json, quiet)
    elif cancel:
        cancel_job(api, account, job)
        if as_json:
            show_json(inspect(api, account, job).as_json())
        elif not quiet:
            show(f"Stopped the job {job}.")
    elif as_json and out is None:
        found = inspect(api, account, job)
        show_json(_described(found, _flavours(api)))
    else:
        _follow(api, inspect(api, account, job), out, as_json, quiet)


def _list(api: HfApi, account: str, as_json: bool, quiet: bool) -> None:
    from datagen.hub.jobs import list_jobs
    from datagen.schemas.terminal import show, show_json, show_table

    found, known = list_jobs(api, account), _flavours(api)
    if as_json:
        show_json([_described(each, known) for each in found])
    elif quiet:
        return
    elif not found:
        show(f"{account} has no jobs.")
    else:
        headings = ("id", "state", "flavor", "ran", "cost", "command")
        show_table(
            f"Jobs of {account}", [_row(each, known) for each in found], headings, right_aligned={3, 4}
        )


def _row(job: Job, known: dict[str, Flavour]) -> list[str]:
    from datagen.jobs.estimate import duration

    dollars = _dollars(job, known)
    ran = duration(job.seconds) if job.seconds is not None else "-"
    cost = f"${dollars:.2f}" if dollars is not None else "-"
    command = job.command if len(job.command) <= 100 else job.command[:99] + "…"
    return [job.id, job.stage.lower(), job.flavour, ran, cost, command]


def _described(job: Job, known: dict[str, Flavour]) -> dict[str, Any]:
    return {**job.as_json(), "dollars": _dollars(job, known)}


def _dollars(job: Job, known: dict[str, Flavour]) -> float | None:
    """What a job has cost so far: the seconds that it ran, at the price of its flavour now."""
    from datagen.jobs.estimate import cost

    flavour = known.get(job.flavour)
    return cost(flavour, job.seconds) if flavour is not None and job.seconds is not None else None


def _flavours(api: HfApi) -> dict[str, Flavour]:
    from datagen.hub.jobs import flavours

    return flavours(api)


def _follow(api: HfApi, job: Job, out: Path | None, as_json: bool, quiet: bool) -> None:
    """Show the log until the job's end, and pull its run where that was asked for. Raises RunFailed."""
    from datagen.commands import interruption
    from datagen.jobs.commands.study import show_study
    from datagen.jobs.commands.train import show_run
    from datagen.jobs.following import TARGET, follow_job
    from datagen.jobs.run_repository import refuse_existing
    from datagen.jobs.study_job import fetch_study
    from datagen.jobs.train_job import fetch_run
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show, stage_progress

    target = job.environment.get(TARGET)
    what = next(iter(job.command.split()[1:2]), "")
    if out is not None:
        if target is None or what not in ("train", "study"):
            raise InputError(f"The job {job.id} trains no model; leave out --out.")
        if what == "train":
            refuse_existing(out, overwrite=False, resume=False)
    silent = quiet or as_json
    try:
        follow_job(api, job, (lambda line: None) if silent else show, resume=_again(job))
    except KeyboardInterrupt:
        interruption.end(f"The job goes on; stop it with `datagen jobs {job.id} --cancel`.")
    if out is None or target is None:
        return
    with stage_progress(quiet=silent) as progress:
        fetch = fetch_study if what == "study" else fetch_run
        result = fetch(api, target, out, lambda done, total: progress("Receiving", done, total))
    if what == "study":
        show_study(out, target, as_json, quiet)
    else:
        show_run(out, target, result or {}, as_json, quiet)


def _again(job: Job) -> str:
    import shlex

    from datagen.jobs.commands.running import resuming

    try:
        words = shlex.split(job.command)
    except ValueError:
        return job.command
    return resuming(words) if len(words) > 1 else job.command
