"""Reading a source and fitting to it, for the commands that do: profile, and make --like."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from datagen.catalogue.matching import Pair
    from datagen.fit.fitting import Fitted
    from datagen.readers.limits import ReadLimits
    from datagen.schemas import Schema
    from datagen.schemas.progress import StageProgress


@dataclass(frozen=True)
class Learned:
    """What was fitted to a source: its name, the digest of its rows, rows that could not be read, the fit."""

    source: str
    digest: str
    invalid: int
    fitted: Fitted


def show_warnings(learned: Learned) -> None:
    """Say on stderr what could not be learned well."""
    from datagen.schemas.terminal import show

    for warning in learned.fitted.warnings:
        show(f"Warning: {warning}", err=True)


def learn(
    source: str,
    name: str | None,
    *,
    progress: StageProgress,
    min_count: int,
    invent_names: bool = True,
    schema: Schema | None = None,
    mapping: Sequence[Pair] = (),
    most_rows: int | None = None,
    revision: str | None = None,
    config: str | None = None,
    split: str | None = None,
    limits: ReadLimits | None = None,
) -> Learned:
    """Read a source (a path, or a dataset of the Hub) and fit to it. Raises InputError and RunFailed.

    Files of the Hub are fetched into a folder that is removed afterwards. ``name``: that of schema and
    profile, by default the source's.
    """
    from datagen.fit.fitting import fit, name_of
    from datagen.fit.sample import take_sample
    from datagen.fit.source import renamed
    from datagen.readers import open_source
    from datagen.readers.limits import DEFAULT_LIMITS
    from datagen.schemas import InputError

    if most_rows is not None and most_rows < 1:
        raise InputError(f"{most_rows} rows cannot be read; give 1 or more.")
    limits = limits or DEFAULT_LIMITS
    with tempfile.TemporaryDirectory(prefix="datagen-") as work:
        opened = open_source(
            source,
            work=Path(work),
            revision=revision,
            config=config,
            split=split,
            limits=limits,
            progress=lambda done, total: progress("Receiving", done, total),
        )
        invalid = 0

        def tables(names: Sequence[str] | None) -> Iterator[pa.Table]:
            nonlocal invalid
            invalid = rows = 0
            for batch in opened.batches(names):
                invalid += len(batch.invalid) + sum(part.rows or 0 for part in batch.unread)
                rows += len(batch.table)
                if rows > limits.rows:
                    raise InputError(
                        f"{opened.name} has more than {limits.rows:,} rows; "
                        "give a larger --max-rows, or --limit."
                    )
                yield batch.table

        read = renamed(tables, opened.columns, dict(mapping), most_rows)
        sample = take_sample(opened.name, read, progress=lambda rows: progress("Reading", rows, None))
        lost = invalid
        fitted = fit(
            sample,
            read,
            name
            or name_of(Path(opened.name).stem if Path(source).is_file() else opened.name.rpartition("/")[2]),
            schema=schema,
            min_count=min_count,
            invent_names=invent_names,
            progress=lambda stage: progress(stage, 0, None),
        )
    return Learned(opened.name, sample.digest, lost, fitted)
