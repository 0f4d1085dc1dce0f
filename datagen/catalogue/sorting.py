"""A batch of raw rows sorted into rows that are kept and rows that are rejected, with reasons.

A row is rejected for its first fault: of its cells in the order of the columns, then of the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrow import NOT_PYTHON, numbers, python_values, text
from datagen.catalogue.matching import Match
from datagen.catalogue.rejected import Rejection, rejection
from datagen.catalogue.uniqueness import Codes
from datagen.columns.cells import Cells, Mask, shown
from datagen.columns.roles import role_of
from datagen.readers import Batch
from datagen.schemas import Schema
from datagen.schemas.schema import AnyColumn, Code, Image

PictureKeys = Callable[[Batch], tuple[list[str | None], list[str]]]
"""For a batch: the key of each row's picture, or None; and the reason to reject the row, or ""."""

IS_MISSING = "is missing"
CANNOT_BE_READ = "is a value that cannot be read"
IS_REPEATED = "appears in an earlier row too"


@dataclass(frozen=True)
class SortResult:
    """The rows that are kept (codes as text), their numbers and picture keys, and the rejections."""

    rows: NDArray[np.int64]
    table: pa.Table
    pictures: list[str] | None
    rejections: list[Rejection]


class Sorter:
    """Sorts batches of one source, in order. ``schema`` has only columns for which ``match`` has a source."""

    def __init__(
        self, schema: Schema, match: Match, codes: Codes, picture_keys: PictureKeys | None = None
    ) -> None:
        self._schema = schema
        self._match = match
        self._codes = codes
        self._keys = picture_keys
        self._columns = [column for column in schema.columns if not isinstance(column, Image)]
        full = schema.price("full")
        self._columns.sort(key=lambda column: column is not full)  # gaps in others are filled from it
        self._rules = [
            rule
            for column in schema.columns
            if role_of(column).fit is None  # else the column is fitted to the rows, not they to it
            for rule in role_of(column).rules(column, schema, None)
        ]
        self.filled: dict[str, int] = {}
        """Our column -> number of rows whose value was computed from other columns."""

    def sort(self, batch: Batch) -> SortResult:
        """Sort one batch."""
        faults = _Faults(len(batch.table))
        columns = self._read(batch, faults)
        table = pa.table({c.name: columns[c.name] for c in self._schema.columns if c.name in columns})
        self._apply_rules(table, faults)
        keys: list[str | None] = []
        if self._keys is not None:
            keys, wrong = self._keys(batch)
            name = next(column.name for column in self._schema.columns if isinstance(column, Image))
            for at, reason in enumerate(wrong):
                if reason:
                    faults.add_one(at, name, reason)
        self._reject_repeated_codes(table, batch.rows, faults)
        picture_keys = [
            key for key, sound in zip(keys, faults.none, strict=False) if sound and key is not None
        ]
        return SortResult(
            rows=batch.rows[faults.none],
            table=table.filter(numbers(faults.none)),
            pictures=picture_keys if self._keys is not None else None,
            rejections=self._rejections(batch, faults),
        )

    def _read(self, batch: Batch, faults: _Faults) -> dict[str, pa.Array]:
        """Our columns of a batch; rows without a fault have nulls only where a role may have them."""
        read: dict[str, pa.Array] = {}
        for column in self._columns:
            raw = self._raw(column.name, batch)
            cells = self._cells(column, raw)
            for mask, reason in cells.faults:
                faults.add(column.name, mask, reason)
            read[column.name] = self._filled(column, cells.values, read, faults)
        return read

    def _cells(self, column: AnyColumn, raw: pa.Array) -> Cells:
        """A column of the source as ours; where Arrow cannot convert it at once, each cell by its text."""
        read = role_of(column).read
        try:
            return read(column, raw, self._schema.missing)
        except NOT_PYTHON:
            texts, lost = shown(raw)
            cells = read(column, texts, self._schema.missing)
            return Cells(cells.values, ((lost, CANNOT_BE_READ), *cells.faults))

    def _raw(self, name: str, batch: Batch) -> pa.Array:
        if name in self._match.given:
            return pa.repeat(text(self._match.given[name]), len(batch.table))
        column = batch.table[self._match.theirs[name]]
        return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

    def _filled(
        self, column: AnyColumn, values: pa.Array, read: dict[str, pa.Array], faults: _Faults
    ) -> pa.Array:
        """The values; gaps are filled from other columns or with the text for missing, or stay nulls."""
        if not values.null_count:
            return values
        role = role_of(column)
        gaps: Mask = pc.is_null(values).to_numpy(zero_copy_only=False) & faults.none
        follows = role.follows(column, values, self._schema, read)
        if follows is None and column.dtype == "string" and role.may_be_missing:
            return pc.fill_null(values, self._schema.missing)
        if follows is None and role.may_be_null:
            return values
        if follows is None:
            faults.add(column.name, gaps, IS_MISSING)
            return values
        if gaps.any():
            self.filled[column.name] = self.filled.get(column.name, 0) + int(gaps.sum())
        return pc.coalesce(values, follows)

    def _apply_rules(self, table: pa.Table, faults: _Faults) -> None:
        for rule in self._rules:
            at = np.flatnonzero(faults.none)
            broken = np.zeros(len(table), dtype=bool)
            broken[at] = rule.broken(table.take(numbers(at)))
            faults.add(rule.column, broken, f"breaks the rule '{rule.text}'")

    def _reject_repeated_codes(self, table: pa.Table, rows: NDArray[np.int64], faults: _Faults) -> None:
        code = self._schema.one(Code)
        if code is None:
            return
        at = np.flatnonzero(faults.none)
        new = self._codes.new(rows[at].tolist(), table[code.name].take(numbers(at)).to_pylist())
        repeated = faults.none & ~np.isin(rows, np.fromiter(new, dtype=np.int64))
        faults.add(code.name, repeated, IS_REPEATED)

    def _rejections(self, batch: Batch, faults: _Faults) -> list[Rejection]:
        at = np.flatnonzero(~faults.none)
        made = [
            rejection(each.row, "", each.text, each.reason, {"text": each.text}) for each in batch.invalid
        ]
        if len(at):
            wrong = batch.table.take(numbers(at))
            columns = [python_values(column) for column in wrong.columns]
            for place, row in zip(at, zip(*columns, strict=True), strict=True):
                values = dict(zip(wrong.column_names, row, strict=True))
                name, reason = faults.first(int(place))
                theirs = self._match.theirs.get(name)
                value = values.get(theirs) if theirs else self._match.given.get(name)
                made.append(rejection(int(batch.rows[place]), name, value, reason, values))
        return sorted(made, key=lambda each: each.row)


class _Faults:
    """The first fault of each row of a batch."""

    def __init__(self, rows: int) -> None:
        self.none: Mask = np.ones(rows, dtype=bool)
        self._which = np.zeros(rows, dtype=np.int64)
        self._reasons: list[tuple[str, str]] = []

    def add(self, column: str, broken: Mask, reason: str) -> None:
        new = broken & self.none
        if new.any():
            self._which[new] = len(self._reasons)
            self._reasons.append((column, reason))
            self.none &= ~new

    def add_one(self, row: int, column: str, reason: str) -> None:
        only = np.zeros(len(self.none), dtype=bool)
        only[row] = True
        self.add(column, only, reason)

    def first(self, row: int) -> tuple[str, str]:
        return self._reasons[int(self._which[row])]
