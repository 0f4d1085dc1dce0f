"""Tops of woven cloth and jersey: T-shirt, top, polo, shirt, overshirt; what detail words add to tops."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, along, curve, ellipse, mirrored, stroke, symmetric
from datagen.render.silhouettes import collars as c
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.measurements import BODIES, Torso
from datagen.render.silhouettes.torso import torso

TOP = frozenset(
    {
        "sleeveless",
        "short_sleeve",
        "long_sleeve",
        "v_neck",
        "turtleneck",
        "collarless",
        "hooded",
        "zip",
        "drawcord",
        "pleated",
        "lace_trim",
        "belted",
        "reversible",
        "cargo",
        "contrast",
    }
)


def extras(s: Sketch, t: Torso) -> None:
    """Add what a detail word adds to any top."""
    if s.detail == "turtleneck":
        roll(s, t)
    elif s.detail == "hooded":
        c.hood(s, t)
    elif s.detail == "zip":
        f.zipper(s, max(0, t.depth * 0.9), t.depth + 16 * t.tall)
    elif s.detail == "drawcord":
        c.cords(s, t, long=12)
    elif s.detail == "belted":
        f.belt(s, t, t.waist_y, wide=3)
    elif s.detail == "reversible":
        f.reversed_hem(s, t)
    elif s.detail == "pleated":
        xs = [t.chest * x / 6 for x in (-4, -3, -2, -1, 1, 2, 3, 4)]
        s.line(
            "seam",
            *[curve([(x, t.depth + 4), (x, t.armpit * 1.5), (x, t.length)], closed=False) for x in xs],
            width=0.35,
        )
    elif s.detail == "lace_trim":
        lace(s, curve([(-t.hem, t.length), (0, t.length + 1.2), (t.hem, t.length)], closed=False))
    elif s.detail == "cargo":
        f.pocket(s, t.chest * 0.5, t.armpit * 0.85, 11 * t.tall, 12 * t.tall, flap=4, box=True)


def lace(s: Sketch, edge: Path) -> None:
    """Scallops with holes along a path."""
    points = along(edge, 23)
    step = float(abs(points[1, 0] - points[0, 0]) or 2.0)
    s.part(
        "white",
        *[ellipse(x, y + 0.5, step * 0.62, step * 0.75, 14) for x, y in points],
        bulge=0.6,
        lift=0.5,
        crumple=0,
    )
    s.part(
        "shade",
        *[ellipse(x, y + 0.7, step * 0.2, step * 0.24, 8) for x, y in points],
        bulge=0.2,
        lift=0,
        crumple=0,
    )


def roll(s: Sketch, t: Torso) -> None:
    """A rolled high neck."""
    n = t.neck
    s.part(
        "ground",
        symmetric(
            [
                (0, -8.5),
                (n * 0.7, -8.8),
                (n + 0.4, -7.6),
                (n + 0.9, -3),
                (n + 1.2, 1.8),
                (n * 0.6, t.depth * 0.7),
                (0, t.depth * 0.95),
            ]
        ),
        bulge=3,
        lift=0.8,
        crumple=0.3,
    )
    s.part(
        "ground",
        symmetric([(0, -8.8), (n * 0.7, -9.1), (n + 0.7, -8), (n + 1.3, -2.5), (n * 0.7, 0.4), (0, 0.9)]),
        bulge=2.6,
        lift=0.9,
        crumple=0.3,
    )
    with s.on("nape"):
        s.part(
            "lining",
            symmetric([(0, -8.4), (n * 0.6, -8.5), (n * 0.82, -7.8), (n * 0.5, -7.1), (0, -6.9)]),
            bulge=1,
            lift=0,
        )


def t_shirt(s: Sketch) -> None:
    """Short sleeves, ribbed round neck."""
    v = s.detail == "v_neck"
    t = torso(
        s,
        69,
        ease=s.rng.uniform(0.98, 1.06),
        shaped=0.25 if s.wearer != "woman" else 0.55,
        sleeve=s.rng.uniform(0.34, 0.42),
        sleeve_wide=10,
        angle=30,
        neck=1.25,
        depth=14 if v else 9.5,
        vee=v,
    )
    c.neck_ribs(s, t, 2.0, vee=v)
    f.cuff(s, t, 2.0)
    s.stitch((-t.hem + 0.6, t.length - 2), (0, t.length - 0.8), (t.hem - 0.6, t.length - 2))
    extras(s, t)


def top(s: Sketch) -> None:
    """Close sleeveless top with thin straps."""
    body = BODIES[s.wearer]
    s.zoom = body.zoom
    if s.detail in ("short_sleeve", "long_sleeve", "turtleneck"):
        t = torso(s, 56, ease=0.88, shaped=1.0, sleeve=1.0, sleeve_wide=7, cuff_wide=5.2, neck=1.5, depth=11)
        c.neck_ribs(s, t, 1.2)
        extras(s, t)
        return
    w, long, ay = body.chest * 0.86 * s.fit.width, 56 * body.tall * s.fit.length, body.armpit
    low = 15 if s.detail == "v_neck" else s.rng.uniform(10.5, 13)
    with s.on("nape"):
        s.part("lining", symmetric([(0, 4.5), (w * 0.42, 2.5), (w * 0.52, 9), (0, low + 3)]), bulge=3, lift=0)
    waist = body.waist * 0.88 * s.fit.width
    with s.on("around"):
        s.part(
            "ground",
            symmetric(
                [
                    (0, low, 0 if s.detail == "v_neck" else 1),
                    (w * 0.3, low * 0.72),
                    (w * 0.46, 0, 0),
                    (w * 0.62, -0.2, 0),
                    (w * 0.68, ay * 0.55),
                    (w, ay, 0),
                    (waist, ay + (long - ay) * 0.55),
                    (w * 0.98, long, 0),
                    (0, long + 1.4),
                ]
            ),
            bulge=8,
            lift=1,
            folds=[
                (curve([(w * x, long), (w * x * 0.9, long * 0.6)], closed=False), 0.5, 1.6)
                for x in (-0.6, -0.2, 0.35, 0.7)
            ],
        )
    for offset in (0.9,):
        s.stitch((w * 0.47, 0.8), (w * 0.32, low * 0.72 + offset), (0.2, low + offset), mirror=True)
        s.stitch((w * 0.6, 0.6), (w * 0.66, ay * 0.55), (w * 0.97, ay + offset), mirror=True)
    s.stitch((-w * 0.97, long - 1.6), (0, long - 0.2), (w * 0.97, long - 1.6))
    s.mark, s.badge = (0, long * 0.48, w * 1.2), (w * 0.45, ay * 1.05, 4.5)
    if s.detail == "lace_trim":
        lace(
            s,
            curve(
                [(-w * 0.44, 1), (-w * 0.3, low * 0.74), (0, low), (w * 0.3, low * 0.74), (w * 0.44, 1)],
                closed=False,
            ),
        )


def polo_shirt(s: Sketch) -> None:
    """Short sleeves, knit collar, short placket."""
    t = torso(
        s,
        70,
        ease=1.0,
        shaped=0.3 if s.wearer != "woman" else 0.6,
        sleeve=0.38,
        sleeve_wide=9.4,
        angle=28,
        depth=7.5,
    )
    low = 19 * (0.4 + 0.6 * t.tall)
    s.part(
        "ground",
        curve([(-1.9, 3, 0), (1.9, 3, 0), (1.9, low, 0), (-1.9, low, 0)]),
        bulge=0.5,
        lift=0.5,
        crumple=0,
    )
    s.line("stitch", curve([(-1.5, 5), (-1.5, low - 0.6), (1.5, low - 0.6), (1.5, 5)], closed=False))
    f.buttons(
        s, (0.0,), 8.5 * (0.4 + 0.6 * t.tall), low - 2.5, 2 + s.rng.integer(0, 1), radius=0.6, fill="white"
    )
    two = s.rng.chance(0.4)
    c.shirt_collar(s, t, fill="trim" if two and s.detail != "none" else "shade", point=7.5, spread=6.2)
    f.cuff(s, t, 3.0, fill="shade", ribs=True)
    if two:
        s.part(
            "line",
            stroke(
                curve([(5.0, t.depth + 2.4), (t.neck + 2.2, 2.7), (t.neck + 1.2, -1.4)], closed=False), 0.5
            ),
            mirrored(
                stroke(
                    curve([(5.0, t.depth + 2.4), (t.neck + 2.2, 2.7), (t.neck + 1.2, -1.4)], closed=False),
                    0.5,
                )
            ),
            bulge=0.2,
            lift=0,
            crumple=0,
        )
    s.stitch((-t.hem + 0.6, t.length - 2.4), (0, t.length - 1.2), (t.hem - 0.6, t.length - 2.4))
    extras(s, t)


def shirt(s: Sketch) -> None:
    """Collar, full button front, cuffs."""
    rng = s.rng
    t = torso(
        s,
        77,
        ease=1.0,
        shaped=0.35 if s.wearer != "woman" else 0.6,
        sleeve_wide=8.4,
        cuff_wide=5.8,
        angle=17,
        depth=6,
        hem_drop=3.5,
    )
    s.seam((t.neck + 3, 4.6), (t.shoulder - 1, t.slope + 3.0), mirror=True)
    placket(s, t, 7)
    if rng.chance(0.7):
        f.pocket(s, t.chest * 0.48, t.armpit * 0.82, 11 * t.tall, 12.5 * t.tall, both=False)
    c.shirt_collar(s, t, point=rng.uniform(7, 9.5), spread=rng.uniform(4.4, 7), stand=4)
    f.cuff(s, t, 6, strap=s.detail != "short_sleeve")
    extras(s, t)


def placket(s: Sketch, t: Torso, count: int, *, wide: float = 1.8) -> None:
    """A full button front."""
    s.part(
        "ground",
        curve([(-wide, 3, 0), (wide, 3, 0), (wide, t.length + 2.6, 0), (-wide, t.length + 2.6, 0)]),
        bulge=0.5,
        lift=0.5,
        crumple=0.2,
    )
    s.stitch((-wide + 0.5, 5), (-wide + 0.5, t.length + 2))
    s.stitch((wide - 0.5, 5), (wide - 0.5, t.length + 2))
    f.buttons(s, (0.0,), 7.5, t.length - 6, count, radius=0.58, fill="white")


def overshirt(s: Sketch) -> None:
    """Boxy shirt-jacket with two chest pockets."""
    t = torso(s, 74, ease=1.12, shaped=0.0, sleeve_wide=9.4, cuff_wide=6.8, angle=17, depth=6.5, hem_drop=0.6)
    s.seam((t.neck + 3, 5), (t.shoulder - 0.5, t.slope + 5), mirror=True)
    placket(s, t, 6, wide=2.3)
    f.pocket(s, t.chest * 0.5, t.armpit * 0.84, 13 * t.tall, 15 * t.tall, flap=4.6, button=True)
    f.welt(s, t.hem * 0.78, t.length - 14 * t.tall, 14 * t.tall, -10)
    c.shirt_collar(
        s, t, point=8.5, spread=6, stand=3.6, fill="trim" if s.detail == "cropped_collar" else "ground"
    )
    f.cuff(s, t, 5.5, strap=True)
    extras(s, t)


KINDS = {
    "t_shirt": Kind(t_shirt, 0.92, details=TOP, wear="top"),
    "top": Kind(top, 1.06, details=TOP, wear="top"),
    "polo_shirt": Kind(polo_shirt, 0.92, details=TOP, wear="top"),
    "shirt": Kind(shirt, 0.86, details=TOP, wear="top"),
    "overshirt": Kind(overshirt, 0.86, details=TOP | {"cropped_collar"}, wear="top", opens=0.3),
}
