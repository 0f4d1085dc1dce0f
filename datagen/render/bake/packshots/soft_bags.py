"""Soft bags: shoulder bag, bucket bag, backpack, belt bag."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import Body, box, dashes, disc, facing, inset, loop_of, plate
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import (
    FRONT,
    Piece,
    band,
    evenly,
    laid,
    piece,
    ring,
    rounded,
    spline,
    stitches,
    tube,
)  # fmt: skip
from datagen.render.bake.packshots.straps import UP, links, strap


def shoulder(chain: bool = False) -> Solid:
    """A soft bag with one short strap, gathered under a curved zip."""
    half, tall = 15.5, 16.0

    def shape(z: Points) -> Points:
        s = np.clip(z / tall, 0, 1)
        return np.asarray(half * (0.86 + 0.16 * np.sin(np.pi * np.clip(s * 1.05 + 0.02, 0, 1)) - 0.12 * s**3))

    def depth(z: Points) -> Points:
        s = np.clip(z / tall, 0, 1)
        return np.asarray(
            0.7 + 4.3 * np.sqrt(np.clip(1 - s**1.7, 0, 1)) * (0.75 + 0.25 * np.sqrt(np.clip(s * 4, 0, 1)))
        )

    body = Body(shape, depth, tall, 2.7, 0.12, 2.2, 6)
    wall = body.wall(rows=90)
    v = wall.vertices
    folds = np.zeros(len(v))
    for k, (x, lean) in enumerate(
        ((-9.5, 0.25), (-5.2, 0.12), (-1.6, 0.02), (2.2, -0.05), (6.1, -0.14), (10.0, -0.26))
    ):
        at = v[:, 0] - x - lean * (tall - v[:, 2])
        folds += (0.42 + 0.1 * (k % 2)) * np.exp(-((at / 0.85) ** 2)) * np.clip((v[:, 2] - 4) / 9, 0, 1)
    wall = _repainted(wall, v - wall.normal * folds[:, None])
    pieces: list[Piece] = [wall, body.closed(at_top=False)]
    u = np.linspace(-0.93, 0.93, 90)
    top = np.column_stack([u * float(shape(np.array([tall]))[0]), 0 * u, tall - 2.2 * (1 - u**2) + 0.25])
    pieces += [
        tube(top, 0.55, 0.28, "edge", up=UP, count=12),
        tube(top + [0, 0, 0.28], 0.16, 0.1, "zip", up=UP, count=8),
    ]
    edge = float(shape(np.array([tall]))[0])
    knots = [
        (-edge + 0.8, 0, tall - 0.6),
        (-edge * 0.88, 0, tall + 5.5),
        (-edge * 0.5, 0, tall + 12.5),
        (0, 0, tall + 14.5),
    ]
    path = spline([*knots, *[(-a, b, c) for a, b, c in knots[-2::-1]]], 160)
    if chain:
        pieces += links(path, 1.15, 0.27)
    else:
        pieces += strap([tuple(knot) for knot in path[::8]], 1.3, "handle", FRONT, 0.3)
    for sign in (-1, 1):
        pieces.append(loop_of((sign * (edge - 0.5), -0.2, tall - 0.4), 1.3, 1.2, 0.22))
        pieces.append(disc(facing(sign * (edge - 0.7), -0.9, tall - 2.0), 0, 0, 1.1, "edge", high=0.5))
    tab_ = np.array([(-2.0, 14.4), (2.0, 14.4), (1.9, 9.0), (1.3, 7.6), (0, 7.0), (-1.3, 7.6), (-1.9, 9.0)])
    on = body.front
    pieces += [
        laid(on, evenly(np.vstack([tab_, tab_[:1]]), 60)[:-1], 0.35, "edge", lift=0.25, round_=0.2),
        stitches(on, inset(tab_, 0.35), lift=0.62, pitch=0.45),
        disc(on, 0, 8.4, 0.95, lift=0.5, high=0.4),
    ]
    return Solid(pieces, (0.0, 5.2, 13.0), (0.0, 5.0, 4.0))


def _repainted(one: Piece, vertices: Points) -> Piece:
    """A piece with other vertices, and the normals that follow."""
    return piece(vertices, one.faces, one.flat, one.part, one.paint)


def bucket(chain: bool = False) -> Solid:
    """A drawstring bucket with eyelets and a long strap."""
    tall = 25.0
    body = box([10.6, 11.2, 12.2, 12.6], [7.6, 7.8, 7.6, 6.2], tall, power=2.5, soft=0.1, sag=-0.4, seed=7)
    wall = body.wall(rows=90)
    v = wall.vertices
    angle = np.arctan2(v[:, 0] / 12, -v[:, 1] / 7)
    pinch = np.exp(-(((v[:, 2] - 20.6) / 2.6) ** 2)) * 0.75 + np.clip((v[:, 2] - 15) / 10, 0, 1) * 0.35
    folds = (
        pinch * (0.6 + 0.75 * np.cos(angle * 11 + 0.3 * np.sin(3 * angle))) * np.clip((v[:, 2] - 9) / 9, 0, 1)
    )
    wall = _repainted(wall, v - wall.normal * folds[:, None])
    inner = body._replace(wide=lambda z: body.wide(z) - 0.9, deep=lambda z: body.deep(z) - 0.9)
    pieces: list[Piece] = [
        wall,
        inner.wall("lining", low=10.0),
        body.closed("body", at_top=False),
        body.wall("base", 0.0, 3.4, 0.14, 12),
        body.rim(0.3, 0.3, "base", 0.0),
    ]
    ringed = wall.vertices.reshape(90, 241, 3)
    pieces.append(tube(ringed[-1], 0.3, 0.3, "edge", count=10, capped=False))
    at = ringed[int(89 * 20.6 / tall)]
    out = wall.normal.reshape(90, 241, 3)[int(89 * 20.6 / tall)]
    pieces.append(tube(at + out * 0.22, 0.3, 0.3, "strap", count=10, capped=False))
    for k in range(20, 240, 20):
        a, b = np.cross(out[k], UP), UP
        loop = ring(0.62, 0.62, 2.0, 25)
        pieces.append(
            tube(
                at[k] + out[k] * 0.12 + loop[:, :1] * a + loop[:, 1:] * b,
                0.2,
                0.2,
                "hardware",
                count=8,
                capped=False,
            )
        )
    mid = at[120] + [0, -0.6, 0]
    for sign, long in ((-1, 8.5), (1, 7.0)):
        cord = spline(
            [
                mid,
                mid + [sign * 0.7, -0.4, -1.2],
                mid + [sign * 1.5, -0.2, -long * 0.6],
                mid + [sign * 1.3, 0.0, -long],
            ],
            40,
        )
        pieces += [
            tube(cord, 0.3, 0.3, "strap", count=10),
            tube(
                spline([cord[-1] + [0, 0, 0.6], cord[-1] + [0, 0, -0.7], cord[-1] + [0, 0, -2.0]], 12),
                np.linspace(0.4, 0.75, 12),
                np.linspace(0.4, 0.75, 12),
                "strap",
                count=12,
            ),
        ]
    knots = [(-12.2, 0, tall - 1.5), (-12.0, 0, tall + 5), (-8.0, 0, tall + 15.5), (0, 0, tall + 19.5)]
    path = spline([*knots, *[(-a, b, c) for a, b, c in knots[-2::-1]]], 160)
    pieces += (
        links(path, 0.95, 0.22)
        if chain
        else [tube(path, 0.95, 0.2, "handle", up=FRONT, count=16), dashes(path + FRONT * 0.2, FRONT)]
    )
    for sign in (-1, 1):
        pieces.append(loop_of((sign * 12.2, -0.2, tall - 1.8), 1.0, 1.1, 0.2))
    return Solid(pieces, (0.0, 10.0, 11.5), (0.0, 10.0, 4.5))


def backpack(half: float = 14.5, tall: float = 40.0) -> Solid:
    """A rounded pack with a zip around the top, a front pocket, a loop and two straps."""

    def shape(z: Points) -> Points:
        s = np.clip(z / tall, 0, 1)
        return np.asarray(
            half
            * (0.94 + 0.06 * np.sqrt(np.clip(s * 6, 0, 1)))
            * np.clip(1 - np.clip((s - 0.62) / 0.38, 0, 1) ** 2.6, 0.001, 1) ** 0.5
        )

    def depth(z: Points) -> Points:
        s = np.clip(z / tall, 0, 1)
        return np.asarray(
            (6.6 - 1.4 * s) * np.clip(1 - np.clip((s - 0.72) / 0.28, 0, 1) ** 2.2, 0.001, 1) ** 0.5
        )

    body = Body(shape, depth, tall, 3.4, 0.3, 0.0, 9)
    pieces: list[Piece] = [body.wall(rows=110), body.closed(at_top=False)]
    t = np.linspace(-1, 1, 120)
    angle = t * np.pi / 2
    path = np.column_stack(
        [np.sin(angle) * half * 0.985, 18.0 + (tall - 18.6) * np.abs(np.cos(angle)) ** 0.55]
    )
    over = np.array([0.0, -1.0, 0.3])
    face = body.front
    rail = face(np.column_stack([path[:, 0] * 0.94, np.clip(path[:, 1] - 1.6, 0, tall - 2.0)]))
    pieces += [
        tube(rail + [0, -0.05, 0], 0.75, 0.16, "edge", up=over, count=12),
        tube(rail + [0, -0.2, 0.03], 0.22, 0.12, "zip", up=over, count=8),
    ]
    pocket = evenly(
        np.vstack(
            [rounded(half * 0.74, 8.6, 2.6, (0.0, 10.2)), rounded(half * 0.74, 8.6, 2.6, (0.0, 10.2))[:1]]
        ),
        160,
    )[:-1]
    pieces += [
        laid(face, pocket, 1.5, "panel", round_=1.2, pillow=0.9),
        stitches(face, inset(pocket, 0.3), lift=0.3, pitch=0.5),
    ]

    def on_pocket(at: Points) -> Points:
        return face(at) + [0, -2.15, 0]

    x = np.linspace(-half * 0.6, half * 0.6, 50)
    pieces += [
        band(on_pocket, np.column_stack([x, np.full(50, 16.4)]), 0.7, "edge", lift=-0.1, high=0.25),
        band(on_pocket, np.column_stack([x, np.full(50, 16.4)]), 0.2, "zip", lift=0.15, high=0.15),
    ]
    pieces += [plate(on_pocket, half * 0.5, 14.9, 0.4, 1.4, 0.38, high=0.3, lift=0.1)]
    pieces += [
        tube(
            spline(
                [
                    (-3.4, 0.5, tall - 0.6),
                    (-2.8, 0.5, tall + 3.2),
                    (0, 0.5, tall + 4.6),
                    (2.8, 0.5, tall + 3.2),
                    (3.4, 0.5, tall - 0.6),
                ],
                60,
            ),
            0.9,
            0.35,
            "handle",
            up=FRONT,
            count=16,
        )
    ]
    for sign in (-1, 1):
        band_ = spline(
            [
                (sign * 5.5, 5.0, tall - 2),
                (sign * (half + 1.2), 6.2, tall * 0.86),
                (sign * (half + 3.6), 6.0, tall * 0.55),
                (sign * (half + 2.6), 6.0, tall * 0.24),
                (sign * (half - 1.0), 5.5, 3.5),
            ],
            80,
        )
        pieces.append(tube(band_, 2.2, 0.6, "strap", up=np.array([sign * 0.5, -1.0, 0.2]), count=16))
    pieces += [body.wall("base", 0.0, 1.2, 0.08, 8)]
    return Solid(pieces, (0.0, 26.0, 13.0), (0.0, 27.0, 5.0))


def belt_bag(half: float = 14.0, tall: float = 14.0) -> Solid:
    """A waist pack, zipped in front, its belt led around behind it."""

    def shape(z: Points) -> Points:
        s = np.clip(z / tall, 0, 1)
        return np.asarray(half * np.clip(1 - np.abs(2 * s - 1.06) ** 4 * 0.5, 0.3, 1) ** 0.6)

    body = Body(
        shape,
        lambda z: np.asarray(
            0.6 + 3.6 * np.clip(1 - np.abs(2 * np.clip(z / tall, 0, 1) - 0.95) ** 3.2, 0.0, 1) ** 0.5
        ),
        tall,
        3.6,
        0.2,
        0.0,
        11,
    )
    pieces: list[Piece] = [body.wall(rows=90), body.closed(), body.closed(at_top=False)]
    face = body.front
    x = np.linspace(-half * 0.86, half * 0.86, 60)
    line = np.column_stack([x, 10.6 - 0.5 * (x / half) ** 2])
    pieces += [
        band(face, line, 0.8, "edge", high=0.16),
        band(face, line, 0.24, "zip", lift=0.14, high=0.14),
        plate(face, half * 0.62, 9.1, 0.45, 1.6, 0.4, high=0.3, lift=0.15),
    ]
    pocket = rounded(half * 0.72, 3.6, 1.6, (0.0, 5.0), 120)
    pieces += [
        laid(face, pocket, 0.5, "panel", round_=0.5, pillow=0.35),
        stitches(face, inset(pocket, 0.5), lift=0.6, pitch=0.45),
    ]
    for sign in (-1, 1):
        wing = spline(
            [(sign * half * 0.8, 0.6, 7.2), (sign * (half + 2.5), 1.0, 7.4), (sign * (half + 5.6), 2.2, 7.3)],
            40,
        )
        pieces.append(
            tube(
                wing, np.linspace(4.2, 1.9, 40), 0.35, "edge", up=np.array([sign * 0.3, -1.0, 0.1]), count=16
            )
        )
        rest = spline(
            [
                (sign * (half + 5.0), 2.0, 7.3),
                (sign * (half + 8.2), 4.5, 7.0),
                (sign * (half + 7.2), 9.0, 6.6),
                (sign * (half - 2.0), 12.0, 6.2),
                (0, 12.6, 6.2),
            ],
            80,
        )
        pieces.append(tube(rest, 1.7, 0.16, "strap", up=np.array([sign * 0.6, -0.8, 0.1]), count=14))
    at = np.array([half + 6.4, 2.2, 7.2])
    loop = ring(1.4, 2.2, 5.0, 41)
    pieces.append(
        tube(
            at + [0, -0.5, 0] + loop[:, :1] * np.array([0.8, 0.6, 0]) + loop[:, 1:] * UP,
            0.3,
            0.3,
            "buckle",
            count=10,
            capped=False,
        )
    )
    return Solid(pieces, (0.0, 5.2, 13.0), (0.0, 5.0, 3.6))
