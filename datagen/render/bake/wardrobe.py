"""The wardrobe in the order in which it is baked."""

from __future__ import annotations

from datagen.render.bake.bottoms import BOTTOMS
from datagen.render.bake.clothing import CLOTHING
from datagen.render.bake.dresses import FROCKS
from datagen.render.bake.item import Item
from datagen.render.bake.outerwear import OUTERWEAR

COMMON = """
t_shirt regular, trousers straight, shirt regular, sweater crew, trench_coat belted, dress flared, hoodie
pullover, jeans slim, skirt a_line, blazer single, tailored_coat single, puffer_jacket zipped, bomber_jacket
zipped, polo_shirt regular, shorts regular, cardigan buttoned, sweatshirt crew, car_coat single,
hooded_jacket hooded, puffer_coat zipped, quilted_jacket buttoned, denim_jacket buttoned, parka hooded,
gilet zipped, blouse loose, top sleeveless, joggers cuffed, pea_coat double, field_jacket pockets,
harrington_jacket zipped, overshirt buttoned, sweater_dress fitted, sweater roll_neck, trench_coat open,
blazer open, bomber_jacket open, tailored_coat open, dress slip, skirt pencil, trousers wide,
harrington_jacket fitted, hooded_jacket fitted-hooded
"""
"""Kinds with their cuts that are baked on several figures, the heaviest in the built-in profile first."""

FURTHER = """
swim_shorts drawcord, trench_coat long, swimsuit plain, duffle_coat hooded, duffle_coat open, cape collar,
trench_coat mid_length, t_shirt oversized, poncho fringed, shirt slim, car_coat mid_length, jeans straight,
dress mid_length, skirt mid_length, car_coat short, trousers cargo, trench_jacket belted, trench_jacket
open, skirt pleated, dress pleated, trousers relaxed, skirt short, dress short, t_shirt cropped, t_shirt
relaxed, car_coat long, trousers slim, hoodie oversized, dress long, sweater oversized, puffer_jacket
cropped, shirt short_sleeve, shirt relaxed, shirt oversized, jeans relaxed, t_shirt long_sleeve, sweatshirt
oversized, jeans wide, hoodie zip, trench_coat short, quilted_jacket cropped, skirt long, polo_shirt
long_sleeve, sweater v_neck, trousers cropped, dress belted, hooded_jacket cropped-hooded, duffle_coat
oversized, harrington_jacket cropped, skirt belted, t_shirt slim, denim_jacket oversized, tailored_coat
long, parka cropped, dress shirt_dress, dress gathered, car_coat open, parka open, puffer_jacket open,
quilted_jacket open, denim_jacket open, skirt gathered, trousers tapered, top camisole, sweater_dress crew,
puffer_jacket hooded, polo_shirt oversized, swimsuit belted, cardigan cropped, blazer oversized,
bomber_jacket oversized, t_shirt fitted, top tank, sweater fitted, hoodie fitted, sweatshirt fitted,
polo_shirt fitted
"""
"""Cuts that fewer products need, baked on one figure of every wearer.

Cuts that are defined and named in neither list show what hardly any title says; to bake one, add it here.
"""

ITEMS = {f"{item.kind} {item.cut}": item for item in CLOTHING + BOTTOMS + FROCKS + OUTERWEAR}


def _named(names: str) -> list[Item]:
    return [ITEMS[name] for name in names.replace("\n", " ").strip().split(", ")]


WARDROBE: list[Item] = _named(COMMON) + _named(FURTHER)
ON_ONE = frozenset(f"{item.kind} {item.cut}" for item in _named(FURTHER))
