"""Scarves, socks, tie, blanket. Origin: the centre of the product; cm."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, along, curve, rotated, rounded_rectangle, stroke
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.tops import lace


def scarf(s: Sketch) -> None:
    """Long scarf folded lengthwise, fringed."""
    rng = s.rng
    half, w = 39.0 * s.fit.length, 15.5 * (0.6 + 0.4 * s.fit.width)
    slip, lean = rng.uniform(2.0, 5.0), rng.uniform(0.5, 1.8)
    for back in (True, False):
        shift, low = (slip * 0.7, half) if back else (-slip * 0.3, half - slip * 1.6)
        ends = [(x * w * 0.97 + shift, low) for x in (i / 17 for i in range(-17, 18))]
        if s.detail != "lace_trim":
            s.part(
                "ground",
                *[
                    stroke(
                        curve(
                            [
                                (x, y - 1),
                                (x + rng.uniform(-0.4, 0.4), y + 2),
                                (x + rng.uniform(-0.7, 0.7), y + 4.6),
                            ],
                            closed=False,
                        ),
                        0.62,
                        0.34,
                    )
                    for x, y in ends
                ],
                bulge=0.4,
                lift=0.15,
                crumple=0,
            )
        folds = [
            (
                curve(
                    [(x * w + shift, -half + 2), (x * w * 1.04 + shift + lean, 0), (x * w + shift, low - 2)],
                    closed=False,
                ),
                rng.uniform(0.25, 0.5),
                1.8,
            )
            for x in ((-0.45, 0.3) if not back else (0.2,))
        ]
        cloth = curve(
            [
                (-w + shift, -half, 0),
                (w + shift, -half, 0),
                (w + shift + 0.5, 0),
                (w + shift, low, 0),
                (-w + shift, low, 0),
                (-w + shift - 0.5, -3),
            ]
        )
        s.part(
            "lining" if back and s.detail == "reversible" else "ground",
            cloth,
            bulge=2.0,
            lift=0.8,
            folds=folds,
            turn=2 if back else 0,
            crumple=0.8,
        )
        if s.detail == "lace_trim":
            lace(s, curve([(-w + shift, low - 0.5), (w + shift, low - 0.5)], closed=False))
    s.line("crease", curve([(-w + 0.5, -half + 1.6), (w - 0.5, -half + 1.4)], closed=False), width=1.0)
    s.mark, s.badge = (0, half * 0.55, w * 1.5), (w * 0.5, half * 0.72, 5)


def square_scarf(s: Sketch) -> None:
    """Flat silk square with border."""
    s.zoom = s.rng.uniform(0.94, 1.04)
    rng = s.rng
    h = 33.0 * (0.6 + 0.4 * s.fit.length)
    if rng.chance(0.3):
        s.part(
            "ground",
            curve([(-h, -h * 0.5, 0), (h, -h * 0.5, 0), (0, h * 0.62, 0)]),
            bulge=2.0,
            lift=0.5,
            crumple=0.8,
        )
        for step in (0.92, 0.86):
            s.part(
                "line" if step < 0.9 else "accent",
                curve(
                    [(-h * step, -h * 0.5 + 1.6, 0), (h * step, -h * 0.5 + 1.6, 0), (0, h * 0.62 * step, 0)]
                ),
                holes=[
                    curve(
                        [
                            (-h * step + 1.2, -h * 0.5 + 2.2, 0),
                            (h * step - 1.2, -h * 0.5 + 2.2, 0),
                            (0, h * 0.62 * step - 0.8, 0),
                        ]
                    )
                ],
                bulge=0.1,
                lift=0,
                crumple=0,
            )
        s.mark, s.badge = (0, -h * 0.18, h * 0.6), (0, -h * 0.2, 6)
        return
    s.part(
        "ground", curve([(-h, -h, 0), (h, -h, 0), (h, h, 0), (-h, h, 0)]), bulge=1.4, lift=0.5, crumple=0.7
    )
    band = rng.uniform(0.10, 0.17) * h
    for outer, inner, fill in ((0.5, 0.5 + band, "trim"), (1.3 + band, 2.1 + band, "line")):
        o, i = h - outer, h - inner
        s.part(
            fill,
            curve([(-o, -o, 0), (o, -o, 0), (o, o, 0), (-o, o, 0)]),
            holes=[curve([(-i, -i, 0), (i, -i, 0), (i, i, 0), (-i, i, 0)])],
            bulge=0.1,
            lift=0,
            crumple=0,
        )
    fold = curve([(-h, -h * 0.02), (h, 0.02 * h)], closed=False)
    s.line("crease", fold, rotated(fold, 90), width=0.9)
    s.mark, s.badge = (0, 0, h * 1.0), (h * 0.62, h * 0.62, 7)


def socks(s: Sketch) -> None:
    """A pair of ribbed socks."""
    tall = s.rng.uniform(20, 27) * s.fit.length
    for dx, dy in ((7.5, -1.6), (-5.5, 1.2)):

        def place(path: Path, dx: float = dx, dy: float = dy) -> Path:
            result: Path = path + np.array([dx, dy])
            return result

        sock = curve(
            [
                (-4.4, -tall, 0),
                (4.4, -tall, 0),
                (4.6, -tall * 0.4),
                (4.8, 0.0),
                (3.0, 6.6),
                (-3.2, 10.4),
                (-9.4, 12.6),
                (-13.0, 10.4),
                (-12.0, 6.6),
                (-6.6, 2.4),
                (-4.8, -2.6),
                (-4.8, -tall * 0.5),
            ]
        )
        s.part("ground", place(sock), bulge=2.4, lift=0.7, crumple=0.8)
        s.part(
            "trim",
            place(curve([(4.9, -1.0, 0), (3.0, 6.8), (-0.6, 9.2, 0), (0.4, 4.6), (2.4, 0.6)])),
            bulge=0.8,
            lift=0.05,
            crumple=0,
        )
        s.part(
            "trim",
            place(curve([(-9.2, 12.6, 0), (-13.0, 10.6), (-12.2, 6.8), (-9.6, 4.4, 0), (-8.4, 8.6)])),
            bulge=0.8,
            lift=0.05,
            crumple=0,
        )
        s.part(
            "shade",
            place(
                curve(
                    [(-4.6, -tall - 0.4, 0), (4.6, -tall - 0.4, 0), (4.7, -tall + 5, 0), (-4.8, -tall + 5, 0)]
                )
            ),
            bulge=1.2,
            lift=0.3,
            crumple=0,
        )
        s.line(
            "rib",
            *[
                place(curve([(x, -tall), (x * 1.02, -tall + 4.8)], closed=False))
                for x in (i * 0.75 for i in range(-5, 6))
            ],
            width=0.3,
        )
    s.mark, s.badge = (-5.5, -tall * 0.4, 7), (-5.5, -tall * 0.5, 4)


def tie(s: Sketch) -> None:
    """Folded tie with blade."""
    wide = s.rng.uniform(4.0, 5.2) * s.fit.width
    s.part(
        "lining",
        curve([(3.0, -38, 0), (6.6, -38, 0), (9.4, 20, 0), (7.2, 23.5, 0), (4.6, 20, 0)]),
        bulge=1.0,
        lift=0.4,
        crumple=0.2,
    )
    s.part(
        "ground",
        curve([(2.4, -38, 0), (6.0, -38, 0), (9.0, 19, 0), (6.8, 22.6, 0), (4.4, 19, 0)]),
        bulge=1.2,
        lift=0.3,
        turn=-3,
        crumple=0.2,
    )
    s.part(
        "ground",
        curve([(-2.4, -38.4, 0), (5.6, -38.4, 0), (4.6, -36.2), (1.6, -35.4), (-2.0, -36, 0)]),
        bulge=1.0,
        lift=0.6,
        crumple=0.2,
    )
    s.part(
        "ground",
        curve(
            [
                (-2.2, -38, 0),
                (1.8, -38, 0),
                (2.0, -10),
                (wide, 31, 0),
                (0, 38, 0),
                (-wide, 31, 0),
                (-2.2, -10),
            ]
        ),
        bulge=1.8,
        lift=0.8,
        turn=0,
        crumple=0.2,
        folds=[(curve([(0.6, -36), (0.2, -10)], closed=False), 0.25, 1.2)],
    )
    s.mark, s.badge = (0, 12, 6), (0, 27, 3)


def blanket(s: Sketch) -> None:
    """Folded blanket with fringe."""
    rng = s.rng
    w, h = 30.0 * s.fit.width, 26.0 * s.fit.length
    tassels = [
        stroke(curve([(x, h - 1), (x + rng.uniform(-0.5, 0.5), h + 5)], closed=False), 0.9, 0.5)
        for x in along(curve([(-w + 0.6, h), (w - 0.6, h)], closed=False), 52)[:, 0]
    ]
    s.part("ground", *tassels, bulge=0.4, lift=0.3, crumple=0)
    for step in range(3):
        y = -h - 4.2 + step * 1.7
        s.part(
            "ground",
            rounded_rectangle(-w + 0.8 - step * 0.3, y, w - 0.8 + step * 0.3, h * 0.4, 2.2),
            bulge=1.4,
            lift=0.7,
            crumple=0.5,
        )
    s.part(
        "ground",
        curve(
            [
                (-w, -h + 1.8),
                (-w * 0.96, -h, 0.6),
                (0, -h - 0.3),
                (w * 0.96, -h, 0.6),
                (w, -h + 1.8),
                (w + 0.3, 0),
                (w, h, 0),
                (-w, h, 0),
                (-w - 0.3, 0),
            ]
        ),
        bulge=2.4,
        lift=0.8,
        crumple=1.0,
        folds=[
            (curve([(-w * 0.3, -h + 1), (-w * 0.26, h * 0.3), (-w * 0.32, h)], closed=False), 0.3, 2),
            (curve([(w * 0.4, -h + 1), (w * 0.36, h)], closed=False), 0.3, 2),
        ],
    )
    corner = curve([(w, h * 0.1, 0), (w + 0.2, h, 0), (w * 0.3, h, 0), (w * 0.55, h * 0.5)])
    s.part("lining" if s.detail == "reversible" else "shade", corner, bulge=1.2, lift=0.8, crumple=0.6)
    s.mark, s.badge = (-w * 0.15, 0, w), (-w * 0.5, h * 0.5, 6)


NO_DETAILS: frozenset[str] = frozenset()


def accessory_kind(
    draw: Callable[[Sketch], None],
    zoom: float,
    *fits: str,
    details: frozenset[str] = NO_DETAILS,
    pattern_scale: float = 1.0,
    at: float = 51.0,
    width: float = 64.0,
    height: float = 90.0,
) -> Kind:
    """The table entry of an accessory that lies in the middle of the picture."""
    return Kind(
        draw,
        zoom,
        at=at,
        width=width,
        height=height,
        fits=fits or ("scale",),
        details=details,
        shaped_by_wearer=False,
        pattern_scale=pattern_scale,
    )


KINDS = {
    "scarf": accessory_kind(
        scarf,
        1.03,
        "length",
        "width",
        details=frozenset({"reversible", "lace_trim"}),
        pattern_scale=0.9,
        height=94.0,
        width=54.0,
    ),
    "square_scarf": accessory_kind(square_scarf, 0.78, "length", pattern_scale=0.9, width=60.0),
    "socks": accessory_kind(socks, 1.5, "length", "scale", pattern_scale=0.55, height=74.0),
    "tie": accessory_kind(tie, 1.02, "width", pattern_scale=0.45),
    "blanket": accessory_kind(
        blanket,
        0.86,
        "length",
        "width",
        details=frozenset({"reversible"}),
        pattern_scale=1.1,
        width=60.0,
        height=66.0,
    ),
}
