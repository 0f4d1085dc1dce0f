"""The wardrobe: every cut of every kind that a figure wears, by its name such as "trench_coat long"."""

from __future__ import annotations

from datagen.render.bake.item import Item
from datagen.render.bake.worded import DRAWN_UP, worded
from datagen.render.bake.worn_by import WORN_BY, names_of


def item_of(name: str) -> Item:
    """The item of a name: one with a pattern of its own, or a plain one changed by the words of its cut."""
    if name in DRAWN_UP:
        return DRAWN_UP[name]
    kind, cut = name.split()
    return worded(kind, tuple(cut.split("-")))


WARDROBE: dict[str, Item] = {name: item_of(name) for figure in WORN_BY for name in names_of(figure)}
"""All that anybody wears."""
