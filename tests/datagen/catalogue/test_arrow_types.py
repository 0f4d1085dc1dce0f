"""Every Arrow type becomes cells, or its rows are rejected with a reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from datagen.catalogue.matching import match
from datagen.catalogue.pictures import Album
from datagen.catalogue.pull import pull
from datagen.catalogue.sorting import Sorter
from datagen.catalogue.uniqueness import Codes
from datagen.photos.fetch import Limits
from datagen.photos.store import PhotoStore
from datagen.readers.formats import open_file
from datagen.schemas import InputError, Schema
from datagen.schemas.yaml_file import validate

UNITS = ("s", "ms", "us", "ns")
ZONES = (None, "UTC", "Europe/Rome", "+05:30", "Mars/Olympus", "", "+99:99")
EXTREMES = [0, 1, -1, 86_400_000, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63)]
"""Read as any fixed-width type: dates and times far beyond those that Python has."""

SCHEMA = validate(
    Schema,
    {
        "name": "shop",
        "columns": [
            {"name": "label", "role": "title"},
            {"name": "sku", "role": "code"},
            {"name": "group", "role": "category", "level": 1},
            {"name": "list", "role": "price", "which": "full"},
            {"name": "sold", "role": "discount_flag"},
            {"name": "whole", "role": "other", "dtype": "int64"},
            {"name": "day", "role": "other", "dtype": "date32"},
            {"name": "picture", "role": "image"},
        ],
    },
    "shop",
)


def _of_bytes(kind: pa.DataType) -> pa.Array:
    """An array of a fixed-width type from EXTREMES, whatever they mean in it."""
    width = kind.bit_width // 8
    narrow = np.dtype(f"i{width}") if width <= 8 else np.dtype("i8")
    content = np.array(EXTREMES).astype(narrow)
    if pa.types.is_decimal(kind):
        content = np.clip(content, 0, 99_999)  # a larger one is no decimal of its type
    if width > 8:
        content = np.repeat(content, width // 8)
    count = len(content) * narrow.itemsize // width
    return pa.Array.from_buffers(kind, count, [None, pa.py_buffer(content.tobytes())])


def _plain() -> Iterator[pa.Array]:
    numbers = [getattr(pa, f"{sign}int{bits}")() for sign in ("", "u") for bits in (8, 16, 32, 64)]
    floats = [pa.float16(), pa.float32(), pa.float64()]
    decimals = [pa.decimal32(9, 2), pa.decimal64(18, 2), pa.decimal128(38, 2), pa.decimal256(76, 2)]
    times = [pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns"), pa.month_day_nano_interval()]
    dates = [pa.date32(), pa.date64(), *(pa.duration(unit) for unit in UNITS)]
    stamps = [pa.timestamp(unit, tz=zone) for unit in UNITS for zone in ZONES]
    for kind in (*numbers, *floats, *decimals, *times, *dates, *stamps):
        yield _of_bytes(kind)
    words = ["a", "", "12.50", "2024-02-29", "x" * 40, "1", "true", "https://a.example/b.png"]
    for text in (pa.string(), pa.large_string(), pa.string_view()):
        yield pa.array(words, text)
    for binary in (pa.binary(), pa.large_binary(), pa.binary_view()):
        yield pa.array([word.encode() for word in words[:-1]] + [b"\xff\xfe"], binary)
    yield pa.array([b"abcd"] * 8, pa.binary(4))
    yield pa.array([True, False] * 4)
    yield pa.nulls(8)
    yield pa.nulls(8, pa.struct([]))
    yield pa.array(["{}"] * 8, pa.json_())
    yield pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0123456789abcdef"] * 8, pa.binary(16)))


def _wrapped(inner: pa.Array) -> Iterator[pa.Array]:
    """Arrays of the types that hold others, each around ``inner``."""
    ends = pa.array(range(len(inner) + 1), pa.int32())
    long_ends = ends.cast(pa.int64())
    ones = pa.array([1] * len(inner), pa.int32())
    keys = pa.array([f"k{at}" for at in range(len(inner))])
    yield pa.ListArray.from_arrays(ends, inner)
    yield pa.LargeListArray.from_arrays(long_ends, inner)
    yield pa.FixedSizeListArray.from_arrays(inner, 1)
    yield pa.ListViewArray.from_arrays(ends[:-1], ones, inner)
    yield pa.LargeListViewArray.from_arrays(long_ends[:-1], ones.cast(pa.int64()), inner)
    yield pa.MapArray.from_arrays(ends, keys, inner)
    yield pa.StructArray.from_arrays(
        [inner, inner], fields=[pa.field("bytes", inner.type), pa.field("path", inner.type)]
    )
    yield pa.StructArray.from_arrays([inner, inner], fields=[pa.field("a", inner.type)] * 2)
    yield pa.DictionaryArray.from_arrays(pa.array(range(len(inner)), pa.int8()), inner)
    with suppress(pa.ArrowInvalid):  # of times beyond a day, which are checked here
        yield pa.RunEndEncodedArray.from_arrays(ends[1:], inner)
    yield pa.UnionArray.from_sparse(pa.array([0] * len(inner), pa.int8()), [inner])
    yield pa.UnionArray.from_dense(pa.array([0] * len(inner), pa.int8()), ends[:-1], [inner])


def _every_type() -> list[pa.Array]:
    plain = list(_plain())
    within = plain if os.environ.get("DATAGEN_SEARCH") else plain[::16]
    once = [array for inner in within for array in _wrapped(inner)]
    twice = [array for outer in once[:: len(once) // 3] for array in _wrapped(outer)]
    return [*plain, *once, *twice]


ARRAYS = _every_type()


def test_every_type_in_every_role_is_read_or_rejected_with_a_reason(tmp_path: Path) -> None:
    """One column of the source is every column of ours, so each role reads each type."""
    file, refused = tmp_path / "shop.arrow", list[str]()
    renamed = [("column", column.name) for column in SCHEMA.columns]
    store = PhotoStore(tmp_path / "pictures")
    album = Album(store, Limits(), "column", None, SCHEMA.missing)
    for array in ARRAYS:
        table = pa.table({"column": array})
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        try:
            opened = open_file(file, file.name)
            match_found = match(SCHEMA, opened.columns, renamed=renamed)
            with Codes(Path(":memory:")) as codes:
                sorter = Sorter(SCHEMA, match_found, codes, album.keys)
                results = [sorter.sort(batch) for batch in opened.read(opened.columns, 100)]
        except InputError:
            refused.append(str(array.type))
            continue
        except Exception as error:
            raise AssertionError(str(array.type)) from error
        rejections = [each for result in results for each in result.rejections]
        assert sum(len(result.table) for result in results) + len(rejections) == len(array), array.type
        assert all(each.reason for each in rejections)
    store.close()
    # Arrow does not read these back, and says so when it opens the file.
    assert all(kind.startswith("dictionary<values=extension") for kind in refused), refused


def test_what_python_has_no_value_for_is_rejected_with_its_type(tmp_path: Path) -> None:
    far = _of_bytes(pa.date64())
    table = pa.table({"title": ["Hat A"] * len(far), "full_price": far})
    with pa.ipc.new_file(tmp_path / "shop.arrow", table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(InputError, match="None of the 8 rows of shop.arrow can be used"):
        pull(str(tmp_path / "shop.arrow"), tmp_path / "out")
