"""``diff``: which rows of two datasets differ, and how their shares, prices and titles differ.

Rows are matched by their code, where both datasets have a code column of that name with unique codes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datagen.dataset.folder import Folder
from datagen.inspection.describe import Titles, title_statistics
from datagen.inspection.summaries import Numbers, numbers, read_column
from datagen.schemas.schema import Category, Code, Column, ConvertedPrice, Image, Price, Title


@dataclass(frozen=True)
class Change:
    """A cell that differs: the code of its row, and its two values as text."""

    code: str
    a: str
    b: str


@dataclass(frozen=True)
class ChangedColumn:
    """A column that differs in ``rows`` of the rows that both have; ``examples``: the first of them."""

    rows: int
    examples: list[Change]


@dataclass(frozen=True)
class Rows:
    """Rows matched by the column ``by``. ``changed``: by column, those with a difference."""

    by: str
    both: int
    only_a: int
    only_b: int
    first_only_a: list[str]
    first_only_b: list[str]
    changed: dict[str, ChangedColumn]


@dataclass(frozen=True)
class Shares:
    """A category column. ``distance``: the share of rows that would have to change their value for both to
    have the same shares (total variation distance, 0 to 1). ``largest``: value -> its two shares, those that
    differ most first.
    """

    distance: float
    largest: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Difference:
    """Two datasets A and B. Pairs are (A, B). ``unmatched``: why rows were not matched, if they were not.

    ``new_titles``: share of the distinct titles of B that A does not have, by title column.
    """

    a: str
    b: str
    row_counts: tuple[int, int]
    columns_only_a: list[str]
    columns_only_b: list[str]
    types: dict[str, tuple[str, str]]
    rows: Rows | None
    unmatched: str
    shares: dict[str, Shares] = field(default_factory=dict)
    prices: dict[str, tuple[Numbers, Numbers]] = field(default_factory=dict)
    titles: dict[str, tuple[Titles, Titles]] = field(default_factory=dict)
    new_titles: dict[str, float] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether both hold the same rows with the same values, in whatever order."""
        rows = self.rows
        return (
            not (self.columns_only_a or self.columns_only_b or self.types)
            and rows is not None
            and not (rows.only_a or rows.only_b or rows.changed)
        )

    def as_json(self) -> dict[str, Any]:
        """Everything as plain values, ``same`` included."""
        return {**asdict(self), "same": self.same}


MOST_EXAMPLES = 3


def diff(a: Folder, b: Folder) -> Difference:
    """Compare two datasets. Raises InputError where a shard cannot be read."""
    ours, theirs = ({column.name: column for column in _columns(each)} for each in (a, b))
    common = [name for name in ours if name in theirs]
    types: dict[str, tuple[str, str]] = {
        name: (ours[name].dtype, theirs[name].dtype)
        for name in common
        if ours[name].dtype != theirs[name].dtype
    }
    comparable = [name for name in common if name not in types]
    rows, unmatched = _match(a, b, ours, comparable)
    difference = Difference(
        a=str(a.path),
        b=str(b.path),
        row_counts=(a.manifest.rows, b.manifest.rows),
        columns_only_a=[name for name in ours if name not in theirs],
        columns_only_b=[name for name in theirs if name not in ours],
        types=types,
        rows=rows,
        unmatched=unmatched,
    )
    for name in comparable:
        column = ours[name]
        if not isinstance(column, Category | Price | ConvertedPrice | Title):
            continue
        cells_a, cells_b = read_column(a, name), read_column(b, name)
        if isinstance(column, Category):
            difference.shares[name] = _shares(cells_a, cells_b)
        elif isinstance(column, Title):
            difference.titles[name] = title_statistics(cells_a), title_statistics(cells_b)
            new = pc.unique(cells_b.drop_null())
            known = pc.is_in(new, value_set=pc.unique(cells_a.drop_null()))
            difference.new_titles[name] = 1 - (pc.mean(known.cast(pa.float64())).as_py() or 0.0)
        else:
            difference.prices[name] = numbers(cells_a), numbers(cells_b)
    return difference


def _columns(folder: Folder) -> list[Column]:
    return [
        column for column in folder.schema.columns if folder.has_pictures or not isinstance(column, Image)
    ]


def _match(a: Folder, b: Folder, columns: dict[str, Column], names: list[str]) -> tuple[Rows | None, str]:
    """The rows matched by code, or why they cannot be matched."""
    by = next((name for name in names if isinstance(columns[name], Code)), None)
    if by is None:
        return None, "they have no code column in common"
    codes_a, codes_b = read_column(a, by), read_column(b, by)
    for codes, folder in ((codes_a, a), (codes_b, b)):
        if codes.null_count or pc.count_distinct(codes).as_py() != len(codes):
            return None, f"{folder.path} has a code twice or none in {by}"
    at_b = pc.index_in(codes_a, value_set=codes_b)
    in_both = pc.is_valid(at_b)
    take_a = pa.array(range(len(codes_a))).filter(pa.chunked_array(in_both).combine_chunks())
    take_b = pa.chunked_array(at_b).combine_chunks().drop_null()
    matched = codes_a.take(take_a)
    only_a = codes_a.filter(pc.invert(in_both))
    only_b = codes_b.filter(pc.invert(pc.is_in(codes_b, value_set=codes_a)))
    changed = {}
    for name in names:
        if name == by:
            continue
        cells_a, cells_b = _cells(a, columns[name]).take(take_a), _cells(b, columns[name]).take(take_b)
        differs = pc.invert(_equal(cells_a, cells_b))
        count = pc.sum(differs.cast(pa.int64())).as_py() or 0
        if count:
            places = pc.indices_nonzero(differs)[:MOST_EXAMPLES].to_pylist()
            examples = [
                Change(str(matched[at].as_py()), _as_text(cells_a[at]), _as_text(cells_b[at]))
                for at in places
            ]
            changed[name] = ChangedColumn(count, examples)
    first = [[str(code) for code in only[:MOST_EXAMPLES].to_pylist()] for only in (only_a, only_b)]
    return Rows(by, len(take_a), len(only_a), len(only_b), first[0], first[1], changed), ""


def _cells(folder: Folder, column: Column) -> pa.ChunkedArray:
    """A column; a picture is represented by the SHA-256 of its bytes."""
    cells = read_column(folder, column.name)
    if not isinstance(column, Image):
        return cells
    return pa.chunked_array(
        [
            pa.array(
                [
                    hashlib.sha256(content).hexdigest() if content is not None else None
                    for content in (value.as_buffer() for value in chunk.field("bytes"))
                ],
                pa.string(),
            )
            for chunk in cells.chunks
        ],
        pa.string(),
    )


def _as_text(cell: pa.Scalar) -> str:
    """A cell for a person; the digest of a picture by its first digits."""
    text = str(cell.as_py())
    return f"sha256 {text[:12]}" if re.fullmatch("[0-9a-f]{64}", text) else text


def _equal(a: pa.ChunkedArray, b: pa.ChunkedArray) -> pa.ChunkedArray:
    """Where two columns agree: the same value, or null in both."""
    return pc.or_(pc.fill_null(pc.equal(a, b), False), pc.and_(pc.is_null(a), pc.is_null(b)))


def _shares(a: pa.ChunkedArray, b: pa.ChunkedArray) -> Shares:
    of_a, of_b = (
        {
            value: count / max(1, len(cells))
            for value, count in zip(
                *(cells.value_counts().field(part).to_pylist() for part in ("values", "counts")), strict=True
            )
        }
        for cells in (a, b)
    )
    pairs = {str(value): (of_a.get(value, 0.0), of_b.get(value, 0.0)) for value in {**of_a, **of_b}}
    in_order = sorted(pairs.items(), key=lambda item: (-abs(item[1][0] - item[1][1]), item[0]))
    return Shares(sum(abs(x - y) for x, y in pairs.values()) / 2, dict(in_order))
