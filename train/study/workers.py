"""Cells in several processes of this machine: each runs one cell at a time and gets the next.

A process that dies, for want of memory perhaps, takes only its cell with it; another takes its place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any

from datagen.schemas.orphans import exit_with_parent
from datagen.train.study.work import CellResult

SECONDS_TO_STOP = 5.0
"""For a run of a recipe, which writes a checkpoint when it is told to stop."""
DIED = "Its process ended (exit code {}), possibly because memory ran out; try fewer --workers."


def all_cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_processes(
    work: Callable[[int], CellResult], numbers: Sequence[int], workers: int
) -> Generator[CellResult, None, None]:
    """The results of ``work`` in so many new processes, as they come; see ``work.Spread``.

    All processes end when the iterator is closed.
    """
    waiting, running = deque(numbers), dict[Connection, _Worker]()
    idle: list[_Worker] = []
    try:
        while waiting or running:
            while waiting and (idle or len(running) < workers):
                worker = idle.pop() if idle else _Worker(work)
                worker.give(waiting.popleft())
                running[worker.pipe] = worker
            ready = wait(list(running))
            for pipe in [one for one in running if one in ready]:
                worker = running.pop(pipe)
                result = worker.result()
                if worker.alive:
                    idle.append(worker)
                yield result
    finally:
        for worker in idle:  # it sees that there is nothing more to do
            worker.pipe.close()
        for worker in running.values():
            worker.process.terminate()
        _end([*running.values(), *idle])


class _Worker:
    """A process with its pipe, and the number of the cell that it has."""

    def __init__(self, work: Callable[[int], CellResult]) -> None:
        context = multiprocessing.get_context("spawn")  # not fork: the threads of torch do not survive it
        self.pipe, theirs = context.Pipe()
        self.alive, self.number = True, -1
        self.process = context.Process(target=_run, args=(theirs,), name="datagen-study")
        with _interruptions_blocked():
            self.process.start()
        theirs.close()
        self._send(work)

    def give(self, number: int) -> None:
        """Let it run a cell."""
        self.number = number
        self._send(number)

    def _send(self, what: Any) -> None:
        with suppress(OSError):  # it has died while it waited: ``result`` says so
            self.pipe.send(what)

    def result(self) -> CellResult:
        """What it sends, which is there, or why nothing comes any more."""
        try:
            result: CellResult = self.pipe.recv()
        except (EOFError, OSError):
            self.alive = False
            self.process.join(SECONDS_TO_STOP)
            return CellResult(self.number, None, DIED.format(self.process.exitcode))
        return result


def _end(workers: Sequence[_Worker]) -> None:
    until = time.monotonic() + SECONDS_TO_STOP
    for worker in workers:
        worker.process.join(max(0.0, until - time.monotonic()))
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()


@contextmanager
def _interruptions_blocked() -> Iterator[None]:
    """Hold Ctrl-C back; a process that is started meanwhile never gets it, and its parent ends it."""
    resource_tracker.ensure_running()  # spawning starts it, and that would let Ctrl-C through
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


# What follows runs in a process of its own.


def _run(pipe: Connection) -> None:
    """Run cells until the pipe is closed or the parent is gone."""
    exit_with_parent()
    try:
        work: Callable[[int], CellResult] = pipe.recv()
        while True:
            pipe.send(work(pipe.recv()))
    except (EOFError, OSError, KeyboardInterrupt):  # the last, of a recipe that was told to stop
        return
