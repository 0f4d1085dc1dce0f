"""rejected.parquet: the rows of a source that could not be imported, each with its reason."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.arrow import numbers, texts
from datagen.columns.cells import plain

COLUMNS = pa.schema(
    [
        ("row", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("values", pa.string()),
    ]
)
MAX_REASONS = 50
_GROUP = 4096
_GROUP_CHARACTERS = 16_000_000
"""How much text is held before it is written: damaged rows may be long."""

_MAX_VALUE, _MAX_ROW = 500, 1_000_000


class Rejection(NamedTuple):
    """A rejected row of a source: its number there from 0, what is wrong with it, and all its values.

    ``column`` is ours, and empty if the whole row is at fault; ``values`` is JSON.
    """

    row: int
    column: str
    value: str
    reason: str
    values: str

    @property
    def summary(self) -> str:
        """The column and the reason, which summaries count."""
        return f"{self.column} {self.reason}".strip()


def rejection(row: int, column: str, value: object, reason: str, values: Mapping[str, Any]) -> Rejection:
    """A rejection; ``value`` is cut to a readable length, ``values`` only if longer than a row may be.

    The values, or the raw text of what is not a row, may hold other rows that its damage swallowed.
    """
    everything = json.dumps(values, ensure_ascii=False, default=plain)
    shown = "" if value is None else str(plain(value) if isinstance(value, bytes) else value)
    return Rejection(row, column, _readable(shown)[:_MAX_VALUE], reason, _readable(everything)[:_MAX_ROW])


def _readable(text: str) -> str:
    """Text without unpaired surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Rejections:
    """Writes rejections to a file and counts them by reason."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(path, COLUMNS, compression="zstd")
        self._pending: list[Rejection] = []
        self._characters = 0
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Rejections:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, rejections: Iterable[Rejection]) -> None:
        """Write more rejections, which must be in the order of their rows."""
        for each in rejections:
            self.counts[each.summary] += 1
            self._pending.append(each)
            self._characters += len(each.value) + len(each.values)
            if len(self._pending) >= _GROUP or self._characters > _GROUP_CHARACTERS:
                self._flush()

    def _flush(self) -> None:
        if self._pending:
            rows, *others = zip(*self._pending, strict=True)
            columns = [numbers(np.array(rows, dtype=np.int64)), *(texts(column) for column in others)]
            self._writer.write_table(pa.table(columns, schema=COLUMNS))
            self._pending, self._characters = [], 0


def reasons(counts: Counter[str]) -> dict[str, int]:
    """The most common reasons and their counts, the rest added up."""
    most = dict(counts.most_common(MAX_REASONS))
    rest = counts.total() - sum(most.values())
    return {**most, **({"other reasons": rest} if rest else {})}


def in_order(*files: Path) -> Iterator[Rejection]:
    """The rejections of several files, ordered by row."""
    return heapq.merge(*(_read(file) for file in files if file.exists()), key=lambda each: each.row)


def _read(path: Path) -> Iterator[Rejection]:
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):  # one at a time: none is long
            for batch in file.iter_batches(batch_size=_GROUP, row_groups=[group]):
                for row in batch.to_pylist():
                    yield Rejection(**row)
