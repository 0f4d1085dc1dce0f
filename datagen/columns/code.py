"""Code columns: the key of a product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import COLUMN_TYPES, texts
from datagen.columns.cells import Cells, Mask, as_text
from datagen.columns.role import ProductBatch, Role
from datagen.columns.rule import Rule, matches
from datagen.schemas import InputError, Schema
from datagen.schemas.schema import Code, Column

if TYPE_CHECKING:
    from datagen.product.profile import Profile

LONGEST_CODE = 80
"""Characters of a code; it names a file."""

TEXT_CODES = 0.1
"""From this share of codes that are not whole numbers on, all codes are text; fewer are faults."""

WHOLE_CODE = r"^(0|-?[1-9][0-9]{0,17})$"


def _compute(column: Code, batch: ProductBatch) -> pa.Array:
    return batch.codes.cast(COLUMN_TYPES[column.dtype])


def _check(column: Code, schema: Schema, profile: Profile) -> None:
    codes = profile.codes
    for low, high in [r for line in codes.lines.values() for r in line.ranges] + list(codes.overflow):
        for number in (low, high):
            text = codes.text(number)
            if not pc.match_substring_regex(texts([text]), f"^(?:{column.pattern})$")[0].as_py():
                raise InputError(
                    f"The profile {profile.name} makes the code {text}, which the column {column.name} "
                    f"refuses: it must match {column.pattern}."
                )
            if column.dtype == "int64" and (not text.isdigit() or text != str(int(text)) or len(text) > 18):
                raise InputError(
                    f"The profile {profile.name} makes the code {text}, which does not fit the "
                    f"int64 column {column.name}."
                )


def _rules(column: Code, *_: object) -> list[Rule]:
    """That no code appears twice is not a rule within a row; verifying and importing check it."""
    return [matches(column.name, f"matches {column.pattern}", f"^(?:{column.pattern})$")]


def code_texts(table: pa.Table, schema: Schema) -> pa.ChunkedArray | None:
    """The codes of some rows as text, or None where the schema has no code column."""
    code = schema.one(Code)
    return None if code is None else table[code.name].cast(pa.string())


def _read(column: Code, raw: pa.Array, missing: str) -> Cells:
    """Codes as text, whatever they will be: a number would lose its leading zeros."""
    cells = as_text(raw, missing)
    long: Any = pc.fill_null(pc.greater(pc.utf8_length(cells.values), LONGEST_CODE), False)
    mask: Mask = long.to_numpy(zero_copy_only=False)
    fault = ((mask, f"is longer than {LONGEST_CODE} characters"),) if mask.any() else ()
    return Cells(cells.values, cells.faults + fault)


class _Forms:
    """A shop may have text for codes, or codes of another form."""

    def __init__(self, column: Code, schema: Schema) -> None:
        self._column = column
        (self._rule,) = _rules(column)
        self._rows = self._broken = self._not_whole = 0

    def add(self, table: pa.Table) -> None:
        self._rows += len(table)
        self._broken += int(self._rule.broken(table).sum())
        whole = pc.match_substring_regex(table[self._column.name], WHOLE_CODE)
        self._not_whole += len(table) - int(pc.sum(whole).as_py() or 0)

    def fitted(self) -> tuple[Column, str]:
        update: dict[str, str] = {}
        changes = []
        if self._column.dtype == "int64" and self._not_whole > TEXT_CODES * self._rows:
            changes.append("is text, not a whole number")
            update["dtype"] = "string"
        if self._broken:
            changes.append(f"has another form than {self._column.pattern} in {self._broken:,} rows")
            update |= {"pattern": ".+", "about": "Key of the product"}
        return self._column.model_copy(update=update), ", and ".join(changes)


ROLE = Role(Code, compute=_compute, check=_check, rules=_rules, read=_read, may_be_missing=False, fit=_Forms)
