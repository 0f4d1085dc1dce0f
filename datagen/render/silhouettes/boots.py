"""Boots, standing, by how they close. Always a pair; cm."""

from __future__ import annotations

from collections.abc import Callable

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, stroke
from datagen.render.silhouettes.shoe_layout import Place, shoe_kind, standing_pair


def boots(s: Sketch) -> None:
    """A pair of ankle boots: laced, with a zip where the title names one, or plain."""
    laced, shaft = s.rng.chance(0.5) and s.detail != "zip", s.rng.uniform(13, 19)
    _boots(s, shaft, _laces if laced else _zip if s.detail == "zip" else _panel)


def chelsea_boots(s: Sketch) -> None:
    """A pair of ankle boots with elastic at the sides and a loop at the heel, without laces."""
    _boots(s, s.rng.uniform(12, 15), _elastic)


def rain_boots(s: Sketch) -> None:
    """A pair of tall boots moulded in one piece, with a rim around the top."""
    _boots(s, s.rng.uniform(22, 28), _rim)


def _boots(s: Sketch, shaft: float, closure: Callable[[Sketch, Place, float, float, float], None]) -> None:
    """A pair of boots of a given height; ``closure`` draws how they close, from (sole, top, shaft)."""
    heel = 5.0 if s.detail == "block_heel" else 2.6
    sole = 3.6 if s.detail == "platform" else 1.7

    def one(s: Sketch, at: Place) -> None:
        y = -sole
        s.part(
            "sole",
            at(
                curve(
                    [
                        (-9, y - 0.2, 0),
                        (15.6, y - 1.0),
                        (17.2, y - 0.8),
                        (17.0, 0),
                        (-3, 0, 0),
                        (-3.2, 0, 0),
                        (-9.2, 0, 0),
                    ]
                )
            ),
            bulge=0.7,
            lift=0.4,
            crumple=0,
        )
        s.part(
            "dark",
            at(
                curve(
                    [
                        (-9.1, -heel * 0.5, 0),
                        (-2.4, -heel * 0.5, 0),
                        (-2.6, heel * 0.35, 0),
                        (-9.0, heel * 0.35, 0),
                    ]
                )
            ),
            bulge=0.8,
            lift=0.3,
            crumple=0,
        )
        up = y - 10 - shaft
        s.part("inside", at(ellipse(-3.2, up, 5.6, 1.3)), bulge=0.8, lift=0, crumple=0)
        s.part(
            "ground",
            at(
                curve(
                    [
                        (-9.0, y, 0),
                        (-9.6, y - 6),
                        (-8.6, y - 12),
                        (-8.8, up, 0),
                        (-3.2, up + 1.3),
                        (2.6, up, 0),
                        (2.6, y - 14),
                        (4.4, y - 9.4),
                        (10.6, y - 6.6),
                        (16.2, y - 4.2),
                        (16.8, y - 0.6, 0),
                    ]
                )
            ),
            bulge=3.4,
            lift=0.6,
            crumple=0.5,
        )
        s.line("stitch", at(curve([(5.6, y - 8.6), (7.4, y - 4.2), (6.4, y - 0.6)], closed=False)))
        closure(s, at, y, up, shaft)
        s.part(
            "ground",
            at(curve([(-9.3, up + 0.4, 0), (-8.0, up + 0.4, 0), (-8.0, up - 2.6), (-9.3, up - 2.6)])),
            bulge=0.4,
            lift=0.3,
            crumple=0,
        )

    standing_pair(s, one, 5.5)
    s.mark, s.badge = (-9, -16, 6), (-9.5, -15, 3)


def _laces(s: Sketch, at: Place, y: float, up: float, shaft: float) -> None:
    for step in range(6):
        yy = y - 9.8 - step * (shaft * 0.15)
        lace = [(-0.4, yy + 0.6), (3.4 - step * 0.12 + (1.2 if step == 0 else 0), yy - 0.4)]
        s.part("white", at(stroke(curve(lace, closed=False), 0.8)), bulge=0.3, lift=0.3, crumple=0)
    s.line("seam", at(curve([(-1.4, up + 1), (-1.2, y - 9), (2.6, y - 7.0)], closed=False)))


def _zip(s: Sketch, at: Place, y: float, up: float, shaft: float) -> None:
    teeth = curve([(-2.4, up + 1.4), (-2.2, y - 4)], closed=False)
    s.part("metal", at(stroke(teeth, 0.8)), bulge=0.3, lift=0.2, crumple=0)


def _panel(s: Sketch, at: Place, y: float, up: float, shaft: float) -> None:
    side = [(-5.6, up + 1.0, 0), (-0.6, up + 1.2, 0), (-1.4, y - 7.0), (-3.0, y - 5.0), (-4.8, y - 7.0)]
    s.part("shade", at(curve(side)), bulge=1.0, lift=0.1, crumple=0)


def _elastic(s: Sketch, at: Place, y: float, up: float, shaft: float) -> None:
    """A dark ribbed gusset from the top to the ankle, a seam around it, and the loop at the back."""
    top, foot = up + 1.0, y - 5.2
    gusset = [(-6.2, top, 0), (0.4, top + 0.2, 0), (-0.6, y - 8.2), (-2.8, foot), (-5.2, y - 8.2)]
    s.part("dark", at(curve(gusset)), bulge=0.5, lift=0, crumple=0)
    for rib in range(6):
        x = -5.3 + rib * 0.95
        low = foot - 0.8 - abs(x + 2.8) * 1.3
        s.line("seam", at(curve([(x, top + 0.6), (x * 0.85 - 0.4, low)], closed=False)), width=0.35)
    edge = [(-6.9, top), (-5.8, y - 8.0), (-2.8, foot + 0.9), (0.0, y - 8.0), (1.1, top)]
    s.line("stitch", at(curve(edge, closed=False)))
    loop = curve(
        [(-8.6, up + 2.4), (-9.6, up - 1.6), (-8.8, up - 3.0), (-7.9, up - 1.4), (-7.8, up + 1.6)],
        closed=False,
    )
    s.part("trim", at(stroke(loop, 0.9)), bulge=0.3, lift=0.3, crumple=0)


def _rim(s: Sketch, at: Place, y: float, up: float, shaft: float) -> None:
    """A thick edge around the opening, a ridge above the foot and one down the front."""
    rim = [
        (-9.2, up - 0.2, 0),
        (-3.2, up + 1.2),
        (3.0, up - 0.2, 0),
        (3.0, up + 1.6, 0),
        (-3.2, up + 3.0),
        (-9.2, up + 1.6, 0),
    ]
    s.part("ground", at(curve(rim)), bulge=0.8, lift=0.5, crumple=0)
    s.line("seam", at(curve([(-9.2, y - 4.6), (-2, y - 3.6), (8, y - 3.4), (16.6, y - 2.6)], closed=False)))
    s.line("seam", at(curve([(2.0, y - 14.4), (4.0, y - 9.6), (10.0, y - 6.9)], closed=False)))


KINDS = {
    "boots": shoe_kind(boots, 1.32, stands=True),
    "chelsea_boots": shoe_kind(chelsea_boots, 1.32, stands=True),
    "rain_boots": shoe_kind(rain_boots, 1.32, stands=True),
}
