"""The plan of a run, in numbers, before it starts."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from datagen.schemas.text import count
from datagen.train.config import RunConfig
from datagen.train.data.mixture import Mixture, Order
from datagen.train.data.run_data import RunData
from datagen.train.models.base import base_config, refuse_without_gpu, skeleton
from datagen.train.models.encoding import Encoder, picture_slots
from datagen.train.models.memory import MemoryEstimate, estimate, refuse_too_large
from datagen.train.models.trained_parts import trained_weights

MEASURED_SAMPLES = 8
"""Number of samples that are encoded to measure their lengths."""


@dataclass(frozen=True)
class Plan:
    """What a run will do: ``trainable`` of ``weights`` weights are trained.

    ``tokens``: of the longest sample measured, ``picture_tokens`` of them its picture's. ``steps_per_epoch``:
    optimiser steps. ``processes``: number that share each step. ``sharded``: each of them holds only a
    part of the model (FSDP).
    """

    config: RunConfig
    weights: int
    trainable: int
    memory: MemoryEstimate
    tokens: int
    picture_tokens: int
    samples_per_step: int
    steps_per_epoch: int
    steps: int
    processes: int
    share: float
    repeats: tuple[float, float]
    left_out: int
    given_splits: str
    sharded: bool

    def shape(self) -> dict[str, Any]:
        """What must be equal to resume from a checkpoint."""
        return {"samples_per_step": self.samples_per_step, "steps": self.steps}

    def refuse(self) -> None:
        """Raises InputError if the run will not fit into memory."""
        if not self.sharded:
            refuse_too_large(self.memory, self.config)

    def lines(self) -> list[str]:
        """The plan as text."""
        training = self.config.training
        on_gpu = torch.cuda.is_available()
        device = f"a GPU; {self.memory}" if on_gpu else "the CPU, since this machine has no GPU"
        several = f" x {self.processes} processes" if self.processes > 1 else ""
        repeats = ", ".join(
            f"each {name} row {times:.2g} times"
            for name, times in zip(("real", "synthetic"), self.repeats, strict=True)
            if times
        )
        lines = [
            f"Trains {self.trainable:,} of {self.weights:,} weights ({self.config.model.method}) on "
            f"{device}.",
            f"The longest sample has {self.tokens:,} tokens, {self.picture_tokens:,} for its picture.",
            f"{count(self.steps, 'step')} of {count(self.samples_per_step, 'sample')} "
            f"({training.batch_size} x {training.accumulation}{several}), "
            f"{self.steps_per_epoch:,} per epoch; {self.share:.1%} synthetic; an epoch shows {repeats}.",
        ]
        if self.given_splits:
            lines.append(self.given_splits)
        if self.left_out:
            lines.append(
                f"{self.left_out:,} synthetic rows are left out because they have titles of validation or "
                "test rows."
            )
        return lines


def make_plan(
    config: RunConfig,
    run: Path,
    data: RunData,
    encode: Encoder,
    processor: Any,
    order: Order,
    processes: int,
) -> Plan:
    """The plan of a run. Raises InputError for a model that needs a GPU if there is none."""
    described, architecture = base_config(config, run)
    refuse_without_gpu(described, config)
    model = skeleton(described)
    tokens, pictures = _lengths(order, data, encode, processor)
    needed = estimate(model, architecture, config, tokens, pictures)
    weights = sum(weight.numel() for weight in model.parameters())
    training = config.training
    samples = training.batch_size * training.accumulation * processes
    per_epoch = order.length // samples
    steps = training.steps if training.steps is not None else math.ceil((training.epochs or 0) * per_epoch)
    return Plan(
        config=config,
        weights=weights,
        trainable=trained_weights(model, architecture, config),
        memory=needed,
        tokens=tokens,
        picture_tokens=pictures,
        samples_per_step=samples,
        steps_per_epoch=per_epoch,
        steps=steps,
        processes=processes,
        share=order.share,
        repeats=order.repeats,
        left_out=data.left_out,
        given_splits=data.given_splits(),
        sharded=os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true",
    )


def _lengths(order: Order, data: RunData, encode: Encoder, processor: Any) -> tuple[int, int]:
    """Tokens of the longest of the first samples, and of its picture."""
    mixture = Mixture(order, data.sources, encode)
    longest, pictures = 0, 0
    for number in range(min(MEASURED_SAMPLES, order.length)):
        ids = mixture[number]["input_ids"]
        if len(ids) > longest:
            longest, pictures = len(ids), picture_slots(processor, ids)
    return longest, pictures
