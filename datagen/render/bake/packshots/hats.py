"""Caps, bucket hats and beanies, standing."""

from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import dashes
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import Piece, grid, noise, piece, spline, tube


def _dome(
    a: float, b: float, high: float, power: float, rows: int = 60, count: int = 181, low: float = 0.0
) -> Points:
    """Points (rows, count, 3) of a crown; column 90 is its front."""
    t = np.linspace(-np.pi, np.pi, count)
    s = np.linspace(0, 1, rows)
    radius = np.clip(1 - s**power, 0, 1) ** (1 / power)
    x = a * radius[:, None] * np.sin(t)
    y = -b * radius[:, None] * np.cos(t)
    z = np.broadcast_to(low + high * s[:, None], x.shape)
    return np.stack([x, y, z], axis=2)


def cap() -> Solid:
    """Six panels, stitched seams, a button, and a curved peak."""
    crown = _dome(9.2, 10.4, 11.4, 2.35)
    crown[..., 1] += 1.6 * (crown[..., 2] / 11.4) ** 2 * 0.4
    crown += 0.12 * noise(crown, 12.0, 3)[..., None] * np.clip(crown[..., 2:] / 8, 0, 1)
    far = np.stack(
        [np.cumsum(np.concatenate([[0], np.linalg.norm(np.diff(row, axis=0), axis=1)])) for row in crown]
    )
    flat = np.stack([far - far[:, 90:91], crown[..., 2] * 1.15], axis=2)
    pieces: list[Piece] = [grid(crown, "body", flat)]
    for angle in (0, 60, 120, 180, 240, 300):
        column = int((angle / 360 * 180 + 90) % 180)
        line = crown[2:, column]
        out = line - [0, 0, 3.0]
        out /= np.linalg.norm(out, axis=1, keepdims=True)
        pieces.append(tube(line + out * 0.01, 0.28, 0.08, "seam", up=out, count=8))
        side = np.cross(np.gradient(line, axis=0), out)
        side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-9
        for s in (-0.5, 0.5):
            pieces.append(dashes(line[:-6] + side[:-6] * s + out[:-6] * 0.04, out[20], pitch=0.5, thick=0.05))
    for angle in (-42, 42, -118, 118):
        column = int(angle / 360 * 180 + 90)
        at, out = crown[34, column], crown[34, column] - [0, 0, 3.0]
        out = out / np.linalg.norm(out)
        a = np.cross(out, [0, 0, 1.0])
        a /= np.linalg.norm(a)
        b = np.cross(out, a)
        t = np.linspace(0, 2 * np.pi, 25)
        pieces.append(
            tube(
                at + out * 0.05 + 0.42 * (np.cos(t)[:, None] * a + np.sin(t)[:, None] * b),
                0.14,
                0.14,
                "stitch",
                count=8,
                capped=False,
            )
        )
    top = crown[-1, 0]
    t = np.linspace(0, np.pi / 2, 8)
    rows = [
        np.column_stack(
            [
                1.0 * np.cos(q) * np.cos(np.linspace(0, 2 * np.pi, 31)),
                1.0 * np.cos(q) * np.sin(np.linspace(0, 2 * np.pi, 31)),
                np.full(31, 0.55 * np.sin(q)),
            ]
        )
        + top
        - [0, 0, 0.1]
        for q in t
    ]
    pieces.append(grid(np.stack(rows), "seam"))

    def peak(off: float) -> Points:
        v = np.linspace(-1, 1, 71)
        rows = []
        for u in np.linspace(0, 1, 30):
            angle = v * 1.2
            inner = np.column_stack([9.2 * np.sin(angle), -10.4 * np.cos(angle), np.zeros(71)])
            reach = 7.2 * np.sqrt(np.clip(1 - np.abs(v) ** 2.3, 0, 1))
            out = np.column_stack([0.1 * np.sin(angle), -np.ones(71), np.zeros(71)])
            line = inner + out * (reach * u)[:, None]
            line[:, 2] = (
                0.7 - 2.3 * np.abs(line[:, 0] / 9) ** 2.1 * (0.12 + 0.88 * u**0.7) - 0.10 * reach * u + off
            )
            rows.append(line)
        return np.stack(rows)

    over, under = peak(0.0), peak(-0.35)
    pieces += [
        grid(over, "flap", over[..., :2] * [1, 1]),
        grid(under, "lining"),
        tube((over[-1] + under[-1]) / 2, 0.22, 0.22, "body", count=10),
    ]
    for u in (6, 11, 16, 21, 26):
        pieces.append(dashes(over[u, 4:-4] + [0, 0, 0.03], np.array([0, -0.3, 1.0]), pitch=0.5, thick=0.05))
    hem = crown[0] + [0, 0, 0.3]
    pieces.append(tube(hem, 0.16, 0.3, "body", count=8, capped=False))
    return Solid(pieces, (0.0, 5.2, 8.0), (0.0, 5.4, 4.2))


def bucket_hat() -> Solid:
    """A flat crown, a band of cloth and a wide stitched brim."""
    t = np.linspace(-np.pi, np.pi, 241)
    profile = [(0.01, 10.2), (5.0, 10.1), (7.2, 9.7), (7.7, 9.3), (7.9, 8.6), (8.6, 4.0), (9.2, 0.4)]
    path = np.vstack([spline(profile[:4], 16), spline(profile[3:], 34)[1:]])
    rows = [
        np.column_stack([r * 1.0 * np.sin(t), -r * 1.06 * np.cos(t), np.full(len(t), z)]) for r, z in path
    ]
    crown = np.stack(rows)
    crown += 0.1 * noise(crown, 9.0, 5)[..., None]
    far = np.linspace(-1, 1, len(t)) * 27
    down = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    flat = np.stack(
        [np.broadcast_to(far, crown.shape[:2]), np.repeat((18.0 - down)[:, None], len(t), 1)], axis=2
    )
    top = crown[:16]
    pieces: list[Piece] = [grid(top, "body", top[..., :2]), grid(crown[15:], "body", flat[15:])]
    ledge = crown[15]
    pieces.append(tube(ledge, 0.14, 0.14, "seam", count=8, capped=False))

    def brim(off: float) -> Points:
        rows = []
        for u in np.linspace(0, 1, 26):
            r = 9.2 + 5.6 * u
            wave = 0.35 * u * np.sin(3 * t + 0.5) + 0.2 * u * np.sin(5 * t)
            z = 0.4 - 3.6 * u**0.9 + wave + off
            rows.append(np.column_stack([r * np.sin(t), -r * 1.06 * np.cos(t), z]))
        return np.stack(rows)

    over, under = brim(0.0), brim(-0.25)
    far = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(over[13], axis=0), axis=1))])
    place = np.stack(
        [
            np.broadcast_to(far - far[-1] / 2, over.shape[:2]),
            np.repeat(-np.linspace(0, 6.6, 26)[:, None], len(t), 1),
        ],
        axis=2,
    )
    pieces += [
        grid(over, "flap", place),
        grid(under, "lining"),
        tube(over[-1], 0.18, 0.18, "body", count=8, capped=False),
        tube(over[0] + [0, 0, 0.08], 0.13, 0.13, "seam", count=8, capped=False),
    ]
    out = np.array([0.0, -0.75, 0.65])
    for u in (4, 8, 12, 16, 20, 23):
        pieces.append(dashes(over[u] + [0, 0, 0.04], out, pitch=0.55, thick=0.05))
    for x in (-0.36, -0.22, 0.22, 0.36):
        column = int(120 + x * 120)
        at = crown[36, column]
        o = at * [1, 1, 0] / np.linalg.norm(at[:2])
        a = np.cross(o, [0, 0, 1.0])
        q = np.linspace(0, 2 * np.pi, 25)
        pieces.append(
            tube(
                at + o * 0.06 + 0.38 * (np.cos(q)[:, None] * a + np.sin(q)[:, None] * [0, 0, 1.0]),
                0.12,
                0.12,
                "eyelet",
                count=8,
                capped=False,
            )
        )
    return Solid(pieces, (0.0, 11.8, 9.0), (0.0, 12.0, 4.0))


def beanie(pompom: bool = False) -> Solid:
    """A ribbed knit with a turned-up cuff."""
    t = np.linspace(-np.pi, np.pi, 721)

    def ribbed(rows: Points, deep: float, count: int) -> Points:
        wave = np.abs(np.sin(t * count / 2)) ** 0.7
        centre = np.array([0.0, 0.0, 7.0])
        out = rows - centre
        out[..., 2] *= 0.35
        out /= np.linalg.norm(out, axis=2, keepdims=True) + 1e-9
        return np.asarray(rows + out * (deep * (wave - 0.6))[None, :, None])

    crown = ribbed(_dome(9.7, 8.6, 15.5, 2.1, 90, 721, 4.0), 0.26, 84)
    crown += 0.18 * noise(crown, 9.0, 2)[..., None]
    flat = np.stack([np.broadcast_to(t / np.pi * 28, crown.shape[:2]), crown[..., 2] * 1.2], axis=2)
    pieces: list[Piece] = [grid(crown, "body", flat)]
    profile = [(9.5, 7.6), (10.1, 7.9), (10.45, 7.0), (10.5, 3.5), (10.35, 0.6), (10.0, 0.0), (9.4, 0.3)]
    path = spline(profile, 40)
    cuff = ribbed(
        np.stack(
            [np.column_stack([r * np.sin(t), -r * 0.9 * np.cos(t), np.full(len(t), z)]) for r, z in path]
        ),
        0.3,
        84,
    )
    cuff += 0.1 * noise(cuff, 10.0, 8)[..., None]
    place = np.stack([np.broadcast_to(t / np.pi * 28, cuff.shape[:2]), cuff[..., 2]], axis=2)
    pieces.append(grid(cuff, "hem", place))
    if pompom:
        rng = np.random.default_rng(4)
        ball = []
        u = np.linspace(0, np.pi, 60)
        v = np.linspace(0, 2 * np.pi, 90)
        for q in u:
            ball.append(
                np.column_stack([np.sin(q) * np.cos(v), np.sin(q) * np.sin(v), np.full(90, np.cos(q))])
            )
        points = np.stack(ball)
        bumps = 3.0 + 0.35 * rng.standard_normal(points.shape[:2])
        bumps[:, -1] = bumps[:, 0]
        pom = points * bumps[..., None] + [0, 0, 21.4]
        pieces.append(grid(pom, "body"))
    return Solid(pieces, (0.0, 3.8, 7.5), (0.0, 3.8, 4.4))


_ = piece
