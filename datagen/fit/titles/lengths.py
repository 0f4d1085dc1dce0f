"""How long titles are: patterns that hold everywhere are weighed so that all titles have the lengths of rows.

A pattern of many units is rare in itself, so few tables have one, and what imitates rare patterns is too
short.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from datagen.fit.folding import rounded
from datagen.product.grammar import BETWEEN


def fit_lengths(
    drawn: dict[str, Any],
    patterns: Sequence[str],
    contexts: Mapping[str, Sequence[str]],
    products: Sequence[int],
    min_count: int,
) -> None:
    """Scale the weights that hold everywhere, in place, so that titles have the lengths of ``patterns``.

    ``contexts``: the values of each key, ``products``: the product, of each pattern's row. A length is only
    known where enough products have it; the others count as the next shorter one.
    """
    wanted = lengths_of(patterns, products, min_count)
    weights: dict[str, float] = drawn["weights"]
    there: dict[int, float] = {}
    for pattern, weight in weights.items():
        there[length(pattern)] = there.get(length(pattern), 0.0) + weight
    made, left = _by_tables(drawn["contexts"], contexts, len(patterns))
    if not wanted or left <= 0:
        return
    scale = len(patterns) / sum(wanted.values())
    missing: dict[int, int] = {}
    for long, many in wanted.items():
        lacking = scale * many - made.get(long, 0.0)
        if there.get(long) and lacking >= min_count:  # and rounded again, since the tables' rows are not
            missing[long] = rounded(lacking, min_count)
    if not missing:
        return
    times = sum(there.values()) / sum(missing.values())
    for pattern, weight in weights.items():
        long = length(pattern)
        weights[pattern] = round(weight * missing.get(long, 0.0) * times / there[long], 2) if weight else 0.0


def length(pattern: str) -> int:
    """How many units a pattern has."""
    return pattern.count(" ") + 1


def lengths_of(patterns: Sequence[str], products: Sequence[int], min_count: int) -> dict[int, float]:
    """How many patterns have each length, rounded; one of too few products counts as the next shorter one.

    >>> lengths_of(["a b", "a b", "a b c", "a"], [1, 2, 3, 4], 2)
    {2: 4.0}
    """
    its: dict[int, set[int]] = {}
    rows: Counter[int] = Counter()
    for pattern, product in zip(patterns, products, strict=True):
        its.setdefault(length(pattern), set()).add(product)
        rows[length(pattern)] += 1
    found: dict[int, float] = {}
    seen, many = set[int](), 0
    for long in sorted(its, reverse=True):
        seen, many = seen | its[long], many + rows[long]
        if len(seen) >= min_count:
            found[long] = float(rounded(many, min_count))
            seen, many = set[int](), 0
    return found


def _by_tables(
    tables_of: Sequence[Mapping[str, Any]], contexts: Mapping[str, Sequence[str]], rows: int
) -> tuple[dict[int, float], float]:
    """How many titles of each length the tables make in so many rows, and how many rows they leave."""
    keys = [
        [BETWEEN.join(each) for each in zip(*[contexts[by] for by in context["by"]], strict=True)]
        for context in tables_of
    ]
    cells = Counter(zip(*keys, strict=True)) if keys else Counter({(): rows})
    made: dict[int, float] = {}
    left_over = 0.0
    for cell, many in cells.items():
        left = float(many)
        for key, context in zip(cell, tables_of, strict=True):
            table = context["tables"].get(key)
            if table is None:
                continue
            total = sum(table["weights"].values())
            for pattern, weight in table["weights"].items():
                made[length(pattern)] = (
                    made.get(length(pattern), 0.0) + left * table["share"] * weight / total
                )
            left *= 1 - table["share"]
        left_over += left
    return made, left_over
