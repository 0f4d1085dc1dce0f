"""Patterns of capes and ponchos: a front and a back that meet above the arms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.measures import Measures
from datagen.render.bake.panels import Panel, Seam

AWAY, ARM = 4.0, 8.5
"""How far before and behind the trunk, and the middle of the arms, the pieces start, cm."""


@dataclass(frozen=True)
class Wrap:
    """The cut of a wrap. Lengths in cm on a grown woman; they scale with the body."""

    hem: float = -8.0
    """Height of the hem above the hip joint, in the middle."""
    reach: float = 0.0
    """How far the edge above the arms goes beyond the shoulder; 0: so that the hem is level."""
    straight: float = 0.0
    """The hem's line from there to the middle: 0 an arc around the shoulder, 1 straight."""
    neck: tuple[float, float, float] = (1.8, 7.0, 1.2)
    """Wider than the neck on each side, depth in front, depth behind."""


def wrap_panels(m: Measures, cut: Wrap) -> tuple[list[Panel], list[Seam]]:
    """Front and back with the seams from the neck along the arms."""
    panels = [_piece(m, cut, back) for back in (False, True)]
    seams = [Seam(("front", f"shoulder_{hand}"), ("back", f"shoulder_{hand}"), same=True) for hand in "lr"]
    return panels, seams


def _piece(m: Measures, cut: Wrap, back: bool) -> Panel:
    s = m.size
    shoulder, elbow, wrist = m.arm
    neck, high = m.neck_half + cut.neck[0] * s, m.neck[2] + 3.6 * s
    tip = np.array([m.tip[0] + 0.6 * s, m.tip[2] + 2.2 * s])
    along = (wrist - shoulder)[[0, 2]] / np.linalg.norm((wrist - shoulder)[[0, 2]])
    low = m.joint + cut.hem * s
    reach = cut.reach * s or float(tip[1] - low)
    top = np.array([tip, (neck, high)])
    dip = high - (cut.neck[2] if back else cut.neck[1]) * s
    # The edge above the arms, from its lower end over a rounded shoulder to the neck.
    t = np.linspace(0, 1, 12)[:, None]
    arm = tip + along * reach * (1 - t)
    edge = np.vstack([arm[:-2], _bent(arm[-2], tip + np.array([0.4, 0.6]), top[1])])
    end = edge[0]
    angle = np.linspace(0, np.arctan2(along[0], -along[1]), 24)[:, None]
    share = angle / angle[-1]
    radius = float(tip[1] - low) * (1 - share) + reach * share
    centre = np.array([tip[0] * 0.55, tip[1]]) * (1 - share) + tip * share
    arc = centre + radius * np.hstack([np.sin(angle), -np.cos(angle)])
    line = np.array([0.0, low]) * (1 - share) + end * share
    hem = np.vstack([[(0.0, low)], arc * (1 - cut.straight) + line * cut.straight])
    t = np.linspace(0, 1, 16)[:, None]
    neckline = (1 - t) ** 2 * top[1] + 2 * t * (1 - t) * np.array([neck * 0.98, dip]) + t**2 * [0.0, dip]

    def turned(line: Points) -> Points:
        return line[::-1] * [-1, 1]

    edges = {
        "shoulder_l": edge[:-1],
        "neck_l": neckline[:-1],
        "neck_r": turned(neckline)[:-1],
        "shoulder_r": turned(edge)[:-1],
        "hem": np.vstack([turned(hem)[:-1], hem])[:-1],
    }

    xs, ys = (np.array([point[k] for point in (shoulder, elbow, wrist)]) for k in (0, 1))

    def place(points: Points) -> Points:
        u, z = np.abs(points[:, 0]), points[:, 1]
        inner = np.clip(1 - (u - tip[0] * 0.6) / (tip[0] * 0.6), 0, 1)
        arm = np.interp(u, xs, ys)
        deep = ARM * s + inner * (m.trunk.at("deep", np.clip(z, m.hip, m.armpit)) + AWAY - ARM * s)
        above = np.clip((z - m.armpit) / (12 * s), 0, 1)
        deep = deep * (1 - 0.45 * above * inner)
        middle = m.trunk.at("y", np.minimum(z, m.armpit)) * inner + arm * (1 - inner)
        return np.stack([points[:, 0], middle + (deep if back else -deep), z], axis=1)

    return Panel("back" if back else "front", edges, place, "back" if back else "body", flip=back)


def _bent(start: Points, control: Points, end: Points) -> Points:
    t = np.linspace(0, 1, 10)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end)
