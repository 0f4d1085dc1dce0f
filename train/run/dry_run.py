"""The plan of a run, made in a temporary folder: nothing is trained, and no model is loaded."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from datagen.train.config import RunConfig
from datagen.train.data.run_data import RunData, prepare_data
from datagen.train.models.base import TINY, base_config, load_processor
from datagen.train.models.smoke import make_tiny_base, training_answers
from datagen.train.run.arguments import training_arguments
from datagen.train.run.plan import Plan, make_plan
from datagen.train.run.run_folder import check_out
from datagen.train.run.samples import encoder_for, order_of, validation_of
from datagen.train.run.tracking import check_tracker


def plan_run(config: RunConfig, out: Path, *, overwrite: bool = False) -> tuple[Plan, RunData]:
    """The plan of a new run in the folder ``out``, and its data.

    Checks what the run would check before its first step: the folder, the tracker, the machine, the data and
    their split, the base's configuration, files of weights and processor, the first samples. Raises
    InputError for a run that cannot work, RunFailed if the Hub cannot be reached.
    """
    check_out(out, overwrite=overwrite)
    training_arguments(config, out)
    check_tracker(config)
    processes = int(os.environ.get("WORLD_SIZE", "1"))
    with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
        run = Path(folder)
        data = prepare_data(config.data, run)
        if config.smoke:
            make_tiny_base(
                run / TINY,
                training_answers(data),
                config.data.template,
                config.model.num_crops or 1,
                config.training.seed,
            )
        processor = load_processor(config, run)
        _, architecture = base_config(config, run)
        encode = encoder_for(config, processor, architecture)
        order = order_of(config, data, encode, processes)
        plan = make_plan(config, run, data, encode, processor, order, processes)
        plan.refuse()
        validation_of(config, data, encode)
    return plan, data
