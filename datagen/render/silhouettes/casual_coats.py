"""Duffle coat, parka, puffer coat, cape and poncho."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import along, curve, mirrored, shifted, stroke, symmetric
from datagen.render.silhouettes import collars as c
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.coats import COAT, extras, hood_or, stand, warmer
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.measurements import BODIES, Torso
from datagen.render.silhouettes.torso import torso


def duffle_coat(s: Sketch) -> None:
    """Hooded coat with toggles."""
    t = torso(s, 88, ease=1.12, shaped=0.05, flare=2, depth=8, sleeve_wide=10, cuff_wide=8, angle=14)
    f.front_edge(s, -3.4, 5, t.length)
    s.part(
        "ground",
        symmetric(
            [
                (0, 6),
                (t.neck, 0.5),
                (t.shoulder - 1, t.slope, 0),
                (t.chest * 0.86, t.armpit * 0.62),
                (0, t.armpit * 0.68),
            ]
        ),
        bulge=1.4,
        lift=0.6,
        crumple=0.2,
    )
    c.hood(s, t)
    for row in range(4):
        y = (17 + row * 14.5) * t.tall
        for side in (-1, 1):
            loop = curve(
                [
                    (side * 1.4, y),
                    (side * 6.6, y - 1.5),
                    (side * 8.2, y),
                    (side * 6.6, y + 1.5),
                    (side * 1.4, y + 0.2),
                ],
                closed=False,
            )
            s.part("dark", stroke(loop, 0.75), bulge=0.4, lift=0.5, crumple=0)
            s.part(
                "dark",
                curve(
                    [
                        (side * 6, y - 2.2, 0),
                        (side * 9.2, y - 1.6),
                        (side * 9.2, y + 1.6),
                        (side * 6, y + 2.2, 0),
                    ]
                ),
                bulge=0.5,
                lift=0.3,
                crumple=0,
            )
        s.part(
            "button",
            curve([(-3.0, y), (-1.2, y - 0.95), (1.6, y - 0.8), (3.2, y), (1.6, y + 0.8), (-1.2, y + 0.95)]),
            bulge=0.6,
            lift=0.8,
            crumple=0,
            shine=0.5,
        )
    f.pocket(s, t.half(70) * 0.54, t.waist_y + 12 * t.tall, 15 * t.tall, 17 * t.tall, flap=5.5)
    f.cuff(s, t, 2.6, strap=True, at=0.05)
    extras(s, t, pockets=False)


def parka(s: Sketch) -> None:
    """Hooded coat with drawn waist and large pockets."""
    t = torso(
        s, 88, ease=1.14, shaped=0.45, flare=4, depth=8, sleeve_wide=10, cuff_wide=7.6, angle=15, hem_drop=3
    )
    warmer(s, t)
    s.part(
        "ground",
        curve([(-3.6, 6, 0), (3.0, 6, 0), (3.0, t.length + 2.6, 0), (-3.6, t.length + 2.6, 0)]),
        bulge=1.0,
        lift=0.8,
        crumple=0.4,
    )
    s.stitch((-2.7, 8), (-2.7, t.length + 1))
    f.buttons(s, (-0.4,), 13 * t.tall, t.length - 6, 6, radius=0.8, fill="metal")
    f.drawn_waist(s, t, t.waist_y + 1)
    f.pocket(s, t.half(70) * 0.6, t.waist_y + 11 * t.tall, 16 * t.tall, 18 * t.tall, flap=6, button=True)
    f.welt(s, t.chest * 0.56, t.armpit + 8 * t.tall, 14 * t.tall, -12)
    c.hood(s, t, fur=s.rng.chance(0.5), tall=25)
    f.cuff(s, t, 3, strap=True)
    extras(s, t, pockets=False)


def puffer_coat(s: Sketch) -> None:
    """Padded long coat in channels."""
    t = torso(
        s,
        106,
        ease=1.15,
        shaped=0.3,
        flare=2,
        depth=6,
        sleeve_wide=10.5,
        cuff_wide=7.6,
        angle=14,
        channels=7.5 * s.rng.uniform(0.85, 1.2),
    )
    f.zipper(s, -3, t.length)
    f.welt(s, t.half(70) * 0.66, t.waist_y + 16 * t.tall, 15 * t.tall, -8)
    if not hood_or(s, t) and s.detail != "collarless":
        stand(s, t, 7.5, channels=4)
    f.cuff(s, t, 4, fill="shade", ribs=True)
    extras(s, t)


def cape(s: Sketch) -> None:
    """Sleeveless flowing wrap with arm slits."""
    rng, body = s.rng, BODIES[s.wearer]
    s.zoom = body.zoom
    long, n = 88 * body.tall * s.fit.length, body.neck
    wide = (46 + rng.uniform(-3, 3)) * s.fit.width * (0.55 + 0.45 * body.tall)
    with s.on("nape"):
        s.part("lining", symmetric([(0, -3), (n, -2), (n * 0.8, 4), (0, 7)]), bulge=2, lift=0)
    folds = [
        (
            curve(
                [(x * wide * 0.36, long * 0.2), (x * wide * 0.7, long * 0.6), (x * wide, long)], closed=False
            ),
            rng.uniform(0.8, 1.5),
            2.6,
        )
        for x in (-0.85, -0.6, -0.34, -0.12, 0.16, 0.4, 0.62, 0.88)
    ]
    with s.on("around"):
        s.part(
            "ground",
            symmetric(
                [
                    (0, 6),
                    (n * 0.7, 4),
                    (n, -0.4, 0),
                    (body.shoulder * 0.9, 5),
                    (body.shoulder + 5, 16),
                    (wide * 0.82, long * 0.55),
                    (wide, long * 0.9, 0),
                    (wide * 0.5, long),
                    (0, long + 2),
                ]
            ),
            bulge=9,
            lift=1,
            folds=folds,
        )
    f.front_edge(s, -1.6, 7, long + 1.6)
    slit = curve([(wide * 0.42, long * 0.36), (wide * 0.46, long * 0.62)], closed=False)
    s.part("inside", stroke(slit, 1.3, 0.3), mirrored(stroke(slit, 1.3, 0.3)), bulge=0.4, lift=0, crumple=0)
    s.line("stitch", shifted(slit, 1.4, 0), shifted(slit, -1.4, 0), mirror=True)
    f.buttons(s, (0.2,), 14 * body.tall, long * 0.55, 4, radius=1.1)
    t = Torso(
        n,
        8,
        body.shoulder,
        3.5,
        20,
        wide * 0.6,
        wide * 0.8,
        long * 0.5,
        wide,
        long,
        0,
        0,
        (0, 0),
        (0, 0),
        body.tall,
    )
    if not hood_or(s, t):
        c.shirt_collar(s, t, fill="trim" if s.detail == "cropped_collar" else "ground", point=10, spread=7)
    s.mark, s.badge = (0, long * 0.5, 30), (wide * 0.3, long * 0.3, 5)


def poncho(s: Sketch) -> None:
    """Wide blanket shape with fringe."""
    body = BODIES[s.wearer]
    s.zoom = body.zoom
    tall, wide, n = 74 * body.tall * s.fit.length, 55 * s.fit.width * (0.5 + 0.5 * body.tall), body.neck * 1.1
    with s.on("nape"):
        s.part("lining", symmetric([(0, -2.5), (n, -1.5), (n * 0.8, 6), (0, 12)]), bulge=2, lift=0)
    hem = [(wide, tall * 0.62), (wide * 0.62, tall * 0.86), (wide * 0.24, tall), (0, tall + 1)]
    fringe = along(
        curve([(-x, y) for x, y in hem] + [(x, y) for x, y in reversed(hem[:-1])], closed=False), 86
    )
    with s.on("around"):
        s.part(
            "ground",
            *[
                stroke(curve([(x, y - 1), (x + s.rng.uniform(-0.6, 0.6), y + 6.5)], closed=False), 0.7, 0.3)
                for x, y in fringe
            ],
            bulge=0.5,
            lift=0.2,
            crumple=0,
        )
    folds = [
        (
            curve(
                [(x * 12, 12), (x * wide * 0.5, tall * 0.5), (x * wide * 0.8, tall * (0.98 - 0.3 * abs(x)))],
                closed=False,
            ),
            s.rng.uniform(0.7, 1.2),
            2.6,
        )
        for x in (-0.9, -0.55, -0.2, 0.25, 0.6, 0.92)
    ]
    with s.on("around"):
        s.part(
            "ground",
            symmetric(
                [
                    (0, 13, 0),
                    (n * 0.6, 6),
                    (n, -0.4, 0),
                    (body.shoulder, 6),
                    (body.shoulder + 10, 20),
                    (wide * 0.98, tall * 0.5),
                    (wide, tall * 0.62, 0),
                    *hem[1:],
                ]
            ),
            bulge=8,
            lift=1,
            folds=folds,
        )
    s.seam((n + 0.4, 1), (n * 0.6, 7), (0, 14.5), mirror=True)
    s.mark, s.badge = (0, tall * 0.5, 30), (wide * 0.3, tall * 0.4, 5)


KINDS = {
    "duffle_coat": Kind(duffle_coat, 0.74, details=COAT, wear="coat", opens=0.45),
    "parka": Kind(parka, 0.76, details=COAT, wear="coat", opens=0.45),
    "puffer_coat": Kind(puffer_coat, 0.75, details=COAT, wear="coat", unzips=0.45),
    "cape": Kind(cape, 0.80, details=COAT, width=70, wear="wrap"),
    "poncho": Kind(poncho, 0.80, width=70, details=frozenset(), wear="wrap"),
}
