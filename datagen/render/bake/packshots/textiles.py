"""Scarves, lying."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import FRONT, Piece, evenly, grid, noise, spline, tube


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
