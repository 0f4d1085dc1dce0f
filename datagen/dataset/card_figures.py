"""What a card tells of the rows: counted by column, one row group at a time, from the shards on disk.

Memory is bounded by a row group and by MOST_VALUES, however many rows and values there are.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datagen.dataset.folder import Folder
from datagen.schemas.folder import ATTRIBUTES
from datagen.schemas.schema import Category, Image

MOST_VALUES = 100_000
"""Different values of a column that are counted exactly."""

PICTURED_WORDS = ("kind", "wearer", "size", "detail", "pattern", "material", "view", "backdrop")
"""The fields of the column of attributes whose values a card lists."""

SAMPLE_ROWS = 3
_STEPS = ((1, 2, 5), (1, 1.5, 2, 3, 5, 7))
"""The bounds of price classes in a power of ten: coarse, and fine where the prices are near each other."""
_FEW_CLASSES = 7


@dataclass
class Figures:
    """The figures of a dataset.

    ``categories``: column -> value -> rows; None where a column has more than MOST_VALUES values.
    ``prices``: full price -> rows, without missing ones; to four digits if there are very many.
    ``constants``: column -> the one value that all rows have. ``attributes``: word -> value -> rows.
    """

    categories: dict[str, Counter[str | None] | None] = field(default_factory=dict)
    prices: Counter[float] = field(default_factory=Counter)
    constants: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Counter[str | None]] = field(default_factory=dict)


def figures_of(folder: Folder) -> Figures:
    """The figures of a dataset, in one pass over the columns that are needed."""
    schema = folder.schema
    categories = [column.name for column in schema.of(Category)]
    price = schema.price("full")
    figures = Figures(categories={name: Counter() for name in categories})
    # A column is read until two of its rows differ.
    unchanging = {column.name for column in schema.columns if not isinstance(column, Image)}
    words = [f"{ATTRIBUTES}.{word}" for word in PICTURED_WORDS] if ATTRIBUTES in folder.ground_truth else []
    for file, group in _row_groups(folder):
        wanted = {*categories, *([price.name] if price else []), *unchanging}
        columns = _read(file, group, [*sorted(wanted), *words])
        if not columns.num_rows:
            continue
        for name in categories:
            figures.categories[name] = _add(figures.categories[name], columns[name])
        if price:
            _add_prices(figures.prices, columns[price.name])
        for name in sorted(unchanging):
            found = columns[name].unique()
            value = _plain(found[0])
            if len(found) > 1 or figures.constants.setdefault(name, value) != value:
                unchanging.discard(name)
                figures.constants.pop(name, None)
        for word in PICTURED_WORDS if words else ():
            counted = figures.attributes.setdefault(word, Counter())
            _add(counted, pc.struct_field(columns[ATTRIBUTES], word))
    ordered = [column.name for column in schema.columns if column.name in unchanging]
    figures.constants = {name: figures.constants[name] for name in ordered if name in figures.constants}
    return figures


def _read(file: pq.ParquetFile, group: int, columns: list[str]) -> pa.Table:
    """Columns of a row group, read in this thread.

    One of Arrow's that still holds a file of a store's client when the process ends would abort it.
    """
    return file.read_row_group(group, columns=columns, use_threads=False)


def sample_rows(folder: Folder) -> dict[str, list[Any]]:
    """Column -> its values in a few rows, without pictures; far apart, since neighbours are colourways."""
    rows = folder.manifest.rows
    names = [column.name for column in folder.schema.columns if not isinstance(column, Image)]
    wanted = sorted({rows * at // SAMPLE_ROWS for at in range(SAMPLE_ROWS)})
    found: dict[str, list[Any]] = {name: [] for name in names}
    first = 0
    for file, group in _row_groups(folder):
        last = first + file.metadata.row_group(group).num_rows
        within = [row - first for row in wanted if first <= row < last]
        if within:
            columns = _read(file, group, names)
            for name in names:
                found[name] += [_plain(columns[name][row]) for row in within]
        first = last
    return found


def _row_groups(folder: Folder) -> Iterator[tuple[pq.ParquetFile, int]]:
    # Not pq.read_table: it would import pandas.
    for shard in folder.manifest.shards:
        with folder.parquet(shard.path) as file:
            for group in range(file.num_row_groups):
                yield file, group


def _plain(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):  # a date that Python has no name for
        return str(scalar.cast(pa.int32()).as_py())


def _add(counted: Counter[Any] | None, column: pa.ChunkedArray) -> Counter[Any] | None:
    """Count the values of a column; None for too many of them."""
    if counted is None:
        return None
    for pair in column.value_counts().to_pylist():
        counted[pair["values"]] += pair["counts"]
    return counted if len(counted) <= MOST_VALUES else None


def _add_prices(prices: Counter[float], column: pa.ChunkedArray) -> None:
    found: Counter[Any] = Counter()
    for pair in column.value_counts().to_pylist():
        if pair["values"] is not None and math.isfinite(pair["values"]):
            found[pair["values"]] += pair["counts"]
    prices.update(found)
    if len(prices) > MOST_VALUES:
        exact = dict(prices)
        prices.clear()
        for price, rows in exact.items():
            prices[float(f"{price:.3e}")] += rows


def quantiles(counts: Counter[float], percents: tuple[int, ...]) -> list[float]:
    """The lowest values with at least these percents of all rows at or below them; none without a row."""
    values = sorted(counts)
    upto = list(accumulate(counts[value] for value in values))
    if not values:
        return []
    return [float(values[bisect_left(upto, max(1, percent / 100 * upto[-1]))]) for percent in percents]


def price_classes(prices: Counter[float]) -> list[tuple[float, float, int]]:
    """Classes of positive prices with round bounds: (from, to but not including, rows), empty ones too.

    Bounds grow by factors, as prices do: the classes of a table with a long tail stay few.
    """
    positive = {price: rows for price, rows in prices.items() if price > 0}
    if not positive:
        return []
    low, high = min(positive), max(positive)
    for steps in _STEPS:
        powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 2)
        bounds = [step * 10.0**power for power in powers for step in steps]
        bounds = bounds[bisect_right(bounds, low) - 1 : bisect_right(bounds, high) + 1]
        if len(bounds) - 1 >= _FEW_CLASSES:
            break
    rows = [0] * (len(bounds) - 1)
    for price, times in positive.items():
        rows[min(bisect_right(bounds, price) - 1, len(rows) - 1)] += times
    return list(zip(bounds, bounds[1:], rows, strict=False))
