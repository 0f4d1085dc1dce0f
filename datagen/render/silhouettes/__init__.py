"""The table of kinds: how each is drawn and photographed.

Each file of drawings ends with its entries in ``KINDS``; a new kind is one function and one entry.
"""

from __future__ import annotations

from datagen.product.vocabulary import Fit
from datagen.render.figure.body import BUILDS
from datagen.render.figure.fronts import Opening, OpenSketch, open_front, opening_of
from datagen.render.layers import Sketch
from datagen.render.random_stream import RandomStream, derive_key, salt
from datagen.render.silhouettes import (
    accessories,
    bags,
    beauty,
    boots,
    bottoms,
    casual_coats,
    coats,
    dresses,
    flat_shoes,
    hats,
    jackets,
    jewels,
    knits,
    shoes,
    small_leather,
    soft_bags,
    textile_accessories,
    tops,
)
from datagen.render.silhouettes.kind import CUTS, Kind

TABLE: dict[str, Kind] = {
    **accessories.KINDS,
    **bags.KINDS,
    **beauty.KINDS,
    **boots.KINDS,
    **bottoms.KINDS,
    **casual_coats.KINDS,
    **coats.KINDS,
    **dresses.KINDS,
    **flat_shoes.KINDS,
    **hats.KINDS,
    **jackets.KINDS,
    **jewels.KINDS,
    **knits.KINDS,
    **shoes.KINDS,
    **small_leather.KINDS,
    **soft_bags.KINDS,
    **textile_accessories.KINDS,
    **tops.KINDS,
}
"""Every kind that can be drawn."""


def sketch(
    kind: str, wearer: str, fit: Fit, detail: str, bucket: int, *, worn: bool = False, behind: bool = False
) -> Sketch:
    """The layers of one cut of a kind, in cm; ``bucket`` (0 to CUTS - 1) fixes its free parameters.

    With ``worn`` it is drawn for a figure, with ``behind`` as seen from behind.
    """
    cut = kind, wearer, detail, RandomStream(salt(kind), bucket), fit
    opening = _opening(kind, wearer, fit, detail, bucket) if worn and not behind else None
    if opening is None:
        drawing = Sketch(*cut, worn=worn, behind=behind)
        TABLE[kind].draw(drawing)
        return drawing
    fronts = OpenSketch(*cut, worn=True, opening=opening)
    TABLE[kind].draw(fronts)
    open_front(fronts)
    return fronts


def _opening(kind: str, wearer: str, fit: Fit, detail: str, bucket: int) -> Opening | None:
    """How a figure wears the cut open; None: it is worn closed."""
    key = derive_key(salt(kind), salt(detail), round(fit.length * 100), round(fit.width * 100))
    place = bucket / CUTS + list(BUILDS).index(wearer) / (CUTS * len(BUILDS)) if wearer in BUILDS else 0.0
    return opening_of(TABLE[kind].opens, TABLE[kind].unzips, key, place, wearer, detail)


__all__ = ["CUTS", "TABLE", "Kind", "sketch"]
