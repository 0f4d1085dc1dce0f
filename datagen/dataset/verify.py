"""Checking a dataset folder against its own word: checksums, columns, and the rules of every row."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image as Pictures

from datagen.arrow import numbers
from datagen.columns.image import misnamed_pictures
from datagen.columns.rows import check
from datagen.columns.rule import Rule
from datagen.columns.rules import rules
from datagen.dataset.folder import Folder, open_folder
from datagen.dataset.shards import arrow_schema
from datagen.schemas.files import PICTURE_SUFFIXES, sha256
from datagen.schemas.folder import CARD, MANIFEST, PROFILE, SCHEMA, ShardEntry, Size
from datagen.schemas.schema import Code, Image, schema_digest

if TYPE_CHECKING:
    from datagen.dataset.truth_check import TruthCheck

SHOWN = 20
"""Breaches of one rule that are listed; the rest are counted."""

_BATCH = 4096
_AFTER_THE_END = 4096
"""Bytes that may follow the last mark of a real picture."""

Numbers = NDArray[np.int64]
"""Row numbers, one for each row of a table."""


@dataclass(frozen=True)
class Breach:
    """One thing that is not as it should be. ``row`` counts from 0 over the whole dataset; -1: no row."""

    rule: str
    file: str
    row: int = -1
    column: str = ""
    value: str = ""

    def __str__(self) -> str:
        where = f"row {self.row:,}, {self.column}" if self.row >= 0 else self.column
        shown = f" = {self.value!r}" if self.row >= 0 else ""
        return f"{self.file}{': ' if where else ''}{where}{shown}: {self.rule}"


@dataclass(frozen=True)
class Verdict:
    """What a check found: the rows it read, breaches by rule, and the first of each."""

    rows: int
    shards: int
    counts: dict[str, int]
    breaches: list[Breach]

    @property
    def whole(self) -> bool:
        """Whether nothing is amiss."""
        return not self.counts

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain values."""
        return {
            "whole": self.whole,
            "rows": self.rows,
            "shards": self.shards,
            "counts": self.counts,
            "breaches": [asdict(breach) for breach in self.breaches],
        }


class _Findings:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.breaches: list[Breach] = []

    def add(self, breach: Breach) -> None:
        self.counts[breach.rule] += 1
        if self.counts[breach.rule] <= SHOWN:
            self.breaches.append(breach)

    def add_rows(
        self, rule: str, file: str, column: str, broken: NDArray[np.bool_], rows: Numbers, values: Any
    ) -> None:
        for at in np.flatnonzero(broken):
            if self.counts[rule] < SHOWN:
                value = str(values[int(at)].as_py())[:200]
                self.add(Breach(rule, file, int(rows[at]), column, value))
            else:
                self.counts[rule] += 1


def verify_folder(path: str | Path, progress: Callable[[int], None] | None = None) -> Verdict:
    """Check the dataset in a folder, all of it, at constant memory but for the codes.

    Raises InputError where there is no finished dataset, or its schema and profile contradict each other.
    """
    folder = open_folder(path)
    if folder.profile is not None:
        check(folder.schema, folder.profile)
    found = _Findings()
    _check_files(folder, found)
    codes: list[tuple[Numbers, pa.Array]] = []
    held = rules(folder.schema, folder.profile)
    truth = _truth_check(folder) if folder.ground_truth else None
    first = 0
    if progress:
        progress(0)
    for shard in folder.manifest.shards:
        for rows in _check_shard(folder, shard, first, held, truth, found, codes):
            if progress:
                progress(rows)
        first += shard.rows
    _check_unique(folder, codes, found)
    return Verdict(first, len(folder.manifest.shards), dict(found.counts), found.breaches)


def _truth_check(folder: Folder) -> TruthCheck:
    from datagen.dataset.truth_check import (
        TruthCheck,  # the renderer's words are heavy, and few sets need them
    )

    return TruthCheck(folder)


def _check_files(folder: Folder, found: _Findings) -> None:
    if not (folder.path / CARD).is_file():
        found.add(Breach("the card is missing", CARD))
    asked = folder.manifest.recipe
    if folder.manifest.table.sha256 != schema_digest(folder.schema):
        found.add(Breach("the schema is not the one of the manifest", SCHEMA))
    if asked and folder.profile and asked.profile.sha256 != folder.profile.digest():
        found.add(Breach("the profile is not the one of the manifest", PROFILE))
    if asked and asked.rows != folder.manifest.rows:
        found.add(Breach("the shards do not hold the rows that were asked for", MANIFEST))
    known = {shard.path for shard in folder.manifest.shards}
    for file in sorted((folder.path / "data").glob("*")):
        if f"data/{file.name}" not in known:
            found.add(Breach("the file is not in the manifest", f"data/{file.name}"))


def _check_shard(
    folder: Folder,
    shard: ShardEntry,
    first: int,
    held: list[Rule],
    truth: TruthCheck | None,
    found: _Findings,
    codes: list[tuple[Numbers, pa.Array]],
) -> Iterator[int]:
    """Check one shard; yields the number of rows done so far."""
    path = folder.path / shard.path
    if not path.is_file():
        found.add(Breach("the shard is missing", shard.path))
        return
    if path.stat().st_size != shard.bytes or sha256(path) != shard.sha256:
        found.add(Breach("the bytes are not those of the manifest (checksum)", shard.path))
    try:
        with pq.ParquetFile(path) as file:
            if not _columns_fit(folder, file.schema_arrow, shard, found):
                return
            row = first
            for batch in file.iter_batches(batch_size=_BATCH if not folder.has_pictures else 256):
                table = pa.Table.from_batches([batch])
                here = np.arange(row, row + len(table))
                _check_rows(folder, table, shard.path, here, held, truth, found, codes)
                row += len(table)
                yield row
            if row - first != shard.rows:
                found.add(Breach(f"there are {row - first:,} rows, not {shard.rows:,}", shard.path))
    except (OSError, pa.ArrowException) as error:
        found.add(Breach(f"the shard cannot be read ({str(error).splitlines()[0][:120]})", shard.path))


def _columns_fit(folder: Folder, there: pa.Schema, shard: ShardEntry, found: _Findings) -> bool:
    expected = arrow_schema(folder.schema, folder.has_pictures, folder.ground_truth)
    for at, field in enumerate(expected):
        name = there.names[at] if at < len(there.names) else "nothing"
        if name != field.name or there.field(at).type != field.type:
            is_type = f" of type {there.field(at).type}" if name == field.name else ""
            rule = f"column {at + 1} is {name}{is_type}, not {field.name} of type {field.type}"
            found.add(Breach(rule, shard.path, column=field.name))
            return False
    if len(there.names) > len(expected.names):
        found.add(Breach(f"the column {there.names[len(expected.names)]} is not in the schema", shard.path))
        return False
    if (there.metadata or {}).get(b"huggingface") != expected.metadata[b"huggingface"]:
        found.add(Breach("the features in the metadata are not those of the schema", shard.path))
    return True


def _check_rows(
    folder: Folder,
    table: pa.Table,
    file: str,
    rows: Numbers,
    held: list[Rule],
    truth: TruthCheck | None,
    found: _Findings,
    codes: list[tuple[Numbers, pa.Array]],
) -> None:
    schema = folder.schema
    sound = np.ones(len(table), dtype=bool)
    for name in table.column_names:
        if table[name].null_count:
            broken = pc.is_null(table[name]).to_numpy(zero_copy_only=False)
            found.add_rows("is null", file, name, broken, rows, table[name])
            sound &= ~broken
    if not sound.all():
        table, rows = table.filter(numbers(sound)), rows[sound]
    for rule in held:
        found.add_rows(rule.text, file, rule.column, rule.broken(table), rows, table[rule.column])
    code = schema.one(Code)
    if code is not None:
        codes.append((rows, table[code.name].combine_chunks()))
    image = schema.one(Image)
    if image is not None and folder.has_pictures:
        names = pc.struct_field(table[image.name], "path")
        found.add_rows(
            "is called by the code", file, image.name, misnamed_pictures(table, schema), rows, names
        )
        _check_pictures(folder, table[image.name], file, rows, image.name, found)
    for fault in truth.faults(table, rows) if truth else ():
        found.add(Breach(fault.rule, file, int(rows[fault.at]), fault.column, fault.value[:200]))


def _check_pictures(
    folder: Folder, pictures: pa.ChunkedArray, file: str, rows: Numbers, name: str, found: _Findings
) -> None:
    """Every picture opens as what it is called, has the size that was asked for, and holds its whole data."""
    size = folder.manifest.image_size
    names = pc.struct_field(pictures, "path")
    for row, name_, content in zip(rows, names, pc.struct_field(pictures, "bytes"), strict=True):
        suffix = "jpg" if size else str(name_.as_py()).rpartition(".")[2]
        wrong = _wrong_with(content.as_py(), size, suffix)
        if wrong:
            found.add(Breach(f"the picture {wrong}", file, int(row), name, "..."))


_FORMATS = dict(zip(PICTURE_SUFFIXES, ("JPEG", "PNG", "WEBP"), strict=True))


def _wrong_with(content: bytes | None, size: Size | None, suffix: str) -> str:
    """What is wrong with a picture: its size in pixels, its kind, its end."""
    if not content:
        return "is empty"
    kind = _FORMATS.get(suffix, "JPEG")
    try:
        with Pictures.open(io.BytesIO(content), formats=[kind]) as picture:
            if size and picture.size != size:
                return f"is {picture.width}x{picture.height}, not {size[0]}x{size[1]}"
    except (OSError, ValueError, SyntaxError, Pictures.DecompressionBombError):
        return f"is not a {kind}"
    whole = {
        "JPEG": b"\xff\xd9" in content[-_AFTER_THE_END:],  # cameras write padding behind it
        "PNG": b"IEND" in content[-_AFTER_THE_END:],
        "WEBP": len(content) >= 8 + int.from_bytes(content[4:8], "little"),
    }
    if size:
        whole["JPEG"] = content.endswith(b"\xff\xd9")
    return "" if whole[kind] else "is cut off"


def _check_unique(folder: Folder, codes: list[tuple[Numbers, pa.Array]], found: _Findings) -> None:
    code = folder.schema.one(Code)
    if code is None or not codes:
        return
    rows = np.concatenate([here for here, _ in codes])
    every = pa.chunked_array([texts for _, texts in codes]).combine_chunks()
    indices = pc.sort_indices(every)
    in_order, order = every.take(indices), indices.to_numpy()
    same = pc.equal(in_order[1:], in_order[:-1]).to_numpy(zero_copy_only=False)
    broken = np.zeros(len(every), dtype=bool)
    broken[order[1:][same]] = True
    found.add_rows("appears in an earlier row too", "data", code.name, broken, rows, every)
