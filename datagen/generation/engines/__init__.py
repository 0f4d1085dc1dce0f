"""Where shards are made: one file and one entry of ENGINES for each engine; the bytes are the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from typing import Protocol

from datagen.dataset.shards import ShardRecord
from datagen.generation.engines import local, on_ray, on_spark
from datagen.generation.engines.machines import Machines
from datagen.generation.make_shard import ShardWork


class Engine(Protocol):
    """Makes the shards ``numbers`` by calling ``work`` with each, and yields their records as they are whole.

    It calls ``count`` with the number of further rows that it has made. Raises what ``work`` raises,
    InputError where the machines cannot be used, and RunFailed where they are lost; whole shards stay.
    """

    def __call__(
        self, work: ShardWork, numbers: Sequence[int], machines: Machines, count: Callable[[int], None]
    ) -> Generator[ShardRecord, None, None]:
        """See the class."""
        ...


ENGINES: dict[str, Engine] = {
    "local": local.make_shards,
    "ray": on_ray.make_shards,
    "spark": on_spark.make_shards,
}


def all_cores() -> int:
    """The processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
