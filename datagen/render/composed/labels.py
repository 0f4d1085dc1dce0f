"""Which fill each pixel of a composed stencil shows: a label, and at an edge a second one and their shares.

Painting is a table lookup for all pixels and a mixture at the edges, however many fills there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from datagen.render.composed.window import extent, table_of
from datagen.render.layers import FIGURE, FILLS
from datagen.render.outlines import Box
from datagen.render.planes import Bytes, looked_up

MATERIAL = ("ground", "plain", "shade", "accent", "line")
"""Fills that are of the product's material."""

SHADES = tuple(range(2, 152, 2))
"""How much of the colour of flushed skin (``blush``) skin can have, in 255ths: a label for each."""

NAMES = (*MATERIAL, *(name for name in FILLS if name not in (*MATERIAL, *FIGURE)), *FIGURE)
"""Every fill by its label; in this order the product's material and the figure are ranges of labels."""

LABELS = (*NAMES, *("flesh" for _ in SHADES))
"""What labels count through; 0 is the ground. The last ones are skin, ever more of it flushed."""

FIRST_FIXED, FIRST_OF_FIGURE = len(MATERIAL), LABELS.index(FIGURE[0])
"""The first label that is not of the product's material, and the first of the figure."""

FULL = 250
"""The coverage from which a pixel belongs to one fill alone."""

HALF = 128
"""The share from which a fill is the first one of a pixel."""


class Labels(NamedTuple):
    """``first`` is the label of most of a pixel; ``edges`` are the places where a second one shows.

    Places count pixels row by row. ``second`` are the labels there, ``share`` the first's shares in 255ths.
    """

    first: Bytes
    edges: npt.NDArray[np.int32]
    second: Bytes
    share: Bytes

    @property
    def bytes(self) -> int:
        """Memory used, in bytes."""
        return sum(array.nbytes for array in self)

    def mirrored(self) -> Labels:
        """The mirror image."""
        width = self.first.shape[1]
        flipped = self.edges + np.int32(width - 1) - 2 * (self.edges % np.int32(width))
        return Labels(self.first[:, ::-1], flipped, self.second, self.share)

    def figure(self) -> npt.NDArray[np.bool_]:
        """Where the figure is, not the product."""
        return self.first >= FIRST_OF_FIGURE

    def own(self, *, alone: bool) -> npt.NDArray[np.bool_]:
        """Where light is reflected as by the product's material: on all that is not the figure; on a product
        that is ``alone`` not on hardware, soles and laces either."""
        return self.first < (FIRST_FIXED if alone else FIRST_OF_FIGURE)


class Labelling:
    """Labels in the making, and what is covered at all."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.cover = np.zeros(shape, np.uint8)
        self.first = np.zeros(shape, np.uint8)
        self.second = np.zeros(shape, np.uint8)
        self.share = np.full(shape, 255, np.uint8)

    def lay(self, fill: str, box: Box, mask: Bytes) -> None:
        """Give the pixels of ``mask`` in ``box`` to a fill: wholly, or in part along its edge."""
        label = np.uint8(LABELS.index(fill))
        # None less one is 255, so one comparison finds what is between none and all.
        soft = np.flatnonzero(mask - np.uint8(1) < FULL - 1)
        if len(soft):
            self._mix(label, box, soft, mask.ravel().take(soft))
        whole = mask >= FULL
        part = slice(box[1], box[3]), slice(box[0], box[2])
        np.copyto(self.first[part], label, where=whole)
        np.copyto(self.share[part], np.uint8(255), where=whole)
        np.copyto(self.cover[part], np.uint8(255), where=whole)

    def _mix(self, label: np.uint8, box: Box, soft: npt.NDArray[np.intp], amount: Bytes) -> None:
        """Give a part of pixels to a fill: ``amount`` of those that are ``soft``, counted within the box."""
        # Places in a plane of one dimension: NumPy finds these several times faster than rows and columns.
        width, wide = self.cover.shape[1], box[2] - box[0]
        at = soft + soft // wide * (width - wide) + (box[1] * width + box[0])
        planes = (plane.reshape(-1) for plane in (self.cover, self.first, self.second, self.share))
        cover, first, second, share = planes
        under, before = cover.take(at), first.take(at)
        # Against the studio the fill alone gives the colour: no other lies behind it.
        bare, same = under == 0, before == label
        wins = (amount >= HALF) | bare
        alone = bare | same
        first[at] = np.where(wins, label, before)
        second[at] = np.where(wins, np.where(alone, label, before), np.where(same, second.take(at), label))
        share[at] = np.where(
            wins, np.where(alone, np.uint8(255), amount), np.where(same, share.take(at), 255 - amount)
        )
        cover[at] = under + (((255 - under) * amount.astype(np.uint16) + 255) >> 8).astype(np.uint8)

    def labels(self, part: tuple[slice, slice]) -> Labels:
        """The labels of a part."""
        first, second, share = self.first[part].copy(), self.second[part].ravel(), self.share[part].ravel()
        edges = np.flatnonzero((share < 255) & (second != first.ravel()))
        return Labels(first, edges.astype(np.int32), second[edges], share[edges])


def other_fills(
    part: Bytes, fills: tuple[str, ...], main: str, seen: npt.NDArray[np.bool_] | None = None
) -> Iterator[tuple[str, tuple[slice, slice], Bytes]]:
    """The fills but the main one that a layer has: each with its rows and columns and, within these, a mask.

    ``fills`` are those of all parts. A mask is 255 where the fill is and 0 elsewhere. With ``seen``, fills
    that are nowhere seen are left out.
    """
    names, table = _numbered(fills, main)
    number = looked_up(part, table)
    # All that is not the main fill is often small, as is a face: what follows looks at nothing else.
    whole = extent(number)
    if whole is None:
        return
    number, part = number[whole], part[whole]
    other = number > 0 if seen is None else (number > 0) & seen[whole]
    found = np.flatnonzero(np.bincount(part[other], minlength=len(fills))).tolist()
    rows, columns = whole[0].start, whole[1].start
    for fill in dict.fromkeys(table[each] for each in found):
        own = (number == fill).view(np.uint8)
        if (at := extent(own)) is not None:
            down = slice(at[0].start + rows, at[0].stop + rows)
            across = slice(at[1].start + columns, at[1].stop + columns)
            yield names[fill], (down, across), own[at] * np.uint8(255)


@lru_cache(maxsize=256)
def _numbered(fills: tuple[str, ...], main: str) -> tuple[tuple[str, ...], bytes]:
    """The names of fills, the main one first, and a table from parts to their numbers."""
    names = tuple(dict.fromkeys((main, *fills)))
    return names, table_of(names.index(fill) for fill in fills)
