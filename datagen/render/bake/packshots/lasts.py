"""Uppers and soles of shoes: rings from the topline over the instep to the toe; cm.

A shoe points along x, its heel at 0, with its sole's upper side on z = 0; y is to its left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial.transform import Rotation

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.solids import Paint, Piece, evenly, grid, moved, normals_of, through, tube

Ring = tuple[float, float, float, float, float, float]
"""Front x and z, back x and z, half width, sag of the sides."""


class Upper(NamedTuple):
    """``points`` (rows, columns, 3) from the topline to the toe, columns from one edge of the throat around
    under the foot to the other; ``arc`` (rows, columns): signed distance from the middle of the instep."""

    points: Points
    arc: Points

    def at(self, spots: Points) -> Points:
        """Points at (row share, arc), rows from 0 to 1: interpolated within a row by the arc."""
        rows = len(self.arc)
        r = np.clip(spots[:, 0], 0, 1) * (rows - 1)
        low = np.minimum(r.astype(int), rows - 2)
        part = (r - low)[:, None]
        return np.asarray(self._on(low, spots[:, 1]) * (1 - part) + self._on(low + 1, spots[:, 1]) * part)

    def _on(self, row: Points, arc: Points) -> Points:
        out = np.empty((len(row), 3))
        for k, (r, a) in enumerate(zip(row, arc, strict=True)):
            side = slice(None, self.arc.shape[1] // 2) if a >= 0 else slice(self.arc.shape[1] // 2, None)
            far, points = self.arc[r, side], self.points[r, side]
            if far[0] > far[-1]:
                far, points = far[::-1], points[::-1]
            out[k] = [np.interp(a, far, points[:, j]) for j in range(3)]
        return out

    def row_of(self, x: float, arc: float = 2.0) -> float:
        """The share of rows at which the upper reaches an x, at a distance from the instep's middle."""
        shares = np.linspace(0, 1, 200)
        found = self.at(np.column_stack([shares, np.full(200, arc)]))[:, 0]
        return float(shares[int(np.argmin(np.abs(found - x)))])


def upper(
    rings: Sequence[Ring],
    throat: Callable[[Points], Points] | None = None,
    *,
    rows: int = 110,
    columns: int = 120,
    round_: tuple[float, float] = (2.2, 3.2),
    lean: float = 0.9,
    long: float = 29.0,
) -> Upper:
    """The surface through rings. ``throat``: the half width that is left open in front, by row share."""
    at = np.linspace(0, 1, len(rings))
    share = np.linspace(0, 1, rows)
    curves = [through(list(at), [one[k] for one in rings])(share) for k in range(6)]
    fx, fz, bx, bz, wide, sag = curves
    t = np.linspace(0, np.pi, 241)
    half = columns // 2
    points, arcs = np.empty((rows, 2 * half, 3)), np.empty((rows, 2 * half))
    for r in range(rows):
        power = np.where(t < np.pi / 2, *round_)
        p = np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / power)
        q = wide[r] * np.abs(np.sin(t)) ** (2 / power)
        mid = np.array([(fx[r] + bx[r]) / 2, (fz[r] + bz[r]) / 2])
        way = np.array([(fx[r] - bx[r]) / 2, (fz[r] - bz[r]) / 2])
        xz = mid + p[:, None] * way
        xz[:, 1] -= sag[r] * (1 - p**2)
        line = np.stack([xz[:, 0], q, np.maximum(xz[:, 1], 0.0)], axis=1)
        far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
        open_ = 0.0 if throat is None else float(throat(share[r : r + 1])[0])
        stations = np.linspace(min(open_, far[-1] * 0.4), far[-1], half)
        lateral = np.stack([np.interp(stations, far, line[:, k]) for k in range(3)], axis=1)
        points[r, :half], points[r, half:] = lateral, lateral[::-1] * [1, -1, 1]
        arcs[r, :half], arcs[r, half:] = stations, -stations[::-1]
    points[..., 1] += lean * (np.clip(points[..., 0] / long, 0, 1)) ** 2
    return Upper(points, arcs)


def skin(
    one: Upper,
    part: str,
    paint: Paint | None = None,
    off: float = 0.0,
    rows: slice = slice(None),
    side: bool = False,
) -> Piece:
    """The upper as a surface, ``off`` cm outside; its material runs around the foot and to the heel,
    or as seen from the ``side``."""
    points = one.points
    if off:
        points = points + normals_of(points) * off
    flat = np.stack([one.arc, -one.points[..., 0]], axis=2)
    if side:
        flat = one.points[..., [0, 2]]
    return grid(points[rows], part, flat[rows], paint)


def topline(one: Upper, row: int = 0) -> Points:
    """The edge of the opening: from the throat's left around the heel to its right."""
    return evenly(one.points[row], 160)


def sole(
    outline: Points,
    thick: Callable[[Points], Points],
    part: str = "sole",
    *,
    flare: float = 0.15,
    lip: float = 0.7,
    under: str = "outsole",
    tread: float = 0.5,
    roof: bool = True,
) -> list[Piece]:
    """A sole's wall and faces around an outline (n, 2); ``thick`` cm below z = 0 by x, ``lip`` above it."""
    loop = np.vstack([outline, outline[:1]])
    middle = loop.mean(0)
    ahead = np.gradient(loop, axis=0)
    out = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1)
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    out *= np.where(((loop - middle) * out).sum(1, keepdims=True) < 0, -1, 1)
    deep = thick(loop[:, 0])
    profile = [
        (-0.5, -1.0),
        (-0.12, -1.0),
        (0.0, -0.92),
        (flare * 0.6, -0.6),
        (flare, -0.3),
        (flare, 0.3),
        (flare * 0.5, 0.85),
        (-0.1, 1.0),
        (-0.6, 1.0),
    ]
    rows = []
    for away, level in profile:
        z = np.where(level < 0, level * deep, level * lip)
        rows.append(np.column_stack([loop + out * away, z]))
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(loop, axis=0), axis=1))])
    flat = np.stack([np.column_stack([far, row[:, 2]]) for row in rows])

    def split(own: Points) -> np.ndarray[tuple[int, ...], np.dtype[np.str_]]:
        return np.where(own[:, 2] < -thick(own[:, 0]) + tread, under, part)

    wall = grid(np.stack(rows), part, flat, split if tread else None)
    floor = [np.column_stack([middle + (loop + out * -0.5 - middle) * s, -deep]) for s in (1.0, 0.5, 0.0)]
    over = [
        np.column_stack([middle + (loop + out * -0.6 - middle) * s, np.full(len(loop), lip)])
        for s in (1.0, 0.0)
    ]
    return [wall, grid(np.stack(floor), under), *([grid(np.stack(over), part)] if roof else [])]


def outline(
    widths: Sequence[tuple[float, float]],
    lean: float = 0.9,
    long: float = 29.0,
    grow: float = 0.0,
    count: int = 160,
) -> Points:
    """A sole seen from above, from (x, half width) pairs that begin and end with 0."""
    knots = np.array(widths)
    far = np.linspace(0, 1, len(knots))
    fine = np.linspace(0, 1, 300)
    x, w = through(list(far), list(knots[:, 0]))(fine), through(list(far), list(knots[:, 1]))(fine)
    half = np.stack([x, w + grow * np.sin(np.pi * fine) ** 0.3], axis=1)
    whole = np.vstack([half, half[::-1] * [1, -1]])
    whole[:, 1] += lean * np.clip(whole[:, 0] / long, 0, 1) ** 2
    return evenly(whole, count + 1)[:-1]


def footbed(
    outline_: Points, z: float, part: str = "insole", shrink: float = 0.45, bowl: float = 0.5
) -> Piece:
    """The inner sole, a little hollow."""
    middle = outline_.mean(0)
    loop = np.vstack([outline_, outline_[:1]])
    off = loop - middle
    size = np.linalg.norm(off, axis=1, keepdims=True)
    edge = middle + off * (1 - shrink / size)
    rows = [
        np.column_stack([middle + (edge - middle) * s, np.full(len(loop), z - bowl * (1 - s * s))])
        for s in np.linspace(1, 0, 10)
    ]
    return grid(np.stack(rows), part)


def lace(path: Points, wide: float = 0.4, high: float = 0.15, up: Points | None = None) -> Piece:
    """A flat lace along a path in space."""
    return tube(path, wide, high, "lace", up=up, count=10)


def bent(pieces: list[Piece], spring: Callable[[Points], Points]) -> list[Piece]:
    """Pieces raised by a function of x: the spring of a toe, the pitch of a heel."""
    out = []
    for one in pieces:
        vertices = one.vertices.copy()
        vertices[:, 2] += spring(vertices[:, 0])
        e = 0.05
        slope = (spring(vertices[:, 0] + e) - spring(vertices[:, 0] - e)) / (2 * e)
        normal = one.normal.copy()
        normal[:, 0] -= slope * normal[:, 2]
        normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
        out.append(one._replace(vertices=vertices, normal=normal))
    return out


ABOVE = Rotation.from_matrix(np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]]))
"""Seen from above, toe down."""

ASIDE = Rotation.from_matrix(np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]]))
"""On its side, sole to the left, toe down."""


def lying(shoe: list[Piece], apart: float = 8.2, beside: float = -12.2) -> list[Piece]:
    """A pair on a table: one seen from above, one on its side."""
    low = min(float(one.vertices[:, 2].min()) for one in shoe)
    far = max(float(one.vertices[:, 1].max()) for one in shoe)
    pieces = [moved(one, (apart, low, 0), ABOVE * Rotation.from_euler("z", -3, degrees=True)) for one in shoe]
    return pieces + [
        moved(one, (beside, -far, 0), Rotation.from_euler("y", 3, degrees=True) * ASIDE) for one in shoe
    ]


def two_above(shoe: list[Piece], apart: float = 6.4, spin: float = 3.0) -> list[Piece]:
    """A pair on a table, both seen from above."""
    low = min(float(one.vertices[:, 2].min()) for one in shoe)
    turn = ABOVE * Rotation.from_euler("z", -spin, degrees=True)
    pieces = [moved(one, (apart, low, 0), turn) for one in shoe]
    return pieces + [
        moved(one, (-apart, low, 0.4), None, mirror=True)
        for one in [moved(one, (0, 0, 0), turn) for one in shoe]
    ]


def standing(shoe: list[Piece], apart: float = 11.0, ahead: float = 5.5) -> list[Piece]:
    """A pair side by side, the nearer one a little back; both point to the right."""
    low = min(float(one.vertices[:, 2].min()) for one in shoe)
    left = [
        one._replace(
            vertices=one.vertices * [1, -1, 1], normal=one.normal * [1, -1, 1], faces=one.faces[:, ::-1]
        )
        for one in shoe
    ]
    return [moved(one, (-ahead / 2, -apart / 2, -low)) for one in shoe] + [
        moved(one, (ahead / 2, apart / 2, -low)) for one in left
    ]
