"""What a figure wears with the product: shoes, trousers, a skirt, a top; all plain, in neutral colours."""

from __future__ import annotations

import numpy as np

from datagen.render.figure.body import SIDES, Arm, Build, Pose, leg_x
from datagen.render.figure.limbs import leg_outline, on_side, tube
from datagen.render.layers import Sketch
from datagen.render.outlines import Path, curve, mirrored, symmetric
from datagen.render.random_stream import RandomStream


def shoes(s: Sketch, b: Build, pose: Pose, style: str) -> None:
    """A pair on the figure's feet, toes towards the camera and slightly outwards."""
    k = (b.floor - b.ankle) / 9.5
    for side, leg in zip(SIDES, pose.legs, strict=True):
        x = leg_x(b, pose, b.ankle)
        toe = x + leg.toe * k

        def outline(*knots: tuple[float, ...], flip: int = side) -> Path:
            return curve([(flip * px, py, *corner) for px, py, *corner in knots])

        y, half = b.floor, 4.5 * k
        if style == "pumps":
            s.part(
                "flesh",
                outline(
                    (x - 2.6 * k, b.ankle - 1),
                    (x + 2.8 * k, b.ankle - 1),
                    (toe + 3.4 * k, y - 4.5 * k),
                    (toe, y - 1.5 * k),
                    (x - 2.2 * k, y - 4.5 * k),
                ),
                bulge=2,
                lift=0,
                crumple=0,
            )
            s.part(
                "shoe",
                outline(
                    (x - 2.6 * k, y - 6 * k),
                    (toe - 1.5 * k, y - 4.6 * k),
                    (toe + 2.6 * k, y - 5.6 * k),
                    (toe + 3.3 * k, y - 2 * k),
                    (toe + 1.4 * k, y),
                    (toe - 1.2 * k, y - 0.4 * k),
                    (x - 2.8 * k, y - 3 * k),
                ),
                bulge=1.2,
                lift=0.5,
                crumple=0,
                shine=0.5,
            )
            continue
        if style == "bare":
            s.part(
                "flesh",
                outline(
                    (x - 2.8 * k, b.ankle - 1),
                    (x + 2.8 * k, b.ankle - 1),
                    (toe + 3.9 * k, y - 3.4 * k),
                    (toe + 3.4 * k, y - 0.6 * k),
                    (toe, y),
                    (toe - 3.2 * k, y - 0.8 * k),
                    (x - 3.0 * k, y - 4 * k),
                ),
                bulge=2.2 * k,
                lift=0.2,
                crumple=0,
            )
            continue
        boot = style == "boots"
        top = b.ankle - (9 * k if boot else 1.0)
        s.part(
            "shoe",
            outline(
                (x - half * 0.72, top, 0),
                (x + half * 0.74, top, 0),
                (x + half * 0.9, b.ankle + 2 * k),
                (toe + half, y - 3.4 * k),
                (toe + half * 0.96, y - 0.7 * k),
                (toe, y),
                (toe - half * 0.98, y - 0.7 * k),
                (toe - half * 1.02, y - 3.4 * k),
                (x - half * 0.84, b.ankle + 2 * k),
            ),
            bulge=2.2 * k,
            lift=0.4,
            crumple=0.3,
        )
        sole = "sole_below" if style == "trainers" else "shoe"
        s.part(
            sole,
            outline(
                (toe - half, y - 1.9 * k),
                (toe, y - 1.2 * k),
                (toe + half, y - 1.9 * k),
                (toe + half * 0.97, y - 0.1 * k),
                (toe, y + 0.5 * k),
                (toe - half * 0.97, y - 0.1 * k),
            ),
            bulge=0.6,
            lift=0.2,
            crumple=0,
        )
        if style != "boots":
            laces = [
                curve(
                    [
                        (side * (toe - half * 0.34), y - v * k),
                        (side * (toe + half * 0.34), y - (v + 0.5) * k),
                    ],
                    closed=False,
                )
                for v in (4.2, 5.4, 6.6)
            ]
            s.line("edge", *laces, width=0.35)


def trousers(s: Sketch, b: Build, pose: Pose, rng: RandomStream, top: float, *, short: bool = False) -> None:
    """Plain trousers (or shorts) under another garment, from the height ``top`` down."""
    loose = rng.uniform(-1.6, 1.3)
    low = b.knee - 5 if short else b.ankle + 4.5
    extra = (max(0.0, loose * 0.7) + 0.3, loose + 1.8 + (3 if short else 0), loose * 1.3 + 2.6)
    right = leg_outline(b, pose, max(top, b.waist_y), low, extra)
    folds = []
    middle = leg_x(b, pose, b.knee)
    if not short:
        for at, depth in (
            (b.knee - 3, 0.5),
            (b.knee + 4, 0.6),
            (b.knee + 11, 0.35),
            (b.ankle - 2, 0.7),
            (b.ankle - 7, 0.5),
        ):
            y = at + rng.uniform(-1.5, 1.5)
            x = leg_x(b, pose, y)
            folds.append(
                (
                    curve(
                        [(x - b.legs[2] * 0.9, y + 1), (x, y + 1.8), (x + b.legs[2] * 0.8, y - 0.6)],
                        closed=False,
                    ),
                    depth,
                    1.5,
                )
            )
    folds.append(
        (
            curve([(1.4, b.crotch), (middle * 0.6, b.crotch - 4), (b.hip * 0.8, b.crotch - 9)], closed=False),
            0.6,
            1.7,
        )
    )
    folds.append(
        (
            curve(
                [(1.6, b.crotch + 3), (middle * 0.8, b.crotch + 5), (b.hip * 0.8, b.crotch + 2)], closed=False
            ),
            0.5,
            1.7,
        )
    )
    for side in SIDES:
        turned = folds if side > 0 else [(mirrored(path), depth, width) for path, depth, width in folds]
        s.part(
            "below",
            right if side > 0 else mirrored(right),
            bulge=b.legs[2] * 0.85,
            lift=0.0,
            folds=turned,
            crumple=0.5,
        )
    if top <= b.waist_y:
        w = b.hip * 0.86
        s.part(
            "below",
            symmetric(
                [
                    (0, b.waist_y - 1),
                    (w, b.waist_y - 1.6, 0),
                    (w + 0.8, b.waist_y + 2.4, 0),
                    (0, b.waist_y + 3.2),
                ]
            ),
            bulge=1.2,
            lift=0.4,
            crumple=0.2,
        )
    s.seam((0, max(top, b.waist_y)), (0.1, b.crotch), width=0.35)
    if not short and rng.chance(0.4):
        s.line(
            "crease",
            curve(
                [(b.hip * 0.5, b.crotch), (middle, b.knee), (leg_x(b, pose, b.ankle), b.ankle)], closed=False
            ),
            width=0.5,
            mirror=True,
        )


def skirt(s: Sketch, b: Build, rng: RandomStream, top: float) -> None:
    """A plain straight skirt under another garment, from the height ``top`` down."""
    low = b.knee + rng.uniform(-6, 16)
    folds = [
        (curve([(x * b.hip, low), (x * b.hip * 0.9, b.crotch)], closed=False), 0.6, 2.2)
        for x in (-0.6, -0.15, 0.35, 0.75)
    ]
    s.part(
        "below",
        symmetric(
            [
                (0, top),
                (b.waist * 1.08, top),
                (b.hip * 1.06, b.crotch - 9),
                (b.hip * 1.12, low, 0),
                (0, low + 1.6),
            ]
        ),
        bulge=6,
        lift=0.5,
        folds=folds,
    )


def top(
    s: Sketch, b: Build, arms: tuple[Arm, Arm], style: str, *, sleeves: bool = True, low: float = 0.0
) -> None:
    """A plain top, down to ``low`` cm; without sleeves if a coat covers them."""
    n, low = b.neck, low or b.waist_y + 6
    armpit = b.slope + b.upper * 0.5
    wide = b.chest * 1.06
    neck = {"tee": b.slope + 3.0, "roll": b.chin + 6, "shirt": b.slope + 4}[style]
    outline = [
        (0, neck),
        (n * 0.8, neck - 2.4),
        (n * 1.22, b.slope * 0.1, 0),
        (b.shoulder * 0.98, b.slope, 0),
    ]
    outline += [(wide, armpit), (b.waist * 1.12, b.waist_y), (b.waist * 1.2, low), (0, low)]
    folds = [
        (
            curve(
                [
                    (side * wide * 0.9, armpit + 2),
                    (side * wide * 0.5, armpit + 8),
                    (side * wide * 0.4, b.waist_y),
                ],
                closed=False,
            ),
            0.6,
            1.8,
        )
        for side in SIDES
    ]
    folds += [
        (curve([(side * b.waist, b.waist_y - 4), (side * 3, b.waist_y - 1)], closed=False), 0.45, 1.5)
        for side in SIDES
    ]
    s.part("inner", symmetric(outline), bulge=7, lift=0.6, folds=folds if low > b.waist_y else ())
    if style == "roll":
        s.part(
            "inner",
            symmetric(
                [
                    (0, b.chin + 1.6),
                    (n * 1.05, b.chin + 0.8),
                    (n * 1.2, b.slope * 0.2),
                    (n * 0.7, b.slope + 1.5),
                    (0, b.slope + 2.2),
                ]
            ),
            bulge=2,
            lift=0.6,
            crumple=0.3,
        )
    elif style == "shirt":
        for side in SIDES:
            s.part(
                "inner",
                curve(
                    [
                        (side * 0.2, b.slope + 2.6, 0),
                        (side * 4.6, b.slope + 7, 0),
                        (side * n * 1.4, b.slope * 0.8),
                        (side * n * 1.06, b.chin + 2.4, 0),
                        (side * n * 0.6, b.slope * 0.6),
                    ]
                ),
                bulge=1.2,
                lift=0.7,
                crumple=0.1,
            )
        s.line("edge", curve([(0.6, b.slope + 3), (0.6, low)], closed=False), width=0.3)
        s.dots("sole_below", [(0, y) for y in np.arange(b.slope + 8, b.waist_y, 8.5)], 0.5)
    else:
        s.line(
            "seam",
            curve(
                [
                    (-n * 1.1, 0.8),
                    (-n * 0.8, neck - 1.2),
                    (0, neck + 1.4),
                    (n * 0.8, neck - 1.2),
                    (n * 1.1, 0.8),
                ],
                closed=False,
            ),
            width=0.3,
        )
    if sleeves:
        for side, arm in zip(SIDES, arms, strict=True):
            long = b.upper + b.fore if style != "tee" else b.upper * 0.75
            s.part("inner", on_side(arm, side, tube(b, 0.5, long, 1.1)), bulge=3.5, lift=0.3, crumple=1.2)
