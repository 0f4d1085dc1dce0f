"""Scarves, ties and blankets, lying."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.inflated import Far, dome, inflated, within
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import (
    FRONT,
    Piece,
    along,
    evenly,
    grid,
    noise,
    rounded,
    spline,
    tube,
)


def scarf(reversible: bool = False, loose: bool = False) -> Solid:
    """Folded lengthwise, the lower layer showing at one side and below; fringed."""
    pieces: list[Piece] = []
    half, w = 39.0, 15.5
    rng = np.random.default_rng(5)
    for back in (True, False):
        shift, low = (2.2, -half) if back else (-1.0, -half + 4.4)
        x, z = np.meshgrid(np.linspace(-w, w, 90), np.linspace(low, half, 150))
        waist = 1.0 + (
            0.025 * np.sin(z / 11.0)
            if not loose
            else -0.16 * np.exp(-(((z - 14) / 16) ** 2)) + 0.03 * np.sin(z / 9.0)
        )
        relief = np.zeros(x.shape)
        for middle, lean, deep, wide in (
            (-9.0, 0.06, 0.5, 1.5),
            (-2.5, -0.05, 0.65, 1.9),
            (4.5, 0.04, 0.5, 1.4),
            (10.0, -0.07, 0.6, 1.7),
        ):
            relief += (
                deep
                * (1.9 if loose else 0.9)
                * np.exp(-(((x - middle - lean * z - 0.8 * np.sin(z / 14 + middle)) / wide) ** 2))
                * (0.6 + 0.4 * np.sin(z / 12 + middle))
            )
        relief += 0.35 * noise(np.stack([x, z], axis=2), 13.0, 3)
        edge = 0.5 * (np.clip(np.abs(x) / w, 0.93, 1) - 0.93) / 0.07
        y = (1.6 if back else 0.2) - relief + edge
        points = np.stack([x * waist + shift + 0.4 * np.sin(z / 17), y, z], axis=2)
        part = "lining" if back and reversible else "body"
        pieces.append(grid(points, part, np.stack([x, z], axis=2)))
        top = points[-1]
        pieces.append(
            tube(top, 0.55, 0.5, part, up=FRONT, count=10) if not back else tube(top, 0.4, 0.4, part, count=8)
        )
        for k in range(0, 90, 2):
            at = points[0, k]
            sway = rng.uniform(-0.5, 0.5)
            cord = spline(
                [
                    at + [0, 0, 0.4],
                    at + [sway * 0.3, -0.1, -1.4],
                    at + [sway, 0.0, -3.4 + rng.uniform(-0.3, 0.3)],
                ],
                10,
            )
            thread = tube(cord, np.linspace(0.26, 0.16, 10), np.linspace(0.26, 0.16, 10), "fringe", count=7)
            pieces.append(thread._replace(flat=np.full((len(thread.vertices), 2), [at[0], low])))
    return Solid(pieces, (0.0, -half * 0.55, w * 1.5), (w * 0.45, -half * 0.7, 5.0))


def square_scarf(folded: bool = False) -> Solid:
    """A silk square, a little uneven, with a rolled hem and two border lines."""
    half = 33.0

    def paint(own: Points) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
        far = np.maximum(np.abs(own[:, 0]), np.abs(own[:, 2]))
        return np.where(
            (far > half - 4.3) & (far < half - 3.4),
            "edge",
            np.where((far > half - 2.4) & (far < half - 2.0), "edge", "body"),
        )

    x, z = np.meshgrid(np.linspace(-half, half, 150), np.linspace(-half, half, 150))
    where = np.stack([x, z], axis=2)
    y = -0.5 * noise(where, 30.0, 2) - 0.22 * noise(where, 12.0, 3)
    for a, b, c, d in ((0.5, 0.86, 6.0, 0.55), (0.93, -0.36, -11.0, 0.5), (0.2, 0.98, -16.0, 0.4)):
        y -= d * np.exp(-(((a * x + b * z - c) / 1.6) ** 2)) * np.clip(1.2 - np.abs(b * x - a * z) / 40, 0, 1)
    wave = 0.35 * np.sin(z / 9.0) * (np.abs(x) / half) ** 6 * np.sign(x)
    points = np.stack([x + wave, y, z + 0.3 * np.sin(x / 8.0) * (np.abs(z) / half) ** 6], axis=2)
    sheet = grid(points, "body", where, paint)
    flat_own = np.column_stack([where[..., 0].ravel(), np.zeros(x.size), where[..., 1].ravel()])
    pieces: list[Piece] = [sheet._replace(own=flat_own)]
    rim = np.vstack([points[0], points[1:, -1], points[-1, ::-1][1:], points[::-1, 0][1:]])
    pieces.append(tube(evenly(rim, 500), 0.3, 0.3, "body", count=8, capped=False))
    _ = folded
    return Solid(pieces, (0.0, 0.0, 36.0), (22.0, -22.0, 9.0))


def _ribbon(path: Points, half: Points, thick: float = 0.4, part: str = "body") -> Piece:
    """Folded silk along a path (n, 3), its edges round; half as wide as ``half``."""
    across = np.linspace(-1, 1, 41)
    swell = thick * np.sqrt(np.maximum(1 - np.abs(across) ** 5, 0)) * np.minimum(1, half / 0.8)[:, None]
    points = (
        path[:, None]
        + np.array([1.0, 0.0, 0.0]) * (across * half[:, None])[..., None]
        + FRONT * swell[..., None]
    )
    far = along(path)
    place = np.stack([across[None, :] * half[:, None], np.repeat(far[:, None], 41, 1)], axis=2)
    return grid(points, part, place)


def tie(knotted: bool = False) -> Solid:
    """Folded in half, the narrow end beside the wide one; or knotted, with its loop."""
    if knotted:
        return _knotted()
    # From the wide end's point up, over the fold, and down to the point of the narrow end.
    up = np.column_stack([np.zeros(150), np.full(150, -0.9), np.linspace(-37.0, 36.0, 150)])
    turn = np.radians(np.linspace(-90, 90, 24))
    bend = np.column_stack([np.linspace(0, 0.4, 24), 0.9 * np.sin(turn), 36.0 + 0.9 * np.cos(turn)])
    down = np.column_stack(
        [0.4 + 5.0 * np.linspace(0, 1, 130), np.full(130, 0.9), np.linspace(36.0, -19.0, 130)]
    )
    path = evenly(np.vstack([up, bend[1:-1], down]), 420)
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    left = far[-1] - far
    half = np.interp(far, [0, 5.4, 34, 64, far[-1] - 4, far[-1]], [0.02, 5.2, 3.0, 1.9, 2.6, 2.6])
    half = np.where(left < 3.0, 2.6 * left / 3.0 + 0.02, half)
    return Solid([_ribbon(path, half)], (0.0, -53.0, 6.0), (0.0, -57.0, 3.4))


def _knotted() -> Solid:
    """A tied tie: its loop, the knot, a dimple below it, the narrow end behind."""
    turn = np.linspace(-0.5 * np.pi + 0.18, 1.5 * np.pi - 0.18, 160)
    loop = np.column_stack([5.6 * np.cos(turn), 1.1 - 1.4 * np.sin(turn), 29.6 + 6.4 * np.sin(turn)])
    pieces = [tube(loop, 1.7, 0.32, "body", up=FRONT + [0, 0, -0.9], power=4.0, count=18)]
    for x, y, top, low, wide in ((0.9, 1.0, 22.0, -30.5, 3.0), (0.0, -0.6, 22.0, -36.0, 5.1)):
        path = np.column_stack([np.linspace(0, x, 240), np.full(240, y), np.linspace(low, top, 240)])
        path[:, 0] = x * (top - path[:, 2]) / (top - low)
        far = path[:, 2] - low
        half = np.interp(far, [0, wide * 1.05, top - low], [0.02, wide, 1.75])
        one = _ribbon(path, half)
        dent = (
            0.5
            * np.exp(-((one.vertices[:, 0] / 0.7) ** 2))
            * np.clip((one.vertices[:, 2] - 8.0) / 13.0, 0, 1)
        )
        pieces.append(one._replace(vertices=one.vertices + dent[:, None] * [0, 1, 0]))
    corners = np.array([(-2.9, 25.2), (2.9, 25.2), (1.75, 20.6), (-1.75, 20.6)])

    def rise(at: Points, far: Points) -> Points:
        fold = 0.16 * np.exp(-(((at[:, 0] - 0.55 * (at[:, 1] - 23.0) - 1.0) / 0.3) ** 2))
        return np.asarray(dome(far, 1.0, 1.3) - fold)

    knot = inflated(within(corners), (-4.0, 20.0, 4.0, 26.0), 0.1, rise, y=-0.7)
    pieces.append(knot)
    return Solid(pieces, (0.0, -18.0, 6.0), (0.0, -21.5, 3.4))


FOLD = 19.0
"""How far from its corner a blanket is turned over, cm."""


def _cut_off(shape: Far, most: float) -> Far:
    """A shape without its upper right corner, where x and z together are more than ``most``."""
    return lambda at: np.maximum(shape(at), (at[:, 0] + at[:, 1] - most) / 2**0.5)


def blanket(wide: float = 29.0, high: float = 25.0) -> Solid:
    """Folded: three layers, fringes below, a corner turned back to show the other side."""
    pieces: list[Piece] = []
    rng = np.random.default_rng(8)
    for k, (dx, dz, y) in enumerate(((0.9, 2.6, 3.4), (0.45, 1.3, 1.9), (0.0, 0.0, 0.4))):
        outline = rounded(wide - 0.4 * (2 - k), high, 1.6, (dx, dz), 240)

        def rise(at: Points, far: Points, k: int = k, dz: float = dz) -> Points:
            relief = 0.5 * noise(at, 22.0, 3 + k) + 0.16 * noise(at, 9.0, 7 + k)
            # Folded edges are round, the one with the fringe is flat.
            edge = np.clip((at[:, 1] - dz + high) / 2.0, 0, 1)
            return np.asarray(dome(far, 1.3, 1.5) * (0.6 + 0.4 * edge) + relief * np.clip(far / 2, 0, 1))

        shape = within(outline)
        if k == 2:
            shape = _cut_off(shape, wide + high - FOLD)
        layer = inflated(shape, (-33.0, -29.0, 33.0, 31.0), 0.45, rise, y=y)
        # The layers' patterns do not continue each other.
        pieces.append(layer._replace(flat=layer.flat + [3.1 * k, 4.3 * k]))
    for y, z, shift in ((1.6, -high + 0.4, 0.6), (-0.6, -high + 0.2, 0.0)):
        for x in np.linspace(-wide + 1.2, wide - 1.2, 46):
            sway = rng.uniform(-0.5, 0.5)
            at = np.array([x + shift, y, z])
            knots = [
                at + [0, 0.2, 0.8],
                at + [sway * 0.3, -0.2, -2.0],
                at + [sway, 0.1, -4.6 + rng.uniform(-0.4, 0.4)],
            ]
            thick = np.linspace(0.42, 0.26, 10)
            thread = tube(spline(knots, 10), thick, thick, "fringe", count=7)
            pieces.append(thread._replace(flat=np.full((len(thread.vertices), 2), [x, z])))
    # The upper right corner, turned over at 45 degrees.
    outline = np.array([(wide, high - FOLD), (wide - FOLD, high), (wide - FOLD, high - FOLD)])
    outline = evenly(np.vstack([outline, outline[:1]]), 160)[:-1] + [-0.3, -0.3]
    corner = inflated(
        within(outline),
        (wide - FOLD - 3, high - FOLD - 3, wide + 3, high + 3),
        0.4,
        lambda at, far: dome(far, 1.4, 1.3) + 0.2 * noise(at, 12.0, 9) * np.clip(far, 0, 1),
        "lining",
        y=-1.4,
    )
    pieces.append(corner)
    return Solid(pieces, (-4.0, -8.0, 26.0), (-16.0, -15.0, 7.0))
