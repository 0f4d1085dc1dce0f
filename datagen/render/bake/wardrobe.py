"""The wardrobe in the order in which it is baked."""

from __future__ import annotations

from datagen.render.bake.clothing import CLOTHING
from datagen.render.bake.item import Item
from datagen.render.bake.outerwear import OUTERWEAR

ORDER = """
t_shirt regular, trousers straight, shirt regular, sweater crew, trench_coat belted, dress a_line,
hoodie pullover, jeans slim, skirt a_line, blazer single, tailored_coat single, puffer_jacket zipped,
bomber_jacket zipped, polo_shirt regular, shorts regular, cardigan buttoned, sweatshirt crew, car_coat single,
hooded_jacket zipped, puffer_coat zipped, quilted_jacket buttoned, denim_jacket buttoned, parka hooded, gilet
zipped,
blouse loose, top sleeveless, joggers ribbed, pea_coat double, field_jacket pockets, harrington_jacket zipped,
overshirt buttoned, sweater_dress fitted, sweater roll_neck, trench_coat open, blazer open, bomber_jacket
open,
tailored_coat open, dress slip, skirt pencil, trousers wide
"""
"""Kinds with their cuts, the heaviest in the built-in profile first; then further cuts."""

ITEMS = {f"{item.kind} {item.cut}": item for item in CLOTHING + OUTERWEAR}

WARDROBE: list[Item] = [ITEMS[name] for name in ORDER.replace("\n", " ").strip().split(", ")]
