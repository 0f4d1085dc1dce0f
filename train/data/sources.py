"""A dataset to train on, real or synthetic, with its columns resolved.

    source = open_source("catalogue/", Template())           # as datagen make writes it, or other tables
    source = open_source("owner/name@revision", Template())  # on the Hub, at a branch, tag or commit
    source = open_source("make:SCHEMA,rows=200", Template())  # made into the cache, unless it is there
    source.row(7)["title"], source.digest

Rows have the names of the template's fields. The column of a field is found in this order: in ``columns``, by
its name, by the roles in the folder's ``schema.yaml``. Picture bytes are read with their row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa

from datagen.schemas import InputError, Schema
from datagen.schemas.keyed import I64
from datagen.schemas.schema import Code, Title
from datagen.train.chat.conversation import Fields, Template, role_columns
from datagen.train.data.opening import Rows, listed, open_rows

MOST_PICTURE_BYTES = 100_000_000
NEIGHBOURS = "<neighbours>"
"""Key of a row under which the answers of its neighbours stand; no field has such a name."""


class Source:
    """A dataset with its columns resolved.

    ``name``: as the user gave it. ``digest``: equal if the data are equal, for a run's record. ``columns``:
    field of the template -> column. ``bounds``: int64, the first row of each row group if the rows are read
    from Parquet files in place, else None. ``splits``: the number of rows of each split, in the order of the
    rows. ``remote``: whether rows are read from the Hub each time. ``missing``: the text that stands for
    null, None where nulls stay. ``place``: its folder or file on this machine, None on the Hub.
    """

    def __init__(
        self,
        name: str,
        digest: str,
        rows: Rows,
        template: Template,
        columns: Mapping[str, str],
        *,
        title: str | None = None,
        code: str | None = None,
        missing: str | None = None,
        files: bool = False,
        splits: Mapping[str, int] | None = None,
        place: Path | None = None,
    ) -> None:
        self.place = place
        self.splits = dict(splits or {"train": len(rows)})
        self.name = name
        self.digest = digest
        self.columns = dict(columns)
        self.bounds: I64 | None = getattr(rows, "bounds", None)
        self.remote = self.bounds is not None and "@" in digest  # of a commit on the Hub
        self._rows = rows
        self._template = template
        self._title = title
        self._code = code
        self.missing = missing
        self._files = files
        self._wanted = tuple(dict.fromkeys(self.columns.values()))
        self.near: Mapping[int, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, number: int) -> dict[str, Any]:
        """The fields and the picture of a row; the picture as ``{"bytes", "path"}`` or None.

        Raises InputError if there is no such row or its picture cannot be read.
        """
        if not 0 <= number < len(self):
            raise InputError(f"{self.name} has no row {number}; its rows are 0 to {len(self) - 1}.")
        values = self._rows.row(number, self._wanted)
        row = {field: values[column] for field, column in self.columns.items()}
        row[self._template.image] = self._picture(row[self._template.image], number)
        if self.remote and row[self._template.image] is None:  # which nothing could exclude beforehand
            raise InputError(f"{self.name} row {number} has no picture.")
        if number in self.near:
            row[NEIGHBOURS] = self.near[number]
        return row if self.missing is None else self._filled(row)

    def neighbours(self, number: int) -> tuple[str, ...]:
        """The answers of the products nearest to a row's picture, the nearest first."""
        return self.near.get(number, ())

    def with_neighbours(self, neighbours: Mapping[int, tuple[str, ...]]) -> Source:
        """The same dataset, with the neighbours of some rows in them, under NEIGHBOURS."""
        source = copy(self)
        source.near = dict(neighbours)
        return source

    def titles(self) -> list[str | None]:
        """The title of every row; without a title column, the answer, which also identifies products."""
        if self._title is not None:
            return [None if title is None else str(title) for title in self._rows.column(self._title)]
        fields = [one.field for one in self._template.answer_fields]
        values = zip(*(self._rows.column(self.columns[field]) for field in fields), strict=True)
        return [
            self._template.text(self._template.fields(dict(zip(fields, row, strict=True)))) for row in values
        ]

    def codes(self) -> list[str] | None:
        """The product code of every row, by the folder's ``schema.yaml``; None where there is none."""
        return None if self._code is None else [str(code) for code in self._rows.column(self._code)]

    def column(self, field: str) -> list[Any]:
        """Every row's value of a field."""
        values = self._rows.column(self.columns[field])
        return values if self.missing is None else [self._filled({field: value})[field] for value in values]

    def _filled(self, row: dict[str, Any]) -> dict[str, Any]:
        """Nulls replaced by the schema's missing text; a missing number or picture stays None."""
        kept = self._template.numbers | {self._template.image, NEIGHBOURS}
        return {
            field: self.missing if value is None and field not in kept else value
            for field, value in row.items()
        }

    def _picture(self, value: Any, number: int) -> dict[str, Any] | None:
        if value is None or isinstance(value, bytes):
            return None if value is None else {"bytes": value, "path": None}
        path = value.get("path")
        if value.get("bytes") is not None or path is None:
            return {"bytes": value["bytes"], "path": path} if value.get("bytes") is not None else None
        if not self._files:
            raise InputError(
                f"{self.name} row {number} has only the path of its picture, {path!r}; store its bytes."
            )
        try:
            with Path(path).open("rb") as file:
                return {"bytes": file.read(MOST_PICTURE_BYTES), "path": path}
        except OSError as error:
            raise InputError(
                f"The picture {path} of {self.name} row {number} cannot be read ({error.strerror})."
            ) from None


def open_source(
    name: str,
    template: Template,
    *,
    split: str | None = "train",
    columns: Mapping[str, str] | None = None,
    config: str | None = None,
    stream: bool = False,
    place: str | None = None,
) -> Source:
    """Open a dataset for training.

    ``name`` is a folder, a file (Parquet, CSV, JSON, Arrow), ``owner/name[@revision]`` on the Hub, an address
    (``s3://``), or the description of a dataset to make (``make:``);
    ``split`` and ``config`` select a part of it; ``split=None`` stands for train, validation and test, as far
    as it has them. ``columns``: field -> column, if the names differ.
    ``stream`` reads Parquet files in place, row group by row group, also from the Hub; otherwise ``datasets``
    keeps a copy that is mapped into memory. ``place``: where the dataset is, if not at ``name``.

    Raises InputError for a dataset that does not exist or lacks a column, RunFailed if the Hub cannot be
    reached.
    """
    opened = open_rows(place or name, split=split, config=config, stream=stream)
    if not len(opened.rows):
        raise InputError(f"{name} has no rows.")
    found = resolve(template, list(opened.features), opened.schema, columns or {}, name)
    code = opened.schema.one(Code) if opened.schema else None
    _check_picture(opened.features[found[template.image]], found[template.image], name)
    return Source(
        name,
        opened.digest,
        opened.rows,
        template,
        found,
        title=_title(template, found, opened.features, opened.schema),
        code=code.name if code and code.name in opened.features else None,
        missing=opened.schema.missing if opened.schema else None,
        files=opened.kind == "imagefolder",
        splits=opened.splits,
        place=opened.place,
    )


def resolve(
    template: Template,
    names: Sequence[str],
    schema: Schema | None,
    given: Mapping[str, str],
    name: str,
) -> dict[str, str]:
    """Field -> column, for a dataset with the columns ``names``. Raises InputError."""
    by_role = {} if schema is None else _roles(template, schema)
    unknown = sorted(set(given) - set(template.columns))
    if unknown:
        raise InputError(
            f"The template has no field {unknown[0]!r}; its fields are {listed(template.columns)}."
        )
    found = {}
    for field in template.columns:
        column = given.get(field, field if field in names else by_role.get(field, field))
        if column not in names:
            what = "picture" if field == template.image else "answer"
            raise InputError(
                f"{name} has no column {column!r} for the {what}; its columns are {listed(names)}; "
                "give the right one in the template, or with data.real_columns or data.synthetic_columns."
            )
        found[field] = column
    return found


def _roles(template: Template, schema: Schema) -> dict[str, str]:
    """Field -> column of the schema, for the fields to which the template assigns a role."""
    columns = role_columns(schema)
    fields = {role: getattr(template, role) for role in columns}
    return {field: columns[role] for role, field in fields.items() if field}


def _title(
    template: Template, found: Mapping[str, str], names: Mapping[str, Any], schema: Schema | None
) -> str | None:
    if template.title is not None:
        return found[template.title]
    column = schema.one(Title) if schema else None
    return column.name if column and column.name in names else None


def _check_picture(feature: Any, column: str, name: str) -> None:
    """Raises InputError unless a column holds encoded pictures; paths in a table are never followed."""
    held = isinstance(feature, datasets.Image) or (isinstance(feature, dict) and "bytes" in feature)
    if isinstance(feature, pa.DataType):
        held = pa.types.is_binary(feature) or pa.types.is_large_binary(feature)
        held = held or (pa.types.is_struct(feature) and feature.get_field_index("bytes") >= 0)
    elif isinstance(feature, datasets.Value):
        held = feature.dtype in ("binary", "large_binary")
    if not held:
        raise InputError(
            f"Column {column!r} of {name} does not hold pictures; it must hold their encoded bytes."
        )


def fields_of(source: Source, rows: I64, template: Template) -> list[Fields]:
    """The fields of the answers of some rows, read without their pictures."""
    names = [one.field for one in template.answer_fields]
    columns = [source.column(name) for name in names]
    return [
        template.fields({name: column[row] for name, column in zip(names, columns, strict=True)})
        for row in rows.tolist()
    ]
