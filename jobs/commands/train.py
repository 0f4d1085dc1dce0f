"""``datagen train --on hf-jobs``: the same run on a GPU of the Hub's."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datagen.jobs.commands.options import TimeOption, job_options, with_options
from datagen.train.commands.train import asked_config, recipe_file
from datagen.train.commands.train import train as train_here

if TYPE_CHECKING:
    from datagen.train.config import RunConfig

FLAVOUR, SMOKE_FLAVOUR = "l4x1", "cpu-basic"

OPTIONS = [
    *job_options(f"{FLAVOUR}; {SMOKE_FLAVOUR} with --smoke", "6h; 30m with --smoke"),
    click.Option(
        ["--push-to"],
        metavar="OWNER/NAME",
        help="Private model repository for the run and its checkpoints.  [default: the name of --out]",
    ),
    click.Option(
        ["--push-every"],
        type=TimeOption(),
        help="Least time between two checkpoints that are pushed.  [default: 10m]",
    ),
]
PUSH_EVERY = 600


def start(asked: dict[str, Any], given: dict[str, Any]) -> None:
    """Train in a job, and pull the run."""
    from datagen.hub.client import connect
    from datagen.jobs.commands.running import followed, options_of, show_detached, show_plan, typed_command
    from datagen.jobs.following import refuse_unless_confirmed
    from datagen.jobs.train_job import TrainJob, TrainRequest
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show, stage_progress

    out = given.pop("out") or Path("run")
    as_json, quiet = given.pop("as_json"), given.pop("quiet")
    quiet, dry_run = quiet or as_json, given.pop("dry_run")
    resume, overwrite = given.pop("resume"), given.pop("overwrite")
    if resume and overwrite:
        raise InputError("--resume cannot be combined with --overwrite; leave one out.")
    config = _config(given)
    api, options = connect(), options_of(asked, SMOKE_FLAVOUR if config.smoke else FLAVOUR)
    every = asked["push_every"] or PUSH_EVERY
    request = TrainRequest(config, out, asked["push_to"], resume, overwrite, every, typed_command())
    job = TrainJob(api, request, options)
    if not job.finished or dry_run:
        show_plan(job.plan, quiet and not dry_run)
        if dry_run:
            return
        refuse_unless_confirmed(options.yes)
        with stage_progress(quiet=quiet) as progress:
            started = job.start(progress)
        ended = followed(api, started, job.plan.command, detach=options.detach, quiet=quiet)
        if ended is None:
            pull = f"datagen jobs {started.id} --out {shlex.quote(str(out))}"
            show_detached(started, job.repo, as_json, quiet, lambda: [pull])
            return
    elif not quiet:
        show(f"The run in {job.repo} is finished, so that no job is needed.", err=True)
    with stage_progress(quiet=quiet) as progress:
        result = job.fetch(lambda done, total: progress("Receiving", done, total))
    show_run(out, job.repo, result, as_json, quiet, merge=config.model.method != "full")


def show_run(
    out: Path, repo: str, result: dict[str, Any], as_json: bool, quiet: bool, *, merge: bool
) -> None:
    """What was trained, and what to do with it."""
    from datagen.schemas.terminal import show_json, show_next, show_table
    from datagen.train.commands.next_steps import after_training

    if as_json:
        show_json({"run": str(out), "repo": repo, **result})
    elif not quiet:
        summary = result["summary"] or {}
        loss = summary.get("best_loss")
        rows = {
            "repository": repo,
            "steps": f"{summary.get('steps', 0):,}",
            "validation loss": f"{loss:.3f}" if isinstance(loss, float) else "-",
            "scores": f"{out}/evaluation/best" if result["evaluation"] else "not evaluated",
        }
        show_table(f"Trained {out}", rows.items())
        show_next(after_training(out, merge=merge))


def _config(given: dict[str, Any]) -> RunConfig:
    recipe, old = given.pop("recipe"), given.pop("old_recipe")
    settings = given.pop("settings")
    return asked_config(recipe_file(recipe if recipe is not None else old), settings, given)


EXAMPLE = "datagen train --real shop --recipe gpu-24gb --on hf-jobs --flavor l4x1 --out run"

train = with_options(train_here, OPTIONS, start, EXAMPLE)
