"""The words that describe a product's picture, as data: one line of meaning each. The renderer draws them.

:func:`check_drawable` checks a profile against these tables, :func:`require` a single word.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from datagen.schemas import InputError
from datagen.schemas.yaml_file import nearest

if TYPE_CHECKING:
    from datagen.product.profile import Profile


class Fit(NamedTuple):
    """What a size word does: factors on length, width and overall scale, and on the leg or skirt's hem."""

    length: float = 1.0
    width: float = 1.0
    scale: float = 1.0
    taper: float = 1.0


SMALLEST_SIDE, LARGEST_SIDE = 64, 4096
"""Limits of a picture's width and height, in pixels."""

REGULAR = Fit()

FITS = {
    "regular": Fit(),
    "micro": Fit(0.55, 0.96, 0.52),
    "mini": Fit(0.68, 0.97, 0.64),
    "small": Fit(0.96, 0.95, 0.78),
    "medium": Fit(1.0, 1.04, 0.9),
    "large": Fit(1.05, 1.1, 1.16),
    "oversized": Fit(1.06, 1.2, 1.26),
    "long": Fit(1.22, 1.0, 1.04),
    "mid_length": Fit(1.1, 1.0, 1.0),
    "short": Fit(0.8, 1.0, 0.94),
    "cropped": Fit(0.66, 1.02, 0.9),
    "slim": Fit(1.0, 0.88, 0.95, 0.9),
    "relaxed": Fit(1.02, 1.11, 1.03, 1.12),
    "straight": Fit(1.0, 1.0, 1.0, 1.3),
    "skinny": Fit(1.0, 0.82, 0.92, 0.72),
    "wide": Fit(1.0, 1.16, 1.05, 1.5),
}

SIZES = {
    "regular": "the kind's usual proportions",
    "micro": "about half of it: a micro bag, a micro skirt",
    "mini": "about two thirds",
    "small": "a step smaller",
    "medium": "between small and large",
    "large": "a step larger",
    "oversized": "wide shoulders and body, long sleeves; the largest bag",
    "long": "hem well below the usual",
    "mid_length": "hem a little below the usual",
    "short": "hem well above the usual",
    "cropped": "hem at the waist; trousers end above the ankle",
    "slim": "close to the body",
    "relaxed": "easy through body and leg",
    "straight": "leg or body without taper",
    "skinny": "narrowest",
    "wide": "widest leg or body",
}

WEARERS = {
    "woman": "narrower shoulder, shaped waist",
    "man": "wider shoulder, straight body",
    "child": "shorter and wider in proportion",
    "baby": "smallest and widest in proportion",
}

DETAILS = {
    "none": "nothing added",
    "hooded": "a hood",
    "detachable_hood": "a hood on buttons or a zip",
    "belted": "a belt at the waist",
    "reversible": "the lining, in the second colour, shows at collar and hem",
    "quilted": "diamond quilting all over",
    "sleeveless": "no sleeves",
    "short_sleeve": "sleeves to the upper arm",
    "long_sleeve": "sleeves to the wrist",
    "embroidered": "a small stitched emblem",
    "logo": "the house's name",
    "crest": "a shield with the house's letters",
    "drawcord": "cords at waist, hem or neck",
    "pleated": "pressed pleats",
    "zip": "a visible zip",
    "cropped_collar": "a corduroy collar in the second colour",
    "contrast": "edges and trims in the second colour",
    "lace_trim": "a scalloped lace edge",
    "double_breasted": "two rows of buttons",
    "collarless": "a plain round neck",
    "v_neck": "a V neckline",
    "turtleneck": "a high rolled neck",
    "cargo": "bellows pockets",
    "chain": "a metal chain",
    "detachable_warmer": "a padded inner front in the second colour",
    "applique": "a large sewn-on emblem",
    "ribbed": "vertical ribs all over",
    "cable": "cable stitch all over",
    "block_heel": "a block heel",
    "platform": "a platform sole",
}

PATTERNS = {
    "solid": "one colour",
    "check": "four-colour tartan: wide bands, fine lines, right-angle overlaps",
    "exaggerated_check": "the same tartan at more than twice the scale",
    "stripe": "stripes of the second colour with a fine third",
    "houndstooth": "broken check of four-pointed teeth",
    "argyle": "lozenges with a diagonal over-line",
    "monogram": "the house's two letters all over",
    "floral": "scattered flowers",
    "rose": "large roses with leaves",
    "camouflage": "blotches of all four colours",
    "colour_block": "large fields of different colours",
    "print": "an abstract graphic all over",
    "graphic": "a placed graphic",
    "polka_dot": "dots",
    "paisley": "drop-shaped motifs",
    "emblem": "a small placed emblem",
    "lettering": "the house's name, large",
    "snake": "scales",
    "horse_motif": "a placed galloping beast, abstract",
    "letter_graphic": "the house's first letter, very large, with a frame",
}

MATERIALS = {
    "cotton": "plain weave, matt",
    "gabardine": "fine steep twill, slight sheen",
    "canvas": "coarse plain weave",
    "denim": "marked twill with pale weft",
    "corduroy": "vertical cords",
    "jersey": "fine knit, soft",
    "pique": "small raised cells",
    "linen": "plain weave with slubs",
    "poplin": "very fine weave, crisp",
    "twill": "diagonal ribs",
    "wool": "short fibres, matt",
    "cashmere": "fine soft nap",
    "silk": "smooth with broad sheen",
    "satin": "smooth with bright sheen",
    "nylon": "crisp with small bright creases",
    "polyester": "smooth, slight sheen",
    "leather": "smooth, bright edges",
    "grainy_leather": "pebbled grain",
    "suede": "soft nap with shading",
    "patent_leather": "mirror-like",
    "shearling": "curled pile",
    "mesh": "open net",
    "lace": "open flowers on net",
    "velvet": "deep pile, bright at the edges",
    "tweed": "flecked coarse weave",
    "boucle": "looped yarn",
    "mohair": "long fuzzy fibres",
    "down": "crisp shell over filling",
    "rubber": "dull, thick",
    "metal": "polished metal",
    "acetate": "polished plastic, mottled",
    "glass": "clear and polished",
    "alligator": "large rectangular scales",
}

VIEWS = {
    "front": "from the front",
    "three_quarter": "turned by a quarter of a right angle or a little more",
    "back": "from behind; what no figure wears keeps its front",
    "detail": "near: collar and chest, or the middle of a thing",
}

BACKDROPS = {
    "studio": "a pale grey studio with a soft vignette",
    "white": "pure white",
    "colour": "a wall and a floor of one muted colour",
}

BODIES = {"slim": "a slim body", "full": "a fuller one"}

AGES = {
    "adult": "a grown person",
    "older": "a person of sixty or more",
    **{years: f"a child of {years}" for years in ("7", "8", "11", "12")},
}

POSES = {
    "square": "straight, arms hanging",
    "wide": "straight, feet apart",
    "contrapposto": "the weight on one leg",
    "shift": "the weight on the other leg",
    "crossed": "one foot before the other",
    "bent": "one arm bent",
    "stride": "one step forward, arms swinging",
    "walking": "a long step forward",
    "thigh": "one hand at a thigh",
    "both_thighs": "both hands at the thighs",
    "hand_on_hip": "one hand on a hip",
    "both_on_hips": "both hands on the hips",
    "behind": "both hands behind the back",
}

ORIGINS = {
    "african": "skin and hair of African people",
    "asian": "of East Asian people",
    "european": "of northern European people",
    "mixed": "of people with African and European parents",
    "southern": "of people around the Mediterranean",
}

OUTERWEAR = {
    "trench_coat": "double-breasted coat, epaulettes, storm flap, belt",
    "car_coat": "straight thigh-length coat, hidden buttons, small collar",
    "tailored_coat": "knee-length coat with notched lapels",
    "duffle_coat": "hooded coat with toggles",
    "pea_coat": "short double-breasted coat, wide lapels",
    "parka": "hooded coat with drawn waist and large pockets",
    "puffer_jacket": "padded jacket in channels",
    "puffer_coat": "padded long coat in channels",
    "quilted_jacket": "diamond-quilted jacket with corduroy collar",
    "gilet": "padded jacket without sleeves",
    "bomber_jacket": "zipped jacket with ribbed collar, cuffs and hem",
    "harrington_jacket": "zipped short jacket, stand collar, slanted flap pockets",
    "hooded_jacket": "light zipped jacket with hood",
    "field_jacket": "jacket with four large pockets",
    "denim_jacket": "short jacket with yoke, V seams and chest pockets",
    "trench_jacket": "trench coat cut at the hip",
    "blazer": "tailored jacket with notched lapels",
    "cape": "sleeveless flowing wrap with arm slits",
    "poncho": "wide blanket shape with fringe",
}
"""Coats, jackets and wraps: the kinds that count as outerwear in a profile's ``looks``."""

KINDS = OUTERWEAR | {
    "t_shirt": "short sleeves, ribbed round neck",
    "top": "close sleeveless top with thin straps",
    "polo_shirt": "short sleeves, knit collar, short placket",
    "shirt": "collar, full button front, cuffs",
    "overshirt": "boxy shirt-jacket with two chest pockets",
    "blouse": "soft shirt with a bow at the neck and full sleeves",
    "hoodie": "sweatshirt with hood, cords and a front pocket",
    "sweatshirt": "ribbed neck, cuffs and hem, V stitch at the neck",
    "sweater": "knit with ribbed neck, cuffs and hem",
    "cardigan": "buttoned knit with deep V",
    "dress": "fitted bodice and flared skirt",
    "sweater_dress": "long knitted dress with ribs",
    "skirt": "waistband and flared or pleated skirt",
    "trousers": "tailored legs with crease",
    "jeans": "five pockets, rivets, contrast stitching",
    "shorts": "tailored short legs",
    "joggers": "drawstring waist, ribbed ankles",
    "swim_shorts": "short legs, elastic waist with cord",
    "swimsuit": "one-piece",
    "tote": "open bag with two handles",
    "crossbody_bag": "flap bag on a long strap",
    "shoulder_bag": "soft bag with one short strap and clasp",
    "top_handle_bag": "structured bag with one handle and a turn clasp",
    "backpack": "rounded pack with pocket and straps",
    "belt_bag": "waist pack on a belt",
    "bucket_bag": "drawstring bucket",
    "clutch": "wide flat evening bag, envelope flap",
    "pouch": "flat zipped pouch with wrist strap",
    "wallet": "folded wallet, open edge and cards",
    "card_case": "small flat case with card slots",
    "keyring": "ring, clasp and a charm",
    "sneakers": "a pair of trainers with laces, from above and the side",
    "boots": "a pair of ankle boots",
    "chelsea_boots": "a pair of ankle boots with elastic sides and a loop, without laces",
    "rain_boots": "a pair of tall moulded boots with a rim",
    "loafers": "a pair of slip-ons with apron and strap",
    "pumps": "a pair of heeled shoes with pointed toes",
    "sandals": "a pair of strappy sandals",
    "slides": "a pair of one-band slides",
    "scarf": "long scarf folded lengthwise, fringed",
    "square_scarf": "flat silk square with border",
    "cap": "baseball cap",
    "bucket_hat": "hat with a sloping brim",
    "beanie": "knitted hat with turned-up cuff",
    "gloves": "a pair of gloves",
    "belt": "rolled belt with plate buckle",
    "sunglasses": "dark lenses in a frame",
    "watch": "round watch on a strap",
    "earrings": "a pair of drop earrings",
    "necklace": "chain with a pendant",
    "bracelet": "bangle or chain with a charm",
    "socks": "a pair of ribbed socks",
    "tie": "folded tie with blade",
    "umbrella": "folded umbrella with crook handle",
    "baby_set": "baby's top, trousers and hat; turned, a one-piece, hat and bib",
    "blanket": "folded blanket with fringe",
    "lipstick": "open lipstick beside its cap",
    "fragrance": "glass bottle with cap and label",
    "foundation": "glass bottle with pump",
}
"""Every kind of product. A kind has a line here and an entry in ``render.silhouettes``, because profiles are
checked and products sampled without loading the renderer."""


def require(word: str, known: Collection[str], what: str) -> str:
    """Return the word if it is known; else raise ValueError naming it and the nearest known one."""
    if word in known:
        return word
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.0)
    raise ValueError(f"unknown {what} {word!r}; the nearest known one is {near[0]!r}")


def check_drawable(profile: Profile) -> None:
    """Raises InputError where a profile uses a word that the renderer does not know."""
    known = {"size": SIZES, "detail": DETAILS, "pattern": PATTERNS, "material": MATERIALS}

    def refuse(word: str, words: Collection[str], where: str) -> None:
        if word not in words:
            raise InputError(f"The profile {profile.name}: {where} draws {word!r}; {nearest(word, words)}.")

    for name, kind in profile.kinds.items():
        for noun in kind.nouns:
            refuse(kind.drawings.get(noun) or kind.drawing or name, KINDS, f"the kind {name}")
        for attribute, word in kind.plain.items():
            refuse(word, known[attribute], f"the kind {name}")
    for slot, words in profile.words.items():
        for name, each in words.items():
            drawn = dict(each.draw) or ({slot: name} if slot in known else {})
            for attribute, word in drawn.items():
                if attribute in known:
                    refuse(word, known[attribute], f"the {slot} word {name}")
    for name, unit in profile.grammar.units.items() if profile.grammar else ():
        for attribute, word in unit.draw.items():
            if attribute in known:
                refuse(word, known[attribute], f"the unit {name}")
    for shelf in profile.shelves:
        wearer = shelf.wearer or profile.wearers[shelf.path[0]]
        refuse(wearer, WEARERS, f"the shelf {' / '.join(shelf.path)}")
