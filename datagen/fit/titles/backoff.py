"""Fitting what a grammar draws: weights by context where enough products show them, else by a wider one.

    p(option | context) = kept / total, where enough show it, + left / total x p(option | wider)

What a context's table holds is left out of the counts of all wider ones: these are to say what *else* there
is (as the lower orders of Kneser and Ney do, 1995). So every word of a title is counted in one table only,
and no difference of two tables tells of fewer products than a table may. Of several orders of contexts, the
one is taken under which the rows, each left out in turn, are likeliest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.fit.folding import left_over, rounded
from datagen.product.grammar import BETWEEN
from datagen.schemas.keyed import F64, I64

By = tuple[str, ...]

RARE = "\0rare"
"""The option that stands for all that too few products show."""

MOST_COMPARED = 40_000
"""Draws that the orders of contexts are compared by."""

_FEWEST = 2
"""Products that must show an option in a context, where nothing is folded."""


class Seen:
    """What was drawn in the rows, and what each context was: ``contexts`` holds a value a row by its key."""

    def __init__(
        self,
        options: Sequence[str],
        contexts: Mapping[str, Sequence[str]],
        products: Sequence[int],
        *,
        never: Collection[str] = (),
    ) -> None:
        """``products``: that of each row; ``never``: options that no context's table may hold."""
        names, self.option = np.unique(np.array(options, dtype=object), return_inverse=True)
        self.names: list[str] = list(names)
        self.product = np.asarray(products, dtype=np.int64)
        self.allowed = np.array([name not in never for name in self.names], dtype=bool)
        self._contexts = contexts
        self._keys: dict[By, tuple[list[str], I64]] = {}

    def __len__(self) -> int:
        return len(self.option)

    def keys(self, by: By) -> tuple[list[str], I64]:
        """The names of the tables of a context, and which one each row has."""
        if by not in self._keys:
            columns = [self._contexts[key] for key in by]
            joined = [BETWEEN.join(values) for values in zip(*columns, strict=True)]
            number = {name: at for at, name in enumerate(dict.fromkeys(joined))}
            self._keys[by] = (list(number), np.array([number[name] for name in joined], dtype=np.int64))
        return self._keys[by]

    def some(self, most: int) -> Seen:
        """Every so many rows, at most ``most``."""
        step = -(-len(self) // most)
        if step < 2:
            return self
        names = [self.names[at] for at in self.option[::step]]
        contexts = {key: list(values)[::step] for key, values in self._contexts.items()}
        never = [name for name, allowed in zip(self.names, self.allowed, strict=True) if not allowed]
        return Seen(names, contexts, self.product[::step].tolist(), never=never)


@dataclass(frozen=True)
class _Level:
    """One context: the table of each row, which rows reach it, and which of these its table stands for."""

    names: list[str]
    key: I64
    reaching: NDArray[np.bool_]
    kept: NDArray[np.bool_]


def fit_draws(seen: Seen, orders: Sequence[Sequence[By]], min_count: int) -> dict[str, Any]:
    """The plain data of :class:`datagen.product.grammar.Draws`; the option RARE is left to be replaced.

    ``orders``: the orders of contexts to choose from.
    """
    some = seen.some(MOST_COMPARED)
    best = max(orders, key=lambda order: _likelihood(some, order, min_count))
    levels, left = _shared_out(seen, best, min_count)
    contexts = []
    for by, level in zip(best, levels, strict=True):
        tables = _tables(seen, level, min_count)
        if tables:
            contexts.append({"by": list(by), "tables": tables})
    return {"contexts": contexts, "weights": _everywhere(seen, left, min_count)}


def _everywhere(seen: Seen, left: NDArray[np.bool_], min_count: int) -> dict[str, float]:
    """The weights of options by the rows that no table stands for.

    Options that fewer products have there share what these have together, so that it cannot be seen which.
    """
    counts = np.bincount(seen.option[left], minlength=len(seen.names))
    products = _products(seen.option[left], seen.product[left], len(seen.names))
    enough = products >= min_count
    few = int(counts[~enough].sum()) // min_count * min_count / max(1, int((~enough).sum()))
    weights = {
        seen.names[at]: float(rounded(counts[at], min_count)) if enough[at] else round(few, 1)
        for at in np.argsort(-counts, kind="stable")
    }
    return weights if any(weights.values()) else dict.fromkeys(seen.names, 1.0)


def _products(of: I64, product: I64, many: int) -> I64:
    """How many products each of some numbers has."""
    if not len(of):
        return np.zeros(many, dtype=np.int64)
    wide = int(product.max()) + 2
    pairs = np.unique(of * wide + product + 1)
    return np.bincount(pairs // wide, minlength=many)


def _shared_out(seen: Seen, order: Sequence[By], min_count: int) -> tuple[list[_Level], NDArray[np.bool_]]:
    """Every row given to the first context in which enough products show its option; and the rows left."""
    left = np.ones(len(seen), dtype=bool)
    size = len(seen.names)
    levels = []
    for by in order:
        names, key = seen.keys(by)
        _, pair = np.unique(key * size + seen.option, return_inverse=True)
        products = _products(pair[left], seen.product[left], int(pair.max()) + 1)
        told = np.array([RARE not in name for name in names], dtype=bool)
        kept = left & (products[pair] >= max(min_count, _FEWEST)) & seen.allowed[seen.option] & told[key]
        levels.append(_Level(names, key, left, kept))
        left = left & ~kept
    return levels, left


def _tables(seen: Seen, level: _Level, min_count: int) -> dict[str, Any]:
    many, size = len(level.names), len(seen.names)
    pair, count = np.unique((level.key * size + seen.option)[level.kept], return_counts=True)
    kept = np.bincount(level.key[level.kept], minlength=many)
    left = np.bincount(level.key[level.reaching], minlength=many) - kept
    told = np.flatnonzero(kept)
    else_of = dict(zip(told.tolist(), left_over(left[told].tolist(), min_count), strict=True))
    tables: dict[str, Any] = {}
    for at, option, amount in zip(pair // size, pair % size, count, strict=True):
        table = tables.setdefault(level.names[at], {"share": float(at), "weights": {}})
        table["weights"][seen.names[option]] = rounded(amount, min_count)
    for table in tables.values():
        here = int(table["share"])
        total = sum(table["weights"].values())
        table["share"] = round(total / (total + else_of[here]), 2)
    return tables


def _likelihood(seen: Seen, order: Sequence[By], min_count: int) -> float:
    """The mean log chance of a row's option by all other rows."""
    size, least = len(seen.names), max(min_count, _FEWEST)
    levels, left = _shared_out(seen, order, min_count)
    counts: F64 = np.bincount(seen.option[left], minlength=size).astype(np.float64)
    chance: F64 = (counts[seen.option] - left + 0.5) / (counts.sum() - left + 0.5 * size)
    for level in reversed(levels):
        _, pair = np.unique(level.key * size + seen.option, return_inverse=True)
        of_pair = np.bincount(pair[level.kept], minlength=int(pair.max()) + 1)[pair] - level.kept
        of_pair = np.where(of_pair + 1 > least, of_pair, 0) if min_count > 1 else of_pair
        many = len(level.names)
        kept = np.bincount(level.key[level.kept], minlength=many)[level.key] - level.kept
        total = np.bincount(level.key[level.reaching], minlength=many)[level.key] - level.reaching
        with np.errstate(divide="ignore", invalid="ignore"):
            within = (of_pair + (total - kept) * chance) / total
        chance = np.where(total > 0, within, chance).astype(np.float64)
    return float(np.log(np.maximum(chance, 1e-12)).mean())
