"""The plan of a run, made in a temporary folder: nothing is trained, and no model is loaded."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import torch

from datagen.schemas.progress import StageProgress
from datagen.train.config import RunConfig
from datagen.train.data.run_data import prepare_data
from datagen.train.models.base import TINY, load_processor
from datagen.train.models.smoke import make_tiny_base
from datagen.train.retrieval.run_neighbours import retrieved_data
from datagen.train.run.arguments import training_arguments
from datagen.train.run.outline import outline_of
from datagen.train.run.plan import Plan, make_plan
from datagen.train.run.row_check import checked_data
from datagen.train.run.run_folder import check_out
from datagen.train.run.samples import encoder_for, order_of, validation_of
from datagen.train.run.tracking import check_tracker


def plan_run(
    config: RunConfig, out: Path, *, overwrite: bool = False, progress: StageProgress | None = None
) -> Plan:
    """The plan of a new run in the folder ``out``.

    Checks what the run would check before its first step: the folder, the tracker, the data, their split and
    all pictures, the base's configuration, files of weights and processor. Whether this machine can make the
    run is not checked: without a GPU, the plan says which cards could. Raises InputError for a run that
    cannot work, RunFailed if the Hub cannot be reached.
    """
    check_out(out, overwrite=overwrite)
    check_tracker(config)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
        run = Path(folder)
        data = prepare_data(config.data, run)
        if config.smoke:
            make_tiny_base(run / TINY, data, config)
        outline = outline_of(config, run, here=False)
        if torch.cuda.is_available() or not outline.needs_gpu:
            training_arguments(config, out)
        processor = load_processor(config, run)
        encode = encoder_for(config, processor, outline.architecture)
        data = retrieved_data(config, data, run, progress or _quiet, dry=True)
        data = checked_data(data, encode, config.data, run, progress)
        plan = make_plan(config, outline, data, processor, order_of(config, data, processes), processes)
        plan.refuse()
        validation_of(config, data, encode)
    return plan


def _quiet(stage: str, done: int, total: int | None) -> None:
    """Report nothing."""
