"""Reading a shard that may be anybody's, in bounded memory.

A Parquet file of a few kilobytes can hold gigabytes in two ways: a codec that shrinks zeros a thousandfold,
and a dictionary, one value of which may stand in any number of rows. So only the codecs that shards are
written with are read (Snappy shrinks to a twentieth at most), and text and bytes are read as dictionaries
and expanded a few rows at a time. Read in this way, an encoding by differences, the third way, is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datagen.library_messages import text_is_not_utf8
from datagen.schemas import InputError

CODECS = frozenset({"SNAPPY", "UNCOMPRESSED"})
MOST_GROUP_BYTES = 2_000_000_000
"""Of a row group, unfolded. The largest that is written has 64 pictures of 20 MB."""
MOST_ROW_BYTES = 250_000_000
MOST_TEXT_BYTES = 4_000_000
"""Of one text: a million characters, the most that a row of any source may have."""
BATCH_BYTES = 64_000_000
"""Rows that are expanded at once, unless one row has more."""


class UnreadableShard(InputError):
    """A shard cannot be read; ``reason`` says why in a few words."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be read ({reason}); run datagen verify.")
        self.reason = reason


class ShardReader:
    """The rows of one shard. ``schema``: its columns; ``sizes``: the rows of each row group."""

    def __init__(self, path: Path, file: pq.ParquetFile, schema: pa.Schema) -> None:
        self._path = path
        self._file = file
        self.schema = schema
        groups = range(file.metadata.num_row_groups)
        self.sizes = [file.metadata.row_group(group).num_rows for group in groups]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return sum(self.sizes)

    def tables(
        self, most: int, groups: Iterable[int] | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.Table]:
        """The rows of all row groups, or of some, in tables of at most ``most`` rows.

        ``columns``: which columns, in the order of the shard; None: all. Raises UnreadableShard.
        """
        wanted = self.schema.names if columns is None else columns
        schema = pa.schema([field for field in self.schema if field.name in wanted], self.schema.metadata)
        groups = range(len(self.sizes)) if groups is None else groups
        with _as_unreadable(self._path):
            for group in groups:
                at_once = self._rows_at_once(group, most)
                for batch in self._file.iter_batches(at_once, row_groups=[group], columns=columns):
                    for column, name in zip(batch.columns, batch.schema.names, strict=True):
                        _check_text(self._path, name, column)
                        longest = _longest_text(column)
                        if longest > MOST_TEXT_BYTES:
                            raise UnreadableShard(
                                self._path, f"a text in the column {name} has {longest:,} bytes"
                            )
                    for part in self._parts(batch):
                        yield pa.Table.from_batches([part.cast(schema)])

    def _rows_at_once(self, group: int, most: int) -> int:
        """How many rows of a group to read at once, going by the sizes that its metadata states."""
        about = self._file.metadata.row_group(group)
        for at in range(about.num_columns):
            codec = about.column(at).compression
            if codec not in CODECS:
                raise UnreadableShard(self._path, f"it is compressed with {codec}, and shards are not")
        if about.total_byte_size > MOST_GROUP_BYTES:
            raise UnreadableShard(self._path, f"a row group unfolds to {about.total_byte_size:,} bytes")
        return max(1, min(most, BATCH_BYTES * int(about.num_rows) // max(1, int(about.total_byte_size))))

    def _parts(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """A batch in slices that are small when expanded."""
        size = sum(_expanded_bytes(column) for column in batch.columns)
        if size <= BATCH_BYTES or (len(batch) == 1 and size <= MOST_ROW_BYTES):
            yield batch
        elif len(batch) == 1:
            raise UnreadableShard(self._path, f"a row unfolds to {size:,} bytes")
        else:
            half = len(batch) // 2
            yield from self._parts(batch.slice(0, half))
            yield from self._parts(batch.slice(half))


@contextmanager
def read_shard(path: Path) -> Iterator[ShardReader]:
    """A shard to read from, whatever its columns. Raises UnreadableShard."""
    if path.exists() and not path.is_file():
        raise UnreadableShard(path, "it is a device, a pipe or a folder")
    with ExitStack() as stack:
        with _as_unreadable(path):  # and not an error of whoever reads the rows
            plain = stack.enter_context(pq.ParquetFile(path))
            leaves = [plain.schema.column(at) for at in range(len(plain.schema))]
            binary = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
            file = pq.ParquetFile(path, metadata=plain.metadata, read_dictionary=binary, pre_buffer=False)
            shard = ShardReader(path, stack.enter_context(file), plain.schema_arrow)
        yield shard


@contextmanager
def open_shard(path: Path, schema: pa.Schema) -> Iterator[ShardReader]:
    """A shard with the columns of its dataset. Raises InputError where it cannot be read or has others."""
    with read_shard(path) as shard:
        if not shard.schema.equals(schema):
            raise InputError(f"{path} has other columns than its dataset; run datagen verify.")
        yield shard


@contextmanager
def _as_unreadable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise UnreadableShard(path, "it is missing") from None
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        # Arrow's own text of a failed call to the system repeats the path.
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number) if number else (str(error).splitlines() or [""])[0][:120]
        raise UnreadableShard(path, reason) from None


def _check_text(path: Path, name: str, column: Any) -> None:
    """Raises UnreadableShard for text that is not UTF-8, which no cell of Python can hold."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        if not text_is_not_utf8(error):
            raise
        raise UnreadableShard(path, f"the column {name} has text that is not UTF-8") from None


def _longest_text(array: Any) -> int:
    """The bytes of the longest text in an array whose texts are dictionaries."""
    kind = array.type
    if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
        return int(pc.max(pc.binary_length(array.dictionary)).as_py() or 0)
    if pa.types.is_struct(kind):
        return max((_longest_text(child) for child in array.flatten()), default=0)
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return _longest_text(array.flatten())
    return 0


def _expanded_bytes(array: Any) -> int:
    """The bytes of an array once its dictionaries are expanded."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        lengths = pc.binary_length(array.dictionary).take(array.indices)
        return len(array) * 4 + (pc.sum(lengths).as_py() or 0)
    if pa.types.is_struct(kind):
        return sum(_expanded_bytes(child) for child in array.flatten())
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return len(array) * 4 + _expanded_bytes(array.flatten())
    return int(array.nbytes)
