"""Solids from curves: lofts, tubes, pads and stitches; cm, x to the right, y to the back, z up.

A solid is a list of pieces. A piece's ``flat`` is the place on its material (across to the right, up), which
patterns follow; its ``own`` is where a point lies in the design, by which parts may be told apart.
"""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator
from scipy.spatial.transform import Rotation

from datagen.render.bake.bodies import Points, Whole, normals

Paint = Callable[[Points], npt.NDArray[np.str_]]
"""From places in the design, (n, 3), to the names of their parts."""

On = Callable[[Points], Points]
"""From places (n, 2) on a surface to points in space."""


Knots = Sequence[Sequence[float]] | Sequence[Points] | Points
"""Points that a path goes through."""


class Piece(NamedTuple):
    """A smooth surface: ``vertices``, ``normal``, ``own`` (n, 3), ``flat`` (n, 2), ``faces`` (m, 3)."""

    vertices: Points
    faces: Whole
    flat: Points
    part: str
    own: Points
    normal: Points
    paint: Paint | None = None


def piece(vertices: Points, faces: Whole, flat: Points, part: str, paint: Paint | None = None) -> Piece:
    """A piece whose normals are smooth across vertices at the same place."""
    keys = np.round(vertices, 4)
    _, first, where = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    where = where.ravel()
    welded = normals(vertices[first], where[faces])[where]
    return Piece(vertices, faces, flat, part, vertices.copy(), welded, paint)


def grid(points: Points, part: str, flat: Points | None = None, paint: Paint | None = None) -> Piece:
    """A surface through a grid of points (rows, columns, 3); ``flat`` is its xz without one of its own."""
    rows, columns = points.shape[:2]
    at = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = at[:-1, :-1].ravel(), at[:-1, 1:].ravel(), at[1:, :-1].ravel(), at[1:, 1:].ravel()
    faces = np.vstack([np.stack([a, c, b], axis=1), np.stack([b, c, d], axis=1)])
    where = points[..., [0, 2]] if flat is None else flat
    return piece(points.reshape(-1, 3), faces, where.reshape(-1, 2), part, paint)


def spline(knots: Knots, count: int, *, closed: bool = False) -> Points:
    """A smooth path through knots (of any dimension), evenly sampled."""
    points = np.array(knots, dtype=float)
    if closed:
        points = np.vstack([points[-2:], points, points[:3]])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1) ** 0.5
    at = np.concatenate([[0], np.cumsum(np.maximum(steps, 1e-6))])
    from_, to = (at[2], at[-3]) if closed else (at[0], at[-1])
    fine = _catmull(points, at, np.linspace(from_, to, count * 8))
    return evenly(fine, count)


def _catmull(points: Points, at: Points, wanted: Points) -> Points:
    """Cubic Hermite through points with central slopes."""
    slope = np.gradient(points, at, axis=0)
    cell = np.clip(np.searchsorted(at, wanted, side="right") - 1, 0, len(at) - 2)
    width = at[cell + 1] - at[cell]
    t = ((wanted - at[cell]) / width)[:, None]
    p, q = points[cell], points[cell + 1]
    m, n = slope[cell] * width[:, None], slope[cell + 1] * width[:, None]
    a, b, c, d = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, 3 * t**2 - 2 * t**3, t**3 - t**2
    return np.asarray(a * p + b * m + c * q + d * n)


def evenly(path: Points, count: int) -> Points:
    """A path sampled at equal distances."""
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    at = np.linspace(0, far[-1], count)
    return np.stack([np.interp(at, far, path[:, k]) for k in range(path.shape[1])], axis=1)


def through(at: Sequence[float], values: Sequence[float]) -> Callable[[Points], Points]:
    """A monotone-shaped curve of one variable through values."""
    curve = PchipInterpolator(np.array(at, float), np.array(values, float))
    return lambda x: np.asarray(curve(np.clip(x, at[0], at[-1])))


def ring(a: float, b: float, power: float, count: int) -> Points:
    """A superellipse (count, 2), from the back around by the left, front and right, to the back again."""
    t = np.linspace(-np.pi, np.pi, 721)
    x = a * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** (2 / power)
    y = -b * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / power)
    return evenly(np.stack([x, y], axis=1), count)


def along(points: Points) -> Points:
    """Distances along a path from its middle."""
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return np.asarray(far - far[-1] / 2)


def tube(
    path: Points,
    wide: float | Points,
    high: float | Points,
    part: str,
    *,
    up: Points | None = None,
    power: float = 2.6,
    count: int = 14,
    capped: bool = True,
    flat: Points | None = None,
) -> Piece:
    """A band along a path (n, 3): half as wide as ``wide`` to its side, half as high along ``up``."""
    forward = np.gradient(path, axis=0)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True) + 1e-12
    if up is None:
        above = _carried(forward)
    else:
        above = np.broadcast_to(up, path.shape) - forward * (forward * up).sum(1, keepdims=True)
        above = above / (np.linalg.norm(above, axis=1, keepdims=True) + 1e-12)
    side = np.cross(forward, above)
    t = np.linspace(0, 2 * np.pi, count + 1)
    c = np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / power)
    s = np.sign(np.sin(t)) * np.abs(np.sin(t)) ** (2 / power)
    w = np.broadcast_to(wide, len(path))[:, None, None]
    h = np.broadcast_to(high, len(path))[:, None, None]
    points = path[:, None] + side[:, None] * c[None, :, None] * w + above[:, None] * s[None, :, None] * h
    if capped:
        ends = np.broadcast_to(path[[0, -1], None], (2, count + 1, 3))
        points = np.concatenate([ends[:1], points, ends[1:]])
    far = along(path)
    if capped:
        far = np.concatenate([far[:1], far, far[-1:]])
    place = np.stack(
        [np.broadcast_to(c * np.max(wide), points.shape[:2]), np.repeat(far[:, None], count + 1, 1)], 2
    )
    return grid(points, part, place)


def _carried(forward: Points) -> Points:
    """Directions across a path that turn as little as possible."""
    first = np.eye(3)[int(np.argmin(np.abs(forward[0])))]
    out = np.empty_like(forward)
    last = first - forward[0] * (first @ forward[0])
    for k, f in enumerate(forward):
        last = last - f * (last @ f)
        last = last / (np.linalg.norm(last) + 1e-12)
        out[k] = last
    return out


def lathe(profile: Points, part: str, *, squeeze: float = 1.0, power: float = 2.0, count: int = 96) -> Piece:
    """A profile (n, 2) of radius and height turned around the z axis, ``squeeze``d in depth."""
    rows = [
        np.column_stack([ring(max(r, 1e-3), max(r, 1e-3) * squeeze, power, count), np.full(count, z)])
        for r, z in profile
    ]
    points = np.stack(rows)
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    place = np.stack([np.stack([along(row) for row in rows]), np.repeat(far[:, None], count, 1)], axis=2)
    return grid(points, part, place)


def outward(on: On, at: Points, towards: Points) -> Points:
    """Unit normals of a surface, on the side of ``towards``."""
    e = 0.02
    du = on(at + [e, 0.0]) - on(at - [e, 0.0])
    dv = on(at + [0.0, e]) - on(at - [0.0, e])
    normal = np.cross(du, dv)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
    return np.asarray(normal * np.where((normal * towards).sum(1, keepdims=True) < 0, -1.0, 1.0))


FRONT = np.array([0.0, -1.0, 0.0])


def laid(
    on: On,
    outline: Points,
    height: float,
    part: str,
    *,
    round_: float = 0.25,
    pillow: float = 0.0,
    towards: Points = FRONT,
    lift: float = 0.0,
    middle: Points | None = None,
) -> Piece:
    """A pad in the shape of an outline (n, 2) around its ``middle``, laid on a surface, its edge rounded."""
    outline = np.vstack([outline, outline[:1]])
    centre = outline[:-1].mean(0) if middle is None else middle
    reach = np.linalg.norm(outline - centre, axis=1).mean()
    edge = min(0.4, round_ / reach)
    steps = np.concatenate(
        [[1.0], 1 - edge * np.array([0.0, 0.15, 0.5, 1.0]), np.linspace(1 - edge, 0, 9)[1:]]
    )
    rise = np.array([-0.05, 0.35, 0.7, 0.93, 1.0, *[1.0] * 8])
    rows, half = [], np.abs(outline - centre).max(0)
    for k, (s, r) in enumerate(zip(steps, rise, strict=True)):
        at = centre + (outline - centre) * s
        swell = np.prod(1 - np.clip((at - centre) / half, -1, 1) ** 2, axis=1) ** 0.8
        up = (lift + (height * r if k else -0.05) + pillow * swell)[:, None]
        rows.append(on(at) + outward(on, at, towards) * up)
    place = np.stack([centre + (outline - centre) * s for s in steps])
    return grid(np.stack(rows), part, place)


def stitches(
    on: On,
    path: Points,
    *,
    towards: Points = FRONT,
    pitch: float = 0.5,
    share: float = 0.62,
    thick: float = 0.055,
    lift: float = 0.02,
    part: str = "stitch",
) -> Piece:
    """A row of stitches along a path (n, 2) on a surface."""
    fine = evenly(path, max(8, len(path) * 6))
    points = on(fine)
    length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    count = max(2, round(length / pitch))
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    starts = (np.arange(count) + (1 - share) / 2) * length / count
    stations = np.concatenate([starts, starts + share * length / count])
    at = np.stack([np.interp(stations, far, fine[:, k]) for k in range(2)], axis=1)
    up = outward(on, at, towards)
    ends = on(at) + up * lift
    a, b = ends[:count], ends[count:]
    forward = b - a
    forward /= np.linalg.norm(forward, axis=1, keepdims=True) + 1e-12
    n = up[:count]
    side = np.cross(forward, n)
    corners = [
        end + side * s * thick + n * h * thick
        for end in (a, b)
        for s, h in ((-1, -0.5), (-0.7, 0.9), (0.7, 0.9), (1, -0.5))
    ]
    vertices = np.stack(corners, axis=1).reshape(-1, 3)
    one = np.array(
        [
            [0, 1, 5],
            [0, 5, 4],
            [1, 2, 6],
            [1, 6, 5],
            [2, 3, 7],
            [2, 7, 6],
            [0, 3, 2],
            [0, 2, 1],
            [4, 5, 6],
            [4, 6, 7],
        ]
    )
    faces = (one[None] + 8 * np.arange(count)[:, None, None]).reshape(-1, 3)
    return piece(vertices, faces, np.repeat(at[:count], 8, axis=0), part)


def band(
    on: On,
    path: Points,
    wide: float,
    part: str,
    *,
    lift: float = 0.03,
    high: float = 0.05,
    towards: Points = FRONT,
) -> Piece:
    """A flat strip along a path (n, 2) on a surface."""
    up = outward(on, path, towards)
    return tube(on(path) + up * lift, wide, high, part, up=up, count=10)


def moved(
    one: Piece, shift: Sequence[float] = (0, 0, 0), turn: Rotation | None = None, mirror: bool = False
) -> Piece:
    """A piece turned about the origin, then shifted; ``mirror``: left and right swapped first."""
    vertices, normal, flat, faces = one.vertices, one.normal, one.flat, one.faces
    if mirror:
        vertices, normal, faces = vertices * [-1, 1, 1], normal * [-1, 1, 1], faces[:, ::-1]
    if turn is not None:
        vertices, normal = turn.apply(vertices), turn.apply(normal)
    return one._replace(vertices=vertices + np.array(shift), normal=normal, flat=flat, faces=faces)


def rounded(w: float, h: float, r: float, at: tuple[float, float] = (0.0, 0.0), count: int = 64) -> Points:
    """A rectangle by its half sides with round corners, (count, 2)."""
    corners = []
    for x, y, start in ((w, h, 0), (-w, h, 90), (-w, -h, 180), (w, -h, 270)):
        t = np.radians(np.linspace(start, start + 90, 9))
        corners.append(
            np.stack([x - np.sign(x) * r + r * np.cos(t), y - np.sign(y) * r + r * np.sin(t)], axis=1)
        )
    path = np.vstack([*corners, corners[0][:1]])
    return np.asarray(evenly(path, count + 1)[:-1] + np.array(at))


def noise(points: Points, size: float, seed: int = 1) -> Points:
    """Smooth noise (n,) between about -1 and 1, with features of a size in cm."""
    rng = np.random.default_rng(seed)
    out = np.zeros(points.shape[:-1])
    for _ in range(8):
        drawn = np.asarray(rng.normal(size=points.shape[-1]))
        direction = drawn / np.linalg.norm(drawn)
        out += np.sin(points @ direction * 2 * np.pi / (size * rng.uniform(0.7, 1.6)) + rng.uniform(0, 6.28))
    return np.asarray(out / 2.83)


def normals_of(points: Points) -> Points:
    """Normals of a grid of points (rows, columns, 3), away from its middle."""
    du, dv = np.gradient(points, axis=1), np.gradient(points, axis=0)
    normal = np.cross(du, dv)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True) + 1e-9
    off = points - points.reshape(-1, 3).mean(0)
    return np.asarray(normal * (1.0 if (normal * off).sum() > 0 else -1.0))
