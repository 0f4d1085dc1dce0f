"""Where pieces of a dataset are made: in this process, or in a pool of them. The bytes are the same.

A piece is a stretch of rows. Pieces come back in their order, and only a few are under way at any
time, so that memory does not grow with the dataset.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait

from datagen.recipe import Cook, Piece, Recipe

ROWS_WORTH_A_PROCESS = 400_000
PICTURES_WORTH_A_PROCESS = 100


class RunFailed(RuntimeError):
    """A run that was asked for rightly could not be finished; the command exits with 1."""


def all_cores() -> int:
    """The processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worth(recipe: Recipe, workers: int) -> int:
    """How many of ``workers`` processes pay for their start (about half a second each)."""
    rows_each = PICTURES_WORTH_A_PROCESS if recipe.image_size else ROWS_WORTH_A_PROCESS
    return max(1, min(workers, recipe.rows // rows_each))


def cook(recipe: Recipe, pieces: Iterable[range], workers: int) -> Generator[Piece, None, None]:
    """The pieces asked for, in their order. Raises RunFailed when a worker process dies."""
    if workers == 1:
        here = Cook(recipe)
        for piece in pieces:
            yield here.piece(piece.start, piece.stop)
        return
    # Not fork: the threads of Arrow do not survive it.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(recipe,))
    under_way: deque[Future[Piece]] = deque()
    try:
        for piece in pieces:
            with _no_interrupt():
                under_way.append(pool.submit(_piece, piece.start, piece.stop))
            if len(under_way) > 2 * workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool:
        raise RunFailed(
            "A worker process died, perhaps for want of memory; "
            "start the same command with --resume, and perhaps with fewer --workers."
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back. A process started meanwhile never gets it, not even before :func:`_begin`."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_cook: Cook | None = None


def _begin(recipe: Recipe) -> None:
    """Set up a worker: without the parent there is no work."""
    global _cook
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()
    _cook = Cook(recipe)


def _leave_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _piece(start: int, stop: int) -> Piece:
    if _cook is None:
        raise RuntimeError("the worker was not set up")
    return _cook.piece(start, stop)
