"""Bottoms: skirt, trousers, jeans, shorts, joggers, swim shorts."""

from __future__ import annotations

from datagen.render.layers import Sketch
from datagen.render.outlines import (
    Path,
    curve,
    dashes,
    mirrored,
    rounded_rectangle,
    shifted,
    stroke,
    symmetric,
)
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.legs import ALL, HIPS, LEGS, Legs, finish, legs, slant_pockets, tie_cord
from datagen.render.silhouettes.tops import lace


def trousers(s: Sketch) -> None:
    """Tailored legs with crease."""
    t = legs(s, 78, knee=s.rng.uniform(18.5, 21), hem=s.rng.uniform(15, 18), crease=True)
    slant_pockets(s, t)
    s.dots("button", [(0.8, 2.4)], 0.7, ring=True)
    finish(s, t)


def jeans(s: Sketch) -> None:
    """Five pockets, rivets, contrast stitching."""
    t = legs(s, 78, knee=s.rng.uniform(17.5, 20), hem=s.rng.uniform(14.5, 17.5))
    for x, y in ((0.62, 5), (0.95, 9)):
        s.dots("metal", [(t.waist * x, y), (-t.waist * x, y)], 0.42)
    pocket = curve([(t.waist * 0.36, 4.6), (t.waist * 0.46, 8.6), (t.waist * 0.98, 10)], closed=False)
    s.line("seam", pocket, width=0.45, mirror=True)
    for step in (0.9, 1.6):
        s.line("stitch", shifted(pocket, -0.2, step), mirror=True)
    side = curve(
        [
            (t.waist * 0.96, 12),
            (t.hip * 0.92, t.rise * 0.9),
            (t.out - 1.3, t.length * 0.72),
            (t.out - 1.3, t.length - 1),
        ],
        closed=False,
    )
    fly = curve([(2.9, 4.6), (2.9, t.rise * 0.5), (0.4, t.rise * 0.7)], closed=False)
    hem = curve([(t.inner, t.length - 2), (t.out, t.length - 2)], closed=False)
    gold = [stroke(line, 0.34) for path in (fly, shifted(fly, 0.8, 0)) for line in _broken(path)]
    s.part("accent", *gold, bulge=0.1, lift=0, crumple=0)
    twice = [stroke(line, 0.34) for path in (side, hem, shifted(pocket, -0.2, 0.9)) for line in _broken(path)]
    s.part("accent", *twice, *[mirrored(p) for p in twice], bulge=0.1, lift=0, crumple=0)
    s.dots("metal", [(0.8, 2.3)], 0.95, ring=True)
    if s.rng.chance(0.4):
        s.part(
            "button",
            rounded_rectangle(t.waist * 0.5, 0.6, t.waist * 0.5 + 6, 4.2, 0.3),
            bulge=0.3,
            lift=0.3,
            crumple=0,
        )
    finish(s, t)


def _broken(path: Path) -> list[Path]:
    """Long contrast stitches."""
    return dashes(path, 0.75, 0.5)


def shorts(s: Sketch) -> None:
    """Tailored short legs."""
    t = legs(s, s.rng.uniform(19, 25), hem=26, crease=s.rng.chance(0.4))
    slant_pockets(s, t)
    s.dots("button", [(0.8, 2.4)], 0.7, ring=True)
    s.line(
        "stitch",
        curve([(t.inner + 0.3, t.length - 2.4), (t.out - 0.2, t.length - 2.4)], closed=False),
        mirror=True,
    )
    finish(s, t)


def joggers(s: Sketch) -> None:
    """Drawstring waist, ribbed ankles."""
    t = legs(s, 72, thigh=1.05, knee=21, hem=13, band=5, elastic=True)
    slant_pockets(s, t)
    deep = 6 * (0.4 + 0.6 * t.tall)
    cuff = curve(
        [
            (t.inner - 0.2, t.length - deep, 0),
            (t.out + 0.2, t.length - deep, 0),
            (t.out - 1.0, t.length + 1.2, 0),
            (t.inner + 1.0, t.length + 1.2, 0),
        ]
    )
    s.pair("shade", cuff, bulge=2.4, lift=0.7, crumple=0)
    wide = t.out - t.inner
    s.line(
        "rib",
        *[
            curve(
                [
                    (t.inner + wide * x / 10, t.length - deep),
                    (t.inner + 0.6 + (wide - 1.2) * x / 10, t.length + 1),
                ],
                closed=False,
            )
            for x in range(1, 10)
        ],
        mirror=True,
        width=0.35,
    )
    tie_cord(s)
    finish(s, t)


def swim_shorts(s: Sketch) -> None:
    """Short legs, elastic waist with cord."""
    t = legs(s, s.rng.uniform(10, 15), thigh=1.08, hem=29, band=5.5, elastic=True)
    s.seam((t.hip * 0.99, t.rise * 0.9), (t.hip * 0.93, t.length - 5), (t.out - 2.4, t.length), mirror=True)
    s.part(
        "line",
        *[
            stroke(
                curve(
                    [
                        (x * t.waist * 1.02, 6.5),
                        (x * t.hip * 0.985, t.rise * 0.8),
                        (x * (t.out - 1.0), t.length - 1),
                    ],
                    closed=False,
                ),
                0.8,
            )
            for x in (-1, 1)
        ],
        bulge=0.2,
        lift=0,
        crumple=0,
    )
    tie_cord(s)
    s.line(
        "stitch",
        curve([(t.inner + 0.3, t.length - 1.8), (t.out - 0.2, t.length - 1.8)], closed=False),
        mirror=True,
    )
    f.pocket(
        s,
        -t.hip * 0.6,
        t.rise * 0.82,
        10 * (0.5 + 0.5 * t.tall),
        10 * (0.5 + 0.5 * t.tall),
        flap=3.6,
        both=False,
    )
    finish(s, t)


def skirt(s: Sketch) -> None:
    """Waistband and flared or pleated skirt."""
    h, rng = HIPS[s.wearer], s.rng
    s.zoom = h.zoom
    w, long = h.waist * s.fit.width, 64 * h.tall * s.fit.length
    flare = rng.uniform(7, 17) * s.fit.width * (0.4 + 0.6 * h.tall)
    hem = h.hip * (0.7 + 0.3 * s.fit.width) + flare * min(1.0, 0.35 + long / 80)
    s.part("lining", symmetric([(0, -1.2), (w * 0.8, -1), (w, 0.4), (0, 2.4)]), bulge=2, lift=0, crumple=0)
    pleated = s.detail == "pleated" or rng.chance(0.25)
    folds = []
    for x in (-0.82, -0.5, -0.2, 0.12, 0.4, 0.74) if not pleated else ():
        folds.append(
            (
                curve(
                    [(x * hem * 1.02, long + 2), (x * hem * 0.9, long * 0.6), (x * w * 0.95, long * 0.2)],
                    closed=False,
                ),
                rng.uniform(0.6, 1.3),
                2.4,
            )
        )
    with s.on("around"):
        s.part(
            "ground",
            symmetric(
                [
                    (0, 0.6),
                    (w, -0.4, 0),
                    (h.hip * 0.94, long * 0.26),
                    (hem * 0.95, long * 0.72),
                    (hem, long, 0),
                    (hem * 0.55, long + 2.2),
                    (0, long + 2.8),
                ]
            ),
            bulge=8,
            lift=0.5,
            folds=folds,
        )
    if pleated:
        for step in range(-6, 7):
            x = step / 6.5
            s.line(
                "edge",
                curve(
                    [(x * w, 3.6), (x * h.hip * 0.96, long * 0.3), (x * hem, long + 2.6 - abs(x) * 2)],
                    closed=False,
                ),
                width=0.35,
            )
            s.line(
                "crease",
                curve(
                    [
                        (x * w + 1.2, 3.6),
                        (x * h.hip * 0.96 + 1.5, long * 0.3),
                        (x * hem + 2.2, long + 2.4 - abs(x) * 2),
                    ],
                    closed=False,
                ),
                width=1.5,
            )
    with s.on("around"):
        s.part(
            "ground",
            curve(
                [
                    (-w - 0.2, -0.8, 0),
                    (0, 0.6),
                    (w + 0.2, -0.8, 0),
                    (w + 1, 3.4, 0),
                    (0, 4.8),
                    (-w - 1, 3.4, 0),
                ]
            ),
            bulge=1.2,
            lift=0.4,
            crumple=0.2,
        )
    if not pleated:
        s.stitch((-hem + 0.4, long - 2), (0, long + 0.6), (hem - 0.4, long - 2))
    t = Legs(w, h.hip, long * 0.3, long, hem, 0, h.tall)
    if s.detail == "lace_trim":
        lace(s, curve([(-hem, long + 0.2), (0, long + 2.8), (hem, long + 0.2)], closed=False))
    elif s.detail in ("belted", "chain", "cargo"):
        finish(s, t)
    elif s.detail == "zip":
        f.zipper(s, 4, long)
    elif rng.chance(0.4):
        f.buttons(s, (w * 0.4,), 1.6, long * 0.5, 4, radius=0.9)
    s.mark, s.badge = (0, long * 0.5, hem * 0.9), (w * 0.6, long * 0.24, 4.5)


KINDS = {
    "skirt": Kind(skirt, 1.0, details=LEGS, wear="skirt"),
    "trousers": Kind(trousers, 0.80, details=LEGS, fits=ALL, wear="legs"),
    "jeans": Kind(jeans, 0.80, details=LEGS, fits=ALL, wear="legs"),
    "shorts": Kind(shorts, 1.12, details=LEGS, fits=ALL, wear="legs"),
    "joggers": Kind(joggers, 0.82, details=LEGS, fits=ALL, wear="legs"),
    "swim_shorts": Kind(swim_shorts, 1.16, details=LEGS, fits=ALL, wear="legs"),
}
