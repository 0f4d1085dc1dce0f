"""The engine Ray: each shard is a task, on a running cluster or on one that is started here for the run."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from datagen.dataset.shards import ShardRecord
from datagen.generation.engines.machines import Machines, check_address
from datagen.generation.engines.package_copy import copy_package
from datagen.generation.make_shard import ShardWork
from datagen.schemas import InputError, RunFailed

Result = TypeVar("Result")

RETRIES = 5
"""How often a task is started again whose worker or machine is lost."""

TASKS_PER_CORE = 2
"""Tasks that are given out at a time, so that no core waits and the driver holds few."""


def make_shards(
    work: ShardWork, numbers: Sequence[int], machines: Machines, count: Callable[[int], None]
) -> Generator[ShardRecord, None, None]:
    """See :class:`~datagen.generation.engines.Engine`."""

    def lost(number: int, why: str) -> ShardRecord:
        raise RunFailed(
            f"The Ray cluster lost a shard {RETRIES + 1} times ({why}); run the same command with --resume."
        )

    for record in results(work, numbers, machines, lost):
        count(record.rows)
        yield record


def results(
    work: Callable[[int], Result],
    numbers: Sequence[int],
    machines: Machines,
    lost: Callable[[int, str], Result],
    *,
    on_a_gpu: bool = False,
) -> Generator[Result, None, None]:
    """What ``work`` makes of each number, as it is made, each a task. Raises what ``work`` raises.

    ``lost``: called with a number, and why, if every machine that began with it was lost. ``on_a_gpu``: each
    task has a GPU for itself, if the cluster has any. Raises InputError where the machines cannot be used.
    """
    with _connected(machines) as ray:
        of_a_core = ray.remote(max_retries=RETRIES)(_make)
        shared, waiting, running = ray.put(work), iter(numbers), dict[Any, int]()
        while True:
            there = ray.cluster_resources()
            cores = max(1, int(there.get("CPU", 0)))  # machines may join later
            free = max(0, TASKS_PER_CORE * cores - len(running))
            gpus = min(1, there.get("GPU", 0)) if on_a_gpu else 0
            task = of_a_core.options(num_gpus=gpus)
            running |= {task.remote(shared, number): number for number in itertools.islice(waiting, free)}
            if not running:
                return
            (done, *_), _ = ray.wait(list(running))
            number = running.pop(done)
            try:
                result: Result = ray.get(done)
            except ray.exceptions.RayTaskError as error:
                raise error.cause from None
            except ray.exceptions.RayError as error:
                result = lost(number, (str(error).splitlines() or [""])[0][:200])
            yield result


def _make(work: Callable[[int], Result], number: int) -> Result:
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
