"""Boots, chelsea boots, rain boots and pumps: a pair that stands."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.lasts import (
    Ring,
    Upper,
    bent,
    outline,
    skin,
    sole,
    standing,
    topline,
    upper,
)
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import Piece, evenly, grid, ring, spline, stitches, through, tube
from datagen.render.bake.packshots.trainers import FOOT, laces, tongue

VAMP: list[Ring] = [
    (14.4, 8.7, -0.3, 1.2, 3.8, 0.3),
    (16.2, 7.7, 0.6, 0.0, 3.75, 0.1),
    (18.2, 6.8, 6.0, 0.0, 3.8, 0.0),
    (20.4, 5.9, 13.0, 0.0, 4.2, 0.0),
    (22.6, 5.1, 19.0, 0.0, 4.6, 0.0),
    (25.2, 4.5, 23.4, 0.0, 4.4, 0.0),
    (27.6, 3.8, 26.6, 0.0, 3.6, 0.0),
    (29.0, 2.8, 28.5, 0.0, 2.2, 0.0),
    (29.4, 1.0, 29.4, 0.0, 0.5, 0.0),
]
"""The foot of a boot, from the instep on."""

FAR = np.array([0.0, -1.0, 0.25])


def shaft(high: float, wide: float = 5.0) -> list[Ring]:
    """A boot's rings, its shaft up to a height."""
    steps = np.linspace(high, 13.5, max(2, round((high - 12) / 4)))
    rings: list[Ring] = []
    for z in steps:
        grow = (z - 12) / 14
        rings.append(
            (
                11.6 + grow * 0.9,
                float(z),
                0.3 - grow * 0.5,
                float(z) + 0.5,
                4.0 + (wide - 4.2) * min(1.0, grow * 1.4),
                0.25,
            )
        )
    rings += [(12.2, 10.8, 0.5, 9.0, 3.75, 0.3), (13.2, 9.6, -0.1, 4.4, 3.75, 0.4)]
    return rings + VAMP


def _on_foot(
    top: Upper, heel: float, thick: float, edge: str = "welt", plan: Points | None = None, block: float = 0.0
) -> list[Piece]:
    """The sole with its welt and a stacked heel."""
    plan = outline(FOOT) if plan is None else plan
    wall = sole(plan, through([-1, 30], [thick, thick]), "outsole", flare=0.12, lip=0.35, tread=0.0)
    back = plan[plan[:, 0] < 8.6] if not block else plan[plan[:, 0] < 6.0]
    first = int(np.argmax(np.linalg.norm(np.diff(np.vstack([back, back[:1]]), axis=0), axis=1)))
    loop = np.roll(back, -first - 1, axis=0)
    middle = loop.mean(0)
    rows = []
    for z, s in (
        (-thick + 0.02, 1.0),
        (-thick - heel * 0.5, 0.97),
        (-thick - heel, 0.95),
        (-thick - heel, 0.0),
    ):
        points = middle + (np.vstack([loop, loop[:1]]) - middle) * s
        rows.append(np.column_stack([evenly(points, 90), np.full(90, z)]))
    line = np.vstack([plan, plan[:1]])
    up = np.array([0.0, 0.0, 1.0])
    inner = plan.mean(0) + (line - plan.mean(0)) * 0.985

    def on(at: Points) -> Points:
        return np.column_stack([at, np.full(len(at), 0.37)])

    _ = edge
    return [*wall, grid(np.stack(rows), "outsole"), stitches(on, inner, towards=up, pitch=0.5, thick=0.06)]


def _binding(top: Upper, radius: float = 0.28, part: str = "edge") -> Piece:
    return tube(topline(top), radius, radius, part, count=10)


def _inner(top: Upper, rows: int) -> Piece:
    mid = top.points.mean(1, keepdims=True)
    return skin(
        Upper(mid + (top.points - mid) * [0.93, 0.9, 1.0] + [0, 0, -0.05], top.arc),
        "lining",
        rows=slice(0, rows),
    )


def _loop(high: float, x: float) -> list[Piece]:
    """A pull at the back of the shaft."""
    path = spline(
        [
            (x + 0.3, 0, high - 2.2),
            (x - 0.5, 0, high + 0.4),
            (x + 0.0, 0, high + 2.3),
            (x + 1.0, 0, high + 0.8),
            (x + 1.0, 0, high - 1.8),
        ],
        40,
    )
    return [tube(path, 0.85, 0.14, "strap", up=np.array([-1.0, 0.0, 0.4]))]


def _spring(x: Points) -> Points:
    return np.asarray(0.05 * np.clip(x - 19.0, 0, None) ** 1.6 / 2.4)


def chelsea(high: float = 17.0, heel: float = 2.0, block: float = 0.0) -> Solid:
    """Elastic at both sides, a pull at the heel, no laces."""
    top = upper(shaft(high), rows=130)

    def paint(own: Points) -> npt.NDArray[np.str_]:
        x, z = own[:, 0], own[:, 2]
        middle = 6.0 - 0.02 * (high - z)
        half = np.clip(1.5 + 1.9 * (z - 6.6) / (high - 6.6), 0, 3.6) * np.sqrt(np.clip((z - 5.6) / 2.0, 0, 1))
        inside = (np.abs(x - middle) < half) & (z > 5.6)
        rib = np.floor((x - middle) / 0.36).astype(int) % 2 == 0
        return np.where(inside, np.where(rib, "elastic", "rib"), "body")

    pieces = [skin(top, "body", paint, side=True), _inner(top, 40), _binding(top, 0.2)]
    pieces += _on_foot(top, heel, 0.9) + _loop(high, -0.1)
    z = np.linspace(high - 0.4, 5.8, 40)
    half = (
        np.clip(1.5 + 1.9 * (z - 6.6) / (high - 6.6), 0, 3.6) * np.sqrt(np.clip((z - 5.4) / 2.0, 0, 1)) + 0.3
    )
    for sign in (-1, 1):
        line = np.column_stack([6.0 - 0.02 * (high - z) + sign * half, z])
        pieces.append(stitches(_side(top), line, towards=FAR, pitch=0.42, thick=0.05, lift=0.04))
    return Solid(standing(bent(pieces, _spring)), (9.0, 4.0, 5.0), (9.5, 4.0, 2.6))


def _side(top: Upper) -> Callable[[Points], Points]:
    """The right side of an upper at (x, z)."""
    half = top.points[:, top.arc.shape[1] // 2 :].reshape(-1, 3)

    def on(at: Points) -> Points:
        from scipy.spatial import cKDTree

        _, near = cKDTree(half[:, [0, 2]]).query(at, 4)
        return np.column_stack([at[:, 0], half[near, 1].mean(1), at[:, 1]])

    return on


def laced(high: float = 18.0, heel: float = 2.2, block: float = 0.0, thick: float = 1.2) -> Solid:
    """A laced ankle boot with a tongue."""
    rings = shaft(high)
    end = 0.60
    throat = through([0.0, 0.3, end - 0.05, end, 1.0], [1.7, 1.5, 1.0, 0.0, 0.0])
    top = upper(rings, throat, rows=140)

    def paint(own: Points) -> npt.NDArray[np.str_]:
        x, z = own[:, 0], own[:, 2]
        part = np.where(x > 25.0, "panel", "body")
        return np.where((x < 4.4 - 0.1 * z) & (z < 9.5), "panel", part)

    pieces = [skin(top, "body", paint, side=True), _inner(top, 52), _binding(top, 0.3)]
    pieces += _on_foot(top, heel, thick) + tongue(top, end, 0.9) + laces(top, end, 8) + _loop(high, -0.1)
    for sign in (-1, 1):
        shares = np.linspace(0.02, end + 0.03, 40)
        arc = sign * (
            np.maximum(throat(shares), 0.6) + 1.5 * np.sqrt(np.clip((end + 0.04 - shares) / 0.1, 0, 1))
        )
        pieces.append(
            stitches(
                top.at,
                np.column_stack([shares, arc]),
                towards=np.array([0.6, sign * 0.3, 0.7]),
                pitch=0.45,
                thick=0.06,
                lift=0.03,
            )
        )
    return Solid(standing(bent(pieces, _spring)), (8.0, 5.5, 5.0), (8.0, 5.0, 2.6))


def plain(high: float = 19.0, heel: float = 3.2, block: float = 0.0) -> Solid:
    """An ankle boot with a zip at the inner side and a strap with a buckle."""
    top = upper(shaft(high, 4.8), rows=140)
    pieces = [skin(top, "body", None, side=True), _inner(top, 44), _binding(top, 0.2)]
    pieces += _on_foot(top, heel, 0.8, block=block)
    x = np.linspace(1.0, 12.0, 30)
    on = _side(top)
    seam = np.column_stack([5.0 + 0 * x, np.linspace(high - 0.4, 2.0, 30)])
    pieces += [
        tube(on(seam) + FAR * 0.02, 0.06, 0.06, "seam", count=6),
        stitches(on, seam + [0.5, 0], towards=FAR, pitch=0.42, thick=0.05, lift=0.03),
    ]
    for z, wide in ((9.2, 0.75),):
        line = np.column_stack([np.linspace(0.8, 12.6, 40), np.linspace(z - 1.2, z + 1.6, 40)])
        pieces.append(tube(on(line) + FAR * 0.12, wide, 0.14, "strap", up=FAR, count=12))
        middle = on(np.array([[8.6, z + 0.65]]))[0] + FAR * 0.42
        loop = ring(1.0, 1.15, 5.0, 41)
        pieces.append(
            tube(
                middle + np.column_stack([loop[:, 0], 0 * loop[:, 0], loop[:, 1]]),
                0.17,
                0.17,
                "hardware",
                count=8,
                capped=False,
            )
        )
    return Solid(standing(bent(pieces, _spring)), (8.5, 7.0, 5.0), (8.5, 8.0, 2.6))


def rain(high: float = 32.0) -> Solid:
    """A tall boot moulded in one piece, with a rim."""
    top = upper(shaft(high, 6.0), rows=170)
    pieces = [skin(top, "body", None, side=True), _inner(top, 60), _binding(top, 0.5, "body")]
    plan = outline(FOOT)
    pieces += sole(
        plan, through([-1, 8.4, 9.2, 30], [2.6, 2.6, 1.3, 1.3]), "outsole", flare=0.2, lip=1.1, tread=0.0
    )
    line = np.vstack([plan, plan[:1]])
    pieces.append(
        tube(
            np.column_stack([line * [1.002, 1.03], np.full(len(line), 1.15)]),
            0.18,
            0.18,
            "outsole",
            count=8,
            capped=False,
        )
    )
    at = top.points[6]
    ridge = evenly(np.vstack([at[: len(at) // 2], at[len(at) // 2 :]]), 120)
    pieces.append(tube(ridge, 0.2, 0.2, "body", count=8))
    x = np.linspace(high * 0.05, 0, 2)
    _ = x
    on = _side(top)
    strap = np.column_stack([np.linspace(6.5, 12.0, 20), np.full(20, high - 4.2)])
    pieces.append(tube(on(strap) + FAR * 0.15, 0.7, 0.16, "strap", up=FAR, count=12))
    middle = on(np.array([[8.4, high - 4.2]]))[0] + FAR * 0.4
    loop = ring(1.0, 1.05, 4.0, 41)
    path = middle + np.column_stack([loop[:, 0], np.zeros(41), loop[:, 1]])
    pieces.append(tube(path, 0.16, 0.16, "hardware", count=8, capped=False))
    return Solid(standing(bent(pieces, _spring)), (6.0, 18.0, 7.0), (6.0, 20.0, 3.0))


PUMP: list[Ring] = [
    (20.8, 4.0, 0.6, 6.2, 3.1, 2.3),
    (21.1, 3.9, 0.1, 4.4, 3.2, 1.8),
    (21.6, 3.7, -0.2, 2.2, 3.3, 1.0),
    (22.2, 3.5, 0.2, 0.3, 3.25, 0.3),
    (23.0, 3.3, 6.0, 0.0, 3.1, 0.0),
    (24.0, 3.1, 14.0, 0.0, 3.3, 0.0),
    (25.2, 2.8, 20.0, 0.0, 3.9, 0.0),
    (26.8, 2.4, 24.5, 0.0, 3.3, 0.0),
    (28.6, 1.9, 27.5, 0.0, 2.0, 0.0),
    (30.0, 1.4, 29.8, 0.0, 0.9, 0.0),
    (30.6, 0.6, 30.6, 0.0, 0.15, 0.0),
]

SLIM = [
    (-0.3, 0.0),
    (-0.2, 1.4),
    (0.6, 2.6),
    (3.0, 3.1),
    (8.0, 2.7),
    (13.0, 2.7),
    (18.0, 3.6),
    (21.5, 4.0),
    (25.0, 3.3),
    (28.0, 2.0),
    (30.2, 0.6),
    (30.7, 0.0),
]


def pumps(heel: float = 8.0, block: bool = False, chain: bool = False, platform: float = 0.0) -> Solid:
    """Heeled shoes with pointed toes."""
    top = upper(PUMP, rows=120, long=30.0, lean=0.6)
    plan = outline(SLIM, long=30.0, lean=0.6)
    pieces = [skin(top, "body", None, side=True), _inner(top, 60), _binding(top, 0.12, "edge")]
    under = plan.mean(0) + (plan - plan.mean(0)) * [0.965, 0.86]
    pieces += sole(
        under,
        through([-1, 12, 16, 31], [0.25, 0.25, 0.3 + platform * 0.5, 0.3 + platform]),
        "outsole",
        flare=0.0,
        lip=0.1,
        tread=0.0,
    )
    rows = [
        np.column_stack(
            [
                plan.mean(0) + (np.vstack([plan, plan[:1]]) - plan.mean(0)) * s * 0.9,
                np.full(len(plan) + 1, 0.35),
            ]
        )
        for s in (1.0, 0.5, 0.0)
    ]
    pieces.append(grid(np.stack(rows), "insole"))
    if chain:
        path = top.at(np.column_stack([np.full(40, 0.2), np.linspace(-5.5, 5.5, 40)])) + [0.6, 0, 0.25]
        for k in range(0, 36, 3):
            loop = ring(0.62, 0.4, 2.0, 21)
            ahead = path[k + 3] - path[k]
            ahead /= np.linalg.norm(ahead)
            side = np.cross(ahead, [0.4, 0, 0.9])
            pieces.append(
                tube(
                    path[k] + loop[:, :1] * ahead + loop[:, 1:] * side,
                    0.13,
                    0.13,
                    "hardware",
                    count=8,
                    capped=False,
                )
            )
    pitch = through(
        [-2.0, 3.0, 7.0, 12.0, 17.0, 20.5, 24.0, 31.0],
        [heel + 0.5, heel, heel * 0.86, heel * 0.52, heel * 0.16, 0.0, 0.0, 0.5],
    )
    shoe = bent(pieces, pitch)
    high = float(pitch(np.array([2.6]))[0]) + platform
    stack = []
    shapes = (
        [(0.0, 3.0, 2.75, 2.5), (0.25, 2.75, 2.2, 2.1), (0.6, 2.6, 1.9, 1.9), (1.0, 2.6, 1.7, 1.8)]
        if block
        else [
            (0.0, 3.0, 2.75, 2.6),
            (0.12, 2.5, 2.1, 2.1),
            (0.3, 1.9, 1.25, 1.25),
            (0.6, 1.6, 0.75, 0.7),
            (1.0, 1.5, 0.55, 0.5),
        ]
    )
    far = [one[0] for one in shapes]
    curves = [through(far, [one[k] for one in shapes]) for k in (1, 2, 3)]
    for s in np.linspace(0, 1, 24):
        at = np.array([s])
        loop = ring(float(curves[1](at)[0]), float(curves[2](at)[0]), 2.4, 61)
        z = high - 0.25 - s * (high - 0.25 + platform)
        tilt = 0.09 * (1 - s)
        stack.append(
            np.column_stack(
                [loop[:, 0] + float(curves[0](at)[0]), loop[:, 1], z - tilt * loop[:, 0] * 4 * (1 - s)]
            )
        )
    shoe.append(
        grid(
            np.stack(stack),
            "heel_cap",
            np.stack(stack)[..., [0, 2]],
            lambda own: np.where(own[:, 2] < 0.5 - platform, "outsole", "heel_cap"),
        )
    )
    return Solid(standing(shoe, 9.5, 6.0), (25.0, 2.6, 3.0), (25.0, 2.6, 2.0))
