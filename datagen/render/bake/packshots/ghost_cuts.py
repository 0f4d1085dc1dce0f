"""Which garments are baked as if on an invisible body: the commonest, for whom they are commonest."""

from __future__ import annotations

GHOSTS = {
    "woman": """
blouse loose, cape collar, cardigan buttoned, dress flared gathered slip, shirt regular, shorts
regular, skirt a_line, sweater crew v_neck, sweater_dress crew, swimsuit plain, t_shirt
regular, top sleeveless, trousers straight
""",
    "man": """
field_jacket pockets, harrington_jacket zipped, polo_shirt regular, shirt regular, shorts regular,
sweater crew, swim_shorts drawcord, t_shirt oversized regular, trousers straight
""",
    "man-woman": """
blazer single, bomber_jacket zipped, car_coat single, gilet zipped, hooded_jacket hooded, hoodie pullover,
jeans straight, joggers cuffed, overshirt buttoned, parka hooded, puffer_jacket zipped, quilted_jacket
buttoned, sweatshirt crew, trench_coat belted long
""",
    "child": """
dress gathered, hoodie pullover, joggers cuffed, polo_shirt regular, puffer_jacket zipped, quilted_jacket
buttoned, shirt regular, shorts regular, skirt a_line, sweater crew, sweatshirt crew, t_shirt regular,
trousers straight
""",
    "baby": """
baby_set cardigan sweatshirt, cardigan buttoned, dress gathered long_sleeve pleated, hoodie
pullover, polo_shirt regular, shirt regular, sweater crew sleeveless, sweatshirt crew, t_shirt
oversized regular, trousers straight
""",
}
"""Wearers (on the body of the first) -> kinds, each with its cuts, as in ``worn_by.py``."""


SETS = {
    "baby_set": {
        "cardigan": ("trousers straight", "cardigan buttoned"),
        "sweatshirt": ("joggers cuffed", "sweatshirt crew"),
    },
}
"""Kinds that are several garments: cut -> what is over what, the outermost last; a hat lies above."""


def cuts_of(kind: str) -> list[tuple[str, str]]:
    """(wearers, cut) of every garment of a kind that is photographed so, in the order of the table."""
    found = []
    for wearers, kinds in GHOSTS.items():
        for name, *cuts in map(str.split, kinds.split(",")):
            found += [(wearers, cut) for cut in cuts if name == kind]
    return found
