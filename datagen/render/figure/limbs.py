"""Skin: neck and chest, the bare body, arms, hands and legs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datagen.render.figure.body import Arm, Build, Pose, leg_x
from datagen.render.layers import Sketch
from datagen.render.outlines import Path, curve, mirrored, symmetric


def bust(s: Sketch, b: Build) -> None:
    """Neck, throat and the upper chest, in the shade of the chin."""
    n, y, low = b.neck, b.chin, b.slope
    outline = [(0, y - 6), (n * 0.98, y - 5), (n * 0.97, y + 1.5), (n * 1.12, low * 0.1)]
    outline += [(b.shoulder * 0.62, low * 0.75), (b.shoulder * 0.8, low + 9), (b.chest * 0.6, low + 24)]
    bones = [(0.8, low + 1.4), (b.shoulder * 0.35, low - 0.2), (b.shoulder * 0.6, low)], 0.35, 1.4
    tendons = [(n * 0.7, y + 2), (n * 0.4, low * 0.2), (0.9, low + 0.6)], 0.3, 1.2
    folds = []
    for knots, depth, width in (bones, tendons):
        path = curve(knots, closed=False)
        folds += [(path, depth, width), (mirrored(path), depth, width)]
    s.part("flesh", symmetric([*outline, (0, low + 26)]), bulge=n * 0.7, lift=0.2, crumple=0, folds=folds)
    shade = [(-n * 0.95, y - 1), (-n * 0.6, y + 1), (0, y + 1.8), (n * 0.6, y + 1), (n * 0.95, y - 1)]
    s.line("crease", curve(shade, closed=False), width=3.0)


def trunk(s: Sketch, b: Build, *legs: Path) -> None:
    """The bare body from the shoulders to the hips, in one piece with bare legs if there are any."""
    armpit = b.slope + b.upper * 0.5
    seat = [(b.hip * 0.99, b.crotch + 1), (b.hip * 0.5, b.crotch + 4), (0, b.crotch + 1)]
    s.part(
        "flesh",
        symmetric(
            [
                (0, b.slope - 2),
                (b.neck * 1.1, b.slope * 0.1),
                (b.shoulder * 0.62, b.slope * 0.75),
                (b.shoulder * 0.97, b.slope + 2.2),
                (b.shoulder * 0.94, b.slope + 8),
                (b.chest, armpit),
                (b.chest * 0.97, armpit + 5),
                (b.waist, b.waist_y),
                (b.hip, b.crotch - 8),
                # Trousers would show what reaches below the crotch.
                *(seat if legs else [(b.hip * 0.8, b.crotch - 6), (0, b.crotch - 6)]),
            ]
        ),
        *legs,
        bulge=7,
        lift=0.1,
        crumple=0,
    )


def arms_of(b: Build, pose: Pose, tip: tuple[float, float]) -> tuple[Arm, Arm]:
    """The right and the left arm, hung from the shoulder tip (and its mirror image)."""
    start = tip[0] - b.arms[0] * 0.7, tip[1] + 0.4
    return Arm(start, pose.right, b.upper), Arm(start, pose.left, b.upper)


def on_side(arm: Arm, side: int, path: Path) -> Path:
    """A path of points (outwards, along) on an arm, on that arm's side of the picture."""
    placed = arm.place(path)
    return placed if side > 0 else mirrored(placed)


def tube(b: Build, start: float, stop: float, extra: float) -> Path:
    """Outline of an arm, or of a sleeve wider by ``extra`` cm, between two distances along the arm."""
    total = b.upper + b.fore
    marks = (0.0, b.upper * 0.4, b.upper, b.upper + b.fore * 0.3, total)
    along = np.linspace(start, stop, 13)
    cap = 1.1 * b.arms[0]
    if start < 1:
        # The shoulder is round.
        along = np.concatenate([start + cap * np.array([0.0, 0.06, 0.2, 0.45, 0.7]), along[along > cap]])
    half = np.interp(along, marks, b.arms) + extra
    if start < 1:
        half *= np.sqrt(np.clip(1 - np.clip(1 - (along - start) / cap, 0, 1) ** 2, 0.04, 1))
    return np.concatenate([np.stack([half, along], axis=1), np.stack([-half, along], axis=1)[::-1]])


def bare_arm(
    s: Sketch, b: Build, arm: Arm, side: int, *, fist: bool, near: bool = True, start: float = 0.0
) -> None:
    """Skin of one arm with its hand; a hand in a pocket or on the hip (``fist``) ends at the knuckles."""
    skin = tube(b, start, b.upper + b.fore + 2, 0)
    hand(s, b, arm, side, fist=fist, near=near, arm_outline=[on_side(arm, side, skin)])


PALM = (
    (2.3, -1),
    (2.7, 3.5),
    (3.0, 8),
    (2.7, 11.6),
    (2.0, 14.8),
    (0.7, 16.8),
    (-0.5, 16.6),
    (-1.1, 13.6),
    (-1.6, 9.6),
    (-2.2, 6.4),
    (-2.4, 3),
    (-2.2, -1),
)
THUMB = ((-1.2, 1.2), (-2.9, 3.8), (-3.7, 7.6), (-3.6, 10.6), (-2.8, 11.3), (-2.2, 8.8), (-1.4, 5.2))
FINGERS = (
    ((1.8, 9.5), (1.7, 12.6), (1.2, 15.4)),
    ((0.7, 9.8), (0.8, 13), (0.5, 16.4)),
    ((-0.5, 9.6), (-0.2, 13), (-0.2, 16)),
)
FIST = ((2.5, -1), (3.5, 3.5), (3.5, 7.5), (0.5, 9.5), (-2.6, 8.6), (-3.1, 4), (-2.5, -1))
"""A relaxed hand, 17.5 cm long, and the visible part of one in a pocket: points (outwards, along)."""


def hand(
    s: Sketch,
    b: Build,
    arm: Arm,
    side: int,
    *,
    fist: bool,
    near: bool = True,
    arm_outline: Sequence[Path] = (),
) -> None:
    """A hand, in one piece with the visible skin of the arm; fingers are drawn if it is ``near``."""
    k, y = b.hand / 17.5, b.upper + b.fore

    def laid(knots: Sequence[tuple[float, float]], *, closed: bool = True) -> Path:
        return on_side(arm, side, curve([(x * k, y + v * k) for x, v in knots], closed=closed))

    bulge = b.arms[1] * 0.75 if arm_outline else 2.2 * k
    thumb = () if fist or near else (laid(THUMB),)
    s.part("flesh", *arm_outline, laid(FIST if fist else PALM), *thumb, bulge=bulge, lift=0.7, crumple=0)
    if not fist and near:
        s.line("crease", *[laid(finger, closed=False) for finger in FINGERS], width=0.4 * k)
        s.part("flesh", laid(THUMB), bulge=1.2 * k, lift=0.3, crumple=0)


def leg_outline(b: Build, pose: Pose, top: float, low: float, extra: tuple[float, float, float]) -> Path:
    """The right leg between two heights, wider than skin by ``extra`` cm at thigh, knee and ankle."""
    t, m, k, c, a = b.legs
    marks = (b.crotch - 8, (b.crotch + b.knee) / 2, b.knee, b.knee + (b.ankle - b.knee) * 0.3, b.ankle)
    half = (t + extra[0], m + extra[0], k + extra[1], c + extra[1] * 0.6 + extra[2] * 0.4, a + extra[2])
    y = np.linspace(top, low, 12)
    widths = np.interp(y, marks, half)
    middle = np.array([leg_x(b, pose, at) for at in y])
    inner = np.maximum(middle - widths, np.where(y > b.crotch, 0.7, 0.0))
    # Above the crotch the outline is the hips', not the leg's.
    side = np.interp(
        y, (b.waist_y, b.crotch - 10, b.crotch, b.crotch + 6), (b.waist * 1.08, b.hip, b.hip, 99.0)
    )
    outer = np.minimum(middle + widths, side + extra[0] * 0.6)
    hem = np.array([[(outer[-1] + inner[-1]) / 2, low + 0.07 * (outer[-1] - inner[-1])]])
    return np.concatenate([np.stack([outer, y], axis=1), hem, np.stack([inner, y], axis=1)[::-1]])


BARE = (0.0, 0.0, 0.0)
"""No fabric around a leg."""


def bare_legs(s: Sketch, b: Build, pose: Pose, top: float) -> None:
    """Skin of both legs from a height down."""
    right = leg_outline(b, pose, top, b.ankle + 2, BARE)
    x, k = leg_x(b, pose, b.knee), b.legs[2]
    knee = curve([(x - k * 0.5, b.knee + 1.5), (x, b.knee + 3), (x + k * 0.5, b.knee + 1.2)], closed=False)
    s.part("flesh", right, bulge=b.legs[2] * 0.9, lift=0.2, crumple=0, folds=[(knee, 0.35, 1.6)])
    s.part(
        "flesh",
        mirrored(right),
        bulge=b.legs[2] * 0.9,
        lift=0.2,
        crumple=0,
        folds=[(mirrored(knee), 0.35, 1.6)],
    )
