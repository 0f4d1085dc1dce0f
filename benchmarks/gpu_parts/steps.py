"""How long a step takes and what memory it needs: LoRA and QLoRA, all weights, compiled layers."""

from __future__ import annotations

import time
from typing import Any

from gpu_parts.isolated import isolated
from gpu_parts.measured import WARM, trained
from gpu_parts.place import Place

SHAPES = ((4, 8), (4, 4), (16, 4), (4, 1), (16, 8), (1, 8))
"""Crops and samples of a batch."""
TIMED, SECONDS = 5, 40


def steps(place: Place) -> None:
    """LoRA and QLoRA at every shape, both methods in turn so that a slow moment of the machine hits both."""
    for crops, batch in _shapes(place):
        for method in ("lora", "qlora"):
            _step(place, "steps", method, crops, batch)


def full(place: Place) -> None:
    """All weights trained."""
    for crops, batch in _shapes(place)[:2]:
        _step(place, "full", "full", crops, batch)


def compile(place: Place) -> None:
    """Compiled layers beside plain ones, without recomputation of activations in either.

    (A rehearsal compiles nothing: that takes a C++ compiler and longer than all else.)
    """
    for flags in ({},) if place.tiny else ({}, {"training__compile": True}):
        _step(place, "compile", "lora", *_shapes(place)[0], training__gradient_checkpointing=False, **flags)


def _shapes(place: Place) -> tuple[tuple[int, int], ...]:
    return ((1, 2),) if place.tiny else SHAPES


def _step(place: Place, part: str, method: str, crops: int, batch: int, **flags: Any) -> None:
    config = place.config(
        model__method=method,
        model__num_crops=crops,
        training__batch_size=batch,
        training__accumulation=1,
        training__steps=2 if place.tiny else WARM + TIMED,
        training__save_every=10**6,
        training__workers=0 if place.tiny else 4,
        data__split__validation=0.0,
        data__split__train=0.9,
        data__split__test=0.1,
        **flags,
    )
    began = time.monotonic()
    found = isolated(SECONDS, trained, place, config, f"{part}-{method}-{crops}-{batch}")
    shape = {"method": method, "crops": crops, "batch": batch}
    place.record(part, "step", **{**shape, **flags, **found, "took": time.monotonic() - began})
