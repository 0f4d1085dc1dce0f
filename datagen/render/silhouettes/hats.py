"""Hats and gloves. Origin: the middle of the crown's lower edge; cm."""

from __future__ import annotations

import numpy as np

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, curve, ellipse, mirrored, rotated, shifted, stroke, symmetric
from datagen.render.silhouettes.bag_parts import chain
from datagen.render.silhouettes.kind import Kind


def cap(s: Sketch) -> None:
    """Baseball cap."""
    rng = s.rng
    tall = rng.uniform(12.5, 14.5)
    s.part(
        "ground",
        symmetric(
            [
                (0, -tall),
                (6, -tall * 0.96),
                (10.4, -tall * 0.62),
                (11.6, -tall * 0.18),
                (11.4, 1.6),
                (6, 2.2),
                (0, 2.4),
            ]
        ),
        bulge=6,
        lift=0.4,
        crumple=0.3,
    )
    s.seam((0, -tall), (0.2, -tall * 0.5), (0, 2))
    s.seam((0.4, -tall), (5.2, -tall * 0.7), (7.6, 1.8), mirror=True)
    s.stitch((1.2, -tall + 0.4), (6.0, -tall * 0.68), (8.4, 1.6), mirror=True)
    s.part(
        "inside",
        ellipse(4.8, -tall * 0.66, 0.42),
        ellipse(-4.8, -tall * 0.66, 0.42),
        bulge=0.1,
        lift=0,
        crumple=0,
    )
    s.part("ground", ellipse(0, -tall - 0.1, 1.1, 0.7), bulge=0.6, lift=0.4, crumple=0)
    brim = symmetric([(0, 1.2), (6.4, 0.8), (11.2, -0.4), (12.2, 1.8), (10.6, 5.4), (5.2, 7.0), (0, 7.3)])
    s.part("trim" if s.detail == "contrast" else "ground", brim, bulge=2.0, lift=1.0, crumple=0.1)
    for drop in (0.0, 0.9, 1.8, 2.7):
        s.stitch(
            (11.4 - drop * 0.4, 2.0),
            (10.0 - drop * 0.6, 4.9 - drop * 0.7),
            (5, 6.4 - drop),
            (0, 6.7 - drop),
            mirror=True,
        )
    s.seam((-11.4, 0.8), (0, 2.0), (11.4, 0.8), width=0.4)
    s.mark, s.badge = (0, -tall * 0.42, 9), (0, -tall * 0.4, 5.5)


def bucket_hat(s: Sketch) -> None:
    """Hat with a sloping brim."""
    rng = s.rng
    tall, flare = rng.uniform(10.5, 12.5), rng.uniform(16, 18.5)
    s.part(
        "ground",
        symmetric([(0, -tall), (6.2, -tall * 0.98), (8.8, -tall * 0.88, 0), (10.8, 0), (0, 1.2)]),
        bulge=3.4,
        lift=0.4,
        crumple=0.4,
    )
    s.seam((-8.6, -tall * 0.86), (0, -tall * 0.72), (8.6, -tall * 0.86))
    s.stitch((-8.7, -tall * 0.8), (0, -tall * 0.66), (8.7, -tall * 0.8))
    s.part(
        "ground",
        symmetric(
            [
                (0, -0.2),
                (6, -0.4),
                (10.7, -1.4, 0),
                (flare * 0.8, 3.4),
                (flare, 8.0),
                (flare * 0.72, 10.4),
                (0, 11.4),
            ]
        ),
        bulge=2.6,
        lift=0.7,
        crumple=0.5,
    )
    for step in range(1, 6):
        share = step / 6
        s.stitch(
            (10.7 + (flare - 10.7) * share, -1.0 + 8.4 * share),
            (flare * 0.42 + share, 0.4 + 10 * share),
            (0, 0.4 + 10.6 * share),
            mirror=True,
        )
    s.dots("metal", [(x, -tall * 0.4) for x in (-7.6, -6.2, 6.2, 7.6)], 0.42, ring=True)
    if s.detail == "drawcord":
        for side in (-1, 1):
            s.strap("dark", [(side * 10, 4), (side * 6, 16), (side * 1, 22)], 0.6)
    s.mark, s.badge = (0, -tall * 0.36, 9), (0, -tall * 0.36, 5)


def beanie(s: Sketch) -> None:
    """Knitted hat with turned-up cuff."""
    rng = s.rng
    tall, cuff = rng.uniform(12, 16), rng.uniform(5.5, 7.5)
    if rng.chance(0.4):
        for step in range(14):
            angle = step * 0.449
            s.part(
                "trim" if s.detail == "contrast" else "ground",
                rotated(curve([(0, -3.6), (0.8, -1.5), (0, 0.6), (-0.8, -1.5)]), angle * 57.3, (0, 0))
                + np.array([0, -tall - 2.2]),
                bulge=0.7,
                lift=0.2,
                crumple=0,
            )
        s.part("ground", ellipse(0, -tall - 2.2, 2.8), bulge=1.4, lift=0.2, crumple=3)
    s.part(
        "ground",
        symmetric(
            [(0, -tall), (4.4, -tall * 0.96), (9.0, -tall * 0.62), (10.6, -tall * 0.1), (10.6, 1), (0, 1.4)]
        ),
        bulge=5,
        lift=0.4,
        crumple=0.5,
    )
    lines = [
        curve(
            [(x * 3.0, -tall * (0.99 - 0.03 * abs(x))), (x * 8.6, -tall * 0.5), (x * 10.4, 0)], closed=False
        )
        for x in (i / 10 for i in range(-9, 10))
    ]
    s.line("rib", *lines, width=0.5)
    s.part(
        "ground",
        symmetric([(0, -cuff + 2.2), (10.8, -cuff + 1.2, 0), (11.5, -cuff * 0.3), (11.2, 1.8, 0), (0, 3.2)]),
        bulge=1.8,
        lift=0.9,
        crumple=0.3,
    )
    s.line(
        "rib",
        *[
            curve([(x * 11, -cuff + 2.0 - x * x * 0.7), (x * 11.1, 2.9 - x * x)], closed=False)
            for x in (i / 14 for i in range(-13, 14))
        ],
        width=0.5,
    )
    s.mark, s.badge = (0, -cuff * 0.5 + 2.4, 8), (0, -cuff * 0.5 + 2.4, 4.4)


def gloves(s: Sketch) -> None:
    """A pair of gloves."""
    s.zoom = s.rng.uniform(0.94, 1.04)
    rng = s.rng
    fingers = ((-3.9, -6.0, 6.4, -9.0), (-1.5, -7.2, 7.6, -3.0), (1.0, -7.0, 7.4, 2.5), (3.3, -5.6, 6.2, 8.5))
    for side, lift in ((-1, 0.6), (1, -0.6)):

        def place(path: Path, side: int = side, lift: float = lift) -> Path:
            flipped = path if side > 0 else mirrored(path)
            return shifted(rotated(flipped, side * 8.0), side * 7.6, lift)

        s.part("lining", place(ellipse(0, 13.6, 4.3, 1.0)), bulge=0.6, lift=0, crumple=0)
        thumb = stroke(curve([(-3.4, 3.0), (-6.4, -0.6), (-8.0, -5.0), (-8.2, -6.4)], closed=False), 3.0, 2.3)
        s.part("ground", place(thumb), place(ellipse(-8.2, -6.4, 1.15)), bulge=1.1, lift=0.3)
        for x, y, long, lean in fingers:
            finger = curve(
                [
                    (x - 1.15, y + 7.5, 0),
                    (x - 1.15, y),
                    (x - 0.8, y - long * 0.8),
                    (x, y - long),
                    (x + 0.8, y - long * 0.8),
                    (x + 1.15, y),
                    (x + 1.15, y + 7.5, 0),
                ]
            )
            s.part("ground", place(rotated(finger, lean, (x, y + 6))), bulge=1.1, lift=0.3, crumple=0.3)
        s.part(
            "ground",
            place(
                curve(
                    [
                        (-5.0, -4.4),
                        (0, -6.4),
                        (5.0, -4.2),
                        (5.0, 2),
                        (4.2, 7),
                        (4.4, 13.4, 0),
                        (0, 14.4),
                        (-4.4, 13.4, 0),
                        (-4.0, 7),
                        (-4.9, 2),
                    ]
                )
            ),
            bulge=2.6,
            lift=0.0,
            crumple=0.5,
        )
        for x in (-2.2, 0.0, 2.2):
            s.line("seam", place(curve([(x, -3.6), (x * 0.8, 2.4)], closed=False)), width=0.3)
        s.line("crease", place(curve([(-4.1, 7.6), (0, 8.6), (4.2, 7.4)], closed=False)), width=0.7)
        if rng.chance(0.5) or s.detail == "belted":
            s.part(
                "trim",
                place(
                    curve(
                        [(-4.5, 8.6, 0), (0, 9.6), (4.5, 8.4, 0), (4.6, 10.4, 0), (0, 11.6), (-4.6, 10.6, 0)]
                    )
                ),
                bulge=0.6,
                lift=0.4,
                crumple=0,
            )
            s.dots("metal", [(side * 7.6, 10.4 + lift)], 0.7)
    if s.detail == "chain":
        chain(s, curve([(-7, 14), (0, 18), (7, 14)], closed=False), 1.2)
    s.mark, s.badge = (7.6, 2, 6), (7.4, 3, 3)


KINDS = {
    "cap": Kind(
        cap,
        2.1,
        at=82,
        ground=0.5,
        fits=("scale",),
        details=frozenset({"contrast"}),
        shaped_by_wearer=False,
        pattern_scale=0.8,
        width=58,
        height=58,
    ),
    "bucket_hat": Kind(
        bucket_hat,
        1.5,
        at=80,
        ground=0.5,
        fits=("scale",),
        details=frozenset({"drawcord"}),
        shaped_by_wearer=False,
        pattern_scale=0.8,
        width=56,
        height=52,
    ),
    "beanie": Kind(
        beanie,
        1.8,
        at=66,
        ground=0.5,
        fits=("scale",),
        details=frozenset({"contrast"}),
        shaped_by_wearer=False,
        pattern_scale=0.8,
        width=50,
        height=52,
    ),
    "gloves": Kind(
        gloves,
        1.65,
        at=52,
        fits=("scale",),
        details=frozenset({"belted", "chain"}),
        shaped_by_wearer=False,
        pattern_scale=0.5,
        width=56,
        height=58,
    ),
}
