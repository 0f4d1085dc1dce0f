"""Dresses, knitted dresses and swimsuits."""

from __future__ import annotations

from dataclasses import replace

from datagen.render.bake import cloth
from datagen.render.bake.collars import fold, roll_collar
from datagen.render.bake.fastenings import belt, placket
from datagen.render.bake.item import Item, Trim, near, neckband
from datagen.render.bake.skirt_trims import gathers, lace, pleats, waist_seam
from datagen.render.bake.skirts import Dress, Skirt
from datagen.render.bake.tops import Top

BODICE = Top(ease=6, waist=0.9, shoulder=0.3, neck=(2.6, 9, 2), sleeve=0.3, biceps=6, cuff=9, armhole=1.5)
BARE = replace(BODICE, sleeve=0.0, shoulder=-1.6, neck=(3.0, 10, 3), armhole=0.0)
LONG_SLEEVED = replace(BODICE, sleeve=1.05, biceps=9, cuff=10, gather=0.62)
SLIP = replace(BARE, shoulder=-2.8, neck=(3.4, 14, 9), v_neck=True)
FLARED = Skirt(hem=56, flare=135)
GATHERED = Skirt(hem=54, flare=30, full=1.7, folds=9)
PLEATED = Skirt(hem=58, flare=58)
BANDS: tuple[Trim, ...] = (
    neckband(1.0),
    near("hem", "armhole_l", 0.8),
    near("hem", "armhole_r", 0.8),
    near("cuff", "end", 1.6),
)
HEM = near("hem", "hem", 1.5, "skirt_front", "skirt_back")


def _dress(cut: str, bodice: Top, skirt: Skirt, *trims: Trim, seam: float = 1.0) -> Item:
    made = (*BANDS, waist_seam(), HEM, *trims)
    pattern = Dress(bodice, skirt, seam)
    return Item("dress", cut, pattern, cloth.FLOWING, 1, made, crease=0.05)


DRESSES: list[Item] = [
    _dress("flared", BODICE, FLARED),
    _dress("gathered", LONG_SLEEVED, GATHERED, gathers(Dress(LONG_SLEEVED, GATHERED))),
    Item(
        "dress",
        "shirt_dress",
        Dress(replace(LONG_SLEEVED, ease=9, neck=(1.2, 6.5, 1.0)), Skirt(hem=56, flare=48)),
        cloth.FLOWING,
        1,
        (fold(2.8, 4.0, 7.0), placket(3.0, 5), near("cuff", "end", 5.0), HEM, belt(3.6, 18.0)),
        belt=1.06,
    ),
    _dress("slip", SLIP, Skirt(hem=62, flare=64))._replace(material=cloth.SILK),
    _dress("mid_length", BODICE, replace(FLARED, hem=72, flare=100)),
    _dress("pleated", BODICE, PLEATED, pleats(Dress(BODICE, PLEATED))),
    _dress("short", replace(BODICE, sleeve=0.3), replace(FLARED, hem=42, flare=66)),
    _dress("long", LONG_SLEEVED, replace(FLARED, hem=92, flare=110, folds=6)),
    _dress("sleeveless", BARE, FLARED),
    _dress("belted", BODICE, FLARED, belt(3.4, 16.0)),
    _dress("lace_trim", BODICE, replace(FLARED, flare=60), lace()),
]  # fmt: skip

KNITTED = Top(ease=4, hem=-40, waist=0.85, flare=2, sleeve=1.1, biceps=7, cuff=5, neck=(1.6, 7.5, 1.5))
RIBS: tuple[Trim, ...] = (near("hem", "hem", 4.5), near("cuff", "end", 6.0))
KNIT_DRESSES: list[Item] = [
    Item("sweater_dress", "fitted", replace(KNITTED, neck=(0.8, 4.0, 0.8)), cloth.KNIT, 1,
         (roll_collar, *RIBS)),
    Item("sweater_dress", "crew", KNITTED, cloth.KNIT, 1, (neckband(2.6), *RIBS)),
    Item("sweater_dress", "belted", replace(KNITTED, flare=16), cloth.KNIT, 1,
         (neckband(2.6), *RIBS, belt(4.0, 18.0)), belt=1.04),
    Item("sweater_dress", "mid_length", replace(KNITTED, hem=-56), cloth.KNIT, 1,
         (neckband(2.6), *RIBS)),
]  # fmt: skip

SWIM = Top(ease=-5, waist=1.0, shoulder=-3.5, neck=(4.0, 13, 15), armhole=1.0, legs=3.0)
EDGES: tuple[Trim, ...] = tuple(
    near("hem", edge, 0.9) for edge in ("neck_l", "neck_r", "armhole_l", "armhole_r", "leg_l", "leg_r")
)
SWIMSUITS: list[Item] = [
    Item("swimsuit", "plain", SWIM, cloth.SWIM, 1, EDGES, crease=0.0),
    Item("swimsuit", "belted", replace(SWIM, v_neck=True, neck=(4.0, 18, 15), legs=5.0), cloth.SWIM, 1,
         (*EDGES, belt(3.0, 0.0)), crease=0.0),
]  # fmt: skip

FROCKS = DRESSES + KNIT_DRESSES + SWIMSUITS
