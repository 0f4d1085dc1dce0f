"""The rows that a run is evaluated on, of its own data or of other, and what its baselines may know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np

from datagen.schemas import InputError
from datagen.schemas.keyed import I64, permutation
from datagen.train.chat.conversation import Fields, Template
from datagen.train.config import saved_config
from datagen.train.data.run_data import reopen_data
from datagen.train.data.sources import Source, fields_of, open_source
from datagen.train.data.splits import PARTS, leaks
from datagen.train.data.title_families import title_families


@dataclass(frozen=True)
class HeldOutRows:
    """Rows to be answered.

    ``name``: for a person, such as "test part of shop". ``rows``: int64 (n,), row numbers of ``source``,
    ascending. ``title_families``: int64 (n,), their title families. ``training`` and ``training_rows``: what
    baselines are made from. ``seed``: of whatever is drawn. ``known_titles``: rows whose title was trained
    on.
    """

    name: str
    source: Source
    rows: I64
    title_families: I64
    template: Template
    training: Source
    training_rows: I64
    seed: int
    known_titles: int

    def __post_init__(self) -> None:
        if not len(self.rows):
            raise InputError(f"There are no rows in the {self.name}; give --data, or another --split.")

    @cached_property
    def key(self) -> str:
        """Equal where the same rows of the same data are asked the same question: SHA-256, hex."""
        digest = hashlib.sha256(self.source.digest.encode() + b"\0" + self.rows.tobytes() + b"\0")
        digest.update(json.dumps(self.template.model_dump(), sort_keys=True).encode())
        return digest.hexdigest()

    def first(self, count: int | None) -> HeldOutRows:
        """So many of these rows, drawn by the seed; all of them where None or more than there are."""
        if count is not None and count < 1:
            raise InputError(f"{count} rows cannot be evaluated; give 1 or more.")
        if count is None or count >= len(self.rows):
            return self
        taken = np.sort(permutation(self.seed, "evaluated rows", 0, len(self.rows))[:count])
        return replace(self, rows=self.rows[taken], title_families=self.title_families[taken])

    def truth(self) -> list[Fields]:
        """What a right answer would tell of each row."""
        return fields_of(self.source, self.rows, self.template)


class RowPictures(Sequence[Any]):
    """The pictures of some rows, as the data set keeps them, each read when it is asked for."""

    def __init__(self, source: Source, rows: I64, template: Template) -> None:
        self._source, self._rows, self._template = source, rows, template

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, number: int) -> Any: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Any]: ...
    def __getitem__(self, number: int | slice) -> Any:
        if isinstance(number, slice):
            return RowPictures(self._source, self._rows[number], self._template)
        return self._source.row(int(self._rows[number]))[self._template.image]


def held_out(run: Path, split: str) -> HeldOutRows:
    """A part of a run's own data, which must be what they were when the run was begun. Raises InputError."""
    if split not in PARTS:
        raise InputError(f"A run has no part {split!r}; its parts are {', '.join(PARTS)}.")
    config = saved_config(run)
    data = reopen_data(config.data, run, synthetic=False)
    rows = data.trained_rows if split == "train" else data.split.rows(split)
    return HeldOutRows(
        name=f"{split} part of {data.held.name}",
        source=data.held,
        rows=rows,
        title_families=data.split.title_family[rows],
        template=data.template,
        training=data.held,
        training_rows=data.trained_rows,
        seed=config.data.seed,
        known_titles=len(rows) if split == "train" else 0,
    )


def other_data(run: Path, name: str, split: str) -> HeldOutRows:
    """All rows of a split of other data than the run's own. Raises InputError."""
    config = saved_config(run)
    data = reopen_data(config.data, run, synthetic=False)
    source = open_source(
        name, data.template, split=split, columns=config.data.real_columns, stream=config.data.stream
    )
    titles, trained = source.titles(), data.held.titles()
    return HeldOutRows(
        name=f"{split} split of {name}",
        source=source,
        rows=np.arange(len(source), dtype=np.int64),
        title_families=title_families(titles),
        template=data.template,
        training=data.held,
        training_rows=data.trained_rows,
        seed=config.data.seed,
        known_titles=len(leaks(titles, [trained[row] for row in data.trained_rows.tolist()])),
    )
