"""Lipsticks: open, beside their caps, standing."""

from __future__ import annotations

import numpy as np

from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.small_leather import flat
from datagen.render.bake.packshots.solids import Piece, grid, laid, lathe, moved, ring, rounded


def _bullet(low: float, top: float, radius: float) -> Piece:
    """The stick: its end is cut at a slant towards the camera, the cut's rim a little worn."""
    stack = [(radius, z) for z in np.linspace(low, top + 0.8, 110)]
    # The cut's plane is reached on the way to the axis: more rings there.
    stack += [(radius * r, top + 0.8) for r in np.linspace(0.98, 0.04, 60)]
    rows = []
    for r, z in stack:
        loop = ring(max(r, 1e-3), max(r, 1e-3), 2.0, 97)
        plane = top - 0.5 + 0.95 * loop[:, 1] + 0.55 * loop[:, 0]
        # The smaller of both, without an edge.
        soft = 0.035
        rows.append(np.column_stack([loop, -soft * np.logaddexp(-z / soft, -plane / soft)]))
    rows.append(np.broadcast_to(rows[-1].mean(0), (97, 3)))
    return grid(np.stack(rows), "body")


def _case(low: float, top: float, radius: float, part: str, power: float) -> Piece:
    edge = min(0.06, (top - low) / 4)
    profile = [(0.05, low), (radius - edge, low), (radius, low + edge)]
    profile += [(radius, z) for z in np.linspace(low + edge, top - edge, 12)[1:]]
    profile += [(radius - edge * 0.3, top - edge * 0.3), (radius - edge, top), (0.05, top)]
    return lathe(np.array(profile), part, power=power)


def lipstick(round_: bool = False) -> Solid:
    """A dark square case with a metal collar, or a round one of metal; the cap stands beside it."""
    power, shell = (2.0, "hardware") if round_ else (4.2, "stopper")
    band = "stopper" if round_ else "hardware"
    radius, foot, collar, out = 0.98, 3.1, 4.3, 6.6
    pieces = [
        _case(0.0, foot, radius, shell, power),
        _case(foot - 0.32, foot - 0.14, radius + 0.02, band, power),
        _case(foot, collar, radius * 0.84, "hardware", 2.0 if round_ else 5.0),
        _bullet(collar - 0.1, out, radius * 0.66),
    ]
    pieces.append(
        lathe(np.array([(0.5, collar), (radius * 0.74, collar + 0.02), (0.5, collar + 0.1)]), "frame")
    )
    plate = rounded(0.34, 0.34, 0.06, (0.0, 1.5), 32)
    pieces.append(laid(flat(-radius - 0.005), plate, 0.03, band, round_=0.03))
    cap: list[Piece] = [
        _case(0.0, 4.4, radius * 1.01, shell, power),
        _case(0.12, 0.36, radius * 1.03, band, power),
    ]
    pieces += [moved(one, (2.9, -0.5, 0.0)) for one in cap]
    return Solid(pieces, (0.0, 5.4, 1.2), (0.0, 5.2, 1.0))
