"""The rows that a run is evaluated on, of its own data or of another dataset, and the data of its
baselines.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from datagen.schemas import InputError
from datagen.schemas.keyed import I64, permutation
from datagen.schemas.title_families import title_families
from datagen.train.chat.conversation import Fields, Template
from datagen.train.config import saved_config
from datagen.train.data.opening import NoSuchSplit
from datagen.train.data.pictures import PictureSequence
from datagen.train.data.run_data import DATA, reopen_data
from datagen.train.data.sources import Source, fields_of, open_source
from datagen.train.data.splits import PARTS, leaks
from datagen.train.retrieval.run_neighbours import withheld_titles

HELD_OUT = ("validation", "test")
"""The parts of a run's rows that it was not trained on."""


@dataclass(frozen=True)
class HeldOutRows:
    """Held-out rows to answer.

    ``name``: for messages, such as "test part of shop". ``rows``: int64 (n,), row numbers of ``source``,
    ascending. ``title_families``: int64 (n,), their title families. ``training`` and ``training_rows``: the
    data of the baselines. ``seed``: of all random draws. ``known_titles``: number of rows whose title was
    trained on. ``withheld``: the titles that the run does not learn from.
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
    withheld: tuple[str | None, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.rows):
            raise InputError(f"The {self.name} has no rows; give --data, or another --split.")

    @cached_property
    def key(self) -> str:
        """SHA-256 (hex) that is equal for the same rows of the same data and the same template."""
        digest = hashlib.sha256(self.source.digest.encode() + b"\0" + self.rows.tobytes() + b"\0")
        digest.update(json.dumps(self.template.model_dump(), sort_keys=True).encode())
        return digest.hexdigest()

    def first(self, count: int | None) -> HeldOutRows:
        """``count`` of these rows, drawn with the seed; all of them if None or if there are fewer."""
        if count is not None and count < 1:
            raise InputError(f"--rows {count} is too small; give at least 1.")
        if count is None or count >= len(self.rows):
            return self
        drawn = np.sort(permutation(self.seed, "evaluated rows", 0, len(self.rows))[:count])
        return replace(self, rows=self.rows[drawn], title_families=self.title_families[drawn])

    def truth(self) -> list[Fields]:
        """The fields of the right answer to each row."""
        return fields_of(self.source, self.rows, self.template)


class RowPictures(PictureSequence):
    """The pictures of some rows, as the dataset stores them."""

    def __init__(self, source: Source, rows: I64, template: Template) -> None:
        super().__init__(rows.tolist(), lambda row: source.row(row)[template.image])


def held_out(run: Path, split: str) -> HeldOutRows:
    """A part of a run's own data, which must be unchanged since the run was started. Raises InputError."""
    if split not in PARTS:
        raise InputError(f"--split {split} is not a part of a run; give {' or '.join(HELD_OUT)}.")
    config = saved_config(run)
    if not (run / DATA).is_file():
        raise InputError(f"{run} comes without its data (it has no {DATA}); give --data.")
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
        withheld=tuple(withheld_titles(data, config.data.real_rows)),
    )


def other_data(run: Path, name: str, split: str) -> HeldOutRows:
    """All rows of a split of another dataset than the run's own. Raises InputError.

    For a model from the Hub, which comes without its data, there are no training rows to compare with.
    """
    config = saved_config(run)
    data = reopen_data(config.data, run, synthetic=False) if (run / DATA).is_file() else None
    template = config.data.template
    try:
        source = open_source(
            name, template, split=split, columns=config.data.real_columns, stream=config.data.stream
        )
    except NoSuchSplit as error:
        several = "one of them with --split" if len(error.splits) > 1 else f"--split {error.splits[0]}"
        raise InputError(f"{str(error).rstrip('.')}; give {several}.") from None
    titles = source.titles()
    trained = [] if data is None else data.held.titles()
    training_rows = np.empty(0, dtype=np.int64) if data is None else data.trained_rows
    return HeldOutRows(
        name=f"{split} split of {name}",
        source=source,
        rows=np.arange(len(source), dtype=np.int64),
        title_families=title_families(titles),
        template=template,
        training=source if data is None else data.held,
        training_rows=training_rows,
        seed=config.data.seed,
        known_titles=len(leaks(titles, [trained[row] for row in training_rows.tolist()])),
        withheld=() if data is None else tuple(withheld_titles(data, config.data.real_rows)),
    )
