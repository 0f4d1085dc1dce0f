"""A rule that holds in every row of a table, and the parts that most rules are built from.

A rule gets a table of rows, without nulls but where a role may have them, and says which of them break it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Broken = NDArray[np.bool_]
"""True where a row breaks a rule."""


@dataclass(frozen=True)
class Rule:
    """What the rule says, the column that is blamed where it is broken, and its check of a table."""

    text: str
    column: str
    broken: Callable[[pa.Table], Broken]


def matches(column: str, text: str, pattern: str) -> Rule:
    """The column's values, as text, match a regular expression (of RE2)."""
    return Rule(
        text, column, lambda t: is_false(pc.match_substring_regex(t[column].cast(pa.string()), pattern))
    )


def above_zero(column: str) -> Rule:
    """A price is a number above zero, and finite."""

    def broken(table: pa.Table) -> Broken:
        values = floats(table, column)
        return ~((values > 0) & np.isfinite(values))

    return Rule("is above zero", column, broken)


def floats(table: pa.Table, column: str) -> NDArray[np.float64]:
    """A numeric column as float64."""
    values: NDArray[np.float64] = table[column].to_numpy().astype(np.float64)
    return values


def is_false(holds: pa.ChunkedArray | pa.Array) -> Broken:
    """Where an Arrow truth value is false or null."""
    broken: Broken = ~pc.fill_null(holds, False).to_numpy(zero_copy_only=False).astype(bool)
    return broken


def literal(text: str) -> str:
    """A text as a regular expression (of RE2) that matches it and nothing else."""
    return "".join(letter if letter.isalnum() else f"\\x{{{ord(letter):x}}}" for letter in text)
