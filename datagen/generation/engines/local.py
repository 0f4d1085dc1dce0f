"""The engine of one machine: this process and worker processes.

Many shards of rows without pictures are made whole, each by one worker. Otherwise all work on the same
pieces, which are stretches of rows: on the pictures of a batch of them (:mod:`datagen.generation.drawing`),
or each on one without pictures. Pieces come back in their order, and only a few are under way at any time,
so that memory does not grow with the dataset.
"""

from __future__ import annotations

import ctypes
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import tee

from datagen.dataset.shards import Piece, ShardRecord, record_of
from datagen.generation.drawing import Group, batches, groups, made_here
from datagen.generation.engines.machines import Machines
from datagen.generation.engines.workers import Workers, may_start_processes
from datagen.generation.make_shard import ShardWork
from datagen.generation.maker import Maker, Picture
from datagen.generation.recipe import Recipe
from datagen.generation.scheduler import Scheduler
from datagen.generation.shard_rows import stretches, write_shards

ROWS_WORTH_A_PROCESS = 400_000
PICTURES_WORTH_A_PROCESS = 100
MANY_PICTURES = 1_000
"""After so many pictures a run leaves nothing of what was cached: as a rule no other run follows."""

SHARDS_WORTH_WHOLE = 4
"""Shards for each worker from which on it makes them whole: with fewer, one would wait for the last."""


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
    if recipe.image_size and sum(shard.rows for shard in shards) >= MANY_PICTURES:
        _give_back_memory()


def _give_back_memory() -> None:
    """Empty the renderer's caches, since what follows in the run needs memory."""
    from datagen.render.scene import clear_caches

    clear_caches()
    _trim()


def _trim() -> None:
    """Give what is free on the heap back to the system: glibc itself gives back only what is free at its end,
    after so many arrays next to nothing."""
    if sys.platform.startswith("linux"):
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


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
        yield from made_here(Maker(recipe), stretches_of_rows, count)
    elif recipe.image_size:
        # This process draws as well: it has little else to do.
        with closing(Workers(workers - 1, recipe, count)) as others:
            yield from _draw_together(recipe, others, stretches_of_rows, count)
    else:
        with closing(Workers(workers, recipe, count)) as others:
            yield from _make_in_turn(others, stretches_of_rows, count)


def _draw_together(
    recipe: Recipe, others: Workers, stretches_of_rows: Iterable[Sequence[int]], count: Callable[[int], None]
) -> Generator[Piece, None, None]:
    """Pictures are drawn by all workers at once, each a group at a time; the rows are made here."""
    maker, team = Maker(recipe), _Team(others)
    for batch in batches(recipe, stretches_of_rows):
        rows = [row for stretch in batch for row in stretch]
        among = range(rows[0], rows[-1] + 1)
        # Rows are sampled now, thousands at once, and shards written later: both take much for a moment.
        _trim()
        team.begin(groups(maker, rows), among)
        while (group := team.own()) is not None:
            team.pictures.update(maker.pictures(group.rows, lambda: team.drawn_here(count), among=among))
        team.wait_for_others()
        _trim()
        for stretch in batch:
            yield maker.rows(stretch, {row: team.pictures.pop(row) for row in stretch})


class _Team:
    """This process, worker 0, and others at work on the pictures of a batch."""

    def __init__(self, others: Workers) -> None:
        self.pictures: dict[int, Picture] = {}
        """The pictures that are drawn, by row."""
        self._others, self._scheduler = others, Scheduler()
        self._under_way = [0] * len(others)
        self._among = range(0)

    def begin(self, todo: Sequence[Group], among: range) -> None:
        """Give out the groups of a batch, whose rows lie in a range."""
        self._scheduler.add(todo)
        self._among = among
        self._give()

    def own(self) -> Group | None:
        """The next group for this process."""
        return self._scheduler.next(0)

    def drawn_here(self, count: Callable[[int], None]) -> None:
        """One more picture was drawn by this process."""
        count(1)
        self._receive(0.0)

    def wait_for_others(self) -> None:
        """Wait until no worker has anything to do. Raises RunFailed when a worker dies."""
        while any(self._under_way):
            self._receive(None)

    def _receive(self, timeout: float | None) -> None:
        """Take the pictures that others have drawn, and give them the next ones."""
        self._others.receive(timeout)
        for number in range(len(self._others)):
            while self._others.has_result(number):
                self.pictures.update(self._others.pictures(number))
                self._under_way[number] -= 1
        self._give()

    def _give(self) -> None:
        for number in range(len(self._others)):
            # One group more than it is drawing, so that it never waits; at the end none waits for it.
            ahead = 2 if len(self._scheduler) > 2 * len(self._others) else 1
            while self._under_way[number] < ahead and (group := self._scheduler.next(number + 1)) is not None:
                self._others.draw(number, group.rows, self._among)
                self._under_way[number] += 1


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
