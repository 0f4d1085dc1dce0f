"""Columns as they were understood: the type of their values, what is missing, how many values there are."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columns.cells import as_dates, as_flags, as_numbers, as_text
from datagen.schemas.keyed import F64
from datagen.schemas.schema import DType

MISSING = ("n.a.", "n/a", "nan", "null", "none", "-")
"""Texts that stand for a missing value, in any case."""

_WHOLE = r"^-?(?:0|[1-9][0-9]{0,14})$"
_DECIMAL = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,9})?$"
_BEFORE, _AFTER = r"^(?:[A-Z]{0,3}\p{Sc}\s?|[A-Z]{3}\s)?", r"\s?(?:\p{Sc}|[A-Z]{3})?$"
_COMMA = _BEFORE + r"([1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+),([0-9]{1,2})" + _AFTER
"""Decimal commas: where all values of a column are so written, they cannot mean anything else."""

_MONEY = _BEFORE + r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,3})?" + _AFTER
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.+Z-]*)?$"
_LIST_OR_OBJECT = r"^\s*[\[{]"


@dataclass(frozen=True)
class Observed:
    """One column of a sample. ``values`` has the dtype, ``texts`` the same cells as text; null: missing."""

    name: str
    at: int
    dtype: DType
    values: pa.Array
    texts: pa.Array

    @property
    def rows(self) -> int:
        """The rows of the sample."""
        return len(self.texts)

    @property
    def missing(self) -> float:
        """The share of rows without a value."""
        return int(self.texts.null_count) / max(1, self.rows)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text appears, the most frequent first, then in the order of the texts."""
        found = pc.value_counts(self.texts.drop_null())
        pairs = zip(found.field(0).to_pylist(), found.field(1).to_pylist(), strict=True)
        return Counter(dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0]))))

    @property
    def distinct(self) -> int:
        """How many different values there are."""
        return len(self.counts)

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.distinct == self.rows and not self.texts.null_count

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers."""
        return self.dtype in ("int64", "float64")

    @cached_property
    def numbers(self) -> F64:
        """The values as float64, NaN: missing."""
        array: F64 = self.values.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return array

    @cached_property
    def decimals(self) -> int:
        """Digits after the point that the numbers need, at most 9."""
        known = self.numbers[np.isfinite(self.numbers)]
        for digits in range(9):
            if np.all(np.abs(np.round(known, digits) - known) <= 1e-9 * np.maximum(1, np.abs(known))):
                return digits
        return 9

    @cached_property
    def words(self) -> float:
        """Words of a text, on average."""
        known = self.texts.drop_null()
        return float(pc.mean(pc.count_substring_regex(known, r"\S+")).as_py() or 0) if len(known) else 0.0

    @cached_property
    def letters(self) -> float:
        """Characters of a text, on average."""
        known = self.texts.drop_null()
        return float(pc.mean(pc.utf8_length(known)).as_py() or 0) if len(known) else 0.0

    def share(self, pattern: str) -> float:
        """The share of the values that match a regular expression (of RE2)."""
        known = self.texts.drop_null()
        return float(pc.mean(pc.match_substring_regex(known, pattern).cast(pa.float64())).as_py() or 0)


def observe(table: pa.Table) -> tuple[list[Observed], str]:
    """The columns of a sample, and the text for missing values that they use ("": none does)."""
    said: Counter[str] = Counter()
    columns = []
    for at, name in enumerate(table.column_names):
        raw = table[name].combine_chunks()
        texts = as_text(raw, "").values
        absent = pc.is_in(pc.utf8_lower(texts), pa.array(MISSING))
        if pc.any(absent).as_py():
            said.update(texts.filter(absent).to_pylist())
            texts = pc.if_else(absent, pa.nulls(len(texts), pa.string()), texts)
        columns.append(_understood(name, at, raw.type, texts))
    return columns, said.most_common(1)[0][0] if said else ""


def is_nested(column: Observed) -> bool:
    """Whether texts are lists or objects of JSON."""
    some = column.texts.drop_null()[:20].to_pylist()
    if not some or column.share(_LIST_OR_OBJECT) < 1:
        return False
    try:
        return all(isinstance(json.loads(each), list | dict) for each in some)
    except ValueError:
        return False


def _understood(name: str, at: int, kind: pa.DataType, texts: pa.Array) -> Observed:
    known = texts.drop_null()
    if not len(known):
        return Observed(name, at, "string", texts, texts)
    if pa.types.is_boolean(kind) or _all(pc.utf8_lower(known), r"^(?:true|false|yes|no)$"):
        flags = as_flags(texts, "").values.cast(pa.bool_())
        return Observed(name, at, "bool", flags, flags.cast(pa.string()))
    if _all(known, _WHOLE):
        whole = texts.cast(pa.int64())
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return Observed(name, at, "float64", whole.cast(pa.float64()), texts)
        return Observed(name, at, "int64", whole, texts)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind) or _all(known, _DECIMAL):
        return Observed(name, at, "float64", texts.cast(pa.float64()), texts)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind) or _all(known, _DAY):
        days = as_dates(pc.utf8_slice_codeunits(texts, 0, 10), "").values
        if days.null_count == texts.null_count:
            dated = pa.types.is_date(kind) or pa.types.is_timestamp(kind)
            shown = days.cast(pa.string())
            return Observed(name, at, "date32" if dated else "string", days if dated else shown, shown)
    plain = texts
    if _all(known, _COMMA):
        plain = pc.replace_substring(pc.replace_substring_regex(texts, _COMMA, r"\1;\2"), ".", "")
        plain = pc.replace_substring(plain, ";", ".")
    elif not _all(known, _MONEY) or _all(known, r"^[0-9]+$"):
        return Observed(name, at, "string", texts, texts)
    cells = as_numbers(plain, "")
    if cells.faults:
        return Observed(name, at, "string", texts, texts)
    return Observed(name, at, "float64", cells.values, cells.values.cast(pa.string()))


def _all(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern)).as_py())
