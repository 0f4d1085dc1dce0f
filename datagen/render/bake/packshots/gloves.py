"""A pair of gloves, lying: knitted with ribbed cuffs, or sewn from leather."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import dashes
from datagen.render.bake.packshots.inflated import Far, dome, inflated, joined, limb
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import FRONT, Piece, moved, noise, spline, tube

HEM = -8.0
"""The height of the cuff's end; the wrist is at 0."""

CUFF = -3.0
"""The upper end of a ribbed cuff."""

FINGERS = (
    ((-2.9, 6.0), (-3.6, 10.5), (-4.0, 14.8)),
    ((-1.0, 6.5), (-1.15, 11.5), (-1.25, 16.2)),
    ((1.0, 6.5), (1.35, 11.0), (1.6, 15.3)),
    ((2.9, 5.5), (3.8, 9.6), (4.5, 12.6)),
)
"""Paths of the fingers of a right hand's glove, seen from the back of the hand."""

THUMB = ((-2.4, 0.4), (-5.0, 4.6), (-6.4, 9.0))
THUMB_RADII = 1.8, 1.45, 1.05


def _hand() -> Far:
    palm = limb([(0, HEM - 5), (0, HEM), (0, -0.5), (0, 3.5), (0, 6.2)], (4.3, 4.2, 3.65, 4.25, 4.0))
    fingers = [limb(knots, (1.22, 1.14, 0.95)) for knots in FINGERS]
    whole = joined([palm, *fingers, limb(THUMB, THUMB_RADII)], 0.22)
    return lambda at: np.maximum(whole(at), HEM - at[:, 1])


def _glove(knitted: bool) -> list[Piece]:
    def rise(at: Points, far: Points) -> Points:
        x, z = at.T
        high = dome(far, 1.12, 1.0) + 0.12 * noise(at, 5.0, 4) * np.clip(far, 0, 1)
        # The thumb lies on the palm; creases run from its root, and across the wrist.
        high += 0.25 * dome(-limb(THUMB, THUMB_RADII)(at), 1.2, 1.0)
        high -= 0.22 * np.exp(-(((z - 0.2 + 0.05 * x) / 0.35) ** 2)) * np.clip(far, 0, 1) * (not knitted)
        if knitted:
            ribs = (z < CUFF) * np.clip((CUFF - z) / 0.4, 0, 1)
            high += ribs * (0.12 * np.cos(2 * np.pi * x / 0.72) - 0.12) * np.clip(far * 2, 0, 1)
            high -= 0.2 * np.exp(-(((z - CUFF) / 0.3) ** 2))
        return np.asarray(high)

    pieces = [
        inflated(
            _hand(),
            (-9.0, HEM - 0.5, 7.0, 19.0),
            0.13,
            rise,
            paint=(lambda own: np.where(own[:, 2] < CUFF, "rib", "body")) if knitted else None,
        )
    ]
    if not knitted:
        for x, lean in ((-1.9, -0.25), (0.0, 0.05), (1.9, 0.3)):
            line = spline([(x, -1.0, 2.2), (x + lean * 0.5, -1.12, 4.6), (x + lean, -1.06, 7.0)], 24)
            pieces.append(tube(line, 0.13, 0.16, "seam", up=FRONT, count=8))
        for z in (HEM + 0.55, HEM + 1.0):
            line = np.array([(-3.7, -0.98, z), (3.7, -0.98, z)])
            pieces.append(dashes(line, FRONT, pitch=0.42, thick=0.05))
        fold = spline([(-3.6, -0.8, 0.4), (-1.6, -0.98, 1.2), (-2.6, -1.1, 4.2), (-4.0, -0.98, 5.6)], 40)
        pieces.append(dashes(fold, FRONT, pitch=0.4, thick=0.05))
        gathers = np.column_stack([np.linspace(-2.6, 2.6, 30), np.full(30, -0.92), np.full(30, -0.9)])
        pieces.append(dashes(gathers, FRONT, pitch=0.34, thick=0.06))
    inner = inflated(
        lambda at: np.hypot(at[:, 0] / 4.0, (at[:, 1] - HEM) / 0.5) * 0.5 - 0.5,
        (-5.0, HEM - 1.2, 5.0, HEM + 1.2),
        0.1,
        lambda at, far: 0.2 * far,
        "lining",
        y=-0.1,
    )
    return [*pieces, inner]


def gloves(knitted: bool = True) -> Solid:
    """Knitted ones side by side; of leather the left one lies on the right one."""
    one = _glove(knitted)
    at, lean, over = (7.2, 7.0, 0.0) if knitted else (4.9, 3.0, 1.9)
    pieces: list[Piece] = []
    for sign in (1, -1):
        turn = Rotation.from_euler("y", sign * lean, degrees=True)
        shift = (sign * at, -over if sign < 0 else 0.0, 0.4 * sign)
        pieces += [moved(each, shift, turn, mirror=sign < 0) for each in one]
    return Solid(pieces, (0.0, 3.4, 6.4), (0.0, 3.2, 3.4))
