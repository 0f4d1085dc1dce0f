"""Columns in a few numbers each. Everything here can be written as JSON by ``dataclasses.asdict``."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from datagen.dataset.folder import Folder
from datagen.dataset.shard_reader import open_shard
from datagen.dataset.shards import arrow_schema

FEW = 40
"""A column of text with at most this many different values is summarised by their counts."""

BATCH_ROWS = 65_536

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True)
class Numbers:
    """A column of numbers: the quantiles :data:`QUANTILES` and the mean of those that are not null."""

    rows: int
    missing: int
    distinct: int
    quantiles: tuple[float, ...]
    mean: float


@dataclass(frozen=True)
class Values:
    """A column of values: how many differ, and rows of the most frequent ones, in falling order."""

    rows: int
    missing: int
    distinct: int
    counts: dict[str, int]


@dataclass(frozen=True)
class Texts:
    """A column of texts that mostly differ: lengths in characters, and the first of them."""

    rows: int
    missing: int
    distinct: int
    shortest: int
    longest: int
    mean_length: float
    example: str


Summary = Numbers | Values | Texts


def read_column(folder: Folder, name: str) -> pa.ChunkedArray:
    """One column of a dataset, all shards. Raises InputError where a shard cannot be read."""
    columns = arrow_schema(folder.schema, folder.has_pictures, folder.ground_truth)
    chunks: list[pa.Array] = []
    for path in folder.shard_paths():
        with open_shard(path, columns) as shard:
            for table in shard.tables(BATCH_ROWS, columns=[name]):
                chunks += table.column(0).chunks
    return pa.chunked_array(chunks, type=columns.field(name).type)


def summarise(column: pa.ChunkedArray) -> Summary:
    """A column by its type: numbers, a few values, or texts."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return numbers(column)
    values = column if pa.types.is_string(kind) else column.cast(pa.string())
    distinct = pc.count_distinct(values, mode="only_valid").as_py()
    return value_counts(values) if distinct <= FEW or not pa.types.is_string(kind) else texts(values)


def numbers(column: pa.ChunkedArray) -> Numbers:
    """A column of numbers in quantiles. Numbers that are not finite count as missing."""
    values = column.cast(pa.float64()).drop_null()
    values = values.filter(pc.is_finite(values))
    if not len(values):
        return Numbers(len(column), len(column), 0, (), 0.0)
    quantiles = tuple(pc.quantile(values, q=list(QUANTILES)).to_pylist())
    missing = len(column) - len(values)
    distinct = pc.count_distinct(values).as_py()
    return Numbers(len(column), missing, distinct, quantiles, pc.mean(values).as_py())


def value_counts(column: pa.ChunkedArray, most: int = FEW) -> Values:
    """A column of text by its most frequent values; equally frequent ones are in alphabetical order."""
    counted = column.drop_null().value_counts()
    pairs = zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)
    in_order = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    return Values(len(column), column.null_count, len(in_order), dict(in_order[:most]))


def texts(column: pa.ChunkedArray) -> Texts:
    """A column of text by its lengths."""
    values = column.drop_null()
    lengths = pc.utf8_length(values)
    shortest, longest = pc.min_max(lengths).values()
    return Texts(
        len(column),
        column.null_count,
        pc.count_distinct(values).as_py(),
        shortest.as_py(),
        longest.as_py(),
        pc.mean(lengths).as_py(),
        values[0].as_py(),
    )
