"""Products without a wearer, baked from solids: a layer for each kind, cut and view, at its own scale."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

from datagen.render.baked.layers import DATA, Layer, index, read
from datagen.schemas import InputError

Spot = tuple[int, int, int]
"""A place for a motif: across, along and width on the material, in half millimetres."""


class Packshot(NamedTuple):
    """A product as one camera sees it."""

    kind: str
    """A key of ``silhouettes.TABLE``."""
    cut: str
    view: str
    """"front" or "three_quarter"."""
    scale: float
    """Pixels of the layer per centimetre of the product."""
    mark: Spot
    badge: Spot
    layer: Layer


@functools.lru_cache(maxsize=24)
def packshot(kind: str, cut: str, view: str, folder: Path = DATA) -> Packshot:
    """A packshot, decoded. Raises InputError if it is not in the index, RunFailed if its file is damaged."""
    known = index(folder)
    if (kind, cut, view) not in known.packshots:
        raise InputError(f"There is no packshot of {kind[:60]!r}, {cut[:60]!r}, {view[:60]!r}: see index().")
    told, record = known.packshots[kind, cut, view]
    layer, _ = read(folder, known, record)
    return Packshot(kind, cut, view, float(told["scale"]), _spot(told["mark"]), _spot(told["badge"]), layer)


def _spot(told: list[int]) -> Spot:
    across, along, width = told
    return int(across), int(along), int(width)
