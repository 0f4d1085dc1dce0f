"""Which kinds are composed from baked layers when they are worn, and what their parts are painted with.

A kind that is not in ``COMPOSED`` is drawn from its silhouette, and so is a product whose size or detail no
baked cut shows.
"""

from __future__ import annotations

from datagen.render.fabrics import RELIEFS

COMPOSED = frozenset(
    {
        "blazer",
        "blouse",
        "bomber_jacket",
        "cape",
        "car_coat",
        "cardigan",
        "denim_jacket",
        "dress",
        "duffle_coat",
        "field_jacket",
        "gilet",
        "harrington_jacket",
        "hooded_jacket",
        "hoodie",
        "jeans",
        "joggers",
        "overshirt",
        "parka",
        "pea_coat",
        "polo_shirt",
        "poncho",
        "puffer_coat",
        "puffer_jacket",
        "quilted_jacket",
        "shirt",
        "shorts",
        "skirt",
        "sweater",
        "sweater_dress",
        "sweatshirt",
        "swim_shorts",
        "swimsuit",
        "t_shirt",
        "tailored_coat",
        "top",
        "trench_coat",
        "trench_jacket",
        "trousers",
    }
)
"""Kinds whose composed pictures look better than those from silhouettes and are recognised as well."""

EMBLEMS = frozenset({"embroidered", "logo", "crest", "applique"})
PAINTED = EMBLEMS | {"none", "contrast", "reversible", "cropped_collar", *RELIEFS}
"""Details that are paint or a texture: any cut can show them. All others need a cut of that name."""

COLLARED = frozenset(
    {
        *("blazer", "blouse", "cape", "car_coat", "denim_jacket", "field_jacket", "gilet", "overshirt"),
        *("harrington_jacket", "pea_coat", "polo_shirt", "puffer_coat", "puffer_jacket", "quilted_jacket"),
        *("shirt", "tailored_coat", "trench_coat", "trench_jacket"),
    }
)
"""Kinds whose plain cuts have a collar: only these can show a corduroy collar as paint."""

SAME = {"detachable_hood": "hooded"}
"""Details that the picture cannot tell from another: a cut that shows the other shows them."""

PLAIN_SIZES = frozenset({"regular", "medium"})
"""Sizes that any cut can show. All others need a cut of that name."""

SHOWN_BY = {"zipped": "zip", "roll_neck": "turtleneck", "double": "double_breasted"}
"""Names of cuts that are other words for a detail."""

USUAL: dict[str, frozenset[str]] = {
    "trench_coat": frozenset({"belted"}),
    "parka": frozenset({"hooded"}),
    "hooded_jacket": frozenset({"hooded", "zip"}),
    "jeans": frozenset({"slim"}),
    "swim_shorts": frozenset({"drawcord"}),
    "top": frozenset({"sleeveless"}),
    "gilet": frozenset({"sleeveless", "zip"}),
    "pea_coat": frozenset({"double_breasted"}),
    "duffle_coat": frozenset({"hooded"}),
    "trench_jacket": frozenset({"belted"}),
}
"""Words of a kind's cuts that its titles need not say: such a cut also shows a product without the word."""

ALWAYS_USUAL = frozenset({"straight", "zip"})
"""The same for every kind."""

COMPANIONS = {
    "below": {
        "woman": ("trousers", "trousers", "trousers", "jeans", "jeans", "skirt"),
        "man": ("trousers", "jeans"),
        "child": ("trousers", "jeans", "joggers"),
    },
    "inner": {
        "woman": ("t_shirt", "sweater", "shirt", "top"),
        "man": ("t_shirt", "shirt", "sweater"),
        "child": ("t_shirt", "sweatshirt"),
    },
}
"""What a figure wears besides the product, by the fill that paints it: kinds, repeated by their weight."""

LOOSE = frozenset({"hoodie", "sweatshirt"})
"""Tops that hang over the waist of trousers; all others are tucked in."""

WAIST_WORDS = frozenset({"belted", "pleated", "drawcord", "zip"})
"""Details that are seen at a waist, so that no loose top is worn over them."""

SNUG = ("fitted", "tank")
"""Cuts that follow the body."""

ARMS_AWAY = ("hand_on_hip", "both_on_hips")
"""Poses in which only such cuts, where there are any, are worn under a product."""

ALSO_BELOW_TOPS = ("shorts", "joggers")
"""What a top is worn with as well, but no coat."""

BODY = {
    "lips": "lips",
    "eye_white": "eye",
    **dict.fromkeys(("brows", "lashes"), "brow"),
    **{part: part for part in ("iris", "pupil", "stubble")},
    "hair": "hair",
    "shoe": "shoe",
    **dict.fromkeys(("sole", "sock", "laces"), "sole_below"),
    "underwear": "inner",
}
"""Fills of a body's parts; all others are skin, "flesh"."""

PRODUCT = {
    "inside": "lining",
    "button": "button",
    "zip": "metal",
    "buckle": "metal",
    "drawcord": "white",
    "neckband": "plain",
    "stitch": "accent",
    "rivet": "metal",
    "tape": "line",
    "lace": "white",
}
"""Fills of the product's parts; all others are its ground, or as a detail says."""

TRIMS = {
    "contrast": ("collar", "cuff", "placket", "flap", "belt", "epaulette", "hem", "neckband"),
    "cropped_collar": ("collar",),
    "reversible": ("collar", "cuff", "hem"),
    "detachable_warmer": ("lining",),
}
"""Detail -> the parts that it paints in the second colour ("trim")."""


RIBBED: dict[str, frozenset[str]] = {
    "bomber_jacket": frozenset({"cuff", "hem", "neckband"}),
    "cardigan": frozenset({"cuff", "hem", "neckband", "placket"}),
    "harrington_jacket": frozenset({"cuff", "hem"}),
    "hoodie": frozenset({"cuff", "hem"}),
    "joggers": frozenset({"cuff"}),
    "polo_shirt": frozenset({"collar", "cuff"}),
    "sweatshirt": frozenset({"cuff", "hem", "neckband"}),
}
"""Kinds whose parts are of another, ribbed knit than the rest, which looks a little darker ("shade")."""


def fill_of(part: str, role: str, detail: str, kind: str = "") -> str:
    """The fill (of ``layers.FILLS``) that a part of a body or of a garment of a kind is painted with."""
    if role == "body" or role == "hair":
        return BODY.get(part, "flesh")
    if role != "product":
        return role
    if part in TRIMS.get(detail, ()):
        return "trim"
    if part in RIBBED.get(kind, ()):
        return "shade"
    return PRODUCT.get(part, "ground")
