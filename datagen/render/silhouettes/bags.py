"""Bags. Origin: the middle of the bottom edge; x to the right, y down (so the bag has negative y); cm."""

from __future__ import annotations

from collections.abc import Callable

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, curve, dashes, ellipse, rounded, stroke, symmetric
from datagen.render.silhouettes.kind import Kind

BAG = frozenset({"chain", "quilted", "drawcord", "zip", "lace_trim"})


def chain(s: Sketch, path: Path, link: float = 1.5) -> None:
    """A metal chain along an open path: open links, every other one seen edge-on."""
    pieces = dashes(path, link, link * 0.12)
    flat = [stroke(p, link * 0.72) for p in pieces[::2] if len(p) > 1]
    holes = [stroke(p * 0.5 + p[::-1] * 0.5 + (p - p.mean(axis=0)) * 0.5, link * 0.3) for p in pieces[::2]]
    s.part("metal", *flat, holes=holes, bulge=0.35, lift=0.3, crumple=0, shine=0.6)
    s.part("metal", *[stroke(p, link * 0.26) for p in pieces[1::2]], bulge=0.3, lift=0.2, crumple=0, shine=0.6)


def handle(s: Sketch, knots: list[tuple[float, float]], wide: float, *, fill: str = "trim") -> None:
    """A handle or strap; a chain where the detail asks for one."""
    if s.detail == "chain":
        chain(s, curve(knots, closed=False))
        return
    path = s.strap(fill, knots, wide, lift=0.5, shine=0.4)
    s.line("stitch", path)


def feet(s: Sketch, *places: tuple[float, float], fill: str = "metal") -> None:
    """Rings or studs where straps meet the bag."""
    s.part(fill, *[ellipse(x, y, 0.95) for x, y in places], holes=[ellipse(x, y, 0.45) for x, y in places], bulge=0.4, lift=0.4, crumple=0, shine=0.6)


def body(s: Sketch, half_top: float, half_bottom: float, tall: float, *, radius: float = 2.0, sag: float = 0.4, bulge: float = 3.0, fill: str = "ground") -> None:
    """A bag's front: wider or narrower above than below."""
    r = radius
    s.part(fill, symmetric([(0, -tall + sag), (half_top * 0.7, -tall + sag * 0.5), (half_top, -tall, 0), (half_bottom + 0.1, -r * 1.3), (half_bottom - r * 0.35, -r * 0.3), (half_bottom - r * 1.3, 0), (0, 0.2)]),
           bulge=bulge, lift=0.5, crumple=0.35)
    s.mark, s.badge = (0, -tall * 0.52, half_bottom * 1.25), (0, -tall * 0.62, min(6.0, half_bottom * 0.5))


def edge_stitch(s: Sketch, half_top: float, half_bottom: float, tall: float, inset: float = 0.9) -> None:
    """Stitches just inside the edge of :func:`body`."""
    s.stitch((half_top - inset, -tall + 0.5), (half_bottom - inset, -2.6), (half_bottom - inset - 1.2, -inset), (0, -inset + 0.2), mirror=True)


def tote(s: Sketch) -> None:
    d = s.dice
    tall, top, low = d.between(29, 35), 17.5 * s.fit.width, d.between(15.5, 17) * s.fit.width
    drop = d.between(13, 19)
    x = top * 0.46
    handle(s, [(-x + 0.6, -tall + 2), (-x * 0.92, -tall - drop * 0.7), (0, -tall - drop * 1.04), (x * 0.92, -tall - drop * 0.7), (x - 0.6, -tall + 2)], 1.7)
    s.part("inside", symmetric([(0, -tall - 1.5), (top * 0.8, -tall - 1.2), (top, -tall + 0.2, 0), (0, -tall + 1.4)]), bulge=1, lift=0)
    body(s, top, low, tall, radius=1.4, sag=0.6)
    s.part("trim", symmetric([(0, -tall + 0.5), (top * 0.7, -tall + 0.3), (top + 0.1, -tall - 0.1, 0), (top, -tall + 2.2, 0), (0, -tall + 2.6)]), bulge=0.8, lift=0.3, crumple=0)
    if d.chance(0.6):
        s.part("trim", symmetric([(0, -3.4), (low + 0.3, -3.6, 0), (low, -1.2), (low - 1.2, 0), (0, 0.2)]), bulge=1, lift=0.2, crumple=0)
        s.stitch((-low, -2.9), (low, -2.9))
    handle(s, [(-x, -tall + 8), (-x * 1.0, -tall - 2), (-x * 0.8, -tall - drop * 0.75), (0, -tall - drop), (x * 0.8, -tall - drop * 0.75), (x, -tall - 2), (x, -tall + 8)], 1.8)
    s.part("trim", *[curve([(side * x - 1.6, -tall + 4, 0), (side * x + 1.6, -tall + 4, 0), (side * x + 1.6, -tall + 8), (side * x, -tall + 9.6), (side * x - 1.6, -tall + 8)]) for side in (-1, 1)], bulge=0.5, lift=0.4, crumple=0)
    s.dots("metal", [(-x, -tall + 7.6), (x, -tall + 7.6)], 0.5)
    edge_stitch(s, top, low, tall)


def _flap(s: Sketch, half: float, tall: float, deep: float, *, fill: str = "ground", round_: float = 1.0, clasp: str = "plate") -> None:
    s.part(fill, symmetric([(0, -tall - 0.6), (half - 1.6, -tall - 0.6), (half + 0.3, -tall + 0.8), (half + 0.4, -tall + deep * 0.6, 0 if round_ < 0.5 else 1), (half * (0.9 - 0.4 * round_), -tall + deep * 0.98), (0, -tall + deep)]), bulge=2.0, lift=1.0, crumple=0.3)
    s.stitch((half - 0.5, -tall + 1), (half - 0.5, -tall + deep * 0.58), (half * (0.86 - 0.4 * round_), -tall + deep * 0.98 - 0.8), (0, -tall + deep - 0.9), mirror=True)
    y = -tall + deep
    if clasp == "plate":
        s.part("metal", rounded(-2.1, y - 2.8, 2.1, y + 1.2, 0.7), bulge=0.6, lift=0.7, crumple=0, shine=0.7)
        s.part("inside", rounded(-0.9, y - 1.5, 0.9, y - 0.1, 0.6), bulge=0.2, lift=0, crumple=0)
    elif clasp == "turn":
        s.part("metal", ellipse(0, y - 2.0, 1.9), bulge=0.8, lift=0.6, crumple=0, shine=0.7)
        s.part("metal", rounded(-0.5, y - 3.5, 0.5, y - 0.5, 0.4), bulge=0.4, lift=0.6, crumple=0, shine=0.9)
    elif clasp == "stud":
        s.dots("metal", [(0, y - 1.6)], 0.8)


def crossbody_bag(s: Sketch) -> None:
    d = s.dice
    half, tall = d.between(10.5, 12.5) * s.fit.width, d.between(14.5, 17.5)
    rise = d.between(19, 25)
    knots = [(-half + 0.6, -tall + 1), (-half * 1.02, -tall - rise * 0.5), (-half * 0.4, -tall - rise), (half * 0.55, -tall - rise * 0.92), (half * 1.04, -tall - rise * 0.4), (half - 0.6, -tall + 1)]
    handle(s, knots, 1.25)
    body(s, half, half + 0.3, tall, radius=2.2)
    edge_stitch(s, half, half + 0.3, tall)
    _flap(s, half, tall, tall * d.between(0.52, 0.7), round_=d.between(0.4, 1.0), clasp=d.pick(("plate", "stud")))
    feet(s, (-half + 0.2, -tall + 0.4), (half - 0.2, -tall + 0.4))


def shoulder_bag(s: Sketch) -> None:
    d = s.dice
    half, tall = d.between(14.5, 16.5) * s.fit.width, d.between(15, 17)
    rise = d.between(12, 16)
    handle(s, [(-half * 0.9, -tall + 2), (-half * 0.72, -tall - rise * 0.72), (0, -tall - rise), (half * 0.72, -tall - rise * 0.72), (half * 0.9, -tall + 2)], 2.5)
    folds = [(curve([(x * half * 0.6, -tall + 1), (x * half * 0.8, -tall * 0.6), (x * half * 0.55, -tall * 0.3)], closed=False), 0.6, 1.4) for x in (-1.0, -0.45, 0.5, 1.0)]
    s.part("ground", symmetric([(0, -tall + 1.6), (half * 0.5, -tall + 1.2), (half * 0.92, -tall - 0.6, 0), (half * 1.08, -tall * 0.52), (half * 0.92, -tall * 0.12), (half * 0.5, 0), (0, 0.3)]), bulge=4.5, lift=0.5, folds=folds, crumple=0.6)
    f_zip = curve([(-half * 0.88, -tall + 0.2), (0, -tall + 2.2), (half * 0.88, -tall + 0.2)], closed=False)
    s.part("metal", stroke(f_zip, 0.5), bulge=0.2, lift=0.2, crumple=0)
    s.seam((-half * 0.98, -tall * 0.7), (0, -tall * 0.58), (half * 0.98, -tall * 0.7))
    s.part("trim", curve([(-2.2, -tall + 0.6, 0), (2.2, -tall + 0.6, 0), (1.8, -tall * 0.5), (0, -tall * 0.44), (-1.8, -tall * 0.5)]), bulge=0.7, lift=0.7, crumple=0)
    s.dots("metal", [(0, -tall * 0.54)], 1.1)
    feet(s, (-half * 0.9, -tall + 1), (half * 0.9, -tall + 1))
    s.mark, s.badge = (0, -tall * 0.3, half), (0, -tall * 0.3, 4)


def top_handle_bag(s: Sketch) -> None:
    d = s.dice
    top, low, tall = d.between(10.5, 12) * s.fit.width, d.between(13.5, 15) * s.fit.width, d.between(19, 22)
    rise = d.between(9, 12)
    s.part("shade", symmetric([(0, -tall + 0.4), (top + 1.0, -tall + 1.2), (low + 1.7, -1.5), (low * 0.8, 0.0), (0, 0)]), bulge=1.6, lift=0.3)
    body(s, top, low, tall, radius=1.4, bulge=2.2)
    edge_stitch(s, top, low, tall)
    handle(s, [(-top * 0.52, -tall + 2.0), (-top * 0.5, -tall - rise * 0.62), (0, -tall - rise), (top * 0.5, -tall - rise * 0.62), (top * 0.52, -tall + 2.0)], 1.9)
    _flap(s, top, tall, tall * 0.46, round_=d.between(0.2, 0.7), clasp="turn")
    feet(s, (-top * 0.52, -tall + 1.6), (top * 0.52, -tall + 1.6))
    s.dots("metal", [(-low * 0.8, 0.5), (low * 0.8, 0.5)], 0.6)
    s.mark, s.badge = (0, -tall * 0.3, low), (0, -tall * 0.28, 4.5)


def backpack(s: Sketch) -> None:
    d = s.dice
    half, tall = d.between(14, 16) * s.fit.width, d.between(38, 43)
    for side in (-1, 1):
        s.strap("trim", [(side * half * 0.45, -tall + 3), (side * half * 1.16, -tall * 0.8), (side * half * 1.22, -tall * 0.4), (side * half * 0.95, -4)], 2.6, lift=0.4)
    handle(s, [(-3.4, -tall + 1), (-2.8, -tall - 4), (2.8, -tall - 4), (3.4, -tall + 1)], 1.5)
    s.part("ground", symmetric([(0, -tall), (half * 0.62, -tall * 0.98), (half * 0.96, -tall * 0.82), (half, -tall * 0.4), (half, -4), (half * 0.82, -0.6), (0, 0.2)]), bulge=6, lift=0.5, crumple=0.8)
    zipped = curve([(-half * 0.93, -tall * 0.42), (-half * 0.86, -tall * 0.8), (-half * 0.5, -tall * 0.93), (0, -tall * 0.95), (half * 0.5, -tall * 0.93), (half * 0.86, -tall * 0.8), (half * 0.93, -tall * 0.42)], closed=False)
    s.part("trim", stroke(zipped, 1.2), bulge=0.3, lift=0.2, crumple=0)
    s.part("metal", stroke(zipped, 0.4), bulge=0.2, lift=0.1, crumple=0)
    low = -tall * 0.5
    s.part("ground", symmetric([(0, low), (half * 0.76, low, 0), (half * 0.8, low * 0.4), (half * 0.72, -2.0), (0, -1.6)]), bulge=2.5, lift=0.8, crumple=0.5)
    s.part("metal", rounded(-half * 0.72, low + 2.2, half * 0.72, low + 2.7, 0.2), rounded(half * 0.5, low + 2.2, half * 0.5 + 0.9, low + 5.6, 0.4), bulge=0.2, lift=0.2, crumple=0)
    s.stitch((-half * 0.7, low + 3.6), (half * 0.7, low + 3.6))
    s.mark, s.badge = (0, -tall * 0.66, half * 1.2), (0, -tall * 0.68, 5)


def belt_bag(s: Sketch) -> None:
    d = s.dice
    half, tall = d.between(13.5, 16) * s.fit.width, d.between(13, 15.5)
    mid = -tall * 0.6
    for side in (-1, 1):
        s.part("trim", curve([(side * half * 0.9, mid - 3.2, 0), (side * (half + 7), mid - 1.8), (side * (half + 8), mid), (side * (half + 7), mid + 1.8), (side * half * 0.9, mid + 3.6, 0)]), bulge=1.2, lift=0.3, crumple=0.2)
        s.strap("dark", [(side * (half + 6), mid), (side * (half + 11), mid + 2.4), (side * (half + 9), mid + 7), (side * (half + 1), mid + 9)], 2.4, lift=0.3)
    s.part("dark", rounded(half + 6.8, mid - 2.0, half + 10.4, mid + 2.2, 0.6), bulge=0.7, lift=0.5, crumple=0, shine=0.4)
    s.part("ground", symmetric([(0, -tall), (half * 0.8, -tall), (half, -tall * 0.7), (half * 0.96, -tall * 0.25), (half * 0.72, 0), (0, 0.3)]), bulge=3.4, lift=0.6, crumple=0.6)
    zipped = curve([(-half * 0.92, -tall * 0.72), (0, -tall * 0.8), (half * 0.92, -tall * 0.72)], closed=False)
    s.part("trim", stroke(zipped, 1.3), bulge=0.3, lift=0.2, crumple=0)
    s.part("metal", stroke(zipped, 0.45), rounded(half * 0.62, -tall * 0.76, half * 0.62 + 1.0, -tall * 0.76 + 4, 0.4), bulge=0.2, lift=0.2, crumple=0)
    s.seam((-half * 0.9, -tall * 0.5), (-half * 0.8, -tall * 0.14), (0, -tall * 0.08), (half * 0.8, -tall * 0.14), (half * 0.9, -tall * 0.5))
    s.mark, s.badge = (0, -tall * 0.42, half * 1.1), (0, -tall * 0.45, 4)


def bucket_bag(s: Sketch) -> None:
    d = s.dice
    low, top, tall = d.between(10, 12) * s.fit.width, d.between(12, 14) * s.fit.width, d.between(23, 27)
    handle(s, [(-top * 0.9, -tall + 2), (-top * 0.85, -tall - 14), (0, -tall - 21), (top * 0.85, -tall - 14), (top * 0.9, -tall + 2)], 1.6)
    s.part("inside", symmetric([(0, -tall - 1.8), (top * 0.7, -tall - 1.2), (top * 0.92, -tall + 0.6), (0, -tall + 2.2)]), bulge=2, lift=0)
    folds = [(curve([(x * top * 0.85, -tall + 1), (x * top * 0.95, -tall * 0.78), (x * top * 0.9, -tall * 0.5)], closed=False), 1.0, 1.3) for x in (-0.92, -0.68, -0.42, -0.15, 0.15, 0.42, 0.68, 0.92)]
    s.part("ground", symmetric([(0, -tall + 1.4), (top * 0.5, -tall + 0.8), (top * 0.94, -tall - 0.6, 0), (top * 0.97, -tall * 0.8), (top * 1.04, -tall * 0.5), (low * 1.02, -1.6), (low * 0.9, 0.4), (0, 1.4)]), bulge=5, lift=0.5, folds=folds, crumple=0.5)
    s.part("trim", symmetric([(0, -2.2), (low * 1.03, -3.6, 0), (low * 1.0, -1.0), (low * 0.88, 0.5), (0, 1.5)]), bulge=1.4, lift=0.3, crumple=0)
    y = -tall * 0.84
    s.dots("metal", [(x * top, y + 1 - abs(x)) for x in (-0.84, -0.56, -0.2, 0.2, 0.56, 0.84)], 0.8, ring=True)
    s.strap("trim", [(-top * 0.96, y), (0, y + 1.2), (top * 0.96, y)], 0.8)
    for side in (-1, 1):
        s.strap("trim", [(side * 0.6, y + 1.2), (side * 2.4, y + 6), (side * 1.6, y + 12)], 0.8, lift=0.6)
        s.part("trim", ellipse(side * 1.6, y + 12.6, 0.9, 1.5), bulge=0.5, lift=0.5, crumple=0)
    feet(s, (-top * 0.9, -tall + 1.4), (top * 0.9, -tall + 1.4))
    s.mark, s.badge = (0, -tall * 0.36, low), (0, -tall * 0.36, 4.5)


def clutch(s: Sketch) -> None:
    d = s.dice
    half, tall = d.between(15, 17) * s.fit.width, d.between(15, 17.5)
    body(s, half, half, tall, radius=1.0, bulge=1.8)
    s.part("ground", symmetric([(0, -tall - 0.5), (half, -tall - 0.5, 0), (half + 0.3, -tall + 1.0, 0), (1.2, -tall * d.between(0.28, 0.4)), (0, -tall * 0.28)]), bulge=1.4, lift=1.0, crumple=0.2)
    s.stitch((half - 0.6, -tall + 1.2), (1.4, -tall * 0.34 - 0.8), mirror=True)
    s.dots("metal", [(0, -tall * 0.36)], 1.0)
    handle(s, [(half - 0.5, -tall + 2), (half + 5, -tall + 5), (half + 6, -4), (half + 3.4, 1.6), (half + 1.6, -5), (half + 2.4, -tall + 4)], 1.0)


def _kind(draw: Callable[[Sketch], None], zoom: float, foot: float = 83.0) -> Kind:
    return Kind(draw, zoom, at=foot, ground=0.9, width=62, height=72, fits=("width", "scale"), details=BAG, worn=False, pattern_scale=0.72, tilts=False)


KINDS = {
    "tote": _kind(tote, 1.12, 84),
    "crossbody_bag": _kind(crossbody_bag, 1.5, 82),
    "shoulder_bag": _kind(shoulder_bag, 1.45, 80),
    "top_handle_bag": _kind(top_handle_bag, 1.5, 82),
    "backpack": _kind(backpack, 1.25, 84),
    "belt_bag": _kind(belt_bag, 1.2, 70),
    "bucket_bag": _kind(bucket_bag, 1.3, 83),
    "clutch": _kind(clutch, 1.4, 72),
}
