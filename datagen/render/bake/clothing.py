"""T-shirts, shirts, tops and knitwear."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from datagen.render.bake import cloth
from datagen.render.bake.collars import fold, hood, roll_collar
from datagen.render.bake.fastenings import placket, pockets, strings, zipper
from datagen.render.bake.item import (
    BUTTONED,
    RIBS,
    TURNED,
    Item,
    Trim,
    near,
    neckband,
)
from datagen.render.bake.leg_trims import sewn
from datagen.render.bake.skirt_trims import lace, yoke_pleats
from datagen.render.bake.tops import Top

LONG = Top(ease=12, sleeve=1.04, biceps=9, cuff=5, hem=-8)

TEE = Top(ease=12, sleeve=0.36, biceps=9, cuff=10, hem=-4)


def _tee(cut: str, **changes: Any) -> Item:
    return Item(
        "t_shirt", cut, replace(TEE, **changes), cloth.JERSEY, 1, (neckband(1.8), *TURNED)
    )  # fmt: skip


FITTED: dict[str, Any] = {"ease": 5.5, "waist": 0.8}
"""Of women's tops that follow the body; no word of a title asks for it."""

TEES: list[Item] = [
    _tee("regular"),
    _tee("oversized", ease=26, shoulder=4.0, sleeve=0.44, biceps=15, cuff=16, hem=-7),
    _tee("long_sleeve", sleeve=1.04, cuff=6, biceps=8),
    _tee("cropped", hem=14, ease=10),
    _tee("relaxed", ease=19, shoulder=2.0, sleeve=0.4, biceps=12, cuff=13, hem=-5),
    _tee("slim", ease=6, biceps=6, cuff=6, sleeve=0.32),
    _tee("fitted", **FITTED, biceps=4, cuff=4, sleeve=0.27, hem=-5, neck=(2.6, 10.5, 2.0)),
]

SHIRT = replace(LONG, ease=13, biceps=10, cuff=10, gather=0.62, neck=(1.2, 6.5, 1.0), hem=-10, tail=6.5)
COLLAR = fold(3.0, 4.2, 7.5)
CHEST = pockets(9, 34, 10.5, 12, one=True)
SHIRT_TRIMS: tuple[Trim, ...] = (COLLAR, placket(), *BUTTONED, CHEST, sewn("", "hem", 1.4, "seam", 0.35))


def _shirt(cut: str, *trims: Trim, **changes: Any) -> Item:
    pattern = replace(SHIRT, **changes)
    return Item("shirt", cut, pattern, cloth.CRISP, 1, (*SHIRT_TRIMS, *trims), crease=0.1)


SHORT_SLEEVED: dict[str, Any] = {
    "sleeve": 0.46,
    "biceps": 13.0,
    "cuff": 22.0,
    "gather": 1.0,
    "tail": 0.0,
    "hem": -5.0,
}
SHIRTS: list[Item] = [
    _shirt("regular"),
    _shirt("relaxed", ease=22, shoulder=2.0, biceps=13),
    _shirt("slim", ease=7, waist=0.5, biceps=6, cuff=7, gather=0.75),
    _shirt("short_sleeve", **SHORT_SLEEVED),
    _shirt("oversized", ease=32, shoulder=4.5, biceps=17, cuff=14, gather=0.55, hem=-13),
    _shirt("cropped", ease=16, hem=12, tail=0.0),
    _shirt("pleated", yoke_pleats(), ease=15),
]

BLOUSES: list[Item] = [
    Item(
        "blouse",
        "loose",
        replace(LONG, ease=16, cuff=14, biceps=13, gather=0.5, hem=-6, neck=(1.4, 8, 1)),
        cloth.SILK,
        1,
        (fold(2.6, 3.6, 6.0), placket(2.6, 7), *BUTTONED),
    ),
    Item(
        "top",
        "sleeveless",
        Top(ease=4, shoulder=-2.8, hem=-5, neck=(3.2, 11, 3), armhole=0.5, waist=0.35),
        cloth.JERSEY,
        1,
        (neckband(1.0), near("hem", "armhole_l", 1.0), near("hem", "armhole_r", 1.0), *TURNED),
    ),
    Item(
        "top",
        "tank",
        Top(ease=5, shoulder=-2.4, hem=-7, neck=(3.4, 12, 5), armhole=1.0, waist=0.8),
        cloth.JERSEY,
        1,
        (neckband(1.0), near("hem", "armhole_l", 1.0), near("hem", "armhole_r", 1.0), *TURNED),
    ),
    Item(
        "top",
        "camisole",
        Top(ease=4, shoulder=-3.4, hem=-2, neck=(3.6, 13, 9), armhole=0.5, waist=0.5, v_neck=True),
        cloth.JERSEY,
        1,
        (neckband(0.7), near("hem", "armhole_l", 0.6), near("hem", "armhole_r", 0.6)),
    ),
    Item(
        "top",
        "cropped",
        Top(ease=2, shoulder=-3.0, hem=13, neck=(3.4, 10, 4), armhole=0.5, waist=0.7),
        cloth.JERSEY,
        1,
        (neckband(1.0), near("hem", "armhole_l", 1.0), near("hem", "armhole_r", 1.0), TURNED[0]),
    ),
    Item(
        "top",
        "lace_trim",
        Top(ease=4, shoulder=-3.4, hem=-1, neck=(3.6, 12, 8), armhole=0.5, waist=0.5),
        cloth.JERSEY,
        1,
        (neckband(0.7), lace(3.0), near("hem", "armhole_l", 0.6), near("hem", "armhole_r", 0.6)),
    ),
]  # fmt: skip

POLO = Top(ease=11, sleeve=0.36, biceps=8, cuff=8, hem=-9, neck=(1.2, 6, 1))
POLO_TRIMS: tuple[Trim, ...] = (fold(2.5, 4.0, 6.0), placket(3.2, 3, half=True))
POLOS: list[Item] = [
    Item("polo_shirt", "regular", POLO, cloth.JERSEY, 1, (*POLO_TRIMS, *TURNED)),
    Item("polo_shirt", "long_sleeve", replace(POLO, sleeve=1.04, cuff=5), cloth.JERSEY, 1,
         (*POLO_TRIMS, near("hem", "hem", 2.0), near("cuff", "end", 5.0))),
    Item("polo_shirt", "oversized", replace(POLO, ease=24, shoulder=3.5, biceps=14, cuff=15, sleeve=0.42),
         cloth.JERSEY, 1, (*POLO_TRIMS, *TURNED)),
    Item("polo_shirt", "fitted", replace(POLO, **FITTED, biceps=4, cuff=4, sleeve=0.28, hem=-6), cloth.JERSEY,
         1, (*POLO_TRIMS, *TURNED)),
]  # fmt: skip

KNITTED = replace(LONG, ease=14, cuff=6, hem=-6, rib=0.86, neck=(1.4, 7.5, 1.2))
SWEATERS: list[Item] = [
    Item("sweater", "crew", KNITTED, cloth.KNIT, 1, (neckband(2.6), *RIBS)),
    Item("sweater", "roll_neck", replace(KNITTED, ease=13, cuff=5, rib=0.88, neck=(0.8, 4.0, 0.8)),
         cloth.KNIT, 1, (roll_collar, *RIBS)),
    Item("sweater", "v_neck", replace(KNITTED, neck=(1.8, 15, 1.2), v_neck=True), cloth.KNIT, 1,
         (neckband(2.4), *RIBS)),
    Item("sweater", "oversized", replace(KNITTED, ease=30, shoulder=5.0, biceps=16, hem=-9), cloth.KNIT, 1,
         (neckband(3.0), *RIBS)),
    Item("sweater", "fitted", replace(KNITTED, ease=7, waist=0.7, biceps=6, cuff=4, rib=0.95), cloth.KNIT, 1,
         (neckband(2.2), *RIBS)),
]  # fmt: skip

BUTTONS: tuple[Trim, ...] = (
    placket(3.4, 5, radius=0.9),
    near("neckband", "neck_l", 3.0),
    near("neckband", "neck_r", 3.0),
    *RIBS,
)
CARDIGAN = replace(LONG, ease=14, rib=0.86, cuff=6, neck=(1.8, 20, 1.2), v_neck=True)
CARDIGANS: list[Item] = [
    Item("cardigan", "buttoned", CARDIGAN, cloth.KNIT, 2, BUTTONS),
    Item("cardigan", "cropped", replace(CARDIGAN, hem=10, ease=11), cloth.KNIT, 2, BUTTONS),
    Item("cardigan", "long", replace(CARDIGAN, hem=-34, ease=17), cloth.KNIT, 2, BUTTONS),
]

SWEAT = replace(LONG, ease=17, biceps=12, cuff=8, rib=0.82, shoulder=1.5)
HOODED = replace(LONG, ease=18, biceps=12, cuff=8, rib=0.82, shoulder=2.0)
LARGE: dict[str, Any] = {"ease": 32.0, "shoulder": 5.5, "biceps": 18.0, "hem": -11.0}
POUCH = pockets(0, 6, 30, 17, height=0.35)
FLEECES: list[Item] = [
    Item("hoodie", "pullover", HOODED, cloth.FLEECE, 1, (hood(), strings, *RIBS, POUCH)),
    Item("sweatshirt", "crew", SWEAT, cloth.FLEECE, 1, (neckband(2.4), *RIBS)),
    Item("hoodie", "oversized", replace(HOODED, **LARGE), cloth.FLEECE, 1, (hood(), strings, *RIBS, POUCH)),
    Item("sweatshirt", "oversized", replace(SWEAT, **LARGE), cloth.FLEECE, 1, (neckband(2.4), *RIBS)),
    Item("hoodie", "zip", HOODED, cloth.FLEECE, 1,
         (hood(), zipper, strings, *RIBS, pockets(11, 5, 13, 15, slant=-3.0))),
    Item("hoodie", "fitted", replace(HOODED, ease=8, waist=0.7, biceps=7, shoulder=0.5, rib=0.95),
         cloth.FLEECE, 1, (hood(), strings, *RIBS, POUCH)),
    Item("sweatshirt", "fitted", replace(SWEAT, ease=8, waist=0.7, biceps=7, shoulder=0.5, rib=0.95),
         cloth.FLEECE, 1, (neckband(2.4), *RIBS)),
]  # fmt: skip

CLOTHING = TEES + SHIRTS + BLOUSES + POLOS + SWEATERS + CARDIGANS + FLEECES
