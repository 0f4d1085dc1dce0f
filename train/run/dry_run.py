"""The plan of a run, made in a temporary folder: nothing is trained, and no model is loaded."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from datagen.train.config import RunConfig
from datagen.train.data.run_data import RunData, prepare_data
from datagen.train.models.base import TINY, base_config, load_processor
from datagen.train.models.smoke import make_tiny_base, training_answers
from datagen.train.run.plan import Plan, make_plan
from datagen.train.run.samples import encoder_for, order_of


def plan_run(config: RunConfig) -> tuple[Plan, RunData]:
    """The plan of a new run, and its data.

    Opens the data, splits them, and reads the base's configuration and processor. Raises InputError for a run
    that cannot work, RunFailed if the Hub cannot be reached.
    """
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
    return plan, data
