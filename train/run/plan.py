"""The plan of a run, in numbers, before it starts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch

from datagen.schemas.text import count
from datagen.train.config import AUTO, RunConfig
from datagen.train.data.mixture import Order
from datagen.train.data.run_data import RunData
from datagen.train.models.memory import (
    MemoryEstimate,
    estimate,
    fits,
    gpu_memory,
    refuse_too_large,
)
from datagen.train.models.precision import sharded
from datagen.train.models.trained_parts import trained_weights
from datagen.train.run.cards import Card, cards, in_words
from datagen.train.run.outline import Outline


@dataclass(frozen=True)
class Plan:
    """What a run will do: ``trainable`` of ``weights`` weights are trained.

    ``config``: with everything decided that was left open. ``tokens``: of the longest sample,
    ``picture_tokens`` of them its picture's. ``steps_per_epoch``: optimiser steps. ``evaluate_every``: steps
    between two evaluations. ``processes``: number that share each step. ``sharded``: each of them holds only
    a part of the model (FSDP). ``cards``: which ones have the memory, empty for a model that a CPU can
    train.
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
    evaluate_every: int
    processes: int
    share: float
    repeats: tuple[float, float]
    data: RunData
    sharded: bool
    cards: tuple[Card, ...]

    def shape(self) -> dict[str, Any]:
        """What must be equal to resume from a checkpoint."""
        return {"samples_per_step": self.samples_per_step, "steps": self.steps}

    def refuse(self) -> None:
        """Raises InputError if the run will not fit into memory."""
        if not self.sharded:
            refuse_too_large(self.memory, self.config)

    def as_json(self) -> dict[str, Any]:
        """Values for JSON, without the configuration and the data."""
        names = (
            "weights trainable tokens picture_tokens samples_per_step steps_per_epoch steps evaluate_every"
        )
        return {
            **{name: getattr(self, name) for name in names.split()},
            "memory": self.memory.total,
            "checkpointing": self.config.training.gradient_checkpointing,
            "cards": [card.as_json() for card in self.cards],
        }

    def lines(self) -> list[str]:
        """The plan as text."""
        training = self.config.training
        several = f" x {self.processes} processes" if self.processes > 1 else ""
        repeats = ", ".join(
            f"each {name} row {times:.2g} times"
            for name, times in zip(("real", "synthetic"), self.repeats, strict=True)
            if times
        )
        lines = [
            f"Trains {self.trainable:,} of {self.weights:,} weights ({self.config.model.method}) on "
            f"{self._device()}.",
            *(in_words(self.cards) if not torch.cuda.is_available() and self.cards else []),
            f"The longest sample has {self.tokens:,} tokens, {self.picture_tokens:,} for its picture"
            f"{self._crops()}.",
            f"{count(self.steps, 'step')} of {count(self.samples_per_step, 'sample')} "
            f"({training.batch_size} x {training.accumulation}{several}), "
            f"{self.steps_per_epoch:,} per epoch; {self.share:.1%} synthetic; an epoch shows {repeats}.",
        ]
        if held := len(self.data.validation_rows):
            rows = min(held, training.evaluate_rows)
            every = count(self.evaluate_every, "step")
            lines.append(f"The loss of {count(rows, 'validation row')} is measured every {every}.")
        lines += filter(None, [self.data.given_splits(), self._left_out(), *self._checks()])
        return lines

    def _device(self) -> str:
        checkpointing = self.config.training.gradient_checkpointing
        how = (
            " with checkpointing"
            if checkpointing
            else ""
            if checkpointing is None
            else " without checkpointing"
        )
        if torch.cuda.is_available():
            return f"a GPU{how}; {self.memory}"
        if self.cards:
            return f"a GPU, which this machine lacks; {self.memory}"
        return "the CPU, since this machine has no GPU"

    def _crops(self) -> str:
        if self.config.model.num_crops != AUTO or self.data.checks is None:
            return ""
        tokens = self.data.checks.picture_tokens
        if int(tokens.min()) == int(tokens.max()):
            return ""
        return (
            f"; pictures take {int(tokens.min()):,} to {int(tokens.max()):,}, {tokens.mean():,.0f} on average"
        )

    def _left_out(self) -> str:
        if not self.data.left_out:
            return ""
        return (
            f"{self.data.left_out:,} synthetic rows are left out because they have titles of validation or "
            "test rows."
        )

    def _checks(self) -> list[str]:
        checks, sources = self.data.checks, self.data.sources
        remote = [source.name for source in sources if source is not None and source.remote]
        return [
            checks.sentence() if checks is not None else "",
            *(
                f"The pictures of {name} are read from the Hub during training, so they were not checked and "
                "all count like the first; rows that cannot be used are replaced by others."
                for name in remote
            ),
        ]


def make_plan(
    config: RunConfig, outline: Outline, data: RunData, processor: Any, order: Order, processes: int
) -> Plan:
    """The plan of a run whose rows have been checked."""
    tokens, pictures = data.checks.longest() if data.checks is not None else (0, 0)
    training = config.training
    samples = training.batch_size * training.accumulation * processes
    per_epoch = order.length // samples
    steps = training.steps if training.steps is not None else math.ceil((training.epochs or 0) * per_epoch)
    on_gpu = outline.needs_gpu or torch.cuda.is_available()
    fitting = cards(outline, config, tokens, pictures, processor) if on_gpu else ()
    config = _decided(config, outline, tokens, pictures, on_gpu=on_gpu, sharded=sharded())
    checkpointing = config.training.gradient_checkpointing is not False
    return Plan(
        config=config,
        weights=outline.weights,
        trainable=trained_weights(*outline, config),
        memory=estimate(*outline, config, tokens, pictures, checkpointing=checkpointing),
        tokens=tokens,
        picture_tokens=pictures,
        samples_per_step=samples,
        steps_per_epoch=per_epoch,
        steps=steps,
        evaluate_every=max(min(training.evaluate_every or per_epoch, steps), 1),
        processes=processes,
        share=order.share,
        repeats=order.repeats,
        data=data,
        sharded=sharded(),
        cards=fitting,
    )


def _decided(
    config: RunConfig, outline: Outline, tokens: int, pictures: int, *, on_gpu: bool, sharded: bool
) -> RunConfig:
    """With checkpointing on or off, as far as this machine shows: on if its GPU needs it."""
    available = gpu_memory()
    if config.training.gradient_checkpointing is not None or (on_gpu and available is None):
        return config
    needed = estimate(*outline, config, tokens, pictures, checkpointing=False)
    on = sharded or (available is not None and not fits(needed, available))
    training = config.training.model_copy(update={"gradient_checkpointing": on})
    return config.model_copy(update={"training": training})
