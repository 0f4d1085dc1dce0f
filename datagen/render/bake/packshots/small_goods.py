"""Eyewear, belts, bottles, scarves, watches and umbrellas."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import dashes, plate
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.small_leather import flat
from datagen.render.bake.packshots.solids import (
    FRONT,
    Piece,
    grid,
    laid,
    ring,
    rounded,
    spline,
    tube,
)  # fmt: skip

UP = np.array([0.0, 0.0, 1.0])


def sunglasses(square: bool = False) -> Solid:
    """Thick acetate with dark lenses and open temples, standing on its rims."""
    pieces: list[Piece] = []
    knots = [(0.9, 5.5), (3.0, 6.3), (6.2, 6.2), (6.9, 4.9), (6.6, 2.4), (5.2, 0.7), (3.2, 0.5), (1.6, 1.7)]
    if square:
        knots = [
            (0.8, 5.5),
            (2.4, 6.0),
            (6.2, 6.2),
            (7.0, 5.2),
            (6.8, 1.9),
            (5.6, 0.6),
            (2.6, 0.6),
            (1.3, 1.6),
        ]
    rim = spline(knots, 120, closed=True)
    rim = rim[:-1] if np.allclose(rim[0], rim[-1]) else rim

    def bow(points: Points) -> Points:
        """The front is curved around the face."""
        out = points.copy()
        out[:, 1] += 0.022 * points[:, 0] ** 2
        return out

    for sign in (-1, 1):
        path = bow(np.column_stack([sign * rim[:, 0], np.zeros(len(rim)), rim[:, 1]]))
        path = np.vstack([path, path[:1]])
        wide = np.interp(path[:, 2], [0.4, 3.0, 6.3], [0.32, 0.38, 0.62])
        pieces.append(tube(path, wide, 0.34, "body", up=FRONT, power=3.2, count=20, capped=False))
        centre = path[:-1].mean(0)
        rows = [
            bow((centre + (path - centre) * s) * [1, 0, 1]) + [0, 0.05 - 0.35 * (1 - s * s), 0]
            for s in np.linspace(1, 0, 14)
        ]
        pieces.append(grid(np.stack(rows), "lens"))
        hinge = np.array([sign * 7.0, 0.0, 5.35])
        arm = spline(
            [
                hinge + [0, 1.1, 0],
                hinge + [sign * 0.25, 2.2, 0.0],
                hinge + [sign * 0.15, 8.0, 0.1],
                hinge + [-sign * 0.6, 12.0, -0.3],
                hinge + [-sign * 1.3, 14.6, -2.4],
            ],
            80,
        )
        high = np.interp(np.linspace(0, 1, 80), [0, 0.1, 0.7, 1.0], [0.62, 0.55, 0.42, 0.5])
        pieces.append(tube(arm, high, 0.2, "body", up=np.array([sign * 1.0, 0.0, 0.05]), power=3.2, count=16))
        corner = spline(
            [
                hinge + [-sign * 0.6, 0.85, 0.35],
                hinge + [sign * 0.1, 0.95, 0.15],
                hinge + [sign * 0.25, 2.0, 0.05],
            ],
            20,
        )
        pieces.append(tube(corner, 0.62, 0.4, "body", up=np.array([sign * 0.6, -1.0, 0.0]), count=14))
        pin = hinge + [sign * 0.05, 0.55, 0.15]
        on = flat(pin[1])
        pieces.append(
            laid(
                on,
                np.array([pin[0], pin[2]]) + rounded(0.34, 0.12, 0.1, count=24),
                0.2,
                "hardware",
                round_=0.08,
            )
        )
    bridge = bow(spline([(-1.3, 0, 4.9), (-0.6, 0, 5.35), (0, 0, 5.45), (0.6, 0, 5.35), (1.3, 0, 4.9)], 30))
    pieces.append(tube(bridge, 0.48, 0.36, "body", up=FRONT, count=16))
    return Solid(pieces, (0.0, 5.5, 3.0), (6.4, 5.6, 1.6))


def belt(wide: float = 1.7, plain: bool = True) -> Solid:
    """A coiled belt with a metal buckle, its end through the loop."""
    turns = np.linspace(0, 2 * np.pi * 1.62, 360)
    radius = 9.6 + 0.42 * turns / (2 * np.pi) * 1.25
    path = np.column_stack([radius * 1.16 * np.sin(turns), -radius * np.cos(turns), np.full(360, wide)])
    out = path * [1, 1, 0]
    strap = tube(path, wide, 0.17, "body", up=out, power=7.0, count=18)
    pieces: list[Piece] = [strap]
    over = out / np.linalg.norm(out, axis=1, keepdims=True)
    for s in (-0.8, 0.8):
        line = path + over * 0.18 + UP * s * wide
        for k in range(0, 360, 24):
            part = line[k : k + 25]
            if len(part) > 2:
                pieces.append(dashes(part, over[min(k + 12, 359)], pitch=0.5, thick=0.05))
    at, face = path[0] + [0.2, 0, 0], -UP * 0 + FRONT
    frame = ring(2.5, wide + 0.75, 5.0, 81)
    pieces.append(
        tube(
            at + face * 0.45 + frame[:, :1] * np.array([1.0, 0, 0]) + frame[:, 1:] * UP,
            0.34,
            0.28,
            "buckle",
            up=FRONT,
            count=14,
            capped=False,
        )
    )
    prong = spline([at + face * 0.75 + [-2.5, 0, 0], at + face * 0.95, at + face * 0.8 + [2.6, 0, 0]], 20)
    pieces.append(tube(prong, 0.26, 0.24, "buckle", up=FRONT, count=12))
    tongue = spline(
        [at + [2.2, -0.1, 0], at + [-1.0, -0.32, 0], at + [-6.0, 0.55, 0], at + [-9.0, 3.0, 0]], 80
    )
    pieces.append(
        tube(
            tongue,
            wide * 0.97,
            0.16,
            "body",
            up=(tongue - [0, 0, tongue[0, 2]]) * [1, 1, 0],
            power=7.0,
            count=18,
        )
    )
    keeper = spline(
        [
            at + [-4.6, 0.05, -wide - 0.2],
            at + [-4.6, -0.35, -wide * 0.5],
            at + [-4.6, -0.4, wide * 0.5],
            at + [-4.6, 0.05, wide + 0.2],
        ],
        20,
    )
    pieces.append(tube(keeper, 0.65, 0.16, "body", up=FRONT, count=12))
    for x in (-6.4, -7.5, -8.5):
        k = int(np.argmin(np.abs(tongue[:, 0] - x)))
        spot = tongue[k]
        o = spot * [1, 1, 0] / np.linalg.norm(spot[:2])
        a = np.cross(o, UP)
        q = np.linspace(0, 2 * np.pi, 21)
        rows = [spot + o * 0.18 + r * (np.cos(q)[:, None] * a + np.sin(q)[:, None] * UP) for r in (0.26, 0.0)]
        pieces.append(grid(np.stack(rows), "lining"))
    _ = plain
    return Solid(pieces, (6.0, wide, 3.0), (5.0, wide, 2.4))


def umbrella() -> Solid:
    """Rolled and tied, with a curved handle; lying."""
    pieces: list[Piece] = []
    t = np.linspace(-np.pi, np.pi, 181)
    rows, places = [], []
    for s in np.linspace(0, 1, 110):
        z = -36.0 + 54.0 * s
        r = 0.55 + 3.3 * np.sin(np.pi * np.clip(s, 0, 1) ** 0.75) ** 0.7 * (0.35 + 0.65 * s) * (
            1 - 0.35 * s**6
        )
        tie = np.exp(-(((s - 0.62) / 0.05) ** 2))
        r *= 1 - 0.28 * tie
        pleat = 1 + 0.2 * (1 - 0.5 * tie) * np.abs(((t + 2.2 * s) * 8 / (2 * np.pi)) % 1 - 0.5) * np.minimum(
            1, s * 4
        )
        rows.append(np.column_stack([r * pleat * np.sin(t), -r * pleat * np.cos(t), np.full(len(t), z)]))
        places.append(np.column_stack([t * 5.0, np.full(len(t), z)]))
    pieces.append(grid(np.stack(rows), "body", np.stack(places)))
    pieces.append(
        tube(
            np.column_stack([np.zeros(20), np.zeros(20), np.linspace(-42, -35, 20)]),
            0.4,
            0.4,
            "hardware",
            count=14,
        )
    )
    pieces.append(
        tube(
            np.column_stack([np.zeros(20), np.zeros(20), np.linspace(17, 24, 20)]),
            0.45,
            0.45,
            "hardware",
            count=14,
        )
    )
    crook = spline(
        [
            (0, 0, 23),
            (0, 0, 30),
            (0.1, 0, 34),
            (1.6, 0, 37.2),
            (4.6, 0, 38.3),
            (7.4, 0, 36.6),
            (8.2, 0, 33.6),
            (8.2, 0, 32.0),
        ],
        90,
    )
    pieces.append(tube(crook, 0.95, 0.95, "stem", count=20))
    band_ = [
        (2.75 * np.sin(q), -2.75 * np.cos(q), -2.2 + 0.4 * np.sin(q)) for q in np.linspace(-np.pi, np.pi, 60)
    ]
    pieces.append(tube(np.array(band_), 0.16, 0.9, "strap", up=UP, count=12, capped=False))
    pieces.append(plate(flat(-2.85), 0.6, -2.4, 0.5, 0.5, 0.45, high=0.3))
    return Solid(pieces, (0.0, 8.0, 5.0), (0.0, 9.0, 3.5))


def watch(strap: str = "strap") -> Solid:
    """A round case with a dial, hands and marks, on a strap or links; lying straight."""
    pieces: list[Piece] = []
    face = flat(-0.55)
    q = np.linspace(0, 2 * np.pi, 97)[:-1]
    circle = np.column_stack([np.cos(q), np.sin(q)])
    pieces.append(laid(flat(0.3), circle * 2.1, 0.75, "hardware", round_=0.45))
    bezel = np.column_stack(
        [1.78 * np.cos(np.append(q, q[0])), np.full(97, -0.5), 1.78 * np.sin(np.append(q, q[0]))]
    )
    pieces.append(tube(bezel, 0.24, 0.2, "hardware", up=FRONT, count=12, capped=False))
    pieces.append(laid(flat(-0.38), circle * 1.66, 0.05, "dial", round_=0.03))
    for k in range(12):
        a = np.radians(30 * k)
        at = 1.4 * np.array([np.sin(a), np.cos(a)])
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        pieces.append(
            laid(
                flat(-0.43),
                at + rounded(0.05 if k % 3 else 0.09, 0.17, 0.03, count=16) @ turn,
                0.05,
                "index",
                round_=0.02,
            )
        )
    for angle, long, wide in ((305, 0.85, 0.085), (55, 1.2, 0.06)):
        a = np.radians(angle)
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        pieces.append(
            laid(
                flat(-0.5),
                (rounded(wide, long / 2, 0.05, (0, long / 2 - 0.15), 24)) @ turn,
                0.05,
                "index",
                round_=0.02,
            )
        )
    pieces.append(laid(face, circle * 0.13, 0.06, "hardware", round_=0.04))
    pieces.append(
        tube(np.array([(2.0, 0.0, 0.0), (2.3, 0.0, 0.0), (2.55, 0.0, 0.0)]), 0.26, 0.26, "hardware", count=12)
    )
    for sign, long in ((1, 9.5), (-1, 11.0)):
        girth = np.linspace(1.0, 0.78, 40)
        path = np.column_stack(
            [np.zeros(40), 0.15 + 0.5 * np.linspace(0, 1, 40) ** 2, sign * np.linspace(1.9, long, 40)]
        )
        if strap == "strap":
            pieces.append(tube(path, girth, 0.17, "body", up=FRONT, power=5.0, count=16))
            for s in (-0.78, 0.78):
                pieces.append(
                    dashes(
                        path[2:-2] + np.column_stack([girth[2:-2] * s, np.full(36, -0.17), np.zeros(36)]),
                        FRONT,
                        pitch=0.4,
                        thick=0.04,
                    )
                )
            if sign < 0:
                for z in (6.0, 7.2, 8.4, 9.6):
                    pieces.append(
                        laid(flat(0.0), np.array([0, -z]) + 0.13 * circle[::4], 0.1, "lining", round_=0.03)
                    )
        else:
            for z in np.arange(1.9, long, 0.62):
                k = int((z - 1.9) / (long - 1.9) * 39)
                for x, half in ((0, 0.42), (-0.72, 0.28), (0.72, 0.28)):
                    pieces.append(
                        laid(
                            flat(float(path[k, 1])),
                            rounded(half * girth[k], 0.27, 0.1, (x * girth[k], sign * z), 32),
                            0.28,
                            "hardware" if x else "body",
                            round_=0.1,
                        )
                    )
    buckle = ring(1.05, 0.75, 4.0, 41)
    pieces.append(
        tube(
            np.array([0, 0.45, 9.6]) + np.column_stack([buckle[:, 0], 0 * buckle[:, 0], buckle[:, 1]]),
            0.16,
            0.16,
            "buckle",
            count=10,
            capped=False,
        )
    )
    return Solid(pieces, (0.0, 5.0, 1.6), (0.0, 5.0, 1.4))
