"""Importing a source, whatever it is, into a dataset folder: read and sort rows, get the pictures, write.

An import that was killed at any moment resumes when run again: what was downloaded is kept in OUT.partial,
the rest is computed again, and the finished folder is the same, byte for byte.
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
from datagen.catalogue.binding import write_shards
from datagen.catalogue.fitting import Facts, fitted, narrowed
from datagen.catalogue.matching import Match, Renamed, match, pairs_of
from datagen.catalogue.pictures import Album, picture_column
from datagen.catalogue.rejected import Rejections, in_order, reasons
from datagen.catalogue.sorting import Sorter
from datagen.catalogue.uniqueness import Codes
from datagen.dataset.folder import Folder
from datagen.dataset.metadata import write_metadata
from datagen.dataset.writer import Job, refuse_existing, versions, writing
from datagen.photos.fetch import Limits, fetch
from datagen.photos.store import PhotoStore
from datagen.readers import Batch, Source, open_source
from datagen.schemas import DEFAULT_SCHEMA, InputError, Schema, load_schema
from datagen.schemas.files import whole_file
from datagen.schemas.folder import MOST_ROWS, REJECTED, Manifest, NamedDigest, Origin, read_manifest
from datagen.schemas.progress import StageProgress
from datagen.schemas.schema import Image, schema_digest

RECEIVED, PICTURES = "source", "pictures"
"""Folders of OUT.partial with what was downloaded: files of the Hub, and the store of pictures."""

STAGED, EARLY, LATE, CODES = "rows.parquet", "early.parquet", "late.parquet", "codes.sqlite"
"""Files of OUT.partial that every run computes again."""

_HEADER_ROW = -1
"""The number of the row that a source without a header had used as one."""


@dataclass(frozen=True)
class ImportRequest:
    """How to import a source: into which columns, and how much of it.

    ``renamed``: the source's column -> ours, where their names differ, as a mapping or as pairs; ``given``:
    our column -> a value for every row; ``most_rows``: the most rows to read; ``cache``: a folder that
    keeps pictures for later pulls.
    """

    schema: str | Path = DEFAULT_SCHEMA
    renamed: Renamed = ()
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
    """What was imported, rejected and left out. For the fields, see :class:`Origin`.

    ``left_out``: columns of the requested schema for which the source has nothing.
    """

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
    source: str,
    out: Path,
    request: ImportRequest,
    *,
    overwrite: bool = False,
    progress: StageProgress | None = None,
    note: Callable[[str], None] | None = None,
) -> ImportResult:
    """Import the rows and pictures of ``source`` into the folder ``out``.

    ``source``: a dataset of the Hub, a file, or a folder. ``note`` gets sentences for the user. Raises
    InputError, RunFailed or OSError; what was downloaded until then is kept for the next try.
    """
    progress = progress or (lambda stage, done, total: None)
    schema = load_schema(request.schema)
    if request.most_rows is not None and request.most_rows < 1:
        raise InputError(f"{request.most_rows} rows cannot be read; give 1 or more.")
    job = Job(
        {"pull": _record(source, schema, request)},
        exact=False,
        costly=(f"{RECEIVED}/*", f"{PICTURES}/??/*"),
    )
    refuse_existing(out, overwrite=overwrite)
    with writing(out, job, resume=True, overwrite=overwrite) as unfinished:
        work = unfinished.path
        if not unfinished.complete:
            opened = open_source(
                source,
                work=work / RECEIVED,
                revision=request.revision,
                config=request.config,
                split=request.split,
                progress=lambda done, total: progress("Receiving", done, total),
            )
            columns = match(schema, opened.columns, renamed=request.renamed, given=request.given)
            if columns.respelled and note is not None:
                note(f"--map is now written THEIRS=OURS: --map {columns.respelled}")
            _Import(schema, opened, columns, request, work, progress).fill_folder()
        manifest = read_manifest(work)
        unfinished.finish(manifest.files)
    return _result(schema, out, manifest)


def _record(source: str, schema: Schema, request: ImportRequest) -> dict[str, Any]:
    """What decides the rows and pictures, as JSON holds it."""
    return {
        "source": str(Path(source).resolve()) if Path(source).exists() else source,
        "schema": schema_digest(schema),
        "renamed": [list(pair) for pair in pairs_of(request.renamed)],
        "given": dict(request.given),
        "pictures": request.pictures,
        "most_rows": request.most_rows,
        "revision": request.revision,
        "config": request.config,
        "split": request.split,
    }


def _result(requested: Schema, out: Path, manifest: Manifest) -> ImportResult:
    origin = manifest.origin
    assert origin is not None  # noqa: S101 - an import writes one
    known = {*origin.columns, *origin.given}
    return ImportResult(
        path=out,
        source=origin.source,
        rows_read=origin.rows_read,
        rows=manifest.rows,
        rejected=origin.rejected,
        reasons=origin.reasons,
        columns=origin.columns,
        left_out=tuple(
            column.name
            for column in requested.columns
            if column.name not in known and not isinstance(column, Image)
        ),
        unused=origin.unused,
        relaxed=origin.relaxed,
        filled=origin.filled,
        pictures=origin.pictures,
        bytes=sum(shard.bytes for shard in manifest.shards),
        header_lost=origin.header_lost,
    )


class _Import:
    """One pass of a source into the folder ``work``."""

    def __init__(
        self,
        schema: Schema,
        source: Source,
        columns: Match,
        request: ImportRequest,
        work: Path,
        progress: StageProgress,
    ) -> None:
        self._requested = schema
        self._source = source
        self._match = columns
        self._request = request
        self._work = work
        self._progress = progress
        self._column = picture_column(schema, columns) if request.pictures else None
        names = {column.name for column in columns.columns(schema)}
        self._schema = narrowed(schema, names, pictures=self._column is not None)
        self._facts = Facts(self._schema)
        self._read = 0

    def fill_folder(self) -> None:
        """Write everything, up to, but not including, the rename of the folder."""
        (self._work / "data").mkdir(exist_ok=True)
        cache = self._request.cache
        store = PhotoStore(cache or self._work / PICTURES, forget_failures=bool(cache))
        try:
            album = self._album(store)
            filled, early = self._stage(album)
            if not self._facts.rows:
                raise InputError(_no_rows_error(self._source.name, early))
            if album is not None:
                self._fetch(store)
            schema, relaxed = fitted(self._schema, self._facts)
            with Rejections(self._work / LATE) as late:
                shards = write_shards(
                    self._work, self._work / STAGED, schema, album, late, self._facts.rows, self._progress
                )
        finally:
            store.close()
        counts = early + late.counts
        if not shards:
            raise InputError(_no_rows_error(self._source.name, counts))
        if counts:
            self._merge_rejections()
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
            pictures=album.origin if album is not None else "none",
            relaxed=relaxed,
            rows_read=self._read,
            rejected=counts.total(),
            reasons=reasons(counts),
        )
        manifest = Manifest(versions=versions(), origin=origin, shards=tuple(shards))
        write_metadata(Folder(self._work, manifest, schema, None))

    def _album(self, store: PhotoStore) -> Album | None:
        if self._column is None:
            return None
        return Album(store, self._request.limits, self._column, self._source.root, self._requested.missing)

    def _stage(self, album: Album | None) -> tuple[dict[str, int], Counter[str]]:
        """Read and sort everything; valid rows go to a file, codes as text, keys for pictures."""
        staged: pq.ParquetWriter | None = None
        with Codes(self._work / CODES) as codes, Rejections(self._work / EARLY) as early:
            sorter = Sorter(self._schema, self._match, codes, album.keys if album else None)
            try:
                for batch in self._batches():
                    self._read += len(batch.table) + len(batch.invalid)
                    good = sorter.sort(batch)
                    early.add(good.rejections)
                    self._facts.add(good.table)
                    table = good.table.add_column(0, "", [numbers(good.rows)])
                    table = table.append_column("", [texts(good.pictures or [""] * len(table))])
                    staged = staged or pq.ParquetWriter(self._work / STAGED, table.schema)
                    if len(table):
                        staged.write_table(table)
                    self._progress("Reading", self._read, None)
            finally:
                if staged is not None:
                    staged.close()
        return sorter.filled, early.counts

    def _batches(self) -> Iterator[Batch]:
        left = self._request.most_rows or MOST_ROWS
        if self._match.lost_row is not None:
            names = self._match.theirs
            cells = {names[ours]: texts([value]) for ours, value in self._match.lost_row.items()}
            yield Batch(np.array([_HEADER_ROW], dtype=np.int64), pa.table(cells), ())
            left -= 1
        image = self._requested.one(Image)
        unseen = self._match.theirs.get(image.name) if image and self._column is None else None
        for batch in self._source.batches([name for name in self._source.columns if name != unseen]):
            if left <= 0:
                return
            yield Batch(batch.rows[:left], batch.table.slice(0, left), batch.invalid)
            left -= len(batch.table)

    def _fetch(self, store: PhotoStore) -> None:
        """Fetch every picture that has an address."""

        def addresses() -> Iterator[str]:
            with pq.ParquetFile(self._work / STAGED) as file:
                for batch in file.iter_batches():
                    for key in batch.column(batch.num_columns - 1).to_pylist():
                        if "://" in key:
                            yield key

        fetch(
            addresses(),
            store,
            self._request.limits,
            progress=lambda done, _: self._progress("Fetching", done, self._facts.rows),
        )

    def _merge_rejections(self) -> None:
        with whole_file(self._work / REJECTED) as aside, Rejections(aside) as merged:
            merged.add(in_order(self._work / EARLY, self._work / LATE))


def _no_rows_error(source: str, counts: Counter[str]) -> str:
    if not counts:
        return f"{source} has no rows."
    most = ", ".join(f"{count:,} x {reason}" for reason, count in counts.most_common(3))
    return f"None of the {counts.total():,} rows of {source} can be used: {most}."
