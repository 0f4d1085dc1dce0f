"""Category levels: the columns that place a product in the menu, and so go with its title and its price."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.fit.columns.observed import Observed
from datagen.fit.columns.prices import explained
from datagen.fit.folding import Fold

MOST_LEVELS = 9
MOST_VALUES = 1_000
MOST_PATHS = 2_000
ENOUGH = 0.85
"""The share of rows whose path several products must have; more columns make paths rarer."""

_ASSOCIATED, _PRICED = 0.1, 0.05
"""The least Cramér's V with a word of the title or another column, and share of the price's variance."""

Ids = NDArray[np.int64]


def find_levels(
    columns: Sequence[Observed], title: Observed | None, price: Observed | None, missing: str, fold: Fold
) -> list[Observed]:
    """The category columns among some, in their order."""
    candidates = [each for each in columns if _may_be_level(each, fold)]
    words = _words(title) if title is not None else []
    ids = {each.name: _ids(filled(each, missing)) for each in candidates}
    chosen = []
    for column in candidates:
        others = [ids[each.name] for each in candidates if each is not column]
        near = max([association(ids[column.name], other) for other in [*words, *others]], default=0.0)
        if near > _ASSOCIATED or (price is not None and explained(price, None, [column]) > _PRICED):
            chosen.append(column)
    while chosen and not (len(chosen) <= MOST_LEVELS and _is_enough([ids[c.name] for c in chosen], fold)):
        if len(chosen) == 1:
            break
        chosen.remove(max(chosen, key=lambda each: (_covered_without(chosen, each, ids, fold), each.at)))
    return chosen


def filled(column: Observed, missing: str) -> pa.Array:
    """The texts of a column, the text for missing where there is none."""
    return pc.fill_null(column.texts, missing)


def association(one: Ids, other: Ids) -> float:
    """Cramér's V of two classifications, corrected for bias (Bergsma, 2013): 0 for independent ones, to 1."""
    rows, columns = int(one.max()) + 1, int(other.max()) + 1
    n = len(one)
    if min(rows, columns) < 2 or rows * columns > 4_000_000 or n < 3:
        return 0.0
    table = np.bincount(one * columns + other, minlength=rows * columns).reshape(rows, columns).astype(float)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / n
    phi = float(((table - expected) ** 2 / np.maximum(expected, 1e-12)).sum()) / n
    phi = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    sides = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(phi / sides)) if sides > 1e-9 else 0.0


def function_of(column: Observed, other: Observed, fold: Fold) -> dict[str, str] | None:
    """The table by which a column follows from another: other's value -> its value; None where it does not.

    Values of ``other`` that too few products have are not in it.
    """
    if other.distinct > MOST_VALUES or column.distinct > other.distinct or column.distinct < 2:
        return None
    pairs = pc.binary_join_element_wise(
        pc.fill_null(other.texts, "\x1e"), pc.fill_null(column.texts, "\x1e"), "\x1f"
    )
    frequent = fold.frequent(pairs)
    seen: set[str] = set()
    table: dict[str, str] = {}
    for pair in pc.unique(pairs).to_pylist():
        key, value = pair.split("\x1f", 1)
        if key in seen:
            return None
        seen.add(key)
        if pair in frequent and "\x1e" not in (key, value):
            table[key] = value
        elif "\x1e" in (key, value) and key != value:
            return None
    return table if len(set(table.values())) > 1 and other.rows >= 5 * len(table) else None


def frequent_paths(levels: Sequence[Observed], missing: str, fold: Fold) -> tuple[NDArray[np.bool_], int]:
    """Which rows have a path that enough products have, and how many paths do not count."""
    if not levels:
        return np.ones(0, dtype=bool), 0
    ids = _joint([_ids(filled(each, missing)) for each in levels])
    counts = _products(ids, fold)
    return counts[ids] >= fold.min_count, int(((counts > 0) & (counts < fold.min_count)).sum())


def _products(ids: Ids, fold: Fold) -> Ids:
    """How many products have each of some numbers."""
    pairs = np.unique(np.stack([ids, fold.products]), axis=1)
    counts: Ids = np.bincount(pairs[0], minlength=int(ids.max()) + 1)
    return counts


def _may_be_level(column: Observed, fold: Fold) -> bool:
    if column.dtype != "string" or not 2 <= column.distinct <= min(MOST_VALUES, column.rows / 8):
        return False
    common = sum(fold.frequent(column.texts).values())
    return column.letters <= 60 and common >= 0.7 * (column.rows - column.texts.null_count)


def _words(title: Observed) -> list[Ids]:
    """The first three and the last two words of the titles, rare ones as one."""
    said = [(text or "").split() or [""] for text in title.texts.to_pylist()]
    words = []
    for at in (0, 1, 2, -2, -1):
        chosen = [each[at] if -len(each) <= at < len(each) else "" for each in said]
        _, place, counts = np.unique(chosen, return_inverse=True, return_counts=True)
        common = np.sort(np.argsort(-counts, kind="stable")[:200])
        number = np.zeros(len(counts), dtype=np.int64)
        number[common] = np.arange(1, len(common) + 1)
        words.append(number[place])
    return words


def _ids(texts: pa.Array) -> Ids:
    indices: Ids = texts.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return indices


def _joint(ids: Sequence[Ids]) -> Ids:
    joint = np.zeros(len(ids[0]), dtype=np.int64)
    for each in ids:
        _, joint = np.unique(joint * (int(each.max()) + 1) + each, return_inverse=True)
    return joint.astype(np.int64)


def _covered(ids: Sequence[Ids], fold: Fold) -> tuple[float, int]:
    joint = _joint(ids)
    enough = _products(joint, fold) >= fold.min_count
    return float(enough[joint].mean()), int(enough.sum())


def _is_enough(ids: Sequence[Ids], fold: Fold) -> bool:
    share, paths = _covered(ids, fold)
    return share >= ENOUGH and paths <= MOST_PATHS


def _covered_without(chosen: Sequence[Observed], left: Observed, ids: dict[str, Ids], fold: Fold) -> float:
    rest = [ids[each.name] for each in chosen if each is not left]
    share, paths = _covered(rest, fold)
    return share - (paths > MOST_PATHS)
