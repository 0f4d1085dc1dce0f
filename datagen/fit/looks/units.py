"""What a unit of a title fixes in the picture: materials, patterns, details and sizes, by their words."""

from __future__ import annotations

from datagen.product.vocabulary import DETAILS, MATERIALS, PATTERNS, SIZES

_ALSO: dict[str, dict[str, str]] = {
    "material": {
        "leather": "leder cuir pelle cuero faux-leather lambskin nappa",
        "cotton": "baumwolle coton algodón cotone",
        "wool": "wolle laine lana merino lambswool",
        "cashmere": "kaschmir cachemire",
        "silk": "seide soie seda seta",
        "linen": "leinen lin lino",
        "denim": "jeansstoff",
        "suede": "wildleder veloursleder nubuck",
        "velvet": "samt velours corduroy-velvet",
        "down": "daunen duvet",
        "shearling": "lammfell fleece faux-fur",
        "mesh": "netz tulle",
        "metal": "metall edelstahl stahl messing verzinkt steel",
        "rubber": "gummi caoutchouc kautschuk",
        "lace": "spitze dentelle",
        "nylon": "polyamid",
        "canvas": "segeltuch toile",
        "glass": "glas",
    },
    "pattern": {
        "stripe": "striped stripes gestreift streifen rayé",
        "check": "checked plaid tartan kariert karo",
        "floral": "flower flowers geblümt blumen",
        "camouflage": "camo",
        "print": "printed bedruckt graffiti tie-dye",
        "graphic": "graphics",
        "polka_dot": "dots dotted gepunktet",
        "monogram": "intrecciato",
        "snake": "python leopard zebra",
        "colour_block": "colorblock colorblocked panelled paneled",
    },
    "detail": {
        "hooded": "hood kapuze mit_kapuze",
        "belted": "gegürtelt",
        "reversible": "wendbar",
        "quilted": "padded gesteppt",
        "embroidered": "embroidery bestickt appliqué",
        "short_sleeve": "kurzarm",
        "long_sleeve": "langarm",
        "pleated": "plissee plissiert",
        "drawcord": "drawstring",
        "ribbed": "rib gerippt",
        "zip": "zipped zip-up reißverschluss",
        "turtleneck": "mock_neck rollkragen",
        "v_neck": "v-neck v-ausschnitt",
        "platform": "plateau",
    },
    "size": {
        "oversized": "oversize",
        "cropped": "crop",
        "slim": "slim-fit",
        "relaxed": "relaxed-fit loose",
        "wide": "wide-leg weit",
        "long": "lang maxi",
        "short": "kurz",
        "large": "groß gross",
        "small": "klein petit",
    },
}

_DRAWN = {
    word: (attribute, known)
    for attribute, words in (
        ("material", MATERIALS),
        ("pattern", PATTERNS),
        ("detail", DETAILS),
        ("size", SIZES),
    )
    for known in words
    if known not in {"none", "solid", "regular", "emblem", "lettering"}
    for word in [known, *_ALSO[attribute].get(known, "").split()]
}


def drawn_by(unit: str) -> dict[str, str]:
    """The attributes of the picture that a unit fixes: attribute -> word (the last one counts)."""
    words = unit.casefold().split()
    found = [_DRAWN.get(word) for word in ["_".join(words), *words]]
    return dict(each for each in found if each is not None)
