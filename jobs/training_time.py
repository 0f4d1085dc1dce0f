"""How long training should last, where it was measured: Phi-3-vision on one H200.

Steps of training alone, with random weights at full size: rank 32, gradient checkpointing, paged 8-bit AdamW.
They were measured on 2026-11-28. Nothing is said of any other machine, base or method: nothing was measured.
"""

from __future__ import annotations

import math

from datagen.train.config import PHI_3_VISION, RunConfig

MEASURED_FLAVOUR = "h200"

SAMPLES_PER_SECOND = {
    ("lora", 1): {1: 2.7, 8: 23.1},
    ("qlora", 1): {1: 2.1, 8: 15.5},
    ("lora", 4): {1: 2.2, 4: 9.7, 8: 11.8},
    ("qlora", 4): {1: 2.2, 4: 6.7, 8: 12.4},
    ("lora", 16): {4: 4.6, 8: 4.8},
    ("qlora", 16): {4: 4.8, 8: 5.1},
}
"""(method, crops) -> samples of a batch -> samples a second."""

SOURCE = "steps measured on one H200 on 2026-11-28 with random weights at full size"


def training_seconds(config: RunConfig, flavour: str, rows: int | None) -> float | None:
    """Seconds of a run's steps on a machine, None where they were not measured.

    ``rows``: at most so many are trained on, None where that is not known; a run with ``steps`` needs none.
    Between two sizes of a batch that were measured, or two numbers of crops, the slower rate is taken.
    """
    training = config.training
    crops = config.model.num_crops if isinstance(config.model.num_crops, int) else 16
    if config.smoke or flavour != MEASURED_FLAVOUR or config.model.base != PHI_3_VISION:
        return None
    measured = next((size for size in (1, 4, 16) if crops <= size), 16)
    rates = SAMPLES_PER_SECOND.get((config.model.method, measured), {})
    rate = max((rate for size, rate in rates.items() if size <= training.batch_size), default=None)
    if rate is None:
        return None
    per_step = training.batch_size * training.accumulation
    if training.steps is not None:
        return training.steps * per_step / rate
    if rows is None or training.epochs is None:
        return None
    return math.ceil(training.epochs * rows) / rate
