"""The upper body's block: shoulders, chest, waist, hem and sleeves, filled as if worn.

Origin: the neck point between the shoulders; x to the right, y down; cm. Every coat, jacket, top and
dress starts from :func:`torso` and adds what names it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from datagen.render.layers import Sketch
from datagen.render.outlines import Knot, Path, curve, shifted, symmetric

Fold = tuple[Path, float, float]


class Body(NamedTuple):
    """Half widths and heights of a wearer's garment at no ease, in cm; ``tall`` scales lengths."""

    neck: float
    shoulder: float
    chest: float
    waist: float
    hip: float
    armpit: float
    waist_y: float
    arm: float
    tall: float
    zoom: float


BODIES = {
    "woman": Body(6.6, 18.6, 20.8, 17.8, 22.0, 20.0, 38.0, 59.0, 0.96, 1.04),
    "man": Body(7.4, 22.0, 24.0, 22.4, 23.4, 22.5, 44.0, 63.0, 1.0, 1.0),
    "child": Body(6.2, 16.4, 19.4, 19.2, 20.2, 17.0, 30.0, 43.0, 0.7, 1.2),
    "baby": Body(5.6, 13.2, 17.4, 18.0, 18.8, 13.6, 22.0, 28.0, 0.5, 1.32),
}


class Torso(NamedTuple):
    """Where things are on a drawn body: half widths, heights, and the cuff of the right sleeve."""

    neck: float
    depth: float
    shoulder: float
    slope: float
    armpit: float
    chest: float
    waist: float
    waist_y: float
    hem: float
    length: float
    angle: float
    sleeve: float
    cuff_out: tuple[float, float]
    cuff_in: tuple[float, float]
    tall: float

    def half(self, y: float) -> float:
        """Half width of the body at height y."""
        return float(
            np.interp(y, (self.armpit, self.waist_y, self.length), (self.chest, self.waist, self.hem))
        )

    def on_sleeve(self, along: float, across: float) -> tuple[float, float]:
        """A point on the right sleeve: ``along`` 0 shoulder to 1 cuff, ``across`` 0 outer to 1 inner edge."""
        outer = (
            self.shoulder + (self.cuff_out[0] - self.shoulder) * along,
            self.slope + (self.cuff_out[1] - self.slope) * along,
        )
        inner = (
            self.chest + (self.cuff_in[0] - self.chest) * along,
            self.armpit + (self.cuff_in[1] - self.armpit) * along,
        )
        return outer[0] + (inner[0] - outer[0]) * across, outer[1] + (inner[1] - outer[1]) * across


SLEEVES = {"sleeveless": 0.0, "short_sleeve": 0.36, "long_sleeve": 1.0}


def torso(
    s: Sketch,
    length: float,
    *,
    ease: float = 1.0,
    shoulder: float = 1.0,
    shaped: float = 1.0,
    flare: float = 0.0,
    sleeve: float = 1.0,
    sleeve_wide: float = 8.5,
    cuff_wide: float = 6.5,
    angle: float = 15.0,
    neck: float = 1.0,
    depth: float = 8.0,
    vee: bool = False,
    hem_drop: float = 1.2,
    channels: float = 0.0,
    gather: float = 0.0,
    bulge: float = 9.0,
    back: bool = True,
    crumple: float = 1.0,
) -> Torso:
    """Draw back neck, sleeves and front of a garment ``length`` cm long on an adult; return where things are.

    ``ease`` and ``shoulder`` multiply widths, ``shaped`` says how far the waist goes in (1 follows the
    body, 0 hangs straight), ``flare`` adds cm at the hem, ``sleeve`` is 0 to 1 of the arm,
    ``channels`` pads in channels of that spacing, ``gather`` pulls the hem in by cm.
    """
    body = BODIES[s.wearer]
    s.zoom = body.zoom
    wide = ease * s.fit.width * s.dice.between(0.97, 1.05)
    sleeve = SLEEVES.get(s.detail, sleeve)
    long = length * body.tall * s.fit.length * s.dice.between(0.97, 1.04)
    size = body.chest / 24.0
    sw = body.shoulder * shoulder * (1 + (wide - 1) * 0.8)
    cw = max(body.chest * wide, sw + 1.0)
    ay = body.armpit * (0.97 + 0.12 * (wide - 1)) if long > body.armpit * 1.15 else long * 0.72
    wy = min(body.waist_y, long * 0.72)
    hip = body.hip * wide + flare
    ww = body.waist * wide * shaped + max(cw, hip) * (1 - shaped)
    wy = max(wy, ay + 1)
    reach = min(1.0, max(0.0, (long - wy) / (body.waist_y * 0.55)))
    hw = ww + (hip - ww) * reach - gather
    nw, drop = body.neck * neck, depth * size
    slope = 3.6 * size
    a = math.radians(angle + (2 if sleeve < 0.5 else 0))
    arm = body.arm * sleeve * (1 + (s.fit.width - 1) * 0.25)
    wide_at = sleeve_wide * size * wide * 2
    cuff = (cuff_wide * size * (0.6 + 0.4 * wide) * 2) if sleeve > 0.6 else wide_at * 0.98
    out = (sw + math.sin(a) * arm, slope + math.cos(a) * arm)
    inner = (out[0] - math.cos(a) * cuff, out[1] + math.sin(a) * cuff * 0.9)
    t = Torso(nw, drop, sw, slope, ay, cw, ww, wy, hw, long, angle, arm, out, inner, body.tall)
    if back:
        s.part(
            "lining",
            symmetric(
                [(0, -2.4), (nw * 0.75, -2.2), (nw + 0.6, -0.2), (nw * 0.9, drop * 0.8), (0, drop + 2)]
            ),
            bulge=3,
            lift=0,
            crumple=0.2,
        )
        s.seam((-nw * 0.95, -0.2), (0, 1.2), (nw * 0.95, -0.2))
        s.part(
            "white",
            curve([(-1.6 * size, 1.6, 0), (1.6 * size, 1.6, 0), (1.5 * size, 3.0, 0), (-1.5 * size, 3.0, 0)]),
            bulge=0.2,
            lift=0.1,
            crumple=0,
        )
    if arm > 1:
        _sleeve(s, t, wide_at, channels, crumple)
    s.part(
        "ground",
        symmetric(_front(t, vee, hem_drop, arm > 1)),
        bulge=bulge * size,
        lift=1.3,
        folds=_drape(s, t) if not channels else (),
        channels=channels,
        crumple=crumple,
    )
    if arm <= 1:
        s.seam((sw - 1.0, slope + 0.6), (sw - 3.0, ay * 0.6), (cw - 1.2, ay - 0.4), mirror=True)
    s.mark = (0.0, ay * 0.55 + long * 0.2, cw * 0.98)
    s.badge = (cw * 0.46, ay * 0.88, 5.5 * size)
    return t


def _front(t: Torso, vee: bool, hem_drop: float, sleeved: bool) -> list[Knot]:
    middle: list[Knot] = (
        [(0, t.depth, 0), (t.neck * 0.52, t.depth * 0.46)]
        if vee
        else [(0, t.depth), (t.neck * 0.66, t.depth * 0.72)]
    )
    arm: list[Knot] = [
        (t.shoulder - 1.2, t.slope + (t.armpit - t.slope) * 0.45),
        (t.chest - 0.6, t.armpit - 1, 0),
    ]
    if not sleeved:
        arm = [
            (t.shoulder - 4.2, t.slope + (t.armpit - t.slope) * 0.5),
            (t.chest - 2.0, t.armpit - 1),
            (t.chest, t.armpit, 0),
        ]
    top: list[Knot] = [
        *middle,
        (t.neck, -0.4, 0),
        (t.shoulder * 0.6, t.slope * 0.45),
        (t.shoulder - (0 if sleeved else 2.5), t.slope, 0),
        *arm,
    ]
    mid = (t.waist_y + t.length) / 2
    low: list[Knot] = [(t.half(mid) + 0.3, mid)] if t.length - t.waist_y > 12 else []
    return [
        *top,
        (t.waist, t.waist_y),
        *low,
        (t.hem, t.length, 0),
        (t.hem * 0.55, t.length + hem_drop * 0.8),
        (0, t.length + hem_drop),
    ]


def _sleeve(s: Sketch, t: Torso, wide: float, channels: float, crumple: float) -> None:
    long = t.sleeve > 25 * t.tall
    bow = 1.6 if long else 0.5
    elbow_out, elbow_in = t.on_sleeve(0.52, 0), t.on_sleeve(0.5, 1)
    outline = curve(
        [
            (t.shoulder - 6, t.slope + 2.5),
            (t.shoulder - 1.2, t.slope + 0.1),
            t.on_sleeve(0.07, -0.05),
            (elbow_out[0] + bow * 0.6, elbow_out[1]),
            (*t.cuff_out, 0),
            (*t.cuff_in, 0),
            (elbow_in[0] - bow * 0.5, elbow_in[1]),
            (t.chest - 0.5, t.armpit + 2.5),
            (t.chest - 5, t.armpit - 3),
        ]
    )
    folds: list[Fold] = []
    if not channels:
        for at in (0.42, 0.52, 0.62) if long else (0.55,):
            spot = at + s.dice.between(-0.05, 0.05)
            folds.append(
                (
                    curve(
                        [
                            t.on_sleeve(spot, 0.95),
                            t.on_sleeve(spot - 0.015, 0.55),
                            t.on_sleeve(spot - 0.06, 0.2),
                        ],
                        closed=False,
                    ),
                    s.dice.between(0.3, 0.7),
                    1.3,
                )
            )
        folds.append(
            (
                curve(
                    [t.on_sleeve(0.06, 0.75), t.on_sleeve(0.25, 0.6), t.on_sleeve(0.45, 0.65)], closed=False
                ),
                0.5,
                1.6,
            )
        )
        if long:
            folds.append(
                (
                    curve(
                        [t.on_sleeve(0.95, 0.3), t.on_sleeve(0.8, 0.45), t.on_sleeve(0.66, 0.3)], closed=False
                    ),
                    0.4,
                    1.4,
                )
            )
    s.pair(
        "ground",
        outline,
        turn=-t.angle,
        lift=0.4,
        bulge=wide * 0.42,
        folds=folds,
        channels=channels,
        crumple=crumple,
    )


def _drape(s: Sketch, t: Torso) -> list[Fold]:
    """Folds of a hanging front: from the armpits, at the waist, up from the hem."""
    dice, folds = s.dice, []
    for side in (-1, 1):
        drop = dice.between(9, 16) * t.tall
        folds.append(
            (
                curve(
                    [
                        (side * (t.chest - 2.2), t.armpit - 3),
                        (side * t.chest * 0.74, t.armpit + drop * 0.4),
                        (side * t.chest * 0.6, t.armpit + drop),
                    ],
                    closed=False,
                ),
                dice.between(0.4, 0.8),
                1.7,
            )
        )
        if t.length > t.waist_y + 8:
            x = side * t.half(t.waist_y) * dice.between(0.62, 0.85)
            y = t.waist_y + dice.between(-3, 3)
            folds.append(
                (
                    curve([(x * 1.12, y), (x * 0.7, y + 1.6), (x * 0.4, y + 1.1)], closed=False),
                    dice.between(0.25, 0.5),
                    1.4,
                )
            )
    count = 3 + int((t.length - t.armpit) / 26)
    for step in range(count):
        x = t.hem * ((step + 0.5) / count * 2 - 1) * 0.86 + dice.between(-1.5, 1.5)
        rise = (t.length - t.armpit) * dice.between(0.25, 0.6)
        folds.append(
            (
                curve(
                    [
                        (x, t.length),
                        (x * 0.97 + dice.between(-1, 1), t.length - rise * 0.5),
                        (x * 0.92, t.length - rise),
                    ],
                    closed=False,
                ),
                dice.between(0.35, 0.85),
                2.0,
            )
        )
    return folds


def moved(path: Path, x: float, y: float) -> Path:
    """A findings path drawn around (0, 0), set at (x, y)."""
    return shifted(path, x, y)
