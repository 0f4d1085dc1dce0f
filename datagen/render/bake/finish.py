"""From a drape to a garment: finer triangles, parts drawn in the cloth's coordinates, and pieces laid on
top."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.interpolate import LinearNDInterpolator, NearestNDInterpolator
from scipy.sparse import coo_matrix
from scipy.spatial import cKDTree

from datagen.render.bake.bodies import Points, Whole, normals
from datagen.render.bake.cloth import Draped
from datagen.render.bake.panels import Cloth, Panel, cut, inside, resampled
from datagen.render.bake.views import PART, Surface


class Drawn(NamedTuple):
    """A part drawn on pieces: within a polygon in their coordinates, or near one of their edges."""

    panels: tuple[str, ...]
    part: str
    polygon: Points | None = None
    edge: str = ""
    within: float = 0.0
    """Of the edge, cm."""
    every: float = 0.0
    """If above 0, only stripes along the warp are drawn, so far apart, as ribs are; cm."""


@dataclass
class Garb:
    """A draped garment that can be drawn on and added to."""

    cloth: Cloth
    draped: Draped
    skin: tuple[Points, Points]
    """Vertices and normals of the wearer."""
    drawn: list[Drawn] = field(default_factory=list)
    laid: list[Surface] = field(default_factory=list)
    relief: Callable[[Points], Points] | None = None
    """Height of the cloth's own relief at places (n, 2) of a piece, cm: chambers, quilting."""
    known: dict[str, tuple[LinearNDInterpolator, NearestNDInterpolator]] = field(default_factory=dict)
    """Pieces -> where their points are, with normals, for ``at``."""

    def at(self, panel: str, flat: Points) -> tuple[Points, Points]:
        """Where places (n, 2) of a piece are, and the normals there, nearly of unit length."""
        if panel not in self.known:
            own, spots, facing = self.panel_points(panel)
            both = np.hstack([spots, facing])
            self.known[panel] = LinearNDInterpolator(own, both), NearestNDInterpolator(own, both)
        inner, outer = self.known[panel]
        out = np.asarray(inner(flat))
        gone = np.isnan(out[:, 0])
        if gone.any():
            out[gone] = outer(flat[gone])
        return out[:, :3], out[:, 3:]

    def panel_points(self, name: str) -> tuple[Points, Points, Points]:
        """A piece's flat points, and where they are, with normals."""
        mine = self.cloth.panel == self.cloth.number(name)
        index = np.full(len(self.cloth.flat), -1)
        index[self.draped.corners.ravel()] = self.draped.faces.ravel()
        used = np.flatnonzero(mine & (index >= 0))
        facing = normals(self.draped.vertices, self.draped.faces)
        return self.cloth.flat[used], self.draped.vertices[index[used]], facing[index[used]]

    def line(self, panel: str, edge: str) -> Points:
        """Where an edge of a piece is, from its first vertex to its last."""
        index = np.full(len(self.cloth.flat), -1)
        index[self.draped.corners.ravel()] = self.draped.faces.ravel()
        on = index[self.cloth.edges[panel, edge]]
        return np.asarray(self.draped.vertices[on[on >= 0]])


def fronts(garb: Garb) -> tuple[str, str]:
    """The pieces of the wearer's left and right front; one and the same on a closed garment."""
    names = {panel.name for panel in garb.cloth.panels}
    return ("front", "front") if "front" in names else ("front_l", "front_r")


def smoothed(vertices: Points, faces: Whole, times: int, share: float) -> Points:
    """Vertices moved towards the mean of their neighbours; those on a border along it only."""
    edges = np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    key = np.sort(edges, axis=1)
    _, inverse, count = np.unique(key, axis=0, return_inverse=True, return_counts=True)
    border = count[inverse.ravel()] == 1
    n = len(vertices)
    on_border = np.zeros(n, bool)
    on_border[edges[border].ravel()] = True
    keep = border | (~on_border[edges[:, 0]])
    keep_back = border | (~on_border[edges[:, 1]])
    one = np.concatenate([edges[keep, 0], edges[keep_back, 1]])
    other = np.concatenate([edges[keep, 1], edges[keep_back, 0]])
    graph = coo_matrix((np.ones(len(one)), (one, other)), shape=(n, n)).tocsr()
    graph.data[:] = 1.0
    degree = np.maximum(np.asarray(graph.sum(1)).ravel(), 1)
    alone = np.asarray(graph.sum(1)).ravel() == 0
    for _ in range(times):
        mean = (graph @ vertices) / degree[:, None]
        mean[alone] = vertices[alone]
        vertices = vertices + share * (mean - vertices)
    return vertices


def finer(vertices: Points, faces: Whole, *corner: Points) -> tuple[Points, Whole, list[Points]]:
    """Each triangle cut in four, with (m, 3, k) values of its corners."""
    edges = np.sort(np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    unique, inverse = np.unique(edges, axis=0, return_inverse=True)
    a, b, c = inverse.ravel().reshape(3, -1) + len(vertices)
    whole = np.vstack([vertices, vertices[unique].mean(1)])
    f = faces.T
    out = np.vstack([np.stack(each, 1) for each in ((f[0], a, c), (a, f[1], b), (c, b, f[2]), (a, b, c))])
    values = []
    for each in corner:
        p, q, r = each[:, 0], each[:, 1], each[:, 2]
        pq, qr, rp = (p + q) / 2, (q + r) / 2, (r + p) / 2
        values.append(
            np.concatenate(
                [np.stack(four, 1) for four in ((p, pq, rp), (pq, q, qr), (rp, qr, r), (pq, qr, rp))]
            )
        )
    return whole, out, values


def surface(garb: Garb, seed: int, crease: float) -> Surface:
    """The whole garment as one surface; ``crease`` is the height of small creases along its normals, cm."""
    cloth, draped = garb.cloth, garb.draped
    number = cloth.panel[draped.corners[:, 0]]
    flat = cloth.flat[draped.corners]
    more = np.concatenate([np.repeat(number[:, None, None], 3, 1).astype(float), flat], axis=2)
    vertices = smoothed(draped.vertices, draped.faces, 1, 0.3)
    vertices, faces, (flat, more) = finer(vertices, draped.faces, flat, more)
    vertices = smoothed(vertices, faces, 2, 0.5)
    number = np.round(more[:, 0, 0]).astype(int)
    if garb.relief is not None:
        place = np.zeros((len(vertices), 2))
        place[faces.ravel()] = flat.reshape(-1, 2)
        vertices = vertices + normals(vertices, faces) * garb.relief(place)[:, None]
    if crease:
        vertices = vertices + normals(vertices, faces) * (crease * _noise(vertices, seed))[:, None]
    part = np.array([PART[panel.part] for panel in cloth.panels])[number]
    names = [panel.name for panel in cloth.panels]
    rules = []
    for drawn in garb.drawn:
        on = np.array([k for k, name in enumerate(names) if name in drawn.panels])
        tree = None
        if drawn.edge:
            lines = [
                cloth.flat[cloth.edges[p, drawn.edge]] for p in drawn.panels if (p, drawn.edge) in cloth.edges
            ]
            if not lines:
                continue
            tree = cKDTree(np.vstack([resampled(line, max(2, len(line) * 6)) for line in lines]))
        rules.append((on, drawn, tree))

    def paint(parts: Whole, values: Points) -> Whole:
        out = parts.copy()
        panel = np.round(values[:, 0]).astype(int)
        for on, drawn, tree in rules:
            mine = np.flatnonzero(np.isin(panel, on))
            if tree is not None:
                mine = mine[tree.query(values[mine, 1:])[0] < drawn.within]
            elif drawn.polygon is not None:
                box = values[mine, 1:] >= drawn.polygon.min(0), values[mine, 1:] <= drawn.polygon.max(0)
                mine = mine[box[0].all(1) & box[1].all(1)]
                mine = mine[inside(drawn.polygon, values[mine, 1:])]
            if drawn.every:
                mine = mine[values[mine, 1] % drawn.every < 0.36 * drawn.every]
            out[mine] = PART[drawn.part]
        return out

    return _together(Surface(vertices, faces, flat, part, more, paint), garb.laid)


def _together(base: Surface, laid: list[Surface]) -> Surface:
    """One surface of a garment and the pieces on it; those keep their part."""
    count = len(base.vertices)
    faces, flat, part, vertices = [base.faces], [base.flat], [base.part], [base.vertices]
    more = [np.zeros((len(base.faces), 3, 3)) if base.more is None else base.more]
    for each in laid:
        faces.append(each.faces + count)
        count += len(each.vertices)
        vertices.append(each.vertices)
        flat.append(each.flat)
        part.append(each.part)
        more.append(np.full((len(each.faces), 3, 3), -1.0))
    return Surface(np.vstack(vertices), np.vstack(faces), np.concatenate(flat), np.concatenate(part),
                   np.concatenate(more), base.paint)  # fmt: skip


def _noise(points: Points, seed: int) -> Points:
    """(n,): smooth noise in space, about 1 at most: waves of 3 to 9 cm in many directions."""
    rng = np.random.default_rng(seed)
    out = np.zeros(len(points))
    for _ in range(14):
        wave = rng.normal(size=3)
        wave *= 2 * np.pi / rng.uniform(3.0, 9.0) / np.linalg.norm(wave)
        out += np.sin(points @ wave + rng.uniform(0, 6.28))
    return np.asarray(np.clip(out / 4.5, -1, 1))


def patch(
    garb: Garb,
    panel: str,
    polygon: Points,
    part: str,
    height: float = 0.35,
    spacing: float = 0.55,
    turned: float = 0.0,
    ramp: Callable[[Points], Points] | None = None,
) -> Surface:
    """A piece of cloth laid on another: a polygon in the coordinates of the piece below, with a rounded edge.

    Its own grain is turned by ``turned`` degrees; ``ramp`` is a factor on the height at places (n, 2).
    """
    area = polygon[:, 0] @ np.roll(polygon[:, 1], -1) - polygon[:, 1] @ np.roll(polygon[:, 0], -1)
    polygon = polygon if area > 0 else polygon[::-1]
    edges = {str(k): np.array([polygon[k]]) for k in range(len(polygon))}
    piece = cut([Panel("patch", edges, lambda p: np.column_stack([p, np.zeros(len(p))]))], [], spacing)
    spot, normal = garb.at(panel, piece.flat)
    normal = normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9)
    border = np.concatenate(list(piece.edges.values()))
    away = cKDTree(piece.flat[border]).query(piece.flat)[0]
    lifted = height * np.where(away < 1e-6, 0.75, 1.0)
    if ramp is not None:
        lifted = lifted * ramp(piece.flat)
    vertices = spot + normal * lifted[:, None]
    ring = _ring(piece)
    skirt = len(vertices) + np.arange(len(ring))
    vertices = np.vstack([vertices, spot[ring] - normal[ring] * 0.15])
    after, skirt_after = np.roll(ring, -1), np.roll(skirt, -1)
    faces = np.vstack(
        [piece.faces, np.stack([ring, skirt, after], 1), np.stack([after, skirt, skirt_after], 1)]
    )
    if garb.cloth.panels[garb.cloth.number(panel)].flip:
        faces = faces[:, ::-1]
    a = np.radians(turned)
    own = np.vstack([piece.flat, piece.flat[ring]]) @ np.array(
        [[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]
    )
    return Surface(vertices, faces, own[faces], np.full(len(faces), PART[part]))


def _ring(piece: Cloth) -> Whole:
    return np.concatenate([line[:-1] for line in piece.edges.values()])


def loft(
    rows: list[Points], part: str, closed: bool = False, outward: Callable[[Points], Points] | None = None
) -> Surface:
    """A band between lines of equally many points; its cloth runs along them."""
    grid = np.arange(len(rows) * len(rows[0])).reshape(len(rows), -1)
    vertices = np.vstack(rows)
    left, right = (grid, np.roll(grid, -1, axis=1)) if closed else (grid[:, :-1], grid[:, 1:])
    a, b, c, d = left[:-1].ravel(), right[:-1].ravel(), left[1:].ravel(), right[1:].ravel()
    faces = np.vstack([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])
    middle = np.asarray(rows[len(rows) // 2])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(middle, axis=0), axis=1))])
    half = np.array([row[len(row) // 2] for row in rows])
    across = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(half, axis=0), axis=1))])
    flat = np.stack(np.meshgrid(along - along[-1] / 2, -across), axis=2).reshape(-1, 2)
    if outward is not None:
        flat_normal = np.cross(
            vertices[faces[:, 1]] - vertices[faces[:, 0]], vertices[faces[:, 2]] - vertices[faces[:, 0]]
        )
        if (flat_normal * outward(vertices[faces].mean(1))).sum() < 0:
            faces = faces[:, ::-1]
    return Surface(vertices, faces, flat[faces], np.full(len(faces), PART[part]))
