"""Checking a dataset folder against its manifest, schema and profile: checksums, columns, every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.arrow import numbers
from datagen.columns.image import misnamed_pictures
from datagen.columns.rows import check
from datagen.columns.rule import Broken, Rule
from datagen.columns.rules import nullable, rules
from datagen.dataset.folder import Folder, open_folder
from datagen.dataset.selection_check import SelectionCheck
from datagen.dataset.shard_reader import UnreadableShard, read_shard
from datagen.dataset.shards import arrow_schema, is_intact
from datagen.product.splits import TitleSplits
from datagen.schemas.folder import (
    CARD,
    MANIFEST,
    MAPS,
    PREVIEW,
    PROFILE,
    REPORT,
    REPORT_NUMBERS,
    SCHEMA,
    ShardEntry,
    Size,
    irregular_files,
)
from datagen.schemas.picture_file import read_header
from datagen.schemas.progress import RowProgress
from datagen.schemas.schema import Code, Image, Title, schema_digest
from datagen.schemas.text import count

if TYPE_CHECKING:
    from datagen.dataset.truth_check import TruthCheck

SHOWN = 20
"""How many breaches of one rule are listed; the others are only counted."""

_BATCH = 4096

Numbers = NDArray[np.int64]
"""Row numbers, one for each row of a table."""


@dataclass(frozen=True)
class Breach:
    """A rule that is broken in one place. ``row`` counts from 0 over the whole dataset; -1: no row."""

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
    """The result of a check: the rows it read, the breaches counted by rule, and the first of each rule."""

    rows: int
    shards: int
    counts: dict[str, int]
    breaches: list[Breach]

    @property
    def whole(self) -> bool:
        """Whether no rule is broken."""
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


def verify_folder(path: str | Path, progress: RowProgress | None = None) -> Verdict:
    """Check the dataset in a folder, all of it, in constant memory, except for the codes.

    Raises InputError where there is no finished dataset, or its schema and profile contradict each other.
    """
    folder = open_folder(path)
    if folder.profile is not None:
        check(folder.schema, folder.profile)
    return _Check(folder).verdict(progress or (lambda rows: None))


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


class _Check:
    """Checks one folder."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._selection = SelectionCheck(folder.manifest.recipe, folder.schema, folder.profile)
        self._rules = rules(folder.schema, folder.profile) + self._selection.rules
        self._nullable = nullable(folder.schema, folder.profile) | {*folder.ground_truth} & {*MAPS}
        self._split_rules = _split_rules(folder)
        self._truth = _truth_check(folder) if folder.ground_truth else None
        self._findings = _Findings()
        self._codes: list[tuple[Numbers, pa.Array]] = []

    def verdict(self, progress: RowProgress) -> Verdict:
        """Check everything."""
        progress(0)
        self._check_files()
        self._irregular = self._check_links()
        first = 0
        for shard in self._folder.manifest.shards:
            for rows in self._check_shard(shard, first):
                progress(rows)
            first += shard.rows
        self._check_unique()
        for column, rule in self._selection.faults():
            self._findings.add(Breach(rule, "data", column=column))
        shards = len(self._folder.manifest.shards)
        return Verdict(first, shards, dict(self._findings.counts), self._findings.breaches)

    def _check_files(self) -> None:
        folder, add = self._folder, self._findings.add
        if not (folder.path / CARD).is_file():
            add(Breach("the card is missing", CARD))
        recipe = folder.manifest.recipe
        if folder.manifest.table.sha256 != schema_digest(folder.schema):
            add(Breach("the schema does not match the manifest", SCHEMA))
        if recipe and folder.profile and recipe.profile.sha256 != folder.profile.digest():
            add(Breach("the profile does not match the manifest", PROFILE))
        if recipe and recipe.rows != folder.manifest.rows:
            add(Breach("the shards do not hold the number of rows in the recipe", MANIFEST))
        known = {shard.path for shard in folder.manifest.shards}
        for file in sorted((folder.path / "data").glob("*")):
            if f"data/{file.name}" not in known:
                add(Breach("the file is not in the manifest", f"data/{file.name}"))

    def _check_links(self) -> set[str]:
        """The files of the folder that are links, devices or pipes."""
        irregular = irregular_files(
            self._folder.path, {*self._folder.manifest.files, PREVIEW, REPORT, REPORT_NUMBERS}
        )
        for name in sorted(irregular):
            self._findings.add(Breach("the file is a link, a device or a pipe", name))
        return set(irregular)

    def _check_shard(self, shard: ShardEntry, first: int) -> Iterator[int]:
        """Check one shard, whose first row is ``first``; yields the number of rows done so far."""
        path, add = self._folder.path / shard.path, self._findings.add
        if shard.path in self._irregular:
            return
        if not path.is_file():
            add(Breach("the shard is missing", shard.path))
            return
        if not is_intact(path, shard):
            add(Breach("the checksum does not match the manifest", shard.path))
        try:
            with read_shard(path) as file:
                if not self._columns_fit(file.schema, shard):
                    return
                row = first
                for table in file.tables(256 if self._folder.has_pictures else _BATCH):
                    self._check_rows(table, shard, np.arange(row, row + len(table)))
                    row += len(table)
                    yield row
                if row - first != shard.rows:
                    add(Breach(f"the shard has {count(row - first, 'row')}, not {shard.rows:,}", shard.path))
        except UnreadableShard as error:
            add(Breach(f"the shard cannot be read ({error.reason})", shard.path))

    def _columns_fit(self, actual: pa.Schema, shard: ShardEntry) -> bool:
        folder, add = self._folder, self._findings.add
        expected = arrow_schema(folder.schema, folder.has_pictures, folder.ground_truth)
        for at, field in enumerate(expected):
            name = actual.names[at] if at < len(actual.names) else "nothing"
            if name != field.name or actual.field(at).type != field.type:
                is_type = f" of type {actual.field(at).type}" if name == field.name else ""
                rule = f"column {at + 1} is {name}{is_type}, not {field.name} of type {field.type}"
                add(Breach(rule, shard.path, column=field.name))
                return False
        if len(actual.names) > len(expected.names):
            extra = actual.names[len(expected.names)]
            add(Breach(f"the column {extra} is not in the schema", shard.path))
            return False
        if (actual.metadata or {}).get(b"huggingface") != expected.metadata[b"huggingface"]:
            add(Breach("the features in the metadata do not match the schema", shard.path))
        return True

    def _check_rows(self, table: pa.Table, shard: ShardEntry, rows: Numbers) -> None:
        schema, findings, file = self._folder.schema, self._findings, shard.path
        complete = np.ones(len(table), dtype=bool)
        for name in table.column_names:
            if table[name].null_count and name not in self._nullable:
                broken = pc.is_null(table[name]).to_numpy(zero_copy_only=False)
                findings.add_rows("is null", file, name, broken, rows, table[name])
                complete &= ~broken
        if not complete.all():
            table, rows = table.filter(numbers(complete)), rows[complete]
        for rule in [*self._rules, *self._split_rules.get(shard.split or "", [])]:
            findings.add_rows(rule.text, file, rule.column, rule.broken(table), rows, table[rule.column])
        self._selection.count(table)
        code = schema.one(Code)
        if code is not None:
            self._codes.append((rows, table[code.name].combine_chunks()))
        image = schema.one(Image)
        if image is not None and self._folder.has_pictures:
            names = pc.struct_field(table[image.name], "path")
            broken = misnamed_pictures(table, schema)
            findings.add_rows("is named by the code", file, image.name, broken, rows, names)
            self._check_pictures(table[image.name], file, rows, image.name)
        for fault in self._truth.faults(table, rows, shard.split) if self._truth else ():
            findings.add(Breach(fault.rule, file, int(rows[fault.at]), fault.column, fault.value[:200]))

    def _check_pictures(self, pictures: pa.ChunkedArray, file: str, rows: Numbers, column: str) -> None:
        """Every picture has the format of its name and the size in the recipe, and is not cut off."""
        size = self._folder.manifest.image_size
        names = pc.struct_field(pictures, "path")
        for row, name, content in zip(rows, names, pc.struct_field(pictures, "bytes"), strict=True):
            suffix = "jpg" if size else str(name.as_py()).rpartition(".")[2]
            wrong = wrong_with_picture(content.as_py(), size, suffix)
            if wrong:
                self._findings.add(Breach(f"the picture {wrong}", file, int(row), column, "..."))

    def _check_unique(self) -> None:
        code = self._folder.schema.one(Code)
        if code is None or not self._codes:
            return
        rows = np.concatenate([here for here, _ in self._codes])
        every = pa.chunked_array([texts for _, texts in self._codes]).combine_chunks()
        indices = pc.sort_indices(every)
        in_order, order = every.take(indices), indices.to_numpy()
        same = pc.equal(in_order[1:], in_order[:-1]).to_numpy(zero_copy_only=False)
        broken = np.zeros(len(every), dtype=bool)
        broken[order[1:][same]] = True
        self._findings.add_rows("appears in an earlier row too", "data", code.name, broken, rows, every)


def _split_rules(folder: Folder) -> dict[str, list[Rule]]:
    """For each split the rule that its titles are in no other."""
    recipe, title = folder.manifest.recipe, folder.schema.one(Title)
    if recipe is None or not recipe.splits or folder.profile is None or title is None:
        return {}
    splits = TitleSplits(folder.profile, recipe.splits)

    def rule(split: str) -> Rule:
        def broken(table: pa.Table) -> Broken:
            numbers_of_splits = splits.of(table[title.name].combine_chunks())
            is_other: Broken = numbers_of_splits != splits.names.index(split)
            return is_other

        return Rule("is a title of its split and of no other", title.name, broken)

    return {split: [rule(split)] for split in splits.names}


def _truth_check(folder: Folder) -> TruthCheck:
    from datagen.dataset.truth_check import TruthCheck  # imports the renderer, which few datasets need

    return TruthCheck(folder)


_FORMATS: dict[str, str] = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def wrong_with_picture(content: bytes | None, size: Size | None, suffix: str) -> str:
    """What is wrong with a picture, in a few words: its format, its size in pixels, its end.

    ``size``: that of a made dataset, whose pictures have nothing behind their end.
    """
    if not content:
        return "is empty"
    header = read_header(content)
    if header is None or header.kind != suffix:
        return f"is not a {_FORMATS.get(suffix, 'picture')}"
    if size and (header.width, header.height) != size:
        return f"is {header.width}x{header.height}, not {size[0]}x{size[1]}"
    return "is cut off" if header.end is None or (size and header.end != len(content)) else ""
