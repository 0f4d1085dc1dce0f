"""Paths: smooth curves through points, mirror images, strokes; and their anti-aliased masks.

A path is a float array of shape (n, 2), x to the right, y down. Each drawing function works in
centimetres around its own origin; ``scene`` maps them to pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Path = npt.NDArray[Any]
Box = tuple[int, int, int, int]
Knot = Sequence[float]
"""(x, y) for a point the curve runs smoothly through; (x, y, 0) for a corner."""

STEPS = 7
"""Points per segment of a curve."""

_T = np.linspace(0.0, 1.0, STEPS, endpoint=False)
_HERMITE = np.stack(
    [2 * _T**3 - 3 * _T**2 + 1, _T**3 - 2 * _T**2 + _T, 3 * _T**2 - 2 * _T**3, _T**3 - _T**2]
).astype(complex)


def curve(knots: Iterable[Knot], closed: bool = True) -> Path:
    """A Catmull-Rom curve through the knots; between two corners it is a straight line."""
    # Complex numbers in plain Python are faster than NumPy: curves are many and have few knots.
    points, smooth = [], []
    for knot in knots:
        points.append(complex(knot[0], knot[1]))
        smooth.append(0.5 * knot[2] if len(knot) > 2 else 0.5)
    ring = (
        [points[-1], *points, points[0], points[1 % len(points)]]
        if closed
        else [points[0], *points, points[-1], points[-1]]
    )
    tangents = [(ring[at + 2] - ring[at]) * smooth[at] for at in range(len(points))]
    tangents.append(tangents[0])
    table = []
    for at, point in enumerate(points if closed else points[:-1]):
        # A tangent longer than its chord would overshoot into a loop.
        after = ring[at + 2]
        chord, start, finish = abs(after - point), tangents[at], tangents[at + 1]
        start *= min(1.0, chord / (abs(start) + 1e-9))
        finish *= min(1.0, chord / (abs(finish) + 1e-9))
        table.append((point, start, after, finish))
    path = (np.array(table) @ _HERMITE).ravel()
    if not closed:
        path = np.append(path, points[-1])
    result: Path = path.view(np.float64).reshape(-1, 2)
    return result


def symmetric(half: Iterable[Knot]) -> Path:
    """A closed curve from its right half, whose knots run from the top of the axis x = 0 to the bottom."""
    right = [tuple(knot) for knot in half]
    left = [(-k[0], *k[1:]) for k in reversed(right) if abs(k[0]) > 1e-9]
    return curve([*right, *left])


def mirrored(path: Path) -> Path:
    """The path mirrored at the axis x = 0."""
    result: Path = path * np.array([-1.0, 1.0])
    return result


def shifted(path: Path, dx: float, dy: float) -> Path:
    """The path moved by (dx, dy)."""
    result: Path = path + np.array([dx, dy])
    return result


def rotated(path: Path, degrees: float, about: tuple[float, float] = (0.0, 0.0)) -> Path:
    """The path rotated clockwise (y points down) about a point."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    centre = np.array(about)
    result: Path = (path - centre) @ np.array([[c, s], [-s, c]]) + centre
    return result


def ellipse(x: float, y: float, rx: float, ry: float | None = None, points: int = 28) -> Path:
    """An ellipse around (x, y)."""
    result: Path = _circle(points) * (rx, rx if ry is None else ry)
    result += (x, y)
    return result


@lru_cache(maxsize=64)
def _circle(points: int) -> Path:
    angle = np.linspace(0, 2 * math.pi, points, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def rounded_rectangle(x0: float, y0: float, x1: float, y1: float, radius: float) -> Path:
    """A rectangle with rounded corners."""
    r = max(0.01, min(radius, (x1 - x0) / 2, (y1 - y0) / 2))
    quarter = np.linspace(0, math.pi / 2, 7)
    corners = (
        (x1 - r, y0 + r, -math.pi / 2),
        (x1 - r, y1 - r, 0.0),
        (x0 + r, y1 - r, math.pi / 2),
        (x0 + r, y0 + r, math.pi),
    )
    return np.concatenate(
        [
            np.stack([cx + r * np.cos(a + quarter), cy + r * np.sin(a + quarter)], axis=1)
            for cx, cy, a in corners
        ]
    )


def stroke(path: Path, width: float, end_width: float | None = None) -> Path:
    """The closed outline of a line of that width along an open path; with ``end_width`` it tapers."""
    step = np.empty_like(path)
    step[1:-1] = path[2:] - path[:-2]
    step[0], step[-1] = path[1] - path[0], path[-1] - path[-2]
    scale = 0.5 / (np.sqrt((step * step).sum(axis=1)) + 1e-9)
    half = scale * width
    if end_width is not None:
        half += scale * ((end_width - width) / (len(path) - 1)) * np.arange(len(path))
    normal = step[:, ::-1] * half[:, None]
    normal[:, 0] *= -1
    return np.concatenate([path + normal, (path - normal)[::-1]])


def _arc_lengths(path: Path) -> Path:
    """Distance along a path, from 0, at each of its points."""
    steps = path[1:] - path[:-1]
    at = np.zeros(len(path))
    np.cumsum(np.sqrt((steps * steps).sum(axis=1)), out=at[1:])
    return at


def dashes(path: Path, dash: float, gap: float) -> list[Path]:
    """Pieces of an open path, each ``dash`` long with ``gap`` between: stitches, chain links, teeth."""
    at = _arc_lengths(path)
    start = np.arange(0.0, at[-1], dash + gap)
    where = np.stack([start, np.minimum(start + dash, at[-1])], axis=1)
    return list(np.stack([np.interp(where, at, path[:, 0]), np.interp(where, at, path[:, 1])], axis=2))


def strokes(pieces: Sequence[Path], width: float) -> list[Path]:
    """Outlines of many two-point lines at once."""
    if not len(pieces):
        return []
    ends = np.asarray(pieces)
    step = ends[:, 1] - ends[:, 0]
    normal = (
        np.stack([-step[:, 1], step[:, 0]], axis=1)
        * (width / 2 / (np.sqrt((step * step).sum(axis=1)) + 1e-9))[:, None]
    )
    return list(
        np.stack([ends[:, 0] + normal, ends[:, 1] + normal, ends[:, 1] - normal, ends[:, 0] - normal], axis=1)
    )


def along(path: Path, count: int) -> Path:
    """``count`` points evenly spaced along an open path, ends included."""
    at = _arc_lengths(path)
    where = np.linspace(0, at[-1], count)
    return np.stack([np.interp(where, at, path[:, 0]), np.interp(where, at, path[:, 1])], axis=1)


def bounds(paths: Sequence[Path]) -> tuple[float, float, float, float]:
    """(x0, y0, x1, y1) around all paths."""
    every = paths[0] if len(paths) == 1 else np.concatenate(paths)
    low, high = every.min(axis=0), every.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def mask(paths: Sequence[Path], box: Box, sharp: int, holes: Sequence[Path] = ()) -> Image.Image:
    """Anti-aliased coverage ("L") of pixel-space paths inside ``box``, ``sharp`` x supersampled."""
    x0, y0, x1, y1 = box
    canvas = Image.new("L", ((x1 - x0) * sharp, (y1 - y0) * sharp))
    pen = ImageDraw.Draw(canvas)
    for fill, group in ((255, paths), (0, holes)):
        if not group:
            continue
        # All points in one array operation: a row of stitches is a hundred tiny outlines.
        points = ((np.concatenate(group) - (x0, y0)) * sharp).ravel().tolist()
        start = 0
        for path in group:
            end = start + 2 * len(path)
            pen.polygon(points[start:end], fill=fill)
            start = end
    return canvas.reduce(sharp) if sharp > 1 else canvas


def pixel_box(spans: Sequence[Sequence[float]], pad: float, limit: Box) -> Box:
    """The whole-pixel box around spans (x0, y0, x1, y1), padded, inside ``limit``; at least one pixel."""
    x0, y0 = min(span[0] for span in spans), min(span[1] for span in spans)
    x1, y1 = max(span[2] for span in spans), max(span[3] for span in spans)
    left = min(max(limit[0], math.floor(x0 - pad)), limit[2] - 1)
    top = min(max(limit[1], math.floor(y0 - pad)), limit[3] - 1)
    right = max(left + 1, min(limit[2], math.ceil(x1 + pad)))
    bottom = max(top + 1, min(limit[3], math.ceil(y1 + pad)))
    return left, top, right, bottom
