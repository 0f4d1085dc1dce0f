"""The pictures of a comparison with their rows: as many of each side, so that figures are comparable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.report.pictures.features import F32
from datagen.report.pictures.sets import PictureSet
from datagen.report.sets.rows import Comparison, Rows
from datagen.schemas.keyed import F64, I64, permutation, uniforms

MOST_PICTURES = 1_000
"""Of one side."""


@dataclass(frozen=True)
class Side:
    """Rows with their pictures, in the same order.

    ``features``: (rows, features), by which pictures are compared. ``statistics``: (rows, STATISTICS).
    ``files``: (rows, FILE_FIGURES).
    """

    rows: Rows
    features: F32
    statistics: F32
    files: F64

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def family(self) -> I64:
        """The title family of each picture."""
        return self.rows.family

    def take(self, at: I64) -> Side:
        """Some of them, in the order given."""
        return Side(self.rows.take(at), self.features[at], self.statistics[at], self.files[at])


@dataclass(frozen=True)
class Sides:
    """What is compared. ``held``: the real pictures that everything is measured against; ``other``: as many
    other real ones, of other title families; ``synthetic``: as many of those.
    """

    held: Side
    other: Side
    synthetic: Side
    seed: int

    @property
    def resample(self) -> Side:
        """The held pictures drawn again with replacement: what a copier gives."""
        return drawn_again(self.held, self.seed)

    @property
    def shuffled(self) -> Side:
        """The held pictures with every feature in an order of its own."""
        features, statistics, files = (
            np.stack([column[self._order(f"{what} {at}")] for at, column in enumerate(table.T)], axis=1)
            for what, table in (
                ("feature", self.held.features),
                ("feature", self.held.statistics),
                ("file", self.held.files),
            )
        )
        return Side(self.held.rows, features, statistics, files)

    def _order(self, purpose: str) -> I64:
        return permutation(self.seed, f"report picture shuffle {purpose}", 0, len(self.held))


def drawn_again(side: Side, seed: int) -> Side:
    """As many pictures, drawn with replacement."""
    drawn = uniforms(seed, "report picture resample", 0, len(side)) * len(side)
    return side.take(drawn.astype(np.int64))


def wanted_numbers(sets: Comparison) -> tuple[I64, I64, I64]:
    """The rows whose pictures are looked at: of both real halves, and of the synthetic set, ascending."""
    halves = [_some(half, sets.seed, f"half {at}") for at, half in enumerate(sets.halves)]
    return halves[0].numbers, halves[1].numbers, _some(sets.synthetic, sets.seed, "synthetic").numbers


def sides(sets: Comparison, first: PictureSet, second: PictureSet, synthetic: PictureSet) -> Sides:
    """The pictures of both real halves and of the synthetic set with their rows, as many of each."""
    parts = (
        (sets.halves[1], second, "half 1"),
        (sets.halves[0], first, "half 0"),
        (sets.synthetic, synthetic, "synthetic"),
    )
    every = [_side(_some(rows, sets.seed, purpose), pictures) for rows, pictures, purpose in parts]
    size = min(len(side) for side in every)
    held, other, made = (
        side.take(np.sort(permutation(sets.seed, f"report picture side {at}", 0, len(side))[:size]))
        for at, side in enumerate(every)
    )
    return Sides(held, other, made, sets.seed)


def _some(rows: Rows, seed: int, purpose: str) -> Rows:
    """At most MOST_PICTURES of the rows, in their order."""
    if len(rows) <= MOST_PICTURES:
        return rows
    return rows.take(
        np.sort(permutation(seed, f"report pictures of {purpose}", 0, len(rows))[:MOST_PICTURES])
    )


def _side(rows: Rows, pictures: PictureSet) -> Side:
    """The rows whose picture was measured."""
    at = np.searchsorted(pictures.numbers, rows.numbers)
    known = at < len(pictures.numbers)
    known[known] = pictures.numbers[at[known]] == rows.numbers[known]
    kept = np.flatnonzero(known)
    at = at[kept]
    return Side(rows.take(kept), pictures.features[at], pictures.statistics[at], pictures.files[at])
