"""Whole runs that accelerate shards on CPUs, which it does by itself only on GPUs.

Everything is the code of accelerate, transformers and torch. Two things differ from a GPU, and nothing else:
the kind of distribution that accelerate found is set to FSDP, as it does for GPUs; and gathered weights are
waited for, which their copy from a GPU to the CPU does by itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from accelerate import Accelerator, state
from accelerate.utils import DistributedType
from torch.distributed._functional_collectives import AsyncCollectiveTensor

from datagen.train.run import arguments
from datagen.train.run.trainer import RunTrainer

SHIPPED = Path(__file__).parents[2] / "train" / "recipes" / "accelerate" / "fsdp.yaml"
STOP = "STOP_AFTER_STEP"
"""Environment variable: the step after which the run stops with a checkpoint, as after a signal."""


def environment() -> dict[str, str]:
    """The variables that ``accelerate launch`` sets for the shipped configuration."""
    options = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["fsdp_config"]
    given = {
        name.upper(): str(value).lower() if value in (True, False) else str(value)
        for name, value in options.items()
    }
    return {"ACCELERATE_USE_FSDP": "true", "ACCELERATE_USE_CPU": "true", **given}


def shard_on_cpu() -> None:
    """Have accelerate shard in this process."""
    begin, gather, agree = state.AcceleratorState.__init__, Accelerator.get_state_dict, RunTrainer.agree

    def begun(self: Any, *args: Any, **options: Any) -> None:
        begin(self, *args, **options)
        plugin = options.get("fsdp_plugin")
        if plugin is not None and self.distributed_type == DistributedType.MULTI_CPU:
            self.fsdp_plugin, self.distributed_type = plugin, DistributedType.FSDP
            state.PartialState._shared_state["distributed_type"] = self.distributed_type

    def gathered(self: Any, *args: Any, **options: Any) -> dict[str, Any]:
        found = gather(self, *args, **options)
        return {
            name: value.wait() if isinstance(value, AsyncCollectiveTensor) else value
            for name, value in found.items()
        }

    def stopping(self: Any, step: int) -> None:
        self._should_stop = lambda: step >= int(os.environ.get(STOP, step + 1))
        agree(self, step)

    state.AcceleratorState.__init__ = begun  # type: ignore[method-assign]
    Accelerator.get_state_dict = gathered  # type: ignore[method-assign]
    RunTrainer.agree = stopping  # type: ignore[method-assign]
    arguments._refuse_sharding = lambda on_gpu: None  # the refusal of what accelerate does not do by itself
