"""What a run is known by before and after: its job, its manifest, its summary."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.dataset.shards import Shard, ShardRecord
from datagen.dataset.writer import Job, versions
from datagen.generation.recipe import Recipe
from datagen.schemas.folder import Manifest, RecipeRecord


@dataclass(frozen=True)
class MakeResult:
    """What a run made; ``rows_made`` leaves out those that an earlier run had made.

    ``splits``: the rows of each split, empty without splits. ``address``: where the dataset is, if it is
    not in the folder ``path``.
    """

    path: Path
    rows: int
    families: int
    shards: int
    bytes: int
    seconds: float
    rows_made: int
    splits: dict[str, int]
    address: str | None = None

    @property
    def where(self) -> str:
        """The folder or the address of the dataset."""
        return self.address or str(self.path)

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values; ``rows_per_second`` counts the rows that this run made."""
        return {
            "path": self.where,
            "rows": self.rows,
            **({"splits": self.splits} if self.splits else {}),
            "families": self.families,
            "shards": self.shards,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "rows_made": self.rows_made,
            "rows_per_second": round(self.rows_made / max(self.seconds, 1e-9), 1),
        }


def job_of(recipe: Recipe) -> Job:
    """What a dataset is written from, for the one writer."""
    record = {"versions": versions(recipe.libraries), "recipe": recipe.as_json()}
    return Job(record, exact=True, costly=("data/*.parquet",))


def manifest_of(recipe: Recipe, shards: Sequence[Shard], records: Mapping[str, ShardRecord]) -> Manifest:
    """The manifest of a dataset whose shards are all made; ``records`` by name."""
    return Manifest(
        versions=versions(recipe.libraries),
        recipe=RecipeRecord(**recipe.as_json()),
        families=sum(record.families for record in records.values()),
        shards=tuple(records[shard.name].entry(shard.split) for shard in shards),
    )


def result_of(manifest: Manifest, out: Path | str, started: float, rows_made: int) -> MakeResult:
    """The summary of a run that began at ``started``, a time of ``perf_counter``."""
    return MakeResult(
        path=Path(out),
        rows=manifest.rows,
        families=manifest.families,
        shards=len(manifest.shards),
        bytes=sum(shard.bytes for shard in manifest.shards),
        seconds=time.perf_counter() - started,
        rows_made=rows_made,
        splits=manifest.rows_by_split,
        address=out if isinstance(out, str) else None,
    )
