"""Jackets and coats: all items."""

from __future__ import annotations

from datagen.render.bake.coats import COATS
from datagen.render.bake.item import Item
from datagen.render.bake.jackets import JACKETS

OUTERWEAR: list[Item] = COATS + JACKETS
