"""The number types of a run: of the frozen weights, the adapters, the arithmetic, and the loaded pictures.

- The arithmetic is in bfloat16 where the GPU has it, in float16 with a gradient scaler on older GPUs, and in
  float32 on a CPU (with method qlora in bfloat16, the type of what is not 4-bit).
- Frozen weights are in the type of the arithmetic; trained ones in float32, and adapters as configured.
- Autocast is used only where weights of two types meet. CUDA's autocast computes layer norms in float32,
  and their results stay float32, so a frozen vision tower would see other numbers in training than in
  generation: whatever is frozen as a whole runs outside of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import nn

from datagen.schemas import InputError
from datagen.train.config import RunConfig

Capability = tuple[int, int]
"""The compute capability of a GPU, such as (8, 0)."""


class Generation(NamedTuple):
    """GPUs from one compute capability on: their name, and the type in which they compute."""

    least: Capability
    name: str
    compute: torch.dtype


GENERATIONS = (
    Generation((8, 0), "Ampere or later", torch.bfloat16),
    Generation((7, 5), "Turing", torch.float16),
    Generation((7, 0), "Volta", torch.float16),
    Generation((6, 0), "Pascal", torch.float16),
)
"""Newest first. Before Ampere, torch emulates bfloat16, which is slow; bitsandbytes supports Pascal and later
(huggingface.co/docs/bitsandbytes/installation, version 0.50).
"""


def generation_of(capability: Capability) -> Generation:
    """The entry of ``GENERATIONS`` for a compute capability. Raises InputError for an older GPU."""
    for generation in GENERATIONS:
        if capability >= generation.least:
            return generation
    oldest = GENERATIONS[-1]
    raise InputError(
        f"This GPU has compute capability {_dotted(capability)}, and training needs {_dotted(oldest.least)} "
        f"({oldest.name}) or later; use another GPU, or hide this one with CUDA_VISIBLE_DEVICES= and --smoke."
    )


def gpu_capability() -> Capability | None:
    """The compute capability of this process's GPU, None without one."""
    return torch.cuda.get_device_capability() if torch.cuda.is_available() else None


def compute_type(config: RunConfig, capability: Capability | None) -> torch.dtype:
    """The type of a run's arithmetic. Raises InputError for a GPU that is too old, or bf16 that it lacks."""
    training, quantised = config.training, config.model.method == "qlora"
    if capability is None:
        if training.bf16:
            raise InputError("training.bf16 needs a GPU, but this machine has none; leave it out.")
        return torch.bfloat16 if quantised else torch.float32
    generation = generation_of(capability)
    if training.bf16 and generation.compute != torch.bfloat16:
        raise InputError(
            f"training.bf16 needs a GPU of compute capability 8.0 (Ampere) or later, and this one has "
            f"{_dotted(capability)} ({generation.name}); leave it out, and float16 is used."
        )
    if training.bf16 is False and not quantised:
        return torch.float32
    return generation.compute


def precision_note(config: RunConfig, capability: Capability | None) -> str:
    """A sentence about arithmetic that not everybody expects, or ''."""
    if capability is None or compute_type(config, capability) != torch.float16:
        return ""
    name = generation_of(capability).name
    return f"This GPU ({name}) has no bfloat16, so the run computes in float16 with a gradient scaler."


def weight_type(config: RunConfig, capability: Capability | None) -> torch.dtype:
    """The type of the base's weights: that of the arithmetic if they are frozen, float32 if trained.

    With the 8 significant bits of bfloat16, small optimiser steps would be rounded away.
    """
    return torch.float32 if config.model.method == "full" else compute_type(config, capability)


def answering_type(config: RunConfig, capability: Capability | None) -> torch.dtype:
    """The type in which the weights of a run with method full answer: that of the arithmetic they learned in.

    (They are stored in float32. A run with ``training.bf16`` answers in bfloat16 on a CPU too.)
    """
    if config.training.bf16 and capability is None:
        return torch.bfloat16
    return compute_type(config, capability)


def adapter_type(config: RunConfig, capability: Capability | None) -> torch.dtype:
    """The type of the adapters' weights. Raises InputError for bfloat16 beside weights of another type."""
    if config.training.adapter_dtype != "bfloat16":
        return torch.float32
    if weight_type(config, capability) != torch.bfloat16:
        raise InputError(
            "training.adapter_dtype bfloat16 needs a base in bfloat16 (method lora or qlora on a GPU of "
            "Ampere or later); leave it out."
        )
    return torch.bfloat16


def autocast_type(config: RunConfig, capability: Capability | None) -> torch.dtype | None:
    """The type of CUDA's autocast in a run's steps, None if it is not needed.

    (Without a GPU there is none: adapters cast their inputs themselves.)
    """
    compute = compute_type(config, capability)
    if capability is None or compute == torch.float32:
        return None
    of_one_type = config.model.method != "full" and adapter_type(config, capability) == compute
    return None if of_one_type else compute


def picture_type(config: RunConfig, capability: Capability | None) -> torch.dtype:
    """The type in which loaders send pictures: that in which the vision tower casts them first."""
    return autocast_type(config, capability) or weight_type(config, capability)


def keep_out_of_autocast(model: Any, names: tuple[str, ...]) -> None:
    """Let those of the named modules that are frozen as a whole compute in their own type under autocast.

    Their floating-point inputs are cast to that type. Modules with a trained weight are left as they are.
    """
    for name, module in model.named_modules():
        weights = list(module.parameters())
        if name in names and weights and not any(weight.requires_grad for weight in weights):
            _wrap(module, weights[0].dtype)


def _wrap(module: nn.Module, own: torch.dtype) -> None:
    inner = module.forward

    def cast(value: Any) -> Any:
        floats = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.to(own) if floats else value

    def forward(*args: Any, **options: Any) -> Any:
        tensors = [value for value in (*args, *options.values()) if isinstance(value, torch.Tensor)]
        device = tensors[0].device.type if tensors else "cpu"
        if not torch.is_autocast_enabled(device):
            return inner(*args, **options)
        with torch.autocast(device, enabled=False):
            return inner(*map(cast, args), **{name: cast(value) for name, value in options.items()})

    module.forward = forward  # type: ignore[method-assign]


def _dotted(capability: Capability) -> str:
    return f"{capability[0]}.{capability[1]}"
