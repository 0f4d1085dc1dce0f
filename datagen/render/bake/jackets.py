"""Jackets, blazers, gilets and overshirts."""

from __future__ import annotations

from dataclasses import replace

from datagen.render.bake import cloth
from datagen.render.bake.collars import fold, hood, lapels, stand
from datagen.render.bake.cuts import Changes, Sewn, cuts
from datagen.render.bake.details import across, cords, cuff_straps, epaulettes, flapped, piped, seams, welts
from datagen.render.bake.fastenings import buttons, overlap, placket, pockets, yoke, zipper
from datagen.render.bake.item import Item, chambers, channels, diamonds, near, ribbed
from datagen.render.bake.tops import Top

JACKET = Top(ease=15, sleeve=1.12, biceps=9, cuff=7, hem=-5, shoulder=0.6, neck=(1.8, 6.5, 1.2), armhole=2.5)
OPEN = {"open": "open", "lap": -1.0}
WIDE = {"ease": 30, "shoulder": 4.5, "biceps": 17, "cuff": 12}
DEEP = {"neck": (1.8, 24, 1.2), "v_neck": True}
"""Unzipped to the chest."""
WAISTED = {"ease": 8, "waist": 0.6, "biceps": 6, "shoulder": 0.2}
"""As women's sportswear is cut."""

BLAZER = replace(JACKET, ease=12, hem=-14, waist=0.38, neck=(2.0, 29, 1.3), v_neck=True, biceps=8, cuff=8)
BREAST: Sewn = (
    pockets(11.5, -2, 13, 5, "flap", height=0.45),
    pockets(9.5, 30, 9.5, 2.2, one=True, slant=0.6),
)
BLAZERS = cuts(
    "blazer", BLAZER, cloth.SUITING, 2,
    (lapels(8.5), overlap(2.2), buttons(2, 0, 0.62, 0.93), *BREAST), 0.0,
    Changes("single"),
    Changes("open", OPEN, (lapels(8.5), *BREAST), closed="open"),
    Changes("slim", {"ease": 8, "waist": 0.6, "biceps": 6, "cuff": 6}),
    Changes("cropped", {"hem": 8, "neck": (2.0, 24, 1.3)},
            (lapels(8.5), overlap(2.2), buttons(1, 0, 0.8, 0.8), *BREAST[1:])),
    Changes("oversized", WIDE | {"waist": 0.0, "hem": -18}),
    Changes("double", {"neck": (2.0, 26, 1.3)},
            (lapels(9.5, 1.4), overlap(7), buttons(2, 12, 0.5, 0.9), *BREAST)),
)  # fmt: skip

PUFFED = cloth.FILLED
PUFFER = replace(JACKET, ease=24, biceps=16, cuff=9, rib=0.84, rib_depth=4, hem=-5)
COLLAR = stand(7.5, 0.35)
ENDS: Sewn = (near("hem", "hem", 2.5), near("cuff", "end", 2.5))
CHANNEL = 8.5
SIDES: Sewn = (welts(14, 6, 15, 1.8, 8), channels(CHANNEL), *ENDS)
PUFFERS = cuts(
    "puffer_jacket", PUFFER, PUFFED, 2, (COLLAR, zipper, *SIDES), 0.0,
    Changes("zipped"),
    Changes("hooded", {}, (hood(6.4), zipper, *SIDES)),
    Changes("open", OPEN, (COLLAR, zipper, *SIDES), closed="open"),
    Changes("oversized", {"ease": 36, "shoulder": 4.5, "biceps": 24, "hem": -9}),
    Changes("cropped", {"hem": 9}, (COLLAR, zipper, channels(CHANNEL), *ENDS)),
    crease=0.1, relief=chambers(CHANNEL, 1.5),
)  # fmt: skip

LONG_PUFFER = replace(PUFFER, ease=24, hem=-40, rib=1.0, cuff=10, flare=4)
LONG_SIDES: Sewn = (welts(14, 2, 17, 1.8, 8), channels(10.0), *ENDS)
PUFFER_COATS = cuts(
    "puffer_coat", LONG_PUFFER, PUFFED, 3, (COLLAR, zipper, *LONG_SIDES), 0.0,
    Changes("zipped"),
    Changes("open", OPEN, (COLLAR, zipper, *LONG_SIDES), closed="open"),
    Changes("hooded", {}, (hood(6.6), zipper, *LONG_SIDES)),
    Changes("long", {"hem": -60, "flare": 8}),
    crease=0.1, relief=chambers(10.0, 1.7),
)  # fmt: skip

VEST = replace(PUFFER, ease=20, sleeve=0.0, shoulder=-1.0, rib=0.9, hem=-4)
BOUND: Sewn = (near("hem", "armhole_l", 1.4), near("hem", "armhole_r", 1.4), near("hem", "hem", 2.5))
GILETS = cuts(
    "gilet", VEST, PUFFED, 2, (stand(6.5, 0.3), zipper, welts(13, 6, 14, 1.8, 8), channels(9.0), *BOUND), 0.0,
    Changes("zipped"),
    Changes("open", OPEN, (stand(6.5, 0.3), zipper, welts(14, 6, 14, 1.8, 8), channels(9.0), *BOUND),
            closed="open"),
    Changes("hooded", {}, (hood(5.8), zipper, channels(9.0), *BOUND)),
    Changes("cropped", {"hem": 8}, (stand(6.5, 0.3), zipper, channels(9.0), *BOUND)),
    crease=0.1, relief=chambers(9.0, 1.4),
)  # fmt: skip

QUILT = cloth.Material(5e-6, 1e-6, 0.0, 0.8, span=(3.75, 7.5))
QUILTED = replace(JACKET, ease=15, hem=-12, cuff=8, flare=3)
FACED: Sewn = (placket(4.0, 6, radius=0.9), near("cuff", "end", 3.0), near("hem", "hem", 1.6))
BAGS = flapped(12, -1, 15, 14, 5.5)
QUILTED_JACKETS = cuts(
    "quilted_jacket", QUILTED, QUILT, 2, (fold(3.0, 5.2, 7.5), *FACED, BAGS), 0.0,
    Changes("buttoned"),
    Changes("open", OPEN, (fold(3.0, 5.2, 7.5), placket(3.0), *FACED[1:], BAGS), closed="open"),
    Changes("cropped", {"hem": 8}, (fold(3.0, 5.2, 7.5), *FACED)),
    Changes("oversized", WIDE | {"hem": -16}),
    Changes("hooded", {}, (hood(5.6), *FACED, BAGS)),
    crease=0.05, relief=diamonds(7.0, 0.9),
)  # fmt: skip

RIBBED: Sewn = (ribbed("hem", "hem", 6.0), ribbed("cuff", "end", 6.0))
BOMBER = replace(JACKET, ease=20, rib=0.76, cuff=7, biceps=13, shoulder=1.5, hem=-1, neck=(1.6, 6.0, 1.2))
ROUND_RIB = stand(4.5, 0.1, "neckband")
BOMBERS = cuts(
    "bomber_jacket", BOMBER, cloth.GABARDINE, 2,
    (ROUND_RIB, zipper, welts(12.5, 14, 15, 3.0, 24), *RIBBED), 0.0,
    Changes("zipped"),
    Changes("open", OPEN, (ROUND_RIB, zipper, welts(13.5, 14, 15, 3.0, 24), *RIBBED), closed="open"),
    Changes("cropped", {"hem": 12}, (ROUND_RIB, zipper, *RIBBED)),
    Changes("oversized", WIDE),
)  # fmt: skip

HARRINGTON = replace(JACKET, ease=17, rib=0.84, hem=-1, biceps=11)
HARRINGTONS = cuts(
    "harrington_jacket", HARRINGTON, cloth.GABARDINE, 2,
    (stand(4.6, 0.35), zipper, welts(12.5, 11, 15, 4.4, 22, button=True), *RIBBED), 0.0,
    Changes("zipped"),
    Changes("open", OPEN, (fold(3.2, 4.5, 6.5), zipper, welts(13.5, 11, 15, 4.4, 22, button=True), *RIBBED),
            closed="open"),
    Changes("cropped", {"hem": 11}),
    Changes("fitted", WAISTED | {"hem": -6, "rib": 0.95}),
)  # fmt: skip

HOODED = replace(JACKET, ease=19, biceps=11, cuff=6, hem=-11, neck=(2.2, 13.5, 1.4))
LIGHT: Sewn = (zipper, welts(13, 3, 16, 3.4, 14), near("cuff", "end", 3.5), piped("hem", 3.0))
HOOD: Sewn = (hood(6.4), cords(3.2, 46, 12))
HOODED_JACKETS = cuts(
    "hooded_jacket", HOODED, cloth.GABARDINE, 2, (*HOOD, *LIGHT), 0.0,
    Changes("hooded"),
    Changes("hooded-half", DEEP, (hood(6.4), *LIGHT), closed="half"),
    Changes("hooded-open", OPEN, (hood(6.4), *LIGHT), closed="open"),
    Changes("cropped-hooded", {"hem": 8}, (*HOOD, zipper, *LIGHT[2:])),
    Changes("oversized-hooded", WIDE | {"hem": -15}),
    Changes("fitted-hooded", WAISTED | {"hem": -9}),
)  # fmt: skip

FIELD = replace(JACKET, ease=17, hem=-16, flare=4)
FOUR: Sewn = (
    flapped(12, 2, 17, 19, 7.0),
    flapped(10, 33, 13, 13, 6.0),
    across(0.0),
    epaulettes,
    cuff_straps(4.0, 3.0, buckle=False),
)
FIELD_JACKETS = cuts(
    "field_jacket", FIELD, cloth.GABARDINE, 2, (stand(5.0, 0.35), placket(5.0, 0), zipper, *FOUR), 1.3,
    Changes("pockets"),
    Changes("open", OPEN, (fold(3.2, 5.0, 8.0), zipper, *FOUR), belt=0.0, closed="open"),
    Changes("hooded", {}, (hood(5.6), placket(5.0, 0), zipper, *FOUR)),
)  # fmt: skip

DENIM = replace(JACKET, ease=13, hem=4, cuff=6, rib=0.95, rib_depth=5)
STITCHED: Sewn = (
    yoke(),
    flapped(10, 30.5, 12, 0, 5.0, point=1.6),
    seams(
        ((5.2, 30), (3.6, 8)),
        ((6.0, 30), (4.4, 8)),
        ((14.6, 30), (9.8, 8)),
        ((15.4, 30), (10.6, 8)),
        part="stitch",
    ),
    welts(13.2, 15, 12, 2.0, 10),
    near("waistband", "hem", 4.5),
    near("cuff", "end", 5.0),
    piped("hem", 4.5, "stitch"),
    piped("end", 5.0, "stitch"),
    piped("shoulder", 1.0, "stitch"),
    piped("armhole", 0.8, "stitch"),
)
DENIM_JACKETS = cuts(
    "denim_jacket", DENIM, cloth.DENIM, 2,
    (fold(3.2, 5.4, 8.5), placket(4.4, 6, radius=0.9, button="rivet"), *STITCHED), 0.0,
    Changes("buttoned"),
    Changes("open", OPEN, (fold(3.2, 5.4, 8.5), placket(3.0), *STITCHED), closed="open"),
    Changes("oversized", WIDE | {"hem": 0}),
    Changes("hooded", {}, (hood(5.4), placket(4.4, 6, radius=0.9, button="rivet"), *STITCHED)),
    crease=0.1,
)  # fmt: skip

SHIRT = replace(JACKET, ease=18, hem=-13, cuff=7, shoulder=1.5, neck=(1.4, 6.5, 1), sleeve=1.1)
CHEST: Sewn = (flapped(10.2, 33, 13, 14, 4.6, point=1.2), near("cuff", "end", 6.0), piped("hem", 1.6))
OVERSHIRTS = cuts(
    "overshirt", SHIRT, cloth.SUITING, 2, (fold(3.2, 5.0, 9.0), placket(3.8, 7, radius=0.85), *CHEST), 0.0,
    Changes("buttoned"),
    Changes("open", OPEN, (fold(3.2, 5.0, 9.0), placket(3.0), *CHEST), closed="open"),
    Changes("slim", {"ease": 10, "waist": 0.4, "biceps": 7}),
    Changes("oversized", WIDE | {"hem": -17}),
    Changes("relaxed", {"ease": 24, "shoulder": 3.0, "biceps": 13}),
    crease=0.08,
)  # fmt: skip

JACKETS: list[Item] = [
    *BLAZERS, *PUFFERS, *PUFFER_COATS, *GILETS, *QUILTED_JACKETS, *BOMBERS, *HARRINGTONS, *HOODED_JACKETS,
    *FIELD_JACKETS, *DENIM_JACKETS, *OVERSHIRTS,
]  # fmt: skip
