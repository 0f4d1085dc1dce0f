"""Pictures are drawn in batches, and in a batch in the order of what they show.

What pictures have in common (a figure with its baked layers, a silhouette) is then made once and used while
it is at hand. No picture depends on when or where it is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from datagen.dataset.shards import Piece
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe

BATCH_PIXELS, BATCH_PICTURES = 1_000_000_000, 20_000
"""At most so much is drawn in one batch: 3,255 pictures of 480x640, about 90 MB as JPEG, and fewer with maps,
which are larger. It bounds memory, and what an interruption loses."""

GROUP_PICTURES = 60
"""About so many pictures at a time are given to a worker."""

MOST_BETWEEN = 100_000
"""A batch ends where so many rows lie between its first and its next one: those between are sampled, too."""

SHARDS_AT_FIRST = 4
"""The first batch has the rows of so many shards."""


class Group(NamedTuple):
    """Pictures to be drawn one after another: those of ``rows``, in this order; all show ``subject``."""

    subject: str
    rows: list[int]


def batches(recipe: Recipe, stretches: Iterable[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    """Stretches of rows, as many together as are drawn in one batch; one by one without pictures.

    The first batch has the rows of four shards, each following one twice as many as the one before, as far as
    the limits allow: an interruption early in a run then finds whole shards, too.
    """
    if recipe.image_size is None:
        yield from ([rows] for rows in stretches)
        return
    pixels = recipe.image_size[0] * recipe.image_size[1]
    most = min(BATCH_PICTURES, BATCH_PIXELS // (pixels * recipe.size_of_files))
    batch: list[Sequence[int]] = []
    limit = min(most, SHARDS_AT_FIRST * recipe.shard_rows)
    for rows in stretches:
        if batch and sum(map(len, batch)) + len(rows) > limit:
            yield batch
            batch, limit = [], min(most, 2 * limit)
        elif batch and rows[-1] - batch[0][0] > MOST_BETWEEN:
            yield batch
            batch = []
        batch.append(rows)
    if batch:
        yield batch


def groups(maker: Maker, rows: Sequence[int]) -> list[Group]:
    """The rows of a batch, ascending, in the order in which they are drawn. A group has whole stencils."""
    found: list[Group] = []
    last = None
    keys = maker.drawing_keys(rows)
    for key, row in sorted(zip(keys, rows, strict=True)):
        full = not found or found[-1].subject != key[0] or len(found[-1].rows) >= GROUP_PICTURES
        if full and key != last:
            found.append(Group(key[0], []))
        found[-1].rows.append(row)
        last = key
    return found


def made_here(
    maker: Maker, stretches: Iterable[Sequence[int]], count: Callable[[int], None] = lambda rows: None
) -> Iterator[Piece]:
    """The pieces of stretches of rows, in order, made by this process.

    ``count`` is called with the number of further rows that are made, or whose pictures are drawn.
    """
    backwards = False
    for batch in batches(maker.recipe, stretches):
        if maker.recipe.image_size is None:
            yield maker.rows(batch[0])
            count(len(batch[0]))
            continue
        rows = [row for stretch in batch for row in stretch]
        order = [row for group in groups(maker, rows) for row in group.rows]
        # Every other batch backwards: what is cached of one is what comes first in the next.
        pictures = maker.pictures(order[::-1] if backwards else order, lambda: count(1))
        backwards = not backwards
        for stretch in batch:
            yield maker.rows(stretch, {row: pictures.pop(row) for row in stretch})
