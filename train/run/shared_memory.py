"""How many workers the loader can have: their batches lie in /dev/shm, of which Docker gives 64 MB.

Where it is full, a worker of torch cannot hand over its batch, and the run would wait for it for ever.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from torch import Tensor

from datagen.schemas import InputError
from datagen.train.config import RunConfig
from datagen.train.data.run_data import RunData
from datagen.train.models.encoding import Encoder
from datagen.train.models.precision import gpu_capability, picture_type

SHARED = Path("/dev/shm")  # noqa: S108 - nothing is written to it here
AHEAD = 2
"""Batches that each worker prepares ahead (torch's ``prefetch_factor``)."""
USED = 0.9


def free_shared_memory() -> int | None:
    """Free bytes where processes hand batches to each other; None on systems without /dev/shm."""
    if not SHARED.is_dir():
        return None
    about = os.statvfs(SHARED)
    return about.f_bavail * about.f_frsize


def workers_that_fit(wanted: int, batch_bytes: int, free: int, processes: int = 1) -> int:
    """The most workers, up to ``wanted``, whose batches fit into ``free`` bytes.

    Each has AHEAD batches of training and, meanwhile, as many of validation; one of each is being used.
    """
    fitting = [
        number
        for number in range(1, wanted + 1)
        if 2 * (AHEAD * number + 1) * batch_bytes * processes <= USED * free
    ]
    return max(fitting, default=0)


def with_fitting_workers(
    config: RunConfig, data: RunData, encode: Encoder, processes: int, report: Callable[[str], None]
) -> RunConfig:
    """The configuration with no more workers than shared memory has room for; ``report`` is told if fewer."""
    wanted, free = config.training.workers, free_shared_memory()
    if not wanted or free is None:
        return config
    size = config.training.batch_size * _largest_sample(config, data, encode)
    fitting = workers_that_fit(wanted, size, free, processes)
    if fitting == wanted:
        return config
    needed = 2 * (AHEAD * wanted + 1) * size * processes / USED
    report(
        f"{SHARED} has {free / 1e6:,.0f} MB free, and {wanted} loader workers need {needed / 1e6:,.0f} MB; "
        f"{fitting or 'none'} will be used, which may be slower. Give it more (in Docker, --shm-size="
        f"{-(-needed // 1e9):.0f}g) to have all."
    )
    return config.model_copy(update={"training": config.training.model_copy(update={"workers": fitting})})


def _largest_sample(config: RunConfig, data: RunData, encode: Encoder) -> int:
    """Bytes of the sample of the longest row, as workers send it; 0 if it cannot be read."""
    checks = data.checks
    if checks is None:
        return 0
    gone = {(one.part, one.row) for one in checks.excluded}
    floats = picture_type(config, gpu_capability())
    for at in np.argsort(-checks.tokens, kind="stable").tolist():
        part, row = int(checks.part[at]), int(checks.row[at])
        source = data.sources[part]
        if source is None or (part, row) in gone:
            continue
        try:
            sample = encode(source.row(row))
        except InputError:  # a streamed row; such pictures all count alike
            continue
        tensors = [value for value in sample.values() if isinstance(value, Tensor)]
        return sum(
            value.to(floats).nbytes if value.is_floating_point() else value.nbytes for value in tensors
        )
    return 0
