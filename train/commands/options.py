"""The arguments and options that several training commands share."""

from __future__ import annotations

from pathlib import Path

import click

run_argument = click.argument("run", type=click.Path(path_type=Path), metavar="RUN|HUB_ID")
json_option = click.option("--json", "as_json", is_flag=True, help="Print a JSON summary on stdout.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Print no progress and no summary.")
overwrite_option = click.option("--overwrite", is_flag=True, help="Replace the output if it already exists.")
which_option = click.option(
    "--which",
    default="best",
    show_default=True,
    metavar="best|last|base|CHECKPOINT",
    help="Which weights to use.",
)
batch_size_option = click.option(
    "--batch-size",
    type=int,
    metavar="N",
    help="Pictures per batch.  [default: as many as fit into the GPU's memory; 8 on a CPU]",
)
max_new_tokens_option = click.option(
    "--max-new-tokens",
    type=int,
    default=128,
    show_default=True,
    metavar="N",
    help="Maximum length of an answer, in tokens.",
)


def run_or_pulled(run: Path, *, quiet: bool) -> Path:
    """The folder of a run; one named as on the Hub is fetched first. Raises InputError, RunFailed."""
    if run.exists():
        return run
    from datagen.schemas.terminal import stage_progress
    from datagen.train.publishing.pulled import run_folder

    with stage_progress(quiet=quiet) as progress:
        return run_folder(run, progress)
