"""Bottles of fragrance and foundation, standing."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np

from datagen.render.bake.packshots.boxes import box
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.small_leather import flat
from datagen.render.bake.packshots.solids import Piece, laid, lathe, rounded, spline, tube


def fragrance(round_: bool = False) -> Solid:
    """A glass bottle with a thick base, its juice, a collar, a cap and a label."""
    pieces: list[Piece] = []
    if round_:
        profile = spline(
            [(0.3, 0.0), (4.6, 0.0), (5.6, 0.7), (6.3, 4.6), (5.9, 8.2), (4.2, 10.3), (2.1, 11.0)], 60
        )
        pieces.append(lathe(profile, "body", squeeze=0.55))
        half, tall, power, deep = 6.0, 11.0, 2.0, 3.3
        pieces.append(
            lathe(np.array([(6.35, 0.75), (6.37, 0.9)]) * [0.9, 1], "glass", squeeze=0.55, count=20)
        )
    else:
        half, tall, power, deep = 5.0, 12.0, 7.0, 2.8
        body = box([half, half, half, half], [deep, deep, deep, deep], tall, power=power, soft=0.0)
        wall = body.wall(rows=70)
        s = wall.vertices[:, 2] / tall
        shrink = (
            1 - 0.10 * np.clip((s - 0.93) / 0.07, 0, 1) ** 2 - 0.05 * np.clip((0.04 - s) / 0.04, 0, 1) ** 2
        )
        vertices = wall.vertices * np.column_stack([shrink, shrink, np.ones(len(s))])
        pieces.append(
            wall._replace(
                vertices=vertices,
                own=vertices,
                paint=lambda own: np.where(
                    own[:, 2] < 1.5, "glass", np.where(own[:, 2] > 10.9, "glass", "body")
                ),
            )
        )
        pieces.append(
            body._replace(wide=lambda z: 0 * z + half * 0.9, deep=lambda z: 0 * z + deep * 0.9).closed(
                "glass", 0.35
            )
        )
    y = -deep - 0.02
    pieces.append(
        laid(
            flat(y if not round_ else -3.45),
            rounded(half * 0.62, 1.9, 0.1, (0.0, tall * 0.47)),
            0.06,
            "label",
            round_=0.04,
        )
    )
    for k, wide in enumerate((0.5, 0.34, 0.42)):
        pieces.append(
            laid(
                flat(y - 0.06 if not round_ else -3.51),
                rounded(half * wide, 0.09, 0.05, (0.0, tall * 0.47 + 0.75 - 0.75 * k)),
                0.03,
                "dial",
                round_=0.02,
            )
        )
    pieces.append(
        lathe(
            np.array(
                [(2.0, tall), (2.15, tall + 0.1), (2.15, tall + 0.75), (2.0, tall + 0.85), (0.3, tall + 0.85)]
            ),
            "hardware",
        )
    )
    cap = spline(
        [(2.3, tall + 0.85), (2.45, tall + 1.0), (2.45, tall + 4.3), (2.25, tall + 4.6), (0.1, tall + 4.65)],
        40,
    )
    pieces.append(lathe(cap, "stopper", power=2.0 if round_ else 6.0))
    return Solid(pieces, (0.0, tall * 0.2, half), (0.0, tall * 0.78, 3.0))


def foundation() -> Solid:
    """A glass bottle of colour with a pump."""
    half, tall, deep = 3.4, 9.4, 2.7
    body = box([half, half, half], [deep, deep, deep], tall, power=5.0, soft=0.0)
    pieces: list[Piece] = [
        body.wall()._replace(
            paint=lambda own: np.where((own[:, 2] < 1.1) | (np.abs(own[:, 0]) > 3.12), "glass", "body")
        ),
        body.closed("glass", 0.3),
    ]
    pieces.append(
        lathe(
            np.array(
                [
                    (1.9, tall + 0.1),
                    (2.05, tall + 0.2),
                    (2.05, tall + 1.9),
                    (1.9, tall + 2.0),
                    (0.2, tall + 2.0),
                ]
            ),
            "stopper",
        )
    )
    pieces.append(lathe(np.array([(0.75, tall + 2.0), (0.75, tall + 3.2), (0.2, tall + 3.25)]), "hardware"))
    pieces.append(
        lathe(
            spline(
                [
                    (0.2, tall + 3.2),
                    (1.35, tall + 3.25),
                    (1.5, tall + 3.6),
                    (1.4, tall + 4.3),
                    (0.1, tall + 4.45),
                ],
                24,
            ),
            "stopper",
        )
    )
    pieces.append(
        tube(
            spline([(0, -0.3, tall + 3.95), (-2.2, -0.8, tall + 3.95), (-3.3, -1.0, tall + 3.5)], 30),
            np.linspace(0.55, 0.32, 30),
            np.linspace(0.5, 0.32, 30),
            "stopper",
            count=14,
        )
    )
    pieces.append(laid(flat(-deep - 0.02), rounded(1.9, 1.4, 0.1, (0.0, 5.2)), 0.05, "label", round_=0.03))
    for k, wide in enumerate((1.5, 1.1)):
        pieces.append(
            laid(
                flat(-deep - 0.07), rounded(wide, 0.08, 0.05, (0.0, 5.5 - 0.6 * k)), 0.03, "dial", round_=0.02
            )
        )
    drop = lathe(spline([(0.1, 0.35), (1.6, 0.33), (2.6, 0.18), (3.0, 0.0)], 20), "body", squeeze=0.8)
    pieces.append(drop._replace(vertices=drop.vertices + [6.3, -2.0, 0]))
    return Solid(pieces, (0.0, 2.4, 4.0), (0.0, 7.6, 2.4))
