"""Loafers, sandals and slides: a pair that lies."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.lasts import (
    Ring,
    Upper,
    bent,
    footbed,
    lying,
    outline,
    skin,
    sole,
    topline,
    two_above,
    upper,
)
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import Piece, grid, ring, spline, stitches, through, tube
from datagen.render.bake.packshots.trainers import FOOT

MOCCASIN: list[Ring] = [
    (17.0, 6.7, 0.5, 6.2, 3.35, 1.8),
    (17.3, 6.4, 0.0, 4.5, 3.55, 1.5),
    (17.8, 6.1, -0.25, 2.0, 3.7, 0.9),
    (18.4, 5.8, 0.0, 0.3, 3.75, 0.3),
    (19.2, 5.4, 5.0, 0.0, 3.85, 0.0),
    (20.5, 4.9, 12.0, 0.0, 4.2, 0.0),
    (22.5, 4.3, 18.5, 0.0, 4.6, 0.0),
    (25.0, 3.8, 23.0, 0.0, 4.4, 0.0),
    (27.3, 3.2, 26.5, 0.0, 3.5, 0.0),
    (28.8, 2.3, 28.4, 0.0, 2.1, 0.0),
    (29.3, 0.8, 29.3, 0.0, 0.5, 0.0),
]

UP = np.array([0.0, 0.0, 1.0])


def _loafer(bit: bool, chain: bool = False, thick: float = 0.8) -> list[Piece]:
    """Apron, strap and a low heel."""
    top = upper(MOCCASIN, rows=130, round_=(2.0, 3.0))
    inner = Upper(top.points * [1, 0.93, 1] + [-0.12, 0.03, -0.3], top.arc)
    pieces = [
        skin(top, "body"),
        skin(inner, "lining", rows=slice(0, 50)),
        tube(topline(top), 0.17, 0.17, "edge", count=10),
    ]
    plan = outline(FOOT)
    depth = through([-1, 8.2, 8.8, 30], [thick + 1.4, thick + 1.4, thick, thick])
    pieces += sole(plan, depth, "outsole", flare=0.12, lip=0.4, tread=0.0)
    pieces.append(footbed(plan, 0.9, "insole"))
    apron = [(0.36, 4.2), (0.45, 4.3), (0.56, 4.2), (0.68, 3.6), (0.79, 2.6), (0.845, 1.3), (0.86, 0.02)]
    path = spline([*apron, *[(r, -a) for r, a in apron[-2::-1]]], 120)
    on = top.at
    pieces.append(tube(on(path) + UP * 0.05, 0.2, 0.2, "body", count=10))
    pieces.append(
        stitches(on, (path - [0.5, 0]) * [0.95, 0.9] + [0.5, 0], towards=UP, pitch=0.48, thick=0.07)
    )
    across = np.linspace(-8.2, 8.2, 60)
    strap = on(np.column_stack([np.full(60, 0.39), across])) + UP * 0.14
    middle = strap[30]
    pieces.append(tube(strap + [0.3, 0, 0], 1.25, 0.14, "panel", up=_up_of(strap), count=14))
    for side in (-1.0, 1.0):
        line = strap + [0.3 + side, 0, 0.0] + _up_of(strap) * 0.14
        far = np.column_stack([np.linspace(0, 1, 60), np.zeros(60)])

        def along(at: Points, line: Points = line) -> Points:
            on_line = [np.interp(at[:, 0], np.linspace(0, 1, 60), line[:, k]) for k in range(3)]
            return np.asarray(np.stack(on_line, 1) + at[:, 1:] * np.array([1.0, 0, 0]))

        pieces.append(stitches(along, far, towards=UP, pitch=0.45, thick=0.055))
    if chain:
        for k in range(14, 46, 3):
            loop = ring(0.75, 0.5, 2.0, 25)
            at = strap[k] + [0.3, 0, 0.35]
            pieces.append(
                tube(
                    at + np.column_stack([loop[:, 1], loop[:, 0], np.zeros(25)]),
                    0.16,
                    0.16,
                    "hardware",
                    count=8,
                    capped=False,
                )
            )
    elif bit:
        for sign in (-1, 1):
            loop = ring(1.05, 1.15, 2.0, 41)
            centre = strap[30 + sign * 9] + [0.3, 0, 0.42]
            pieces.append(
                tube(
                    centre + np.column_stack([loop[:, 0], loop[:, 1], -0.25 * sign * loop[:, 1]]),
                    0.2,
                    0.2,
                    "hardware",
                    count=10,
                    capped=False,
                )
            )
        bar = spline([strap[22] + [0.3, 0, 0.45], middle + [0.3, 0, 0.6], strap[38] + [0.3, 0, 0.45]], 30)
        pieces.append(tube(bar, 0.24, 0.24, "hardware", count=10))
    else:
        slot = np.array([(0.0, -1.3), (0.45, 0.0), (0.0, 1.3), (-0.45, 0.0)])
        rows = [
            np.column_stack([slot[[0, 1, 2, 3, 0]] * s, np.zeros(5)])
            + middle
            + [0.3, 0, 0.18 + 0.02 * (1 - s)]
            for s in (1.0, 0.0)
        ]
        pieces.append(grid(np.stack(rows), "lining"))
    return bent(pieces, lambda x: np.asarray(0.05 * np.clip(x - 19.0, 0, None) ** 1.6 / 2.4))


def _up_of(path: Points) -> Points:
    """Away from the foot, across a strap."""
    centre = path.mean(0) - [0, 0, 3.0]
    off = (path - centre) * [0, 1, 1]
    return np.asarray(off / (np.linalg.norm(off, axis=1, keepdims=True) + 1e-9))


def penny() -> Solid:
    """One from above, one on its side."""
    return Solid(lying(_loafer(False)), (0.0, -23.0, 4.5), (0.0, -24.0, 2.6))


def bits(chain: bool = False) -> Solid:
    """Both from above, with a metal bit."""
    return Solid(two_above(_loafer(not chain, chain)), (0.0, -24.0, 4.5), (0.0, -24.5, 2.6))


def platform() -> Solid:
    """A thick sole, one on its side."""
    return Solid(lying(_loafer(False, thick=3.2)), (0.0, -23.0, 4.5), (0.0, -24.0, 2.6))


def _arch(
    x0: float,
    x1: float,
    high: float,
    half: float,
    wide: float,
    part: str = "body",
    lean: float = 0.0,
    low: float = 0.4,
) -> Piece:
    """A strap over the foot, from one edge of the sole at x0 to the other at x1."""
    t = np.linspace(0, np.pi, 60)
    y = half * np.cos(t)
    x = x0 + (x1 - x0) * (1 - np.cos(t)) / 2 + lean * np.sin(t)
    z = low + high * np.sin(t) ** 0.8
    path = np.column_stack([x, y + 0.9 * (x / 29) ** 2, z])
    up = np.column_stack([0.18 * np.ones(60), np.cos(t), np.sin(t) + 0.2])
    strap = tube(path, wide, 0.14, part, up=up, count=14)
    far = np.linspace(0, 16, 62)
    place = np.stack(
        [np.repeat(far[:, None], 15, 1) - 8, -np.linspace(-wide, wide, 15)[None] * np.ones((62, 1)) - x0],
        axis=2,
    )
    return strap._replace(flat=place.reshape(-1, 2))


def _sandal(cut: int, thick: float = 1.1) -> list[Piece]:
    plan = outline(FOOT, grow=0.0)
    pieces = sole(
        plan,
        through([-1, 8, 16, 30], [thick + 0.9, thick + 0.9, thick, thick]),
        "sole",
        flare=0.05,
        lip=0.3,
        tread=0.35,
        roof=False,
    )
    pieces.append(footbed(plan, 0.32, "insole", 0.08, 0.05))
    if cut == 0:
        pieces += [_arch(22.5, 23.5, 4.4, 4.9, 1.15), _arch(17.4, 18.8, 5.6, 4.5, 1.15)]
    else:
        pieces += [_arch(16.5, 25.0, 4.9, 4.9, 0.95, lean=0.8), _arch(25.2, 17.2, 5.1, 4.9, 0.95, lean=0.8)]
    ankle = np.array(
        [
            (8.5, -3.9, 0.4),
            (9.5, -4.1, 4.2),
            (11.5, -3.2, 7.4),
            (12.2, 0.0, 8.4),
            (11.5, 3.2, 7.4),
            (9.5, 4.1, 4.2),
            (8.5, 3.9, 0.4),
        ]
    )
    path = spline(ankle, 80)
    pieces.append(tube(path, 0.8, 0.13, "body", up=(path - [6.0, 0, 2.0]), count=12))
    heel = spline(
        [
            (9.4, -4.0, 4.0),
            (4.5, -3.7, 6.2),
            (0.8, -2.2, 7.0),
            (-0.2, 0, 7.1),
            (0.8, 2.2, 7.0),
            (4.5, 3.7, 6.2),
            (9.4, 4.0, 4.0),
        ],
        80,
    )
    pieces.append(tube(heel, 0.8, 0.13, "body", up=(heel - [6.0, 0, 6.0]), count=12))
    buckle = path[26]
    loop = ring(1.0, 1.15, 5.0, 41)
    a = np.array([0.9, 0.0, -0.2])
    b = np.array([0.15, 0.75, 0.65])
    pieces.append(
        tube(
            buckle + [0.2, -0.2, 0.3] + loop[:, :1] * a + loop[:, 1:] * b,
            0.15,
            0.15,
            "hardware",
            count=8,
            capped=False,
        )
    )
    return bent(pieces, lambda x: np.asarray(0.04 * np.clip(x - 21.0, 0, None) ** 1.5 / 2.4))


def sandals(cut: int = 0, thick: float = 1.1) -> Solid:
    """Straps over the foot and around the ankle."""
    return Solid(two_above(_sandal(cut, thick), 6.6), (0.0, -23.0, 4.0), (0.0, -25.0 if cut else -22.5, 2.2))


def _slide(thick: float, buckle: bool) -> list[Piece]:
    plan = outline(FOOT)
    pieces = sole(
        plan,
        through(
            [-1, 4, 12, 18, 24, 30], [thick * 1.2, thick * 1.2, thick, thick * 0.9, thick * 0.8, thick * 0.6]
        ),
        "sole",
        flare=0.15,
        lip=0.7,
        tread=0.4,
        roof=False,
    )
    pieces.append(footbed(plan, 0.72, "insole", 0.1, 0.4))
    stack, inner, flat = [], [], []
    for s in np.linspace(0, 1, 34):
        x = 13.2 + 9.6 * s
        t = np.linspace(0, np.pi, 60)
        half = 4.95 - 0.75 * (1 - s) - 0.35 * max(0.0, s - 0.8)
        high = 6.5 - 2.3 * s + 0.25 * np.sin(np.pi * s)
        skew = 0.9 * np.cos(t) * (0.5 - s) + 1.3 * np.sin(t) * (1 if s > 0.5 else -1) * 0.5 * abs(2 * s - 1)
        z = -0.3 + high * np.sin(t) ** 0.75
        line = np.column_stack([x + skew, half * np.cos(t) + 0.9 * (x / 29) ** 2, z])
        stack.append(line)
        inner.append(line - np.column_stack([0 * t, 0.28 * np.cos(t), 0.28 * np.sin(t)]))
        far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
        flat.append(np.column_stack([-(far - far[-1] / 2), -line[:, 0]]))
    band, under = np.stack(stack), np.stack(inner)
    pieces += [grid(band, "body", np.stack(flat)), grid(under, "lining")]
    for row in (0, -1):
        pieces.append(tube((band[row] + under[row]) / 2, 0.2, 0.2, "edge", count=8))

    def on(at: Points) -> Points:
        r, c = np.clip(at[:, 0], 0, 1) * 33, np.clip(at[:, 1], 0, 1) * 59
        low, left = np.minimum(r.astype(int), 32), np.minimum(c.astype(int), 58)
        a, b = (r - low)[:, None], (c - left)[:, None]
        return np.asarray(
            (band[low, left] * (1 - b) + band[low, left + 1] * b) * (1 - a)
            + (band[low + 1, left] * (1 - b) + band[low + 1, left + 1] * b) * a
        )

    for s in (0.05, 0.95):
        line = np.column_stack([np.full(60, s), np.linspace(0.05, 0.95, 60)])
        pieces.append(stitches(on, line, towards=UP, pitch=0.5, thick=0.06))
    if buckle:
        strap = on(np.column_stack([np.full(60, 0.5), np.linspace(0.02, 0.98, 60)])) + UP * 0.15
        pieces.append(tube(strap, 1.2, 0.15, "edge", up=_up_of(strap), count=12))
        loop = ring(1.7, 1.5, 6.0, 41)
        pieces.append(
            tube(
                strap[24] + [0, 0, 0.3] + np.column_stack([loop[:, 0], loop[:, 1], loop[:, 1] * -0.25]),
                0.22,
                0.22,
                "hardware",
                count=10,
                capped=False,
            )
        )
    return bent(pieces, lambda x: np.asarray(0.05 * np.clip(x - 20.0, 0, None) ** 1.5 / 2.4))


def slides(thick: float = 2.2, buckle: bool = False) -> Solid:
    """A wide band over a moulded sole; one on its side, one from above."""
    return Solid(lying(_slide(thick, buckle), 7.2, -9.8), (0.0, -18.5, 7.0), (0.0, -18.5, 4.0))
