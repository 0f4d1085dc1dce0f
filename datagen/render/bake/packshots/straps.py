"""Straps and chains along paths in space."""
# ruff: noqa: RUF005 (arrays are added, not joined)

from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import dashes
from datagen.render.bake.packshots.solids import FRONT, Knots, Piece, evenly, ring, spline, tube

UP = np.array([0.0, 0.0, 1.0])


def links(path: Points, size: float = 0.85, thick: float = 0.19) -> list[Piece]:
    """A chain along a path: links turned by a quarter in turn."""
    far = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    at = evenly(path, max(3, round(far / (size * 1.25))))
    ahead = np.gradient(at, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    pieces = []
    for k, (point, way) in enumerate(zip(at, ahead, strict=True)):
        side = np.cross(way, FRONT + [0.01, 0.02, 0.013])
        side /= np.linalg.norm(side)
        across = side if k % 2 else np.cross(way, side)
        across = (across + 0.5 * (np.cross(way, side) if k % 2 else side)) / 1.118
        loop = ring(size, size * 0.62, 2.3, 25)
        pieces.append(
            tube(
                point + loop[:, :1] * way + loop[:, 1:] * across,
                thick,
                thick,
                "hardware",
                count=8,
                capped=False,
            )
        )
    return pieces


def even(pieces: list[Piece]) -> list[Piece]:
    """Pieces that are too small for a pattern: each has one colour."""
    return [one._replace(flat=np.broadcast_to(one.flat.mean(0), one.flat.shape).copy()) for one in pieces]


def strap(
    knots: Knots,
    wide: float,
    part: str = "strap",
    up: Points | None = None,
    thick: float = 0.14,
) -> list[Piece]:
    """A stitched strap through knots, its face towards ``up``."""
    path = spline(knots, 160)
    facing = np.array([0.25, -1.0, 0.35]) if up is None else up
    pieces = [tube(path, wide, thick, part, up=facing, count=14)]
    ahead = np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    over = facing - ahead * (ahead @ facing)[:, None]
    over /= np.linalg.norm(over, axis=1, keepdims=True)
    side = np.cross(ahead, over)
    for s in (-0.7, 0.7):
        pieces.append(_stitched(path + side * s * wide + over * thick, over))
    return pieces


def _stitched(path: Points, over: Points) -> Piece:
    return dashes(path, over[len(over) // 2], pitch=0.5, thick=0.045)
