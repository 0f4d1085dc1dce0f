"""The sample of a source: bounded, the same every time, whatever the batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pytest

from datagen.fit import sample as sampling
from datagen.fit.sample import take_sample
from datagen.fit.source import renamed
from datagen.schemas import InputError

Read = Callable[[Sequence[str] | None], Iterator[pa.Table]]


def source(table: pa.Table, batch: int) -> Read:
    def read(names: Sequence[str] | None) -> Iterator[pa.Table]:
        chosen = table if names is None else table.select(list(names))
        for at in range(0, len(table), batch):
            yield chosen.slice(at, batch)

    return read


TABLE = pa.table({"id": range(1000), "name": [f"row {at}" for at in range(1000)]})


def test_all_rows_of_a_small_source_are_looked_at() -> None:
    sample = take_sample("shop", source(TABLE, 64))
    assert sample.table.equals(TABLE.combine_chunks())
    assert (sample.rows, sample.left_out) == (1000, {})


@pytest.mark.parametrize("batch", [7, 64, 1000])
def test_a_large_source_gives_the_same_rows_in_any_batches(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "SAMPLE_ROWS", 100)
    whole = take_sample("shop", source(TABLE, 333))
    sample = take_sample("shop", source(TABLE, batch))
    assert sample.table.equals(whole.table)
    assert sample.digest == whole.digest
    ids = sample.table["id"].to_pylist()
    assert len(ids) == 100
    assert ids == sorted(ids)
    assert 300 < sum(ids) / 100 < 700


def test_the_digest_is_that_of_the_cells() -> None:
    other = TABLE.set_column(1, "name", pa.array(["row 0"] * 1000))
    assert take_sample("a", source(TABLE, 64)).digest != take_sample("a", source(other, 64)).digest


def test_pictures_and_nested_values_are_not_read() -> None:
    pictures = pa.array([{"bytes": b"x", "path": "a.jpg"}] * 20)
    table = pa.table({"n": range(20), "picture": pictures, "tags": [[1, 2]] * 20})
    seen: list[Sequence[str] | None] = []

    def read(names: Sequence[str] | None) -> Iterator[pa.Table]:
        seen.append(names)
        yield table if names is None else table.select(list(names))

    sample = take_sample("shop", read)
    assert sample.left_out == {"picture": "pictures", "tags": "nested values"}
    assert seen == [None, ["n"]]


@pytest.mark.parametrize("table", [TABLE.slice(0, 0), pa.table({"tags": [[1]] * 3})])
def test_a_source_without_rows_or_plain_values_is_one_sentence(table: pa.Table) -> None:
    with pytest.raises(InputError, match=r"^shop has no (rows|column of plain values)\.$"):
        take_sample("shop", lambda names: iter([table]))


def test_columns_get_other_names_and_few_rows() -> None:
    read = renamed(source(TABLE, 64), TABLE.column_names, {"name": "title", "id": ""}, most_rows=70)
    tables = list(read(None))
    assert [table.column_names for table in tables] == [["title"]] * 2
    assert sum(map(len, tables)) == 70


@pytest.mark.parametrize(
    ("mapping", "said"), [({"nme": "title"}, "has no column 'nme'"), ({"name": "id"}, "Two columns")]
)
def test_names_that_do_not_fit_are_refused(mapping: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        renamed(source(TABLE, 64), TABLE.column_names, mapping)
