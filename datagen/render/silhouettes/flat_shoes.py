"""Trainers, sandals and slides: a pair from above, or one from above and one on its side; cm."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, mirrored, stroke
from datagen.render.silhouettes.shoe_layout import Place, from_above, on_its_side, shoe_kind, unchanged


def sneakers(s: Sketch) -> None:
    """A pair of trainers with laces, from above and the side."""
    rng = s.rng
    thick = rng.uniform(2.6, 3.6) * (1.7 if s.detail == "platform" else 1.0)
    lie = on_its_side(-8.5)
    upper = curve(
        [
            (-2.6, -14.2),
            (0.6, -13.6),
            (2.2, -10.6),
            (3.4, -5.0),
            (6.2, 0.8),
            (7.6, 4.4, 0),
            (6.2, 9.5),
            (7.2, 14.2, 0),
            (3.0, 15.0),
            (-2.6, 14.6, 0),
        ]
    )
    s.part("ground", lie(upper), bulge=2.6, lift=0.5, turn=6, crumple=0.3)
    s.part(
        "trim",
        lie(curve([(-2.6, 8.0, 0), (2.6, 8.4), (4.2, 11.0), (3.6, 15.0, 0), (-2.6, 14.8, 0)])),
        bulge=1.0,
        lift=0.3,
        crumple=0,
    )
    s.part(
        "sole",
        lie(
            curve(
                [
                    (-2.0, -15.0),
                    (0.4, -14.6, 0),
                    (-1.4, -11),
                    (-2.0, -2),
                    (-1.8, 8),
                    (-1.6, 15.2, 0),
                    (-2 - thick, 15.4),
                    (-2.2 - thick, 4),
                    (-2.3 - thick, -8),
                    (-1.2 - thick, -14),
                ]
            )
        ),
        bulge=1.0,
        lift=0.4,
        crumple=0,
    )
    s.line(
        "seam",
        lie(
            curve([(-2.4 - thick * 0.5, -13), (-2.2 - thick * 0.55, 0), (-2 - thick * 0.5, 15)], closed=False)
        ),
        width=0.3,
    )
    for y in (-7.5, -5.2, -2.9, -0.6, 1.7):
        x = 3.2 + (y + 6) * 0.42
        s.part(
            "white",
            lie(stroke(curve([(x - 2.8, y + 1.6), (x + 0.3, y - 0.5)], closed=False), 0.85)),
            bulge=0.3,
            lift=0.3,
            crumple=0,
        )
    s.line("stitch", lie(curve([(0.6, -8.4), (1.6, -2), (3.4, 3.6), (5.8, 5.6)], closed=False)))
    place, foot = from_above(s, 8.6, wide=1.02)
    s.part("sole", place(foot * [1.1, 1.035]), bulge=1.0, lift=0.5, crumple=0)
    s.part("ground", place(foot), bulge=2.8, lift=0.4, turn=-6, crumple=0.3)
    s.part(
        "trim",
        place(curve([(-3.9, -9.6, 0), (0, -11.3), (3.9, -9.6, 0), (3.0, -13.3), (0, -14.4), (-3.0, -13.3)])),
        bulge=1.2,
        lift=0.25,
        crumple=0,
    )
    s.part(
        "inside",
        place(
            curve(
                [
                    (0, 1.2),
                    (2.6, 3.0),
                    (3.2, 8.0),
                    (2.2, 12.6),
                    (0, 13.5),
                    (-2.2, 12.6),
                    (-3.2, 8.0),
                    (-2.6, 3.0),
                ]
            )
        ),
        bulge=1.4,
        lift=0,
        crumple=0,
    )
    s.part(
        "shade",
        place(
            curve(
                [(0, 4.0), (1.9, 6), (2.1, 10), (1.4, 12.4), (0, 12.9), (-1.4, 12.4), (-2.1, 10), (-1.9, 6)]
            )
        ),
        bulge=0.6,
        lift=0,
        crumple=0,
    )
    s.part(
        "shade",
        place(
            curve([(-2.0, -8.6), (0, -9.4), (2.0, -8.6), (2.6, 1.4), (1.2, 3.0), (-1.2, 3.0), (-2.6, 1.4)])
        ),
        bulge=0.8,
        lift=0.3,
        crumple=0,
    )
    for y in (-7.6, -5.6, -3.6, -1.6, 0.4):
        w = 2.6 + (y + 7.6) * 0.05
        s.part(
            "white",
            place(stroke(curve([(-w, y - 0.5), (0, y + 0.3), (w, y - 0.5)], closed=False), 0.95)),
            bulge=0.35,
            lift=0.4,
            crumple=0,
        )
    s.part(
        "white",
        place(stroke(curve([(0.3, 1.0), (3.4, 0.0), (4.6, 2.6), (1.0, 1.8), (2.8, 5.6)], closed=False), 0.6)),
        place(
            stroke(
                curve([(-0.3, 1.0), (-3.4, 0.4), (-4.4, 3.0), (-1.0, 1.8), (-2.4, 5.2)], closed=False), 0.6
            )
        ),
        bulge=0.3,
        lift=0.4,
        crumple=0,
    )
    s.mark, s.badge = (-7.6, 2.0, 6.0), (-7.8, 6.2, 2.8)


def sandals(s: Sketch) -> None:
    """A pair of strappy sandals."""
    s.zoom = s.rng.uniform(0.94, 1.04)
    rng = s.rng
    straps = rng.integer(0, 2)
    for side in (-1, 1):
        place, foot = from_above(s, side * 7.2, wide=0.95, long=28, spin=side * 3.0)
        flip: Place = mirrored if side < 0 else unchanged
        s.part(
            "sole",
            place(flip(foot * ([1.12, 1.04] if s.detail in ("platform", "block_heel") else [1.05, 1.015]))),
            bulge=0.8,
            lift=0.6,
            crumple=0,
        )
        s.part("skin", place(flip(foot * [0.96, 0.98])), bulge=0.9, lift=0, crumple=0)
        s.line("stitch", place(flip(foot * [0.86, 0.95])))
        bands = (
            [(-5.3, -7.2), (0, -9.2), (5.3, -7.6)],
            [(-5.0, -2.6), (0, -5.0), (5.1, -3.2)],
            [(-4.3, 5.0), (0, 2.4), (4.3, 4.6)],
        )
        if straps == 1:
            bands = (
                [(-5.2, -5.0), (0, -8.0), (4.8, -9.6)],
                [(5.2, -5.0), (0, -8.0), (-4.8, -9.6)],
                [(-4.3, 5.0), (0, 2.6), (4.3, 4.6)],
            )
        elif straps == 2:
            bands = (
                [(-5.1, -1.6), (-2.0, -5.4), (0, -10.6)],
                [(5.1, -1.6), (2.0, -5.4), (0, -10.6)],
                [(-4.3, 5.4), (0, 2.6), (4.3, 5.0)],
            )
        for knots in bands:
            s.part(
                "ground",
                place(flip(stroke(curve(knots, closed=False), 2.3))),
                bulge=0.8,
                lift=0.7,
                crumple=0.2,
                turn=side * 6.0,
            )
        s.part(
            "ground",
            place(
                stroke(curve([(-4.4, 4.8), (-4.2, 10), (0, 12.6), (4.2, 10), (4.4, 4.8)], closed=False), 1.3)
            ),
            bulge=0.5,
            lift=0.6,
            crumple=0,
        )
        s.part(
            "metal",
            place(flip(ellipse(4.5, 4.4, 1.2, 1.4))),
            holes=[place(flip(ellipse(4.5, 4.4, 0.6, 0.8)))],
            bulge=0.3,
            lift=0.4,
            crumple=0,
            shine=0.6,
        )
    s.mark, s.badge = (7.2, -8, 3), (7.2, 9, 2.4)


def slides(s: Sketch) -> None:
    """A pair of one-band slides."""
    s.zoom = s.rng.uniform(0.94, 1.04)
    lie = on_its_side(-7.6)
    thick = 4.4 if s.detail == "platform" else 3.0
    s.part(
        "sole",
        lie(
            curve(
                [
                    (-1.6, -14.6),
                    (0, -13.6, 0),
                    (-0.6, -4),
                    (0.2, 6),
                    (0.2, 14.6, 0),
                    (-thick, 15),
                    (-thick - 0.6, 4),
                    (-thick - 0.4, -10),
                ]
            )
        ),
        bulge=1.2,
        lift=0.5,
        crumple=0,
    )
    s.line("seam", lie(curve([(-1.2, -13.4), (-1.4, 0), (-1.0, 14.4)], closed=False)))
    s.part(
        "ground",
        lie(curve([(-2.2, -9.6, 0), (2.2, -9.8), (6.0, -6.6), (6.6, -2.4), (4.4, 1.0), (-2.0, 2.4, 0)])),
        bulge=2.0,
        lift=0.7,
        crumple=0.2,
    )
    s.part(
        "inside",
        lie(curve([(0.2, 1.6), (4.2, 0.9), (5.4, -0.4), (3.6, 2.0), (0.6, 2.6)])),
        bulge=0.4,
        lift=0,
        crumple=0,
    )
    place, foot = from_above(s, 7.8, wide=1.0, long=29.5, spin=2.0)
    s.part("sole", place(foot * [1.03, 1.01]), bulge=1.2, lift=0.6, crumple=0)
    s.part("shade", place(foot * [0.9, 0.955]), bulge=0.8, lift=0, crumple=0)
    s.part(
        "ground",
        place(
            curve(
                [
                    (-5.9, -8.8, 0),
                    (-2, -10.4),
                    (3, -10.2),
                    (5.9, -8.0, 0),
                    (5.9, 1.0, 0),
                    (0, -1.6),
                    (-5.7, 1.2, 0),
                ]
            )
        ),
        bulge=2.2,
        lift=0.9,
        crumple=0.2,
    )
    s.line(
        "stitch",
        place(curve([(-5.6, -7.9), (-2, -9.5), (3, -9.3), (5.6, -7.2)], closed=False)),
        place(curve([(-5.4, 0.2), (0, -2.6), (5.6, 0.0)], closed=False)),
    )
    if s.detail in ("belted",) or s.rng.chance(0.3):
        s.part(
            "trim",
            place(
                curve(
                    [(-5.9, -5.4, 0), (0, -7.2), (5.9, -5.0, 0), (5.9, -2.6, 0), (0, -4.8), (-5.9, -3.0, 0)]
                )
            ),
            bulge=0.6,
            lift=0.4,
            crumple=0,
        )
        s.part(
            "metal",
            place(ellipse(2.6, -5.0, 1.7, 1.9)),
            holes=[place(ellipse(2.6, -5.0, 1.0, 1.2))],
            bulge=0.4,
            lift=0.4,
            crumple=0,
            shine=0.6,
        )
    s.mark, s.badge = (7.8, -5.0, 8.5), (7.8, -5.2, 4.0)


KINDS = {
    "sneakers": shoe_kind(sneakers, 1.4),
    "sandals": shoe_kind(sandals, 1.45),
    "slides": shoe_kind(slides, 1.45),
}
