"""One shard as a Parquet file, written the way the Hub and its viewer read it best.

Features in the metadata (so that ``datasets`` sees an Image column), a page index, content-defined
chunks (so that Xet stores what did not change once), picture bytes untouched and uncompressed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from datagen.arrow import COLUMN_TYPES, numbers
from datagen.columns import ground_truth
from datagen.schemas import InputError, Schema
from datagen.schemas.files import read_file, sha256, whole_file, write_file
from datagen.schemas.folder import ShardEntry
from datagen.schemas.schema import Image

GROUP_BYTES = 10_000_000
"""Flush a row group at this size, so that one row is read quickly. A piece is at most 32 MB, so no group
reaches the viewer's 100 MB."""

GROUP_ROWS = 16_384
"""Flush a row group at this many rows, so that writing takes the same memory for any dataset."""

CHUNKING = {"min_chunk_size": 256 * 1024, "max_chunk_size": 1024 * 1024, "norm_level": 0}
"""The sizes that datasets 5 uses (``datasets.config.DEFAULT_CDC_OPTIONS``)."""

DIGEST_END = ".sha256"
"""The end of the name of the file that records a shard's checksum until the dataset is whole."""

MOST_SHARDS = 50
"""About the most files that one commit on the Hub takes."""

IMAGE_TYPE = COLUMN_TYPES["image"]
"""A picture, as ``datasets`` stores one."""


@dataclass(frozen=True)
class Shard:
    """Rows [start, stop) of a dataset in one file, all of them or those in one split.

    ``rows``: how many these are.
    """

    name: str
    start: int
    stop: int
    rows: int
    split: str | None = None


@dataclass(frozen=True)
class ShardRecord:
    """A shard that is written: its path in the dataset, checksum, size, rows, and the families it begins."""

    path: str
    sha256: str
    bytes: int
    rows: int
    families: int

    def entry(self, split: str | None) -> ShardEntry:
        """Its line in the manifest."""
        return ShardEntry(path=self.path, split=split, rows=self.rows, bytes=self.bytes, sha256=self.sha256)


class Piece(NamedTuple):
    """Some rows, in order, as a table.

    ``leads``: which of them are the first of their family. ``splits``: the number of each row's split, None
    in a dataset without splits.
    """

    table: pa.Table
    leads: NDArray[np.bool_]
    splits: NDArray[np.int8] | None = None

    @property
    def families(self) -> int:
        """How many families have their first row in it."""
        return int(self.leads.sum())

    def take(self, chosen: NDArray[np.bool_]) -> Piece:
        """Some of its rows."""
        if chosen.all():
            return self
        splits = None if self.splits is None else self.splits[chosen]
        return Piece(self.table.filter(numbers(chosen)), self.leads[chosen], splits)


def shard_name(split: str, number: int, count: int) -> str:
    """The path of a shard in its dataset folder, as the Hub names shards."""
    return f"data/{split}-{number:05d}-of-{count:05d}.parquet"


def features(schema: Schema, images: bool, truth: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
    """The columns as ``datasets`` writes them into metadata: name -> feature.

    ``truth``: the columns of :mod:`datagen.columns.ground_truth` that follow those of the schema.
    """
    own: dict[str, dict[str, Any]] = {
        column.name: {"_type": "Image"}
        if column.dtype == "image"
        else {"dtype": column.dtype, "_type": "Value"}
        for column in schema.columns
        if images or not isinstance(column, Image)
    }
    return {**own, **{name: ground_truth.FEATURES[name] for name in truth}}


def arrow_schema(schema: Schema, images: bool, truth: Sequence[str] = ()) -> pa.Schema:
    """The Arrow schema of a shard, features included; ``truth`` as for :func:`features`."""
    fields = [
        pa.field(column.name, COLUMN_TYPES[column.dtype])
        for column in schema.columns
        if images or not isinstance(column, Image)
    ]
    fields += [pa.field(name, ground_truth.TYPES[name]) for name in truth]
    about = {"info": {"features": features(schema, images, truth)}}
    return pa.schema(fields, metadata={"huggingface": json.dumps(about)})


def write_shard(path: Path, schema: pa.Schema, pieces: Iterable[Piece]) -> None:
    """Write pieces into one Parquet file, whole or not at all. Raises OSError."""
    with shard_file(path, schema) as write:
        for piece in pieces:
            write(piece)


@contextmanager
def shard_file(path: Path, schema: pa.Schema) -> Iterator[Callable[[Piece], None]]:
    """A function that writes a piece into one Parquet file, which is there, whole, at the end of the block.

    Its metadata says how many families have their first row in it (``families``). Its checksum is in a file
    next to it. Raises OSError.
    """
    waiting: list[Piece] = []
    rows = size = families = 0

    def write(piece: Piece) -> None:
        nonlocal rows, size
        waiting.append(piece)
        rows += len(piece.table)
        size += piece.table.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            write_group()

    def write_group() -> None:
        nonlocal rows, size, families
        table = pa.concat_tables([piece.table for piece in waiting])
        writer.write_table(table, row_group_size=len(table))
        families += sum(piece.families for piece in waiting)
        waiting.clear()
        rows = size = 0

    with whole_file(path) as aside:
        with aside.open("wb") as file, pq.ParquetWriter(file, schema, **_options(schema)) as writer:
            writer.add_key_value_metadata({"content_defined_chunking": json.dumps(CHUNKING)})
            yield write
            if waiting:
                write_group()
            writer.add_key_value_metadata({"families": str(families)})
        # Before the shard has its name, so that no shard is without.
        write_file(digest_file(path), sha256(aside) + "\n")


def digest_file(path: Path) -> Path:
    """Where the checksum of a shard is recorded until the dataset is whole."""
    return path.with_name(path.name + DIGEST_END)


def shard_entry(folder: Path, name: str, rows: int, split: str | None = None) -> ShardEntry:
    """A shard of a folder for its manifest, with the checksum that it was written with. Raises OSError."""
    path = folder / name
    digest = recorded_digest(path) or sha256(path)
    return ShardEntry(path=name, split=split, rows=rows, bytes=path.stat().st_size, sha256=digest)


def record_of(folder: Path, shard: Shard) -> ShardRecord:
    """The record of a shard that is whole in a folder. Raises OSError."""
    entry = shard_entry(folder, shard.name, shard.rows)
    return ShardRecord(entry.path, entry.sha256, entry.bytes, entry.rows, families_of(folder / shard.name))


def recorded_digest(path: Path) -> str | None:
    """The checksum that a shard was written with, None where there is no record."""
    try:
        text = read_file(digest_file(path), 100).decode("ascii").strip()
    except (OSError, InputError, UnicodeDecodeError):
        return None
    return text if re.fullmatch("[0-9a-f]{64}", text) else None


def is_intact(path: Path, entry: ShardEntry) -> bool:
    """Whether a shard has the bytes that the manifest records. Raises OSError."""
    return path.stat().st_size == entry.bytes and sha256(path) == entry.sha256


def families_of(path: Path) -> int:
    """How many families have their first row in a shard that is made."""
    return int((pq.read_metadata(path).metadata or {}).get(b"families", b"0"))


def holds(path: Path, rows: int, digest: str | None = None) -> bool:
    """Whether a shard is there as it was written, with this many rows.

    ``digest``: its checksum in the manifest, where there is one; the record next to it is removed then.
    """
    try:
        written = recorded_digest(path) or digest
        return pq.read_metadata(path).num_rows == rows and sha256(path) == written
    except (OSError, pa.ArrowException):
        return False


def _options(schema: pa.Schema) -> dict[str, Any]:
    """Parquet options by column: a picture gains nothing from compression, dictionary or statistics."""
    pictures = [f"{field.name}.bytes" for field in schema if field.type == IMAGE_TYPE]
    others = [name for field in schema for name in _leaves(field.name, field.type) if name not in pictures]
    return {
        "compression": {**dict.fromkeys(others, "snappy"), **dict.fromkeys(pictures, "none")},
        "use_dictionary": others,
        "write_statistics": others,
        "write_page_index": True,
        "use_content_defined_chunking": CHUNKING,
    }


def _leaves(name: str, kind: pa.DataType) -> list[str]:
    """The columns of Parquet that an Arrow column becomes."""
    if pa.types.is_struct(kind):
        return [leaf for child in kind for leaf in _leaves(f"{name}.{child.name}", child.type)]
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return _leaves(f"{name}.list.element", kind.value_type)
    return [name]
