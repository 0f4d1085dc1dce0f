"""Cloth on a body that moves: extended position-based dynamics in small steps (Macklin and others, 2019).

Edges keep their length on the flat piece, the more so along warp and weft; vertices across an edge keep their
distance, which resists bending; contact is with planes at the nearest vertices of the body, with friction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np
from scipy.spatial import cKDTree

from datagen.render.bake.bodies import Points, Whole
from datagen.render.bake.panels import Cloth

GRAVITY = 981.0
SLACK = 0.012
"""How unevenly cloth is cut: about this share of its length."""

STEPS = 8
"""Within a frame of a sixtieth of a second."""


class Material(NamedTuple):
    """How a cloth gives way: compliances, larger being softer, and how thick it lies on the body (cm)."""

    bend: float
    shear: float
    stretch: float = 0.0
    thick: float = 0.45
    friction: float = 0.5
    span: tuple[float, ...] = ()
    """Distances, cm, over which the cloth resists bending as well: stiff cloth has no narrow folds."""


JERSEY = Material(2e-4, 3e-6, 6e-7, 0.35)
SHIRTING = Material(3e-5, 2e-6, 0.0, 0.4, span=(3.75, 7.5))
KNIT = Material(2.5e-5, 6e-6, 1e-6, 0.7, span=(3.75,))
FLEECE = Material(1.5e-5, 3e-6, 3e-7, 0.75, span=(3.75,))
DENIM = Material(7e-6, 6e-7, 0.0, 0.55, span=(3.75, 7.5))
SUITING = Material(1.2e-5, 8e-7, 0.0, 0.6, span=(3.75, 7.5))
COATING = Material(4e-6, 5e-7, 0.0, 0.9, span=(3.75, 7.5, 11.0))
GABARDINE = Material(6e-6, 5e-7, 0.0, 0.9, span=(3.75, 7.5))
SILK = Material(6e-4, 4e-6, 0.0, 0.35, 0.25)
FLOWING = Material(5e-5, 2e-6, 0.0, 0.45, 0.35, span=(3.75,))
"""Soft woven cloth of skirts and dresses: its folds may be narrow."""
CRISP = Material(6e-5, 2e-6, 0.0, 0.4, 0.45, span=(3.75,))
SOFT_SUITING = Material(4e-5, 1.5e-6, 0.0, 0.5, 0.45, span=(3.75,))
SWIM = Material(2e-4, 4e-6, 2e-6, 0.2, 0.6)
FILLED = Material(5e-6, 1e-6, 0.0, 1.2, span=(3.75, 7.5, 11.0))


class Draped(NamedTuple):
    """A garment on a body: vertices of all seams are one."""

    vertices: Points
    faces: Whole
    """(m, 3): into ``vertices``."""
    corners: Whole
    """(m, 3): the same triangles, into the vertices of the flat pieces."""


def _bends(faces: Whole, count: int) -> Whole:
    """(k, 2): the vertices on both sides of each inner edge."""
    edges = np.sort(np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    opposite = np.concatenate([faces[:, 2], faces[:, 0], faces[:, 1]])
    key = edges[:, 0] * count + edges[:, 1]
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(key[order][1:] == key[order][:-1])
    return np.stack([opposite[order[same]], opposite[order[same + 1]]], axis=1)


def _spans(cloth: Cloth, spans: tuple[float, ...]) -> Whole:
    """(k, 2): vertices of a piece that lie about a span apart along warp or weft."""
    out = []
    for number in range(len(cloth.panels)):
        mine = np.flatnonzero(cloth.panel == number)
        flat = cloth.flat[mine]
        tree = cKDTree(flat)
        for span in spans:
            for step in ([span, 0.0], [0.0, span]):
                distance, index = tree.query(flat + step)
                near = distance < 0.9
                out.append(np.stack([mine[near], mine[index[near]]], axis=1))
    return np.vstack(out)


def _edges(faces: Whole) -> Whole:
    return np.unique(
        np.sort(np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1), axis=0
    )


@numba.njit(cache=True, fastmath=False)
def _relax(p, one, other, rest, soft, weight):  # type: ignore[no-untyped-def]
    for k in range(len(one)):
        i, j = one[k], other[k]
        wi, wj = weight[i], weight[j]
        if wi + wj == 0.0:
            continue
        dx, dy, dz = p[i, 0] - p[j, 0], p[i, 1] - p[j, 1], p[i, 2] - p[j, 2]
        d = np.sqrt(dx * dx + dy * dy + dz * dz)
        if d < 1e-9:
            continue
        s = (rest[k] - d) / (wi + wj + soft[k]) / d
        p[i, 0] += wi * s * dx
        p[i, 1] += wi * s * dy
        p[i, 2] += wi * s * dz
        p[j, 0] -= wj * s * dx
        p[j, 1] -= wj * s * dy
        p[j, 2] -= wj * s * dz


@numba.njit(cache=True)
def _frame(  # type: ignore[no-untyped-def]
    x,
    v,
    weight,
    e1,
    e2,
    rest,
    soft,
    s1,
    s2,
    srest,
    ssoft,
    touch,
    point,
    normal,
    moved,
    gap,
    mu,
    g,
    damp,
    steps,
    dt,
):
    n = len(x)
    for step in range(steps):
        p = np.empty_like(x)
        for i in range(n):
            for a in range(3):
                p[i, a] = x[i, a] + dt * v[i, a]
            p[i, 2] -= dt * dt * g * (1.0 if weight[i] > 0 else 0.0)
        _relax(p, s1, s2, srest, ssoft, weight)
        _relax(p, e1, e2, rest, soft, weight)
        share = (step + 1.0) / steps
        for i in range(n):
            if not touch[i] or weight[i] == 0.0:
                continue
            d = 0.0
            for a in range(3):
                d += (p[i, a] - point[i, a] - moved[i, a] * share) * normal[i, a]
            if d < gap[i]:
                push = min(gap[i] - d, 0.6)
                for a in range(3):
                    p[i, a] += push * normal[i, a]
                along = 0.0
                t = np.empty(3)
                for a in range(3):
                    t[a] = p[i, a] - x[i, a] - moved[i, a] / steps
                    along += t[a] * normal[i, a]
                size = 0.0
                for a in range(3):
                    t[a] -= along * normal[i, a]
                    size += t[a] * t[a]
                size = np.sqrt(size)
                if size > 1e-12:
                    hold = min(1.0, mu * push / size + 0.03)
                    for a in range(3):
                        p[i, a] -= hold * t[a]
        for i in range(n):
            for a in range(3):
                speed = (p[i, a] - x[i, a]) / dt * (damp if weight[i] > 0.0 else 1.0)
                v[i, a] = min(max(speed, -250.0), 250.0)
                x[i, a] = p[i, a]


class Contact:
    """The nearest planes of a body's surface."""

    def __init__(self, usable: Whole) -> None:
        self.usable = usable

    def planes(self, vertices: Points, normals: Points, moved: Points, x: Points) -> tuple[np.ndarray, ...]:
        """For each point of the cloth: whether it is near, and a plane with its motion in the frame."""
        near = vertices[self.usable]
        distance, index = cKDTree(near).query(x, 3)
        share = 1.0 / (distance + 0.3) ** 2
        share /= share.sum(1, keepdims=True)
        n = np.einsum("nk,nkj->nj", share, normals[self.usable][index])
        n /= np.linalg.norm(n, axis=1, keepdims=True) + 1e-9
        point = np.einsum("nk,nkj->nj", share, near[index])
        motion = np.einsum("nk,nkj->nj", share, moved[self.usable][index])
        return distance[:, 0] < 9.0, point, n, motion


def drape(
    cloth: Cloth,
    body: Callable[[float], tuple[Points, Points]],
    usable: Whole,
    material: Material,
    *,
    shrink: Points | None = None,
    frames: tuple[int, int, int, int] = (30, 30, 40, 36),
    held: Whole | None = None,
) -> Draped:
    """Sew the pieces, let them hang, and move the body into its pose.

    ``body`` gives vertices and normals for a share of the pose; ``shrink`` (n,) multiplies lengths across the
    piece at its vertices, as ribs do; ``held`` vertices follow the body's surface.
    """
    weld = _welded(len(cloth.flat), cloth.pairs)
    sewing, settling, moving, resting = frames
    edges, bends = _edges(cloth.faces), _bends(cloth.faces, len(cloth.flat))
    if material.span:
        bends = np.vstack([bends, _spans(cloth, material.span)])
    rest, soft = _lengths(cloth, edges, bends, material, shrink)
    both = np.vstack([edges, bends])
    x, v = cloth.start.copy(), np.zeros_like(cloth.start)
    gap = material.thick + np.array([panel.offset for panel in cloth.panels])[cloth.panel]
    contact = Contact(usable)
    pairs = cloth.pairs
    apart = np.linalg.norm(x[pairs[:, 0]] - x[pairs[:, 1]], axis=1)
    dt = 1 / 60 / STEPS
    soft = soft / dt**2
    vertices, normal = body(0.0)
    still = np.zeros_like(vertices)
    weight = np.ones(len(x))
    one, other = both[:, 0].copy(), both[:, 1].copy()
    for frame in range(sewing):
        closing = max(0.0, 1.0 - (frame + 1) / (0.6 * sewing))
        if frame % 3 == 0:
            planes = contact.planes(vertices, normal, still, x)
        tight = np.full(len(pairs), 0.0 if closing < 0.5 else 0.5)
        _frame(
            x, v, weight, one, other, rest, soft, pairs[:, 0].copy(), pairs[:, 1].copy(), 
            apart * closing, tight, *planes, gap, 0.1, 0.0, 0.93, STEPS, dt,
        )  # fmt: skip
    faces = weld
    count = np.bincount(faces)
    x = np.stack([np.bincount(faces, x[:, a]) / count for a in range(3)], axis=1)
    v = np.zeros_like(x)
    gap = np.bincount(faces, gap) / count
    weight = np.ones(len(x))
    one, other = faces[one], faces[other]
    # Ridges along seams: pieces on both sides of one are bound to each other by bending too.
    joined = faces[cloth.faces]
    crossing = _bends(joined, len(x))
    known = set(map(tuple, np.sort(np.stack([one, other], 1), 1).tolist()))
    fresh = np.array(
        [pair for pair in np.sort(crossing, 1).tolist() if tuple(pair) not in known and pair[0] != pair[1]]
    )
    if len(fresh):
        gone = np.linalg.norm(x[fresh[:, 0]] - x[fresh[:, 1]], axis=1)
        one, other = np.concatenate([one, fresh[:, 0]]), np.concatenate([other, fresh[:, 1]])
        rest = np.concatenate([rest, np.maximum(gone, 1.9)])
        soft = np.concatenate([soft, np.full(len(fresh), material.bend / dt**2)])
    none = np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    total = settling + moving + resting
    before = vertices
    keep = np.zeros(0, np.int64) if held is None else np.unique(faces[held])
    weight[keep] = 0.0
    grip: tuple[Whole, Points] | None = None
    for frame in range(total):
        share = min(1.0, max(0.0, (frame + 2 - settling) / moving))
        share = share * share * (3 - 2 * share)
        # The body is moved every other frame, half as far in each of the two.
        if frame % 2 == 0:
            before = vertices
            if 0 <= frame - settling < moving + 2:
                vertices, normal = body(share)
            shift = (vertices - before) / 2
            planes = contact.planes(before, normal, shift, x)
        else:
            planes = (planes[0], planes[1] + planes[3], *planes[2:])
        if len(keep):
            if grip is None:
                grip = _gripped(before, usable, x[keep])
            index, share_of = grip
            v[keep] = np.einsum("nk,nkj->nj", share_of, shift[index]) * 60.0
        damp = 0.985 if frame < total - resting // 2 else 0.96
        _frame(
            x,
            v,
            weight,
            one,
            other,
            rest,
            soft,
            *none,
            *planes,
            gap,
            material.friction,
            GRAVITY,
            damp,
            STEPS,
            dt,
        )
    return Draped(x, joined, cloth.faces)


def _gripped(vertices: Points, usable: Whole, points: Points) -> tuple[Whole, Points]:
    distance, index = cKDTree(vertices[usable]).query(points, 4)
    share = 1 / (distance + 0.3) ** 2
    return usable[index], share / share.sum(1, keepdims=True)


def _welded(count: int, pairs: Whole) -> Whole:
    """(n,): the smallest number among the vertices that are sewn into one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _uneven(place: Points) -> Points:
    """(n,): smooth noise on the flat pieces, about 1 at most: waves of 7 to 18 cm."""
    rng = np.random.default_rng(5)
    out = np.zeros(len(place))
    for _ in range(10):
        turn, long = rng.uniform(0, np.pi), rng.uniform(7, 18)
        out += np.sin(
            place @ np.array([np.cos(turn), np.sin(turn)]) * 2 * np.pi / long + rng.uniform(0, 6.28)
        )
    return out / 4


def _lengths(
    cloth: Cloth, edges: Whole, bends: Whole, material: Material, shrink: Points | None
) -> tuple[Points, Points]:
    """Rest lengths and compliances of edges and bends."""
    both = np.vstack([edges, bends])
    across = cloth.flat[both[:, 0]] - cloth.flat[both[:, 1]]
    if shrink is not None:
        across = across * np.stack(
            [(shrink[both[:, 0]] + shrink[both[:, 1]]) / 2, np.ones(len(both))], axis=1
        )
    rest = np.linalg.norm(across, axis=1)
    # No cloth is cut and sewn evenly: a little more or less of it here and there makes folds settle.
    middle = (cloth.flat[both[:, 0]] + cloth.flat[both[:, 1]]) / 2 + 37.0 * cloth.panel[both[:, 0], None]
    rest = rest * (1 + SLACK * _uneven(middle))
    angle = np.arctan2(across[: len(edges), 1], across[: len(edges), 0])
    soft = material.stretch + material.shear * np.sin(2 * angle) ** 2
    return rest, np.concatenate([soft, np.full(len(bends), material.bend)])
