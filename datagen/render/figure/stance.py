"""How a pose moves a body, as maps of points: shoulders, hips, a rotation, and the stride."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from datagen.render.figure.body import TURN, Build, Leg, Pose
from datagen.render.outlines import Path

Bend = Callable[[Path], Path]

SHOULDER_DROP = 2.4
"""How much lower a body's shoulders end than those of a flat garment, cm on an adult."""


def bend_of(b: Build, pose: Pose, view: str) -> Bend:
    """The map of the whole figure: sloping shoulders, shifted and tilted hips, the three-quarter view."""
    lean, tilt = math.tan(math.radians(pose.lean)), math.tan(math.radians(pose.tilt))
    turn = math.radians(TURN if view == "three_quarter" else 0.0)
    c, s = math.cos(turn), math.sin(turn)
    drop = SHOULDER_DROP * b.shoulder / 20.0
    heights = b.waist_y - 8, b.crotch - 12, b.crotch, b.knee

    def bend(path: Path) -> Path:
        x, y = path[:, 0], path[:, 1]
        out = np.clip((np.abs(x) - b.neck) / (b.shoulder - b.neck), 0, 1.25)
        y = y + drop * out**1.5 * np.interp(y, (b.chin, 0, b.slope + 10, b.waist_y), (0, 1, 1, 0))
        if turn:
            half = np.interp(
                y,
                (b.chin, b.slope, b.slope + 12, b.crotch, b.floor),
                (b.neck, b.shoulder, b.chest * 1.25, b.hip * 1.25, b.hip),
            )
            deep = np.interp(
                y,
                (b.chin, b.slope, b.slope + 14, b.waist_y, b.crotch, b.floor),
                (1.0, 4, b.chest * 0.6, b.waist * 0.62, b.hip * 0.4, 3.0),
            )
            x = x * c + s * deep * np.sqrt(np.clip(1 - (x / half) ** 2, 0, 1))
        level = lean * np.interp(y, (b.chin, b.slope, b.slope + 12, b.waist_y), (0, 1, 1, 0))
        level = level + tilt * np.interp(y, heights, (0, 1, 1, 0))
        x = x + pose.sway * np.interp(y, (0, b.crotch - 8, b.floor), (0, 1, 0.15))
        return np.stack([x, y + level * np.clip(x, -b.shoulder, b.shoulder)], axis=1)

    return bend


def stride_of(b: Build, pose: Pose) -> Bend:
    """The map of the legs and what they wear: knees and feet moved sideways, a foreshortened lower leg."""

    def stride(path: Path) -> Path:
        x, y = path[:, 0], path[:, 1]
        right, left = (_leg(b, leg, y) for leg in pose.legs)
        aside = np.where(x > 0, right[0], -left[0]) * np.clip(np.abs(x) / 1.5, 0, 1)
        return np.stack([x + aside, np.where(x > 0, right[1], left[1])], axis=1)

    return stride


def _leg(b: Build, leg: Leg, y: Path) -> tuple[Path, Path]:
    """How far outwards, and to which height, a leg's stance moves points at heights y."""
    aside = np.interp(y, (b.crotch + 5, b.knee, b.ankle), (0.0, leg.knee, leg.foot))
    return aside, np.where(y > b.knee, b.knee + (y - b.knee) * leg.shin, y)
