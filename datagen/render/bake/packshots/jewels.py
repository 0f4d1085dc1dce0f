"""Jewellery: necklaces and link bracelets lie in a loop, earrings in a pair, cuffs stand."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import dashes, loop_of
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.small_leather import flat
from datagen.render.bake.packshots.solids import (
    FRONT,
    Piece,
    along,
    evenly,
    grid,
    laid,
    lathe,
    moved,
    ring,
    rounded,
    spline,
    tube,
)
from datagen.render.bake.packshots.straps import even, links

Place = tuple[float, float]
Names = npt.NDArray[np.str_]


def _round(radius: float, at: Place, count: int = 72) -> Points:
    t = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack([at[0] + radius * np.cos(t), at[1] + radius * np.sin(t)])


def _shield(wide: float, high: float, at: Place) -> Points:
    """The outline of a shield with a point below, around its middle."""
    half = [(0.0, 1.0), (0.5, 0.95), (0.98, 0.9), (1.0, 0.1), (0.82, -0.42), (0.45, -0.78), (0.0, -1.02)]
    path = spline([*half, *[(-x, z) for x, z in half[-2:0:-1]]], 120, closed=True)
    return np.asarray(path[:-1] * [wide, high] + np.array(at))


def _rimmed(outline: Points, y: float, thick: float, rim: float, swell: float = 0.22) -> list[Piece]:
    """A plate with a raised rim."""
    closed = np.vstack([outline, outline[:1]])
    line = np.column_stack([closed[:, 0], np.full(len(closed), y - thick), closed[:, 1]])
    return [
        laid(flat(y), outline, thick, "body", round_=0.08, pillow=swell),
        tube(line, rim, rim, "body", up=FRONT, count=10, capped=False),
    ]


def _bail(at: Place, y: float, part: str = "body") -> Piece:
    """The loop of a pendant, seen from its edge and a little from the side."""
    turn = np.array([0.5, -0.86, 0.0]), np.array([0.0, 0.0, 1.0])
    return loop_of((at[0], y, at[1]), 0.3, 0.42, 0.11, part, turn=turn)


def _curb(path: Points, size: float, thick: float, pitch: float = 1.3, part: str = "body") -> list[Piece]:
    """A flat chain: each link lies on the next one, all of them turned the same way."""
    far = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    at = evenly(path, max(3, round(far / (size * pitch))))
    ahead = np.gradient(at, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    loop, pieces = ring(size, size * 0.66, 2.4, 29), []
    for point, way in zip(at, ahead, strict=True):
        side = np.cross(way, FRONT)
        side /= np.linalg.norm(side)
        along_ = 0.94 * way + 0.34 * FRONT
        across = side * 0.94 + FRONT * 0.34
        path_ = point + loop[:, :1] * along_ + loop[:, 1:] * across
        pieces.append(tube(path_, thick, thick, part, count=9, capped=False))
    return even(pieces)


def _lobster(at: Place, turn: float, size: float, part: str = "hardware") -> list[Piece]:
    """A lobster clasp and its ring, lying; its foot at a place, pointing up before it is turned."""
    hook = spline(
        [
            (0.0, 0.0),
            (-0.62, 0.5),
            (-0.7, 1.3),
            (-0.2, 2.05),
            (0.45, 1.9),
            (0.62, 1.3),
            (0.4, 0.5),
            (0.0, 0.0),
        ],
        60,
    )
    body = np.column_stack([hook[:, 0] * size, np.zeros(60), hook[:, 1] * size])
    wide = np.interp(np.linspace(0, 1, 60), [0, 0.2, 0.6, 1.0], [0.3, 0.27, 0.18, 0.24]) * size
    lever = np.array([(0.55, -0.1, 0.9), (0.85, -0.25, 0.75), (1.0, -0.3, 0.6)]) * size
    pieces = [
        tube(body, wide, wide, part, up=FRONT, count=12),
        tube(spline(lever, 12), 0.13 * size, 0.13 * size, part, count=8),
        loop_of((0.0, 0.0, -0.42 * size), 0.38 * size, 0.42 * size, 0.12 * size, part),
    ]
    spin = Rotation.from_euler("y", turn, degrees=True)
    return even([moved(one, (at[0], -0.1, at[1]), spin) for one in pieces])


NECK = [(0.3, 10.6), (3.2, 9.9), (5.9, 6.6), (6.5, 2.0), (5.2, -3.4), (2.6, -7.6), (0.0, -9.4)]
"""Half of a necklace, from the clasp down."""


def _neck(lean: float = 0.0) -> Points:
    left = [(-x * 0.98 - 0.1 * lean, z + 0.15 * lean) for x, z in NECK]
    knots = [*left, *NECK[-2::-1]]
    path = spline(knots, 300)
    return np.column_stack([path[:, 0], np.zeros(300), path[:, 1]])


def necklace(cut: str = "pendant") -> Solid:
    """A fine chain with a round pendant, or large links with a plate on a ring."""
    low = -9.4
    if cut == "links":
        path = _neck(1.0)
        pieces = _curb(path[6:-8], 0.85, 0.2, 1.45)
        pieces += _lobster((-0.55, 10.5), 88.0, 0.95)
        pieces += [loop_of((0.0, -0.4, low - 0.6), 0.85, 0.85, 0.2, "body")]
        at = 0.0, low - 2.9
        pieces += _rimmed(rounded(1.05, 1.5, 0.26, at, 80), -0.05, 0.26, 0.13)
        return Solid(pieces, (*at, 2.0), (*at, 1.7))
    pieces = even(links(_neck(), 0.36, 0.115))
    pieces += _lobster((0.0, 10.3), 80.0, 0.52)
    at = 0.0, low - 2.35
    pieces += _rimmed(_round(1.8, at), 0.0, 0.24, 0.15)
    pieces.append(_bail((0.0, low - 0.32), -0.1))
    return Solid(pieces, (*at, 2.9), (*at, 2.3))


def _drop(at: Place, turn: float) -> list[Piece]:
    """A stud, three links, and a drop that is wide below."""
    profile = spline([(0.02, 1.75), (0.16, 1.5), (0.42, 0.7), (0.62, -0.1), (0.55, -0.75), (0.02, -1.05)], 60)
    # Turned profiles run upwards.
    drop = lathe(profile[::-1], "body", count=64)
    stud = lathe(spline([(0.52, 0.0), (0.5, 0.16), (0.34, 0.34), (0.02, 0.42)], 24), "body", count=48)
    facing = Rotation.from_euler("x", 90, degrees=True)
    chain = np.column_stack([np.zeros(20), np.full(20, -0.05), np.linspace(2.75, 1.85, 20)])
    wire = spline([(0, 0.1, 3.4), (0, 0.7, 3.4), (0, 1.2, 3.35)], 12)
    pieces = [
        drop,
        moved(stud, (0.0, 0.0, 3.35), facing),
        *even(links(chain, 0.26, 0.075)),
        loop_of((0.0, 0.0, 1.82), 0.16, 0.16, 0.06),
        tube(wire, 0.06, 0.06, "hardware", count=8),
    ]
    spin = Rotation.from_euler("z", turn, degrees=True)
    return [moved(one, (at[0], 0.0, at[1]), spin) for one in pieces]


def _hoop(at: Place, turn: float, radius: float = 1.75) -> list[Piece]:
    """A thick open ring, thinner towards its post, turned about the vertical."""
    angle = np.radians(np.linspace(100, 432, 120))
    path = np.column_stack([radius * np.cos(angle), np.zeros(120), radius * np.sin(angle)])
    share = np.abs(np.linspace(-1, 1, 120))
    thick = np.interp(share, [0, 0.6, 1.0], [0.36, 0.31, 0.2])
    out = path / radius
    pieces = [tube(path, thick * 1.15, thick, "body", up=out, power=2.4, count=22)]
    post = spline([path[0] * 0.99, path[0] * [0.4, 1, 1.02], path[-1] * [1, 1, 1.04]], 20)
    pieces.append(tube(post, 0.07, 0.07, "hardware", count=8))
    pieces.append(loop_of(path[-1] * 1.02, 0.14, 0.14, 0.07))
    spin = Rotation.from_euler("z", turn, degrees=True)
    return [moved(one, (at[0], 0.0, at[1]), spin) for one in pieces]


def _stud(at: Place, turn: float, tilt: float) -> list[Piece]:
    """A stud in the shape of a shield, with its post and clasp, turned to show them."""
    outline = _shield(1.0, 1.15, (0.0, 0.0))
    pieces = _rimmed(outline, 0.0, 0.14, 0.1, 0.08)
    pieces.append(laid(flat(0.0), outline, -0.05, "body"))
    post = np.column_stack([np.zeros(12), np.linspace(0.0, 1.5, 12), np.zeros(12)])
    pieces.append(tube(post, 0.055, 0.055, "hardware", count=10))
    for x in (-0.3, 0.3):
        pieces.append(
            tube(_circle_at(x, 0.95), 0.07, 0.2, "hardware", up=np.array([0.0, 0.0, 1.0]), count=10)
        )
    spin = Rotation.from_euler("zx", [turn, tilt], degrees=True)
    return [moved(one, (at[0], 0.0, at[1]), spin) for one in pieces]


def _circle_at(x: float, y: float) -> Points:
    """One of a clasp's two curls, seen from above."""
    t = np.linspace(0, 2 * np.pi, 33)
    return np.column_stack([x + 0.26 * np.cos(t), y + 0.26 * np.sin(t), np.zeros(33)])


def earrings(cut: str = "drop") -> Solid:
    """A pair: drops on chains, hoops, or studs, the right one turned a little more."""
    if cut == "hoop":
        pieces = _hoop((-2.2, 0.0), -38.0) + _hoop((2.1, -0.1), -58.0)
        return Solid(pieces, (0.0, 0.0, 1.4), (0.0, 0.0, 0.5))
    if cut == "stud":
        pieces = _stud((-1.6, 0.1), -8.0, 4.0) + _stud((1.75, -0.1), 48.0, -4.0)
        return Solid(pieces, (0.0, 0.05, 1.5), (0.0, 0.05, 1.2))
    pieces = _drop((-1.5, 0.0), 8.0) + _drop((1.5, -0.05), -14.0)
    return Solid(pieces, (0.0, 0.95, 0.85), (0.0, 0.95, 0.7))


OVAL = np.array([3.1, 2.55])
"""Half the width and half the depth of a cuff."""

OPEN = 0.62, 0.4
"""Where a cuff is open, and how far, radians: at the right, towards the back."""


def _band(half: float, leather: bool) -> list[Piece]:
    """An oval band, open, with round ends."""
    angle = np.linspace(OPEN[0] + OPEN[1] / 2, OPEN[0] + 2 * np.pi - OPEN[1] / 2, 181)
    oval = evenly(np.column_stack([np.cos(angle), np.sin(angle)]) * OVAL, 181)
    out = oval / np.linalg.norm(oval, axis=1, keepdims=True)
    far = along(oval)
    share = np.clip((far[-1] - np.abs(far)) / half, 0, 1)
    reach = half * np.sqrt(np.maximum(1 - (1 - share) ** 2, 0.0004))
    thick = 0.2 if leather else 0.12
    turn = np.linspace(0, 2 * np.pi, 33)
    across = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2 / 6.0)
    over = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** (2 / 2.2)
    rows = [
        np.column_stack([oval + out * thick * o, half + reach * a]) for a, o in zip(across, over, strict=True)
    ]
    # The band's cloth starts in front.
    start = far[int(np.argmin(oval[:, 1]))]
    places = [np.column_stack([far - start, half + reach * a]) for a in across]
    wall = grid(np.stack(rows), "body", np.stack(places))

    def paint(own: Points) -> Names:
        inner = np.hypot(*(own[:, :2] / OVAL).T) < 1.0
        return np.where(inner, "inside" if leather else "back", "body")

    pieces = [wall._replace(paint=paint)]
    up = np.column_stack([out, np.zeros(181)])[10:-10]
    edge = np.column_stack([oval + out * thick, np.zeros(181)])[10:-10]
    for z in (0.24, 2 * half - 0.24):
        line = edge + [0, 0, z]
        if leather:
            pieces += [
                dashes(line[k : k + 13], up[k + 6], pitch=0.3, thick=0.035)
                for k in range(0, len(line) - 13, 12)
            ]
        else:
            pieces.append(tube(line, 0.1, 0.08, "body", up=up))
    return pieces


def cuff(leather: bool = False) -> Solid:
    """A wide cuff, standing: of metal with raised edges, or of leather with a metal plate."""
    half = 1.0
    pieces = _band(half, leather)

    if leather:

        def front(at: Points) -> Points:
            y = -OVAL[1] * np.sqrt(np.maximum(1 - (at[:, 0] / OVAL[0]) ** 2, 0.0)) - 0.14
            return np.column_stack([at[:, 0], y, at[:, 1]])

        plate = rounded(0.85, 0.55, 0.2, (0.0, half), 60)
        pieces.append(laid(front, plate, 0.16, "hardware", round_=0.1))
        return Solid(pieces, (-1.9, half, 1.4), (-1.9, half, 1.1))
    return Solid(pieces, (0.0, half, 1.6), (0.0, half, 1.2))


def chain_bracelet(charm: bool = True) -> Solid:
    """Flat links in an oval loop, with a clasp, an end of small links, and a charm."""
    angle = np.radians(np.linspace(-245, 78, 260))
    loop = np.column_stack([4.2 * np.cos(angle), np.zeros(260), 3.15 * np.sin(angle)])
    pieces = _curb(loop, 0.6, 0.165)
    pieces += _lobster((-0.55, 3.05), -95.0, 0.72)
    tail = spline([(-1.8, 0.0, 2.85), (-2.3, -0.2, 3.6), (-3.2, -0.2, 4.1)], 40)
    pieces += even(links(tail, 0.2, 0.06))
    if charm:
        at = 0.9, -4.9
        pieces += [loop_of((0.75, -0.25, -3.45), 0.42, 0.42, 0.1)]
        pieces += _rimmed(_shield(0.85, 1.0, at), -0.15, 0.2, 0.1)
        return Solid(pieces, (*at, 1.4), (*at, 1.1))
    at = 0.0, -3.15
    pieces += [
        laid(flat(-0.15), rounded(1.5, 0.55, 0.25, at, 80), 0.22, "body", round_=0.1, pillow=0.06),
    ]
    return Solid(pieces, (*at, 2.0), (*at, 1.0))
