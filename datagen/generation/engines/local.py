"""The engine of one machine: makes the pieces of shards in this process, or in a pool of processes.

A piece is a stretch of rows. Pieces come back in their order, and only a few are under way at any
time, so that memory does not grow with the dataset.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from itertools import tee
from multiprocessing.connection import wait
from pathlib import Path

from datagen.dataset.shards import Piece, Shard
from datagen.generation.maker import Maker, Picture
from datagen.generation.recipe import Recipe
from datagen.generation.scheduler import Scheduler
from datagen.generation.shard_rows import stretches, write_shards
from datagen.schemas import RunFailed
from datagen.schemas.progress import RowProgress

ROWS_WORTH_A_PROCESS = 400_000
PICTURES_WORTH_A_PROCESS = 100
PIECES_AHEAD = 3
"""Pieces that are being drawn while one is written, so that no worker waits for another."""


def make_shards(
    recipe: Recipe, shards: Sequence[Shard], folder: Path, workers: int, progress: RowProgress
) -> None:
    """Make ``shards`` with at most ``workers`` processes. See :class:`datagen.generation.engines.Engine`."""
    ahead, now = tee(stretches(recipe, shards))
    with closing(make_pieces(recipe, ahead, useful_workers(recipe, workers))) as pieces:
        write_shards(recipe, shards, folder, zip(now, pieces, strict=True), progress)


def useful_workers(recipe: Recipe, workers: int) -> int:
    """How many of ``workers`` processes are worth starting, at about half a second each."""
    rows_each = PICTURES_WORTH_A_PROCESS if recipe.image_size else ROWS_WORTH_A_PROCESS
    return max(1, min(workers, recipe.rows // rows_each))


def make_pieces(
    recipe: Recipe, stretches: Iterable[Sequence[int]], workers: int
) -> Generator[Piece, None, None]:
    """The pieces of these stretches of rows, in order. Raises RunFailed when a worker process dies."""
    if workers == 1:
        maker = Maker(recipe)
        for rows in stretches:
            yield maker.rows(rows)
        return
    # Not fork: the threads of Arrow do not survive it. A pool of one process each, so that a product
    # always goes to the process that already knows its silhouette. Where pictures are drawn, this process
    # draws as well: it has little else to do.
    context = multiprocessing.get_context("spawn")
    pools = [
        ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(recipe,))
        for _ in range(workers - 1 if recipe.image_size else workers)
    ]
    make = _draw_together if recipe.image_size else _make_in_turn
    try:
        # All at once: each start waits until its process has read the recipe.
        with _no_interrupt(), ThreadPoolExecutor(workers) as starting:
            list(starting.map(lambda pool: pool.submit(_ready), pools))
        yield from make(recipe, pools, stretches)
    except BrokenProcessPool:
        raise RunFailed(
            "A worker process died, possibly because memory ran out; "
            "run the same command with --resume, and with fewer --workers if it happens again."
        ) from None
    finally:
        with ThreadPoolExecutor(workers) as stopping:  # all at once, or each would wait for the one before
            list(stopping.map(lambda pool: pool.shutdown(wait=True, cancel_futures=True), pools))


def _draw_together(
    recipe: Recipe, pools: list[ProcessPoolExecutor], stretches: Iterable[Sequence[int]]
) -> Generator[Piece, None, None]:
    """Each piece's pictures drawn by all workers at once, each its share; the rows are made here."""
    maker, scheduler = Maker(recipe), Scheduler(1 + len(pools))
    under_way: deque[tuple[Sequence[int], list[int], list[Future[dict[int, Picture]]]]] = deque()

    def first() -> Piece:
        rows, own, others = under_way.popleft()
        pictures = maker.pictures(own)
        for other in others:
            pictures.update(other.result())
        return maker.rows(rows, pictures)

    for rows in stretches:
        own, *shares = scheduler.shares(rows, maker.stencils(rows))
        with _no_interrupt():
            others = [pool.submit(_pictures, share) for pool, share in zip(pools, shares, strict=True)]
        under_way.append((rows, own, others))
        if len(under_way) > PIECES_AHEAD:
            yield first()
    while under_way:
        yield first()


def _make_in_turn(
    recipe: Recipe, pools: list[ProcessPoolExecutor], stretches: Iterable[Sequence[int]]
) -> Generator[Piece, None, None]:
    """Whole pieces, given to the workers one after another."""
    under_way: deque[Future[Piece]] = deque()
    for at, rows in enumerate(stretches):
        with _no_interrupt():
            under_way.append(pools[at % len(pools)].submit(_piece, rows))
        if len(under_way) > 2 * len(pools):
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Block Ctrl-C. A process started meanwhile never gets it, not even before :func:`_begin`."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# What follows runs in a worker process.

_maker: Maker | None = None


def _begin(recipe: Recipe) -> None:
    """Set up a worker, which ends when its parent does."""
    global _maker
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_with, args=(parent.sentinel,), daemon=True).start()
    _maker = Maker(recipe)


def _exit_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _piece(rows: Sequence[int]) -> Piece:
    return _maker_here().rows(rows)


def _pictures(rows: list[int]) -> dict[int, Picture]:
    return _maker_here().pictures(rows)


def _ready() -> None:
    _maker_here()


def _maker_here() -> Maker:
    if _maker is None:
        raise RuntimeError("the worker was not set up")
    return _maker
