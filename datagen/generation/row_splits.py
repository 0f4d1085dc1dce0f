"""The rows of each split: one pass over the titles of a recipe tells which rows every shard holds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from datagen.dataset.shards import Shard, shard_name
from datagen.product.blocks import BLOCK
from datagen.product.sampler import Sampler
from datagen.product.splits import SplitNumbers, TitleSplits
from datagen.schemas import InputError


class RowSplits:
    """The split of any row, found without making the row."""

    def __init__(self, sampler: Sampler, shares: Mapping[str, float]) -> None:
        self._sampler = sampler
        self._splits = TitleSplits(sampler.profile, shares)

    def of(self, rows: range) -> SplitNumbers:
        """The number of the split of each row."""
        products = self._sampler.products(rows.start, rows.stop)
        return self._splits.of(self._sampler.titles.compose(products.phrases))


def split_shards(sampler: Sampler, rows: int, shares: Mapping[str, float], shard_rows: int) -> list[Shard]:
    """The shards of every split, in the order of the splits: ``shard_rows`` rows each, fewer in the last.

    The titles are passed in constant memory. Raises InputError where a split would have no row.
    """
    splits = RowSplits(sampler, shares)
    counts = dict.fromkeys(shares, 0)
    starts: dict[str, list[int]] = {name: [] for name in shares}
    for at in range(0, rows, BLOCK):
        numbers = splits.of(range(at, min(at + BLOCK, rows)))
        for number, name in enumerate(shares):
            here = np.flatnonzero(numbers == number) + at
            starts[name] += here[-counts[name] % shard_rows :: shard_rows].tolist()
            counts[name] += len(here)
    for name, count in counts.items():
        if not count:
            raise InputError(
                f"The split {name} would be empty, since no title of these {rows:,} rows is in it; "
                "give more rows, or a larger share."
            )
    return [shard for name in shares for shard in _shards(name, starts[name], counts[name], rows, shard_rows)]


def _shards(split: str, starts: list[int], count: int, rows: int, shard_rows: int) -> list[Shard]:
    return [
        Shard(
            name=shard_name(split, at, len(starts)),
            start=start,
            stop=stop,
            rows=min(shard_rows, count - at * shard_rows),
            split=split,
        )
        for at, (start, stop) in enumerate(zip(starts, [*starts[1:], rows], strict=True))
    ]
