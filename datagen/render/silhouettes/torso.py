"""The block of the upper body: shoulders, chest, waist, hem and sleeves, filled as if worn.

Origin: the neck point between the shoulders; x to the right, y down; cm. Every coat, jacket, top and
dress starts with :func:`torso` and adds its own features.
"""

from __future__ import annotations

import math

from datagen.render.layers import Sketch
from datagen.render.outlines import Knot, curve, symmetric
from datagen.render.silhouettes.measurements import BODIES, Torso
from datagen.render.silhouettes.sleeves import drape, flat_sleeve, worn_folds, worn_sleeve

WORN_SLEEVE, WORN_CUFF = 0.64, 0.7
"""Apparent half width of sleeve and cuff around an arm, as a share of the half width lying flat."""

SPREAD = {"baby": 21.0}
"""Degrees by which short, wide sleeves are spread further, or the body would hide them."""

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
    """Draw back neck, sleeves and front of a garment; return its landmarks.

    ``length`` is in cm on an adult. ``ease`` and ``shoulder`` multiply widths; ``shaped`` is how far the
    waist goes in (1 follows the body, 0 hangs straight); ``flare`` adds cm at the hem, ``gather`` takes them
    away; ``sleeve`` is the length of the sleeve as a share of the arm; ``channels`` is the spacing of padded
    channels.
    """
    body = BODIES[s.wearer]
    s.zoom = body.zoom
    angle += SPREAD.get(s.wearer, 0.0)
    wide = ease * s.fit.width * s.rng.uniform(0.97, 1.05)
    sleeve = SLEEVES.get(s.detail, sleeve)
    long = length * body.tall * s.fit.length * s.rng.uniform(0.97, 1.04)
    size = body.chest / 24.0
    if s.behind:
        depth, vee = 1.5, False
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
    s.tip = sw, slope
    if s.worn:
        # A sleeve that lies flat is half its girth wide; around an arm it looks a third narrower.
        half = sleeve_wide * size * wide * WORN_SLEEVE, cuff / 2 * WORN_CUFF
        t = t._replace(worn=True, angle=0.0, sleeve_top=half[0], sleeve_cuff=half[1])
    if back and not s.behind:
        _inside(s, t, size)
    if arm > 1 and not s.worn:
        flat_sleeve(s, t, wide_at, channels, crumple)
    with s.on("around"):
        s.part(
            "ground",
            symmetric(_front(t, vee, hem_drop, arm > 1)),
            bulge=bulge * size,
            lift=1.3,
            folds=[*drape(s, t), *worn_folds(s, t)] if not channels else (),
            channels=channels,
            crumple=crumple,
        )
    if arm > 1 and s.worn:
        worn_sleeve(s, t, channels, crumple)
    if arm <= 1:
        s.seam((sw - 1.0, slope + 0.6), (sw - 3.0, ay * 0.6), (cw - 1.2, ay - 0.4), mirror=True)
    s.mark = (0.0, ay * 0.55 + long * 0.2, cw * 0.98)
    s.badge = (cw * 0.46, ay * 0.88, 5.5 * size)
    return t


def _inside(s: Sketch, t: Torso, size: float) -> None:
    """The back of the neck, seen through the neckline, with its label."""
    nw, back = t.neck, -1.2 if s.worn else -2.4
    with s.on("nape"):
        s.part(
            "lining",
            symmetric(
                [
                    (0, back),
                    (nw * 0.75, back + 0.2),
                    (nw + 0.6, -0.2),
                    (nw * 0.9, t.depth * 0.8),
                    (0, t.depth + 2),
                ]
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
    tip: list[Knot] = [(t.shoulder - (0 if sleeved else 2.5), t.slope, 0)]
    if sleeved and t.worn:
        tip = [(t.shoulder - 2.2, t.slope * 0.9), (t.shoulder - 0.3, t.slope + 1.8)]
    top: list[Knot] = [
        *middle,
        (t.neck, -0.4, 0),
        (t.shoulder * 0.6, t.slope * 0.45),
        *tip,
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
