"""Rows read from Parquet files in place, row group by row group: no copy, memory for a few groups.

Reading a single row of a Parquet file means reading its row group (10 MB as ``datagen make`` writes them), so
rows should be read in an order that stays within a few groups at a time (``mixture.Order``).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.schemas import InputError, RunFailed
from datagen.schemas.keyed import I64


class ParquetRows:
    """The rows of some Parquet files, in order.

    ``open_file`` opens one of ``files``, which may be on the Hub, for pyarrow. The last ``kept`` row
    groups that were read stay in memory. ``bounds``: int64 (groups + 1,), the first row of each row
    group. ``rows_of_files``: the number of rows of each file. ``schema``: the Arrow schema. Raises InputError
    if a file is not a Parquet file or has other columns than the first.
    """

    def __init__(self, files: Sequence[str], open_file: Callable[[str], Any], kept: int = 20) -> None:
        self._files = list(files)
        self._open_file = open_file
        self._kept = kept
        self._tables: OrderedDict[tuple[int, tuple[str, ...]], pa.Table] = OrderedDict()
        self._footers = [self._footer(name) for name in self._files]
        self.schema: pa.Schema = self._footers[0].schema.to_arrow_schema()
        for name, footer in zip(self._files, self._footers, strict=True):
            if not footer.schema.to_arrow_schema().equals(self.schema):
                raise InputError(f"{name} does not have the same columns as {self._files[0]}.")
        self._groups = [
            (at, group) for at, footer in enumerate(self._footers) for group in range(footer.num_row_groups)
        ]
        sizes = [self._footers[at].row_group(group).num_rows for at, group in self._groups]
        self.rows_of_files = [footer.num_rows for footer in self._footers]
        self.bounds: I64 = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    def __len__(self) -> int:
        return int(self.bounds[-1])

    def column(self, name: str) -> list[Any]:
        """All values of one column, without reading the others."""
        tables = [self._read(group, (name,)) for group in range(len(self._groups))]
        return pa.concat_tables(tables).column(0).to_pylist() if tables else []

    def row(self, number: int, columns: tuple[str, ...]) -> dict[str, Any]:
        """Some columns of one row."""
        group = int(np.searchsorted(self.bounds, number, side="right")) - 1
        table = self._tables.pop((group, columns), None)
        table = self._read(group, columns) if table is None else table
        self._tables[group, columns] = table
        while len(self._tables) > self._kept:
            self._tables.popitem(last=False)
        values: dict[str, Any] = table.slice(number - int(self.bounds[group]), 1).to_pylist()[0]
        return values

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_tables": OrderedDict()}

    def _footer(self, name: str) -> pq.FileMetaData:
        try:
            with self._open_file(name) as file:
                return pq.read_metadata(file)
        except pa.ArrowInvalid as error:
            raise InputError(f"{name} is not a Parquet file ({str(error).splitlines()[0][:200]}).") from None
        except (OSError, pa.ArrowException) as error:
            raise RunFailed(f"{name} cannot be read ({str(error).splitlines()[0][:200]}).") from None

    def _read(self, group: int, columns: tuple[str, ...]) -> pa.Table:
        at, within = self._groups[group]
        try:
            with (
                self._open_file(self._files[at]) as source,
                # Read in this thread: an Arrow thread that holds a Python file aborts the process at exit.
                pq.ParquetFile(source, metadata=self._footers[at], pre_buffer=False) as file,
            ):
                return file.read_row_group(within, columns=list(columns), use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise RunFailed(
                f"{self._files[at]} cannot be read ({str(error).splitlines()[0][:200]}); try again, or check "
                "it with datagen verify."
            ) from None
