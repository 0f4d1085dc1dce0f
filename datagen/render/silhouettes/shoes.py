"""Shoes: always a pair. Flat ones lie, one from the side of its sole and one from above; heeled ones stand.

A shoe from above has its toe up the picture: toe at y = -L / 2, heel at y = L / 2; cm.
"""

from __future__ import annotations

from collections.abc import Callable

from datagen.render.layers import Sketch
from datagen.render.outlines import Path, curve, ellipse, shifted, stroke, turned
from datagen.render.silhouettes.bags import chain
from datagen.render.silhouettes.kind import Kind

SHOE = frozenset({"block_heel", "platform", "chain", "zip", "belted"})
Place = Callable[[Path], Path]


def _above(s: Sketch, x: float, *, wide: float = 1.0, long: float = 29.0, spin: float = 2.0, toe: float = 1.0) -> tuple[Place, Path]:
    """The place of a shoe seen from above, and its outline there; ``toe`` < 1 is pointed."""
    def place(path: Path) -> Path:
        return shifted(turned(path, spin), x, 0)

    h, w = long / 2, 5.2 * wide
    foot = curve([(-0.6, -h), (w * 0.62 * toe + 0.2, -h * 0.9), (w * 0.98, -h * 0.52), (w * 0.94, -h * 0.2), (w * 0.78, h * 0.2), (w * 0.8, h * 0.68), (w * 0.5, h * 0.96), (0, h), (-w * 0.5, h * 0.96),
                  (-w * 0.78, h * 0.66), (-w * 0.72, h * 0.15), (-w * 0.98, -h * 0.3), (-w * 0.92, -h * 0.62), (-w * 0.58 * toe - 0.4, -h * 0.9)])
    return place, foot


def _beside(x: float, spin: float = -2.0) -> Place:
    """The place of a shoe lying on its side, its sole to the left, its toe up."""
    def place(path: Path) -> Path:
        return shifted(turned(path, spin), x, 0)

    return place


def sneakers(s: Sketch) -> None:
    d = s.dice
    thick = d.between(2.6, 3.6) * (1.7 if s.detail == "platform" else 1.0)
    lie = _beside(-8.5)
    upper = curve([(-2.6, -14.2), (0.6, -13.6), (2.2, -10.6), (3.4, -5.0), (6.2, 0.8), (7.6, 4.4, 0), (6.2, 9.5), (7.2, 14.2, 0), (3.0, 15.0), (-2.6, 14.6, 0)])
    s.part("ground", lie(upper), bulge=2.6, lift=0.5, turn=6, crumple=0.3)
    s.part("trim", lie(curve([(-2.6, 8.0, 0), (2.6, 8.4), (4.2, 11.0), (3.6, 15.0, 0), (-2.6, 14.8, 0)])), bulge=1.0, lift=0.3, crumple=0)
    s.part("sole", lie(curve([(-2.0, -15.0), (0.4, -14.6, 0), (-1.4, -11), (-2.0, -2), (-1.8, 8), (-1.6, 15.2, 0), (-2 - thick, 15.4), (-2.2 - thick, 4), (-2.3 - thick, -8), (-1.2 - thick, -14)])), bulge=1.0, lift=0.4, crumple=0)
    s.line("seam", lie(curve([(-2.4 - thick * 0.5, -13), (-2.2 - thick * 0.55, 0), (-2 - thick * 0.5, 15)], closed=False)), width=0.3)
    for y in (-7.5, -5.2, -2.9, -0.6, 1.7):
        x = 3.2 + (y + 6) * 0.42
        s.part("white", lie(stroke(curve([(x - 2.8, y + 1.6), (x + 0.3, y - 0.5)], closed=False), 0.85)), bulge=0.3, lift=0.3, crumple=0)
    s.line("stitch", lie(curve([(0.6, -8.4), (1.6, -2), (3.4, 3.6), (5.8, 5.6)], closed=False)))
    place, foot = _above(s, 8.6, wide=1.02)
    s.part("sole", place(foot * [1.1, 1.035]), bulge=1.0, lift=0.5, crumple=0)
    s.part("ground", place(foot), bulge=2.8, lift=0.4, turn=-6, crumple=0.3)
    s.part("trim", place(curve([(-3.9, -9.6, 0), (0, -11.3), (3.9, -9.6, 0), (3.0, -13.3), (0, -14.4), (-3.0, -13.3)])), bulge=1.2, lift=0.25, crumple=0)
    s.part("inside", place(curve([(0, 1.2), (2.6, 3.0), (3.2, 8.0), (2.2, 12.6), (0, 13.5), (-2.2, 12.6), (-3.2, 8.0), (-2.6, 3.0)])), bulge=1.4, lift=0, crumple=0)
    s.part("shade", place(curve([(0, 4.0), (1.9, 6), (2.1, 10), (1.4, 12.4), (0, 12.9), (-1.4, 12.4), (-2.1, 10), (-1.9, 6)])), bulge=0.6, lift=0, crumple=0)
    s.part("shade", place(curve([(-2.0, -8.6), (0, -9.4), (2.0, -8.6), (2.6, 1.4), (1.2, 3.0), (-1.2, 3.0), (-2.6, 1.4)])), bulge=0.8, lift=0.3, crumple=0)
    for y in (-7.6, -5.6, -3.6, -1.6, 0.4):
        w = 2.6 + (y + 7.6) * 0.05
        s.part("white", place(stroke(curve([(-w, y - 0.5), (0, y + 0.3), (w, y - 0.5)], closed=False), 0.95)), bulge=0.35, lift=0.4, crumple=0)
    s.part("white", place(stroke(curve([(0.3, 1.0), (3.4, 0.0), (4.6, 2.6), (1.0, 1.8), (2.8, 5.6)], closed=False), 0.6)), place(stroke(curve([(-0.3, 1.0), (-3.4, 0.4), (-4.4, 3.0), (-1.0, 1.8), (-2.4, 5.2)], closed=False), 0.6)), bulge=0.3, lift=0.4, crumple=0)
    s.mark, s.badge = (-7.6, 2.0, 6.0), (-7.8, 6.2, 2.8)


def _stand(s: Sketch, draw: Callable[[Sketch, Place], None], gap: float) -> None:
    """The same standing shoe twice, the farther one behind, up and to the right."""
    draw(s, lambda path: shifted(path, gap, -2.4))
    draw(s, lambda path: shifted(path, -gap, 1.2))


def boots(s: Sketch) -> None:
    d = s.dice
    laced, shaft = d.chance(0.5) and s.detail != "zip", d.between(13, 19)
    heel = 5.0 if s.detail == "block_heel" else 2.6
    sole = 3.6 if s.detail == "platform" else 1.7

    def one(s: Sketch, at: Place) -> None:
        y = -sole
        s.part("sole", at(curve([(-9, y - 0.2, 0), (15.6, y - 1.0), (17.2, y - 0.8), (17.0, 0), (-3, 0, 0), (-3.2, 0, 0), (-9.2, 0, 0)])), bulge=0.7, lift=0.4, crumple=0)
        s.part("dark", at(curve([(-9.1, -heel * 0.5, 0), (-2.4, -heel * 0.5, 0), (-2.6, heel * 0.35, 0), (-9.0, heel * 0.35, 0)])), bulge=0.8, lift=0.3, crumple=0)
        up = y - 10 - shaft
        s.part("inside", at(ellipse(-3.2, up, 5.6, 1.3)), bulge=0.8, lift=0, crumple=0)
        s.part("ground", at(curve([(-9.0, y, 0), (-9.6, y - 6), (-8.6, y - 12), (-8.8, up, 0), (-3.2, up + 1.3), (2.6, up, 0), (2.6, y - 14), (4.4, y - 9.4), (10.6, y - 6.6), (16.2, y - 4.2), (16.8, y - 0.6, 0)])), bulge=3.4, lift=0.6, crumple=0.5)
        s.line("stitch", at(curve([(5.6, y - 8.6), (7.4, y - 4.2), (6.4, y - 0.6)], closed=False)))
        if laced:
            for step in range(6):
                yy = y - 9.8 - step * (shaft * 0.15)
                s.part("white", at(stroke(curve([(-0.4, yy + 0.6), (3.4 - step * 0.12 + (1.2 if step == 0 else 0), yy - 0.4)], closed=False), 0.8)), bulge=0.3, lift=0.3, crumple=0)
            s.line("seam", at(curve([(-1.4, up + 1), (-1.2, y - 9), (2.6, y - 7.0)], closed=False)))
        elif s.detail == "zip":
            s.part("metal", at(stroke(curve([(-2.4, up + 1.4), (-2.2, y - 4)], closed=False), 0.8)), bulge=0.3, lift=0.2, crumple=0)
        else:
            s.part("shade", at(curve([(-5.6, up + 1.0, 0), (-0.6, up + 1.2, 0), (-1.4, y - 7.0), (-3.0, y - 5.0), (-4.8, y - 7.0)])), bulge=1.0, lift=0.1, crumple=0)
        s.part("ground", at(curve([(-9.3, up + 0.4, 0), (-8.0, up + 0.4, 0), (-8.0, up - 2.6), (-9.3, up - 2.6)])), bulge=0.4, lift=0.3, crumple=0)

    _stand(s, one, 5.5)
    s.mark, s.badge = (-9, -16, 6), (-9.5, -15, 3)


def loafers(s: Sketch) -> None:
    d = s.dice
    bit = d.chance(0.5)
    for side in (-1, 1):
        place, foot = _above(s, side * 7.4, wide=0.96, long=28.5, spin=side * 3.0, toe=0.86)
        flip = (lambda p: p * [-1.0, 1.0]) if side < 0 else (lambda p: p)
        grow = 1.1 if s.detail == "platform" else 1.05
        s.part("dark", place(flip(foot * [grow, 1.02])), bulge=0.7, lift=0.5, crumple=0)
        s.part("ground", place(flip(foot)), bulge=3.0, lift=0.3, turn=side * 4.0, crumple=0.3)
        s.part("inside", place(curve([(0, -1.6), (2.8, 0.6), (3.3, 7), (2.4, 12.4), (0, 13.3), (-2.4, 12.4), (-3.3, 7), (-2.8, 0.6)])), bulge=1.4, lift=0, crumple=0)
        s.part("skin", place(curve([(0, 2.2), (2.2, 4.4), (2.3, 10), (1.5, 12.2), (0, 12.7), (-1.5, 12.2), (-2.3, 10), (-2.2, 4.4)])), bulge=0.6, lift=0, crumple=0)
        s.line("seam", place(curve([(-3.6, 0.4), (-3.3, -6.4), (-1.6, -9.8), (0, -10.4), (1.6, -9.8), (3.3, -6.4), (3.6, 0.4)], closed=False)), width=0.5)
        s.line("stitch", place(curve([(-4.2, 0.2), (-3.9, -6.6), (-2.0, -10.5), (0, -11.2), (2.0, -10.5), (3.9, -6.6), (4.2, 0.2)], closed=False)))
        s.part("ground", place(curve([(-4.9, -4.6, 0), (0, -5.8), (4.9, -4.6, 0), (4.6, -0.8, 0), (0, -2.4), (-4.6, -0.8, 0)])), bulge=0.8, lift=0.6, crumple=0)
        if s.detail == "chain":
            chain(s, place(curve([(-4.2, -3), (0, -4.2), (4.2, -3)], closed=False)), 1.3)
        elif bit:
            s.part("metal", place(ellipse(-2.2, -3.9, 1.2, 1.0)), place(ellipse(2.2, -3.9, 1.2, 1.0)), place(stroke(curve([(-2, -3.9), (2, -3.9)], closed=False), 0.7)), bulge=0.3, lift=0.4, crumple=0, shine=0.6)
        else:
            s.part("inside", place(curve([(-1.5, -4.0), (0, -4.5), (1.5, -4.0), (0, -3.3)])), bulge=0.2, lift=0, crumple=0)
    s.mark, s.badge = (8, -8, 5), (7.6, -8, 2.6)


def pumps(s: Sketch) -> None:
    block, heel = s.detail == "block_heel" or s.dice.chance(0.25), s.dice.between(6.5, 10)
    sole = 2.4 if s.detail == "platform" else 0.5

    def one(s: Sketch, at: Place) -> None:
        wide = 3.0 if block else 0.7
        s.part("ground", at(curve([(-10.6, -heel - 1.6, 0), (-4.4, -heel - 0.6, 0), (-6.6 + wide, -heel * 0.5), (-8.0 + wide, 0, 0), (-9.0, 0, 0), (-9.6 if block else -8.9, -heel * 0.5)])), bulge=1.2, lift=0.3, crumple=0)
        s.part("dark", at(curve([(-9.0, -0.5, 0), (-8.0 + wide, -0.5, 0), (-8.0 + wide, 0.2, 0), (-9.0, 0.2, 0)])), bulge=0.2, lift=0, crumple=0)
        s.part("inside", at(curve([(-10.2, -heel - 5.4), (-6, -heel - 4.4), (1, -heel * 0.62 - 4.2), (7.2, -5.4), (4.0, -3.2), (-4, -heel - 0.4)])), bulge=0.8, lift=0, crumple=0)
        s.part("skin", at(curve([(-9.6, -heel - 4.4), (-5, -heel - 3.8), (2, -heel * 0.6 - 3.4), (6.4, -4.8), (3, -3.0), (-6, -heel - 1.4)])), bulge=0.6, lift=0, crumple=0)
        s.part("ground", at(curve([(-10.9, -heel - 6.6, 0), (-9.4, -heel - 5.0), (-5.5, -heel - 3.2), (0.5, -heel * 0.45 - 2.6), (5.2, -4.2), (7.6, -6.0, 0), (11.2, -4.6), (16.4, -0.9 - sole, 0), (15.6, -0.2 - sole), (7.4, -0.2 - sole), (3.4, -0.8 - sole), (-3.2, -heel * 0.82), (-10.4, -heel - 1.2, 0), (-11.2, -heel - 4.0)])), bulge=1.8, lift=0.5, crumple=0.2)
        s.part("dark" if sole < 1 else "trim", at(curve([(-4.6, -heel - 0.2), (3.2, -1.0 - sole), (7.4, -0.5 - sole), (16.2, -0.9 - sole, 0), (15.8, 0), (7, 0.1), (2.6, -0.4), (-4.4, -heel + 0.6)])), bulge=0.3, lift=0.1, crumple=0)

    _stand(s, one, 6.0)
    s.mark, s.badge = (4, -4, 4), (4.4, -3.2, 2.2)


def sandals(s: Sketch) -> None:
    d = s.dice
    straps = d.whole(0, 2)
    for side in (-1, 1):
        place, foot = _above(s, side * 7.2, wide=0.95, long=28, spin=side * 3.0)
        flip = (lambda p: p * [-1.0, 1.0]) if side < 0 else (lambda p: p)
        s.part("sole", place(flip(foot * ([1.12, 1.04] if s.detail in ("platform", "block_heel") else [1.05, 1.015]))), bulge=0.8, lift=0.6, crumple=0)
        s.part("skin", place(flip(foot * [0.96, 0.98])), bulge=0.9, lift=0, crumple=0)
        s.line("stitch", place(flip(foot * [0.86, 0.95])))
        bands = ([(-5.3, -7.2), (0, -9.2), (5.3, -7.6)], [(-5.0, -2.6), (0, -5.0), (5.1, -3.2)], [(-4.3, 5.0), (0, 2.4), (4.3, 4.6)])
        if straps == 1:
            bands = ([(-5.2, -5.0), (0, -8.0), (4.8, -9.6)], [(5.2, -5.0), (0, -8.0), (-4.8, -9.6)], [(-4.3, 5.0), (0, 2.6), (4.3, 4.6)])
        elif straps == 2:
            bands = ([(-5.1, -1.6), (-2.0, -5.4), (0, -10.6)], [(5.1, -1.6), (2.0, -5.4), (0, -10.6)], [(-4.3, 5.4), (0, 2.6), (4.3, 5.0)])
        for knots in bands:
            s.part("ground", place(flip(stroke(curve(knots, closed=False), 2.3))), bulge=0.8, lift=0.7, crumple=0.2, turn=side * 6.0)
        s.part("ground", place(stroke(curve([(-4.4, 4.8), (-4.2, 10), (0, 12.6), (4.2, 10), (4.4, 4.8)], closed=False), 1.3)), bulge=0.5, lift=0.6, crumple=0)
        s.part("metal", place(flip(ellipse(4.5, 4.4, 1.2, 1.4))), holes=[place(flip(ellipse(4.5, 4.4, 0.6, 0.8)))], bulge=0.3, lift=0.4, crumple=0, shine=0.6)
    s.mark, s.badge = (7.2, -8, 3), (7.2, 9, 2.4)


def slides(s: Sketch) -> None:
    lie = _beside(-7.6)
    thick = 4.4 if s.detail == "platform" else 3.0
    s.part("sole", lie(curve([(-1.6, -14.6), (0, -13.6, 0), (-0.6, -4), (0.2, 6), (0.2, 14.6, 0), (-thick, 15), (-thick - 0.6, 4), (-thick - 0.4, -10)])), bulge=1.2, lift=0.5, crumple=0)
    s.line("seam", lie(curve([(-1.2, -13.4), (-1.4, 0), (-1.0, 14.4)], closed=False)))
    s.part("ground", lie(curve([(-2.2, -9.6, 0), (2.2, -9.8), (6.0, -6.6), (6.6, -2.4), (4.4, 1.0), (-2.0, 2.4, 0)])), bulge=2.0, lift=0.7, crumple=0.2)
    s.part("inside", lie(curve([(0.2, 1.6), (4.2, 0.9), (5.4, -0.4), (3.6, 2.0), (0.6, 2.6)])), bulge=0.4, lift=0, crumple=0)
    place, foot = _above(s, 7.8, wide=1.0, long=29.5, spin=2.0)
    s.part("sole", place(foot * [1.03, 1.01]), bulge=1.2, lift=0.6, crumple=0)
    s.part("shade", place(foot * [0.9, 0.955]), bulge=0.8, lift=0, crumple=0)
    s.part("ground", place(curve([(-5.9, -8.8, 0), (-2, -10.4), (3, -10.2), (5.9, -8.0, 0), (5.9, 1.0, 0), (0, -1.6), (-5.7, 1.2, 0)])), bulge=2.2, lift=0.9, crumple=0.2)
    s.line("stitch", place(curve([(-5.6, -7.9), (-2, -9.5), (3, -9.3), (5.6, -7.2)], closed=False)), place(curve([(-5.4, 0.2), (0, -2.6), (5.6, 0.0)], closed=False)))
    if s.detail in ("belted",) or s.dice.chance(0.3):
        s.part("trim", place(curve([(-5.9, -5.4, 0), (0, -7.2), (5.9, -5.0, 0), (5.9, -2.6, 0), (0, -4.8), (-5.9, -3.0, 0)])), bulge=0.6, lift=0.4, crumple=0)
        s.part("metal", place(ellipse(2.6, -5.0, 1.7, 1.9)), holes=[place(ellipse(2.6, -5.0, 1.0, 1.2))], bulge=0.4, lift=0.4, crumple=0, shine=0.6)
    s.mark, s.badge = (7.8, -5.0, 8.5), (7.8, -5.2, 4.0)


def _kind(draw: Callable[[Sketch], None], zoom: float, *, stands: bool = False) -> Kind:
    return Kind(draw, zoom, at=66 if stands else 50, ground=0.8 if stands else 0.0, width=50, height=56, fits=("width", "scale"), details=SHOE, worn=False, pattern_scale=0.5)


KINDS = {
    "sneakers": _kind(sneakers, 1.4),
    "boots": _kind(boots, 1.32, stands=True),
    "loafers": _kind(loafers, 1.45),
    "pumps": _kind(pumps, 1.36, stands=True),
    "sandals": _kind(sandals, 1.45),
    "slides": _kind(slides, 1.45),
}
