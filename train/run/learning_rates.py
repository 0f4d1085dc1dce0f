"""A learning rate for each part of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import nn

from datagen.train.config import PARTS, Part


def set_rates(
    optimiser: Any, parts: Mapping[nn.Parameter, Part], rate: float, rates: Mapping[Part, float]
) -> None:
    """Split the groups of an optimiser that has made no step, so that each part has a rate of its own.

    ``parts``: of each weight. The decoder's groups come first, since the rate of the first is logged.
    Groups without weights vanish.
    """
    split = [
        {**group, "params": inside, "lr": rates.get(part, rate)}
        for part in PARTS
        for group in optimiser.param_groups
        if (inside := [weight for weight in group["params"] if parts[weight] == part])
    ]
    optimiser.param_groups[:] = split
