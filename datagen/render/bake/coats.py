"""Coats, capes and ponchos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from datagen.render.bake import cloth
from datagen.render.bake.collars import fold, hood, lapels
from datagen.render.bake.cuts import Changes, Sewn, cuts
from datagen.render.bake.details import (
    across,
    button_rows,
    cords,
    cuff_straps,
    epaulettes,
    flapped,
    fringe,
    hanging_belt,
    piped,
    seams,
    storm_flap,
    toggles,
    welts,
)
from datagen.render.bake.fastenings import belt, buttons, overlap, placket, pockets, zipper
from datagen.render.bake.item import Item, near
from datagen.render.bake.tops import Top
from datagen.render.bake.wraps import Wrap

COAT = Top(
    ease=18, sleeve=1.12, biceps=9, cuff=9, hem=-44, flare=12, shoulder=0.4, neck=(2.2, 30, 1.5),
    v_neck=True, armhole=2.5,
)  # fmt: skip
WOOL = cloth.Material(8e-6, 6e-7, 0.0, 0.8, span=(3.75, 7.5))
ROUND: dict[str, Any] = {"v_neck": False, "neck": (1.8, 6.5, 1.2)}
HOODED: dict[str, Any] = {"v_neck": False, "neck": (2.2, 13.5, 1.4)}
OPEN: dict[str, Any] = {"open": "open", "lap": -1.5}
LONG, MIDDLE = {"hem": -66, "flare": 20}, {"hem": -54, "flare": 16}
WIDE: dict[str, Any] = {"ease": 34, "shoulder": 4.0, "biceps": 19, "cuff": 16}

TRENCH = replace(COAT, neck=(2.2, 25, 1.5), flare=26)
COLLAR = lapels(10.5, 0.6)
SHOULDERS: Sewn = (storm_flap, epaulettes, cuff_straps())
LOWER = (welts(15, -2, 17, 4.5, button=True),)
BREASTED = (overlap(8.5), button_rows((14, 8.5), (-8, 7), (-21, 7)))
TRENCHED: Sewn = (COLLAR, *BREASTED, belt(), *SHOULDERS, *LOWER, piped("hem", 2.5))
UNBUTTONED: Sewn = (COLLAR, *SHOULDERS, hanging_belt(), *LOWER, piped("hem", 2.5))
HIGH: Sewn = (COLLAR, overlap(8.5), button_rows((14, 8.5), (-8, 7)), belt(tail=14), *SHOULDERS)

TRENCHES = cuts(
    "trench_coat", TRENCH, cloth.GABARDINE, 3, TRENCHED, 1.12,
    Changes("belted"),
    Changes("open", OPEN, UNBUTTONED, belt=0.0, closed="open"),
    Changes("long", LONG | {"flare": 34}),
    Changes("short", {"hem": -22, "flare": 18}, (*HIGH, *LOWER)),
    Changes("mid_length", MIDDLE | {"flare": 30}),
    Changes("cropped", {"hem": 9, "flare": 6}, HIGH),
    Changes("oversized", WIDE),
    Changes("hooded", {}, (hood(6.0), *BREASTED, belt(), *SHOULDERS, *LOWER)),
)  # fmt: skip

JACKETS = cuts(
    "trench_jacket", replace(TRENCH, hem=-11, flare=14), cloth.GABARDINE, 2, (*HIGH, piped("hem", 2.5)), 1.12,
    Changes("belted"),
    Changes("open", OPEN, (COLLAR, *SHOULDERS, hanging_belt(long=20), piped("hem", 2.5)), belt=0.0,
            closed="open"),
    Changes("short", {"hem": 6}),
)  # fmt: skip

PLAIN_COLLAR = fold(3.2, 6.0, 9.0, 0.75)
SIDE_WELTS = welts(13.5, -3, 17, 4.2, 12)
# A fly front hides its buttons: one sees its edge, a line of stitches, and the button at the neck.
FLY: Sewn = (overlap(2.5), seams(((3.6, -70), (3.6, 60)), one=True), buttons(1, 0, 0.985, 0.985, 1.0))
HEMMED: Sewn = (SIDE_WELTS, near("cuff", "end", 5.0), piped("hem", 2.5))
CAR = replace(COAT, hem=-29, flare=11, ease=17, **ROUND)
CAR_COATS = cuts(
    "car_coat", CAR, cloth.GABARDINE, 3, (PLAIN_COLLAR, *FLY, *HEMMED), 0.0,
    Changes("single"),
    Changes("open", OPEN, (PLAIN_COLLAR, *HEMMED), closed="open"),
    Changes("long", {"hem": -58, "flare": 20}),
    Changes("mid_length", {"hem": -42, "flare": 15}),
    Changes("short", {"hem": -12, "flare": 4}),
    Changes("hooded", {}, (hood(5.6), *FLY, *HEMMED)),
    Changes("long-hooded", {"hem": -58, "flare": 20}, (hood(5.6), *FLY, *HEMMED)),
)  # fmt: skip

NOTCHED = lapels(9.5)
TAILORED = replace(COAT, ease=15, waist=0.22, flare=18, biceps=7, cuff=7, hem=-40, neck=(2.2, 32, 1.5))
FLAPS: Sewn = (
    flapped(13, 2, 15, 0, 5.5, button=False),
    pockets(9.5, 31, 9.5, 2.4, one=True, slant=0.6),
    seams(((11.5, 24), (10, 12), (10.5, 3))),
    piped("end", 3.0),
)
SINGLE: Sewn = (overlap(3), buttons(2, 0, 0.72, 0.97, 1.35))
TAILORED_COATS = cuts(
    "tailored_coat", TAILORED, WOOL, 3, (NOTCHED, *SINGLE, *FLAPS), 0.0,
    Changes("single"),
    Changes("open", OPEN, (NOTCHED, *FLAPS), closed="open"),
    Changes("belted", {"flare": 18}, (NOTCHED, overlap(6), belt(tail=20), *FLAPS[:1]), belt=1.12),
    Changes("long", {"hem": -64, "flare": 18}),
    Changes("mid_length", {"hem": -53, "flare": 14}),
    Changes("double", {"neck": (2.2, 27, 1.5)},
            (lapels(10.5, 1.2), overlap(8), buttons(3, 13, 0.5, 0.97, 1.3), *FLAPS)),
    Changes("oversized", WIDE | {"waist": 0.0}),
)  # fmt: skip

DUFFLE = replace(COAT, hem=-26, flare=6, ease=20, **HOODED)
POCKETED: Sewn = (flapped(13, -2, 17, 19, 6.0, button=False), near("cuff", "end", 5.0), across(23, wide=0.5))
DUFFLES = cuts(
    "duffle_coat", DUFFLE, WOOL, 3, (hood(6.2), overlap(3), toggles(), *POCKETED), 0.0,
    Changes("hooded"),
    Changes("open", OPEN, (hood(6.2), toggles(), *POCKETED), closed="open"),
    Changes("long", {"hem": -50, "flare": 14}),
    Changes("oversized", WIDE),
)  # fmt: skip

PEA = replace(COAT, hem=-10, flare=3, ease=15, neck=(2.2, 23, 1.5), cuff=7, biceps=8)
PEA_TRIMS: Sewn = (lapels(12.0, 2.2), overlap(8.5), buttons(3, 15, 0.3, 0.97, 1.6), welts(14, 6, 15, 3.4, 10))
PEA_COATS = cuts(
    "pea_coat", PEA, WOOL, 3, PEA_TRIMS, 0.0,
    Changes("double"),
    Changes("open", OPEN, (PEA_TRIMS[0], PEA_TRIMS[3]), closed="open"),
    Changes("oversized", WIDE | {"hem": -14}),
    Changes("cropped", {"hem": 8}, PEA_TRIMS[:3]),
)  # fmt: skip

PARKA = replace(COAT, hem=-24, flare=6, ease=22, **HOODED)
BIG: Sewn = (
    flapped(13.5, 0, 18, 20, 7.0),
    cords(5.0, 0.0, 13, from_waist=True),
    across(0.0),
    welts(12, 29, 13, 2.2, 8),
    cuff_straps(4.0, 3.0, buckle=False),
)
FRONT: Sewn = (placket(6.0, 5, radius=0.7),)
PARKAS = cuts(
    "parka", PARKA, cloth.GABARDINE, 3, (hood(6.4), *FRONT, *BIG), 1.42,
    Changes("hooded"),
    Changes("open", OPEN, (hood(6.4), zipper, *BIG), belt=0.0, closed="open"),
    Changes("long", {"hem": -46, "flare": 12}),
    Changes("cropped", {"hem": 4, "flare": 2}, (hood(6.4), *FRONT, BIG[3], BIG[4]), belt=0.0),
    Changes("belted", {}, (hood(6.4), *FRONT, belt(tail=16), *BIG[:1]), belt=1.2),
)  # fmt: skip

FALLING = cloth.Material(2.5e-5, 2e-6, 0.0, 0.8, span=(3.75, 7.5))
SLITS: Sewn = (seams(((15, 14), (15.5, 0)), wide=1.1), piped("hem", 2.0))
CAPES: list[Item] = [
    Item("cape", "collar", Wrap(hem=-2), FALLING, 3,
         (fold(3.4, 6.5, 9.5, 0.75), overlap(2.5), buttons(4, 0, 0.3, 0.97, 1.3), *SLITS)),
    Item("cape", "hooded", Wrap(hem=-4), FALLING, 3,
         (hood(6.0), overlap(2.5), buttons(2, 0, 0.8, 0.97, 1.3), *SLITS)),
    Item("poncho", "fringed", Wrap(hem=-24, reach=58, straight=1.0, neck=(3.0, 10, 1.5)), FALLING, 3,
         (near("neckband", "neck_l", 2.0), near("neckband", "neck_r", 2.0), fringe())),
]  # fmt: skip

COATS: list[Item] = [
    *TRENCHES, *JACKETS, *CAR_COATS, *TAILORED_COATS, *DUFFLES, *PEA_COATS, *PARKAS, *CAPES,
]  # fmt: skip
