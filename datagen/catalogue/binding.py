"""Binding valid rows and their pictures into shards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datagen.arrow import contents, numbers, texts
from datagen.catalogue.pictures import Album
from datagen.catalogue.rejected import Rejections, rejection
from datagen.columns.code import WHOLE_CODE
from datagen.dataset.shards import (
    IMAGE_TYPE,
    MOST_SHARDS,
    Piece,
    arrow_schema,
    digest_file,
    shard_entry,
    write_shard,
)
from datagen.schemas import Schema
from datagen.schemas.files import picture_name
from datagen.schemas.folder import ShardEntry
from datagen.schemas.progress import RowProgress, StageProgress
from datagen.schemas.schema import Code, Image

SHARD_BYTES = 400_000_000
"""A shard is closed at this size, however few its rows, so that a failed upload costs little."""

_ROWS, _ROWS_WITH_PICTURES = 8192, 64


def write_shards(
    folder: Path,
    staged: Path,
    schema: Schema,
    album: Album | None,
    late: Rejections,
    rows: int,
    progress: StageProgress,
) -> list[ShardEntry]:
    """Write the shards of ``folder`` from the file of staged rows; rows that fail here go to ``late``.

    A staged row has its number first, then our columns with the code as text, then the key of its picture.
    """
    for old in (folder / "data").iterdir():
        old.unlink()
    usual = 1000 if album else 250_000
    most = max(usual, -(-rows // MOST_SHARDS))
    columns = arrow_schema(schema, images=album is not None)
    pieces = _Pieces(staged, schema, album, late, lambda done: progress("Writing", done, rows))
    counts: list[int] = []
    while pieces.more():
        before = pieces.rows
        write_shard(folder / "data" / f"{len(counts):05d}.parquet", columns, pieces.of_one_shard(most))
        counts.append(pieces.rows - before)
    entries = []
    for at, count in enumerate(counts):
        name = f"data/train-{at:05d}-of-{len(counts):05d}.parquet"
        unnumbered = folder / "data" / f"{at:05d}.parquet"
        digest_file(unnumbered).rename(digest_file(folder / name))
        unnumbered.rename(folder / name)
        entries.append(shard_entry(folder, name, count))
    return entries


class _Pieces:
    """Finished rows, a few at a time; cut where a shard is full."""

    def __init__(
        self,
        staged: Path,
        schema: Schema,
        album: Album | None,
        late: Rejections,
        progress: RowProgress,
    ) -> None:
        self._schema = schema
        self._album = album
        self._late = late
        self._tables = self._finished(staged, progress)
        self._waiting: Any = None
        self.rows = 0

    def more(self) -> bool:
        """Whether there are rows left."""
        if self._waiting is None:
            self._waiting = next(self._tables, None)
        return self._waiting is not None

    def of_one_shard(self, most: int) -> Iterator[Piece]:
        """Rows until a shard is full."""
        rows = size = 0
        while rows < most and size < SHARD_BYTES and self.more():
            table: pa.Table = self._waiting
            part = table.slice(0, most - rows)
            rest = table.slice(most - rows)
            self._waiting = rest if len(rest) else None
            rows += len(part)
            size += part.nbytes
            self.rows += len(part)
            yield Piece(part, np.zeros(len(part), dtype=bool))

    def _finished(self, staged: Path, progress: RowProgress) -> Iterator[pa.Table]:
        done = 0
        with pq.ParquetFile(staged) as file:
            for batch in file.iter_batches(_ROWS_WITH_PICTURES if self._album else _ROWS):
                table = self._finish(batch)
                done += batch.num_rows
                progress(done)
                if len(table):
                    yield table

    def _finish(self, batch: pa.RecordBatch) -> pa.Table:
        """One batch of staged rows in the final schema."""
        names = batch.schema.names[1:-1]
        rows = batch.column(0).to_numpy()
        table = pa.table(dict(zip(names, batch.columns[1:-1], strict=True)))
        keys = batch.column(batch.num_columns - 1)
        code = self._schema.one(Code)
        bad: dict[int, tuple[str, object, str]] = {}
        if code is not None and code.dtype == "int64":
            whole = pc.match_substring_regex(table[code.name], WHOLE_CODE).to_numpy()
            for odd in np.flatnonzero(~whole):
                bad[int(odd)] = (code.name, table[code.name][int(odd)].as_py(), "is not a whole number")
        pictures: list[tuple[bytes, str]] = []
        image = self._schema.one(Image)
        if self._album is not None and image is not None:
            called = table[code.name].to_pylist() if code else [f"{row:08d}" for row in rows]
            for at, key in enumerate(keys.to_pylist()):
                if at in bad:
                    continue
                photo = self._album.photo(key)
                if photo.reason:
                    bad[at] = (image.name, key, photo.reason)
                else:
                    name = f"{picture_name(called[at])}.{photo.kind}"
                    pictures.append((self._album.content(photo), name))
        for at, (column, value, reason) in sorted(bad.items()):
            row = table.slice(at, 1).to_pylist()[0]
            self._late.add([rejection(int(rows[at]), column, value, reason, row)])
        valid = np.ones(len(table), dtype=bool)
        valid[list(bad)] = False
        table = table.filter(numbers(valid))
        if code is not None and code.dtype == "int64":
            place = table.column_names.index(code.name)
            table = table.set_column(place, code.name, table[code.name].cast(pa.int64()))
        if self._album is not None and image is not None:
            table = _with_pictures(table, self._schema, image, pictures)
        return table


def _with_pictures(
    table: pa.Table, schema: Schema, image: Image, pictures: list[tuple[bytes, str]]
) -> pa.Table:
    """The rows with their pictures in the position of the picture column."""
    arrays = [contents([content for content, _ in pictures]), texts([name for _, name in pictures])]
    cells = pa.StructArray.from_arrays(arrays, fields=list(IMAGE_TYPE))
    place = [column.name for column in schema.columns].index(image.name)
    return table.add_column(place, pa.field(image.name, IMAGE_TYPE), cells)
