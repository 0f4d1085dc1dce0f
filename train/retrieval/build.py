"""An index made from a dataset, and brought up to date with it.

A product is known by its code if the dataset has a schema with codes, and by its contents otherwise. Only
pictures that the index has not seen go through the tower. An update is one commit: rows that the dataset no
longer has are removed, changed ones replaced, and new ones added with numbers after all others.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from datagen.schemas import InputError
from datagen.schemas.progress import StageProgress
from datagen.train.chat.conversation import Fields
from datagen.train.data.pictures import check_picture
from datagen.train.data.sources import Source, fields_of
from datagen.train.retrieval.store import (
    LOCK,
    SMALL_COLUMNS,
    TABLE,
    About,
    Table,
    batch_of,
    create_table,
    held,
    mend,
    open_table,
    part_of,
    replace_by_part,
)
from datagen.train.retrieval.vectors import PictureVector

BATCH = 256
"""Rows whose pictures are in memory at once; a new index is kept every so many rows."""
COMPARING, SEEING = "Comparing rows", "Reading pictures"


@dataclass(frozen=True)
class Changes:
    """What was done to an index, in numbers of products.

    ``seen``: pictures that went through the tower. ``left_out``: rows without a readable picture or answer.
    """

    products: int
    added: int
    replaced: int
    removed: int
    kept: int
    seen: int
    left_out: int


@dataclass(frozen=True)
class _Product:
    """A row of a dataset; ``content`` and ``picture_digest`` are digests of all of it and of its picture."""

    number: int
    key: str
    title: str | None
    answer: Fields
    content: str
    picture_digest: str


@dataclass(frozen=True)
class _State:
    """What a table holds: key -> (row, content, digest of the picture)."""

    rows: dict[str, tuple[int, str, str]]

    @property
    def next_row(self) -> int:
        """The first row number that was never used."""
        return 1 + max((row for row, _, _ in self.rows.values()), default=-1)


def picture_digest(picture: bytes) -> str:
    """SHA-256 (hex) of an encoded picture."""
    return hashlib.sha256(picture).hexdigest()


def make_index(
    source: Source,
    path: Path,
    about: About,
    vector: Callable[[], PictureVector],
    *,
    overwrite: bool = False,
    progress: StageProgress = lambda stage, done, total: None,
) -> Changes:
    """A new index of a dataset; one that was killed is continued.

    ``vector``: called once for what makes vectors, if any are missing. Raises InputError for a dataset
    without a product, RunFailed for a full disk.
    """
    mend(path)
    if path.exists() and not overwrite:
        raise InputError(
            f"{path} already exists; bring it up to date with --update, or replace it with --overwrite."
        )
    if path.exists():
        _refuse_other_folder(path)
    products, left_out = _products(source, about, set(), progress)
    part = part_of(path)
    if part.exists():
        _refuse_other_folder(part)
    with held(part):
        table = _continued(part, about, products)
        known = _state(table).rows
        missing = [one for one in products if one.key not in known]
        for batch in _batches(about, source, missing, {}, vector, progress):
            table.append(batch)
        table.tidy(alone=True)
        replace_by_part(path)
    return Changes(len(products), len(products), 0, 0, 0, len(missing), left_out)


def update_index(
    source: Source,
    path: Path,
    vector: Callable[[], PictureVector],
    *,
    keep: bool = False,
    progress: StageProgress = lambda stage, done, total: None,
) -> Changes:
    """Make an index agree with a dataset, in one commit; ``keep``: without removing what that lacks.

    Raises InputError for a damaged index or a dataset without a product, RunFailed for a full disk.
    """
    open_table(path)
    with held(path):
        table = open_table(path)  # as it is now that nobody else changes it
        state = _state(table)
        seen = {digest for _, _, digest in state.rows.values()}
        products, left_out = _products(source, table.about, seen, progress)
        new, changed = [], []
        at = state.next_row
        for one in products:
            before = state.rows.get(one.key)
            if before is None:
                new.append(replace(one, number=at))
                at += 1
            elif before[1] != one.content:
                changed.append(replace(one, number=before[0]))
        there = {one.key for one in products}
        gone = [] if keep else [row for key, (row, _, _) in state.rows.items() if key not in there]
        sources = {one.key: one.number for one in products}
        same = [one.key for one in changed if state.rows[one.key][2] == one.picture_digest]
        vectors = table.vectors(same)
        if new or changed or gone:
            wanted = [*changed, *new]
            table.change(
                _batches(table.about, source, wanted, vectors, vector, progress, sources), sorted(gone)
            )
            table.tidy()
        looked = len(new) + len(changed) - len(vectors)
        kept = len(state.rows) - len(changed) - len(gone)
        return Changes(
            kept + len(changed) + len(new), len(new), len(changed), len(gone), kept, looked, left_out
        )


def _products(
    source: Source, about: About, known_pictures: set[str], progress: StageProgress
) -> tuple[list[_Product], int]:
    """The products of a dataset, and how many rows are none. Pictures already known are not decoded."""
    template, count = about.template, len(source)
    titles, codes = source.titles(), source.codes()
    answers = fields_of(source, np.arange(count), template)
    found: list[_Product] = []
    times: Counter[str] = Counter()
    for number in range(count):
        if number % BATCH == 0:
            progress(COMPARING, number, count)
        try:
            picture = source.row(number)[template.image]
        except InputError:
            continue
        digest = picture_digest(picture["bytes"]) if picture is not None else ""
        if not digest or template.is_empty(answers[number], source.missing):
            continue
        if digest not in known_pictures:
            try:
                check_picture(picture)
            except InputError:
                continue
        text = json.dumps([digest, titles[number], answers[number]], ensure_ascii=True)
        content = hashlib.sha256(text.encode()).hexdigest()
        key = codes[number] if codes is not None else content
        times[key] += 1
        if times[key] > 1:
            if codes is not None:
                raise InputError(
                    f"{source.name} has two rows with the code {key[:80]!r}; remove one of them."
                )
            key = f"{key}-{times[key]}"
        found.append(_Product(number, key, titles[number], answers[number], content, digest))
    progress(COMPARING, count, count)
    if not found:
        raise InputError(f"{source.name} has no row with a picture that can be read and an answer.")
    return found, count - len(found)


def _batches(
    about: About,
    source: Source,
    products: Sequence[_Product],
    vectors: dict[str, np.ndarray],
    vector: Callable[[], PictureVector],
    progress: StageProgress,
    sources: dict[str, int] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Rows for the table; ``vectors``: known ones by key. ``sources``: key -> row in the dataset."""
    make: PictureVector | None = None
    for start in range(0, len(products), BATCH):
        some = products[start : start + BATCH]
        pictures, made = [], []
        for at, one in enumerate(some):
            number = one.number if sources is None else sources[one.key]
            picture = source.row(number)[about.template.image]
            if one.key not in vectors:
                make = make or vector()
                try:
                    made.append(make(picture))
                except InputError as error:
                    raise InputError(f"The picture of row {number} of {source.name} {error}") from None
            else:
                made.append(vectors[one.key])
            pictures.append(picture["bytes"])
            progress(SEEING, start + at + 1, len(products))
        yield batch_of(
            about,
            [one.number for one in some],
            [one.key for one in some],
            [one.title for one in some],
            [one.answer for one in some],
            pictures,
            np.stack(made),
            [one.content for one in some],
            [one.picture_digest for one in some],
        )


def _state(table: Table) -> _State:
    columns = table.columns(SMALL_COLUMNS)
    row, key, content, digest = (columns.column(name).to_pylist() for name in SMALL_COLUMNS)
    return _State(dict(zip(key, zip(row, content, digest, strict=True), strict=True)))


def _continued(part: Path, about: About, products: Sequence[_Product]) -> Table:
    """The table of an index that is being made: the one that is there if it is a part of the same index."""
    try:
        table = open_table(part)
        wanted = {one.key: (one.number, one.content, one.picture_digest) for one in products}
        if table.about == about and all(wanted.get(key) == row for key, row in _state(table).rows.items()):
            return table
    except InputError:  # it is not there, or unusable
        pass
    shutil.rmtree(part / f"{TABLE}.lance", ignore_errors=True)
    return create_table(part, about)


def _refuse_other_folder(path: Path) -> None:
    """Raises InputError for a folder that is no index, which --overwrite does not replace."""
    others = [one.name for one in path.iterdir() if one.name not in (LOCK, f"{TABLE}.lance")]
    if path.is_symlink() or others:
        raise InputError(
            f"{path} is not an index ({', '.join(others)[:100] or 'a link'}); give another --out."
        )
