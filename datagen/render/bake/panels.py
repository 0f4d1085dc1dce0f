"""Flat pieces of cloth: outlines in centimetres, filled with triangles, placed around a body and paired at
seams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.spatial import Delaunay

from datagen.render.bake.bodies import Points, Whole

SPACING = 1.35
"""Between the points of a piece, cm."""


@dataclass
class Panel:
    """A piece. Its outline runs counter-clockwise through named edges, each from where the one before
    ends."""

    name: str
    edges: dict[str, Points]
    """Name -> (k, 2): across and up the piece as the wearer stands; with the first point, without the
    last."""
    place: Callable[[Points], Points]
    """Where points of the piece start: (n, 2) -> (n, 3) around the body at rest."""
    part: str = "body"
    offset: float = 0.0
    """How much farther from the body the piece lies than others, cm."""
    flip: bool = False
    """Whether the piece, drawn as if seen through the wearer, faces the other way: backs do."""


class Seam(NamedTuple):
    """Two edges that are sewn; the second runs the other way along the body unless ``same``."""

    one: tuple[str, str]
    other: tuple[str, str]
    same: bool = False


@dataclass
class Cloth:
    """All pieces of a garment as one set of triangles."""

    flat: Points
    """(n, 2): place within the piece, cm."""
    start: Points
    """(n, 3)."""
    faces: Whole
    panel: Whole
    """(n,): number of the vertex's piece."""
    panels: list[Panel]
    pairs: Whole
    """(k, 2): vertices that are sewn together."""
    edges: dict[tuple[str, str], Whole] = field(default_factory=dict)
    """(panel, edge) -> its vertices in order, both ends included."""

    def number(self, name: str) -> int:
        """The number of a piece."""
        return [panel.name for panel in self.panels].index(name)


def length(line: Points) -> float:
    """Of a polyline, cm."""
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def resampled(line: Points, pieces: int) -> Points:
    """(pieces + 1, 2 or 3): points at equal distances along a polyline."""
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, along[-1], pieces + 1)
    return np.stack([np.interp(at, along, line[:, k]) for k in range(line.shape[1])], axis=1)


def cut(panels: list[Panel], seams: list[Seam], spacing: float = SPACING) -> Cloth:
    """Fill the pieces with triangles; edges that are sewn get the same number of points."""
    whole = {
        (panel.name, name): np.vstack([line, list(panel.edges.values())[(k + 1) % len(panel.edges)][:1]])
        for panel in panels
        for k, (name, line) in enumerate(panel.edges.items())
    }
    count = {key: max(1, round(length(line) / spacing)) for key, line in whole.items()}
    for one, other, _ in seams:
        count[one] = count[other] = max(count[one], count[other])
    flat, start, faces, owner, edges, offset = [], [], [], [], {}, 0
    for number, panel in enumerate(panels):
        border = []
        size = sum(count[panel.name, name] for name in panel.edges)
        at = 0
        for name in panel.edges:
            points = resampled(whole[panel.name, name], count[panel.name, name])
            edges[panel.name, name] = offset + (np.arange(at, at + len(points)) % size)
            border.append(points[:-1])
            at += len(points) - 1
        points, triangles = _filled(np.vstack(border), spacing)
        flat.append(points)
        start.append(panel.place(points))
        faces.append((triangles[:, ::-1] if panel.flip else triangles) + offset)
        owner.append(np.full(len(points), number))
        offset += len(points)
    pairs = []
    for one, other, same in seams:
        second = edges[other] if same else edges[other][::-1]
        pairs.append(np.stack([edges[one], second], axis=1))
    sewn = np.vstack(pairs) if pairs else np.zeros((0, 2), np.int64)
    return Cloth(
        np.vstack(flat), np.vstack(start), np.vstack(faces), np.concatenate(owner), panels, sewn, edges
    )


def inside(outline: Points, points: Points) -> np.ndarray:
    """(n,): which points lie within a polygon (even-odd rule)."""
    x, y = points[:, 0, None], points[:, 1, None]
    a, b = outline, np.roll(outline, -1, axis=0)
    crosses = (a[:, 1] > y) != (b[:, 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (b[:, 0] - a[:, 0]) * (y - a[:, 1]) / (b[:, 1] - a[:, 1]) + a[:, 0]
    return np.asarray((crosses & (x < at)).sum(1) % 2 == 1)


def _filled(border: Points, spacing: float) -> tuple[Points, Whole]:
    """Points and triangles of a polygon whose border is given at about the spacing."""
    low, high = border.min(0), border.max(0)
    rows = np.arange(low[1], high[1], spacing * np.sqrt(3) / 2)
    columns = np.arange(low[0] - spacing, high[0] + spacing, spacing)
    grid = np.array([(x + (k % 2) * spacing / 2, y) for k, y in enumerate(rows) for x in columns])
    grid = grid[inside(border, grid)]
    from scipy.spatial import cKDTree

    grid = grid[cKDTree(border).query(grid)[0] > spacing * 0.62]
    points = np.vstack([border, grid])
    triangles = Delaunay(points).simplices.astype(np.int64)
    triangles = triangles[inside(border, points[triangles].mean(1))]
    a, b, c = (points[triangles[:, k]] for k in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    triangles = triangles[np.abs(area) > 1e-4 * spacing**2]
    area = area[np.abs(area) > 1e-4 * spacing**2]
    triangles[area < 0] = triangles[area < 0][:, ::-1]
    return points, triangles
