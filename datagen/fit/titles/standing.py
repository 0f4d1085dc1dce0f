"""Where the noun of a title stands, and the kinds whose nouns stand where those of others do not.

In "The Winter Garden: A Novel" the noun "A Novel" stands behind a mark; in "The Winter Garden" no noun of its
kind could stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from datagen.fit.folding import frequent
from datagen.fit.titles.classes import NOUN_MARK
from datagen.fit.titles.units import COLOUR_MARK

Standing = tuple[str, str]
"""What is before a noun and after it: "word", "mark", or "" for nothing."""

LIKE_MOST = 0.5
"""The share of other titles whose nouns must stand as those of a kind do, for it to have their patterns."""


def standing(units: Sequence[str]) -> Standing:
    """Where the noun stands in the units of a title; ("", "") where there is none.

    >>> standing(["The", "Winter", "Garden", ":", NOUN_MARK])
    ('mark', '')
    """
    if NOUN_MARK not in units:
        return "", ""
    at = units.index(NOUN_MARK)
    return _what(units[at - 1 : at]), _what(units[at + 1 : at + 2])


def _what(unit: Sequence[str]) -> str:
    if not unit:
        return ""
    return "word" if unit[0] == COLOUR_MARK or any(map(str.isalnum, unit[0])) else "mark"


def apart(
    standings: Sequence[Standing], kinds: Sequence[str], products: Sequence[int], min_count: int
) -> set[str]:
    """The kinds whose nouns stand, in enough of their products, where those of most other titles do not."""
    own = list(zip(kinds, standings, strict=True))
    enough = frequent(own, products, min_count)
    rows, rows_of, rows_at = Counter(own), Counter(kinds), Counter(standings)
    alike: Counter[str] = Counter()
    for kind, its in enough:
        alike[kind] += rows_at[its] - rows[kind, its]
    return {kind for kind, many in alike.items() if many < LIKE_MOST * (len(kinds) - rows_of[kind])}
