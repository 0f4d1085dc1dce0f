"""Soft bags: shoulder bag, backpack, belt bag, bucket bag. Origin: the middle of the bottom edge; cm."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, rounded_rectangle, stroke, symmetric
from datagen.render.silhouettes.bag_parts import bag_kind, feet, handle


def shoulder_bag(s: Sketch) -> None:
    """Soft bag with one short strap and clasp."""
    rng = s.rng
    half, tall = rng.uniform(14.5, 16.5) * s.fit.width, rng.uniform(15, 17)
    rise = rng.uniform(12, 16)
    handle(
        s,
        [
            (-half * 0.9, -tall + 2),
            (-half * 0.72, -tall - rise * 0.72),
            (0, -tall - rise),
            (half * 0.72, -tall - rise * 0.72),
            (half * 0.9, -tall + 2),
        ],
        2.5,
    )
    folds = [
        (
            curve(
                [(x * half * 0.6, -tall + 1), (x * half * 0.8, -tall * 0.6), (x * half * 0.55, -tall * 0.3)],
                closed=False,
            ),
            0.6,
            1.4,
        )
        for x in (-1.0, -0.45, 0.5, 1.0)
    ]
    s.part(
        "ground",
        symmetric(
            [
                (0, -tall + 1.6),
                (half * 0.5, -tall + 1.2),
                (half * 0.92, -tall - 0.6, 0),
                (half * 1.08, -tall * 0.52),
                (half * 0.92, -tall * 0.12),
                (half * 0.5, 0),
                (0, 0.3),
            ]
        ),
        bulge=4.5,
        lift=0.5,
        folds=folds,
        crumple=0.6,
    )
    f_zip = curve([(-half * 0.88, -tall + 0.2), (0, -tall + 2.2), (half * 0.88, -tall + 0.2)], closed=False)
    s.part("metal", stroke(f_zip, 0.5), bulge=0.2, lift=0.2, crumple=0)
    s.seam((-half * 0.98, -tall * 0.7), (0, -tall * 0.58), (half * 0.98, -tall * 0.7))
    s.part(
        "trim",
        curve(
            [
                (-2.2, -tall + 0.6, 0),
                (2.2, -tall + 0.6, 0),
                (1.8, -tall * 0.5),
                (0, -tall * 0.44),
                (-1.8, -tall * 0.5),
            ]
        ),
        bulge=0.7,
        lift=0.7,
        crumple=0,
    )
    s.dots("metal", [(0, -tall * 0.54)], 1.1)
    feet(s, (-half * 0.9, -tall + 1), (half * 0.9, -tall + 1))
    s.mark, s.badge = (0, -tall * 0.3, half), (0, -tall * 0.3, 4)


def backpack(s: Sketch) -> None:
    """Rounded pack with pocket and straps."""
    rng = s.rng
    half, tall = rng.uniform(14, 16) * s.fit.width, rng.uniform(38, 43)
    for side in (-1, 1):
        s.strap(
            "trim",
            [
                (side * half * 0.45, -tall + 3),
                (side * half * 1.16, -tall * 0.8),
                (side * half * 1.22, -tall * 0.4),
                (side * half * 0.95, -4),
            ],
            2.6,
            lift=0.4,
        )
    handle(s, [(-3.4, -tall + 1), (-2.8, -tall - 4), (2.8, -tall - 4), (3.4, -tall + 1)], 1.5)
    s.part(
        "ground",
        symmetric(
            [
                (0, -tall),
                (half * 0.62, -tall * 0.98),
                (half * 0.96, -tall * 0.82),
                (half, -tall * 0.4),
                (half, -4),
                (half * 0.82, -0.6),
                (0, 0.2),
            ]
        ),
        bulge=6,
        lift=0.5,
        crumple=0.8,
    )
    zipped = curve(
        [
            (-half * 0.93, -tall * 0.42),
            (-half * 0.86, -tall * 0.8),
            (-half * 0.5, -tall * 0.93),
            (0, -tall * 0.95),
            (half * 0.5, -tall * 0.93),
            (half * 0.86, -tall * 0.8),
            (half * 0.93, -tall * 0.42),
        ],
        closed=False,
    )
    s.part("trim", stroke(zipped, 1.2), bulge=0.3, lift=0.2, crumple=0)
    s.part("metal", stroke(zipped, 0.4), bulge=0.2, lift=0.1, crumple=0)
    low = -tall * 0.5
    s.part(
        "ground",
        symmetric([(0, low), (half * 0.76, low, 0), (half * 0.8, low * 0.4), (half * 0.72, -2.0), (0, -1.6)]),
        bulge=2.5,
        lift=0.8,
        crumple=0.5,
    )
    s.part(
        "metal",
        rounded_rectangle(-half * 0.72, low + 2.2, half * 0.72, low + 2.7, 0.2),
        rounded_rectangle(half * 0.5, low + 2.2, half * 0.5 + 0.9, low + 5.6, 0.4),
        bulge=0.2,
        lift=0.2,
        crumple=0,
    )
    s.stitch((-half * 0.7, low + 3.6), (half * 0.7, low + 3.6))
    s.mark, s.badge = (0, -tall * 0.66, half * 1.2), (0, -tall * 0.68, 5)


def belt_bag(s: Sketch) -> None:
    """Waist pack on a belt."""
    rng = s.rng
    half, tall = rng.uniform(13.5, 16) * s.fit.width, rng.uniform(13, 15.5)
    mid = -tall * 0.6
    for side in (-1, 1):
        s.part(
            "trim",
            curve(
                [
                    (side * half * 0.9, mid - 3.2, 0),
                    (side * (half + 7), mid - 1.8),
                    (side * (half + 8), mid),
                    (side * (half + 7), mid + 1.8),
                    (side * half * 0.9, mid + 3.6, 0),
                ]
            ),
            bulge=1.2,
            lift=0.3,
            crumple=0.2,
        )
        s.strap(
            "dark",
            [
                (side * (half + 6), mid),
                (side * (half + 11), mid + 2.4),
                (side * (half + 9), mid + 7),
                (side * (half + 1), mid + 9),
            ],
            2.4,
            lift=0.3,
        )
    s.part(
        "dark",
        rounded_rectangle(half + 6.8, mid - 2.0, half + 10.4, mid + 2.2, 0.6),
        bulge=0.7,
        lift=0.5,
        crumple=0,
        shine=0.4,
    )
    s.part(
        "ground",
        symmetric(
            [
                (0, -tall),
                (half * 0.8, -tall),
                (half, -tall * 0.7),
                (half * 0.96, -tall * 0.25),
                (half * 0.72, 0),
                (0, 0.3),
            ]
        ),
        bulge=3.4,
        lift=0.6,
        crumple=0.6,
    )
    zipped = curve(
        [(-half * 0.92, -tall * 0.72), (0, -tall * 0.8), (half * 0.92, -tall * 0.72)], closed=False
    )
    s.part("trim", stroke(zipped, 1.3), bulge=0.3, lift=0.2, crumple=0)
    s.part(
        "metal",
        stroke(zipped, 0.45),
        rounded_rectangle(half * 0.62, -tall * 0.76, half * 0.62 + 1.0, -tall * 0.76 + 4, 0.4),
        bulge=0.2,
        lift=0.2,
        crumple=0,
    )
    s.seam(
        (-half * 0.9, -tall * 0.5),
        (-half * 0.8, -tall * 0.14),
        (0, -tall * 0.08),
        (half * 0.8, -tall * 0.14),
        (half * 0.9, -tall * 0.5),
    )
    s.mark, s.badge = (0, -tall * 0.42, half * 1.1), (0, -tall * 0.45, 4)


def bucket_bag(s: Sketch) -> None:
    """Drawstring bucket."""
    rng = s.rng
    low, top, tall = rng.uniform(10, 12) * s.fit.width, rng.uniform(12, 14) * s.fit.width, rng.uniform(23, 27)
    handle(
        s,
        [
            (-top * 0.9, -tall + 2),
            (-top * 0.85, -tall - 14),
            (0, -tall - 21),
            (top * 0.85, -tall - 14),
            (top * 0.9, -tall + 2),
        ],
        1.6,
    )
    s.part(
        "inside",
        symmetric([(0, -tall - 1.8), (top * 0.7, -tall - 1.2), (top * 0.92, -tall + 0.6), (0, -tall + 2.2)]),
        bulge=2,
        lift=0,
    )
    folds = [
        (
            curve(
                [(x * top * 0.85, -tall + 1), (x * top * 0.95, -tall * 0.78), (x * top * 0.9, -tall * 0.5)],
                closed=False,
            ),
            1.0,
            1.3,
        )
        for x in (-0.92, -0.68, -0.42, -0.15, 0.15, 0.42, 0.68, 0.92)
    ]
    s.part(
        "ground",
        symmetric(
            [
                (0, -tall + 1.4),
                (top * 0.5, -tall + 0.8),
                (top * 0.94, -tall - 0.6, 0),
                (top * 0.97, -tall * 0.8),
                (top * 1.04, -tall * 0.5),
                (low * 1.02, -1.6),
                (low * 0.9, 0.4),
                (0, 1.4),
            ]
        ),
        bulge=5,
        lift=0.5,
        folds=folds,
        crumple=0.5,
    )
    s.part(
        "trim",
        symmetric([(0, -2.2), (low * 1.03, -3.6, 0), (low * 1.0, -1.0), (low * 0.88, 0.5), (0, 1.5)]),
        bulge=1.4,
        lift=0.3,
        crumple=0,
    )
    y = -tall * 0.84
    s.dots(
        "metal", [(x * top, y + 1 - abs(x)) for x in (-0.84, -0.56, -0.2, 0.2, 0.56, 0.84)], 0.8, ring=True
    )
    s.strap("trim", [(-top * 0.96, y), (0, y + 1.2), (top * 0.96, y)], 0.8)
    for side in (-1, 1):
        s.strap("trim", [(side * 0.6, y + 1.2), (side * 2.4, y + 6), (side * 1.6, y + 12)], 0.8, lift=0.6)
        s.part("trim", ellipse(side * 1.6, y + 12.6, 0.9, 1.5), bulge=0.5, lift=0.5, crumple=0)
    feet(s, (-top * 0.9, -tall + 1.4), (top * 0.9, -tall + 1.4))
    s.mark, s.badge = (0, -tall * 0.36, low), (0, -tall * 0.36, 4.5)


KINDS = {
    "shoulder_bag": bag_kind(shoulder_bag, 1.58, 82),
    "backpack": bag_kind(backpack, 1.4, 86),
    "belt_bag": bag_kind(belt_bag, 1.2, 70),
    "bucket_bag": bag_kind(bucket_bag, 1.46, 84),
}
