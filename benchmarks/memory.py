"""How far the estimate of GPU memory is from what was measured, each third of the points held out in turn.

    python benchmarks/memory.py

GAPS, the one number that is fitted, is chosen for two thirds of the points by the smallest largest error, and
tried on the others. One line for each third, and one for the number that is used.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from datagen.train.config import load_config
from datagen.train.models import memory
from datagen.train.models.architectures import ARCHITECTURES
from datagen.train.models.base import skeleton
from datagen.train.phi3_vision.configuration import Phi3VConfig


class Point(NamedTuple):
    """A measured step. ``tokens`` with padding, ``pictures`` of them a picture's; ``reserved`` in GB."""

    method: str
    batch: int
    tokens: int
    pictures: int
    checkpointing: bool
    dropout: float
    reserved: float


MEASURED = (
    Point("lora", 4, 806, 757, True, 0.05, 10.57),
    Point("lora", 1, 795, 757, True, 0.05, 9.181),
    Point("lora", 1, 1971, 1933, True, 0.05, 9.834),
    Point("lora", 4, 1982, 1933, True, 0.05, 13.31),
    Point("lora", 8, 364, 313, True, 0.05, 10.34),
    Point("lora", 1, 351, 313, True, 0.05, 8.934),
    Point("lora", 8, 808, 757, True, 0.05, 12.4),
    Point("lora", 4, 362, 313, True, 0.05, 9.544),
    Point("lora", 8, 1984, 1933, True, 0.05, 17.9),
    Point("lora", 4, 806, 757, False, 0.0, 25.23),
    Point("lora", 4, 806, 757, False, 0.0, 25.32),
    Point("lora", 4, 806, 757, False, 0.05, 27.04),
    Point("qlora", 4, 806, 757, True, 0.05, 5.037),
    Point("qlora", 1, 795, 757, True, 0.05, 3.792),
    Point("qlora", 1, 1971, 1933, True, 0.05, 4.364),
    Point("qlora", 4, 1982, 1933, True, 0.05, 7.363),
    Point("qlora", 8, 364, 313, True, 0.05, 4.752),
    Point("qlora", 1, 351, 313, True, 0.05, 3.66),
    Point("qlora", 8, 808, 757, True, 0.05, 6.537),
    Point("qlora", 4, 362, 313, True, 0.05, 4.165),
    Point("qlora", 8, 1984, 1933, True, 0.05, 11.0),
    Point("qlora", 4, 806, 757, False, 0.0, 19.95),
    Point("qlora", 4, 806, 757, False, 0.0, 19.94),
    Point("qlora", 4, 806, 757, False, 0.05, 21.53),
)
"""One H200, 2026-11-28, torch 2.11, random weights at full size, rank 32, bf16 autocast, paged 8-bit AdamW.
Those without dropout had fused AdamW and bf16 adapters, and one of each two no autocast.
"""


def full_size() -> Any:
    """Phi-3-vision at its full size, without memory for its weights."""
    factors = [1.0] * 48
    rope = {"rope_type": "longrope", "short_factor": factors, "long_factor": factors}
    return skeleton(Phi3VConfig(rope_parameters=rope, original_max_position_embeddings=4096))


def estimated(phi: Any, point: Point) -> memory.MemoryEstimate:
    """The estimate of a point, with the optimiser and the adapters that it had."""
    flags: dict[str, Any] = {
        "data.real": "shop",
        "model.method": point.method,
        "model.lora.dropout": point.dropout,
        "training.batch_size": point.batch,
        "training.optimiser": "paged_adamw_8bit" if point.dropout else "adamw",
    }
    if not point.dropout:
        flags["training.adapter_dtype"] = "bfloat16"
    return memory.estimate(
        phi,
        ARCHITECTURES["phi3_v"],
        load_config(None, flags),
        point.tokens,
        point.pictures,
        checkpointing=point.checkpointing,
    )


def main() -> None:
    """Print the lines."""
    phi = full_size()
    choices = np.arange(51) / 100
    errors = np.array([[_error(phi, point, gaps) for point in MEASURED] for gaps in choices])
    for third in range(3):
        held_out = np.arange(len(MEASURED)) % 3 == third
        best = int(errors[:, ~held_out].max(axis=1).argmin())
        there, others = errors[best, held_out].max(), errors[best, ~held_out].max()
        print(
            f"third {third + 1} held out: GAPS {choices[best]:.2f}, largest error {there:.1%}, "
            f"of the others {others:.1%}"
        )
    used = int(np.abs(choices - memory.GAPS).argmin())
    print(f"GAPS {memory.GAPS}, as used: largest error of {len(MEASURED)} points {errors[used].max():.1%}")


def _error(phi: Any, point: Point, gaps: float) -> float:
    with patch.object(memory, "GAPS", gaps):
        return abs(estimated(phi, point).reserved / 1e9 / point.reserved - 1)


if __name__ == "__main__":
    main()
