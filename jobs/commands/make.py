"""``datagen make --on hf-jobs``: the same dataset from a job."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import click

from datagen.commands.make import make as make_here
from datagen.jobs.commands.options import callback_of, job_options, with_options, words_of

FLAVOUR = "cpu-upgrade"
NOT_IN_A_JOB = ("out", "engine", "address", "resume", "overwrite", "dry_run", "quiet", "as_json")
"""Options of ``make`` that are about this machine."""

OPTIONS = [
    *job_options(FLAVOUR, "from the rows"),
    click.Option(
        ["--push"],
        metavar="OWNER/NAME",
        help="Where the job pushes the dataset on the Hub; new ones are private.",
    ),
]


def start(asked: dict[str, Any], given: dict[str, Any]) -> None:
    """Make the dataset in a job, and say where it is."""
    from datagen.hub.client import connect
    from datagen.jobs.commands.running import followed, options_of, show_detached, typed_command
    from datagen.jobs.following import announce
    from datagen.jobs.make_job import MakeJob, MakeRequest
    from datagen.schemas import InputError
    from datagen.schemas.terminal import show_json, show_next, show_table

    for name in ("out", "resume", "overwrite"):
        if given[name]:
            raise InputError(f"--{name} is about this machine; leave it out with --on hf-jobs.")
    if given["engine"] != "local" or given["address"]:
        raise InputError("A job is one machine and no cluster; leave out --engine and --address.")
    as_json, quiet = given["as_json"], given["quiet"] or given["as_json"]
    files: dict[str, bytes] = {}
    words = words_of(
        make_here,
        click.get_current_context(),
        leave_out=NOT_IN_A_JOB,
        replace=lambda name, value: _there(name, value, files),
    )
    rows, pixels = _size(given)
    api, options = connect(), options_of(asked, FLAVOUR)
    job = MakeJob(api, MakeRequest(words, files, rows, pixels, asked["push"], typed_command()), options)
    dry_run = given["dry_run"]
    announce(job.plan, yes=options.yes or dry_run, quiet=quiet and not dry_run)
    if dry_run:
        return
    started = job.start()
    ended = followed(api, started, job.plan.command, detach=options.detach, quiet=quiet)
    if ended is None:
        show_detached(started, job.address, as_json, quiet, lambda: [])
    elif as_json:
        show_json({"job": ended.as_json(), "repo": job.repo, "url": job.address})
    elif not quiet:
        show_table(f"Made and pushed {job.repo}", [("job", ended.id), ("address", job.address)])
        show_next([f"datagen pull {job.repo} --out copy"])


def _there(name: str, value: str, files: dict[str, bytes]) -> str:
    """The value of an option in the job: files of schemas and profiles go along. Raises InputError."""
    from datagen.jobs.make_job import shipped
    from datagen.schemas import InputError

    path = Path(value)
    if name == "like" and (path.exists() or value.startswith((".", "/", "~"))):
        raise InputError(
            f"--like {value} is on this machine, which a job cannot see; learn from it here with `datagen "
            f"profile {value} -o NAME.profile.yaml`, and give --schema and --profile."
        )
    if name not in {"schema", "profile"} or not path.is_file():
        return value
    beside = path.with_name(path.name.removesuffix(".yaml") + ".profile.yaml")
    if name == "schema" and beside.is_file():
        shipped(str(beside), files)
    return shipped(value, files)


def _size(given: dict[str, Any]) -> tuple[int | None, int]:
    """How many rows there will be, and the pixels of a picture (0: no pictures); checks all options.

    The rows are not known where they are learned from others first. Raises InputError.
    """
    size = None if given["no_images"] else given["image_size"]
    pixels = size[0] * size[1] if size else 0
    if given["like"] is not None:
        return given["rows"], pixels
    told = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(told):
        dry = {"out": Path(folder) / "data", "dry_run": True, "as_json": True}
        callback_of(make_here)(**{**given, **dry})
    return int(json.loads(told.getvalue())["rows"]), pixels


EXAMPLE = "datagen make --rows 100000 --on hf-jobs --push me/synthetic"

make = with_options(make_here, OPTIONS, start, EXAMPLE)
