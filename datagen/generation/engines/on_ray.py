"""The engine Ray: each shard is a task, on a running cluster or on one that is started here for the run."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datagen.dataset.shards import ShardRecord
from datagen.generation.engines.machines import Machines, check_address
from datagen.generation.engines.package_copy import copy_package
from datagen.generation.make_shard import ShardWork
from datagen.schemas import InputError, RunFailed

RETRIES = 5
"""How often a task is started again whose worker or machine is lost."""

TASKS_PER_CORE = 2
"""Tasks that are given out at a time, so that no core waits and the driver holds few."""


def make_shards(
    work: ShardWork, numbers: Sequence[int], machines: Machines, count: Callable[[int], None]
) -> Generator[ShardRecord, None, None]:
    """See :class:`~datagen.generation.engines.Engine`."""
    with _connected(machines) as ray:
        task = ray.remote(max_retries=RETRIES)(_make)
        shared, waiting, running = ray.put(work), iter(numbers), list[Any]()
        while True:
            cores = max(1, int(ray.cluster_resources().get("CPU", 0)))  # machines may join later
            free = TASKS_PER_CORE * cores - len(running)
            running += [task.remote(shared, number) for number in itertools.islice(waiting, max(0, free))]
            if not running:
                return
            done, running = ray.wait(running)
            try:
                record: ShardRecord = ray.get(done[0])
            except ray.exceptions.RayTaskError as error:
                raise error.cause from None
            except ray.exceptions.RayError as error:
                why = (str(error).splitlines() or [""])[0][:200]
                raise RunFailed(
                    f"The Ray cluster lost a shard {RETRIES + 1} times ({why}); run the same command with "
                    "--resume."
                ) from None
            count(record.rows)
            yield record


def _make(work: ShardWork, number: int) -> ShardRecord:
    return work(number)


@contextmanager
def _connected(machines: Machines) -> Iterator[Any]:
    """The module ray, connected to a cluster whose workers run this code. Raises InputError."""
    try:
        import ray
    except ImportError:
        raise InputError("The engine ray needs Ray; run pip install 'datagen[ray]'.") from None
    if ray.is_initialized():
        raise InputError("This process uses Ray already; call ray.shutdown() first.")
    where: dict[str, Any] = {"num_cpus": machines.workers, "include_dashboard": False}
    if machines.address:
        if machines.address != "auto":
            check_address("Ray", machines.address)
        where = {"address": machines.address}
    with tempfile.TemporaryDirectory() as folder:
        runtime = {"py_modules": [str(copy_package(Path(folder)))]}
        try:
            ray.init(**where, runtime_env=runtime, log_to_driver=False, logging_level="error")
        except (RuntimeError, ConnectionError, ValueError) as error:
            ray.shutdown()  # it may be half connected
            raise InputError(f"Ray cannot be used ({' '.join(str(error).split())[:300]}).") from None
        try:
            yield ray
        finally:
            ray.shutdown()
