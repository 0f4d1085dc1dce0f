"""Trousers, jeans, shorts, joggers, swim shorts and skirts."""

from __future__ import annotations

from dataclasses import replace

from datagen.render.bake import cloth
from datagen.render.bake.fastenings import belt
from datagen.render.bake.item import Item, Trim, near, waistband
from datagen.render.bake.leg_trims import (
    button,
    cargo,
    cord,
    elastic,
    five_pockets,
    fly,
    loops,
    pressed,
    sewn,
    slanted,
    stripe,
    waist_pleats,
    welted,
)
from datagen.render.bake.legs import Trousers
from datagen.render.bake.skirt_trims import gathers, lace, pleats, slit
from datagen.render.bake.skirts import Skirt

TURNED = near("hem", "hem", 3.0)
TAILORED: tuple[Trim, ...] = (pressed(), waistband, fly(), slanted(), welted, button(), loops)
JEANS: tuple[Trim, ...] = (
    waistband,
    fly(stitched=True),
    five_pockets,
    sewn("", "waist", 0.5),
    sewn("", "waist", 3.0),
    sewn("", "hem", 2.0),
    sewn("front", "outer", 0.8),
    sewn("", "inner", 0.8),
    sewn("front_l", "rise", 0.7),
    button(0.9, "rivet"),
    loops,
)
STRAIGHT = Trousers(ease=5, thigh=6, knee=9, hem=17, rise=0.85)
DENIM = Trousers(ease=3, thigh=4.5, knee=6, hem=13, rise=0.72, above=2.4)


def _trousers(cut: str, pattern: Trousers, *more: Trim) -> Item:
    return Item("trousers", cut, pattern, cloth.SOFT_SUITING, 0, (*TAILORED, *more), crease=0.08)


def _jeans(cut: str, **changes: float) -> Item:
    return Item("jeans", cut, replace(DENIM, **changes), cloth.DENIM, 0, JEANS, crease=0.12)


TROUSERS: list[Item] = [
    _trousers("straight", STRAIGHT),
    _trousers("tapered", replace(STRAIGHT, thigh=8, knee=8, hem=11, above=5.0), waist_pleats(1)),
    _trousers("wide", Trousers(ease=6, thigh=11, knee=22, hem=38, rise=1.0, above=3.6)),
    _trousers("slim", replace(STRAIGHT, ease=3, thigh=3, knee=4, hem=10, above=5.0)),
    _trousers("cropped", replace(STRAIGHT, thigh=8, knee=12, hem=20, length=0.82)),
    _trousers("relaxed", replace(STRAIGHT, ease=9, thigh=13, knee=16, hem=24)),
    _trousers("pleated", replace(STRAIGHT, ease=9, thigh=13, knee=15, hem=20), waist_pleats(2)),
    Item(
        "trousers",
        "cargo",
        replace(STRAIGHT, ease=8, thigh=10, knee=12, hem=20),
        cloth.SHIRTING,
        0,
        (waistband, fly(), slanted(), welted, button(), loops, cargo, TURNED),
        crease=0.12,
    ),
]

JEANS_CUTS: list[Item] = [
    _jeans("slim", ease=2, thigh=3, knee=3, hem=9),
    _jeans("straight"),
    _jeans("relaxed", ease=7, thigh=10, knee=13, hem=20),
    _jeans("skinny", ease=0.5, thigh=0.5, knee=1.0, hem=5, above=6.0),
    _jeans("wide", ease=5, thigh=9, knee=18, hem=32, rise=0.95),
]

SHORT: list[Item] = [
    Item(
        "shorts",
        "regular",
        Trousers(ease=6, thigh=11, hem=27, length=0.36, rise=0.85),
        cloth.SHIRTING,
        0,
        (pressed(0.3), waistband, fly(), slanted(), welted, button(), loops, TURNED),
        crease=0.1,
    ),
    Item(
        "shorts",
        "wide",
        Trousers(ease=11, thigh=18, hem=44, length=0.42, rise=0.95),
        cloth.SOFT_SUITING,
        0,
        (pressed(0.4), waistband, fly(), slanted(), button(), loops, TURNED),
    ),
    Item(
        "shorts",
        "pleated",
        Trousers(ease=10, thigh=15, hem=34, length=0.4, rise=0.95),
        cloth.SOFT_SUITING,
        0,
        (pressed(0.4), waistband, fly(), slanted(), button(), loops, waist_pleats(2), TURNED),
    ),
    Item(
        "swim_shorts",
        "drawcord",
        Trousers(ease=9, thigh=13, hem=31, length=0.2, rise=0.7, elastic=0.86),
        cloth.SHIRTING,
        0,
        (elastic, near("waistband", "waist", 5.0), stripe(), slanted(14), cord(15), near("hem", "hem", 2.0)),
        crease=0.16,
    ),
    Item(
        "joggers",
        "cuffed",
        Trousers(ease=9, thigh=13, knee=15, hem=18, rise=0.85, rib=0.5, elastic=0.88, above=4.5),
        cloth.FLEECE,
        0,
        (elastic, near("waistband", "waist", 4.5), slanted(14), cord(), near("cuff", "hem", 6.0)),
        crease=0.1,
    ),
    Item(
        "joggers",
        "relaxed",
        Trousers(ease=14, thigh=20, knee=22, hem=24, rise=0.85, rib=0.45, elastic=0.82, above=4.5),
        cloth.FLEECE,
        0,
        (elastic, near("waistband", "waist", 4.5), slanted(14), cord(), near("cuff", "hem", 6.0)),
        crease=0.1,
    ),
]

A_LINE = Skirt(hem=54, flare=85, rise=1.0)
PLEATED = Skirt(hem=56, flare=52, rise=1.0)


def _skirt(cut: str, pattern: Skirt, *trims: Trim, **more: float) -> Item:
    made = Item("skirt", cut, pattern, cloth.FLOWING, 0, (*trims, waistband), crease=0.05)
    return made._replace(belt=more.get("belt", 0.0))


HEM = near("hem", "hem", 1.5)
SKIRTS: list[Item] = [
    _skirt("a_line", A_LINE, HEM),
    _skirt("pencil", Skirt(ease=4, hem=60, flare=1, rise=1.0), HEM, slit(16))._replace(
        material=cloth.SOFT_SUITING
    ),
    _skirt("pleated", PLEATED, pleats(PLEATED)),
    _skirt("short", replace(A_LINE, hem=38, flare=34), HEM),
    _skirt("mid_length", replace(A_LINE, hem=68, flare=80), HEM),
    _skirt("long", replace(A_LINE, hem=88, flare=95, folds=6), HEM),
    _skirt("lace_trim", replace(A_LINE, hem=50, flare=36), lace()),
    _skirt("gathered", Skirt(hem=50, flare=24, full=1.7, folds=9), gathers(Skirt(hem=50, flare=24, full=1.7)),
           HEM),
    _skirt("belted", replace(A_LINE, hem=56), HEM, belt(3.6, 0.0)),
]  # fmt: skip

BOTTOMS = TROUSERS + JEANS_CUTS + SHORT + SKIRTS
