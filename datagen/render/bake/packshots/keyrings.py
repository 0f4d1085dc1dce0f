"""Key rings and bag charms, lying: a clasp, a split ring, and what hangs from it."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import dashes, disc, inset, loop_of, plate
from datagen.render.bake.packshots.inflated import Far, dome, inflated, joined, limb
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.small_leather import flat
from datagen.render.bake.packshots.solids import (
    FRONT,
    Piece,
    laid,
    noise,
    rounded,
    spline,
    stitches,
    tube,
)
from datagen.render.bake.packshots.straps import even, links

RING = 0.0, 3.4
"""The middle of the split ring; what hangs from it begins at its foot, about two centimetres lower."""


def _clasp() -> list[Piece]:
    """A lobster clasp that points up, its swivel, and two turns of a split ring."""
    hook = spline(
        [(0.45, 6.5), (1.0, 7.2), (1.05, 8.6), (0.5, 9.7), (-0.5, 9.75), (-1.05, 8.8), (-0.85, 7.9)], 60
    )
    wide = np.interp(np.linspace(0, 1, 60), [0, 0.3, 0.8, 1.0], [0.42, 0.36, 0.3, 0.2])
    bolt = np.array([(-0.98, -0.1, 8.0), (-0.95, -0.1, 7.2), (-0.45, -0.1, 6.4)])
    barrel = np.column_stack([np.zeros(20), np.zeros(20), np.linspace(5.75, 6.75, 20)])
    round_ = np.interp(np.linspace(0, 1, 20), [0, 0.25, 0.6, 1], [0.38, 0.62, 0.56, 0.66])
    pieces = [
        tube(np.column_stack([hook[:, 0], np.full(60, -0.1), hook[:, 1]]), wide, wide, "hardware", up=FRONT),
        tube(spline(bolt, 24), 0.2, 0.2, "hardware", up=FRONT, count=10),
        tube(barrel, round_, round_, "hardware", count=18),
        loop_of((0.0, 0.0, 5.55), 0.5, 0.42, 0.17),
    ]
    x, z = RING
    angle = np.linspace(0, 4 * np.pi, 160)
    depth = np.interp(angle, [0, 1.7 * np.pi, 2.3 * np.pi, 4 * np.pi], [-0.12, -0.12, 0.14, 0.14])
    turns = np.column_stack([x + 1.95 * np.cos(angle + 0.9), depth, z + 1.95 * np.sin(angle + 0.9)])
    pieces.append(tube(turns, 0.13, 0.17, "hardware", up=FRONT, power=3.0, count=12))
    return even(pieces)


def _chain(low: float) -> list[Piece]:
    top = RING[1] - 1.9
    path = np.column_stack([np.zeros(30), np.full(30, -0.05), np.linspace(top, low, 30)])
    return even(links(path, 0.46, 0.13))


def tag() -> Solid:
    """A stitched leather tag on a short chain, with a second small strap."""
    pieces = _clasp() + _chain(-0.5)
    low = -5.1
    half = [
        (0.0, 4.3),
        (0.9, 4.3),
        (1.5, 3.6),
        (2.6, 2.2),
        (2.9, 1.2),
        (2.9, -3.2),
        (2.4, -3.85),
        (0.0, -3.9),
    ]
    path = spline([*half, *[(-x, z) for x, z in half[-2:0:-1]]], 161, closed=True)
    outline = path[:-1] + [0.0, low]
    under = outline + [0.12, -0.12]
    on, high = flat(0.0), 0.34
    pieces += [
        laid(flat(0.28), under, 0.24, "edge", round_=0.1),
        laid(on, outline, high, "body", round_=0.18, pillow=0.18),
        stitches(on, inset(outline, 0.42), lift=high + 0.04, pitch=0.44, thick=0.06),
    ]
    hole = low + 3.45
    pieces += [
        disc(on, 0.0, hole, 0.42, lift=high, high=0.2),
        loop_of((0.0, -0.3, hole + 0.75), 0.4, 0.75, 0.13),
    ]
    strap = spline(
        [(1.0, 0.3, 2.0), (2.4, 0.2, 0.6), (4.2, 0.1, -1.6), (4.9, 0.1, -4.2), (4.6, 0.1, -6.2)], 80
    )
    pieces.append(tube(strap, 0.62, 0.16, "strap", up=FRONT, power=4.0, count=14))
    over = strap + FRONT * 0.16
    side = np.cross(np.gradient(strap, axis=0), FRONT)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    pieces += [dashes((over + side * s)[4:-4], FRONT, pitch=0.42, thick=0.045) for s in (-0.4, 0.4)]
    pieces.append(plate(flat(-0.02), 4.55, -6.3, 0.72, 0.5, 0.15, high=0.34))
    middle = low - 0.9
    return Solid(pieces, (0.0, middle, 4.0), (0.0, middle, 2.6))


def loop() -> Solid:
    """A folded strap in a metal clamp below the ring."""
    pieces = _clasp()
    top, low = RING[1] - 2.0, -9.0
    on = flat(-0.1)
    for y, part, lean in ((0.35, "edge", 0.32), (0.0, "body", 0.0)):
        outline = rounded(1.75, (top - 0.8 - low) / 2, 0.7, (lean, (top - 0.8 + low) / 2 - lean * 0.3), 160)
        pieces.append(laid(flat(y), outline, 0.32, part, round_=0.2, pillow=0.12))
    middle = (top - 0.8 + low) / 2
    outline = rounded(1.75, (top - 0.8 - low) / 2, 0.7, (0.0, middle), 160)
    pieces += [
        stitches(flat(0.0), inset(outline, 0.36), lift=0.36, pitch=0.44, thick=0.06),
        plate(on, 0.0, top - 1.3, 1.95, 0.85, 0.25, high=0.5),
        loop_of((0.0, -0.2, top - 0.2), 0.72, 0.62, 0.2, power=3.0),
        disc(on, 0.0, top - 2.9, 0.38, lift=0.3, high=0.2),
    ]
    return Solid(pieces, (0.0, middle - 1.4, 3.0), (0.0, middle - 1.4, 2.3))


def bear() -> Solid:
    """A stuffed bear on a short chain."""
    pieces = _clasp() + _chain(0.4)
    head = limb([(0, -2.2), (0.0, -2.3)], (2.35, 2.35), 4)
    ears = [limb([(s * 1.85, -0.45), (s * 1.9, -0.4)], (0.95, 0.95), 4) for s in (-1, 1)]
    trunk = limb([(0, -5.4), (0, -7.4)], (1.9, 2.25))
    arms = [limb([(s * 1.6, -5.0), (s * 2.9, -6.2), (s * 3.3, -7.3)], (0.8, 0.85, 0.8)) for s in (-1, 1)]
    legs = [limb([(s * 1.2, -8.4), (s * 1.8, -10.0), (s * 2.0, -10.9)], (1.05, 1.1, 1.15)) for s in (-1, 1)]
    shapes: list[tuple[list[Far], float, float, float]] = [
        (ears, 0.3, 0.9, 0.9),
        (legs, 0.0, 1.2, 1.3),
        ([trunk], 0.1, 1.9, 1.9),
        (arms, -0.5, 0.9, 1.1),
        ([head], -0.4, 2.2, 2.0),
    ]
    for group, y, radius, high in shapes:
        pieces += [_stuffed(joined([one], 0.05), y, radius, high) for one in group]
    muzzle = limb([(-0.3, -2.9), (0.3, -2.9)], (0.8, 0.8), 8)
    pieces.append(_stuffed(muzzle, -1.9, 0.9, 0.8))
    pieces += [disc(flat(-2.35), s * 0.85, -1.75, 0.22, "dial", high=0.2) for s in (-1, 1)]
    nose = rounded(0.34, 0.24, 0.2, (0.0, -2.6), 32)
    pieces.append(laid(flat(-2.6), nose, 0.2, "dial", round_=0.1))
    smile = spline([(-0.45, -2.68, -3.25), (0.0, -2.75, -3.45), (0.45, -2.68, -3.25)], 16)
    pieces.append(tube(smile, 0.05, 0.05, "dial", count=6))
    seam = np.column_stack([np.zeros(30), np.full(30, -1.88), np.linspace(-8.6, -5.9, 30)])
    pieces.append(dashes(seam, FRONT, pitch=0.4, thick=0.04))
    return Solid(pieces, (0.0, -7.2, 3.2), (0.0, -7.2, 2.4))


def _stuffed(shape: Far, y: float, radius: float, high: float) -> Piece:
    def rise(at: Points, far: Points) -> Points:
        return dome(far, radius, high) + 0.06 * noise(at, 1.6, 3) * np.clip(far * 3, 0, 1)

    return inflated(shape, (-6.0, -13.0, 6.0, 2.0), 0.09, rise, y=y)
