"""A shard of a few kilobytes never takes gigabytes: it is read in small parts, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datagen.dataset.shard_reader import BATCH_BYTES, MOST_TEXT_BYTES, UnreadableShard, read_shard

PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def _write(path: Path, column: pa.Array, **options: object) -> Path:
    options = {"compression": "snappy", "dictionary_pagesize_limit": 1 << 30, **options}
    pq.write_table(pa.table({"value": column}), path, **options)
    return path


def _repeated(value: object, kind: pa.DataType, rows: int) -> pa.Array:
    """One value in every row, held once."""
    indices = pa.array([0] * rows, pa.int32())
    return pa.DictionaryArray.from_arrays(indices, pa.array([value], kind))


def _rows(path: Path) -> list[object]:
    with read_shard(path) as shard:
        return [value for table in shard.tables(256) for value in table["value"].to_pylist()]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["a", "b", "a", None]),
        pa.array([{"bytes": b"1", "path": "x"}, {"bytes": b"2", "path": None}, None], PICTURE),
        pa.array([["a", "b"], [], None, ["a"]], pa.list_(pa.string())),
        pa.array([1.5, None]),
    ],
    ids=["text", "pictures", "lists", "numbers"],
)
def test_rows_are_read_as_they_were_written(column: pa.Array, tmp_path: Path) -> None:
    path = _write(tmp_path / "a.parquet", column)
    assert _rows(path) == column.to_pylist()
    with read_shard(path) as shard:
        assert shard.schema == pq.read_schema(path)
        assert shard.rows == len(column)


@pytest.mark.parametrize("codec", ["zstd", "gzip", "brotli", "lz4"])
def test_a_codec_that_no_shard_is_written_with_is_refused(codec: str, tmp_path: Path) -> None:
    path = _write(tmp_path / "a.parquet", pa.array(["a" * 1000]), compression=codec)
    with pytest.raises(UnreadableShard, match="compressed with"):
        _rows(path)


def test_one_value_in_many_rows_is_expanded_a_few_rows_at_a_time(tmp_path: Path) -> None:
    value, rows = b"a" * 3_000_000, 2_000  # 6 GB
    path = _write(tmp_path / "a.parquet", _repeated(value, pa.binary(), rows))
    assert path.stat().st_size < 1_000_000
    read, largest = 0, 0
    before = pa.total_allocated_bytes()
    with read_shard(path) as shard:
        for table in shard.tables(256):
            read, largest = read + len(table), max(largest, pa.total_allocated_bytes() - before)
            if read > 300:
                break
    assert read > 300
    assert largest < 3 * BATCH_BYTES


def test_a_text_that_no_source_can_have_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.parquet", _repeated("a" * (MOST_TEXT_BYTES + 1), pa.string(), 2_000))
    with pytest.raises(UnreadableShard, match="a text in the column value has 4,000,001 bytes"):
        _rows(path)
    path = _write(tmp_path / "b.parquet", pa.array([["b", "c" * (MOST_TEXT_BYTES + 1)]]))
    with pytest.raises(UnreadableShard, match="a text in the column value"):
        _rows(path)


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_texts_encoded_by_their_differences_are_refused(encoding: str, tmp_path: Path) -> None:
    column = pa.array(["a" * at for at in range(100)])
    path = _write(tmp_path / "a.parquet", column, use_dictionary=False, column_encoding={"value": encoding})
    with pytest.raises(UnreadableShard):
        _rows(path)


def test_text_that_is_not_utf8_is_refused_with_its_column(tmp_path: Path) -> None:
    text = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff"))
    with pytest.raises(UnreadableShard, match="the column value has text that is not UTF-8"):
        _rows(_write(tmp_path / "a.parquet", text))


def test_an_error_of_the_reader_of_rows_is_not_blamed_on_the_shard(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.parquet", pa.array(["a"]))

    def use() -> None:
        with read_shard(path):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        use()
