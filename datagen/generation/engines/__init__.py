"""Where shards are made: one file and one entry of ENGINES for each engine; the bytes are the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from datagen.dataset.shards import Shard
from datagen.generation.engines import local
from datagen.generation.recipe import Recipe
from datagen.schemas.progress import RowProgress


class Engine(Protocol):
    """Makes ``shards`` of ``recipe`` and writes each of them, whole, as a file of ``folder``.

    It calls ``progress`` with the number of rows it has made, and raises RunFailed where a worker is lost,
    or OSError; the shards that are whole by then stay.
    """

    def __call__(
        self, recipe: Recipe, shards: Sequence[Shard], folder: Path, workers: int, progress: RowProgress
    ) -> None:
        """See the class."""


ENGINES: dict[str, Engine] = {
    "local": local.make_shards,
}


def all_cores() -> int:
    """The processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
