"""The engine of one machine: makes the pieces of shards in this process, together with worker processes.

A piece is a stretch of rows. Pieces come back in their order, and only a few are under way at any
time, so that memory does not grow with the dataset.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from datagen.dataset.shards import Piece, Shard, arrow_schema, write_shard
from datagen.generation.engines.workers import Workers, may_start_processes
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe
from datagen.generation.scheduler import Scheduler
from datagen.schemas.progress import RowProgress

ROWS_WORTH_A_PROCESS = 400_000
PICTURES_WORTH_A_PROCESS = 100
PIECES_AHEAD = 3
"""Pieces that are being drawn while one is written, so that no worker waits for another."""


def make_shards(
    recipe: Recipe, shards: Sequence[Shard], folder: Path, workers: int, progress: RowProgress
) -> None:
    """Make ``shards`` with at most ``workers`` processes. See :class:`datagen.generation.engines.Engine`."""
    done = 0
    columns = arrow_schema(recipe.schema, bool(recipe.image_size), recipe.ground_truth)
    ranges = chain.from_iterable(recipe.pieces(shard) for shard in shards)

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done)

    def of_shard(shard: Shard) -> Iterator[Piece]:
        return (next(pieces) for _ in recipe.pieces(shard))

    with closing(make_pieces(recipe, ranges, useful_workers(recipe, workers), count)) as pieces:
        for shard in shards:
            write_shard(folder / shard.name, columns, of_shard(shard))


def useful_workers(recipe: Recipe, workers: int) -> int:
    """How many of ``workers`` processes are worth starting, at about half a second each."""
    if not may_start_processes():
        return 1
    rows_each = PICTURES_WORTH_A_PROCESS if recipe.image_size else ROWS_WORTH_A_PROCESS
    return max(1, min(workers, recipe.rows // rows_each))


def make_pieces(
    recipe: Recipe, ranges: Iterable[range], workers: int, count: Callable[[int], None] = lambda rows: None
) -> Generator[Piece, None, None]:
    """The pieces of these rows, in order, made by ``workers`` processes.

    ``count`` is called with the number of further rows that are made, or whose pictures are drawn. Raises
    RunFailed when a worker process dies, InputError where the calling script lets none start.
    """
    if workers == 1:
        yield from _make_here(recipe, ranges, count)
    elif recipe.image_size:
        # This process draws as well: it has little else to do.
        with closing(Workers(workers - 1, recipe, count)) as others:
            yield from _draw_together(recipe, others, ranges, count)
    else:
        with closing(Workers(workers, recipe, count)) as others:
            yield from _make_in_turn(others, ranges, count)


def _make_here(
    recipe: Recipe, ranges: Iterable[range], count: Callable[[int], None]
) -> Generator[Piece, None, None]:
    maker = Maker(recipe)
    for rows in ranges:
        if recipe.image_size:
            yield maker.piece(rows.start, rows.stop, maker.pictures(rows, lambda: count(1)))
        else:
            yield maker.piece(rows.start, rows.stop)
            count(len(rows))


def _draw_together(
    recipe: Recipe, others: Workers, ranges: Iterable[range], count: Callable[[int], None]
) -> Generator[Piece, None, None]:
    """Each piece's pictures drawn by all workers at once, each its share; the rows are made here."""
    maker, scheduler = Maker(recipe), Scheduler(1 + len(others))
    under_way: deque[tuple[range, list[int]]] = deque()

    def drawn_here() -> None:
        count(1)
        others.receive()

    def first() -> Piece:
        rows, own = under_way.popleft()
        pictures = maker.pictures(own, drawn_here)
        for number in range(len(others)):
            pictures.update(others.pictures(number))
        return maker.piece(rows.start, rows.stop, pictures)

    for rows in ranges:
        own, *shares = scheduler.shares(rows, maker.stencils(rows))
        for number, share in enumerate(shares):
            others.draw(number, share)
        under_way.append((rows, own))
        if len(under_way) > PIECES_AHEAD:
            yield first()
    while under_way:
        yield first()


def _make_in_turn(
    others: Workers, ranges: Iterable[range], count: Callable[[int], None]
) -> Generator[Piece, None, None]:
    """Whole pieces, given to the workers one after another."""
    under_way: deque[int] = deque()

    def first() -> Piece:
        piece = others.piece(under_way.popleft())
        count(len(piece.table))
        return piece

    for at, rows in enumerate(ranges):
        number = at % len(others)
        others.make(number, rows)
        under_way.append(number)
        if len(under_way) > 2 * len(others):
            yield first()
    while under_way:
        yield first()
