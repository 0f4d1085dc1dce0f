"""The shipped presets from start to end, on a card made as small as the one they are for."""

from __future__ import annotations

import time
from typing import Any

import torch

from gpu_parts.isolated import isolated
from gpu_parts.measured import memory, recipe, trained
from gpu_parts.place import Place

PRESETS = {"gpu-8gb": 8, "gpu-16gb": 16, "gpu-24gb": 24}
"""Name, and GiB of the card."""
CUDA_ITSELF = 0.7e9
"""Bytes of a card that CUDA, its libraries and a desktop hold, and torch cannot have."""
SECONDS, ROWS, STEPS = 60, 16, 3


def presets(place: Place) -> None:
    """Train a few steps with validation, evaluate the run, and answer single pictures."""
    for name, gib in list(PRESETS.items())[: 1 if place.tiny else None]:
        began = time.monotonic()

        found = isolated(SECONDS, _trained, place, name, gib)
        place.record("presets", "trained", preset=name, **{**found, "took": time.monotonic() - began})
        if "error" in found or name != "gpu-8gb":
            continue
        place.record("presets", "evaluated", preset=name, **isolated(SECONDS, _evaluated, place, name, gib))


def _trained(place: Place, name: str, gib: int) -> dict[str, Any]:
    _shrink(gib)
    return trained(place, _config(place, name), name, keep=True)


def _shrink(gib: int) -> None:
    """Let torch have only what a smaller card would leave it."""
    if torch.cuda.is_available():
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction((gib * 2**30 - CUDA_ITSELF) / total)


def _config(place: Place, name: str) -> Any:
    flags: dict[str, Any] = {
        "training__epochs": None,
        "training__steps": STEPS,
        "training__save_every": STEPS,
        "training__evaluate_every": STEPS,
        "training__evaluate_rows": ROWS,
        "training__generate_rows": 4,
    }
    if place.tiny:
        flags |= {
            "training__batch_size": 2,
            "training__accumulation": 1,
            "training__workers": 0,
            "training__generate_rows": 1,
            "model__num_crops": 1,
        }
    return place.config(_with_steps(place, name), **flags)


def _with_steps(place: Place, name: str) -> Any:
    """The recipe without its epochs, which exclude a number of steps."""
    text = recipe(name).read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.strip().startswith("epochs:")]
    path = place.folder / f"{name}.yaml"
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


def _evaluated(place: Place, name: str, gib: int) -> dict[str, Any]:
    from datagen.train.evaluation.evaluate import evaluate_run

    _shrink(gib)
    began = time.monotonic()
    found = evaluate_run(
        place.folder / name, "last", rows=2 if place.tiny else ROWS, baselines=False, max_new_tokens=24
    )
    return {
        "rows": found.record.get("rows"),
        "seconds": time.monotonic() - began,
        **{key: value for key, value in memory(0.0).items() if key != "estimated_gb"},
    }
