"""Bags that stand: tote, crossbody, top handle, shoulder bag, bucket, backpack, belt bag, clutch."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import (
    Body,
    box,
    dashes,
    disc,
    facing,
    handle,
    level,
    loop_of,
    plate,
    sideways,
    tab,
)
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import (
    FRONT,
    Piece,
    evenly,
    laid,
    spline,
    stitches,
    tube,
)
from datagen.render.bake.packshots.straps import links, strap


def tote(
    tall: float = 33.0,
    top: float = 18.0,
    low: float = 16.5,
    drop: float = 14.0,
    base: bool = True,
    chain: bool = False,
) -> Solid:
    """An open bag with two handles; cloth runs around it."""
    body = box([low, (low + top) / 2, top], [6.0, 5.2, 4.2], tall, power=5.0, soft=0.2, sag=0.5)
    inner = body._replace(wide=lambda z: body.wide(z) - 0.35, deep=lambda z: body.deep(z) - 0.35)
    pieces: list[Piece] = [
        body.wall(),
        inner.wall("lining", low=tall * 0.3),
        body.closed("lining", at_top=False),
    ]
    pieces += [body.wall("edge", tall - 2.2, tall, 0.12, 10), body.rim(tall, 0.22, "edge", -0.1)]
    if base:
        pieces += [body.wall("base", 0.0, 3.6, 0.12, 12)]
    x, y = top * 0.45, float(body.deep(np.array([tall]))[0])
    for back in (True, False):
        sign = 1 if back else -1
        if chain:
            knots = [
                (-x, sign * (y + 0.2), tall - 3),
                (-x, sign * (y + 0.2), tall + 1),
                (-x * 0.7, sign * y * 0.8, tall + drop * 0.8),
                (0, sign * y * 0.7, tall + drop),
            ]
            pieces += links(spline([*knots, *[(-a, b, c) for a, b, c in knots[-2::-1]]], 200), 0.95, 0.22)
        else:
            pieces += handle(
                x,
                y * sign,
                tall - 7,
                tall,
                tall + drop,
                on=body.back if back else body.front,
                back=back,
                radius=0.95,
            )
        if not back:
            for side in (-1, 1):
                pieces += tab(body.front, side * x, tall - 1.2, 1.45, 5.0 if chain else 8.0)
    for z in (tall - 1.9, 3.2) if base else (tall - 1.9,):
        line = np.column_stack([np.linspace(-low * 0.97, low * 0.97, 60), np.full(60, z)])
        pieces.append(stitches(body.front, line, lift=0.14))
    return Solid(pieces, (0.0, tall * 0.45, low * 1.2), (0.0, tall * 0.55, 6.0))


def tall_tote() -> Solid:
    """A flat leather shopper with piped edges and a strap that lies beside it."""
    body = box([16.0, 16.4, 16.6], [4.0, 3.6, 3.0], 36.0, power=8.0, soft=0.15, sag=0.25, seed=4)
    inner = body._replace(wide=lambda z: body.wide(z) - 0.3, deep=lambda z: body.deep(z) - 0.3)
    pieces = [
        body.wall(),
        inner.wall("lining", low=12.0),
        body.closed("lining", at_top=False),
        body.rim(36.0, 0.2, "edge", -0.08),
    ]
    pieces += [body.wall("edge", 34.6, 36.0, 0.1, 8)]
    pieces += _piping(body, 0.22)
    for back in (True, False):
        pieces += handle(
            6.2,
            3.0 * (1 if back else -1),
            29.5,
            36.0,
            47.0,
            on=body.back if back else body.front,
            back=back,
            radius=0.75,
            flat=0.4,
        )
        if not back:
            for side in (-1, 1):
                pieces += tab(body.front, side * 6.2, 34.2, 1.25, 7.0)
    beside = [
        (16.4, 0, 33.5),
        (18.2, -1.0, 30.0),
        (19.6, -3.0, 20.0),
        (18.6, -5.0, 9.0),
        (19.4, -4.4, 2.5),
        (21.4, -3.4, 0.6),
        (20.5, 0.0, 0.45),
        (16.0, 3.8, 0.5),
        (10.0, 4.6, 0.5),
    ]
    pieces += strap(beside, 0.75)
    line = np.column_stack([np.linspace(-15.4, 15.4, 60), np.full(60, 34.9)])
    pieces.append(stitches(body.front, line, lift=0.12))
    return Solid(pieces, (0.0, 20.0, 21.0), (0.0, 24.0, 6.0))


def _piping(body: Body, radius: float, part: str = "edge") -> list[Piece]:
    """Piped edges of the front: up both sides and along the bottom."""
    z = np.linspace(0.6, body.high, 60)
    pieces = []
    for sign in (-1, 1):
        a, b = body.wide(z), body.deep(z)
        corner = 0.5 ** (1 / body.power)
        path = np.column_stack([sign * a * corner * 1.012, -b * corner * 1.03, z])
        pieces.append(tube(path, radius, radius, part, count=8))
    return pieces


def _flap(
    body: Body, deep: float, curve: float, part: str = "flap", lift: float = 0.5, wide: float = 1.0
) -> tuple[list[Piece], Points]:
    """A flap over the front, from the back of the top down to ``deep`` cm below it."""
    t = np.linspace(0, np.pi, 60)
    power = 2 / (2.0 + 6.0 * (1 - curve))
    a = float(body.wide(np.array([body.high]))[0]) * wide + 0.15
    x = a * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** power
    z = -deep * np.abs(np.sin(t)) ** power
    outline_ = np.stack([x, z], axis=1)
    depth = float(body.deep(np.array([body.high]))[0])

    def on(at: Points) -> Points:
        """Below z = 0 along the front, above it over the top."""
        down = np.clip(at[:, 1], None, 0)
        back = np.clip(at[:, 1], 0, None)
        front = body.front(np.column_stack([np.clip(at[:, 0], -a * 0.93, a * 0.93), body.high + down]))
        front[:, 0] = at[:, 0]
        roll = np.clip(back / 1.2, 0, 1)
        front[:, 1] = front[:, 1] * (1 - roll) + (-depth + 0.2) * roll + np.clip(back - 0.6, 0, None)
        front[:, 2] = np.minimum(front[:, 2], body.high) + 0.35 * np.sin(
            np.clip(back / 1.2, 0, 1) * np.pi / 2
        )
        return front

    rows = np.vstack([[(a, 2 * depth - 0.6), (a, 1.0)], outline_, [(-a, 1.0), (-a, 2 * depth - 0.6)]])
    whole = evenly(np.vstack([rows, rows[:1]]), 200)[:-1]
    pad = laid(
        on,
        whole,
        lift,
        part,
        round_=0.3,
        towards=np.array([0.0, -1.0, 0.6]),
        middle=np.array([0.0, -deep * 0.3]),
    )
    pad = pad._replace(flat=pad.flat + [0.0, body.high])
    edge = np.stack([outline_[:, 0] * (1 - 0.55 / a), outline_[:, 1] * (1 - 0.55 / deep)], axis=1)[3:-3]
    stitch = stitches(on, edge, towards=np.array([0.0, -1.0, 0.6]), lift=lift + 0.02, pitch=0.45)
    return [pad, stitch], edge


def crossbody(
    half: float = 11.5,
    tall: float = 16.0,
    curve: float = 0.7,
    clasp: str = "plate",
    chain: bool = False,
    standing: bool = False,
) -> Solid:
    """A flap bag on a long strap."""
    body = box([half, half * 1.02, half * 0.99], [3.6, 3.5, 2.8], tall, power=5.0, soft=0.12, seed=3)
    pieces: list[Piece] = [body.wall(), body.closed("body", 0.0), body.closed("body", at_top=False)]
    pieces += _piping(body, 0.2, "body")
    deep = tall * 0.6
    flap, _ = _flap(body, deep, curve)
    pieces += flap
    y = -float(body.deep(np.array([tall - deep]))[0]) - 0.5

    def front(at: Points) -> Points:
        return body.front(at) * [1, 0, 1] + [0, y, 0]

    z = tall - deep + 1.2
    if clasp == "plate":
        pieces += [
            plate(front, 0, z, 1.9, 1.5, 0.5),
            plate(front, 0, z - 0.05, 0.85, 0.55, 0.4, "lining", 0.1, 0.42),
            loop_of((0, y - 0.5, z), 1.2, 0.85, 0.13, power=4.0),
        ]
    elif clasp == "turn":
        pieces += [
            plate(front, 0, z, 1.6, 1.2, 1.1, high=0.3),
            plate(front, 0, z, 0.35, 1.0, 0.3, high=0.75, lift=0.25),
        ]
    else:
        pieces += [disc(front, -half * 0.62, z - 0.4, 0.6), disc(front, half * 0.62, z - 0.4, 0.6)]
    for sign in (-1, 1):
        pieces.append(loop_of((sign * (half + 0.35), -0.2, tall - 1.4), 0.75, 0.85, 0.17, power=4.0))
        pieces.append(disc(sideways(sign * half), -0.2, tall - 2.8, 0.4))
    if standing:
        knots = [
            (-half - 0.4, 0, tall - 1.0),
            (-half * 0.95, 0.3, tall + 8),
            (-half * 0.4, 0.6, tall + 15.5),
            (half * 0.35, 0.7, tall + 15.8),
            (half * 0.92, 0.4, tall + 8.5),
            (half + 0.4, 0, tall - 1.0),
        ]
    else:
        knots = [
            (half + 0.4, -0.2, tall - 1.0),
            (half + 1.8, -1.0, tall + 0.2),
            (half + 3.6, -2.0, tall - 4.0),
            (half + 3.0, -3.5, 6.5),
            (half + 3.8, -3.4, 2.0),
            (half + 5.6, -2.6, 0.5),
            (half + 5.0, 0.5, 0.45),
            (half + 1.0, 3.6, 0.45),
            (half - 6.0, 4.6, 0.5),
        ]
    pieces += (
        links(spline(knots, 200), 0.8, 0.19)
        if chain
        else strap(knots, 0.85, up=np.array([0.1, -1, 0.3]) if standing else np.array([0.35, -0.8, 0.55]))
    )
    return Solid(pieces, (0.0, tall - deep * 0.42, half * 1.1), (0.0, tall - deep * 0.4, 4.0))


def top_handle(chain: bool = False) -> Solid:
    """A structured bag, wider below, with one handle, a flap and a turn clasp."""
    tall = 20.0
    body = box([14.0, 12.9, 11.2], [5.6, 4.8, 3.0], tall, power=6.0, soft=0.08, seed=5)
    pieces: list[Piece] = [
        body.wall(),
        body.closed(),
        body.closed(at_top=False),
        *_piping(body, 0.24, "edge"),
    ]
    flap, _ = _flap(body, 8.6, 0.5)
    pieces += flap
    y = -float(body.deep(np.array([12.0]))[0]) - 0.5

    def front(at: Points) -> Points:
        return body.front(at) * [1, 0, 1] + [0, y, 0]

    pieces += [
        plate(front, 0, 12.6, 1.75, 1.4, 1.3, high=0.3),
        plate(front, 0, 12.6, 0.4, 1.15, 0.35, high=0.85, lift=0.25),
    ]
    knots = [(-6.6, 0, tall + 0.6), (-6.4, 0, tall + 4.0), (-4.4, 0, tall + 8.6), (0, 0, tall + 10.2)]
    path = spline([*knots, *[(-a, b, c) for a, b, c in knots[-2::-1]]], 140)
    if chain:
        pieces += links(path, 1.0, 0.24)
    else:
        pieces.append(tube(path, 0.95, 0.85, "handle", up=FRONT, count=20))
        pieces.append(dashes(path + FRONT * 0.86, FRONT))
    for sign in (-1, 1):
        pieces += [
            loop_of((sign * 6.6, 0, tall + 0.9), 1.15, 1.15, 0.22),
            disc(level(sign * 6.6, tall + 0.35), 0, 0, 0.8, "edge"),
            disc(facing(sign * 11.0, -4.4), 0, 0.1, 0.5),
        ]
    line = np.column_stack([np.linspace(-12.8, 12.8, 60), np.full(60, 0.9)])
    pieces.append(stitches(body.front, line, lift=0.03))
    return Solid(pieces, (0.0, 5.8, 11.0), (0.0, 6.0, 4.5))


def clutch(chain: bool = False) -> Solid:
    """A flat envelope with a pointed flap and a wrist strap."""
    half, tall = 15.5, 15.0
    body = box([half, half, half], [1.7, 1.5, 0.8], tall, power=7.0, soft=0.06, seed=12)
    pieces: list[Piece] = [body.wall(), body.closed(), body.closed(at_top=False)]
    tip = 5.2
    outline_ = np.array(
        [
            (-half + 0.1, tall + 0.3),
            (half - 0.1, tall + 0.3),
            (half - 0.1, tall - 0.8),
            (1.2, tip + 0.3),
            (0, tip - 0.1),
            (-1.2, tip + 0.3),
            (-half + 0.1, tall - 0.8),
        ]
    )
    whole = evenly(np.vstack([outline_, outline_[:1]]), 220)[:-1]

    def on(at: Points) -> Points:
        points = body.front(
            np.column_stack([np.clip(at[:, 0], -half * 0.97, half * 0.97), np.minimum(at[:, 1], tall)])
        )
        points[:, 0], points[:, 2] = at[:, 0], at[:, 1]
        return points

    middle = np.array([0.0, tall - 1.6])
    pieces.append(laid(on, whole, 0.42, "flap", round_=0.2, middle=middle))
    edge = np.array(
        [
            (-half + 1.0, tall - 0.6),
            (-1.3, tip + 1.15),
            (0, tip + 0.8),
            (1.3, tip + 1.15),
            (half - 1.0, tall - 0.6),
        ]
    )
    pieces.append(stitches(on, spline(edge, 80), lift=0.45, pitch=0.45))
    pieces += [disc(on, 0, tip + 2.0, 0.95, lift=0.4, high=0.45)]
    knots = [
        (half - 0.3, 0, tall - 2.0),
        (half + 2.4, -0.6, tall - 3.2),
        (half + 4.0, -1.0, 7.5),
        (half + 3.0, -1.4, 1.0),
        (half + 1.6, -0.8, 2.2),
        (half + 1.4, -0.4, 8.5),
        (half - 0.1, 0, tall - 2.4),
    ]
    pieces += (
        links(spline(knots, 160), 0.7, 0.17)
        if chain
        else [tube(spline(knots, 120), 0.6, 0.12, "strap", up=np.array([0.3, -1.0, 0.1]), count=12)]
    )
    pieces.append(loop_of((half + 0.2, -0.2, tall - 2.1), 0.7, 0.7, 0.15))
    return Solid(pieces, (0.0, 4.4, 10.0), (-8.0, 4.0, 4.0))
