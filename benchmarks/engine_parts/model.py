"""A hundred machines on paper: how long datasets take, from the costs that were measured on two cores.

The rates of making are those in jobs/estimate.py, which follow docs/figures.md: a renderer that becomes
faster changes PICTURES_PER_CORE there, and nothing here. The other inputs are the constants below.
docs/scale.md has the table, and a test compares it.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from datagen.generation.recipe import usual_shard_rows
from datagen.jobs.estimate import PICTURES_PER_CORE, ROWS_PER_CORE

CARD_ROW = 0.8e-6
CARD_SHARD = 0.7e-3
"""Processor seconds of the driver for card and manifest, for each row and each shard (part ``driver``)."""

COMMIT_SHARD = 3.8e-3
"""Seconds of the driver for each shard of a repository on the Hub: the commits of 50 to the run's branch, and
the last one, which copies them (part ``commits``, on loopback)."""

MACHINES, CORES_EACH = 100, 16


class Dataset(NamedTuple):
    """``shard_rows``: as ``--shard-rows``, None as by default."""

    rows: int
    pictures: bool
    shard_rows: int | None = None

    @property
    def shards(self) -> int:
        """How many shards it has."""
        return ceil(self.rows / (self.shard_rows or usual_shard_rows(self.rows, pictures=self.pictures)))

    @property
    def second_each(self) -> float:
        """Seconds of a core for a row, with its picture if it has one."""
        return 1 / (PICTURES_PER_CORE if self.pictures else ROWS_PER_CORE)


DATASETS = (
    Dataset(1_000_000, pictures=True),
    Dataset(1_000_000, pictures=True, shard_rows=500),
    Dataset(10_000_000, pictures=True),
    Dataset(10_000_000, pictures=True, shard_rows=2000),
    Dataset(100_000_000, pictures=False),
)


class Forecast(NamedTuple):
    """Seconds for each part, without starting the cluster."""

    making: float
    card: float
    commits: float


def forecast(dataset: Dataset, cores: int) -> Forecast:
    """What a dataset takes on ``cores`` cores.

    A core makes whole shards, so making lasts as long as the core that has most of them. Card, manifest and
    commits are the driver's, which nobody else works on.
    """
    most = ceil(dataset.shards / cores) * ceil(dataset.rows / dataset.shards)
    return Forecast(
        making=min(most, dataset.rows) * dataset.second_each,
        card=dataset.rows * CARD_ROW + dataset.shards * CARD_SHARD,
        commits=dataset.shards * COMMIT_SHARD,
    )


def limit(dataset: Dataset, cores: int) -> str:
    """What keeps a dataset from being made faster on that many cores, in words."""
    found = forecast(dataset, cores)
    if dataset.shards < cores and found.making > found.card:
        return f"{dataset.shards:,} of {cores:,} cores have a shard"
    if found.card > found.making:
        return "the card: it counts every row on one machine"
    share = found.making / (found.making + found.card)
    return f"nothing yet: {share:.0%} of the time is making"


def cores_that_help(dataset: Dataset) -> float:
    """On how many cores making takes as long as card and manifest, if there are enough shards."""
    found = forecast(dataset, 1)
    return dataset.rows * dataset.second_each / found.card


def table() -> str:
    """The table of docs/scale.md."""
    cores = MACHINES * CORES_EACH
    lines = [
        "| | shards | making | card and manifest | commits | what limits it |",
        "|---|---|---|---|---|---|",
    ]
    for dataset in DATASETS:
        found = forecast(dataset, cores)
        name = f"{dataset.rows:,} {'pictures' if dataset.pictures else 'rows without pictures'}"
        name += f", `--shard-rows {dataset.shard_rows}`" if dataset.shard_rows else ""
        lines.append(
            f"| {name} | {dataset.shards:,} | {found.making:.0f} s | {found.card:.0f} s | "
            f"{found.commits:.0f} s | {limit(dataset, cores)} |"
        )
    return "\n".join(lines)


def model() -> None:
    """Print the table, and from which number of cores on more of them do not help."""
    print(f"{MACHINES} machines of {CORES_EACH} cores; {1e3 / PICTURES_PER_CORE:.1f} ms of a core a picture")
    print(table())
    for dataset in (DATASETS[3], DATASETS[4]):
        print(
            f"{'pictures' if dataset.pictures else 'rows'} in {dataset.shards:,} shards: the driver's part "
            f"is half of the time at {cores_that_help(dataset):,.0f} cores"
        )
