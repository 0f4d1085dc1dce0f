"""The arguments and options that several training commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datagen.train.config import RetrievalConfig, RunConfig

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
retrieve_option = click.option(
    "--retrieve",
    type=click.Path(path_type=Path),
    metavar="INDEX",
    help="Show the nearest products of this index with each picture.  [default: as in training]",
)
k_option = click.option(
    "--k", type=int, metavar="N", help="How many products to show.  [default: as in training, or 4]"
)
no_retrieval_option = click.option(
    "--no-retrieval", is_flag=True, help="Show no products, though the run was trained with some."
)


def retrieval_of(run: Path, retrieve: Path | None, k: int | None, none: bool) -> RetrievalConfig:
    """Which products stand in the prompts: as in the run's training, unless options say otherwise.

    Raises InputError.
    """
    from datagen.schemas import InputError
    from datagen.train.config import RetrievalConfig, saved_config

    if none and (retrieve is not None or k is not None):
        raise InputError("--no-retrieval shows no products; leave out --retrieve and --k.")
    settings = RetrievalConfig() if none else saved_config(run).retrieval
    if retrieve is not None:
        settings = settings.model_copy(update={"index": str(retrieve)})
    if k is not None:
        if settings.index is None:
            raise InputError("--k says how many products of an index to show; give --retrieve as well.")
        if not 1 <= k <= 100:
            raise InputError(f"--k {k} is out of range; give 1 to 100.")
        settings = settings.model_copy(update={"k": k})
    return settings


def make_first(config: RunConfig, run: Path | None, *, quiet: bool) -> None:
    """Make the datasets of a run that are described and not there yet, and show how far that is.

    ``run``: the folder of a run that is resumed, None for a new one. Raises InputError, RunFailed.
    """
    from datagen.schemas.made_sets import is_made, made_set
    from datagen.schemas.terminal import stage_progress
    from datagen.train.data.run_data import places_of

    places = places_of(config.data, run)
    with stage_progress(quiet=quiet) as progress:
        for name in filter(is_made, places.values()):
            made_set(name, progress)


def run_or_pulled(run: Path, *, quiet: bool) -> Path:
    """The folder of a run; one named as on the Hub is fetched first. Raises InputError, RunFailed."""
    if run.exists():
        return run
    from datagen.schemas.terminal import stage_progress
    from datagen.train.publishing.pulled import run_folder

    with stage_progress(quiet=quiet) as progress:
        return run_folder(run, progress)
