"""The rows of a run that were checked before its first step: their lengths, and those that it excludes.

    RUN/splits/checked.parquet   a line for each row that the run trains or validates on

A row is excluded if its picture is missing or damaged, if its answer is empty, or if its sample is too long.
The file is written once, when the run is started: a resumed run excludes the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.schemas import InputError, RunFailed
from datagen.schemas.files import whole_file
from datagen.schemas.keyed import I64
from datagen.schemas.text import count

CHECKED = Path("splits") / "checked.parquet"
MOST_LISTED = 1000
"""Excluded rows that data.json lists; the file has all of them."""
FAULTS = {
    "picture": ("has a picture that cannot be read", "have pictures that cannot be read"),
    "missing": ("has no picture", "have no picture"),
    "answer": ("has no answer", "have no answer"),
    "length": ("is longer than data.max_length", "are longer than data.max_length"),
}
"""Why a row is excluded, of one row and of several."""


class ExcludedRow(NamedTuple):
    """``part``: ``mixture.REAL`` or ``SYNTHETIC``; ``fault``: a key of FAULTS; ``reason``: a sentence."""

    part: int
    row: int
    fault: str
    reason: str


@dataclass(frozen=True)
class CheckedRows:
    """``part``, ``row``, ``tokens``, ``picture_tokens``: int64 (n,), of each row checked and its sample's
    tokens. ``excluded``: those of them that the run does not use.
    """

    part: I64
    row: I64
    tokens: I64
    picture_tokens: I64
    excluded: tuple[ExcludedRow, ...] = ()

    def lengths(self, part: int, rows: int) -> I64:
        """Tokens (int64) by row number of a dataset with ``rows`` rows; 0 for rows that were not checked."""
        lengths = np.zeros(rows, dtype=np.int64)
        mine = self.part == part
        lengths[self.row[mine]] = self.tokens[mine]
        return lengths

    def longest(self) -> tuple[int, int]:
        """Tokens of the longest sample of the rows that are used, and how many of them are its picture's."""
        used = ~np.isin(self.part * 2**40 + self.row, [one.part * 2**40 + one.row for one in self.excluded])
        at = int(np.argmax(np.where(used, self.tokens, -1)))
        return int(self.tokens[at]), int(self.picture_tokens[at])

    def used(self, part: int, rows: I64) -> I64:
        """Those of a dataset's ``rows`` that are not excluded."""
        gone = [one.row for one in self.excluded if one.part == part]
        return rows[~np.isin(rows, gone)] if gone else rows

    def counts(self) -> dict[str, int]:
        """Fault -> number of excluded rows."""
        found = Counter(one.fault for one in self.excluded)
        return {fault: found[fault] for fault in FAULTS if found[fault]}

    def sentence(self) -> str:
        """What is excluded and why; empty if nothing is."""
        if not self.excluded:
            return ""
        why = ", ".join(f"{many:,} {FAULTS[fault][many != 1]}" for fault, many in self.counts().items())
        advice = " (lower --num-crops or raise data.max_length to use them)" if "length" in why else ""
        return f"{count(len(self.excluded), 'row')} of {len(self.row):,} will not be used: {why}{advice}."

    def described(self, names: Mapping[int, str]) -> dict[str, Any]:
        """The entry in data.json; ``names``: of the datasets."""
        listed = [
            {"data": names.get(one.part, ""), "row": one.row, "fault": one.fault, "reason": one.reason}
            for one in self.excluded[:MOST_LISTED]
        ]
        return {"checked": len(self.row), "excluded": len(self.excluded), **self.counts(), "rows": listed}


def save_checked(found: CheckedRows, path: Path) -> None:
    """Write checked rows as Parquet, whole or not at all. Raises RunFailed."""
    by_row = {(one.part, one.row): one for one in found.excluded}
    excluded = [by_row.get(key) for key in zip(found.part.tolist(), found.row.tolist(), strict=True)]
    table = pa.table(
        {
            "part": pa.array(found.part, pa.int8()),
            "row": pa.array(found.row),
            "tokens": pa.array(found.tokens),
            "picture_tokens": pa.array(found.picture_tokens),
            "fault": pa.array([one and one.fault for one in excluded], pa.string()),
            "reason": pa.array([one and one.reason for one in excluded], pa.string()),
        }
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as aside:
            pq.write_table(table, aside)
    except OSError as error:
        raise RunFailed(f"{path} cannot be written ({error.strerror or error}).") from None


def load_checked(path: Path) -> CheckedRows:
    """What :func:`save_checked` wrote. Raises InputError for anything else."""
    try:
        table = pq.read_table(path)
        part, row, tokens, picture_tokens = (
            table.column(name).to_numpy().astype(np.int64)
            for name in ("part", "row", "tokens", "picture_tokens")
        )
        faults, reasons = table.column("fault").to_pylist(), table.column("reason").to_pylist()
        excluded = tuple(
            ExcludedRow(int(part[at]), int(row[at]), fault, str(reasons[at]))
            for at, fault in enumerate(faults)
            if fault is not None
        )
        if not len(row) or not {one.fault for one in excluded} <= set(FAULTS):
            raise ValueError("it has other contents")
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path} is not the record of a run's rows ({str(error).splitlines()[0][:200]}); delete it, then "
            "--resume checks the rows again."
        ) from None
    return CheckedRows(part, row, tokens, picture_tokens, excluded)
