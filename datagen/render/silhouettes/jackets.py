"""Jackets: padded, quilted, zipped, field, denim, trench and tailored."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, symmetric
from datagen.render.silhouettes import collars as c
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.coats import COAT, extras, hood_or, stand, trench, warmer
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.torso import torso


def puffer_jacket(s: Sketch) -> None:
    """Padded jacket in channels."""
    t = torso(
        s,
        68,
        ease=1.14,
        shaped=0.1,
        sleeve_wide=11,
        cuff_wide=7.4,
        angle=19,
        depth=6,
        gather=1.5,
        channels=8.5 * s.rng.uniform(0.85, 1.2),
    )
    f.zipper(s, -3, t.length)
    f.welt(s, t.half(50) * 0.7, t.length - 17 * t.tall, 13 * t.tall, -12)
    if not hood_or(s, t) and s.detail != "collarless":
        stand(s, t, 8.5, channels=4.4)
    f.cuff(s, t, 3.4, fill="shade", ribs=True)
    extras(s, t)


def quilted_jacket(s: Sketch) -> None:
    """Diamond-quilted jacket with corduroy collar."""
    t = torso(
        s, 71, ease=1.06, shaped=0.15, flare=1, sleeve_wide=9, cuff_wide=7.2, angle=16, depth=7, crumple=0.5
    )
    f.front_edge(s, -2.4, 4, t.length, stitch=False)
    s.stitch((1.6, 6), (1.6, t.length))
    f.buttons(s, (-0.4,), 10 * t.tall, t.length - 6, 5, radius=0.8, fill="metal")
    f.pocket(s, t.half(55) * 0.56, t.length - 24 * t.tall, 14 * t.tall, 16 * t.tall, flap=4.5)
    if not hood_or(s, t) and s.detail != "collarless":
        c.shirt_collar(s, t, fill="trim", point=9, spread=7, stand=3.2)
    f.cuff(s, t, 2.2, fill="trim")
    hem = curve([(-t.hem, t.length - 0.8), (0, t.length + 0.4), (t.hem, t.length - 0.8)], closed=False)
    s.line("seam", hem - [0, 1.0], width=0.3)
    extras(s, t, pockets=False)


def gilet(s: Sketch) -> None:
    """Padded jacket without sleeves."""
    t = torso(
        s,
        67,
        ease=1.08,
        shaped=0.15,
        sleeve=0.0,
        depth=6,
        gather=1.0,
        channels=8 * s.rng.uniform(0.85, 1.25),
    )
    f.zipper(s, -3, t.length)
    s.line(
        "edge",
        curve(
            [
                (t.shoulder - 2.7, t.slope + 0.4),
                (t.shoulder - 4.2, t.armpit * 0.55),
                (t.chest - 2.2, t.armpit - 1),
            ],
            closed=False,
        ),
        mirror=True,
        width=0.5,
    )
    f.welt(s, t.half(50) * 0.7, t.length - 17 * t.tall, 13 * t.tall, -12)
    if not hood_or(s, t) and s.detail != "collarless":
        stand(s, t, 7.5, channels=4)
    extras(s, t)


def bomber_jacket(s: Sketch) -> None:
    """Zipped jacket with ribbed collar, cuffs and hem."""
    t = torso(s, 64, ease=1.12, shaped=0.0, sleeve_wide=10.5, cuff_wide=7.4, angle=19, depth=7.5, gather=3.2)
    f.zipper(s, t.depth * 0.8, t.length + 1)
    f.hem_ribs(s, t, 6.5 * (0.4 + 0.6 * t.tall))
    s.part(
        "metal",
        curve(
            [
                (-0.4, t.length - 6, 0),
                (0.4, t.length - 6, 0),
                (0.4, t.length + 1.4, 0),
                (-0.4, t.length + 1.4, 0),
            ]
        ),
        bulge=0.3,
        lift=0.1,
        crumple=0,
    )
    f.welt(s, t.half(50) * 0.6, t.length - 19 * t.tall, 13 * t.tall, -24)
    x, y = t.on_sleeve(0.3, 0.34)
    with s.on("arm"):
        s.part(
            "shade",
            curve(
                [
                    (-x - 2.6, y, 0),
                    (-x + 2.4, y + 0.6, 0),
                    (-x + 1.4, y + 9 * t.tall, 0),
                    (-x - 3.6, y + 8 * t.tall, 0),
                ]
            ),
            bulge=0.8,
            lift=0.4,
            crumple=0.2,
        )
    if not hood_or(s, t):
        c.neck_ribs(s, t, 4.2)
    f.cuff(s, t, 6.5, fill="shade", ribs=True)
    extras(s, t)


def harrington_jacket(s: Sketch) -> None:
    """Zipped short jacket, stand collar, slanted flap pockets."""
    t = torso(s, 66, ease=1.08, shaped=0.0, sleeve_wide=9.6, cuff_wide=7, angle=17, depth=6.5, gather=2.0)
    warmer(s, t)
    s.seam(
        (t.neck + 1.5, 3.0),
        (t.shoulder * 0.9, t.armpit * 0.62),
        (t.chest - 0.6, t.armpit),
        mirror=True,
        width=0.2,
    )
    f.zipper(s, 4, t.length + 1)
    f.hem_ribs(s, t, 4.6 * (0.4 + 0.6 * t.tall), fill="ground", gap=2.6)
    f.welt(s, t.half(50) * 0.6, t.length - 18 * t.tall, 16 * t.tall, -32, wide=4.2, flap=True)
    f.buttons(
        s,
        (t.half(50) * 0.66, -t.half(50) * 0.66),
        t.length - 18 * t.tall,
        t.length - 18 * t.tall,
        1,
        radius=0.7,
    )
    if not hood_or(s, t) and s.detail != "collarless":
        n = t.neck
        with s.on("nape"):
            s.part("lining", symmetric([(0, -4), (n, -3.4), (n, 1), (0, 3)]), bulge=1.5, lift=0)
        leaf = curve(
            [
                (0.5, 4.4, 0),
                (n * 0.7, 2.6),
                (n + 1.3, 1.8),
                (n + 1.2, -2.2),
                (n - 0.4, -4.8, 0),
                (n * 0.62, -1.6),
                (2.6, 1.2, 0),
            ]
        )
        s.pair("ground", leaf, lift=0.8, bulge=1.4, crumple=0.2, turn=-30)
        s.dots("button", [(2.4, 3.0), (-2.4, 3.0)], 0.6)
    f.cuff(s, t, 3.6, strap=True)
    extras(s, t)


def hooded_jacket(s: Sketch) -> None:
    """Light zipped jacket with hood."""
    t = torso(s, 72, ease=1.1, shaped=0.1, sleeve_wide=9.8, cuff_wide=6.8, angle=18, depth=8, gather=0.5)
    warmer(s, t)
    f.zipper(s, 6, t.length + 1)
    f.welt(s, t.half(50) * 0.66, t.length - 20 * t.tall, 17 * t.tall, -14)
    s.line(
        "stitch",
        curve([(-t.hem, t.length - 2.6), (0, t.length - 1.4), (t.hem, t.length - 2.6)], closed=False),
    )
    c.hood(s, t)
    c.cords(s, t, fill="dark", long=9)
    f.cuff(s, t, 3.5)
    s.dots("metal", [(t.hem - 3.4, t.length - 1.4), (-t.hem + 3.4, t.length - 1.4)], 0.6)
    extras(s, t)


def field_jacket(s: Sketch) -> None:
    """Jacket with four large pockets."""
    t = torso(s, 76, ease=1.08, shaped=0.35, sleeve_wide=9.2, cuff_wide=7, angle=16, depth=7)
    warmer(s, t)
    f.front_edge(s, -2.6, 4, t.length)
    s.stitch((2.2, 6), (2.2, t.length))
    f.buttons(s, (-0.2,), 11 * t.tall, t.length - 7, 5, radius=0.8)
    f.pocket(s, t.chest * 0.5, t.armpit * 0.88, 12.5 * t.tall, 13.5 * t.tall, flap=5, box=True, button=True)
    f.pocket(s, t.half(58) * 0.55, t.length - 25 * t.tall, 16 * t.tall, 18 * t.tall, flap=6, button=True)
    if s.detail != "drawcord":
        f.drawn_waist(s, t, t.waist_y - 1.5)
    if not hood_or(s, t) and s.detail != "collarless":
        c.shirt_collar(
            s, t, fill="trim" if s.detail == "cropped_collar" else "ground", point=8.5, spread=7, stand=3.4
        )
    f.epaulettes(s, t)
    f.cuff(s, t, 4, strap=True)
    extras(s, t, pockets=False)


def denim_jacket(s: Sketch) -> None:
    """Short jacket with yoke, V seams and chest pockets."""
    t = torso(s, 61, ease=1.04, shaped=0.1, sleeve_wide=9, cuff_wide=6.6, angle=17, depth=6.5, gather=1.6)
    yoke = t.armpit * 0.62
    s.seam((-t.chest + 2.4, yoke + 0.6), (0, yoke), (t.chest - 2.4, yoke + 0.6), width=0.4)
    for x in (0.2, 0.62):
        s.seam(
            (t.chest * x + 2.2, yoke + 6), (t.chest * (0.18 if x < 0.3 else 0.5), t.length - 5), mirror=True
        )
        s.stitch(
            (t.chest * x + 2.9, yoke + 6),
            (t.chest * (0.18 if x < 0.3 else 0.5) + 0.7, t.length - 5),
            mirror=True,
        )
    f.pocket(s, t.chest * 0.47, yoke + 0.5, 11 * t.tall, 11 * t.tall, flap=5, button=True)
    s.part(
        "ground",
        curve([(-2.2, 4, 0), (2.2, 4, 0), (2.2, t.length, 0), (-2.2, t.length, 0)]),
        bulge=0.6,
        lift=0.5,
        crumple=0.3,
    )
    s.stitch((-1.7, 6), (-1.7, t.length))
    s.stitch((1.7, 6), (1.7, t.length))
    w, y = t.hem + 0.4, t.length
    s.part(
        "ground",
        curve(
            [
                (-w, y - 4.4, 0),
                (0, y - 3.4, 0),
                (w, y - 4.4, 0),
                (w, y + 0.4, 0),
                (0, y + 1.6),
                (-w, y + 0.4, 0),
            ]
        ),
        bulge=1.2,
        lift=0.5,
        crumple=0.3,
    )
    s.stitch((-w + 0.4, y - 3.6), (0, y - 2.6), (w - 0.4, y - 3.6))
    f.buttons(s, (0.0,), 8, y - 1.6, 6, radius=0.8, fill="metal")
    if not hood_or(s, t) and s.detail != "collarless":
        c.shirt_collar(
            s, t, fill="trim" if s.detail == "cropped_collar" else "ground", point=8, spread=6.4, stand=3.2
        )
    f.cuff(s, t, 5, strap=True)
    extras(s, t, pockets=False)


def trench_jacket(s: Sketch) -> None:
    """Trench coat cut at the hip."""
    trench(s, 64)


def blazer(s: Sketch) -> None:
    """Tailored jacket with notched lapels."""
    rng = s.rng
    t = torso(
        s,
        73,
        ease=1.0,
        shaped=0.85,
        flare=2,
        depth=rng.uniform(32, 38),
        vee=True,
        sleeve_wide=8.2,
        cuff_wide=6.2,
        angle=14,
        hem_drop=0.2,
    )
    double = s.detail == "double_breasted"
    over = 6.0 if double else 0.8
    f.front_edge(s, -over, t.depth, t.length - (0 if double else 2), stitch=False)
    if not double:
        s.part(
            "inside",
            symmetric([(0, t.length - 6, 0), (2.6, t.length + 0.6, 0), (0, t.length + 1.6, 0)]),
            bulge=0.6,
            lift=0,
            crumple=0,
        )
    s.seam(
        (t.chest * 0.5, t.armpit * 1.15),
        (t.waist * 0.52, t.waist_y),
        (t.hem * 0.5, t.waist_y + 8 * t.tall),
        mirror=True,
    )
    f.pocket(s, t.half(52) * 0.58, t.waist_y + 7 * t.tall, 14 * t.tall, 0.5, flap=4.6)
    s.part(
        "ground",
        curve(
            [
                (t.chest * 0.34, t.armpit - 1.4, 0),
                (t.chest * 0.74, t.armpit - 2.6, 0),
                (t.chest * 0.75, t.armpit - 0.2, 0),
                (t.chest * 0.35, t.armpit + 1, 0),
            ]
        ),
        bulge=0.6,
        lift=0.4,
    )
    if double:
        f.buttons(s, (-5.4, 5.4), t.depth + 1.5, t.depth + 11 * t.tall, 2, radius=1.05)
        f.buttons(s, (-7.6, 7.6), t.depth - 8 * t.tall, t.depth - 8 * t.tall, 1, radius=1.05)
    else:
        f.buttons(s, (0.2,), t.depth + 1.8, t.depth + 11 * t.tall, rng.integer(1, 2), radius=1.05)
    if s.detail != "collarless":
        c.lapels(
            s,
            t,
            depth=t.depth + 0.6,
            width=rng.uniform(10.5, 13),
            notch=rng.uniform(10, 12),
            peak=2.4 if double else 0,
            over=-over * 0.4,
        )
    x = t.on_sleeve(0.93, 0.8)
    with s.on("arm"):
        f.buttons(s, (x[0], -x[0]), t.on_sleeve(0.88, 0.8)[1], t.on_sleeve(0.97, 0.8)[1], 4, radius=0.55)
    hood_or(s, t)
    extras(s, t)


KINDS = {
    "puffer_jacket": Kind(puffer_jacket, 0.86, details=COAT, wear="jacket", unzips=0.45),
    "quilted_jacket": Kind(quilted_jacket, 0.90, details=COAT, relief="quilted", wear="jacket", opens=0.45),
    "gilet": Kind(gilet, 1.02, details=COAT, wear="jacket", unzips=0.45),
    "bomber_jacket": Kind(bomber_jacket, 0.88, details=COAT, wear="jacket", opens=0.35, unzips=0.1),
    "harrington_jacket": Kind(harrington_jacket, 0.88, details=COAT, wear="jacket", opens=0.35, unzips=0.1),
    "hooded_jacket": Kind(hooded_jacket, 0.80, details=COAT, wear="jacket", opens=0.35, unzips=0.1),
    "field_jacket": Kind(field_jacket, 0.86, details=COAT, wear="jacket", opens=0.45),
    "denim_jacket": Kind(denim_jacket, 0.94, details=COAT, wear="jacket", opens=0.45),
    "trench_jacket": Kind(trench_jacket, 0.90, details=COAT, wear="jacket", opens=0.45),
    "blazer": Kind(blazer, 0.90, details=COAT, wear="jacket", opens=0.45),
}
