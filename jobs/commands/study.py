"""``datagen study`` on a cluster (--engine ray) or in jobs (--on hf-jobs): the same models and page."""

from __future__ import annotations

import copy
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from datagen.jobs.commands.options import TimeOption, callback_of, job_options, with_options, words_of
from datagen.train.commands.study import CNN, PROBE
from datagen.train.commands.study import study as study_here

if TYPE_CHECKING:
    from huggingface_hub import HfApi

    from datagen.generation.engines.machines import Machines
    from datagen.hub.jobs import Job
    from datagen.jobs.study_job import StudyJobs, StudyRequest
    from datagen.train.study.work import Spread

ENGINES = ("local", "ray")
ENGINE_OPTIONS = [
    click.Option(
        ["--engine"],
        type=click.Choice(ENGINES),
        default="local",
        show_default=True,
        help="Where to train: on this machine, or on a cluster of ray; does not change the result.",
    ),
    click.Option(
        ["--address"],
        metavar="HOST:PORT",
        help="A running cluster of that engine.  [default: one is started on this machine]",
    ),
]


FLAVOUR, GPU_FLAVOUR = "cpu-upgrade", "l4x1"
PUSH_EVERY = 300
NOT_IN_A_JOB = ("real", "synthetic", "out", "only", "page_only", "quiet", "as_json")
"""Options of ``study`` that are about this machine, or that the jobs get otherwise."""

JOB_OPTIONS = [
    *job_options(f"{FLAVOUR}; {GPU_FLAVOUR} for a recipe", "6h"),
    click.Option(
        ["--jobs"], type=int, metavar="N", help="Spread the models over N jobs at a time.  [default: 1]"
    ),
    click.Option(
        ["--push-to"],
        metavar="OWNER/NAME",
        help="Private dataset repository for the models and the page.  [default: the name of --out, -job]",
    ),
    click.Option(
        ["--push-every"],
        type=TimeOption(),
        help="Least time between two pushes of trained models.  [default: 5m]",
    ),
]


def on_an_engine(engine: str, address: str | None, **given: Any) -> None:
    """The study, its models trained by an engine."""
    from datagen.schemas import InputError

    if engine == "local":
        if address is not None:
            raise InputError("--address is about a cluster; give --engine ray as well, or leave it out.")
        callback_of(study_here)(**given)
        return
    from datagen.generation.engines import all_cores
    from datagen.generation.engines.machines import Machines

    machines = Machines(given["workers"] or all_cores(), address)
    on_a_gpu = given["learner"] not in (CNN, PROBE)
    callback_of(study_here)(**given, spread=_on_ray(machines, on_a_gpu))


def _on_ray(machines: Machines, on_a_gpu: bool) -> Spread:
    """What gives the cells of a study to Ray; one whose every machine was lost has failed."""
    from datagen.generation.engines.on_ray import results
    from datagen.train.study.work import CellResult

    def lost(number: int, why: str) -> CellResult:
        return CellResult(number, None, f"The Ray cluster lost every process that trained it ({why}).")

    return lambda work, numbers: results(work, numbers, machines, lost, on_a_gpu=on_a_gpu)


def start(asked: dict[str, Any], given: dict[str, Any]) -> None:
    """Train the models in jobs, and pull them with their page."""
    from datagen.hub.client import connect
    from datagen.jobs.commands.running import options_of
    from datagen.jobs.following import announce
    from datagen.jobs.study_job import StudyJobs
    from datagen.schemas.terminal import show, stage_progress

    quiet = given["quiet"] or given["as_json"]
    flavour = FLAVOUR if given["learner"] in (CNN, PROBE) else GPU_FLAVOUR
    api, options = connect(), options_of(asked, flavour)
    study = StudyJobs(api, _request(asked, given), options)
    with stage_progress(quiet=quiet) as progress:
        finished = study.finished(lambda done, total: progress("Receiving", done, total))
    if not finished:
        announce(study.plan, yes=options.yes, quiet=quiet)
        with stage_progress(quiet=quiet) as progress:
            started = study.start(progress)
        _follow(api, study, started, detach=options.detach, quiet=quiet, as_json=given["as_json"])
        if options.detach:
            return
    elif not quiet:
        show(f"Every model of {study.repo} is trained, so that no job is needed.", err=True)
    show_study(given["out"], study.repo, given["as_json"], quiet)


def _request(asked: dict[str, Any], given: dict[str, Any]) -> StudyRequest:
    """What is asked for, with what the jobs need from here. Raises InputError."""
    from datagen.jobs.commands.running import typed_command
    from datagen.jobs.study_job import StudyRequest
    from datagen.schemas import InputError
    from datagen.train.commands.study import part_of_study

    if given["engine"] != "local" or given["address"] or given["page_only"]:
        raise InputError(
            "Jobs are no cluster and write the page too; leave out --engine, --address and --page-only."
        )
    files: dict[str, bytes] = {}
    words = words_of(
        study_here,
        click.get_current_context(),
        leave_out=NOT_IN_A_JOB,
        replace=lambda name, value: _there(name, value, files),
    )
    return StudyRequest(
        sets={name: given[name] for name in ("real", "synthetic")},
        words=words,
        files=files,
        out=given["out"],
        only=part_of_study(given["only"]),
        jobs=1 if asked["jobs"] is None else asked["jobs"],
        push_to=asked["push_to"],
        push_every=asked["push_every"] or PUSH_EVERY,
        command=typed_command(),
    )


def _there(name: str, value: str, files: dict[str, bytes]) -> str:
    """The value of an option in a job: the file of a recipe goes along. Raises InputError."""
    from datagen.jobs.make_job import shipped
    from datagen.schemas import InputError

    if name == "features" and (Path(value).exists() or value.startswith((".", "/", "~"))):
        raise InputError(
            f"--features {value} is a folder here, which a job cannot see; push it to the Hub, and give its "
            "name there."
        )
    return shipped(value, files) if name == "learner" and Path(value).is_file() else value


def _follow(
    api: HfApi, study: StudyJobs, jobs: list[Job], *, detach: bool, quiet: bool, as_json: bool
) -> None:
    """Follow the jobs one after the other, and pull what they made, dead or alive. Raises RunFailed."""
    from datagen.jobs.commands.running import followed
    from datagen.schemas import RunFailed
    from datagen.schemas.terminal import show_json, show_next, stage_progress

    died: list[RunFailed] = []
    for job in jobs:
        try:
            followed(api, job, study.plan.command, detach=detach, quiet=quiet)
        except RunFailed as error:
            died.append(error)
    if detach and as_json:
        show_json({"jobs": [job.as_json() for job in jobs], "target": study.repo})
    elif detach and not quiet:
        show_next([*(f"datagen jobs {job.id}" for job in jobs), shlex.join(study.plan.command)])
    if detach:
        return
    with stage_progress(quiet=quiet) as progress:
        study.fetch(lambda done, total: progress("Receiving", done, total))
    if died:
        more = f" ({len(died)} of {len(jobs)} jobs died)" if len(jobs) > 1 else ""
        raise RunFailed(f"{died[0]}{more}") from died[0]


def show_study(out: Path, repo: str, as_json: bool, quiet: bool) -> None:
    """What was found, and where the page is."""
    from datagen.jobs.study_repository import results_in
    from datagen.schemas.terminal import show, show_json

    found = results_in(out)
    if found is None:
        show(f"{repo} has no page yet; {out} has the models that are there.", err=True)
    elif as_json:
        show_json(found)
    elif not quiet:
        cells = found["cells"]
        show(*map(str, found.get("sentences", ())))
        failed = f", {len(cells['failed']):,} failed" if cells["failed"] else ""
        show(f"{cells['finished']:,} of {cells['planned']:,} models are trained{failed}.")
        show(f"Wrote {out / 'study.html'}, to be opened in a browser, and results.json beside it.")


on_engines = copy.copy(study_here)
on_engines.params = [*study_here.params, *ENGINE_OPTIONS]
on_engines.callback = on_an_engine

EXAMPLE = "datagen study --real shop --synthetic made --on hf-jobs --jobs 8"

study = with_options(on_engines, JOB_OPTIONS, start, EXAMPLE)
