"""The engine of one machine: this process and worker processes.

Many shards of rows without pictures are made whole, each by one worker. Otherwise all work on the same shard,
in pieces: a piece is a stretch of rows, and who has cut a silhouette draws all its products. Pieces come back
in their order, and only a few are under way at any time, so that memory does not grow with the dataset.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import tee

from datagen.dataset.shards import Piece, ShardRecord, record_of
from datagen.generation.engines.machines import Machines
from datagen.generation.engines.workers import Workers, may_start_processes
from datagen.generation.make_shard import ShardWork
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe
from datagen.generation.scheduler import Scheduler
from datagen.generation.shard_rows import stretches, write_shards

ROWS_WORTH_A_PROCESS = 400_000
PICTURES_WORTH_A_PROCESS = 100
SHARDS_WORTH_WHOLE = 4
"""Shards for each worker from which on it makes them whole: with fewer, one would wait for the last."""

PIECES_AHEAD = 3
"""Pieces that are being drawn while one is written, so that no worker waits for another."""


def make_shards(
    work: ShardWork, numbers: Sequence[int], machines: Machines, count: Callable[[int], None]
) -> Generator[ShardRecord, None, None]:
    """See :class:`~datagen.generation.engines.Engine`; at most ``machines.workers`` processes.

    Raises InputError where the calling script lets no process start.
    """
    recipe = work.recipe
    workers = useful_workers(recipe, machines.workers)
    alone = not recipe.image_size and not recipe.splits and len(numbers) >= SHARDS_WORTH_WHOLE * workers
    if workers > 1 and alone:
        with closing(Workers(workers, recipe, count)) as others:
            yield from _whole_shards(others, work, numbers, count)
        return
    shards = [work.shards[number] for number in numbers]
    ahead, now = tee(stretches(recipe, shards))
    with (
        work.place.staging() as folder,
        closing(make_pieces(recipe, ahead, workers, count)) as pieces,
        closing(write_shards(recipe, shards, folder, zip(now, pieces, strict=True))) as whole,
    ):
        for shard in whole:
            record = record_of(folder, shard)
            work.place.publish(folder, record)
            yield record


def useful_workers(recipe: Recipe, workers: int) -> int:
    """How many of ``workers`` processes are worth starting, at about half a second each."""
    if not may_start_processes():
        return 1
    rows_each = PICTURES_WORTH_A_PROCESS if recipe.image_size else ROWS_WORTH_A_PROCESS
    return max(1, min(workers, recipe.rows // rows_each))


def make_pieces(
    recipe: Recipe,
    stretches_of_rows: Iterable[Sequence[int]],
    workers: int,
    count: Callable[[int], None] = lambda rows: None,
) -> Generator[Piece, None, None]:
    """The pieces of these stretches of rows, in order, made by ``workers`` processes.

    ``count`` is called with the number of further rows that are made, or whose pictures are drawn. Raises
    RunFailed when a worker process dies, InputError where the calling script lets none start.
    """
    if workers == 1:
        yield from _make_here(recipe, stretches_of_rows, count)
    elif recipe.image_size:
        # This process draws as well: it has little else to do.
        with closing(Workers(workers - 1, recipe, count)) as others:
            yield from _draw_together(recipe, others, stretches_of_rows, count)
    else:
        with closing(Workers(workers, recipe, count)) as others:
            yield from _make_in_turn(others, stretches_of_rows, count)


def _make_here(
    recipe: Recipe, stretches_of_rows: Iterable[Sequence[int]], count: Callable[[int], None]
) -> Generator[Piece, None, None]:
    maker = Maker(recipe)
    for rows in stretches_of_rows:
        if recipe.image_size:
            yield maker.rows(rows, maker.pictures(rows, lambda: count(1)))
        else:
            yield maker.rows(rows)
            count(len(rows))


def _draw_together(
    recipe: Recipe, others: Workers, stretches_of_rows: Iterable[Sequence[int]], count: Callable[[int], None]
) -> Generator[Piece, None, None]:
    """Each piece's pictures drawn by all workers at once, each its share; the rows are made here."""
    maker, scheduler = Maker(recipe), Scheduler(1 + len(others))
    under_way: deque[tuple[Sequence[int], list[int]]] = deque()

    def drawn_here() -> None:
        count(1)
        others.receive()

    def first() -> Piece:
        rows, own = under_way.popleft()
        pictures = maker.pictures(own, drawn_here)
        for number in range(len(others)):
            pictures.update(others.pictures(number))
        return maker.rows(rows, pictures)

    for rows in stretches_of_rows:
        own, *shares = scheduler.shares(rows, maker.stencils(rows))
        for number, share in enumerate(shares):
            others.draw(number, share)
        under_way.append((rows, own))
        if len(under_way) > PIECES_AHEAD:
            yield first()
    while under_way:
        yield first()


def _whole_shards(
    others: Workers, work: ShardWork, numbers: Sequence[int], count: Callable[[int], None]
) -> Iterator[ShardRecord]:
    """Whole shards, given to the workers one after another; two at a time, so that none waits."""
    under_way: deque[int] = deque()

    def first() -> ShardRecord:
        record = others.shard(under_way.popleft())
        count(record.rows)
        return record

    for at, number in enumerate(numbers):
        others.make_shard(at % len(others), work, number)
        under_way.append(at % len(others))
        if len(under_way) == 2 * len(others):
            yield first()
    while under_way:
        yield first()


def _make_in_turn(
    others: Workers, stretches_of_rows: Iterable[Sequence[int]], count: Callable[[int], None]
) -> Generator[Piece, None, None]:
    """Whole pieces, given to the workers one after another."""
    under_way: deque[int] = deque()

    def first() -> Piece:
        piece = others.piece(under_way.popleft())
        count(len(piece.table))
        return piece

    for at, rows in enumerate(stretches_of_rows):
        number = at % len(others)
        others.make(number, rows)
        under_way.append(number)
        if len(under_way) > 2 * len(others):
            yield first()
    while under_way:
        yield first()
