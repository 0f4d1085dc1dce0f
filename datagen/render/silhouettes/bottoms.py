"""Bottoms: skirt, trousers, jeans, shorts, joggers, swim shorts.

Origin: the middle of the waist; x to the right, y down; cm.
"""

from __future__ import annotations

from typing import NamedTuple

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, curve, dashes, ellipse, mirrored, rounded, stroke, symmetric
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.kind import Kind
from datagen.render.silhouettes.tops import lace
from datagen.render.silhouettes.torso import Fold

LEGS = frozenset({"belted", "drawcord", "pleated", "zip", "reversible", "cargo", "chain", "lace_trim", "contrast"})


class Hips(NamedTuple):
    """Half width at waist and hip, height of the crotch, cm; ``tall`` scales lengths."""

    waist: float
    hip: float
    rise: float
    tall: float
    zoom: float


HIPS = {
    "woman": Hips(17.0, 23.5, 27.0, 0.98, 1.0),
    "man": Hips(19.5, 24.0, 27.0, 1.0, 1.0),
    "child": Hips(15.8, 19.5, 20.0, 0.66, 1.22),
    "baby": Hips(14.5, 18.5, 17.5, 0.45, 1.4),
}


class Legs(NamedTuple):
    """Where things are on drawn legs."""

    waist: float
    hip: float
    rise: float
    length: float
    out: float
    inner: float
    tall: float


def legs(s: Sketch, inseam: float, *, thigh: float = 1.0, knee: float = 13.0, hem: float = 10.0, band: float = 4.0, elastic: bool = False, crease: bool = False) -> Legs:
    """Two legs, a fly and a waistband; ``inseam``, ``knee`` and ``hem`` (full widths) in cm for an adult."""
    h, d = HIPS[s.wearer], s.dice
    s.zoom = h.zoom
    wide = s.fit.width
    size = h.hip / 24.0
    waist, hip = h.waist * (1 + (wide - 1) * 0.4), h.hip * (0.5 + 0.5 * wide) * thigh
    length = h.rise + inseam * h.tall * s.fit.length
    knee_y = h.rise + min(length - h.rise, 36 * h.tall) * 0.92
    kw, hw = knee * size * wide * (0.6 + 0.4 * s.fit.taper), hem * size * wide * s.fit.taper
    share = min(1.0, (length - h.rise) / (74 * h.tall))
    middle = 2.2 + 8.5 * share * size
    kmid = 1.2 + 8.0 * size * min(1.0, share * 1.2)
    hw = hw if share > 0.6 else (hip * 0.9) + (hw - hip * 0.9) * max(0.0, share - 0.1)
    centre = max(middle, hw / 2 + 0.8)
    kcentre = max(kmid, kw / 2 + 0.5)
    s.part("lining", symmetric([(0, -1.2), (waist * 0.8, -1.0), (waist, 0.4), (0, 2.6)]), bulge=2, lift=0, crumple=0)
    out, inner = centre + hw / 2, centre - hw / 2
    knees = [(kcentre + kw / 2, knee_y)] if share > 0.6 else []
    knees_in = [(kcentre - kw / 2, knee_y)] if share > 0.6 else []
    outline = curve([(0, 1.0, 0), (waist * 0.6, 0.8), (waist, 0, 0), (hip * 0.95, h.rise * 0.5), (hip, h.rise * 0.82), *knees, (out, length, 0), (inner, length + 0.4, 0), *knees_in,
                     (max(1.0, inner * 0.16), h.rise + 3.5), (0, h.rise, 0)])
    folds: list[Fold] = [
        (curve([(1.4, h.rise - 0.5), (hip * 0.3, h.rise - 2), (hip * 0.6, h.rise - 5.5)], closed=False), d.between(0.4, 0.9), 1.6),
        (curve([(1.8, h.rise + 2), (hip * 0.36, h.rise + 3.4), (hip * 0.7, h.rise + 1.6)], closed=False), d.between(0.3, 0.7), 1.6),
    ]
    if share > 0.6:
        for drop in (-4.0, 1.0, 6.0):
            y = knee_y + drop + d.between(-1, 1)
            folds.append((curve([(kcentre - kw * 0.42, y), (kcentre, y + 1.6), (kcentre + kw * 0.3, y + 0.6)], closed=False), d.between(0.25, 0.6), 1.5))
        for lift in (4.0, 8.5):
            y = length - lift
            folds.append((curve([(out - 0.6, y), (centre, y + 1.8), (inner + 1.5, y + 0.4)], closed=False), d.between(0.3, 0.6), 1.5))
    else:
        for x in (0.3, 0.7):
            folds.append((curve([(inner + (out - inner) * x, length), (hip * x, (length + h.rise) * 0.5), (hip * x * 0.9, h.rise * 0.7)], closed=False), d.between(0.5, 1.0), 1.9))
    s.pair("ground", outline, lift=0.5, bulge=7 * size, turn=-3, folds=folds)
    if crease:
        s.line("crease", curve([(waist * 0.5, 5), (kcentre, knee_y), (centre, length)], closed=False), width=0.7, mirror=True)
    s.seam((0, 3), (0.1, h.rise), width=0.35)
    half = waist + 0.3
    if not elastic:
        s.part("ground", curve([(-half, -0.6, 0), (0, 0.8), (half, -0.6, 0), (half + 0.5, band - 0.6, 0), (0, band + 0.8), (-half - 0.5, band - 0.6, 0)]), bulge=1.4, lift=0.4, crumple=0.2)
        s.seam((2.6, band + 1), (2.6, h.rise * 0.5), (0.4, h.rise * 0.66), width=0.25)
        for x in (0.32, 0.78):
            loop = rounded(half * x - 0.6, -0.8, half * x + 0.6, band + 0.6, 0.2)
            s.pair("ground", loop, lift=0.4, bulge=0.4, crumple=0)
    else:
        s.part("ground", curve([(-half, -0.6, 0), (0, 0.6), (half, -0.6, 0), (half + 0.4, band, 0), (0, band + 1.0), (-half - 0.4, band, 0)]), bulge=1.6, lift=0.5, crumple=0.5)
        s.line("rib", *[curve([(x, 0.2), (x * 1.01, band + 0.4)], closed=False) for x in (half * (i + 0.5) / 16 - half for i in range(32))], width=0.5)
        s.line("stitch", curve([(-half, band * 0.5), (0, band * 0.5 + 0.9), (half, band * 0.5)], closed=False))
    s.mark, s.badge = (hip * 0.5, h.rise + 4, hip * 0.6), (hip * 0.56, h.rise * 0.9, 5 * size)
    return Legs(waist, hip, h.rise, length, out, inner, h.tall)


def finish(s: Sketch, t: Legs) -> None:
    """What a detail word adds to legs."""
    if s.detail in ("cargo",):
        f.pocket(s, t.hip * 0.74, t.rise * 1.12, 11 * (0.5 + 0.5 * t.tall), 14 * (0.4 + 0.6 * t.tall), flap=4.6, box=True, button=True)
    elif s.detail == "belted":
        band = curve([(-t.waist - 0.6, 0.6, 0), (0, 2), (t.waist + 0.6, 0.6, 0), (t.waist + 0.7, 3.8, 0), (0, 5.2), (-t.waist - 0.7, 3.8, 0)])
        s.part("dark", band, bulge=1, lift=0.5, crumple=0)
        s.part("metal", rounded(-2.4, 1.0, 2.4, 5.8, 0.6), holes=(rounded(-1.5, 2.0, 1.5, 4.8, 0.4),), bulge=0.5, lift=0.5, crumple=0)
    elif s.detail == "chain":
        s.strap("metal", [(t.waist * 0.4, 4), (t.hip * 0.8, t.rise * 0.9), (t.hip * 0.9, 6)], 0.6)
    elif s.detail == "pleated":
        s.line("crease", *[curve([(t.waist * x, 4.5), (t.waist * x * 1.1, t.rise * 0.85)], closed=False) for x in (0.35, 0.6)], width=0.9, mirror=True)
    elif s.detail == "zip":
        f.zipper(s, t.length - 14 * t.tall, t.length, x=t.out - 2)
    elif s.detail == "reversible":
        s.pair("lining", curve([(t.inner, t.length - 4, 0), (t.out, t.length - 4, 0), (t.out + 0.5, t.length + 0.5, 0), (t.inner - 0.4, t.length + 0.8, 0)]), bulge=1, lift=0.6)
    elif s.detail == "lace_trim":
        for side in (-1, 1):
            lace(s, curve([(side * t.inner, t.length), (side * t.out, t.length)], closed=False))
    elif s.detail == "contrast":
        s.pair("trim", stroke(curve([(t.waist - 0.2, 4), (t.hip - 0.6, t.rise * 0.7), (t.out - 1.0, t.length)], closed=False), 1.8), lift=0.1, bulge=0.5, crumple=0)


def tie_cord(s: Sketch, fill: str = "white") -> None:
    """The cord at an elastic waist: two ends that hang."""
    for side, long in ((-1, 12.0), (1, 14.0)):
        s.strap(fill, [(side * 0.6, 2.4), (side * 2.6, 6), (side * 1.9, long)], 0.85, lift=0.6)
    s.part(fill, ellipse(0, 2.6, 1.0, 0.7), bulge=0.4, lift=0.5, crumple=0)


def slant_pockets(s: Sketch, t: Legs) -> None:
    s.seam((t.waist * 0.66, 4.2), (t.waist * 0.82, 10), (t.hip * 0.93, t.rise * 0.62), mirror=True, width=0.4)
    s.stitch((t.waist * 0.62, 4.4), (t.waist * 0.77, 10.2), (t.hip * 0.88, t.rise * 0.66), mirror=True)


def trousers(s: Sketch) -> None:
    t = legs(s, 78, knee=s.dice.between(18.5, 21), hem=s.dice.between(15, 18), crease=True)
    slant_pockets(s, t)
    s.dots("button", [(0.8, 2.4)], 0.7, ring=True)
    finish(s, t)


def jeans(s: Sketch) -> None:
    t = legs(s, 78, knee=s.dice.between(17.5, 20), hem=s.dice.between(14.5, 17.5))
    for x, y in ((0.62, 5), (0.95, 9)):
        s.dots("metal", [(t.waist * x, y), (-t.waist * x, y)], 0.42)
    pocket = curve([(t.waist * 0.36, 4.6), (t.waist * 0.46, 8.6), (t.waist * 0.98, 10)], closed=False)
    s.line("seam", pocket, width=0.45, mirror=True)
    for step in (0.9, 1.6):
        s.line("stitch", pocket + [-0.2, step], mirror=True)
    side = curve([(t.waist * 0.96, 12), (t.hip * 0.92, t.rise * 0.9), (t.out - 1.3, t.length * 0.72), (t.out - 1.3, t.length - 1)], closed=False)
    fly = curve([(2.9, 4.6), (2.9, t.rise * 0.5), (0.4, t.rise * 0.7)], closed=False)
    hem = curve([(t.inner, t.length - 2), (t.out, t.length - 2)], closed=False)
    gold = [stroke(line, 0.34) for path in (fly, fly + [0.8, 0]) for line in _broken(path)]
    s.part("accent", *gold, bulge=0.1, lift=0, crumple=0)
    twice = [stroke(line, 0.34) for path in (side, hem, pocket + [-0.2, 0.9]) for line in _broken(path)]
    s.part("accent", *twice, *[mirrored(p) for p in twice], bulge=0.1, lift=0, crumple=0)
    s.dots("metal", [(0.8, 2.3)], 0.95, ring=True)
    if s.dice.chance(0.4):
        s.part("button", rounded(t.waist * 0.5, 0.6, t.waist * 0.5 + 6, 4.2, 0.3), bulge=0.3, lift=0.3, crumple=0)
    finish(s, t)


def _broken(path: Path) -> list[Path]:
    """Long contrast stitches."""
    return dashes(path, 0.75, 0.5)


def shorts(s: Sketch) -> None:
    t = legs(s, s.dice.between(19, 25), hem=26, crease=s.dice.chance(0.4))
    slant_pockets(s, t)
    s.dots("button", [(0.8, 2.4)], 0.7, ring=True)
    s.line("stitch", curve([(t.inner + 0.3, t.length - 2.4), (t.out - 0.2, t.length - 2.4)], closed=False), mirror=True)
    finish(s, t)


def joggers(s: Sketch) -> None:
    t = legs(s, 72, thigh=1.05, knee=21, hem=13, band=5, elastic=True)
    slant_pockets(s, t)
    deep = 6 * (0.4 + 0.6 * t.tall)
    cuff = curve([(t.inner - 0.2, t.length - deep, 0), (t.out + 0.2, t.length - deep, 0), (t.out - 1.0, t.length + 1.2, 0), (t.inner + 1.0, t.length + 1.2, 0)])
    s.pair("shade", cuff, bulge=2.4, lift=0.7, crumple=0)
    wide = t.out - t.inner
    s.line("rib", *[curve([(t.inner + wide * x / 10, t.length - deep), (t.inner + 0.6 + (wide - 1.2) * x / 10, t.length + 1)], closed=False) for x in range(1, 10)], mirror=True, width=0.35)
    tie_cord(s)
    finish(s, t)


def swim_shorts(s: Sketch) -> None:
    t = legs(s, s.dice.between(10, 15), thigh=1.08, hem=29, band=5.5, elastic=True)
    s.seam((t.hip * 0.99, t.rise * 0.9), (t.hip * 0.93, t.length - 5), (t.out - 2.4, t.length), mirror=True)
    s.part("line", *[stroke(curve([(x * t.waist * 1.02, 6.5), (x * t.hip * 0.985, t.rise * 0.8), (x * (t.out - 1.0), t.length - 1)], closed=False), 0.8) for x in (-1, 1)], bulge=0.2, lift=0, crumple=0)
    tie_cord(s)
    s.line("stitch", curve([(t.inner + 0.3, t.length - 1.8), (t.out - 0.2, t.length - 1.8)], closed=False), mirror=True)
    f.pocket(s, -t.hip * 0.6, t.rise * 0.82, 10 * (0.5 + 0.5 * t.tall), 10 * (0.5 + 0.5 * t.tall), flap=3.6, both=False)
    finish(s, t)


def skirt(s: Sketch) -> None:
    h, d = HIPS[s.wearer], s.dice
    s.zoom = h.zoom
    w, long = h.waist * s.fit.width, 64 * h.tall * s.fit.length
    flare = d.between(7, 17) * s.fit.width * (0.4 + 0.6 * h.tall)
    hem = h.hip * (0.7 + 0.3 * s.fit.width) + flare * min(1.0, 0.35 + long / 80)
    s.part("lining", symmetric([(0, -1.2), (w * 0.8, -1), (w, 0.4), (0, 2.4)]), bulge=2, lift=0, crumple=0)
    pleated = s.detail == "pleated" or d.chance(0.25)
    folds = []
    for x in (-0.82, -0.5, -0.2, 0.12, 0.4, 0.74) if not pleated else ():
        folds.append((curve([(x * hem * 1.02, long + 2), (x * hem * 0.9, long * 0.6), (x * w * 0.95, long * 0.2)], closed=False), d.between(0.6, 1.3), 2.4))
    s.part("ground", symmetric([(0, 0.6), (w, -0.4, 0), (h.hip * 0.94, long * 0.26), (hem * 0.95, long * 0.72), (hem, long, 0), (hem * 0.55, long + 2.2), (0, long + 2.8)]), bulge=8, lift=0.5, folds=folds)
    if pleated:
        for step in range(-6, 7):
            x = step / 6.5
            s.line("edge", curve([(x * w, 3.6), (x * h.hip * 0.96, long * 0.3), (x * hem, long + 2.6 - abs(x) * 2)], closed=False), width=0.35)
            s.line("crease", curve([(x * w + 1.2, 3.6), (x * h.hip * 0.96 + 1.5, long * 0.3), (x * hem + 2.2, long + 2.4 - abs(x) * 2)], closed=False), width=1.5)
    s.part("ground", curve([(-w - 0.2, -0.8, 0), (0, 0.6), (w + 0.2, -0.8, 0), (w + 1, 3.4, 0), (0, 4.8), (-w - 1, 3.4, 0)]), bulge=1.2, lift=0.4, crumple=0.2)
    if not pleated:
        s.stitch((-hem + 0.4, long - 2), (0, long + 0.6), (hem - 0.4, long - 2))
    t = Legs(w, h.hip, long * 0.3, long, hem, 0, h.tall)
    if s.detail == "lace_trim":
        lace(s, curve([(-hem, long + 0.2), (0, long + 2.8), (hem, long + 0.2)], closed=False))
    elif s.detail in ("belted", "chain", "cargo"):
        finish(s, t)
    elif s.detail == "zip":
        f.zipper(s, 4, long)
    elif d.chance(0.4):
        f.buttons(s, (w * 0.4,), 1.6, long * 0.5, 4, radius=0.9)
    s.mark, s.badge = (0, long * 0.5, hem * 0.9), (w * 0.6, long * 0.24, 4.5)


ALL = ("length", "width", "taper")
KINDS = {
    "skirt": Kind(skirt, 1.0, details=LEGS),
    "trousers": Kind(trousers, 0.80, details=LEGS, fits=ALL),
    "jeans": Kind(jeans, 0.80, details=LEGS, fits=ALL),
    "shorts": Kind(shorts, 1.12, details=LEGS, fits=ALL),
    "joggers": Kind(joggers, 0.82, details=LEGS, fits=ALL),
    "swim_shorts": Kind(swim_shorts, 1.16, details=LEGS, fits=ALL),
}
