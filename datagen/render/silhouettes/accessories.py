"""Belt, sunglasses, umbrella. Origin: the centre of the product; cm."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, mirrored, rounded_rectangle, stroke, symmetric
from datagen.render.silhouettes.bag_parts import chain
from datagen.render.silhouettes.textile_accessories import accessory_kind


def belt(s: Sketch) -> None:
    """Rolled belt: a spiral seen from above, the end with the buckle in front."""
    rng = s.rng
    wide = rng.uniform(3.0, 4.0) * s.fit.width
    for ring in range(3):
        r = 13.0 - ring * 1.5
        s.part(
            "ground",
            ellipse(0, -4 - ring * 0.3, r, r * 0.52, 48),
            holes=[ellipse(0, -4 - ring * 0.3, r - 0.9, (r - 0.9) * 0.52, 48)],
            bulge=0.5,
            lift=0.4,
            crumple=0,
        )
    s.part(
        "lining",
        curve(
            [
                (-12.0, -4),
                (-9, -8.6),
                (0, -10.4),
                (9, -8.6),
                (12.0, -4),
                (12.0, -4 + wide),
                (8, -6.6 + wide * 0.8),
                (0, -8.2 + wide * 0.8),
                (-8, -6.6 + wide * 0.8),
                (-12, -4 + wide),
            ]
        ),
        bulge=1.2,
        lift=0,
        crumple=0,
    )
    front = curve(
        [
            (-13.2, -4.4, 0),
            (-10.6, 0.6),
            (-3, 3.2),
            (4, 3.2),
            (10.6, 1.0),
            (19.5, -1.0, 0),
            (19.5, -1.0 + wide * 1.5, 0),
            (10.8, 1.2 + wide * 1.6),
            (4, 3.2 + wide * 1.6),
            (-3.4, 3.2 + wide * 1.6),
            (-11.2, 0.6 + wide * 1.6),
            (-13.2, -3.4 + wide * 1.2, 0),
        ]
    )
    s.part("ground", front, bulge=1.0, lift=0.7, crumple=0.1)
    s.stitch((-12.4, -2.9), (-10.0, 1.2), (-3, 3.9), (4, 3.9), (10.8, 1.7), (17, 0.2))
    s.stitch(
        (-12.4, -4.4 + wide * 1.25),
        (-10.8, 0.2 + wide * 1.5),
        (-3.2, 2.5 + wide * 1.6),
        (4, 2.5 + wide * 1.6),
        (10.8, 0.5 + wide * 1.6),
        (17, -1.4 + wide * 1.6),
    )
    y = 0.2 + wide * 0.66
    style = rng.integer(0, 2)
    if style == 0:
        s.part(
            "metal",
            rounded_rectangle(15.4, y - wide * 1.0, 21.6, y + wide * 1.0, 0.8),
            holes=[rounded_rectangle(16.6, y - wide * 0.7, 20.4, y + wide * 0.7, 0.4)],
            bulge=0.5,
            lift=0.6,
            crumple=0,
            shine=0.7,
        )
        s.strap("metal", [(16, y), (21.4, y)], 0.6)
    elif style == 1:
        s.part(
            "metal",
            rounded_rectangle(14.8, y - wide * 1.0, 21.2, y + wide * 1.0, 0.5),
            bulge=0.8,
            lift=0.6,
            crumple=0,
            shine=0.8,
        )
        s.line("seam", rounded_rectangle(15.6, y - wide * 0.78, 20.4, y + wide * 0.78, 0.3))
    else:
        s.part(
            "metal",
            ellipse(18.4, y, 3.6, wide * 1.02, 40),
            holes=[ellipse(18.4, y, 2.5, wide * 0.72, 40)],
            bulge=0.5,
            lift=0.6,
            crumple=0,
            shine=0.7,
        )
        s.strap("metal", [(15.8, y), (21.6, y)], 0.6)
    s.part(
        "ground",
        rounded_rectangle(11.4, y - wide * 0.95 + 0.8, 13.4, y + wide * 0.95 + 0.4, 0.3),
        bulge=0.4,
        lift=0.5,
        crumple=0,
    )
    s.part(
        "inside",
        *[ellipse(x, 4.5 + wide * 0.65 - abs(x) * 0.03, 0.4, 0.5, 10) for x in (-6.5, -4.2, -1.9, 0.4, 2.7)],
        bulge=0.1,
        lift=0,
        crumple=0,
    )
    s.mark, s.badge = (0, 4 + wide * 0.7, 10), (18.2, y, 3)


def sunglasses(s: Sketch) -> None:
    """Dark lenses in a frame."""
    rng = s.rng
    w, h = rng.uniform(7.4, 8.4), rng.uniform(5.2, 7.2)
    shape = rng.integer(0, 3)
    for side in (-1, 1):
        s.strap(
            "ground",
            [
                (side * (w * 1.94), -h * 0.7),
                (side * (w * 1.98), -h * 1.5),
                (side * (w * 1.72), -h * 2.5),
                (side * (w * 1.62), -h * 2.8),
            ],
            1.5,
            lift=0.3,
        )
    x = w * 1.08
    if shape == 0:
        lens = curve(
            [
                (x - w * 0.86, -h * 0.8),
                (x + w * 0.8, -h * 0.86),
                (x + w * 0.84, h * 0.2),
                (x + w * 0.4, h * 0.84),
                (x - w * 0.4, h * 0.8),
                (x - w * 0.84, h * 0.1),
            ]
        )
    elif shape == 1:
        lens = ellipse(x, 0, w * 0.82, w * 0.8, 44)
    elif shape == 2:
        lens = curve(
            [
                (x - w * 0.86, -h * 0.5),
                (x + w * 0.2, -h * 0.86),
                (x + w * 1.02, -h * 1.1, 0),
                (x + w * 0.86, h * 0.16),
                (x + w * 0.2, h * 0.78),
                (x - w * 0.6, h * 0.6),
            ]
        )
    else:
        lens = curve(
            [
                (x - w * 0.84, -h * 0.82),
                (x + w * 0.84, -h * 0.7),
                (x + w * 0.76, h * 0.4),
                (x + w * 0.1, h * 1.0),
                (x - w * 0.62, h * 0.66),
                (x - w * 0.9, -h * 0.2),
            ]
        )
    centre = lens.mean(axis=0)
    rim = (lens - centre) * (1 + rng.uniform(0.13, 0.26)) + centre
    s.part(
        "ground",
        curve(
            [
                (-3.4, -h * 0.72, 0),
                (0, -h * 0.86),
                (3.4, -h * 0.72, 0),
                (3.2, -h * 0.2, 0),
                (0, -h * 0.44),
                (-3.2, -h * 0.2, 0),
            ]
        ),
        bulge=0.7,
        lift=0.3,
        crumple=0,
        shine=0.5,
    )
    s.part(
        "ground",
        rim,
        mirrored(rim),
        *[
            curve(
                [
                    (side * (w * 1.7), -h * 0.96, 0),
                    (side * (w * 2.06), -h * 0.9),
                    (side * (w * 2.06), -h * 0.3),
                    (side * (w * 1.75), -h * 0.2, 0),
                ]
            )
            for side in (-1, 1)
        ],
        bulge=0.9,
        lift=0.6,
        crumple=0,
        shine=0.6,
    )
    s.part("lens", lens, mirrored(lens), bulge=0.8, lift=0.0, crumple=0)
    for side in (-1, 1):
        glare = curve(
            [
                (side * x - w * 0.5, -h * 0.1, 0),
                (side * x - w * 0.1, -h * 0.56, 0),
                (side * x + w * 0.16, -h * 0.56, 0),
                (side * x - w * 0.38, h * 0.12, 0),
            ]
        )
        s.part("glare", glare, bulge=0.2, lift=0, crumple=0)
    s.dots("metal", [(w * 1.9, -h * 0.6), (-w * 1.9, -h * 0.6)], 0.5)
    if s.detail == "chain":
        chain(
            s,
            curve(
                [
                    (-w * 1.98, -h * 1.2),
                    (-w * 1.6, h * 2.0),
                    (0, h * 2.9),
                    (w * 1.6, h * 2.0),
                    (w * 1.98, -h * 1.2),
                ],
                closed=False,
            ),
            1.1,
        )
    s.mark, s.badge = (0, 0, 6), (-w * 1.9, -h * 0.5, 2)


def umbrella(s: Sketch) -> None:
    """Folded umbrella with crook handle."""
    rng = s.rng
    wide = rng.uniform(4.0, 5.0)
    s.strap("metal", [(0, 36), (0, 41)], 1.0, end=0.6)
    s.strap("metal", [(0, -24), (0, -18)], 1.2)
    hook = curve([(0, -22), (0, -33), (1.6, -38.5), (6.0, -40), (9.4, -37), (9.6, -32.5)], closed=False)
    s.part("button", stroke(hook, 2.5, 2.1), bulge=1.1, lift=0.5, crumple=0, shine=0.6)
    s.part("metal", rounded_rectangle(-1.6, -24, 1.6, -21.6, 0.3), bulge=0.6, lift=0.3, crumple=0, shine=0.6)
    s.part(
        "ground",
        symmetric(
            [(0, -18.4), (1.8, -18.4, 0), (wide * 1.1, -14.6), (wide, -2), (1.8, 30), (0.7, 37, 0), (0, 37.4)]
        ),
        bulge=2.4,
        lift=0.4,
        crumple=0.4,
    )
    for x0, x1 in ((-0.86, -0.2), (-0.3, 0.5), (0.34, 0.9)):
        leaf = curve(
            [
                (x0 * wide, -16.4, 0),
                (x1 * wide, -17.6, 0),
                (x1 * wide * 1.05 + 0.5, -2),
                (x1 * 1.4 + 0.3, 30),
                (0.4, 36),
                (x0 * 0.6, 28),
                (x0 * wide * 0.7, -4),
            ]
        )
        s.part("ground", leaf, bulge=1.0, lift=0.5, turn=-8, crumple=0.5)
    s.part(
        "trim",
        symmetric([(0, 3.0), (wide * 0.98, 2.2, 0), (wide * 0.93, 5.0, 0), (0, 6.2)]),
        bulge=0.6,
        lift=0.5,
        crumple=0,
    )
    s.dots("metal", [(wide * 0.4, 4.2)], 0.7)
    s.mark, s.badge = (0, -8, 5), (0, -9, 3.5)


KINDS = {
    "belt": accessory_kind(belt, 1.35, "scale", "width", pattern_scale=0.65, at=56.0, width=56.0),
    "sunglasses": accessory_kind(
        sunglasses, 1.45, details=frozenset({"chain"}), pattern_scale=0.5, at=56.0, width=56.0
    ),
    "umbrella": accessory_kind(umbrella, 1.02, "scale", pattern_scale=0.75, height=86.0),
}
