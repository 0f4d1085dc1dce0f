"""Wallets, card cases and pouches: they lie before the camera, so x and z are on the table and y is depth."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.boxes import disc, inset, plate
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import (
    FRONT,
    On,
    Piece,
    evenly,
    laid,
    noise,
    rounded,
    spline,
    stitches,
    tube,
)
from datagen.render.bake.packshots.straps import links


def flat(y: float = 0.0, soft: float = 0.0, seed: int = 1) -> On:
    """A plane that faces the camera, ``soft``ly uneven."""

    def on(at: Points) -> Points:
        bumps = soft * noise(at, 9.0, seed) if soft else 0.0
        return np.column_stack([at[:, 0], np.full(len(at), y) + bumps, at[:, 1]])

    return on


def _leaf(
    w: float,
    h: float,
    at: tuple[float, float],
    y: float,
    thick: float,
    part: str = "body",
    pillow: float = 0.12,
    r: float = 0.8,
    soft: float = 0.05,
) -> list[Piece]:
    """A leather leaf with stitches around its edge, its back at depth y."""
    on = flat(y, soft)
    outline = rounded(w, h, r, at, 160)
    top = lift_of(thick, pillow)
    return [
        laid(on, outline, thick, part, round_=min(0.35, thick * 0.7), pillow=pillow),
        stitches(on, inset(outline, 0.5), lift=top, pitch=0.42, thick=0.05),
    ]


def lift_of(thick: float, pillow: float) -> float:
    """How high a leaf is at its stitches."""
    return thick + pillow * 0.1 + 0.02


def wallet(cut: str = "fold") -> Solid:
    """A folded wallet with a tab and cards, upright too; zipped around; or with a chain."""
    w, h = {"long": (12.6, 7.0), "upright": (7.6, 9.8)}.get(cut, (10.2, 8.8))
    pieces: list[Piece] = []
    if cut == "zip":
        pieces += _leaf(w, h, (0, 0), 1.6, 0.5, r=1.6, pillow=0.1)
        outline = rounded(w - 0.1, h - 0.1, 1.5, count=240)
        path = outline[(outline[:, 0] > -w + 1.0) | (np.abs(outline[:, 1]) < 0)]
        start = int(np.argmax(np.linalg.norm(np.diff(np.vstack([path, path[:1]]), axis=0), axis=1)))
        path = np.roll(path, -start - 1, axis=0)
        rail = np.column_stack([path[:, 0], np.full(len(path), 0.85), path[:, 1]])
        pieces += [tube(rail, 0.32, 0.42, "zip", up=FRONT, count=10)]
        pieces += _leaf(w, h, (0, 0), 0.3, 0.75, r=1.6, pillow=0.4)
        pieces += [
            plate(flat(-0.2), w - 0.2, -h * 0.55, 0.45, 1.5, 0.4, high=0.35),
            plate(flat(-0.3), w - 0.2, -h * 0.55 - 2.4, 0.5, 1.3, 0.45, "strap", 0.25),
        ]
        return Solid(pieces, (0.0, -0.5, w * 0.95), (0.0, 0.0, 4.0))
    pieces += _leaf(w, h, (0.4, -0.25), 1.7, 0.4, pillow=0.05)
    for k, (x, z, part) in enumerate(((-0.6, 0.9, "card"), (-0.9, 0.35, "panel"))):
        pieces.append(
            laid(flat(1.25 - 0.25 * k), rounded(w * 0.82, h - 0.5, 0.4, (x, z), 120), 0.14, part, round_=0.08)
        )
    pieces += _leaf(w, h, (0, -0.3), 0.55, 0.65, pillow=0.35)
    spine = np.column_stack(
        [np.full(40, -w - 0.05), np.linspace(0.45, 0.75, 40), np.linspace(-h + 0.4, h - 0.9, 40)]
    )
    pieces.append(tube(spine, 0.5, 0.95, "body", up=FRONT, count=14))
    on = flat(-0.4)
    if cut in ("fold", "long", "upright"):
        z = 0.8
        outline = np.array(
            [
                (w + 1.0, z - 1.9),
                (w - 3.6, z - 1.9),
                (w - 4.9, z - 1.1),
                (w - 5.4, z),
                (w - 4.9, z + 1.1),
                (w - 3.6, z + 1.9),
                (w + 1.0, z + 1.9),
            ]
        )
        outline = evenly(np.vstack([outline, outline[:1]]), 100)[:-1]
        pieces += [
            laid(on, outline, 0.38, "flap", round_=0.2),
            stitches(on, inset(outline, 0.4), lift=0.4, pitch=0.42, thick=0.05),
            disc(on, w - 3.6, z, 0.8, lift=0.32, high=0.35),
        ]
    if cut == "chain":
        path = spline(
            [
                (-w, 0.4, h - 1.2),
                (-w - 2.6, 0.5, h * 0.45),
                (-w - 3.6, 0.6, -h * 0.2),
                (-w - 2.2, 0.6, -h * 0.8),
                (-w + 2.0, 0.6, -h - 1.9),
            ],
            160,
        )
        pieces += links(path, 0.75, 0.18)
        pieces += [disc(on, -w + 1.1, h - 1.6, 0.7, lift=0.0)]
    return Solid(pieces, (-1.5, -1.0, w * 0.8), (-w * 0.4, -1.0, 4.0))


def card_case(cut: str = "slots") -> Solid:
    """A flat case with card slots, or with a zip along its top."""
    w, h = 10.0, 7.0
    pieces: list[Piece] = []
    pieces += [
        laid(flat(0.55), rounded(w - 1.2, h, 0.7, (-0.1, 1.5), 120), 0.13, "card", round_=0.08),
        laid(flat(0.4), rounded(w - 1.6, h, 0.7, (0.25, 0.75), 120), 0.13, "edge", round_=0.08),
    ]
    pieces += [laid(flat(0.3), rounded(w, h, 0.9, (0, 0), 200), 0.35, "body", round_=0.25, pillow=0.06)]
    y = 0.3 - 0.38
    if cut == "slots":
        for k in range(2):
            z = h - 2.3 - 2.6 * k
            x = np.linspace(-1, 1, 81)
            dip = 0.9 * np.exp(-((x / 0.32) ** 2))
            top = np.column_stack([x * (w - 0.05), z - dip])
            low = rounded(w - 0.05, h, 0.9, (0, 0), 200)
            low = low[low[:, 1] < z - 0.1]
            low = low[np.argsort(np.arctan2(low[:, 1] - z, low[:, 0]))]
            outline = np.vstack([top, low[::-1]])
            outline = evenly(np.vstack([outline, outline[:1]]), 260)[:-1]
            on = flat(y - 0.14 * k)
            pieces.append(laid(on, outline, 0.2, "body", round_=0.1, middle=np.array([0.0, (z - h) / 2])))
            pieces.append(stitches(on, top[2:-2] - [0, 0.35], lift=0.22, pitch=0.42, thick=0.045))
        side = np.array(
            [
                (-w + 0.5, h - 0.9),
                (-w + 0.5, -h + 1.2),
                (-w + 1.2, -h + 0.5),
                (w - 1.2, -h + 0.5),
                (w - 0.5, -h + 1.2),
                (w - 0.5, h - 0.9),
            ]
        )
        pieces.append(stitches(flat(y - 0.32), evenly(side, 160), lift=0.03, pitch=0.42, thick=0.05))
    else:
        on = flat(y)
        x = np.linspace(-w + 0.7, w - 0.7, 60)
        rail = np.column_stack([x, np.full(60, y - 0.05), np.full(60, h - 1.7)])
        pieces += [
            tube(rail, 0.6, 0.1, "edge", up=FRONT, count=10),
            tube(rail + [0, -0.1, 0], 0.22, 0.12, "zip", up=FRONT, count=8),
            plate(on, w - 2.0, h - 3.0, 0.45, 1.3, 0.4, high=0.35),
        ]
        pieces.append(
            stitches(on, inset(rounded(w, h, 0.9, (0, 0), 160), 0.5), lift=0.03, pitch=0.42, thick=0.05)
        )
        z = -0.6
        pieces += [
            laid(on, rounded(w - 0.05, (z + h) / 2, 0.8, (0, (z - h) / 2), 160), 0.2, "body", round_=0.12),
            stitches(on, np.column_stack([x, np.full(60, z - 0.4)]), lift=0.22, pitch=0.42, thick=0.045),
        ]
    return Solid(pieces, (0.0, -h * 0.52, w * 0.9), (0.0, -h * 0.55, 3.4))


def pouch(chain: bool = False, w: float = 13.5, h: float = 8.8) -> Solid:
    """A soft flat pouch with a zip along its top and a wrist strap."""
    on = flat(1.6, 0.1, 5)
    body = rounded(w, h, 1.3, (0, 0), 200)
    pieces: list[Piece] = [laid(on, body, 0.9, "body", round_=0.8, pillow=1.5)]
    x = np.linspace(-w + 0.6, w - 0.6, 80)
    lift = 0.95 + 1.5 * (1 - (h - 0.9) ** 2 / h**2)
    rail = np.column_stack([x, 1.6 - np.maximum(0.6, lift - 0.3 - 0.5 * (x / w) ** 4), np.full(80, h - 0.9)])
    pieces += [
        tube(rail + [0, -0.1, 0], 0.95, 0.14, "edge", up=FRONT, count=12),
        tube(rail + [0, -0.26, 0.0], 0.26, 0.13, "zip", up=FRONT, count=8),
    ]
    pieces += [
        tube(
            np.column_stack([body[:, 0], np.full(len(body), 1.35), body[:, 1]]),
            0.2,
            0.3,
            "edge",
            up=FRONT,
            count=8,
            capped=False,
        )
    ]
    pieces += [plate(flat(0.0), w - 2.6, h - 2.6, 0.5, 1.7, 0.45, high=0.35, lift=0.35)]
    knots = [
        (-w + 0.4, 1.0, h - 1.4),
        (-w - 2.6, 1.1, h - 2.6),
        (-w - 4.4, 1.2, h * 0.1),
        (-w - 3.9, 1.2, -h * 0.75),
        (-w - 2.2, 1.1, -h * 0.5),
        (-w - 1.6, 1.0, h * 0.2),
        (-w + 0.2, 0.9, h - 1.9),
    ]
    path = spline(knots, 160)
    pieces += (
        links(path, 0.75, 0.18)
        if chain
        else [tube(path, 0.75, 0.14, "strap", up=FRONT + [0.2, 0, 0], count=12)]
    )
    return Solid(pieces, (0.0, -1.0, w * 1.0), (w * 0.5, -h * 0.4, 4.0))


def upright(w: float = 7.4, h: float = 11.2) -> Solid:
    """A flat pouch for a telephone: upright, under a flap, on a long cord that lies beside it."""
    pieces = _leaf(w, h, (0, 0), 1.4, 0.7, r=0.9, pillow=0.4)
    on = flat(0.3)
    low = h * 0.3
    outline = rounded(w + 0.15, (h - low) / 2 + 0.1, 1.6, (0, (h + low) / 2), 160)
    pieces += [
        laid(on, outline, 0.4, "flap", round_=0.25),
        stitches(on, inset(outline, 0.45), lift=0.42, pitch=0.42, thick=0.05),
        disc(on, 0.0, low + 1.2, 0.6, lift=0.35, high=0.35),
    ]
    knots = [
        (-w * 0.8, 1.0, h - 0.4),
        (-w * 0.9, 0.9, h + 1.8),
        (-w * 0.2, 0.9, h + 2.6),
        (w * 0.8, 0.9, h + 1.2),
        (w + 1.6, 0.9, h * 0.4),
        (w + 2.3, 0.9, -h * 0.3),
        (w + 1.2, 0.9, -h * 0.8),
        (w + 2.8, 0.9, -h * 0.95),
    ]
    pieces.append(tube(spline(knots, 200), 0.32, 0.22, "strap", up=FRONT + [0.2, 0, 0], count=10))
    return Solid(pieces, (0.0, -h * 0.35, w * 1.0), (0.0, -h * 0.4, 3.4))
