"""A shard is read row by row as it was written, and in bounded memory whoever wrote it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.sets import edit_manifest, garden, replace_shard

from datagen.dataset.export.writing import write_export
from datagen.dataset.folder import open_folder
from datagen.dataset.preview import write_preview
from datagen.dataset.shard_reader import BATCH_BYTES, MOST_TEXT_BYTES, UnreadableShard, read_shard
from datagen.dataset.verify import verify_folder
from datagen.schemas import InputError


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return garden(tmp_path / "own", rows=10)


def _shard(folder: Path) -> Path:
    return open_folder(folder).shard_paths()[0]


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_the_rows_are_those_that_were_written(own: Path, most: int) -> None:
    written = pq.read_table(_shard(own))
    with read_shard(_shard(own)) as shard:
        assert shard.schema.equals(written.schema)
        assert shard.rows == 10
        tables = list(shard.tables(most))
        assert max(len(table) for table in tables) <= most
        assert pa.concat_tables(tables).equals(written)
        part = pa.concat_tables(shard.tables(most, columns=["label", "now_eur"]))
        assert part.equals(written.select(["label", "now_eur"]))


def _put(folder: Path, table: pa.Table, **options: object) -> None:
    """Replace the only shard by another whose checksum the manifest has."""
    replace_shard(folder, 0, table)
    pq.write_table(table, _shard(folder), **options)
    content = _shard(folder)
    digest = hashlib.sha256(content.read_bytes()).hexdigest()
    edit_manifest(
        folder, lambda manifest: manifest["shards"][0].update(bytes=content.stat().st_size, sha256=digest)
    )


def _refused(folder: Path, out: Path, reason: str) -> None:
    """``verify`` finds it; preview and export say it in a sentence."""
    assert [breach.rule for breach in verify_folder(folder).breaches] == [
        f"the shard cannot be read ({reason})"
    ]
    for command in (
        lambda: write_preview(folder, out / "a.png"),
        lambda: write_export(folder, "jsonl", out / "exported"),
    ):
        with pytest.raises(InputError) as refused:
            command()
        assert f"cannot be read ({reason})" in str(refused.value)
    assert [path.name for path in out.iterdir()] == [folder.name]


def test_a_codec_that_shrinks_a_thousandfold_is_refused(own: Path, tmp_path: Path) -> None:
    """Of text that is all alike, 58 kB unfold to gigabytes."""
    _put(own, pq.read_table(_shard(own)), compression="zstd")
    _refused(own, tmp_path, "it is compressed with ZSTD, and shards are not")


def test_text_that_is_not_utf8_is_refused(own: Path, tmp_path: Path) -> None:
    table = pq.read_table(_shard(own))
    at = table.column_names.index("label")
    raw = pa.array([b"\xff\xfe" + value.encode() for value in table["label"].to_pylist()], pa.binary())
    _put(own, table.set_column(at, table.schema.field("label"), raw.view(pa.string())))
    _refused(own, tmp_path, "the column label has text that is not UTF-8")


def test_a_value_that_a_dictionary_repeats_is_expanded_a_few_rows_at_a_time(tmp_path: Path) -> None:
    long = pa.array([b"x" * 8_000_000], pa.binary())
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * 400, pa.int32()), long)
    pq.write_table(pa.table({"a": repeated}), tmp_path / "a.parquet")
    with read_shard(tmp_path / "a.parquet") as shard:
        rows = 0
        for table in shard.tables(400):
            assert table.nbytes <= 2 * BATCH_BYTES
            rows += len(table)
    assert rows == 400


def test_a_pipe_or_a_folder_is_no_shard(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(UnreadableShard, match="device, a pipe or a folder"), read_shard(tmp_path / name):
            pass


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


def test_an_error_of_the_reader_of_rows_is_not_blamed_on_the_shard(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.parquet", pa.array(["a"]))

    def use() -> None:
        with read_shard(path):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        use()
