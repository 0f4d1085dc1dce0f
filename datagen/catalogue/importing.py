"""A source, whatever it is, into a dataset folder: read and sort, have the pictures, write.

Killed at any moment and started again, it goes on: what was downloaded is kept in OUT.partial, the rest
is computed again, and the finished folder is the same, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.arrow import numbers, texts
from datagen.catalogue import unfinished
from datagen.catalogue.binding import write_shards
from datagen.catalogue.fitting import Facts, fitted, narrowed
from datagen.catalogue.matching import Match, match
from datagen.catalogue.pictures import Album, picture_column
from datagen.catalogue.rejected import Rejections, in_order, reasons
from datagen.catalogue.sorting import Sorter
from datagen.catalogue.unfinished import CODES, EARLY, LATE, PICTURES, RECEIVED, STAGED
from datagen.catalogue.uniqueness import Codes
from datagen.dataset.card import card_of
from datagen.dataset.collection import DEFAULT_CONFIG, DEFAULT_SPLIT, Part
from datagen.dataset.folder import Folder
from datagen.dataset.preview import write_preview
from datagen.dataset.unfinished import locked, versions
from datagen.photos.fetch import Limits, fetch
from datagen.photos.store import PhotoStore
from datagen.readers import Batch, Source, open_source
from datagen.schemas import DEFAULT_SCHEMA, InputError, Schema, load_schema
from datagen.schemas.files import write_file
from datagen.schemas.folder import (
    CARD,
    MANIFEST,
    MOST_ROWS,
    PREVIEW,
    REJECTED,
    SCHEMA,
    Manifest,
    NamedDigest,
    Origin,
    partial,
)
from datagen.schemas.schema import Image, schema_digest
from datagen.schemas.yaml_file import to_yaml

Tell = Callable[[str, int, int | None], None]
"""Called with what is done (such as "Reading"), how much of it, and of how much where that is known."""

_HEADER_ROW = -1
"""The number of the row that a source without a header had taken for one."""

_PREVIEW_COUNT, _PREVIEW_AMONG = 32, 256


@dataclass(frozen=True)
class ImportRequest:
    """What is asked of a source: whose columns they are to be, and what to take.

    ``named``: our column -> the source's, where names do not tell; ``given``: our column -> a value for
    every row; ``most_rows``: read no more than these; ``cache``: keeps pictures for later pulls.
    """

    schema: str | Path = DEFAULT_SCHEMA
    named: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    pictures: bool = True
    most_rows: int | None = None
    revision: str | None = None
    config: str | None = None
    split: str | None = None
    limits: Limits = field(default_factory=Limits)
    cache: Path | None = None


@dataclass(frozen=True)
class ImportResult:
    """What was taken in, and what became of the rest."""

    path: Path
    source: str
    rows_read: int
    rows: int
    rejected: int
    reasons: dict[str, int]
    columns: dict[str, str]
    left_out: tuple[str, ...]
    unused: tuple[str, ...]
    relaxed: dict[str, str]
    filled: dict[str, int]
    pictures: str
    bytes: int
    header_lost: bool

    def as_json(self) -> dict[str, Any]:
        """The summary as plain values."""
        return {**self.__dict__, "path": str(self.path)}


def import_catalogue(
    source: str, out: Path, wish: ImportRequest, *, overwrite: bool = False, tell: Tell | None = None
) -> ImportResult:
    """Take the rows and pictures of ``source`` into the folder ``out``.

    ``source``: a dataset of the Hub, a file, or a folder. Raises InputError, RunFailed or OSError; what was
    downloaded until then is kept for the next try.
    """
    tell = tell or (lambda what, done, total: None)
    schema = load_schema(wish.schema)
    if wish.most_rows is not None and wish.most_rows < 1:
        raise InputError(f"{wish.most_rows} rows cannot be read; give 1 or more.")
    unfinished.refuse_what_is_there(out, overwrite)
    work, asked = partial(out), _asked(source, schema, wish)
    unfinished.prepare(work)
    with locked(work), unfinished.nothing_left_of_a_refusal(work):
        if not unfinished.is_whole(work, asked):
            unfinished.begin(work, asked)
            opened = open_source(
                source,
                work=work / RECEIVED,
                revision=wish.revision,
                config=wish.config,
                split=wish.split,
                progress=lambda done, total: tell("Receiving", done, total),
            )
            found = match(schema, opened.columns, named=wish.named, given=wish.given)
            _Intake(schema, opened, found, wish, work, tell).fill_folder()
            unfinished.begin(work, asked, whole=True)
        return _summary(schema, out, unfinished.finish(work, out))


def _asked(source: str, schema: Schema, wish: ImportRequest) -> dict[str, Any]:
    """What decides the rows and pictures, as JSON holds it."""
    return {
        "source": str(Path(source).resolve()) if Path(source).exists() else source,
        "schema": schema_digest(schema),
        "named": dict(wish.named),
        "given": dict(wish.given),
        "pictures": wish.pictures,
        "most_rows": wish.most_rows,
        "revision": wish.revision,
        "config": wish.config,
        "split": wish.split,
    }


def _summary(asked: Schema, out: Path, manifest: Manifest) -> ImportResult:
    origin = manifest.origin
    if origin is None:
        raise InputError(f"{out / MANIFEST} is not of a catalogue that was taken in.")
    there = {*origin.columns, *origin.given}
    return ImportResult(
        path=out,
        source=origin.source,
        rows_read=origin.rows_read,
        rows=manifest.rows,
        rejected=origin.rejected,
        reasons=origin.reasons,
        columns=origin.columns,
        left_out=tuple(c.name for c in asked.columns if c.name not in there and not isinstance(c, Image)),
        unused=origin.unused,
        relaxed=origin.relaxed,
        filled=origin.filled,
        pictures=origin.pictures,
        bytes=sum(shard.bytes for shard in manifest.shards),
        header_lost=origin.header_lost,
    )


class _Intake:
    """One pass of a source into the folder ``work``."""

    def __init__(
        self, schema: Schema, source: Source, found: Match, wish: ImportRequest, work: Path, tell: Tell
    ) -> None:
        self._asked = schema
        self._source = source
        self._match = found
        self._wish = wish
        self._work = work
        self._tell = tell
        self._column = picture_column(schema, found) if wish.pictures else None
        there = {column.name for column in found.columns(schema)}
        self._schema = narrowed(schema, there, pictures=self._column is not None)
        self._facts = Facts(self._schema)
        self._read = 0

    def fill_folder(self) -> None:
        """Everything, until the folder is whole but for its name."""
        (self._work / "data").mkdir(exist_ok=True)
        store = PhotoStore(self._wish.cache or self._work / PICTURES, forget_failures=bool(self._wish.cache))
        try:
            album = self._album(store)
            filled, early = self._stage(album)
            if not self._facts.rows:
                raise InputError(_nothing_left(self._source.name, early))
            if album is not None:
                self._fetch(store)
            schema, relaxed = fitted(self._schema, self._facts)
            with Rejections(self._work / LATE) as late:
                shards = write_shards(
                    self._work, self._work / STAGED, schema, album, late, self._facts.rows, self._tell
                )
        finally:
            store.close()
        if not shards:
            raise InputError(_nothing_left(self._source.name, early + late.counts))
        counts = early + late.counts
        self._merge_rejections(counts.total())
        origin = Origin(
            schema=NamedDigest(name=schema.name, sha256=schema_digest(schema)),
            source=self._source.name,
            commit=self._source.commit,
            config=self._source.config,
            split=self._source.split,
            columns=self._match.theirs,
            given=self._match.given,
            unused=tuple(name for name in self._match.unused if name != self._column),
            filled=filled,
            header_lost=self._match.lost_row is not None,
            pictures=album.whence if album is not None else "none",
            relaxed=relaxed,
            rows_read=self._read,
            rejected=counts.total(),
            reasons=reasons(counts),
        )
        manifest = Manifest(versions=versions(), origin=origin, shards=tuple(shards))
        self._finish(Folder(self._work, manifest, schema, None))

    def _album(self, store: PhotoStore) -> Album | None:
        if self._column is None:
            return None
        return Album(store, self._wish.limits, self._column, self._source.root, self._asked.missing)

    def _stage(self, album: Album | None) -> tuple[dict[str, int], Counter[str]]:
        """Read and sort everything; the rows that stand go to a file, codes as text, keys for pictures."""
        staged: pq.ParquetWriter | None = None
        with Codes(self._work / CODES) as codes, Rejections(self._work / EARLY) as early:
            sorter = Sorter(self._schema, self._match, codes, album.keys if album else None)
            try:
                for batch in self._batches():
                    self._read += len(batch.table) + len(batch.refused)
                    good = sorter.sort(batch)
                    early.add(good.rejections)
                    self._facts.add(good.table)
                    table = good.table.add_column(0, "", [numbers(good.rows)])
                    table = table.append_column("", [texts(good.pictures or [""] * len(table))])
                    staged = staged or pq.ParquetWriter(self._work / STAGED, table.schema)
                    if len(table):
                        staged.write_table(table)
                    self._tell("Reading", self._read, None)
            finally:
                if staged is not None:
                    staged.close()
        return sorter.filled, early.counts

    def _batches(self) -> Iterator[Batch]:
        left = self._wish.most_rows or MOST_ROWS
        if self._match.lost_row is not None:
            names = self._match.theirs
            cells = {names[ours]: texts([value]) for ours, value in self._match.lost_row.items()}
            yield Batch(np.array([_HEADER_ROW], dtype=np.int64), pa.table(cells), ())
            left -= 1
        image = self._asked.one(Image)
        unseen = self._match.theirs.get(image.name) if image and self._column is None else None
        for batch in self._source.batches([name for name in self._source.columns if name != unseen]):
            if left <= 0:
                return
            yield Batch(batch.rows[:left], batch.table.slice(0, left), batch.refused)
            left -= len(batch.table)

    def _fetch(self, store: PhotoStore) -> None:
        """Have every picture that has an address."""

        def addresses() -> Iterator[str]:
            with pq.ParquetFile(self._work / STAGED) as file:
                for batch in file.iter_batches():
                    for key in batch.column(batch.num_columns - 1).to_pylist():
                        if "://" in key:
                            yield key

        fetch(
            addresses(),
            store,
            self._wish.limits,
            progress=lambda done, _: self._tell("Fetching", done, self._facts.rows),
        )

    def _merge_rejections(self, count: int) -> None:
        early, late = self._work / EARLY, self._work / LATE
        if count:
            aside = self._work / (REJECTED + ".part")
            with Rejections(aside) as merged:
                merged.add(in_order(early, late))
            aside.replace(self._work / REJECTED)
        else:
            (self._work / REJECTED).unlink(missing_ok=True)

    def _finish(self, folder: Folder) -> None:
        """Everything beside the shards, and the scratch away."""
        write_file(self._work / SCHEMA, to_yaml(folder.schema))
        write_file(self._work / MANIFEST, folder.manifest.as_json())
        (self._work / PREVIEW).unlink(missing_ok=True)
        if folder.has_pictures:
            write_preview(self._work, self._work / PREVIEW, count=_PREVIEW_COUNT, among=_PREVIEW_AMONG)
        part = Part(DEFAULT_CONFIG, DEFAULT_SPLIT, "", folder)
        write_file(self._work / CARD, card_of(part, "path/to/this/folder").text())


def _nothing_left(source: str, counts: Counter[str]) -> str:
    if not counts:
        return f"{source} has no rows."
    most = ", ".join(f"{count:,} x {reason}" for reason, count in counts.most_common(3))
    return f"None of the {counts.total():,} rows of {source} can be used: {most}."
