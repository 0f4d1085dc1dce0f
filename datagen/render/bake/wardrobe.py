"""The wardrobe: every cut of every kind that a figure wears, by its name such as "trench_coat long"."""

from __future__ import annotations

from datagen.render.bake.bottoms import BOTTOMS
from datagen.render.bake.clothing import CLOTHING
from datagen.render.bake.dresses import FROCKS
from datagen.render.bake.item import Item
from datagen.render.bake.outerwear import OUTERWEAR
from datagen.render.bake.worded import worded
from datagen.render.bake.worn_by import WORN_BY

DRAWN_UP = {f"{item.kind} {item.cut}": item for item in CLOTHING + BOTTOMS + FROCKS + OUTERWEAR}
"""Cuts with a pattern of their own."""


def item_of(name: str) -> Item:
    """The item of a name: one with a pattern of its own, or a plain one changed by the words of its cut."""
    if name in DRAWN_UP:
        return DRAWN_UP[name]
    kind, cut = name.split()
    return worded(kind, tuple(cut.split("-")))


def names_of(figure: str) -> list[str]:
    """The names of what a figure wears, in the order in which they are baked."""
    every = (entry.split() for entry in WORN_BY[figure].replace("\n", " ").split(","))
    return [f"{kind} {cut}" for kind, *cuts in every for cut in cuts]


WARDROBE: dict[str, Item] = {name: item_of(name) for figure in WORN_BY for name in names_of(figure)}
"""All that anybody wears."""
