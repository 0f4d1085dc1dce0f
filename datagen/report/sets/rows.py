"""The sets that a report compares, in the form that all of its sections take them.

Reading gives a :class:`RowSet`; :func:`compare` narrows two or three of them to the columns that they have in
common and gives every row its title family, so that no section meets a column that one set lacks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datagen.arrow import COLUMN_TYPES, numbers
from datagen.columns.roles import role_of
from datagen.dataset.folder import Folder
from datagen.dataset.shard_reader import open_shard
from datagen.dataset.shards import arrow_schema
from datagen.schemas import InputError, Schema
from datagen.schemas.keyed import F64, I64, permutation, place, uniforms
from datagen.schemas.schema import Category, Code, Column, Image, Link, PictureLink, Title
from datagen.schemas.text import count
from datagen.schemas.title_families import title_family_keys

if TYPE_CHECKING:
    from datagen.product.profile import Profile

MOST_ROWS = 100_000
"""Of one set; larger ones are represented by as many rows, so that memory is bounded."""

FEWEST_FAMILIES = 20
"""With fewer title families, rows cannot be split by them; then equal rows are kept together."""

MOST_PRICE = 1e12
"""In any currency: what is not below, or not above zero, is no price but a fault."""

_BATCH = 4096


@dataclass(frozen=True)
class RowSet:
    """Rows as they were read: all columns of ``schema`` but pictures, in its order; missing cells are null.

    ``numbers``: which rows of the set they are, ascending. ``total``: how many rows it has. ``profile``: what
    the rows were made from, where that is known. ``left_out``: what was not read, a sentence each.
    """

    name: str
    schema: Schema
    table: pa.Table
    numbers: I64
    total: int
    profile: Profile | None = None
    left_out: tuple[str, ...] = ()


def read_folder(folder: Folder, seed: int, most: int = MOST_ROWS, name: str | None = None) -> RowSet:
    """The rows of a dataset folder, at most ``most``. Raises InputError where a shard cannot be read.

    ``name``: what the set is called, its path by default.
    """
    total = folder.manifest.rows
    wanted = sample(total, most, seed)
    columns = arrow_schema(folder.schema, folder.has_pictures, folder.ground_truth)
    names = [column.name for column in _plain(folder.schema)]
    tables: list[pa.Table] = []
    first = 0
    for path in folder.shard_paths():
        with open_shard(path, columns) as shard:
            for table in shard.tables(_BATCH, columns=names):
                inside = (wanted >= first) & (wanted < first + len(table))
                tables.append(table.take(numbers(wanted[inside] - first)))
                first += len(table)
    empty = pa.schema([columns.field(name) for name in names]).empty_table()
    table = pa.concat_tables(tables).replace_schema_metadata() if tables else empty
    name = name or str(folder.path)
    return read_table(table, folder.schema, name, folder.profile, wanted, total)


def read_table(
    table: pa.Table,
    schema: Schema,
    name: str,
    profile: Profile | None = None,
    row_numbers: I64 | None = None,
    total: int | None = None,
    seed: int = 0,
) -> RowSet:
    """Some rows as a set; at most :data:`MOST_ROWS` of them unless ``row_numbers`` says which they are.

    Columns that the table lacks or that hold other values than the schema says are left out, by name.
    """
    if row_numbers is None:
        total = len(table)
        row_numbers = sample(total, MOST_ROWS, seed)
        table = table.take(numbers(row_numbers))
    left_out: list[str] = []
    if (total or 0) > len(row_numbers):
        left_out.append(f"{name}: {len(row_numbers):,} of its {total:,} rows stand for all of them.")
    kept: dict[str, pa.ChunkedArray] = {}
    for column in _plain(schema):
        if column.name not in table.column_names:
            left_out.append(f"{name} has no column {column.name}.")
            continue
        try:
            kept[column.name] = table[column.name].cast(COLUMN_TYPES[column.dtype])
        except (pa.ArrowException, TypeError):
            kind = table[column.name].type
            what = "nested values" if pa.types.is_nested(kind) else f"values of type {kind}"
            left_out.append(f"{name}: the column {column.name} holds {what}, not {column.dtype}.")
    here = pa.table(kept)
    return RowSet(name, schema, here, row_numbers, total or len(table), profile, tuple(left_out))


def sample(total: int, most: int, seed: int) -> I64:
    """At most ``most`` of the row numbers 0 to ``total - 1``, ascending, one from each of equal stretches."""
    if total <= most:
        return np.arange(total, dtype=np.int64)
    bounds = np.arange(most + 1, dtype=np.int64) * total // most
    return bounds[:-1] + (uniforms(seed, "report sample", 0, most) * np.diff(bounds)).astype(np.int64)


@dataclass(frozen=True)
class Rows:
    """Rows of one set with the columns that all sets of a comparison have.

    ``family``: int64 (rows,), the title family of each row; the same number in all sets of a comparison.
    ``numbers``: which rows of the set they are.
    """

    schema: Schema
    table: pa.Table
    family: I64
    numbers: I64

    def __len__(self) -> int:
        return len(self.table)

    def take(self, rows: I64) -> Rows:
        """Some of the rows, in the order given, repeated where repeated."""
        return replace(
            self, table=self.table.take(numbers(rows)), family=self.family[rows], numbers=self.numbers[rows]
        )

    def texts(self, name: str) -> list[str]:
        """A column as texts; the empty text where it is missing."""
        values = self.table[name].cast(pa.string()).fill_null("")
        missing = self.schema.missing
        return ["" if value == missing else value for value in values.to_pylist()]

    def floats(self, name: str) -> F64:
        """A column of numbers, dates or truth values as float64; not a number where it is missing."""
        column = self.table[name]
        if pa.types.is_date32(column.type):
            column = column.cast(pa.int32())
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        values = column.cast(pa.float64()).to_numpy()
        return np.where(np.isfinite(values), values, np.nan)

    @cached_property
    def titles(self) -> list[str] | None:
        """The titles, empty where missing; None without a column of titles."""
        column = self.schema.one(Title)
        return None if column is None else self.texts(column.name)

    @cached_property
    def prices(self) -> F64 | None:
        """The full prices, or the paid ones if there is no column of full prices; None if there is neither.

        A value that cannot be a price is NaN.
        """
        column = self.schema.price("full") or self.schema.price("paid")
        if column is None:
            return None
        values = self.floats(column.name)
        return np.where((values > 0) & (values < MOST_PRICE), values, np.nan)

    @cached_property
    def log_prices(self) -> F64 | None:
        """The natural logarithm of the prices."""
        return None if self.prices is None else np.log(self.prices)

    @cached_property
    def categories(self) -> dict[str, list[str]]:
        """The values of each category column, the widest first."""
        return {column.name: self.texts(column.name) for column in self.schema.of(Category)}

    @cached_property
    def shelves(self) -> list[str] | None:
        """The whole path of categories of each row as one text; None without a category column."""
        levels = list(self.categories.values())
        return [" / ".join(filter(None, path)) for path in zip(*levels, strict=True)] if levels else None


@dataclass(frozen=True)
class Comparison:
    """What a report is about.

    ``real``: the rows that the synthetic ones are measured against: those held out, if there are any, else
    all real rows. ``halves``: two parts of the real rows that have no title family in common. With a holdout,
    they are the rows that the profile may have been fitted to, and the holdout. ``profile``: what the
    synthetic rows were made from, where that is known.
    """

    real: Rows
    synthetic: Rows
    halves: tuple[Rows, Rows]
    holdout: bool
    seed: int
    profile: Profile | None = None
    by_title: bool = True
    left_out: tuple[str, ...] = field(default=())


def compare(real: RowSet, synthetic: RowSet, seed: int, holdout: RowSet | None = None) -> Comparison:
    """The sets with the columns that all of them have. Raises InputError where there is none."""
    sets = [real, synthetic] + ([holdout] if holdout else [])
    for each in sets:
        if not len(each.table):
            raise InputError(f"{each.name} has no rows; a report needs rows on both sides.")
    schema, left_out = _common(sets)
    tables = [each.table.select([column.name for column in schema.columns]) for each in sets]
    families, by_title = _families(tables, schema, seed)
    first, second, *third = (
        Rows(schema, table, family, each.numbers)
        for each, table, family in zip(sets, tables, families, strict=True)
    )
    left_out = [sentence for each in sets for sentence in each.left_out] + left_out
    if not by_title:
        left_out.append(
            f"Rows were not grouped by title family, since there are fewer than {FEWEST_FAMILIES} of them; "
            "equal rows were kept together instead."
        )
    halves = (first, third[0]) if third else split_in_halves(first)
    if third:
        halves, sentence = _apart(*halves)
        left_out += sentence
    return Comparison(
        real=halves[1] if third else first,
        synthetic=second,
        halves=halves,
        holdout=bool(third),
        seed=seed,
        profile=synthetic.profile,
        by_title=by_title,
        left_out=tuple(left_out),
    )


def split_in_halves(rows: Rows) -> tuple[Rows, Rows]:
    """Two parts with as many rows, as nearly as that is possible with whole title families."""
    sizes = Counter(rows.family.tolist())
    filled = [0, 0]
    side: dict[int, int] = {}
    for family, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        side[family] = int(filled[1] < filled[0])
        filled[side[family]] += size
    of_row = np.array([side[family] for family in rows.family.tolist()], dtype=np.int64)
    return rows.take(np.flatnonzero(of_row == 0)), rows.take(np.flatnonzero(of_row == 1))


def resample(rows: Rows, seed: int) -> Rows:
    """As many rows, drawn with replacement: what a generator gives that only copies."""
    drawn = uniforms(seed, "report resample", 0, len(rows)) * len(rows)
    return rows.take(drawn.astype(np.int64))


def shuffled(rows: Rows, seed: int) -> Rows:
    """The same values of every column, each column in an order of its own: all relations are lost."""
    orders = [permutation(seed, f"report shuffle {name}", 0, len(rows)) for name in rows.table.column_names]
    columns = [column.take(numbers(order)) for column, order in zip(rows.table.columns, orders, strict=True)]
    title = rows.schema.one(Title)
    family = rows.family if title is None else rows.family[orders[rows.table.column_names.index(title.name)]]
    return replace(rows, table=pa.table(columns, names=rows.table.column_names), family=family)


def some(rows: Rows, most: int, seed: int, purpose: str) -> Rows:
    """At most ``most`` of the rows at random, in their order."""
    if len(rows) <= most:
        return rows
    return rows.take(np.sort(permutation(seed, purpose, 0, len(rows))[:most]))


def _plain(schema: Schema) -> list[Column]:
    return [column for column in schema.columns if not isinstance(column, Image)]


def _common(sets: Sequence[RowSet]) -> tuple[Schema, list[str]]:
    """The columns that all sets have, declared as in the synthetic one, and what was left out."""
    declared = {column.name: column for column in _plain(sets[1].schema)}
    everywhere = [name for name in declared if all(name in each.table.column_names for each in sets)]
    types = [{name: each.table.schema.field(name).type for name in everywhere} for each in sets]
    common = {name for name in everywhere if len({str(kinds[name]) for kinds in types}) == 1}
    if not common:
        raise InputError(
            f"{sets[0].name} and {sets[1].name} have no column in common; "
            "a report compares columns of the same name and type."
        )
    left_out = []
    for each in sets:
        only = [name for name in each.table.column_names if name not in everywhere]
        if only:
            left_out.append(f"Only {each.name} has {_listed(only)}.")
    other = [name for name in everywhere if name not in common]
    if other:
        left_out.append(f"Of another type in each set: {_listed(other)}.")
    schema = sets[1].schema
    columns = tuple(
        role_of(column).narrow(column, schema, common) for name, column in declared.items() if name in common
    )
    return Schema(**{**dict(schema), "columns": columns}), left_out


def _listed(names: list[str], most: int = 8) -> str:
    """Names of columns in a sentence."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{count(len(names), 'column')} ({', '.join(names[:most])}{more})"


def _families(tables: Sequence[pa.Table], schema: Schema, seed: int) -> tuple[list[I64], bool]:
    """The family of every row of every table, and whether they are title families.

    They are numbered in a random order that depends on the seed and on the titles alone.
    """
    title = schema.one(Title)
    by_title = False
    keys: list[Hashable] = []
    if title is not None:
        texts = [text for table in tables for text in table[title.name].to_pylist()]
        keys = list(title_family_keys(texts))
        by_title = len(set(keys)) >= FEWEST_FAMILIES
    if not by_title:
        ids = {column.name for role in (Code, Link, PictureLink) for column in schema.of(role)}
        names = [column.name for column in schema.columns if column.name not in ids] or list(ids)
        keys = [
            str(row)
            for table in tables
            for row in zip(*(table[name].to_pylist() for name in names), strict=True)
        ]
    turn = sorted(set(keys), key=lambda key: (place(seed, "report family", str(key)), str(key)))
    number = {key: at for at, key in enumerate(turn)}
    every = np.array([number[key] for key in keys], dtype=np.int64)
    ends = np.cumsum([len(table) for table in tables])
    return np.split(every, ends[:-1]), by_title


def _apart(fitted: Rows, held_out: Rows) -> tuple[tuple[Rows, Rows], list[str]]:
    """Fitted and held-out rows without the title families that both have."""
    shared = np.intersect1d(fitted.family, held_out.family)
    if not len(shared):
        return (fitted, held_out), []
    parts = [np.flatnonzero(~np.isin(rows.family, shared)) for rows in (fitted, held_out)]
    if not len(parts[0]) or not len(parts[1]):
        raise InputError(
            "The holdout and the real rows have the same title families; hold out whole title families, so "
            "that rows the profile has seen differ from those it has not."
        )
    lost = [len(fitted) - len(parts[0]), len(held_out) - len(parts[1])]
    sentence = (
        f"Left out: {count(lost[0], 'real row')} and {count(lost[1], 'row')} of the holdout, since their "
        "title families are in both."
    )
    return (fitted.take(parts[0]), held_out.take(parts[1])), [sentence]
