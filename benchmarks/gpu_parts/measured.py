"""A training run of a few steps, by the very function that ``datagen train`` calls, and what it took."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

from datagen.train.config import RunConfig
from datagen.train.run import finetune
from datagen.train.run.loader import Loader
from datagen.train.run.log import LOG, read_log
from datagen.train.run.plan import make_plan
from gpu_parts.place import Place

WARM = 3
"""Steps before those that are timed."""


def trained(place: Place, config: RunConfig, name: str, *, keep: bool = False) -> dict[str, Any]:
    """Train, and return speed, memory and the plan's estimate; to be called in a process of its own.

    ``ms`` a step is the median after the first steps; ``waiting`` the share of that time in which the loop
    waited for a batch; memory in GB: what torch reserved, and what CUDA itself takes beside it.
    """
    run = place.folder / name
    plans: list[Any] = []
    waits: list[float] = []
    batches = Loader.__iter__

    def watched(loader: Any) -> Iterator[Any]:
        source = iter(batches(loader))
        while True:
            began = time.perf_counter()
            batch = next(source, None)
            waits.append(time.perf_counter() - began)
            if batch is None:
                return
            yield batch

    def remembered(*args: Any, **options: Any) -> Any:
        plans.append(make_plan(*args, **options))
        return plans[-1]

    began = time.monotonic()
    with patch.object(finetune, "make_plan", remembered), patch.object(Loader, "__iter__", watched):
        summary = finetune.train_run(config, run, overwrite=True, quiet=True)
    wall = time.monotonic() - began
    lines = [line for line in read_log(run / LOG) if "loss" in line]
    timed = lines[WARM:] or lines
    seconds = [line["tokens"] / line["tokens_per_second"] for line in timed]
    samples = config.training.batch_size * config.training.accumulation
    waited = waits[-len(timed) * config.training.accumulation - 1 : -1]
    found = {
        "crops": config.model.num_crops,
        "method": config.model.method,
        "batch": config.training.batch_size,
        "accumulation": config.training.accumulation,
        "tokens": plans[0].tokens,
        "ms": statistics.median(seconds) * 1e3,
        "samples_per_second": samples / statistics.median(seconds),
        "waiting": sum(waited) / sum(seconds),
        "wall_seconds": wall,
        "loss": summary.loss,
        **memory(plans[0].memory.total),
    }
    if not keep:
        shutil.rmtree(run)
    return found


def memory(estimated: float) -> dict[str, Any]:
    """The peak of this process in GB, beside an estimate in bytes; nothing without a GPU."""
    if not torch.cuda.is_available():
        return {"estimated_gb": estimated / 1e9}
    free, total = torch.cuda.mem_get_info()
    held = torch.cuda.memory_reserved()
    return {
        "estimated_gb": estimated / 1e9,
        "reserved_gb": torch.cuda.max_memory_reserved() / 1e9,
        "allocated_gb": torch.cuda.max_memory_allocated() / 1e9,
        "cuda_itself_gb": (total - free - held) / 1e9,
    }


def recipe(name: str) -> Path:
    """One of the shipped recipes."""
    return Path(finetune.__file__).parents[1] / "recipes" / f"{name}.yaml"
