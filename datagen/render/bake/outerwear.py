"""Jackets and coats."""

from __future__ import annotations

from dataclasses import replace

from datagen.render.bake import cloth
from datagen.render.bake.collars import fold, hood, lapels, stand
from datagen.render.bake.fastenings import belt, buttons, flap, overlap, placket, pockets, yoke, zipper
from datagen.render.bake.item import ADULTS, RIBS, Item, chambers, diamonds, near
from datagen.render.bake.tops import Top

COAT = Top(
    ease=20,
    sleeve=1.02,
    biceps=13,
    cuff=14,
    hem=-44,
    flare=14,
    shoulder=1.0,
    neck=(2.2, 30, 1.5),
    v_neck=True,
    armhole=3.0,
)
JACKET = Top(
    ease=16, sleeve=1.02, biceps=11, cuff=10, hem=-4, shoulder=0.8, neck=(1.8, 6.5, 1.2), armhole=3.0
)
OPEN_COAT = replace(COAT, open="open", lap=-1.5)
OPEN_JACKET = replace(JACKET, open="open", lap=-1.5)
TRENCH = (
    lapels(9.5, 0.5),
    overlap(8),
    buttons(3, 15, 0.42, 0.97, 1.2),
    belt(),
    flap,
    pockets(13, -4, 4.5, 17, slant=0.0),
    near("cuff", "end", 7.0),
)

OUTERWEAR: list[Item] = [
    Item("trench_coat", "belted", COAT, cloth.GABARDINE, 3, TRENCH, belt=1.12),
    Item(
        "blazer",
        "single",
        replace(JACKET, ease=13, hem=-14, waist=0.35, neck=(2.0, 28, 1.3), v_neck=True, biceps=9, cuff=9),
        cloth.SUITING,
        2,
        (
            lapels(8.0),
            overlap(2.2),
            buttons(2, 0, 0.62, 0.93),
            pockets(11.5, -2, 13, 5, "flap"),
            pockets(9.5, 30, 9.5, 2.2, one=True, slant=0.6),
        ),
        ADULTS,
    ),
    Item(
        "tailored_coat",
        "single",
        COAT,
        cloth.COATING,
        3,
        (lapels(9.0), overlap(3), buttons(3, 0, 0.5, 0.95, 1.3), pockets(12, -4, 15, 6, "flap")),
    ),
    Item(
        "puffer_jacket",
        "zipped",
        replace(JACKET, ease=26, biceps=18, cuff=12, rib=0.8, rib_depth=4),
        cloth.FILLED,
        2,
        (stand(7, 0.3), zipper, near("hem", "hem", 3.0), near("cuff", "end", 3.0)),
        relief=chambers(8.5, 1.25),
        crease=0.12,
    ),
    Item(
        "bomber_jacket",
        "zipped",
        replace(JACKET, ease=20, rib=0.78, cuff=8, biceps=14, shoulder=1.5),
        cloth.GABARDINE,
        2,
        (stand(4.5, 0.1, "neckband"), zipper, pockets(11, 8, 2.2, 15, slant=0.0), *RIBS),
    ),
    Item(
        "car_coat",
        "single",
        replace(COAT, hem=-26, v_neck=False, neck=(1.8, 6.5, 1.2), flare=6),
        cloth.GABARDINE,
        3,
        (fold(3.5, 6.0, 9.5, 0.75), overlap(2.5), pockets(12, -2, 4.5, 17), near("cuff", "end", 5.0)),
    ),
    Item(
        "hooded_jacket",
        "zipped",
        replace(JACKET, ease=20, biceps=14, rib=0.9, hem=-8),
        cloth.GABARDINE,
        2,
        (hood(4.6), zipper, pockets(11, 6, 15, 5, "flap"), near("cuff", "end", 3.0)),
    ),
    Item(
        "puffer_coat",
        "zipped",
        replace(JACKET, ease=28, biceps=18, cuff=14, hem=-44),
        cloth.FILLED,
        3,
        (stand(8, 0.3), zipper, near("cuff", "end", 3.0)),
        relief=chambers(9.5, 1.4),
        crease=0.12,
    ),
    Item(
        "quilted_jacket",
        "buttoned",
        replace(JACKET, ease=18, hem=-12),
        cloth.FILLED,
        2,
        (fold(3.0, 4.5, 7.0), placket(3.4, 6, radius=0.8), pockets(11, 0, 15, 15), near("cuff", "end", 2.0)),
        relief=diamonds(5.5, 0.5),
    ),
    Item(
        "denim_jacket",
        "buttoned",
        replace(JACKET, ease=14, hem=2, cuff=7),
        cloth.DENIM,
        2,
        (
            fold(3.0, 5.0, 8.0),
            placket(3.6, 6, radius=0.8),
            yoke(),
            pockets(9, 30, 11, 5, "flap"),
            near("waistband", "hem", 4.0),
            near("cuff", "end", 5.0),
        ),
        crease=0.1,
    ),
    Item(
        "parka",
        "hooded",
        replace(COAT, hem=-26, v_neck=False, neck=(2.0, 6.5, 1.2), flare=4),
        cloth.GABARDINE,
        3,
        (hood(5.5), overlap(3), pockets(12, -6, 17, 18), pockets(12, 2, 18, 6, "flap"), zipper),
    ),
    Item(
        "gilet",
        "zipped",
        replace(JACKET, ease=20, sleeve=0.0, shoulder=0.0, hem=-4),
        cloth.FILLED,
        2,
        (stand(6, 0.25), zipper, near("hem", "armhole_l", 1.0), near("hem", "armhole_r", 1.0)),
        relief=chambers(8.5, 1.3),
        crease=0.12,
    ),
    Item(
        "pea_coat",
        "double",
        replace(COAT, hem=-14, flare=4, neck=(2.2, 22, 1.5)),
        cloth.COATING,
        3,
        (lapels(10.5, 1.0), overlap(8), buttons(3, 14, 0.3, 0.95, 1.4), pockets(13, 4, 3, 16)),
    ),
    Item(
        "field_jacket",
        "pockets",
        replace(JACKET, ease=20, hem=-16),
        cloth.GABARDINE,
        2,
        (
            fold(3.2, 5.0, 8.0),
            overlap(3),
            zipper,
            pockets(11, -4, 16, 18),
            pockets(11, 4, 17, 6, "flap"),
            pockets(9.5, 31, 13, 5, "flap"),
            near("cuff", "end", 4.0),
        ),
    ),
    Item(
        "harrington_jacket",
        "zipped",
        replace(JACKET, ease=18, rib=0.84, hem=-2),
        cloth.GABARDINE,
        2,
        (fold(3.2, 4.5, 6.5), zipper, pockets(11, 8, 4.5, 15), *RIBS),
    ),
    Item(
        "trench_coat",
        "open",
        replace(OPEN_COAT, hem=-48),
        cloth.GABARDINE,
        3,
        (lapels(9.5, 0.5), flap, pockets(14, -4, 4.5, 17), near("cuff", "end", 7.0)),
        closed="open",
    ),
    Item(
        "blazer",
        "open",
        replace(
            OPEN_JACKET,
            lap=-1.0,
            ease=13,
            hem=-14,
            waist=0.3,
            neck=(2.0, 28, 1.3),
            v_neck=True,
            biceps=9,
            cuff=9,
        ),
        cloth.SUITING,
        2,
        (lapels(8.0), pockets(11.5, -2, 13, 5, "flap")),
        ADULTS,
        "open",
    ),
    Item(
        "bomber_jacket",
        "open",
        replace(OPEN_JACKET, ease=20, rib=0.8, cuff=8, biceps=14, shoulder=1.5),
        cloth.GABARDINE,
        2,
        (stand(4.5, 0.1, "neckband"), zipper, *RIBS),
        ADULTS,
        "open",
    ),
    Item(
        "tailored_coat",
        "open",
        OPEN_COAT,
        cloth.COATING,
        3,
        (lapels(9.0), pockets(13, -4, 15, 6, "flap")),
        ADULTS,
        "open",
    ),
]
