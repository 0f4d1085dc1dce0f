"""Cuts for the words of titles that few products say: a kind's plain cut, changed by each of its words.

    worded("sweater", ("cropped", "zip"))    # the item "sweater cropped-zip"

What deserves a pattern of its own has one in ``clothing.py``, ``coats.py`` and the like. All else is made
here, from what a word changes in any garment that hangs from the shoulders, in legs, skirts and dresses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from datagen.render.bake.bottoms import BOTTOMS
from datagen.render.bake.clothing import CLOTHING
from datagen.render.bake.collars import hood, lapels, roll_collar, stand, warmer
from datagen.render.bake.details import across, cords, flapped
from datagen.render.bake.dresses import FROCKS
from datagen.render.bake.fastenings import belt, buttons, half_zip, overlap, zipper
from datagen.render.bake.item import Item, Trim, near, neckband
from datagen.render.bake.leg_trims import cargo, cord, waist_pleats
from datagen.render.bake.legs import Trousers
from datagen.render.bake.outerwear import OUTERWEAR
from datagen.render.bake.skirt_trims import lace, pleats, yoke_pleats
from datagen.render.bake.skirts import Dress, Skirt
from datagen.render.bake.tops import Top

PLAIN = {
    "blazer": "single", "blouse": "loose", "bomber_jacket": "zipped", "cape": "collar", "car_coat": "single",
    "cardigan": "buttoned", "denim_jacket": "buttoned", "dress": "flared", "duffle_coat": "hooded",
    "field_jacket": "pockets", "gilet": "zipped", "harrington_jacket": "zipped", "hooded_jacket": "hooded",
    "hoodie": "pullover", "jeans": "straight", "joggers": "cuffed", "overshirt": "buttoned",
    "parka": "hooded", "pea_coat": "double", "polo_shirt": "regular", "poncho": "fringed",
    "puffer_coat": "zipped", "puffer_jacket": "zipped", "quilted_jacket": "buttoned", "shirt": "regular",
    "shorts": "regular", "skirt": "a_line", "sweater": "crew", "sweater_dress": "crew",
    "sweatshirt": "crew", "swimsuit": "plain", "t_shirt": "regular", "tailored_coat": "single",
    "top": "sleeveless", "trench_coat": "belted", "trench_jacket": "belted", "trousers": "straight",
}  # fmt: skip
"""The cut of a kind that the others are changes of."""

NECKS = {"cardigan": 0, "poncho": 2}
"""How many of a plain cut's first trims are at its neck, where it isn't one."""

FASTENED = {
    "blouse": 1, "cardigan": 1, "car_coat": 3, "denim_jacket": 1, "overshirt": 1, "polo_shirt": 1,
    "parka": 1, "quilted_jacket": 1, "shirt": 1, "trench_coat": 2,
}  # fmt: skip
"""How many of the trims after those of the neck fasten the front: what a zip is sewn in instead of."""

COAT = -20.0
"""Height of the hem, below the hip joint, from which on a garment is a coat, cm."""

Fields = Mapping[str, float]

ON_TOPS: dict[str, Fields] = {
    "oversized": {"ease": 15, "shoulder": 4, "biceps": 8, "cuff": 5, "hem": -3, "waist": -1},
    "relaxed": {"ease": 7, "shoulder": 2, "biceps": 4, "cuff": 2, "hem": -1, "waist": -0.3},
    "wide": {"ease": 10, "shoulder": 2, "biceps": 6, "cuff": 6},
    "slim": {"ease": -5, "biceps": -2.5, "cuff": -1.5, "waist": 0.35},
    "skinny": {"ease": -6, "biceps": -4, "cuff": -2, "waist": 0.6},
    "long": {"hem": -20, "flare": 7},
    "mid_length": {"hem": -12, "flare": 4},
}
"""What a size adds to a pattern that hangs from the shoulders (fields of ``Top``), in its units."""

ON_LEGS: dict[str, Fields] = {
    "oversized": {"ease": 6, "thigh": 10, "knee": 10, "hem": 10},
    "relaxed": {"ease": 4, "thigh": 7, "knee": 7, "hem": 7},
    "wide": {"ease": 2, "thigh": 6, "knee": 14, "hem": 22, "rise": 0.1},
    "straight": {"thigh": 1, "hem": 3},
    "slim": {"ease": -2, "thigh": -3, "knee": -5, "hem": -7},
    "skinny": {"ease": -3.5, "thigh": -5, "knee": -7, "hem": -10},
    "mid_length": {"length": 0.08},
}
"""The same of legs (fields of ``Trousers``)."""

ON_SKIRTS: dict[str, Fields] = {
    "oversized": {"ease": 6, "flare": 30},
    "relaxed": {"ease": 4, "flare": 15},
    "wide": {"flare": 40},
    "slim": {"flare": -50},
    "mid_length": {"hem": 14},
    "long": {"hem": 34, "flare": 10},
}
"""The same of skirts (fields of ``Skirt``)."""

LEAST = {"ease": 3.0, "biceps": 3.0, "cuff": 3.0, "waist": 0.0, "thigh": 0.5, "knee": 1.0, "flare": 0.0}
"""Below which no field is taken."""


def _added(pattern: Any, fields: Fields) -> Any:
    """A pattern with what is added to its fields. What is below its least value already stays."""
    changed = {}
    for name, more in fields.items():
        now = getattr(pattern, name)
        changed[name] = max(now + more, min(now, LEAST.get(name, -200.0)))
    return replace(pattern, **changed)


def _shorter_top(pattern: Top, word: str) -> Top:
    """Cropped to the waist, or a third shorter."""
    if word == "cropped":
        hem = 12.0 if pattern.hem > COAT else 8.0
    else:
        hem = pattern.hem * 0.45 if pattern.hem < COAT else min(pattern.hem + 8, 6.0)
    return replace(pattern, hem=hem, flare=pattern.flare * 0.3, tail=0.0)


def _shorter_skirt(pattern: Skirt, word: str) -> Skirt:
    return replace(pattern, hem=pattern.hem * 0.7, flare=pattern.flare * 0.5)


def sized(item: Item, word: str) -> Item:
    """An item in the size that a word names."""
    pattern = item.pattern
    shorter = word in ("short", "cropped")
    if isinstance(pattern, Top):
        made: Any = _shorter_top(pattern, word) if shorter else _added(pattern, ON_TOPS[word])
    elif isinstance(pattern, Trousers):
        long = pattern.length * (0.75 if word == "short" or pattern.length < 0.6 else 0.82)
        made = replace(pattern, length=long) if shorter else _added(pattern, ON_LEGS[word])
    elif isinstance(pattern, Skirt):
        made = _shorter_skirt(pattern, word) if shorter else _added(pattern, ON_SKIRTS[word])
    elif isinstance(pattern, Dress):
        skirt = _shorter_skirt(pattern.skirt, word) if shorter else _added(pattern.skirt, ON_SKIRTS[word])
        bodice = pattern.bodice
        if word in ("oversized", "relaxed", "slim"):
            bodice = _added(
                bodice, {name: more * 0.6 for name, more in ON_TOPS[word].items() if name != "hem"}
            )
        made = replace(pattern, bodice=bodice, skirt=skirt)
    else:
        hems = {"oversized": -8.0, "relaxed": -4.0, "long": -20.0, "mid_length": -10.0}
        made = replace(pattern, hem=pattern.hem + (14.0 if shorter else hems[word]))
    return item._replace(pattern=made)


def _body(item: Item, **fields: Any) -> Item:
    """An item with other fields of the pattern of its body."""
    pattern: Any = item.pattern
    if isinstance(pattern, Dress):
        return item._replace(pattern=replace(pattern, bodice=replace(pattern.bodice, **fields)))
    known = {name: value for name, value in fields.items() if hasattr(pattern, name)}
    return item._replace(pattern=replace(pattern, **known))


def _at_neck(item: Item, *trims: Trim, **fields: Any) -> Item:
    """An item with other trims at its neck."""
    rest = item.trims[NECKS.get(item.kind, 1) :]
    return _body(item._replace(trims=(*trims, *rest)), **fields)


def _more(item: Item, *trims: Trim) -> Item:
    return item._replace(trims=(*item.trims, *trims))


KNITTED = ("sweater", "sweatshirt", "t_shirt", "top", "dress", "sweater_dress", "cardigan", "polo_shirt")
"""Kinds whose hood is soft and small."""

HALF_ZIPPED = ("sweater", "polo_shirt", "top", "swimsuit", "dress", "t_shirt", "blouse")
"""Kinds whose zip ends at the chest."""


def _hooded(item: Item) -> Item:
    if item.kind in KNITTED:
        return _at_neck(item, hood(), v_neck=False, neck=(1.6, 8.0, 1.4))
    return _at_neck(item, hood(5.8), v_neck=False, neck=(2.2, 13.5, 1.4))


def _zip(item: Item) -> Item:
    if isinstance(item.pattern, Trousers):
        return _more(item, near("zip", "rise", 0.5, "front_l", "front_r"))
    if isinstance(item.pattern, Skirt):
        return _more(item, half_zip(22.0, edge="waist"))
    necks = NECKS.get(item.kind, 1)
    neck, rest = item.trims[:necks], item.trims[necks + FASTENED.get(item.kind, 0) :]
    if item.kind in HALF_ZIPPED:
        standing: tuple[Trim, ...] = (stand(5.0, 0.3),) if item.kind == "sweater" else neck
        return item._replace(trims=(*standing, half_zip(), *rest))
    return item._replace(trims=(*neck, zipper, *rest))


def _belted(item: Item) -> Item:
    if isinstance(item.pattern, (Trousers, Skirt)):
        return _more(item, belt(3.6, 0.0))
    if isinstance(item.pattern, Top):
        return _more(item, belt(tail=16))._replace(belt=1.1 if item.relief is None else 1.25)
    return _more(item, belt(3.4, 16.0))


def _pleated(item: Item) -> Item:
    pattern = item.pattern
    if isinstance(pattern, Trousers):
        return _more(item._replace(pattern=_added(pattern, {"ease": 3, "thigh": 4})), waist_pleats(2))
    if isinstance(pattern, Skirt):
        pattern = replace(pattern, flare=min(pattern.flare, 58.0))
        return _more(item._replace(pattern=pattern), pleats(pattern))
    if isinstance(pattern, Dress):
        pattern = replace(pattern, skirt=replace(pattern.skirt, flare=min(pattern.skirt.flare, 58.0)))
        return _more(item._replace(pattern=pattern), pleats(pattern))
    return _more(item, yoke_pleats())


def _sleeveless(item: Item) -> Item:
    bare = _body(item, sleeve=0.0, shoulder=-1.4, armhole=0.8)
    return _more(bare, near("hem", "armhole_l", 1.0), near("hem", "armhole_r", 1.0))


def _short_sleeved(item: Item) -> Item:
    return _body(item, sleeve=0.42, cuff=14.0, gather=1.0)


def _long_sleeved(item: Item) -> Item:
    return _body(item, sleeve=1.04, cuff=7.0)


def _v_necked(item: Item) -> Item:
    return _at_neck(item, neckband(2.2), v_neck=True, neck=(1.8, 15.0, 1.2))


def _turtle_necked(item: Item) -> Item:
    return _at_neck(item, roll_collar, v_neck=False, neck=(0.8, 4.0, 0.8))


def _collarless(item: Item) -> Item:
    return _at_neck(item, v_neck=False, neck=(2.2, 8.0, 1.5))


def _double_breasted(item: Item) -> Item:
    rows = overlap(8.0), buttons(3, 13, 0.5, 0.95, 1.3)
    rest = item.trims[1 + FASTENED.get(item.kind, 2) :]
    return _body(item._replace(trims=(lapels(10.0, 1.2), *rows, *rest)), v_neck=True, neck=(2.2, 26.0, 1.5))


def _laced(item: Item) -> Item:
    return _more(item, lace())


def _warmed(item: Item) -> Item:
    return _more(item, warmer)


def _drawn(item: Item) -> Item:
    if isinstance(item.pattern, Trousers):
        return _more(item, cord())
    return _more(item, across(0.0), cords(5.0, 0.0, 13, from_waist=True))


def _cargo(item: Item) -> Item:
    if isinstance(item.pattern, Trousers):
        return _more(item, cargo)
    return _more(item, flapped(12, 1, 16, 17, 6.0))


DETAILED: dict[str, Callable[[Item], Item]] = {
    "belted": _belted,
    "cargo": _cargo,
    "collarless": _collarless,
    "detachable_warmer": _warmed,
    "double_breasted": _double_breasted,
    "drawcord": _drawn,
    "hooded": _hooded,
    "lace_trim": _laced,
    "long_sleeve": _long_sleeved,
    "pleated": _pleated,
    "short_sleeve": _short_sleeved,
    "sleeveless": _sleeveless,
    "turtleneck": _turtle_necked,
    "v_neck": _v_necked,
    "zip": _zip,
}
"""What a detail changes."""

DRAWN_UP = {f"{item.kind} {item.cut}": item for item in CLOTHING + BOTTOMS + FROCKS + OUTERWEAR}
"""Cuts with a pattern of their own."""


def worded(kind: str, words: tuple[str, ...]) -> Item:
    """The plain cut of a kind with all that words change, sizes first; its cut is named by them.

    Raises KeyError for a word that says nothing about such a pattern.
    """
    item = DRAWN_UP[f"{kind} {PLAIN[kind]}"]
    for word in words:
        if word not in DETAILED:
            item = sized(item, word)
    for word in words:
        # What every garment of a kind has needs no change: hooded jackets, belted trench coats.
        if word in DETAILED and word not in PLAIN[kind]:
            item = DETAILED[word](item)
    return item._replace(cut="-".join(words))
