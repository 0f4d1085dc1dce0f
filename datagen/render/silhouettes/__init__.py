"""KIND -> how it is drawn and how it stands in the picture. Adding a kind is one entry and one function."""

from __future__ import annotations

from datagen.render.dice import Dice, salt
from datagen.render.layers import Sketch
from datagen.render.silhouettes import (
    accessories,
    bags,
    beauty,
    bottoms,
    casual_coats,
    cloths,
    coats,
    dresses,
    flat_shoes,
    hats,
    jackets,
    jewels,
    knits,
    shoes,
    small,
    soft_bags,
    tops,
)
from datagen.render.silhouettes.kind import CUTS, Kind
from datagen.render.vocabulary import Fit

TABLE: dict[str, Kind] = {
    **accessories.KINDS,
    **bags.KINDS,
    **beauty.KINDS,
    **bottoms.KINDS,
    **casual_coats.KINDS,
    **cloths.KINDS,
    **coats.KINDS,
    **dresses.KINDS,
    **flat_shoes.KINDS,
    **hats.KINDS,
    **jackets.KINDS,
    **jewels.KINDS,
    **knits.KINDS,
    **shoes.KINDS,
    **small.KINDS,
    **soft_bags.KINDS,
    **tops.KINDS,
}
"""Every kind that can be drawn."""


def sketch(
    kind: str, wearer: str, fit: Fit, detail: str, bucket: int, *, worn: bool = False, behind: bool = False
) -> Sketch:
    """The layers of one cut of a kind, in cm; ``bucket`` (0 to CUTS - 1) fixes its free parameters.

    ``worn`` draws it for a figure to wear, ``behind`` as that is seen from behind.
    """
    drawing = Sketch(kind, wearer, detail, Dice(salt(kind), bucket), fit, worn=worn, behind=behind)
    TABLE[kind].draw(drawing)
    return drawing


__all__ = ["CUTS", "TABLE", "Kind", "sketch"]
