"""Bodies of bags and cases: rings stacked from the bottom to the top, and what is fastened to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.solids import (
    FRONT,
    Piece,
    grid,
    laid,
    noise,
    ring,
    rounded,
    spline,
    stitches,
    through,
    tube,
)

Curve = Callable[[Points], Points]


class Body(NamedTuple):
    """Half widths and depths by height, the power of the rings' superellipse, how soft the walls are."""

    wide: Curve
    deep: Curve
    high: float
    power: float = 6.0
    soft: float = 0.12
    sag: float = 0.0
    """By how much the middle of the upper edge hangs, cm."""
    seed: int = 1

    def front(self, at: Points) -> Points:
        """Points of the front at (x, z)."""
        z = np.clip(at[:, 1], 0, self.high)
        a, b = self.wide(z), self.deep(z)
        inside = np.clip(1 - np.abs(at[:, 0] / a) ** self.power, 0, 1)
        y = -b * inside ** (1 / self.power)
        points = np.stack([at[:, 0], y, at[:, 1]], axis=1)
        return self._softened(points)

    def back(self, at: Points) -> Points:
        """Points of the back at (x, z)."""
        return self.front(at) * [1, -1, 1]

    def _softened(self, points: Points) -> Points:
        out = points.copy()
        dent = (
            self.soft
            * noise(points * [1, 0.3, 1], 16.0, self.seed)
            * np.sin(np.pi * np.clip(points[..., 2] / self.high, 0.08, 1))
        )
        out[..., 1] += dent
        share = np.clip(points[..., 2] / self.high, 0, 1) ** 3
        a = self.wide(np.clip(points[..., 2], 0, self.high))
        out[..., 2] -= self.sag * share * (1 - np.clip(np.abs(points[..., 0]) / a, 0, 1) ** 2)
        return out

    def wall(
        self, part: str = "body", low: float = 0.0, top: float | None = None, off: float = 0.0, rows: int = 60
    ) -> Piece:
        """The wall between two heights, ``off`` cm outside; its cloth runs around from the front."""
        stack, places = [], []
        for z in np.linspace(low, self.high if top is None else top, rows):
            at = np.array([z])
            a, b = float(self.wide(at)[0]), float(self.deep(at)[0])
            loop = ring(a + off, b + off, self.power, 241)
            far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(loop, axis=0), axis=1))])
            stack.append(self._softened(np.column_stack([loop, np.full(len(loop), z)])))
            places.append(np.column_stack([far - far[-1] / 2, np.full(len(loop), z)]))
        return grid(np.stack(stack), part, np.stack(places))

    def closed(self, part: str = "body", bulge: float = 0.0, at_top: bool = True) -> Piece:
        """The top or bottom face."""
        z = self.high if at_top else 0.0
        at = np.array([z])
        loop = ring(float(self.wide(at)[0]), float(self.deep(at)[0]), self.power, 121)
        rows = []
        for s in np.linspace(1, 0.0, 12):
            points = np.column_stack(
                [loop * s, np.full(len(loop), z + (bulge * (1 - s * s) if at_top else 0.0))]
            )
            rows.append(self._softened(points))
        return grid(np.stack(rows), part, np.stack([row[:, :2] + [0, z] for row in rows]))

    def rim(self, z: float, radius: float, part: str, off: float = 0.0) -> Piece:
        """A piping around the body at a height."""
        at = np.array([z])
        loop = ring(float(self.wide(at)[0]) + off, float(self.deep(at)[0]) + off, self.power, 181)
        return tube(
            self._softened(np.column_stack([loop, np.full(len(loop), z)])),
            radius,
            radius,
            part,
            count=8,
            capped=False,
        )


def box(
    wide: Sequence[float],
    deep: Sequence[float],
    high: float,
    at: Sequence[float] | None = None,
    **more: float,
) -> Body:
    """A body whose half widths and depths pass through values at shares of its height."""
    shares = np.linspace(0, 1, len(wide)) if at is None else np.array(at)
    heights = list(shares * high)
    return Body(through(heights, wide), through(heights, deep), high, **more)  # type: ignore[arg-type]


def handle(
    x: float,
    y: float,
    low: float,
    edge: float,
    top: float,
    part: str = "handle",
    *,
    radius: float = 0.75,
    flat: float = 0.32,
    lean: float = 1.2,
    on: Callable[[Points], Points] | None = None,
    back: bool = False,
) -> list[Piece]:
    """A handle sewn to a wall at +-x from height ``low``, over the edge, to height ``top``; with two tabs."""
    sign = 1.0 if back else -1.0
    out = y + sign * 0.35
    knots = [
        (-x, out, low),
        (-x, out, (low + edge) / 2),
        (-x, out - sign * 0.1, edge),
        (-x * 0.97, out - sign * lean * 0.4, edge * 0.6 + top * 0.4),
        (-x * 0.72, out - sign * lean * 0.8, edge * 0.2 + top * 0.8),
        (0, out - sign * lean, top),
    ]
    knots += [(-k[0], k[1], k[2]) for k in knots[-2::-1]]
    path = spline(knots, 160)
    pieces = [tube(path, radius, flat, part, up=FRONT * -sign, count=18)]
    edge_path = path[6:-6] + FRONT * -sign * 0  # a row of stitches along both edges
    for s in (-0.72, 0.72):
        side = np.cross(np.gradient(edge_path, axis=0), FRONT)
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        line = edge_path + side * s * radius + FRONT * -sign * -flat * 0.9
        pieces += [dashes(line, FRONT)]
    return pieces


def dashes(path: Points, up: Points, part: str = "stitch", pitch: float = 0.5, thick: float = 0.05) -> Piece:
    """Stitches along a path in space."""
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])

    def on(at: Points) -> Points:
        return np.stack([np.interp(at[:, 0], far, path[:, k]) for k in range(3)], axis=1) - up * at[:, 1:] * 0

    line = np.column_stack([np.linspace(0, far[-1], 40), np.zeros(40)])
    return stitches(
        lambda at: on(at) + np.cross(np.array([1.0, 0, 0]), up) * at[:, 1:],
        line,
        towards=up,
        pitch=pitch,
        thick=thick,
        part=part,
    )


def tab(
    on: Callable[[Points], Points],
    x: float,
    z: float,
    wide: float,
    high: float,
    part: str = "handle",
    rivet: bool = True,
) -> list[Piece]:
    """A sewn tab with a rounded lower end, and a rivet."""
    t = np.linspace(0, np.pi, 14)
    low = np.stack([x + wide * np.cos(t), z - high + wide - wide * 1.1 * np.sin(t)], axis=1)
    outline = np.vstack([[[x - wide, z], [x + wide, z]], low])
    pieces = [
        laid(on, outline, 0.22, part, round_=0.15),
        stitches(on, inset(outline, 0.28), lift=0.24, pitch=0.42),
    ]
    if rivet:
        pieces.append(disc(on, x, z - high * 0.62, 0.42, lift=0.2))
    return pieces


def facing(x: float, y: float = 0.0, z: float = 0.0) -> Callable[[Points], Points]:
    """A plane that faces the camera, its origin at a point."""
    return lambda at: np.column_stack([at[:, 0] + x, np.full(len(at), y), at[:, 1] + z])


def sideways(x: float) -> Callable[[Points], Points]:
    """A plane that faces left or right, from (depth, height)."""
    return lambda at: np.column_stack([np.full(len(at), x), at[:, 0], at[:, 1]])


def level(x: float, z: float) -> Callable[[Points], Points]:
    """A plane that faces up, from (across, depth)."""
    return lambda at: np.column_stack([at[:, 0] + x, at[:, 1], np.full(len(at), z)])


def inset(outline: Points, by: float) -> Points:
    """An outline moved inwards, closed."""
    middle = outline.mean(0)
    off = outline - middle
    size = np.linalg.norm(off, axis=1, keepdims=True)
    return np.vstack([middle + off * (1 - by / size), middle + off[:1] * (1 - by / size[:1])])


def disc(
    on: Callable[[Points], Points],
    x: float,
    z: float,
    radius: float,
    part: str = "hardware",
    lift: float = 0.0,
    high: float = 0.28,
) -> Piece:
    """A round stud."""
    t = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    outline = np.stack([x + radius * np.cos(t), z + radius * np.sin(t)], axis=1)
    return laid(on, outline, high, part, round_=radius * 0.5, lift=lift, pillow=0.06)


def loop_of(
    centre: Sequence[float],
    wide: float,
    high: float,
    thick: float,
    part: str = "hardware",
    power: float = 2.0,
    turn: tuple[Points, Points] | None = None,
) -> Piece:
    """A ring of metal in the plane of two directions (x and z without them)."""
    across, up = turn or (np.array([1.0, 0, 0]), np.array([0.0, 0, 1]))
    loop = ring(wide, high, power, 73)
    path = np.array(centre) + loop[:, :1] * across + loop[:, 1:] * up
    return tube(path, thick, thick, part, count=12, capped=False)


def plate(
    on: Callable[[Points], Points],
    x: float,
    z: float,
    w: float,
    h: float,
    r: float,
    part: str = "hardware",
    high: float = 0.45,
    lift: float = 0.0,
) -> Piece:
    """A rounded plate laid on a surface."""
    return laid(on, rounded(w, h, r, (x, z)), high, part, round_=0.22, lift=lift, pillow=0.05)
