"""Knitwear and sweats: hoodie, sweatshirt, sweater, cardigan, sweater dress."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, symmetric
from datagen.render.silhouettes import collars as c
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.measurements import Torso
from datagen.render.silhouettes.tops import TOP, extras, roll
from datagen.render.silhouettes.torso import torso


def _ribs(s: Sketch, t: Torso, deep: float) -> None:
    f.hem_ribs(s, t, deep * (0.4 + 0.6 * t.tall))
    f.cuff(s, t, deep * (0.5 + 0.5 * t.tall), fill="shade", ribs=True)


def hoodie(s: Sketch) -> None:
    """Sweatshirt with hood, cords and a front pocket."""
    t = torso(s, 67, ease=1.1, shaped=0.0, sleeve_wide=10, cuff_wide=7, angle=19, depth=8, gather=1.6)
    _ribs(s, t, 6)
    w, y = t.hem * 0.62, t.length - 7
    s.part(
        "ground",
        symmetric(
            [
                (0, y - 19 * t.tall),
                (w * 0.62, y - 19 * t.tall, 0),
                (w, y - 8 * t.tall, 0),
                (w, y, 0),
                (0, y + 0.8),
            ]
        ),
        bulge=1.2,
        lift=0.6,
        crumple=0.5,
    )
    s.stitch((w * 0.58, y - 18 * t.tall), (w * 0.94, y - 7.6 * t.tall), mirror=True)
    c.hood(s, t)
    c.cords(s, t, long=17)
    if s.detail == "zip":
        f.zipper(s, 9, t.length)
    elif s.detail not in ("hooded", "drawcord"):
        extras(s, t)


def sweatshirt(s: Sketch) -> None:
    """Ribbed neck, cuffs and hem, V stitch at the neck."""
    t = torso(
        s, 66, ease=1.08, shaped=0.0, sleeve_wide=10, cuff_wide=7, angle=19, depth=8.5, gather=1.6, neck=1.08
    )
    _ribs(s, t, 6)
    if s.detail not in ("v_neck", "turtleneck"):
        s.part(
            "shade",
            symmetric([(0, t.depth + 7.5 * t.tall, 0), (3.4, t.depth + 0.6, 0), (0, t.depth + 1.2)]),
            bulge=0.5,
            lift=0.2,
            crumple=0,
        )
        s.seam((-3.4, t.depth + 0.6), (0, t.depth + 7.5 * t.tall, 0), (3.4, t.depth + 0.6))
    if s.detail != "turtleneck":
        c.neck_ribs(s, t, 2.6)
    s.seam((t.neck + 1, 2.2), (t.shoulder * 0.86, t.armpit * 0.6), (t.chest - 0.8, t.armpit), mirror=True)
    extras(s, t)


def sweater(s: Sketch) -> None:
    """Knit with ribbed neck, cuffs and hem."""
    v = s.detail == "v_neck"
    t = torso(
        s,
        66,
        ease=1.04,
        shaped=0.15,
        sleeve_wide=9,
        cuff_wide=6.4,
        angle=17,
        depth=15 if v else 7.5,
        vee=v,
        gather=1.2,
        crumple=0.7,
    )
    _ribs(s, t, 7.5)
    if s.detail != "turtleneck":
        c.neck_ribs(s, t, 3.0, vee=v)
    if not s.worn:
        s.seam(
            (t.shoulder - 0.6, t.slope + 1),
            (t.shoulder - 1.6, t.armpit * 0.6),
            (t.chest - 1, t.armpit),
            mirror=True,
        )
    extras(s, t)


def cardigan(s: Sketch) -> None:
    """Buttoned knit with deep V."""
    rng = s.rng
    deep = rng.uniform(22, 30)
    t = torso(
        s,
        66,
        ease=1.04,
        shaped=0.2,
        sleeve_wide=9,
        cuff_wide=6.4,
        angle=17,
        depth=deep if s.detail != "collarless" else 8,
        vee=s.detail != "collarless",
        gather=1.0,
        crumple=0.7,
    )
    _ribs(s, t, 6.5)
    low = t.depth
    s.part(
        "shade",
        curve(
            [(-1.7, low - 0.5, 0), (1.7, low - 0.5, 0), (1.7, t.length + 1.2, 0), (-1.7, t.length + 1.2, 0)]
        ),
        bulge=0.7,
        lift=0.5,
        crumple=0,
    )
    s.line(
        "rib",
        *[curve([(x, low), (x, t.length + 1)], closed=False) for x in (-1.0, -0.35, 0.35, 1.0)],
        width=0.25,
    )
    c.neck_ribs(s, t, 3.2, vee=s.detail != "collarless")
    f.buttons(s, (0.0,), low + 2.5, t.length - 1.5, rng.integer(4, 6), radius=0.9)
    f.pocket(s, t.half(50) * 0.54, t.length - 20 * t.tall, 11.5 * t.tall, 12 * t.tall)
    extras(s, t)


def sweater_dress(s: Sketch) -> None:
    """Long knitted dress with ribs."""
    v = s.detail == "v_neck"
    t = torso(
        s,
        96,
        ease=0.97,
        shaped=0.75,
        flare=1.5,
        sleeve_wide=7.8,
        cuff_wide=5.6,
        angle=13,
        depth=14 if v else 7.5,
        vee=v,
        gather=1.0,
        crumple=0.7,
    )
    _ribs(s, t, 8)
    lines = [
        curve([(x * t.waist * 0.97, t.waist_y - 4), (x * t.waist * 0.99, t.waist_y + 3)], closed=False)
        for x in (i / 15 for i in range(-14, 15))
    ]
    s.line("rib", *lines, width=0.35)
    if v:
        c.neck_ribs(s, t, 2.6, vee=True)
    elif s.detail != "collarless" and s.rng.chance(0.5):
        roll(s, t)
    elif s.detail != "turtleneck":
        c.neck_ribs(s, t, 3.0)
    extras(s, t)


KINDS = {
    "hoodie": Kind(hoodie, 0.82, details=TOP, wear="top"),
    "sweatshirt": Kind(sweatshirt, 0.90, details=TOP, wear="top"),
    "sweater": Kind(sweater, 0.92, details=TOP, wear="top"),
    "cardigan": Kind(cardigan, 0.92, details=TOP, wear="top", opens=0.3),
    "sweater_dress": Kind(sweater_dress, 0.80, details=TOP, wear="dress"),
}
