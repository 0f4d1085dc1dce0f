"""Measurements of a body at rest that patterns are cut from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import ConvexHull

from datagen.render.bake.bodies import Points, Rest


class Sections(NamedTuple):
    """Horizontal sections of a part of the body, each a convex outline as a tape goes around it."""

    z: Points
    girth: Points
    wide: Points
    """Half the extent across."""
    deep: Points
    """Half the extent from front to back."""
    x: Points
    """Of the middle."""
    y: Points

    def at(self, name: str, z: Points | float) -> Points:
        """A measure at heights."""
        return np.asarray(np.interp(z, self.z, getattr(self, name)))


class Measures(NamedTuple):
    """Of a body at rest, cm."""

    rest: Rest
    trunk: Sections
    legs: tuple[Sections, Sections]
    """Left, right."""
    neck: Points
    """Where the neck begins: (x, y, z)."""
    neck_half: float
    """Half the width of its base."""
    tip: Points
    """The end of the left shoulder, on its upper side."""
    armpit: float
    """Its height."""
    bust: float
    waist: float
    hip: float
    """Heights: of the fullest chest, of the waist, of the fullest hips."""
    joint: float
    """Height of the hip joint."""
    crotch: float
    arm: tuple[Points, Points, Points]
    """Shoulder, elbow and wrist of the left arm."""
    biceps: float
    wrist: float
    """Girths."""
    size: float
    """Of the body, as a share of a grown woman's height of 176 cm."""


def _sections(points: Points, low: float, high: float) -> Sections:
    rows = []
    for z in np.arange(low, high, 1.0):
        near = points[np.abs(points[:, 2] - z) < 2.0][:, :2]
        if len(near) < 4:
            continue
        hull = near[ConvexHull(near).vertices]
        girth = np.linalg.norm(hull - np.roll(hull, 1, axis=0), axis=1).sum()
        (x0, y0), (x1, y1) = hull.min(0), hull.max(0)
        rows.append((z, girth, (x1 - x0) / 2, (y1 - y0) / 2, (x0 + x1) / 2, (y0 + y1) / 2))
    table = np.array(rows)
    table[:, 1:] = gaussian_filter1d(table[:, 1:], 1.2, axis=0)
    return Sections(*table.T)


def measures(rest: Rest) -> Measures:
    """Measure a body at rest."""
    v, size = rest.vertices, np.ptp(rest.vertices[:, 2]) / 176
    joint = float(rest.joint("upperleg01.L")[2])
    shoulder, elbow, wrist = (rest.joint(f"{name}.L") for name in ("upperarm01", "lowerarm01", "wrist"))
    trunk = v[
        np.isin(rest.group, ["trunk", "neck"]) | ((rest.group == "leg") & (v[:, 2] > joint - 30 * size))
    ]
    trunk = trunk[np.abs(trunk[:, 0]) < abs(shoulder[0]) + 1.0 * size]
    whole = _sections(trunk, joint - 26 * size, shoulder[2] + 2)
    left, right = (
        _sections(
            v[np.isin(rest.group, ["leg", "trunk"]) & (v[:, 0] * sign > 0.3) & (v[:, 2] < joint)],
            4 * size,
            joint,
        )
        for sign in (1, -1)
    )
    armpit = float(shoulder[2] - 9.5 * size)
    middle = np.abs(v[:, 0]) < 1.2
    crotch = float(
        v[middle & (v[:, 2] > joint - 22 * size) & (v[:, 2] < joint + 8 * size) & (rest.group != "hand")][
            :, 2
        ].min()
    )
    between = (whole.z > joint + 8 * size) & (whole.z < armpit - 8 * size)
    waist = float(whole.z[between][whole.girth[between].argmin()])
    chest = (whole.z > waist) & (whole.z < armpit + 2)
    bust = float(whole.z[chest][whole.girth[chest].argmax()])
    seat = (whole.z > crotch - 2) & (whole.z < waist)
    hip = float(whole.z[seat][whole.girth[seat].argmax()])
    base = rest.joint("neck01")
    near_neck = v[(rest.group == "neck") & (np.abs(v[:, 2] - rest.joint("neck02")[2]) < 2.0 * size)]
    tip_x = shoulder[0] * 0.98
    # A baby's head is as wide as its shoulders.
    below_head = np.isin(rest.group, ["trunk", "arm", "neck"])
    near_tip = (np.abs(v[:, 0] - tip_x) < 2.0 * size) & (np.abs(v[:, 1] - shoulder[1]) < 5 * size)
    above = v[below_head & near_tip]
    tip = above[above[:, 2].argmax()].copy()
    tip[0] = tip_x
    axis = (elbow - shoulder) / np.linalg.norm(elbow - shoulder)
    limb, fore = v[(rest.group == "arm") & (v[:, 0] > 0)], (wrist - elbow) / np.linalg.norm(wrist - elbow)
    hand = v[(v[:, 0] > 0) & np.isin(rest.group, ["arm", "hand"])]
    return Measures(
        rest, whole, (left, right), base, float(np.ptp(near_neck[:, 0])) / 2, tip, armpit, bust, waist, hip,
        joint, crotch, (shoulder, elbow, wrist), _girth(limb, shoulder + axis * 11 * size, axis, 2.0 * size),
        _girth(hand, wrist, fore, 1.6 * size), float(size),
    )  # fmt: skip


def _girth(points: Points, centre: Points, axis: Points, reach: float) -> float:
    """Around a limb, across its axis."""
    off = points - centre
    near = off[np.abs(off @ axis) < reach]
    side = np.cross(axis, [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    flat = np.stack([near @ side, near @ np.cross(axis, side)], axis=1)
    hull = flat[ConvexHull(flat).vertices]
    return float(np.linalg.norm(hull - np.roll(hull, 1, axis=0), axis=1).sum())
