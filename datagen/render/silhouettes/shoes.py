"""Pumps, standing; loafers, seen from above. Always a pair; cm."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, mirrored, stroke
from datagen.render.silhouettes.bag_parts import chain
from datagen.render.silhouettes.shoe_layout import Place, from_above, shoe_kind, standing_pair, unchanged


def loafers(s: Sketch) -> None:
    """A pair of slip-ons with apron and strap."""
    s.zoom = s.rng.uniform(0.94, 1.04)
    rng = s.rng
    bit = rng.chance(0.5)
    for side in (-1, 1):
        place, foot = from_above(s, side * 7.4, wide=0.96, long=28.5, spin=side * 3.0, toe=0.86)
        flip: Place = mirrored if side < 0 else unchanged
        grow = 1.1 if s.detail == "platform" else 1.05
        s.part("dark", place(flip(foot * [grow, 1.02])), bulge=0.7, lift=0.5, crumple=0)
        s.part("ground", place(flip(foot)), bulge=3.0, lift=0.3, turn=side * 4.0, crumple=0.3)
        s.part(
            "inside",
            place(
                curve(
                    [
                        (0, -1.6),
                        (2.8, 0.6),
                        (3.3, 7),
                        (2.4, 12.4),
                        (0, 13.3),
                        (-2.4, 12.4),
                        (-3.3, 7),
                        (-2.8, 0.6),
                    ]
                )
            ),
            bulge=1.4,
            lift=0,
            crumple=0,
        )
        s.part(
            "skin",
            place(
                curve(
                    [
                        (0, 2.2),
                        (2.2, 4.4),
                        (2.3, 10),
                        (1.5, 12.2),
                        (0, 12.7),
                        (-1.5, 12.2),
                        (-2.3, 10),
                        (-2.2, 4.4),
                    ]
                )
            ),
            bulge=0.6,
            lift=0,
            crumple=0,
        )
        s.line(
            "seam",
            place(
                curve(
                    [
                        (-3.6, 0.4),
                        (-3.3, -6.4),
                        (-1.6, -9.8),
                        (0, -10.4),
                        (1.6, -9.8),
                        (3.3, -6.4),
                        (3.6, 0.4),
                    ],
                    closed=False,
                )
            ),
            width=0.5,
        )
        s.line(
            "stitch",
            place(
                curve(
                    [
                        (-4.2, 0.2),
                        (-3.9, -6.6),
                        (-2.0, -10.5),
                        (0, -11.2),
                        (2.0, -10.5),
                        (3.9, -6.6),
                        (4.2, 0.2),
                    ],
                    closed=False,
                )
            ),
        )
        s.part(
            "ground",
            place(
                curve(
                    [(-4.9, -4.6, 0), (0, -5.8), (4.9, -4.6, 0), (4.6, -0.8, 0), (0, -2.4), (-4.6, -0.8, 0)]
                )
            ),
            bulge=0.8,
            lift=0.6,
            crumple=0,
        )
        if s.detail == "chain":
            chain(s, place(curve([(-4.2, -3), (0, -4.2), (4.2, -3)], closed=False)), 1.3)
        elif bit:
            s.part(
                "metal",
                place(ellipse(-2.2, -3.9, 1.2, 1.0)),
                place(ellipse(2.2, -3.9, 1.2, 1.0)),
                place(stroke(curve([(-2, -3.9), (2, -3.9)], closed=False), 0.7)),
                bulge=0.3,
                lift=0.4,
                crumple=0,
                shine=0.6,
            )
        else:
            s.part(
                "inside",
                place(curve([(-1.5, -4.0), (0, -4.5), (1.5, -4.0), (0, -3.3)])),
                bulge=0.2,
                lift=0,
                crumple=0,
            )
    s.mark, s.badge = (8, -8, 5), (7.6, -8, 2.6)


def pumps(s: Sketch) -> None:
    """A pair of heeled shoes with pointed toes."""
    block, heel = s.detail == "block_heel" or s.rng.chance(0.25), s.rng.uniform(6.5, 10)
    sole = 2.4 if s.detail == "platform" else 0.5

    def one(s: Sketch, at: Place) -> None:
        wide = 3.0 if block else 0.7
        s.part(
            "ground",
            at(
                curve(
                    [
                        (-10.6, -heel - 1.6, 0),
                        (-4.4, -heel - 0.6, 0),
                        (-6.6 + wide, -heel * 0.5),
                        (-8.0 + wide, 0, 0),
                        (-9.0, 0, 0),
                        (-9.6 if block else -8.9, -heel * 0.5),
                    ]
                )
            ),
            bulge=1.2,
            lift=0.3,
            crumple=0,
        )
        s.part(
            "dark",
            at(curve([(-9.0, -0.5, 0), (-8.0 + wide, -0.5, 0), (-8.0 + wide, 0.2, 0), (-9.0, 0.2, 0)])),
            bulge=0.2,
            lift=0,
            crumple=0,
        )
        s.part(
            "inside",
            at(
                curve(
                    [
                        (-10.2, -heel - 5.4),
                        (-6, -heel - 4.4),
                        (1, -heel * 0.62 - 4.2),
                        (7.2, -5.4),
                        (4.0, -3.2),
                        (-4, -heel - 0.4),
                    ]
                )
            ),
            bulge=0.8,
            lift=0,
            crumple=0,
        )
        s.part(
            "skin",
            at(
                curve(
                    [
                        (-9.6, -heel - 4.4),
                        (-5, -heel - 3.8),
                        (2, -heel * 0.6 - 3.4),
                        (6.4, -4.8),
                        (3, -3.0),
                        (-6, -heel - 1.4),
                    ]
                )
            ),
            bulge=0.6,
            lift=0,
            crumple=0,
        )
        s.part(
            "ground",
            at(
                curve(
                    [
                        (-10.9, -heel - 6.6, 0),
                        (-9.4, -heel - 5.0),
                        (-5.5, -heel - 3.2),
                        (0.5, -heel * 0.45 - 2.6),
                        (5.2, -4.2),
                        (7.6, -6.0, 0),
                        (11.2, -4.6),
                        (16.4, -0.9 - sole, 0),
                        (15.6, -0.2 - sole),
                        (7.4, -0.2 - sole),
                        (3.4, -0.8 - sole),
                        (-3.2, -heel * 0.82),
                        (-10.4, -heel - 1.2, 0),
                        (-11.2, -heel - 4.0),
                    ]
                )
            ),
            bulge=1.8,
            lift=0.5,
            crumple=0.2,
        )
        s.part(
            "dark" if sole < 1 else "trim",
            at(
                curve(
                    [
                        (-4.6, -heel - 0.2),
                        (3.2, -1.0 - sole),
                        (7.4, -0.5 - sole),
                        (16.2, -0.9 - sole, 0),
                        (15.8, 0),
                        (7, 0.1),
                        (2.6, -0.4),
                        (-4.4, -heel + 0.6),
                    ]
                )
            ),
            bulge=0.3,
            lift=0.1,
            crumple=0,
        )

    standing_pair(s, one, 6.0)
    s.mark, s.badge = (4, -4, 4), (4.4, -3.2, 2.2)


KINDS = {
    "loafers": shoe_kind(loafers, 1.45),
    "pumps": shoe_kind(pumps, 1.36, stands=True),
}
