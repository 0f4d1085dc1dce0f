"""The wardrobe in the order in which it is baked."""

from __future__ import annotations

from datagen.render.bake.clothing import CLOTHING
from datagen.render.bake.item import Item
from datagen.render.bake.outerwear import OUTERWEAR

ORDER = """
t_shirt regular, trousers straight, shirt regular, sweater crew, trench_coat belted, dress a_line,
hoodie pullover, jeans slim, skirt a_line, blazer single, tailored_coat single, puffer_jacket zipped,
bomber_jacket zipped, polo_shirt regular, shorts regular, cardigan buttoned, sweatshirt crew, car_coat single,
hooded_jacket hooded, puffer_coat zipped, quilted_jacket buttoned, denim_jacket buttoned, parka hooded, gilet
zipped,
blouse loose, top sleeveless, joggers ribbed, pea_coat double, field_jacket pockets, harrington_jacket zipped,
overshirt buttoned, sweater_dress fitted, sweater roll_neck, trench_coat open, blazer open, bomber_jacket
open,
tailored_coat open, dress slip, skirt pencil, trousers wide,
duffle_coat hooded, cape collar, trench_jacket belted, poncho fringed, trench_coat long,
puffer_jacket hooded, car_coat open, trench_coat short, hooded_jacket hooded-open, quilted_jacket open,
parka open, trench_coat mid_length, quilted_jacket cropped, car_coat long, puffer_jacket open,
car_coat mid_length, field_jacket open, puffer_jacket oversized, car_coat short, cape hooded,
denim_jacket open, puffer_jacket cropped, overshirt open, trench_coat cropped, bomber_jacket cropped,
blazer slim, car_coat hooded, duffle_coat open, denim_jacket oversized, quilted_jacket oversized,
quilted_jacket hooded, puffer_coat long, puffer_coat hooded, hooded_jacket cropped-hooded,
hooded_jacket oversized-hooded, gilet hooded, blazer cropped, trench_coat oversized, trench_jacket open,
pea_coat open, tailored_coat mid_length, tailored_coat belted, tailored_coat long, puffer_coat open,
harrington_jacket open, gilet open, hooded_jacket hooded-half, parka long, field_jacket hooded,
trench_coat hooded, car_coat long-hooded, duffle_coat oversized, overshirt slim, gilet cropped,
blazer oversized, overshirt oversized, denim_jacket hooded, tailored_coat collarless,
hooded_jacket relaxed-hooded, overshirt relaxed, bomber_jacket oversized, tailored_coat double,
tailored_coat oversized, puffer_coat long-hooded, pea_coat cropped, pea_coat oversized, parka belted,
duffle_coat long, trench_jacket short, blazer double, parka cropped, harrington_jacket cropped
"""
"""Kinds with their cuts, the heaviest in the built-in profile first; then further cuts."""

ITEMS = {f"{item.kind} {item.cut}": item for item in CLOTHING + OUTERWEAR}

WARDROBE: list[Item] = [ITEMS[name] for name in ORDER.replace("\n", " ").strip().split(", ")]
