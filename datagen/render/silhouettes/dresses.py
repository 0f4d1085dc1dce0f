"""Blouse, dress, swimsuit and the baby set."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, rounded_rectangle, shifted, symmetric
from datagen.render.silhouettes import collars as c
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.measurements import BODIES, Torso
from datagen.render.silhouettes.tops import TOP, extras, lace, roll
from datagen.render.silhouettes.torso import torso


def blouse(s: Sketch) -> None:
    """Soft shirt with a bow at the neck and full sleeves."""
    rng = s.rng
    t = torso(
        s,
        66,
        ease=1.05,
        shaped=0.5,
        flare=2,
        sleeve_wide=10.5,
        cuff_wide=9.8,
        angle=20,
        depth=5,
        hem_drop=1.5,
    )
    gathers = [
        curve([(t.neck * x, 5.5 - abs(x) * 3), (t.chest * x * 0.8, t.armpit * 1.15)], closed=False)
        for x in (-0.9, -0.65, -0.4, 0.4, 0.65, 0.9)
    ]
    s.line("crease", *gathers, width=0.8)
    f.buttons(s, (0.0,), 17 * t.tall, t.length - 5, 6, radius=0.5, fill="white")
    f.front_edge(s, -1.2, 8, t.length, stitch=False)
    f.cuff(s, t, 5)
    n = t.neck
    s.part(
        "ground",
        symmetric([(0, -2.4), (n * 0.8, -3.4), (n + 0.8, -2.6), (n + 0.9, 1.0), (n * 0.6, 4.6), (0, 6.0)]),
        bulge=1.6,
        lift=0.7,
        crumple=0.6,
    )
    with s.on("nape"):
        s.part(
            "lining",
            symmetric([(0, -1.8), (n * 0.6, -2.6), (n * 0.85, -2.2), (n * 0.5, 0.2), (0, 1.2)]),
            bulge=1,
            lift=0,
        )
    if s.detail in ("collarless", "v_neck", "turtleneck"):
        extras(s, t)
        return
    drop = rng.uniform(20, 30) * t.tall
    for side, long in ((-1, 1.0), (1, 0.86)):
        s.strap(
            "ground",
            [
                (side * 0.6, 6),
                (side * 3.0, 6 + drop * 0.4),
                (side * 2.4, 6 + drop * 0.75),
                (side * 4.0, 6 + drop * long),
            ],
            2.2,
            end=4.6,
            lift=0.8,
            crumple=0.6,
        )
        s.part(
            "ground",
            curve(
                [
                    (0, 5.8, 0),
                    (side * 4, 2.4),
                    (side * 8.4, 2.0),
                    (side * 9.4, 5.6),
                    (side * 7.6, 8.6),
                    (side * 3.6, 7.6),
                ]
            ),
            bulge=1.5,
            lift=0.9,
            turn=side * 60,
            crumple=0.8,
        )
        s.line("crease", curve([(side * 1, 5.8), (side * 6.5, 5.0)], closed=False), width=0.8)
    s.part("ground", rounded_rectangle(-1.7, 3.8, 1.7, 8.0, 1.3), bulge=1.1, lift=0.9)


def dress(s: Sketch) -> None:
    """Fitted bodice and flared skirt."""
    rng = s.rng
    style = rng.choice(("sleeveless", "short", "long"))
    sleeve = {"sleeveless": 0.0, "short": 0.34, "long": 1.0}[style]
    t = torso(
        s,
        41,
        ease=0.94,
        shaped=0.9,
        sleeve=sleeve,
        sleeve_wide=8,
        cuff_wide=6,
        angle=18,
        neck=1.35,
        depth=15 if s.detail == "v_neck" else 10,
        vee=s.detail == "v_neck",
        gather=0.5,
    )
    long, flare = 100 * t.tall * s.fit.length, rng.uniform(13, 20) * (0.4 + 0.6 * t.tall) * s.fit.width
    y, w = t.length - 0.5, t.hem - 0.4
    folds = []
    for step in range(9):
        x = (step - 4) / 4.3
        folds.append(
            (
                curve(
                    [
                        (x * (w + flare) * 1.0, long + 3),
                        (x * (w + flare * 0.5), (y + long) / 2),
                        (x * w * 0.85, y + 5),
                    ],
                    closed=False,
                ),
                rng.uniform(0.7, 1.4),
                2.4,
            )
        )
    with s.on("around"):
        s.part(
            "ground",
            symmetric(
                [
                    (0, y),
                    (w, y, 0),
                    (w + 5.5, y + 15),
                    (w + flare * 0.75, (y + long) * 0.58),
                    (w + flare, long - 1, 0),
                    (w * 0.7, long + 2),
                    (0, long + 2.6),
                ]
            ),
            bulge=8,
            lift=0.2,
            folds=folds,
        )
    if s.detail == "pleated":
        s.line(
            "seam",
            *[
                curve([(x * w, y + 1), (x * (w + flare), long + 1.5)], closed=False)
                for x in (-0.85, -0.65, -0.45, -0.25, -0.05, 0.15, 0.35, 0.55, 0.75)
            ],
            width=0.4,
        )
    s.seam((-w, y), (0, y + 0.8), (w, y))
    s.seam((t.chest * 0.5, t.armpit), (w * 0.45, y), mirror=True, width=0.2)
    if s.detail == "belted":
        f.belt(s, t._replace(length=long, waist_y=y, waist=w), y, wide=3)
    elif s.detail == "lace_trim":
        lace(s, curve([(-w - flare, long - 1), (0, long + 2.4), (w + flare, long - 1)], closed=False))
    elif s.detail in ("turtleneck",):
        roll(s, t)
    else:
        c.neck_ribs(s, t, 1.2, vee=s.detail == "v_neck")
    s.mark, s.badge = (0, t.armpit * 1.1, t.chest), (t.chest * 0.46, t.armpit * 0.92, 4.5)


def swimsuit(s: Sketch) -> None:
    """One-piece."""
    body = BODIES[s.wearer]
    s.zoom = body.zoom
    w, k = body.chest * 0.78 * s.fit.width, 0.35 + 0.65 * body.tall
    waist, hip, long = w * 0.84, w * 1.04, 68 * k
    low = s.rng.uniform(13, 19) * k
    with s.on("nape"):
        s.part(
            "lining",
            symmetric([(0, 16 * k), (w * 0.6, 8 * k), (w * 0.8, 17 * k), (0, 24 * k)]),
            bulge=3,
            lift=0,
        )
    with s.on("around"):
        s.part(
            "ground",
            symmetric(
                [
                    (0, low, 0 if s.detail == "v_neck" else 1),
                    (w * 0.36, low * 0.74),
                    (w * 0.46, 0, 0),
                    (w * 0.62, 0, 0),
                    (w * 0.72, 11 * k),
                    (w, 19 * k),
                    (w * 0.96, 24 * k),
                    (waist, 38 * k),
                    (hip, 53 * k, 0),
                    (w * 0.5, 61 * k),
                    (w * 0.16, long, 0),
                    (0, long + 0.6),
                ]
            ),
            bulge=9,
            lift=0.8,
            folds=[
                (curve([(w * 0.9, 34 * k), (w * 0.3, 38 * k)], closed=False), 0.3, 1.5),
                (curve([(-w * 0.9, 40 * k), (-w * 0.2, 42 * k)], closed=False), 0.3, 1.5),
            ],
        )
    s.stitch((w * 0.47, 0.8), (w * 0.37, low * 0.74 + 0.8), (0.1, low + 0.9), mirror=True)
    s.stitch((hip - 0.6, 52.5 * k), (w * 0.5, 60 * k), (w * 0.18, long - 0.8), mirror=True)
    s.seam((w * 0.55, 21 * k), (w * 0.5, 30 * k), mirror=True, width=0.2)
    s.mark, s.badge = (0, 30 * k, w), (w * 0.4, 24 * k, 4)
    if s.detail == "belted":
        t = Torso(6, 8, w, 3, 18 * k, w, waist, 38 * k, hip, long, 0, 0, (0, 0), (0, 0), k)
        f.belt(s, t, 37 * k, wide=3, tail=6)


def baby_set(s: Sketch) -> None:
    """Baby's one-piece, hat and bib."""
    s.wearer = "baby"
    t = torso(
        s,
        72,
        ease=1.0,
        shaped=0.1,
        sleeve=1.0,
        sleeve_wide=8.5,
        cuff_wide=6.5,
        angle=32,
        neck=1.2,
        depth=8,
        gather=1.5,
        back=True,
    )
    w, y = t.hem, t.length
    s.part(
        "ground",
        symmetric(
            [
                (0, y - 3),
                (w, y - 2),
                (w + 0.6, y + 12),
                (w * 0.98, y + 25),
                (w * 0.86, y + 27),
                (w * 0.22, y + 26),
                (w * 0.1, y + 15),
                (0, y + 12),
            ]
        ),
        bulge=5,
        lift=0.1,
    )
    f.buttons(s, (0.0,), 8, y + 6, 6, radius=0.6, fill="white")
    f.front_edge(s, -1.2, 7, y + 10, stitch=False)
    c.neck_ribs(s, t, 1.5)
    f.cuff(s, t, 3, fill="shade", ribs=True)
    s.part(
        "trim",
        symmetric([(0, 4.5), (6.2, 0.5), (8.2, 4), (9.2, 12), (6.0, 18.5), (0, 20)]),
        holes=(ellipse(0, 1.5, 5.0, 4.4),),
        bulge=1.2,
        lift=0.8,
        crumple=0.3,
    )
    s.stitch((7.6, 4.5), (8.4, 12), (5.6, 17.6), (0, 19), mirror=True)
    hat = shifted(symmetric([(0, -12), (5, -11), (8.6, -5), (9, 0, 0), (0, 0.9)]), -1.0, -11)
    s.part("ground", hat, bulge=4, lift=0.6)
    s.part(
        "shade",
        shifted(symmetric([(0, -1.6), (9.4, -2.2, 0), (9.4, 1.6, 0), (0, 2.6)]), -1.0, -11),
        bulge=1.2,
        lift=0.5,
    )
    s.part("trim", ellipse(-1.0, -24, 2.4), bulge=1.4, lift=0.5, crumple=3)
    s.mark, s.badge = (0, 26, 14), (6.0, 25, 6)


KINDS = {
    "blouse": Kind(blouse, 0.88, details=TOP, wear="top"),
    "dress": Kind(dress, 0.80, details=TOP, wear="dress"),
    "swimsuit": Kind(swimsuit, 1.05, details=frozenset({"v_neck", "belted"}), fits=("width",), wear="swim"),
    "baby_set": Kind(baby_set, 0.92, fits=("width",)),
}
