"""Paths: smooth curves through points, mirrors, strokes; and their anti-aliased masks.

A path is a float array of shape (n, 2), x to the right, y down. Drawing functions work in
centimetres around an origin of their own; ``scene`` maps them to pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Path = npt.NDArray[np.float64]
Box = tuple[int, int, int, int]
Knot = Sequence[float]
"""(x, y) for a point the curve runs smoothly through; (x, y, 0) for a corner."""

STEPS = 7
_T = np.linspace(0.0, 1.0, STEPS, endpoint=False)[:, None]
_H00, _H10 = 2 * _T**3 - 3 * _T**2 + 1, _T**3 - 2 * _T**2 + _T
_H01, _H11 = -2 * _T**3 + 3 * _T**2, _T**3 - _T**2


def curve(knots: Iterable[Knot], closed: bool = True) -> Path:
    """A Catmull-Rom curve through the knots; between two corners it is a straight line."""
    rows = [(k[0], k[1], k[2] if len(k) > 2 else 1.0) for k in knots]
    table = np.array(rows, dtype=np.float64)
    points, smooth = table[:, :2], table[:, 2:]
    before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
    if not closed:
        before[0], after[-1] = points[0], points[-1]
    tangent = (after - before) * 0.5 * smooth
    chord = np.linalg.norm(after - points, axis=1)
    ends = np.roll(points, -1, axis=0), np.roll(tangent, -1, axis=0)
    # A tangent longer than its chord would overshoot into a loop.
    length = np.linalg.norm(tangent, axis=1) + 1e-9
    start = tangent * np.minimum(1.0, chord / length)[:, None]
    finish = ends[1] * np.minimum(1.0, chord / (np.roll(length, -1)))[:, None]
    count = len(rows) if closed else len(rows) - 1
    parts = [
        _H00 * points[i] + _H10 * start[i] + _H01 * ends[0][i] + _H11 * finish[i] for i in range(count)
    ]
    if not closed:
        parts.append(points[-1:])
    return np.concatenate(parts)


def symmetric(half: Iterable[Knot]) -> Path:
    """A closed curve from its right half, given from the top of the axis x = 0 to its bottom."""
    right = [tuple(knot) for knot in half]
    left = [(-k[0], *k[1:]) for k in reversed(right) if abs(k[0]) > 1e-9]
    return curve([*right, *left])


def mirrored(path: Path) -> Path:
    """The path on the other side of the axis x = 0."""
    return path * np.array([-1.0, 1.0])


def shifted(path: Path, dx: float, dy: float) -> Path:
    """The path moved by (dx, dy)."""
    return path + np.array([dx, dy])


def turned(path: Path, degrees: float, about: tuple[float, float] = (0.0, 0.0)) -> Path:
    """The path turned clockwise (y points down) about a point."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    centre = np.array(about)
    return (path - centre) @ np.array([[c, s], [-s, c]]) + centre


def ellipse(x: float, y: float, rx: float, ry: float | None = None, points: int = 28) -> Path:
    """An ellipse around (x, y)."""
    angle = np.linspace(0, 2 * math.pi, points, endpoint=False)
    return np.stack([x + rx * np.cos(angle), y + (rx if ry is None else ry) * np.sin(angle)], axis=1)


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float) -> Path:
    """A rectangle with round corners."""
    r = max(0.01, min(radius, (x1 - x0) / 2, (y1 - y0) / 2))
    quarter = np.linspace(0, math.pi / 2, 7)
    corners = ((x1 - r, y0 + r, -math.pi / 2), (x1 - r, y1 - r, 0.0), (x0 + r, y1 - r, math.pi / 2), (x0 + r, y0 + r, math.pi))
    return np.concatenate(
        [np.stack([cx + r * np.cos(a + quarter), cy + r * np.sin(a + quarter)], axis=1) for cx, cy, a in corners]
    )


def stroke(path: Path, width: float, end_width: float | None = None) -> Path:
    """The closed outline of a line of that width along an open path; it may taper to its end."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    last = width if end_width is None else end_width
    half = np.linspace(width / 2, last / 2, len(path))[:, None]
    return np.concatenate([path + normal * half, (path - normal * half)[::-1]])


def dashes(path: Path, dash: float, gap: float) -> list[Path]:
    """Pieces of an open path, each ``dash`` long with ``gap`` between: stitches, chain links, teeth."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    pieces = []
    for start in np.arange(0.0, at[-1], dash + gap):
        where = np.array([start, min(start + dash, at[-1])])
        pieces.append(np.stack([np.interp(where, at, path[:, 0]), np.interp(where, at, path[:, 1])], axis=1))
    return pieces


def along(path: Path, count: int) -> Path:
    """``count`` points evenly spaced along an open path, ends included."""
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    at = np.concatenate([[0.0], np.cumsum(steps)])
    where = np.linspace(0, at[-1], count)
    return np.stack([np.interp(where, at, path[:, 0]), np.interp(where, at, path[:, 1])], axis=1)


def bounds(paths: Sequence[Path]) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) around all paths."""
    low = np.min([p.min(axis=0) for p in paths], axis=0)
    high = np.max([p.max(axis=0) for p in paths], axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def mask(paths: Sequence[Path], box: Box, sharp: int, holes: Sequence[Path] = ()) -> Image.Image:
    """Anti-aliased coverage ("L") of pixel-space paths inside ``box``, ``sharp`` x supersampled."""
    x0, y0, x1, y1 = box
    canvas = Image.new("L", ((x1 - x0) * sharp, (y1 - y0) * sharp))
    pen = ImageDraw.Draw(canvas)
    origin = np.array([x0, y0], dtype=np.float64)
    for fill, group in ((255, paths), (0, holes)):
        for path in group:
            pen.polygon(((path - origin) * sharp).ravel().tolist(), fill=fill)
    return canvas.reduce(sharp) if sharp > 1 else canvas


def pixel_box(paths: Sequence[Path], pad: float, limit: Box) -> Box:
    """The whole-pixel box around the paths, padded, inside ``limit``; at least one pixel large."""
    x0, y0, x1, y1 = bounds(paths)
    left = min(max(limit[0], math.floor(x0 - pad)), limit[2] - 1)
    top = min(max(limit[1], math.floor(y0 - pad)), limit[3] - 1)
    right = max(left + 1, min(limit[2], math.ceil(x1 + pad)))
    bottom = max(top + 1, min(limit[3], math.ceil(y1 + pad)))
    return left, top, right, bottom
