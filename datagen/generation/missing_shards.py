"""The driver's part: which shards are missing, and the records of all once an engine has made them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from datagen.dataset.shards import Shard, ShardRecord
from datagen.dataset.writer import versions
from datagen.generation.engines.machines import Machines
from datagen.generation.make_shard import ShardWork
from datagen.generation.recipe import Recipe
from datagen.places import Place
from datagen.schemas import RunFailed
from datagen.schemas.progress import RowProgress

if TYPE_CHECKING:
    from datagen.generation.engines import Engine


class Records(NamedTuple):
    """The records of shards: all by name, and those that were made now."""

    every: dict[str, ShardRecord]
    made: list[ShardRecord]


def make_missing(
    recipe: Recipe,
    shards: Sequence[Shard],
    place: Place,
    engine: Engine,
    machines: Machines,
    progress: RowProgress,
) -> Records:
    """Make those of ``shards`` that are not at ``place`` as they were written.

    ``progress`` is called with the rows that are there or made. Raises as ``engine``, and RunFailed where it
    left some out.
    """
    kept = {shard.name: record for shard in shards if (record := place.written(shard))}
    missing = [number for number, shard in enumerate(shards) if shard.name not in kept]
    done = sum(record.rows for record in kept.values())
    progress(done)

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done)

    others = {name: value for name, value in versions(recipe.libraries).items() if name != "datagen"}
    work, made = ShardWork(recipe, tuple(shards), place, others), []
    if missing:
        with closing(engine(work, missing, machines, count)) as records:
            made = list(records)
    if len(made) != len(missing):
        raise RunFailed("The engine did not make all shards; run the same command with --resume.")
    return Records({**kept, **{record.path: record for record in made}}, made)
