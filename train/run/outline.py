"""The model of a run without its weights: what can be checked and counted before anything is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from datagen.train.config import RunConfig
from datagen.train.models.architectures import Architecture
from datagen.train.models.base import (
    MOST_WEIGHTS_WITHOUT_GPU,
    base_config,
    refuse_without_gpu,
    skeleton,
)
from datagen.train.models.trained_parts import trained_weights


class Outline(NamedTuple):
    """``model``: without memory for its weights."""

    model: Any
    architecture: Architecture

    @property
    def weights(self) -> int:
        """The number of weights."""
        return sum(weight.numel() for weight in self.model.parameters())

    @property
    def needs_gpu(self) -> bool:
        """Whether the model is too large to be trained on a CPU."""
        return self.weights > MOST_WEIGHTS_WITHOUT_GPU


def outline_of(config: RunConfig, run: Path, *, here: bool = True) -> Outline:
    """The outline of a run's base model; ``here``: the run is to be made on this machine.

    Raises InputError for a base that is not supported, a full-size model without a GPU, unknown layers for
    adapters.
    """
    described, architecture = base_config(config, run)
    if here:
        refuse_without_gpu(described, config)
    model = skeleton(described)
    trained_weights(model, architecture, config)
    return Outline(model, architecture)
