"""The one unit of work: a whole shard, made and written by whoever calls, on whatever machine."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from datagen.dataset.shards import Shard, ShardRecord, record_of
from datagen.generation.drawing import made_here
from datagen.generation.maker import Maker
from datagen.generation.recipe import Recipe
from datagen.generation.shard_rows import stretches, write_shards
from datagen.places import Place
from datagen.schemas import RunFailed


def make_shard(
    recipe: Recipe, number: int, place: Place, shards: Sequence[Shard] | None = None
) -> ShardRecord:
    """Make shard ``number`` of a recipe, pictures included, and publish it at ``place`` when it is whole.

    ``shards``: those of the recipe, where they are known; with splits, finding them takes a pass over all
    titles. The bytes are those of any other way to make the shard. Raises RunFailed where the place cannot
    be reached, and OSError.
    """
    shard = (recipe.shards() if shards is None else shards)[number]
    every = list(stretches(recipe, [shard]))
    made = zip(every, made_here(_maker(recipe), every), strict=True)
    with place.staging() as folder:
        for _ in write_shards(recipe, [shard], folder, made):
            pass
        record = record_of(folder, shard)
        place.publish(folder, record)
    return record


@dataclass(frozen=True)
class ShardWork:
    """The shards of one dataset, to be made by number, in any order, anywhere.

    ``versions``: of the packages that decide the bytes, on the machine that the work comes from; not of this
    one, whose code travels with the work.
    """

    recipe: Recipe
    shards: tuple[Shard, ...]
    place: Place
    versions: Mapping[str, str]

    def __call__(self, number: int) -> ShardRecord:
        """Make one shard. Raises as :func:`make_shard`, and RunFailed where other packages are installed."""
        for name, wanted in self.versions.items():
            if (here := _version(name)) != wanted:
                raise RunFailed(
                    f"The machine {platform.node()} has {name} {here or '(not installed)'}, and the run was "
                    f"started with {wanted}, which may make other bytes; install the same version everywhere."
                )
        return make_shard(self.recipe, number, self.place, self.shards)


@lru_cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


_last: list[Maker] = []
"""The maker of the last call in this process, since one takes longer to set up than some shards to make."""


def _maker(recipe: Recipe) -> Maker:
    if not _last or _last[0].recipe != recipe:
        _last[:] = [Maker(recipe)]
    return _last[0]
