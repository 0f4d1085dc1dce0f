"""Parquet and Arrow from anybody: types as they are, checked before they are trusted."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.readers.arrow_file import arrow_file, parquet_file
from datagen.schemas import InputError

from .conftest import Opener, mutated, read, read_or_refuse


def parquet(path: Any, table: pa.Table) -> None:
    pq.write_table(table, path, row_group_size=7)


def stream(path: Any, table: pa.Table) -> None:
    with pa.output_stream(path) as out, pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table, 7)


def file(path: Any, table: pa.Table) -> None:
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.output_stream(path) as out, pa.ipc.new_file(out, table.schema, options=options) as writer:
        writer.write_table(table, 7)


def feather(path: Any, table: pa.Table) -> None:
    pyarrow.feather.write_feather(table, str(path), chunksize=7)


Writer = Callable[[Any, pa.Table], None]
FORMATS = [(parquet, parquet_file), (stream, arrow_file), (file, arrow_file), (feather, arrow_file)]
EVERY = pytest.mark.parametrize(("write", "opener"), FORMATS)

TABLE = pa.table(
    {
        "text": ["é", None, "N.A.", ""] * 5,
        "large": pa.array(["a", "b", None, "d"] * 5, pa.large_string()),
        "code": list(range(20)),
        "price": [1.5, None, float("nan"), float("inf")] * 5,
        "image": [{"bytes": b"\xff\xd8", "path": "a.jpg"}, None] * 10,
        "level": pa.array(["u", "v"] * 10).dictionary_encode(),
        "exact": pa.array([decimal.Decimal("1.10")] * 20),
        "day": [datetime.date(2023, 11, 17)] * 20,
        "time": pa.array([datetime.datetime(2023, 11, 17, 1)] * 20, pa.timestamp("us", "UTC")),
        "list": [[1, 2], []] * 10,
        "nothing": pa.nulls(20),
        "flag": [True, None] * 10,
    }
)


@EVERY
def test_types_arrive_as_they_are(tmp_path: Path, write: Writer, opener: Opener) -> None:
    write(tmp_path / "x", TABLE)
    found = opener(tmp_path / "x", "x")
    assert found.typed
    assert found.columns == tuple(TABLE.column_names)
    for rows in (4096, 3):
        read_back = pa.concat_tables(batch.table for batch in found.read(found.columns, rows))
        assert read_back.schema.equals(TABLE.schema)
        assert repr(read_back.to_pylist()) == repr(TABLE.to_pylist())
    assert read(found, ("code", "text")).rows[0] == {"code": 0, "text": "é"}
    assert read(found, ()).numbers == list(range(20))


@EVERY
def test_only_asked_columns_are_read(tmp_path: Path, write: Writer, opener: Opener) -> None:
    table = pa.table({"image": [b"x" * 1_000_000] * 20, "code": list(range(20))})
    write(tmp_path / "x", table)
    found = opener(tmp_path / "x", "x")
    before = pa.total_allocated_bytes()
    for batch in found.read(("code",), 4096):
        # A stream has to be read to be passed over, seven rows at a time.
        assert pa.total_allocated_bytes() - before < (8_000_000 if write is stream else 1_000_000)
        assert batch.table.column_names == ["code"]


@EVERY
def test_a_batch_of_pictures_is_small(tmp_path: Path, write: Writer, opener: Opener) -> None:
    image = pa.array([{"bytes": bytes([at]) * 5_000_000, "path": None} for at in range(14)])
    write(tmp_path / "x", pa.table({"image": image}))
    sizes = [len(batch.rows) for batch in opener(tmp_path / "x", "x").read(("image",), 4096)]
    assert sum(sizes) == 14
    assert max(sizes) == 3


@EVERY
def test_memory_does_not_grow_with_the_file(tmp_path: Path, write: Writer, opener: Opener) -> None:
    """In Parquet the pictures are one row group, as of a writer that knows of none."""
    table = pa.table({"image": [bytes([at]) * 200_000 for at in range(250)]})
    options = {"use_dictionary": False, "compression": "none", "write_batch_size": 8}
    if write is parquet:
        pq.write_table(table, tmp_path / "x", **options)
    else:
        write(tmp_path / "x", table)
    del table
    before = pa.total_allocated_bytes()
    for batch in opener(tmp_path / "x", "x").read(("image",), 20):
        assert len(batch.rows) <= 20
        assert pa.total_allocated_bytes() - before < 20_000_000


@EVERY
def test_a_picture_of_the_hub_is_passed_through(tmp_path: Path, write: Writer, opener: Opener) -> None:
    kind = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
    write(tmp_path / "x", pa.table({"image": pa.array([{"bytes": b"1", "path": "p"}], kind)}))
    (batch,) = opener(tmp_path / "x", "x").read(("image",), 4096)
    assert batch.table.schema.field("image").type == kind


@EVERY
def test_class_labels_become_their_names(tmp_path: Path, write: Writer, opener: Opener) -> None:
    features = {"kind": {"names": ["coat", "bag"], "_type": "ClassLabel"}, "n": {"dtype": "int64"}}
    about = {"huggingface": json.dumps({"info": {"features": features}})}
    table = pa.table({"kind": [1, 0, None, -1, 7], "n": range(5)}).replace_schema_metadata(about)
    write(tmp_path / "x", table)
    rows = read(opener(tmp_path / "x", "x")).rows
    assert [row["kind"] for row in rows] == ["bag", "coat", None, None, None]


@pytest.mark.parametrize(
    "about",
    [
        "{",
        "[]",
        '{"info": {"features": [1]}}',
        '{"info": {"features": {"n": {"_type": "ClassLabel"}}}}',
        '{"info": {"features": {"n": {"_type": "ClassLabel", "names": [1]}}}}',
        "[" * 100_000,
    ],
)
def test_hostile_features_are_passed_over(tmp_path: Path, about: str) -> None:
    parquet(tmp_path / "x", pa.table({"n": [1]}).replace_schema_metadata({"huggingface": about}))
    assert read(parquet_file(tmp_path / "x", "x")).rows == [{"n": 1}]


def text_of(*values: bytes) -> pa.Array:
    return pa.array(values, pa.binary()).view(pa.string())


@EVERY
def test_text_that_is_not_utf8_costs_its_row(tmp_path: Path, write: Writer, opener: Opener) -> None:
    paths = pa.StructArray.from_arrays([text_of(*[b"p"] * 8, b"\xfe")], names=["path"])
    table = pa.table({"a": text_of(*[b"x"] * 3, b"caf\xe9", *[b"y"] * 5), "i": paths, "n": range(9)})
    write(tmp_path / "x", table)
    found = read(opener(tmp_path / "x", "x"), rows=4)
    assert [row["n"] for row in found.rows] == [0, 1, 2, 4, 5, 6, 7]
    assert found.reasons == {3: "is not UTF-8", 8: "is not UTF-8"}
    assert found.invalid[0].text == r"caf\xe9, p, 3"


def test_offsets_that_lead_nowhere_are_never_followed(tmp_path: Path) -> None:
    """The offsets of a text column in an Arrow file say where in memory to read."""
    stream(tmp_path / "x", pa.table({"a": ["first", "second", "third"]}))
    content = (tmp_path / "x").read_bytes()
    offsets = bytes(pa.array(["first", "second", "third"]).buffers()[1])[:16]
    far = offsets[:8] + (2**31 - 1).to_bytes(4, "little") + offsets[12:]
    assert offsets in content
    (tmp_path / "x").write_bytes(content.replace(offsets, far))
    found = read(arrow_file(tmp_path / "x", "x"))
    assert found.rows == [{"a": "first"}]
    assert found.reasons == {1: "is damaged", 2: "is damaged"}


@pytest.mark.parametrize(("write", "opener"), FORMATS[:3])
@given(data=st.data())
def test_a_damaged_file_ends_in_rows_refusals_or_a_sentence(
    folder: Path, write: Writer, opener: Opener, data: st.DataObject
) -> None:
    write(folder / "whole", TABLE)
    (folder / "any").write_bytes(data.draw(mutated((folder / "whole").read_bytes())))
    read_or_refuse(opener, folder / "any")


@given(
    content=st.binary(max_size=60), start=st.sampled_from([b"", b"PAR1", b"ARROW1\0\0", b"\xff\xff\xff\xff"])
)
def test_any_bytes_end_in_a_sentence(folder: Path, content: bytes, start: bytes) -> None:
    (folder / "any").write_bytes(start + content + start[:4])
    for opener in (parquet_file, arrow_file):
        read_or_refuse(opener, folder / "any")


def test_two_columns_of_one_name_are_one_sentence(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a\nb", "a\nb"])
    parquet(tmp_path / "x", table)
    with pytest.raises(InputError, match=r"has two columns called 'a\\nb'; rename one of them"):
        parquet_file(tmp_path / "x", "x")


def test_too_many_columns_are_one_sentence(tmp_path: Path) -> None:
    stream(tmp_path / "x", pa.table({str(at): [1] for at in range(2001)}))
    with pytest.raises(InputError, match="has 2,001 columns"):
        arrow_file(tmp_path / "x", "x")
