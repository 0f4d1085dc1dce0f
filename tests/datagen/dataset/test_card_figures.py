"""The figures of a card are those of the rows, whatever the shards and however many values there are."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sets import garden, rows_of

from datagen.dataset import card_figures
from datagen.dataset.card_figures import figures_of, price_classes, quantiles, sample_rows
from datagen.dataset.folder import open_folder
from datagen.places import StoredFolder, open_shard


def test_the_figures_are_counted_over_all_shards(told_set: Path) -> None:
    folder, rows = open_folder(told_set), rows_of(told_set)
    assert len(folder.manifest.shards) > 1
    figures = figures_of(folder)
    for name, found in figures.categories.items():
        assert found == Counter(row[name] for row in rows)
    price = folder.schema.price("full")
    assert price is not None
    assert figures.prices == Counter(row[price.name] for row in rows)
    for word, found in figures.attributes.items():
        assert found == Counter(row["attributes"][word] for row in rows)
    assert len(figures.attributes) == 8


def test_a_constant_is_the_one_value_of_all_shards(tmp_path: Path) -> None:
    set_of_one_shelf = garden(tmp_path / "set", image_size=None, where={"group": ["Wear"]})
    rows = rows_of(set_of_one_shelf)
    expected = {name: rows[0][name] for name in rows[0] if len({row[name] for row in rows}) == 1}
    assert "group" in expected
    assert figures_of(open_folder(set_of_one_shelf)).constants == expected


def test_sample_rows_are_spread_over_the_shards(told_set: Path) -> None:
    rows = rows_of(told_set)
    found = sample_rows(open_folder(told_set))
    assert "picture" not in found
    for name, values in found.items():
        assert values == [rows[len(rows) * at // 3][name] for at in range(3)]


def test_a_set_of_one_row_has_one_sample(tmp_path: Path) -> None:
    folder = open_folder(garden(tmp_path / "set", rows=1, image_size=None))
    assert {len(values) for values in sample_rows(folder).values()} == {1}


def test_very_many_values_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_figures, "MOST_VALUES", 100)
    column = pa.chunked_array([[f"shelf {number}" for number in range(101)]])
    assert card_figures._add(Counter(), column) is None
    assert card_figures._add(None, column) is None
    prices: Counter[float] = Counter()
    values = [1000 + number / 1000 for number in range(500)]
    card_figures._add_prices(prices, pa.chunked_array([[*values, None, float("nan"), float("inf")]]))
    assert prices == {1000.0: 500}


def test_quantiles_are_values_that_occur() -> None:
    counts = Counter({10.0: 1, 20.0: 2, 30.0: 1})
    assert quantiles(counts, (0, 25, 50, 75, 100)) == [10, 10, 20, 20, 30]
    assert quantiles(Counter(), (0, 50)) == []


@given(st.dictionaries(st.floats(0, 1e300), st.integers(1, 9), max_size=20))
def test_every_positive_price_is_in_one_class(prices: dict[float, int]) -> None:
    classes = price_classes(Counter(prices))
    positive = {price: rows for price, rows in prices.items() if price > 0}
    assert sum(rows for *_, rows in classes) == sum(positive.values())
    assert all(low < high for low, high, _ in classes)
    assert [high for _, high, _ in classes[:-1]] == [low for low, *_ in classes[1:]]
    for low, high, rows in classes:
        assert rows == sum(times for price, times in positive.items() if low <= price < high)


def test_near_prices_get_finer_classes() -> None:
    assert [low for low, *_ in price_classes(Counter({20.0: 1, 450.0: 1}))] == [
        20,
        30,
        50,
        70,
        100,
        150,
        200,
        300,
    ]
    assert price_classes(Counter({-1.0: 3, 0.0: 2})) == []


@dataclass(frozen=True)
class _Watched:
    """A place whose shards are files of Python, as those of a store, that note who reads them."""

    folder: Path
    readers: set[int] = field(default_factory=set)

    @contextmanager
    def parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        with _Noting(self.folder / name, self.readers) as file, open_shard(file) as shard:
            yield shard


class _Noting(io.FileIO):
    def __init__(self, path: Path, readers: set[int]) -> None:
        super().__init__(path)
        self._readers = readers

    def read(self, size: int | None = -1) -> bytes:
        self._readers.add(threading.get_ident())
        return super().read(size)


def test_no_thread_of_arrow_reads_a_stores_file(told_set: Path) -> None:
    place: Any = _Watched(told_set)
    folder = open_folder(told_set)
    stored = StoredFolder(told_set, folder.manifest, folder.schema, folder.profile, place)
    assert figures_of(stored) == figures_of(folder)
    assert sample_rows(stored) == sample_rows(folder)
    assert place.readers == {threading.get_ident()}
