"""Families: one product in several colourways, that is several rows with one title and price.

A family lies within a block of rows, so that a row still depends on (profile, seed, row) alone.
Its rows are scattered over the block, so that any stretch of a catalogue looks like any other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from datagen.product.choices import I32, I64, Choices
from datagen.product.profile import Profile
from datagen.schemas.keyed import U64, further, uniforms, unit, words


class Membership(NamedTuple):
    """For each row of a block: the position of its family's first row, and its own rank in the family."""

    leader: I64
    rank: I32


class Families:
    """Which rows are colourways of one product, and which colourway each of them is."""

    def __init__(self, profile: Profile) -> None:
        self._sizes = Choices([list(profile.families.sizes.items())])
        names = list(profile.colourways)
        palettes = list(profile.palettes.values())
        self._palettes = [
            (
                np.array(
                    [names.index(name) for name, weight in palette.items() if weight > 0], dtype=np.int32
                ),
                np.array([weight for weight in palette.values() if weight > 0]),
            )
            for palette in palettes
        ]
        at = {name: index for index, name in enumerate(profile.palettes)}
        self._palette_of_kind = np.array(
            [at[kind.palette] for kind in profile.kinds.values()], dtype=np.int32
        )
        self._single = Choices(
            [[(names.index(name), weight) for name, weight in palette.items()] for palette in palettes]
        )

    def members(self, seed: int, block: int, rows: int) -> Membership:
        """Families of a block of ``rows`` rows: sizes drawn one after another, places shuffled."""
        u = uniforms(seed, "family size", block, rows)
        sizes = self._sizes.draw(0, u).astype(np.int64)
        ends = np.cumsum(sizes)
        sizes = sizes[: int(np.searchsorted(ends, rows)) + 1]
        starts = np.cumsum(sizes) - sizes
        place = np.argsort(words(seed, "family place", block, rows), kind="stable")
        family = np.repeat(np.arange(len(sizes)), sizes)[:rows]
        # Within a family places rise: its leader is its first row, wherever a stretch of rows is cut.
        place = place[np.lexsort((place, family))]
        leader, rank = np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int32)
        leader[place] = place[starts[family]]
        rank[place] = np.arange(rows) - starts[family]
        return Membership(leader, rank)

    def colourways(self, kind: I32, member: Membership, raw: U64) -> I32:
        """Colourway ids of the rows of a block; no two rows of a family share one.

        ``raw``: one 64-bit word a row. A family's colourways are a weighted draw without replacement:
        the order of exponential keys -log(u) / weight (Efraimidis and Spirakis, 2006).
        """
        palette = self._palette_of_kind[kind]
        picked = self._single.draw(palette, unit(raw))
        several = np.zeros(len(kind), dtype=bool)
        several[member.leader[member.rank > 0]] = True
        for at, (ids, weights) in enumerate(self._palettes):
            leaders = np.flatnonzero(several & (palette == at))
            if not len(leaders):
                continue
            u = unit(further(raw[leaders, None], np.arange(1, len(ids) + 1, dtype=np.uint64)))
            order = np.argsort(-np.log1p(-u) / weights, axis=1, kind="stable")
            index = np.full(len(kind), -1, dtype=np.int64)
            index[leaders] = np.arange(len(leaders))
            mine = index[member.leader] >= 0
            picked[mine] = ids[order[index[member.leader[mine]], member.rank[mine]]]
        return picked


def alone(member: Membership, loners: NDArray[np.bool_]) -> Membership:
    """``member`` with the rows in ``loners`` taken out of their family, each its own leader."""
    own = np.arange(len(loners), dtype=np.int64)
    return Membership(np.where(loners, own, member.leader), np.where(loners, 0, member.rank).astype(np.int32))
