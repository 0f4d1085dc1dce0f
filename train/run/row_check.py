"""Every row that a run would train or validate on is read once before the first step.

So a damaged picture or an over-long sample is known when the run is planned, not hours later, and the order
of samples and the estimate of memory rest on the lengths of all samples. Pictures are decoded by threads,
since Pillow decodes outside of Python's lock.

Datasets that are streamed from the Hub are the exception: to decode all of their pictures is to download
them before the run does. Their pictures all count like the first one, and a row that cannot be used is
replaced when it is met (mixture.py, left_out.py).
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from datagen.schemas import InputError
from datagen.schemas.keyed import I64
from datagen.schemas.progress import StageProgress
from datagen.train.config import DataConfig
from datagen.train.data.checked_rows import CHECKED, CheckedRows, ExcludedRow, load_checked, save_checked
from datagen.train.data.mixture import MOST_LEFT_OUT
from datagen.train.data.pictures import check_picture, picture_size
from datagen.train.data.run_data import RunData, record_checked
from datagen.train.data.sources import Source
from datagen.train.models.encoding import Encoder, Size

CHUNK = 64
"""Rows whose encoded pictures are in memory at once."""
MOST_THREADS = 8
STAGE = "Checking pictures"


class _Read(NamedTuple):
    """A row as far as it could be read: what its sample is made of, or why there is none."""

    row: dict[str, Any]
    size: Size | None
    fault: str | None = None
    reason: str = ""


def checked_data(
    data: RunData, encode: Encoder, config: DataConfig, run: Path, progress: StageProgress | None = None
) -> RunData:
    """The data without the rows that cannot be used, recorded in RUN/splits/checked.parquet and data.json.

    Reads that record if there is one. Raises InputError if no row is left to train on, or none to validate on
    where there were some.
    """
    path = run / CHECKED
    if path.is_file():
        return data.checked(load_checked(path))
    checks = check_rows(data, encode, config.max_length, progress)
    checked = data.checked(checks)
    record_checked(checked, run)
    save_checked(checks, path)
    return checked


def check_rows(
    data: RunData, encode: Encoder, max_length: int | None, progress: StageProgress | None = None
) -> CheckedRows:
    """Lengths and faults of all rows that are trained or validated on."""
    wanted = list(data.rows)
    validation = data.split.rows("validation")
    wanted[data.held_part] = np.union1d(wanted[data.held_part], validation).astype(np.int64)
    total, done = sum(map(len, wanted)), 0
    parts, numbers, tokens, pictures = [], [], [], []
    excluded: list[ExcludedRow] = []
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS)) as threads, warnings.catch_warnings():
        for part, (source, rows) in enumerate(zip(data.sources, wanted, strict=True)):
            if source is None:
                continue
            for some, found in _read_all(source, rows, data, threads):
                lengths, of_pictures = encode.lengths([one.row for one in found], [one.size for one in found])
                for number, one, length in zip(some.tolist(), found, lengths.tolist(), strict=True):
                    fault, reason = one.fault, one.reason
                    if fault is None and max_length is not None and length > max_length:
                        fault, reason = (
                            "length",
                            f"its sample has {length:,} tokens, more than {max_length:,}",
                        )
                    if fault is not None:
                        excluded.append(ExcludedRow(part, number, fault, reason))
                parts.append(np.full(len(some), part, dtype=np.int64))
                numbers.append(some)
                tokens.append(lengths)
                pictures.append(of_pictures)
                done += len(some)
                if progress is not None:
                    progress(STAGE, done, total)
    joined: list[I64] = [np.concatenate(each) for each in (parts, numbers, tokens, pictures)]
    return CheckedRows(joined[0], joined[1], joined[2], joined[3], tuple(excluded))


def _read_all(
    source: Source, rows: I64, data: RunData, threads: Executor
) -> Iterator[tuple[I64, list[_Read]]]:
    """Row numbers and what was read of them, a chunk at a time."""
    if source.remote:
        yield rows, _without_pictures(source, rows, data)
        return
    for first in range(0, len(rows), CHUNK):
        some = rows[first : first + CHUNK]
        values = [_row(source, number) for number in some.tolist()]
        yield some, list(threads.map(lambda value: _read(value, data, source.missing), values))


def _row(source: Source, number: int) -> dict[str, Any] | InputError:
    try:
        return source.row(number)
    except InputError as error:
        return error


def _read(value: dict[str, Any] | InputError, data: RunData, missing: str | None) -> _Read:
    template = data.template
    if isinstance(value, InputError):
        return _Read({}, None, "picture", str(value).rstrip("."))
    picture = value.pop(template.image)
    if picture is None:
        return _Read(value, None, "missing", "it has no picture")
    try:
        size = check_picture(picture)
    except InputError as error:
        return _Read(value, None, "picture", f"its picture {error}".rstrip("."))
    if template.is_empty(value, missing):
        return _Read(value, size, "answer", "all fields of its answer are empty")
    return _Read(value, size)


def _without_pictures(source: Source, rows: I64, data: RunData) -> list[_Read]:
    """The rows of a dataset that is streamed from the Hub; their pictures count like the first one."""
    names = [one.field for one in data.template.answer_fields]
    columns = [source.column(name) for name in names]
    size = None
    for number in rows[:MOST_LEFT_OUT].tolist():
        try:
            size = picture_size(source.row(number)[data.template.image])
            break
        except InputError:
            continue  # it is replaced when it is met
    found = []
    for number in rows.tolist():
        row = {name: column[number] for name, column in zip(names, columns, strict=True)}
        empty = data.template.is_empty(row, source.missing)
        found.append(_Read(row, size, "answer" if empty else None, "all fields of its answer are empty"))
    return found
