"""Fitting what a grammar draws: weights by context, as far as the context has been seen, then by a wider one.

    p(option | context) = max(count - discount, 0) / total + discount x options / total x p(option | wider)

(absolute discounting: Ney, Essen and Kneser, 1994). So a table has the weights ``count - discount``, and the
share of draws that take it is what the discounts leave. Of several orders of contexts, the one is taken
under which the rows, each left out in turn, are likeliest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.product.grammar import BETWEEN
from datagen.schemas.keyed import F64, I64

By = tuple[str, ...]

MOST_TAKEN = 0.75
"""The largest discount."""


class Seen:
    """What was drawn in the rows, and what each context was: ``contexts`` holds a value a row by its key."""

    def __init__(self, options: Sequence[str], contexts: Mapping[str, Sequence[str]]) -> None:
        names, self.option = np.unique(np.array(options, dtype=object), return_inverse=True)
        self.names: list[str] = list(names)
        self._contexts = contexts
        self._keys: dict[By, tuple[list[str], I64]] = {}

    def keys(self, by: By) -> tuple[list[str], I64]:
        """The names of the tables of a context, and which one each row has."""
        if by not in self._keys:
            columns = [self._contexts[key] for key in by]
            joined = [BETWEEN.join(values) for values in zip(*columns, strict=True)]
            number = {name: at for at, name in enumerate(dict.fromkeys(joined))}
            self._keys[by] = (list(number), np.array([number[name] for name in joined], dtype=np.int64))
        return self._keys[by]


def fit_draws(seen: Seen, orders: Sequence[Sequence[By]], least_count: int, least: int) -> dict[str, Any]:
    """The plain data of :class:`datagen.product.grammar.Draws`.

    ``orders``: the orders of contexts to choose from. A table needs ``least`` rows, and an option of it
    ``least_count``; what is rarer in a context is left to the next one.
    """
    best = max(orders, key=lambda order: _likelihood(seen, order, least_count))
    contexts = []
    for by in best:
        tables = _tables(seen, by, least_count, least)
        if tables:
            contexts.append({"by": list(by), "tables": tables})
    counts = np.bincount(seen.option, minlength=len(seen.names))
    weights = {seen.names[at]: int(counts[at]) for at in np.argsort(-counts, kind="stable")}
    return {"contexts": contexts, "weights": weights}


def _tables(seen: Seen, by: By, least_count: int, least: int) -> dict[str, Any]:
    names, key = seen.keys(by)
    pair, count = np.unique(key * len(seen.names) + seen.option, return_counts=True)
    of_key, option = pair // len(seen.names), pair % len(seen.names)
    total = np.bincount(key, minlength=len(names))
    weight = _discounted(count, of_key, len(names), least_count)
    kept = (weight > 0) & (total[of_key] >= least)
    tables: dict[str, Any] = {}
    for at, which, amount in zip(of_key[kept], option[kept], weight[kept], strict=True):
        table = tables.setdefault(names[at], {"share": 0.0, "weights": {}})
        table["weights"][seen.names[which]] = round(float(amount), 2)
        table["share"] += float(amount) / int(total[at])
    for table in tables.values():
        table["share"] = round(min(table["share"], 1.0), 3)
    return {name: table for name, table in tables.items() if table["share"] > 0}


def _discounted(count: I64, of_key: I64, keys: int, least_count: int) -> F64:
    """What is left of counts; those below ``least_count`` are taken whole.

    A table is discounted by n1 / (n1 + 2 n2), from how many options were seen once and twice in it: where
    all were seen often there is nothing new to expect, and nothing is taken.
    """
    once = np.bincount(of_key[count == 1], minlength=keys)
    twice = np.bincount(of_key[count == 2], minlength=keys)
    discount = np.minimum(once / np.maximum(once + 2 * twice, 1), MOST_TAKEN)[of_key]
    left: F64 = np.where(count >= least_count, np.maximum(count - discount, 0), 0)
    return left


def _likelihood(seen: Seen, order: Sequence[By], least_count: int) -> float:
    """The mean log chance of a row's option by all other rows."""
    size = len(seen.names)
    counts: F64 = np.bincount(seen.option, minlength=size).astype(np.float64)
    chance: F64 = (counts[seen.option] - 1 + 0.5) / (len(seen.option) - 1 + 0.5 * size)
    for by in reversed(order):
        names, key = seen.keys(by)
        pair, of_row, count = np.unique(key * size + seen.option, return_inverse=True, return_counts=True)
        of_key = pair // size
        weight = _discounted(count, of_key, len(names), least_count)
        fewer = np.where(count - 1 >= least_count, np.maximum(weight - 1, 0), 0)
        others = np.bincount(key, minlength=len(names))[key] - 1
        left = np.bincount(of_key, weight, len(names))[key] - weight[of_row] + fewer[of_row]
        with np.errstate(divide="ignore", invalid="ignore"):
            within = (fewer[of_row] + (others - left) * chance) / others
        chance = np.where(others > 0, within, chance).astype(np.float64)
    return float(np.log(np.maximum(chance, 1e-12)).mean())
