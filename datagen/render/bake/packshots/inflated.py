"""Flat outlines blown up to pads: gloves, socks, folded blankets, charms; cm, lying before the camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from scipy.spatial import cKDTree

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.solids import Knots, Paint, Piece, evenly, piece, spline

Far = Callable[[Points], Points]
"""From places (n, 2) to how far they are outside of a shape, cm; within it less than 0."""

Rise = Callable[[Points, Points], Points]
"""From places (n, 2) within a shape and how far they are from its edge to how high it is there."""


def limb(knots: Knots, radii: Sequence[float], count: int = 48) -> Far:
    """A finger, a leg: discs along a smooth path, their radii changing evenly from knot to knot."""
    path = spline(knots, count)
    radius = np.interp(np.linspace(0, 1, count), np.linspace(0, 1, len(radii)), radii)

    def far(at: Points) -> Points:
        away = np.full(len(at), np.inf)
        for centre, own in zip(path, radius, strict=True):
            np.minimum(away, np.hypot(*(at - centre).T) - own, out=away)
        return away

    return far


def within(outline: Points) -> Far:
    """A closed outline (n, 2)."""
    closed = np.vstack([outline, outline[:1]])
    fine = evenly(closed, max(600, 4 * len(outline)))
    tree = cKDTree(fine)

    def far(at: Points) -> Points:
        distance = np.asarray(tree.query(at)[0])
        inside = np.zeros(len(at), np.bool_)
        for (x0, z0), (x1, z1) in pairwise(closed):
            if z0 != z1:
                crosses = (z0 > at[:, 1]) != (z1 > at[:, 1])
                inside ^= crosses & (at[:, 0] < x0 + (at[:, 1] - z0) * (x1 - x0) / (z1 - z0))
        return np.where(inside, -distance, distance)

    return far


def joined(shapes: Sequence[Far], soft: float) -> Far:
    """All of several shapes; where two of them meet, their corner is filled as ``soft``ly."""
    return lambda at: -soft * np.log(sum(np.exp(-shape(at) / soft) for shape in shapes))


def dome(far: Points, radius: float, high: float) -> Points:
    """A height that is round up to a distance from the edge, and even beyond it."""
    return np.asarray(high * np.sqrt(1 - (1 - np.clip(far / radius, 0, 1)) ** 2))


def inflated(
    shape: Far,
    box: tuple[float, float, float, float],
    step: float,
    rise: Rise,
    part: str = "body",
    *,
    y: float = 0.0,
    paint: Paint | None = None,
) -> Piece:
    """A shape within a box (left, low, right, top), filled with triangles of a size and raised towards the
    camera from depth ``y``."""
    left, low, right, top = box
    x, z = np.meshgrid(np.arange(left, right + step, step), np.arange(low, top + step, step))
    at, wide = np.stack([x.ravel(), z.ravel()], axis=1), x.shape[1]
    far = shape(at)
    number = np.arange(len(at)).reshape(x.shape)
    a, b, c, d = (
        number[rows, columns].ravel()
        for rows in (slice(None, -1), slice(1, None))
        for columns in (slice(None, -1), slice(1, None))
    )
    faces = np.vstack([np.stack([a, b, c], axis=1), np.stack([b, d, c], axis=1)])
    faces = faces[(far[faces] < 0).any(1)]
    if not len(faces) or far[number[[0, -1]]].min() < 0 or far[number[:, [0, wide - 1]]].min() < 0:
        raise AssertionError("a shape lies within its box")
    # What is just outside comes to the edge, which so is a smooth line.
    edge = np.unique(faces[far[faces] >= 0])
    for _ in range(3):
        e = 0.2 * step
        slope = np.stack(
            [(shape(at[edge] + way) - shape(at[edge] - way)) / (2 * e) for way in np.eye(2) * e], axis=1
        )
        steep = np.maximum((slope**2).sum(1, keepdims=True), 0.2)
        at[edge] -= slope / steep * shape(at[edge])[:, None]
    # Slivers between corners that came to the same place, or past each other, would turn the light away.
    a, b, c = (at[faces[:, k]] for k in range(3))
    twice = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    used, where = np.unique(faces[twice > 0.02 * step**2], return_inverse=True)
    at, inner = at[used], np.maximum(-shape(at[used]), 0.0)
    vertices = np.column_stack([at[:, 0], y - rise(at, inner), at[:, 1]])
    return piece(vertices, where.reshape(-1, 3), at, part, paint)
