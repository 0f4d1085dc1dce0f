"""The machine and what it can do at most; the rows and the bases that the other parts use."""

from __future__ import annotations

import os
import statistics
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from gpu_parts.bases import FULL, SMALL, TINY, write_base
from gpu_parts.isolated import isolated
from gpu_parts.place import Place

PACKAGES = (
    "torch",
    "transformers",
    "peft",
    "bitsandbytes",
    "accelerate",
    "datasets",
    "numpy",
    "pillow",
    "triton",
)


def machine(place: Place) -> None:
    """Record versions and ceilings; make the rows and the bases."""
    began = time.monotonic()
    place.make_rows()
    place.record("machine", "rows made", seconds=time.monotonic() - began)
    texts = place.texts()
    full, small = (TINY, TINY) if place.tiny else (FULL, SMALL)
    bases: dict[str, Any] = {"small": (place.small_base, small, torch.float32)}
    if place.given_base is None:
        bases["full"] = (place.base, full, torch.float32 if place.tiny else torch.bfloat16)
    for name, (folder, size, dtype) in bases.items():
        began = time.monotonic()

        made = isolated(60, _base, folder, size, texts, dtype)
        place.record("machine", f"{name} base", seconds=time.monotonic() - began, **made)
    place.record("machine", "versions", **isolated(30, _versions))
    place.record("machine", "ceilings", **isolated(30, _ceilings, place.tiny))


def _base(folder: str, size: dict[str, Any], texts: list[str], dtype: torch.dtype) -> dict[str, Any]:
    return {"weights": write_base(Path(folder), size, texts, dtype)}


def _versions() -> dict[str, Any]:
    found: dict[str, Any] = {"cpus": os.cpu_count()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    if torch.cuda.is_available():
        card = torch.cuda.get_device_properties(0)
        found |= {"card": card.name, "memory_gb": card.total_memory / 1e9, "cuda": torch.version.cuda}
    return found


def _ceilings(tiny: bool) -> dict[str, Any]:
    """TFLOP/s of a bfloat16 matrix product of 8192 x 8192, TB/s of a copy of 2 GB."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    size, numbers = (256, 2**20) if tiny else (8192, 2**30)
    left = torch.randn(size, size, device=device, dtype=torch.bfloat16)
    source = torch.empty(numbers, device=device, dtype=torch.bfloat16)
    target = torch.empty_like(source)
    return {
        "matmul_tflops": 2 * size**3 / _seconds(lambda: left @ left) / 1e12,
        "copy_tb_per_second": 2 * 2 * numbers / _seconds(lambda: target.copy_(source)) / 1e12,
    }


def _seconds(work: Any) -> float:
    """Median of six after three to warm up."""
    times = []
    for _ in range(9):
        _wait_for_gpu()
        began = time.perf_counter()
        work()
        _wait_for_gpu()
        times.append(time.perf_counter() - began)
    return statistics.median(times[3:])


def _wait_for_gpu() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
