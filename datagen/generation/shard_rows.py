"""Which rows are made for the shards that are missing, and which shard each row is written to.

The shards of one split follow one another, and those of different splits overlap: one of each is open at a
time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.dataset.shards import Piece, Shard, arrow_schema, shard_file
from datagen.generation.recipe import Recipe
from datagen.generation.row_splits import RowSplits
from datagen.product.splits import SplitNumbers
from datagen.schemas.keyed import I64


def stretches(recipe: Recipe, shards: Sequence[Shard]) -> Iterator[Sequence[int]]:
    """The rows of some shards, ascending, in stretches that are made at once.

    A shard gets the same stretches, whichever others are missing with it, and so the same bytes.
    """
    if not recipe.splits:
        for shard in shards:
            yield from recipe.pieces(shard)
        return
    every = sum(shard.rows for shard in shards) == recipe.rows
    splits = None if every else RowSplits(recipe.sampler(), dict(recipe.splits))
    if not shards:
        return
    first = min(shard.start for shard in shards) // recipe.piece_rows * recipe.piece_rows
    for start in range(first, max(shard.stop for shard in shards), recipe.piece_rows):
        rows = range(start, min(start + recipe.piece_rows, recipe.rows))
        if splits is None:
            yield rows
            continue
        near = [shard for shard in shards if shard.start < rows.stop and rows.start < shard.stop]
        if near:
            numbers, every_row = splits.of(rows), np.arange(rows.start, rows.stop)
            wanted = np.any([_within(recipe, shard, every_row, numbers) for shard in near], axis=0)
            if wanted.any():
                yield every_row[wanted].tolist()


def write_shards(
    recipe: Recipe,
    shards: Sequence[Shard],
    folder: Path,
    made: Iterable[tuple[Sequence[int], Piece]],
) -> Generator[Shard, None, None]:
    """Write every row of ``made``, the :func:`stretches` and their pieces, to its shard; yields whole shards.

    Raises OSError.
    """
    columns = arrow_schema(recipe.schema, bool(recipe.image_size), recipe.ground_truth)
    waiting = sorted(shards, key=lambda shard: shard.start, reverse=True)
    with ExitStack() as every:  # closes the open ones after an exception, so that none is left half-written
        unfinished: list[_Unfinished] = []
        for rows, piece in made:
            while waiting and waiting[-1].start <= rows[-1]:
                shard, own = waiting.pop(), every.enter_context(ExitStack())
                write = own.enter_context(shard_file(folder / shard.name, columns))
                unfinished.append(_Unfinished(shard, own, write, shard.rows))
            numbers = np.asarray(rows, dtype=np.int64)
            for each in unfinished:
                each.add(piece.take(_within(recipe, each.shard, numbers, piece.splits)))
            yield from [each.shard for each in unfinished if not each.missing]
            unfinished = [each for each in unfinished if each.missing]


@dataclass
class _Unfinished:
    """A shard that is being written, and how many rows it still lacks."""

    shard: Shard
    file: ExitStack
    write: Callable[[Piece], None]
    missing: int

    def add(self, piece: Piece) -> None:
        """Write some rows; with its last ones the file gets its name."""
        if len(piece.table):
            self.write(piece)
            self.missing -= len(piece.table)
            if not self.missing:
                self.file.close()


def _within(recipe: Recipe, shard: Shard, rows: I64, splits: SplitNumbers | None) -> NDArray[np.bool_]:
    """Which of some rows, with the numbers of their splits, are in a shard."""
    within: NDArray[np.bool_] = (shard.start <= rows) & (rows < shard.stop)
    if splits is not None:
        within &= splits == [name for name, _ in recipe.splits].index(str(shard.split))
    return within
