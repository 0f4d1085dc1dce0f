"""Latent products: what a row and its picture are both computed from.

A :class:`Product` is one product as the renderer sees it; :class:`Products` is a batch of them, a
struct of NumPy arrays. :class:`datagen.product.sampler.Sampler` draws them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from datagen.product.choices import I32, I64
from datagen.product.looks import ANYBODY, Figures
from datagen.schemas.keyed import F64, U64

RGB = tuple[int, int, int]


class Colourway(NamedTuple):
    """A named set of colours; a check or a stripe needs all four, a solid only the ground."""

    name: str
    ground: RGB
    band: RGB
    line: RGB
    accent: RGB


class House(NamedTuple):
    """The made-up house whose marks are on the products: lettering and a two-letter emblem."""

    name: str
    letters: str


@dataclass(frozen=True, slots=True)
class Product:
    """One product, everything that its picture must show.

    ``cut`` and ``noise`` are 64-bit keys for the picture's free parameters: ``cut`` is shared by all
    colourways of a family (same silhouette, same pose), ``noise`` is the row's own (studio light,
    position, sensor noise). ``worn`` puts what a figure can wear on one; ``view`` and ``backdrop`` are
    words of the renderer, and ``figures`` are those that may wear products of its catalogue.
    """

    row: int
    kind: str
    wearer: str
    size: str
    detail: str
    pattern: str
    material: str
    colourway: Colourway
    cut: int
    noise: int
    worn: bool = True
    view: str = "front"
    backdrop: str = "studio"
    figures: Figures = ANYBODY


@dataclass(frozen=True)
class Products:
    """A batch of n products. Ids count the entries of the profile; ``phrases`` those of the titles.

    Rows with one ``family`` number share title, price and cut; ``leads``: whether a row is the first of them.
    All arrays have length n; ``picture_raw`` has the shape (n, 3).
    """

    row: I64
    family: I64
    leads: NDArray[np.bool_]
    shelf: I32
    kind: I32
    phrases: dict[str, I32]
    colourway: I32
    full: F64
    paid: F64
    number: I64
    cut: U64
    noise: U64
    picture_form: F64
    picture_raw: U64
    look: U64

    def __len__(self) -> int:
        return len(self.row)

    def slice(self, start: int, stop: int) -> Products:
        """The products at positions [start, stop) of the batch."""
        return self._map(lambda array: array[start:stop])

    def take(self, positions: I64) -> Products:
        """The products at some positions of the batch, in their order."""
        return self._map(lambda array: array[positions])

    @staticmethod
    def concatenate(batches: list[Products]) -> Products:
        """Some batches as one, in their order."""
        if len(batches) == 1:
            return batches[0]
        values: dict[str, object] = {}
        for field in fields(Products):
            parts = [getattr(batch, field.name) for batch in batches]
            if field.name == "phrases":
                values[field.name] = {
                    slot: np.concatenate([part[slot] for part in parts]) for slot in parts[0]
                }
            else:
                values[field.name] = np.concatenate(parts)
        return Products(**values)  # type: ignore[arg-type]

    def _map(self, change: object) -> Products:
        values: dict[str, object] = {}
        for field in fields(Products):
            value = getattr(self, field.name)
            if field.name == "phrases":
                values[field.name] = {slot: change(array) for slot, array in value.items()}  # type: ignore[operator]
            else:
                values[field.name] = change(value)  # type: ignore[operator]
        return Products(**values)  # type: ignore[arg-type]
