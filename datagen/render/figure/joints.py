"""Where the joints of a figure are: the 17 body keypoints of COCO, in cm, in ``KEYPOINT_NAMES``' order.

All are arrays of points, shape (17, 2), not a number where a joint is not of that part of the figure. Left
and right are the person's: seen from the front, a person's left is at the right of the picture.
"""

from __future__ import annotations

import numpy as np

from datagen.columns.ground_truth import KEYPOINT_NAMES, MIRRORED
from datagen.render.figure.body import BUILDS, SIDES, Arm, leg_x
from datagen.render.figure.dressed_figure import Look
from datagen.render.figure.head import FAR, carriage
from datagen.render.figure.head_coordinates import Head
from datagen.render.figure.limbs import on_side
from datagen.render.figure.stance import bend_of, stride_of
from datagen.render.outlines import Path

BODY = KEYPOINT_NAMES.index("left_shoulder")
"""Joints before this one are on the head."""

SHOULDER = 0.8
"""How far below the tip of the shoulder its joint is, in radii of the arm."""

HIP = 8.0
"""How far above the crotch the hip joints are, cm: where ``Build.legs`` measures them."""

NOSE, EYE, EAR, EAR_BEHIND = (0.0, 0.67), (0.42, 0.506), (1.05, 0.53), (1.04, 0.52)
"""Places on a face, as in ``head.py``: a person's left is where x is above 0."""


def body_joints(look: Look, arms: tuple[Arm, Arm]) -> Path:
    """The joints of arms and legs, with the origin of the body."""
    b, pose = look.build, look.pose
    along = np.array([[0.0, SHOULDER * b.arms[0]], [0.0, b.upper], [0.0, b.upper + b.fore]])
    heights = b.crotch - HIP, b.knee, b.ankle
    joints = np.full((len(KEYPOINT_NAMES), 2), np.nan)
    for first, side, arm in zip((BODY, BODY + 1), SIDES, arms, strict=True):
        leg = np.array([(side * leg_x(b, pose, y), y) for y in heights])
        joints[first::2] = np.concatenate([on_side(arm, side, along), stride_of(b, pose)(leg)])
    joints[BODY:] = bend_of(b, pose, look.view)(joints[BODY:])
    return joints[list(MIRRORED)] if look.view == "back" else joints


def head_joints(wearer: str, model: int, view: str) -> Path:
    """Nose, eyes and ears, with the origin of the head. What is on its far side is left out."""
    joints = np.full((len(KEYPOINT_NAMES), 2), np.nan)
    if view == "back":
        x, y = EAR_BEHIND
        joints[3:BODY] = Head(BUILDS[wearer], 0.0).on([(-x, y), (x, y)], depth=0.0)
        return joints
    _, turn, tilt, _ = carriage(wearer, model, view)
    head = Head(BUILDS[wearer], turn, tilt)
    joints[:3] = head.on([NOSE, EYE, (-EYE[0], EYE[1])])
    joints[3:BODY] = head.on([EAR, (-EAR[0], EAR[1])], depth=0.0)
    if abs(turn) > FAR:
        joints[3 if turn > 0 else 4] = np.nan
    return joints
