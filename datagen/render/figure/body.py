"""Bodies as data: proportions of the figures, their poses, and the middle lines of their limbs.

Origin as in ``silhouettes.torso``: the neck point between the shoulders; x to the right, y down; cm.
Adults are about 7.5 heads tall, a child about 6 (Loomis, Figure Drawing, 1943, pages 26 to 29).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from datagen.render.outlines import Path

SIDES = (1, -1)
"""Right and left of the picture."""

ELSEWHERE = 1000.0
"""Sleeves of worn garments are drawn straight, around x = +-ELSEWHERE; :class:`Arm` bends them."""


class Build(NamedTuple):
    """One figure: heights and half widths in cm; ``limbs`` multiplies the girth of arms and legs.

    ``arms`` are radii at shoulder, biceps, elbow, forearm and wrist, ``legs`` half widths at the hip
    joint, mid-thigh, knee, calf and ankle. ``fit_shoulder`` and ``fit_body`` are the width of a worn garment
    as a share of its width when it lies flat: fabric goes around a body.
    """

    head: float
    face: float
    top: float
    neck: float
    shoulder: float
    slope: float
    chest: float
    waist: float
    waist_y: float
    hip: float
    crotch: float
    knee: float
    ankle: float
    floor: float
    upper: float
    fore: float
    hand: float
    arms: tuple[float, float, float, float, float]
    legs: tuple[float, float, float, float, float]
    fit_shoulder: float = 0.93
    fit_body: float = 0.79

    @property
    def chin(self) -> float:
        """Height of the chin."""
        return self.top + self.head


BUILDS = {
    "man": Build(
        head=24.3,
        face=7.7,
        top=-29.3,
        neck=5.9,
        shoulder=20.3,
        slope=3.6,
        chest=17.6,
        waist=15.2,
        waist_y=41,
        hip=17.4,
        crotch=73,
        knee=105,
        ankle=148,
        floor=157.5,
        upper=31,
        fore=27,
        hand=17.5,
        arms=(5.4, 4.9, 3.9, 4.3, 2.6),
        legs=(9.0, 8.3, 5.7, 5.9, 3.6),
    ),
    "woman": Build(
        head=22.6,
        face=6.9,
        top=-26.6,
        neck=4.6,
        shoulder=16.0,
        slope=3.1,
        chest=14.4,
        waist=11.8,
        waist_y=36,
        hip=16.8,
        crotch=67,
        knee=98,
        ankle=141,
        floor=149.5,
        upper=29.5,
        fore=25.5,
        hand=16.0,
        arms=(4.4, 3.8, 3.0, 3.3, 2.0),
        legs=(8.6, 7.7, 5.0, 5.1, 3.0),
        fit_shoulder=0.88,
        fit_body=0.76,
    ),
    "child": Build(
        head=20.4,
        face=6.9,
        top=-23.2,
        neck=4.1,
        shoulder=14.6,
        slope=2.9,
        chest=12.2,
        waist=11.4,
        waist_y=27,
        hip=12.8,
        crotch=48,
        knee=69,
        ankle=95,
        floor=101.5,
        upper=21,
        fore=19,
        hand=12.5,
        arms=(3.8, 3.3, 2.8, 2.8, 2.0),
        legs=(6.3, 5.7, 4.3, 4.3, 2.9),
        fit_shoulder=0.92,
        fit_body=0.76,
    ),
}
"""The wearers that are drawn as figures."""

TURN = 26.0
"""Degrees by which a three-quarter view rotates the body."""

GIRTHS = (0.95, 1.0, 1.06)
"""Slim, regular and broad: factors on half widths below the neck."""


def build_of(wearer: str, girth: float) -> Build:
    """The figure of a wearer, made slimmer or broader."""
    b = BUILDS[wearer]
    half = 1 + (girth - 1) * 0.5
    return b._replace(
        shoulder=b.shoulder * half,
        chest=b.chest * girth,
        waist=b.waist * girth,
        hip=b.hip * girth,
        arms=tuple(r * girth for r in b.arms),  # type: ignore[arg-type]
        legs=tuple(r * girth for r in b.legs),  # type: ignore[arg-type]
        fit_shoulder=b.fit_shoulder * half,
        fit_body=b.fit_body * girth,
    )


class Leg(NamedTuple):
    """One leg's stance. ``knee`` and ``foot`` are cm outwards from a straight leg, ``shin`` is the apparent
    length of the lower leg (below 1 it points away from the camera, with the heel lifted), ``toe`` how far
    the toes point outwards, as a share of the foot's height."""

    knee: float = 0.0
    foot: float = 0.0
    shin: float = 1.0
    toe: float = 1.6


class Pose(NamedTuple):
    """Angles of (upper arm, forearm) for the right and left arm, in degrees outwards from straight down.

    ``pocket`` says which hand is in a pocket (1 right, -1 left, 0 none, 2 both), ``hip`` which hand rests on
    the hip, ``across`` which forearm lies in front of the body. ``sway`` moves the hips sideways in cm,
    ``lean`` tilts the shoulders and ``tilt`` the hips in degrees (right side down), ``step`` is the distance
    of the feet in cm. ``legs`` are the stances of the right and the left leg; the left leg is in front.
    """

    right: tuple[float, float]
    left: tuple[float, float]
    pocket: int = 0
    sway: float = 0.0
    lean: float = 0.0
    step: float = 3.0
    hip: int = 0
    across: int = 0
    tilt: float = 0.0
    legs: tuple[Leg, Leg] = (Leg(), Leg())


RESTING = Leg(knee=-0.6, foot=3.6, shin=0.985, toe=3.6)
"""A leg that carries no weight: knee in, foot to the side and turned out."""

POSES = (
    Pose((8, 4), (8, 4), step=3),
    Pose((16, -15), (7, 3), pocket=1, sway=0.9, lean=0.7, legs=(Leg(), Leg(foot=1.5, toe=2.6))),
    Pose((11, 5), (6, 1), sway=2.2, lean=1.0, tilt=-1.6, step=1, legs=(Leg(foot=-1.6), RESTING)),
    Pose((16, -15), (16, -15), pocket=2, sway=0.5, step=4.5),
    Pose(
        (8, 1), (27, -34), pocket=-1, sway=-2.0, lean=-1.0, tilt=1.5, step=1, legs=(RESTING, Leg(foot=-1.4))
    ),
    Pose((6, 9), (9, 0), sway=0.6, lean=0.4, step=1.5),
    Pose((7, 3), (13, -4), sway=0.8, lean=0.8, step=2.5, legs=(Leg(), Leg(knee=0.6, toe=3.0))),
    Pose(
        (12, 3),
        (5, 15),
        sway=-1.3,
        lean=-0.9,
        tilt=1.2,
        step=0.5,
        legs=(Leg(knee=-0.6, foot=-2.2, shin=0.93, toe=0.5), Leg(knee=-0.8, foot=-3.0, shin=1.025, toe=0.9)),
    ),
    Pose(
        (4, 13),
        (13, 6),
        sway=1.0,
        lean=0.6,
        tilt=-0.9,
        step=0.5,
        legs=(Leg(foot=-1.6, shin=0.95, toe=0.8), Leg(knee=0.4, foot=-2.0, shin=1.02, toe=1.2)),
    ),
    Pose((43, -40), (8, 2), hip=1, sway=2.4, lean=1.2, tilt=-2.0, step=1, legs=(Leg(foot=-1.5), RESTING)),
    Pose((9, 3), (40, -41), hip=-1, sway=-1.0, lean=-0.6, tilt=0.8, step=2.5),
    Pose((17, -92), (9, 2), across=1, sway=1.2, lean=0.6, tilt=-0.8, legs=(Leg(), RESTING)),
)


class Arm:
    """The middle line of one posed arm: points at (distance from the shoulder, distance outwards)."""

    BEND = 5.8
    """The most degrees per cm that an elbow bends: around a sharper bend a sleeve would cross itself."""

    def __init__(self, shoulder: tuple[float, float], angles: tuple[float, float], upper: float) -> None:
        self.angles = angles
        at = np.arange(-12.0, 110.0)
        long = max(10.0, abs(angles[1] - angles[0]) / self.BEND)
        bend = np.clip((at - upper) / long + 0.5, 0, 1)
        angle = np.radians(angles[0] + (angles[1] - angles[0]) * bend)
        start = 12
        x, y = np.cumsum(np.sin(angle)), np.cumsum(np.cos(angle))
        self._at, self._angle = at, angle
        self._x, self._y = x - x[start] + shoulder[0], y - y[start] + shoulder[1]

    def place(self, path: Path) -> Path:
        """A path of points (outwards, along), laid along the arm."""
        out, along = path[:, 0], path[:, 1]
        angle = np.interp(along, self._at, self._angle)
        x = np.interp(along, self._at, self._x) + out * np.cos(angle)
        y = np.interp(along, self._at, self._y) - out * np.sin(angle)
        return np.stack([x, y], axis=1)

    def angle(self, along: float) -> float:
        """Direction at a distance along the arm, in degrees outwards from straight down."""
        return math.degrees(float(np.interp(along, self._at, self._angle)))


def leg_x(b: Build, pose: Pose, y: float) -> float:
    """Distance of a leg's middle line from the figure's middle at height y."""
    joint = b.legs[0] * 0.98
    return float(np.interp(y, (b.waist_y, b.crotch, b.ankle), (joint * 0.9, joint, joint * 0.72 + pose.step)))
