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
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait

from datagen.dataset.shards import Piece
from datagen.generation.maker import Maker, Picture
from datagen.generation.recipe import Recipe
from datagen.schemas import RunFailed

ROWS_WORTH_A_PROCESS = 400_000
PICTURES_WORTH_A_PROCESS = 100
PIECES_AHEAD = 3
"""Pieces that are being drawn while one is written: no hand waits for another."""

START, CUT, SEND, ROW = 120.0, 5.0, 0.05, 0.1
"""What a process's start, cutting a silhouette, sending a picture here, and taking in anybody's row cost, in
pictures composed; rough, by trial on two cores: they only decide who waits."""


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
        here = Maker(recipe)
        for piece in pieces:
            yield here.piece(piece.start, piece.stop)
        return
    # Not fork: the threads of Arrow do not survive it. A pool of one process each, so that a product
    # always goes to the process that already knows its silhouette. Where pictures are drawn, this process
    # draws as well: it has little else to do.
    context = multiprocessing.get_context("spawn")
    hands = [
        ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(recipe,))
        for _ in range(workers - 1 if recipe.image_size else workers)
    ]
    make = _drawn_together if recipe.image_size else _made_in_turn
    try:
        # Side by side: each start waits until its process has read the recipe.
        with _no_interrupt(), ThreadPoolExecutor(workers) as starting:
            list(starting.map(lambda hand: hand.submit(_ready), hands))
        yield from make(recipe, hands, pieces)
    except BrokenProcessPool:
        raise RunFailed(
            "A worker process died, perhaps for want of memory; "
            "start the same command with --resume, and perhaps with fewer --workers."
        ) from None
    finally:
        with ThreadPoolExecutor(workers) as closing:  # all at once, or each would wait for the one before
            list(closing.map(lambda hand: hand.shutdown(wait=True, cancel_futures=True), hands))


class _Deal:
    """Who draws what: hand 0 is this process. Whoever has cut a silhouette keeps its products.

    A new silhouette goes to the hand with the least to do. The pictures do not depend on who draws them.
    """

    def __init__(self, hands: int) -> None:
        self.owner: dict[int, int] = {}
        # In pictures: the others have to start first, which takes about as long as drawing these.
        self.load = [0.0] + [START] * (hands - 1)

    def shares(self, rows: range, stencils: Sequence[int]) -> list[list[int]]:
        """The rows of each hand."""
        made: list[list[int]] = [[] for _ in self.load]
        for row, stencil in zip(rows, stencils, strict=True):
            hand = self.owner.get(stencil)
            if hand is None:
                hand = self.owner[stencil] = self.load.index(min(self.load))
                self.load[hand] += CUT
            self.load[hand] += 1 + (SEND if hand else 0)
            self.load[0] += ROW
            made[hand].append(row)
        return made


def _drawn_together(
    recipe: Recipe, hands: list[ProcessPoolExecutor], pieces: Iterable[range]
) -> Generator[Piece, None, None]:
    """Each piece's pictures drawn by all hands at once, each its share; the rows are made here."""
    here, deal = Maker(recipe), _Deal(1 + len(hands))
    under_way: deque[tuple[range, list[int], list[Future[dict[int, Picture]]]]] = deque()

    def first() -> Piece:
        piece, own, shares = under_way.popleft()
        pictures = here.pictures(own)
        for share in shares:
            pictures.update(share.result())
        return here.piece(piece.start, piece.stop, pictures)

    for piece in pieces:
        own, *others = deal.shares(piece, here.stencils(piece))
        with _no_interrupt():
            shares = [hand.submit(_pictures, rows) for hand, rows in zip(hands, others, strict=True)]
        under_way.append((piece, own, shares))
        if len(under_way) > PIECES_AHEAD:
            yield first()
    while under_way:
        yield first()


def _made_in_turn(
    recipe: Recipe, hands: list[ProcessPoolExecutor], pieces: Iterable[range]
) -> Generator[Piece, None, None]:
    """Whole pieces, dealt to the hands one after another."""
    under_way: deque[Future[Piece]] = deque()
    for at, piece in enumerate(pieces):
        with _no_interrupt():
            under_way.append(hands[at % len(hands)].submit(_piece, piece.start, piece.stop))
        if len(under_way) > 2 * len(hands):
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back. A process started meanwhile never gets it, not even before :func:`_begin`."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_cook: Maker | None = None


def _begin(recipe: Recipe) -> None:
    """Set up a worker: without the parent there is no work."""
    global _cook
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()
    _cook = Maker(recipe)


def _leave_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _piece(start: int, stop: int) -> Piece:
    return _here().piece(start, stop)


def _pictures(rows: list[int]) -> dict[int, Picture]:
    return _here().pictures(rows)


def _ready() -> None:
    _here()


def _here() -> Maker:
    if _cook is None:
        raise RuntimeError("the worker was not set up")
    return _cook
