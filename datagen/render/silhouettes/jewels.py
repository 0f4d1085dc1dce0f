"""Watches and jewellery. Origin: the centre; cm, larger than life like all jewellery photos."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from datagen.render.layers import Sketch
from datagen.render.outlines import along, curve, ellipse, rounded_rectangle, stroke, symmetric
from datagen.render.silhouettes.bag_parts import chain
from datagen.render.silhouettes.kind import Kind


def watch(s: Sketch) -> None:
    """Round watch on a strap."""
    rng = s.rng
    r = rng.uniform(8.6, 9.8)
    linked = s.detail == "chain" or rng.chance(0.3)
    fill = "metal" if linked else "ground"
    for side in (-1, 1):
        band = curve(
            [
                (-5.0, side * r * 0.8, 0),
                (5.0, side * r * 0.8, 0),
                (4.2, side * 24, 0),
                (3.4, side * 27),
                (-3.4, side * 27),
                (-4.2, side * 24, 0),
            ]
        )
        s.part(fill, band, bulge=1.2, lift=0.4, crumple=0)
        if linked:
            s.line(
                "edge",
                *[
                    curve([(-5, side * y), (5, side * y)], closed=False)
                    for y in (11.6, 14, 16.4, 18.8, 21.2, 23.6)
                ],
                width=0.35,
            )
            s.line(
                "seam",
                curve([(-1.8, side * r), (-1.6, side * 25)], closed=False),
                curve([(1.8, side * r), (1.6, side * 25)], closed=False),
            )
        else:
            s.line(
                "stitch",
                curve([(-4.2, side * r), (-3.5, side * 24)], closed=False),
                curve([(4.2, side * r), (3.5, side * 24)], closed=False),
            )
    if not linked:
        s.part(
            "inside",
            *[ellipse(0, y, 0.5, 0.7, 10) for y in (15, 17.4, 19.8, 22.2)],
            bulge=0.1,
            lift=0,
            crumple=0,
        )
        s.part(
            "metal",
            rounded_rectangle(-4.9, -27.4, 4.9, -22.8, 0.7),
            holes=[rounded_rectangle(-3.6, -26.3, 3.6, -23.9, 0.4)],
            bulge=0.4,
            lift=0.5,
            crumple=0,
            shine=0.6,
        )
    s.part(
        "metal",
        rounded_rectangle(r - 0.4, -1.3, r + 1.7, 1.3, 0.4),
        bulge=0.5,
        lift=0.3,
        crumple=0,
        shine=0.6,
    )
    s.part("metal", ellipse(0, 0, r, r, 56), bulge=1.0, lift=0.6, crumple=0, shine=0.7)
    dial = rng.choice(("white", "dark", "line"))
    s.part(dial, ellipse(0, 0, r * 0.84, r * 0.84, 56), bulge=0.5, lift=0, crumple=0)
    marks = [
        stroke(
            np.array(
                [
                    [math.sin(a) * r * 0.76, -math.cos(a) * r * 0.76],
                    [math.sin(a) * r * 0.64, -math.cos(a) * r * 0.64],
                ]
            ),
            0.5,
        )
        for a in (i * math.pi / 6 for i in range(12))
    ]
    ink = "metal" if dial == "dark" else "inside"
    s.part(ink, *marks, bulge=0.1, lift=0, crumple=0)
    hour, minute = rng.uniform(0, 6.28), rng.uniform(0, 6.28)
    s.part(
        ink,
        *[
            stroke(np.array([[0.0, 0.0], [math.sin(a) * r * f, -math.cos(a) * r * f]]), w, w * 0.5)
            for a, f, w in ((hour, 0.42, 0.75), (minute, 0.62, 0.6))
        ],
        ellipse(0, 0, 0.6),
        bulge=0.2,
        lift=0.25,
        crumple=0,
    )
    s.mark, s.badge = (0, r * 0.35, 5), (0, r * 0.4, 2.6)


def _drop(s: Sketch, x: float, y: float, shape: int) -> None:
    """A charm that hangs from (x, y)."""
    if shape == 0:
        s.part(
            "ground",
            symmetric([(0, 0, 0), (2.6, 4.4), (3.0, 7.4), (0, 10.2)]) + np.array([x, y]),
            bulge=1.6,
            lift=0.5,
            crumple=0,
            shine=0.8,
        )
    elif shape == 1:
        s.part(
            "ground",
            ellipse(x, y + 4.2, 4.2, 4.2, 40),
            holes=[ellipse(x, y + 4.2, 2.7, 2.7, 40)],
            bulge=0.7,
            lift=0.5,
            crumple=0,
            shine=0.8,
        )
        s.part("accent", ellipse(x, y + 4.2, 1.2, 1.2), bulge=0.8, lift=0.4, crumple=0, shine=0.8)
    elif shape == 2:
        s.part(
            "ground",
            rounded_rectangle(x - 2.4, y, x + 2.4, y + 8.4, 0.8),
            bulge=0.9,
            lift=0.5,
            crumple=0,
            shine=0.8,
        )
        s.line("seam", rounded_rectangle(x - 1.7, y + 0.7, x + 1.7, y + 7.7, 0.5))
    else:
        s.part("white", ellipse(x, y + 3.2, 3.2), bulge=2.2, lift=0.5, crumple=0, shine=0.8)
        s.part("ground", ellipse(x, y + 0.2, 1.4, 0.8), bulge=0.5, lift=0.3, crumple=0, shine=0.8)


def earrings(s: Sketch) -> None:
    """A pair of drop earrings."""
    rng = s.rng
    shape, long = rng.integer(0, 3), rng.uniform(2.0, 9.0)
    for x, y in ((-7.0, 0.0), (7.0, 0.0)):
        s.part(
            "metal",
            stroke(curve([(x + 0.2, y - 9), (x + 2.0, y - 11.6), (x + 2.8, y - 8)], closed=False), 0.4),
            bulge=0.2,
            lift=0.3,
            crumple=0,
            shine=0.8,
        )
        s.part("ground", ellipse(x, y - 8.4, 1.9), bulge=1.2, lift=0.5, crumple=0, shine=0.8)
        chain(s, curve([(x, y - 6.6), (x, y - 5.8 + long)], closed=False), 1.1)
        _drop(s, x, y - 5.6 + long, shape)
    s.mark, s.badge = (7, long, 3), (7, -8.4, 2.6)


def necklace(s: Sketch) -> None:
    """Chain with a pendant."""
    rng = s.rng
    wide, drop = rng.uniform(13, 16), rng.uniform(18, 24)
    loop = curve(
        [
            (-1.0, -drop * 0.82),
            (-wide * 0.7, -drop * 0.7),
            (-wide, -drop * 0.1),
            (-wide * 0.62, drop * 0.52),
            (0, drop * 0.86),
            (wide * 0.62, drop * 0.52),
            (wide, -drop * 0.1),
            (wide * 0.7, -drop * 0.7),
            (1.0, -drop * 0.82),
        ],
        closed=False,
    )
    if rng.chance(0.25):
        s.dots("white", [(float(x), float(y)) for x, y in along(loop, 46)], 1.1)
    else:
        chain(s, loop, rng.uniform(1.3, 2.6))
    s.part("metal", ellipse(0, -drop * 0.82, 1.3, 0.9), bulge=0.4, lift=0.3, crumple=0, shine=0.8)
    _drop(s, 0, drop * 0.88, rng.integer(0, 3))
    s.mark, s.badge = (0, drop, 4), (0, drop * 0.88 + 4.2, 3)


def bracelet(s: Sketch) -> None:
    """Bangle or chain with a charm."""
    rng = s.rng
    if s.detail == "chain" or rng.chance(0.5):
        ring = curve(
            [
                (-13, 0),
                (-11.5, -5.2),
                (0, -8),
                (11.5, -5.2),
                (13, 0),
                (10.5, 5.6),
                (0, 8.2),
                (-10.5, 5.6),
                (-12.9, 0.6),
            ],
            closed=False,
        )
        chain(s, ring, rng.uniform(2.4, 3.4))
        _drop(s, 3.0, 8.6, rng.integer(0, 3))
    else:
        thick = rng.uniform(2.2, 4.2)
        s.part(
            "shade",
            ellipse(0, -thick * 0.55, 13.4, 8.0, 56),
            holes=[ellipse(0, -thick * 0.4, 12.2, 7.0, 56)],
            bulge=0.8,
            lift=0.4,
            crumple=0,
        )
        s.part(
            "ground",
            curve(
                [
                    (-13.4, -1.5),
                    (-12.0, 3.4),
                    (-6, 6.9),
                    (0, 7.8),
                    (6, 6.9),
                    (12, 3.4),
                    (13.4, -1.5),
                    (13.2, -1.5 + thick * 0.7),
                    (11.6, 3.6 + thick),
                    (6, 6.9 + thick),
                    (0, 7.8 + thick),
                    (-6, 6.9 + thick),
                    (-11.6, 3.6 + thick),
                    (-13.2, -1.5 + thick * 0.7),
                ]
            ),
            bulge=thick * 0.5,
            lift=0.4,
            crumple=0,
            shine=0.8,
        )
        s.part(
            "metal",
            rounded_rectangle(-2.2, 7.0, 2.2, 8.6 + thick, 0.5),
            bulge=0.6,
            lift=0.4,
            crumple=0,
            shine=0.8,
        )
    s.mark, s.badge = (0, 9, 4), (0, 9, 2.6)


def _kind(draw: Callable[[Sketch], None], zoom: float) -> Kind:
    return Kind(
        draw,
        zoom,
        at=54,
        width=46,
        height=62,
        fits=("scale",),
        details=frozenset({"chain"}),
        shaped_by_wearer=False,
        pattern_scale=0.35,
    )


KINDS = {
    "watch": _kind(watch, 1.02),
    "earrings": _kind(earrings, 1.7),
    "necklace": _kind(necklace, 1.15),
    "bracelet": _kind(bracelet, 1.6),
}
