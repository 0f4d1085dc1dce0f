"""The block of the lower body: waistband, two legs, fly; and what detail words add.

Origin: the middle of the waist; x to the right, y down; cm.
"""

from __future__ import annotations

from typing import NamedTuple

from datagen.render.layers import Sketch
from datagen.render.outlines import curve, ellipse, rounded_rectangle, stroke, symmetric
from datagen.render.silhouettes import findings as f
from datagen.render.silhouettes.measurements import Fold
from datagen.render.silhouettes.tops import lace

LEGS = frozenset(
    {"belted", "drawcord", "pleated", "zip", "reversible", "cargo", "chain", "lace_trim", "contrast"}
)


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
    """Landmarks of drawn legs, in cm."""

    waist: float
    hip: float
    rise: float
    length: float
    out: float
    inner: float
    tall: float


def legs(
    s: Sketch,
    inseam: float,
    *,
    thigh: float = 1.0,
    knee: float = 13.0,
    hem: float = 10.0,
    band: float = 4.0,
    elastic: bool = False,
    crease: bool = False,
) -> Legs:
    """Two legs, a fly and a waistband; ``inseam``, ``knee`` and ``hem`` (full widths) in cm for an adult."""
    h, rng = HIPS[s.wearer], s.rng
    s.zoom = h.zoom
    wide = s.fit.width * rng.uniform(0.97, 1.04)
    size = h.hip / 24.0
    waist, hip = h.waist * (1 + (wide - 1) * 0.4), h.hip * (0.5 + 0.5 * wide) * thigh
    length = h.rise + inseam * h.tall * s.fit.length * rng.uniform(0.96, 1.03)
    knee_y = h.rise + min(length - h.rise, 36 * h.tall) * 0.92
    kw, hw = knee * size * wide * (0.6 + 0.4 * s.fit.taper), hem * size * wide * s.fit.taper
    share = min(1.0, (length - h.rise) / (74 * h.tall))
    middle = 2.2 + 8.5 * share * size
    kmid = 1.2 + 8.0 * size * min(1.0, share * 1.2)
    hw = hw if share > 0.6 else (hip * 0.9) + (hw - hip * 0.9) * max(0.0, share - 0.1)
    centre = max(middle, hw / 2 + 0.8)
    kcentre = max(kmid, kw / 2 + 0.5)
    s.part(
        "lining",
        symmetric([(0, -1.2), (waist * 0.8, -1.0), (waist, 0.4), (0, 2.6)]),
        bulge=2,
        lift=0,
        crumple=0,
    )
    out, inner = centre + hw / 2, centre - hw / 2
    knees = [(kcentre + kw / 2, knee_y)] if share > 0.6 else []
    knees_in = [(kcentre - kw / 2, knee_y)] if share > 0.6 else []
    outline = curve(
        [
            (0, 1.0, 0),
            (waist * 0.6, 0.8),
            (waist, 0, 0),
            (hip * 0.95, h.rise * 0.5),
            (hip, h.rise * 0.82),
            *knees,
            (out, length, 0),
            (inner, length + 0.4, 0),
            *knees_in,
            (max(1.0, inner * 0.16), h.rise + 3.5),
            (0, h.rise, 0),
        ]
    )
    folds: list[Fold] = [
        (
            curve([(1.4, h.rise - 0.5), (hip * 0.3, h.rise - 2), (hip * 0.6, h.rise - 5.5)], closed=False),
            rng.uniform(0.4, 0.9),
            1.6,
        ),
        (
            curve([(1.8, h.rise + 2), (hip * 0.36, h.rise + 3.4), (hip * 0.7, h.rise + 1.6)], closed=False),
            rng.uniform(0.3, 0.7),
            1.6,
        ),
    ]
    if share > 0.6:
        for drop in (-4.0, 1.0, 6.0):
            y = knee_y + drop + rng.uniform(-1, 1)
            folds.append(
                (
                    curve(
                        [(kcentre - kw * 0.42, y), (kcentre, y + 1.6), (kcentre + kw * 0.3, y + 0.6)],
                        closed=False,
                    ),
                    rng.uniform(0.25, 0.6),
                    1.5,
                )
            )
        for lift in (4.0, 8.5):
            y = length - lift
            folds.append(
                (
                    curve([(out - 0.6, y), (centre, y + 1.8), (inner + 1.5, y + 0.4)], closed=False),
                    rng.uniform(0.3, 0.6),
                    1.5,
                )
            )
    else:
        for x in (0.3, 0.7):
            folds.append(
                (
                    curve(
                        [
                            (inner + (out - inner) * x, length),
                            (hip * x, (length + h.rise) * 0.5),
                            (hip * x * 0.9, h.rise * 0.7),
                        ],
                        closed=False,
                    ),
                    rng.uniform(0.5, 1.0),
                    1.9,
                )
            )
    with s.on("around"):
        s.pair("ground", outline, lift=0.5, bulge=7 * size, turn=-3, folds=folds)
    if crease:
        s.line(
            "crease",
            curve([(waist * 0.5, 5), (kcentre, knee_y), (centre, length)], closed=False),
            width=0.7,
            mirror=True,
        )
    s.seam((0, 3), (0.1, h.rise), width=0.35)
    half = waist + 0.3
    if not elastic:
        with s.on("around"):
            s.part(
                "ground",
                curve(
                    [
                        (-half, -0.6, 0),
                        (0, 0.8),
                        (half, -0.6, 0),
                        (half + 0.5, band - 0.6, 0),
                        (0, band + 0.8),
                        (-half - 0.5, band - 0.6, 0),
                    ]
                ),
                bulge=1.4,
                lift=0.4,
                crumple=0.2,
            )
        s.seam((2.6, band + 1), (2.6, h.rise * 0.5), (0.4, h.rise * 0.66), width=0.25)
        for x in (0.32, 0.78):
            loop = rounded_rectangle(half * x - 0.6, -0.8, half * x + 0.6, band + 0.6, 0.2)
            s.pair("ground", loop, lift=0.4, bulge=0.4, crumple=0)
    else:
        s.part(
            "ground",
            curve(
                [
                    (-half, -0.6, 0),
                    (0, 0.6),
                    (half, -0.6, 0),
                    (half + 0.4, band, 0),
                    (0, band + 1.0),
                    (-half - 0.4, band, 0),
                ]
            ),
            bulge=1.6,
            lift=0.5,
            crumple=0.5,
        )
        s.line(
            "rib",
            *[
                curve([(x, 0.2), (x * 1.01, band + 0.4)], closed=False)
                for x in (half * (i + 0.5) / 16 - half for i in range(32))
            ],
            width=0.5,
        )
        s.line(
            "stitch", curve([(-half, band * 0.5), (0, band * 0.5 + 0.9), (half, band * 0.5)], closed=False)
        )
    s.hips = h.rise, length, centre
    s.mark, s.badge = (hip * 0.5, h.rise + 4, hip * 0.6), (hip * 0.56, h.rise * 0.9, 5 * size)
    return Legs(waist, hip, h.rise, length, out, inner, h.tall)


def finish(s: Sketch, t: Legs) -> None:
    """Add what a detail word adds to any legs."""
    if s.detail in ("cargo",):
        f.pocket(
            s,
            t.hip * 0.74,
            t.rise * 1.12,
            11 * (0.5 + 0.5 * t.tall),
            14 * (0.4 + 0.6 * t.tall),
            flap=4.6,
            box=True,
            button=True,
        )
    elif s.detail == "belted":
        band = curve(
            [
                (-t.waist - 0.6, 0.6, 0),
                (0, 2),
                (t.waist + 0.6, 0.6, 0),
                (t.waist + 0.7, 3.8, 0),
                (0, 5.2),
                (-t.waist - 0.7, 3.8, 0),
            ]
        )
        s.part("dark", band, bulge=1, lift=0.5, crumple=0)
        s.part(
            "metal",
            rounded_rectangle(-2.4, 1.0, 2.4, 5.8, 0.6),
            holes=(rounded_rectangle(-1.5, 2.0, 1.5, 4.8, 0.4),),
            bulge=0.5,
            lift=0.5,
            crumple=0,
        )
    elif s.detail == "chain":
        s.strap("metal", [(t.waist * 0.4, 4), (t.hip * 0.8, t.rise * 0.9), (t.hip * 0.9, 6)], 0.6)
    elif s.detail == "pleated":
        s.line(
            "crease",
            *[
                curve([(t.waist * x, 4.5), (t.waist * x * 1.1, t.rise * 0.85)], closed=False)
                for x in (0.35, 0.6)
            ],
            width=0.9,
            mirror=True,
        )
    elif s.detail == "zip":
        f.zipper(s, t.length - 14 * t.tall, t.length, x=t.out - 2)
    elif s.detail == "reversible":
        s.pair(
            "lining",
            curve(
                [
                    (t.inner, t.length - 4, 0),
                    (t.out, t.length - 4, 0),
                    (t.out + 0.5, t.length + 0.5, 0),
                    (t.inner - 0.4, t.length + 0.8, 0),
                ]
            ),
            bulge=1,
            lift=0.6,
        )
    elif s.detail == "lace_trim":
        for side in (-1, 1):
            lace(s, curve([(side * t.inner, t.length), (side * t.out, t.length)], closed=False))
    elif s.detail == "contrast":
        s.pair(
            "trim",
            stroke(
                curve(
                    [(t.waist - 0.2, 4), (t.hip - 0.6, t.rise * 0.7), (t.out - 1.0, t.length)], closed=False
                ),
                1.8,
            ),
            lift=0.1,
            bulge=0.5,
            crumple=0,
        )


def tie_cord(s: Sketch, fill: str = "white") -> None:
    """The cord at an elastic waist: two ends that hang."""
    for side, long in ((-1, 12.0), (1, 14.0)):
        s.strap(fill, [(side * 0.6, 2.4), (side * 2.6, 6), (side * 1.9, long)], 0.85, lift=0.6)
    s.part(fill, ellipse(0, 2.6, 1.0, 0.7), bulge=0.4, lift=0.5, crumple=0)


def slant_pockets(s: Sketch, t: Legs) -> None:
    """Slanted pocket openings at the hips."""
    s.seam((t.waist * 0.66, 4.2), (t.waist * 0.82, 10), (t.hip * 0.93, t.rise * 0.62), mirror=True, width=0.4)
    s.stitch((t.waist * 0.62, 4.4), (t.waist * 0.77, 10.2), (t.hip * 0.88, t.rise * 0.66), mirror=True)


ALL = ("length", "width", "taper")
