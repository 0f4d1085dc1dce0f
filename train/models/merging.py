"""Adapters merged into the weights of a loaded base, for faster generation.

Only where the base is in a 16-bit type: in 4 bits the sum would be rounded away, and in float32 (on a CPU)
there is little to gain. Each sum is computed in float32 and rounded once, as ``datagen merge`` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from peft.tuners.tuners_utils import BaseTunerLayer

HALVES = (torch.bfloat16, torch.float16)


def merge_adapters(model: Any) -> None:
    """Merge the adapters of a model for good; the model keeps its type."""
    for layer in _mergeable(model):
        _merge(layer)


@contextmanager
def merged_adapters(model: Any) -> Iterator[None]:
    """A context in which the adapters are merged; afterwards every weight is the very tensor it was.

    That takes memory for the merged weights a second time, so on a GPU with too little of it left, nothing is
    merged.
    """
    layers = _mergeable(model) if _room_for(_mergeable(model)) else []
    weights = [layer.get_base_layer().weight for layer in layers]
    before = [weight.data for weight in weights]
    try:
        for layer in layers:
            _merge(layer)
        yield
    finally:
        for layer, weight, data in zip(layers, weights, before, strict=True):
            weight.data = data  # type: ignore[assignment]
            layer.merged_adapters.clear()


def _mergeable(model: Any) -> list[BaseTunerLayer]:
    layers = [layer for layer in model.modules() if isinstance(layer, BaseTunerLayer)]
    return [layer for layer in layers if not layer.merged and layer.get_base_layer().weight.dtype in HALVES]


def _merge(layer: BaseTunerLayer) -> None:
    weight: Any = layer.get_base_layer().weight
    own = weight.dtype
    weight.data = weight.data.float()
    layer.merge()
    weight.data = weight.data.to(own)


def _room_for(layers: list[BaseTunerLayer]) -> bool:
    weights: list[Any] = [layer.get_base_layer().weight for layer in layers]
    if not weights or weights[0].device.type != "cuda":
        return True
    free = torch.cuda.mem_get_info(weights[0].device)[0]
    return bool(2 * sum(weight.nbytes for weight in weights) < free)
