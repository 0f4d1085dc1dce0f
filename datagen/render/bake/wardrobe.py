"""The wardrobe in the order in which it is baked."""

from __future__ import annotations

from datagen.render.bake.bottoms import BOTTOMS
from datagen.render.bake.clothing import CLOTHING
from datagen.render.bake.dresses import FROCKS
from datagen.render.bake.item import Item
from datagen.render.bake.outerwear import OUTERWEAR

ORDER = """
t_shirt regular, trousers straight, shirt regular, sweater crew, trench_coat belted, dress flared,
hoodie pullover, jeans slim, skirt a_line, blazer single, tailored_coat single, puffer_jacket zipped,
bomber_jacket zipped, polo_shirt regular, shorts regular, cardigan buttoned, sweatshirt crew, car_coat single,
hooded_jacket zipped, puffer_coat zipped, quilted_jacket buttoned, denim_jacket buttoned, parka hooded, gilet
zipped,
blouse loose, top sleeveless, joggers cuffed, pea_coat double, field_jacket pockets, harrington_jacket zipped,
overshirt buttoned, sweater_dress fitted, sweater roll_neck, trench_coat open, blazer open, bomber_jacket
open,
tailored_coat open, dress slip, skirt pencil, trousers wide,
dress gathered, shirt short_sleeve, dress shirt_dress, jeans straight, skirt pleated, swim_shorts drawcord,
swimsuit plain, trousers tapered, dress mid_length, trousers cargo, top camisole, t_shirt oversized,
skirt short, trousers slim, skirt gathered, shirt relaxed, dress pleated, shirt slim, sweater_dress crew,
shorts drawstring, skirt mid_length, shirt oversized, dress smock, hoodie oversized, dress short,
jeans relaxed, top cropped, jeans skinny, skirt long, sweater v_neck, dress long, trousers cropped,
dress sleeveless, polo_shirt long_sleeve, skirt belted, polo_shirt oversized, skirt lace_trim,
t_shirt long_sleeve, swimsuit belted, trousers relaxed, dress belted, sweater oversized, dress lace_trim,
joggers relaxed, cardigan cropped, sweatshirt oversized, sweater_dress belted, trousers pleated,
t_shirt cropped, t_shirt relaxed, shirt pleated, jeans wide, shirt cropped, hoodie zip, top lace_trim,
shorts wide, shorts pleated, cardigan long, t_shirt slim, sweater_dress mid_length, shirt relaxed-short_sleeve
"""
"""Kinds with their cuts, the heaviest in the built-in profile first; then further cuts."""

ITEMS = {f"{item.kind} {item.cut}": item for item in CLOTHING + BOTTOMS + FROCKS + OUTERWEAR}

WARDROBE: list[Item] = [ITEMS[name] for name in ORDER.replace("\n", " ").strip().split(", ")]
