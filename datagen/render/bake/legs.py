"""Patterns of trousers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.measures import Measures
from datagen.render.bake.panels import Panel, Seam


@dataclass(frozen=True)
class Trousers:
    """The cut of a pair of trousers, cm on a grown woman."""

    ease: float = 4.0
    """Added to the hips."""
    thigh: float = 7.0
    """Added to each thigh."""
    knee: float = 8.0
    hem: float = 12.0
    """Added to the ankle's girth at the hem, however long the leg."""
    length: float = 1.0
    """Share of the way from crotch to floor."""
    rise: float = 0.75
    """How high the waist is between hip joint (0) and waist (1)."""
    rib: float = 1.0
    """Girth of the hems as a share of the cloth above, where a rib draws it in."""
    elastic: float = 1.0
    """The same of the waist."""
    above: float = 3.2
    """Height of full-length hems above the floor: less than a foot's, so the legs break over the shoes."""


def trouser_panels(m: Measures, cut: Trousers) -> tuple[list[Panel], list[Seam]]:
    """Two fronts and two backs with their seams."""
    s = m.size
    top = m.joint + (m.waist - m.joint) * cut.rise
    crotch = m.crotch - 1.6 * s
    low = crotch * (1 - cut.length) + (cut.above if cut.length > 0.9 else 0.0) * s
    leg = m.legs[0]
    knee = m.rest.joint("lowerleg01.L")[2]
    thigh = float(leg.at("girth", crotch - 3 * s)) + cut.thigh * s
    at_knee = float(leg.at("girth", knee)) + cut.knee * s
    at_hem = float(leg.at("girth", max(low, 9 * s))) + cut.hem * s
    waist = (float(m.trunk.at("girth", top)) + 1.0 * s) / cut.elastic
    seat = float(m.trunk.at("girth", m.hip)) + cut.ease * s
    girth = (
        np.array([[low, at_hem], [knee, at_knee], [crotch, thigh]])
        if low < knee - 8 * s
        else np.array([[low, at_hem], [crotch, thigh]])
    )
    panels: list[Panel] = []
    for back in (False, True):
        share = 0.535 if back else 0.465
        reach = (0.075 if back else 0.035) * seat
        quarter_seat = seat / 4 + (0.6 if back else -0.6) * s
        quarter_waist = waist / 4 + (0.3 if back else -0.3) * s
        z = np.linspace(low, crotch, 40)
        around = np.interp(z, girth[:, 0], girth[:, 1]) * share
        outer_top = quarter_seat - 0.4
        # The leg's middle line is straight down from the middle of its width at the crotch.
        middle = (outer_top - reach) / 2
        drawn = np.clip((crotch - z) / (9 * s), 0, 1)
        wide = around * drawn + (outer_top + reach) * (1 - drawn)
        inner = np.stack([middle - wide / 2, z], axis=1)
        outer_low = np.stack([middle + wide / 2, z], axis=1)
        rise = np.linspace(crotch, top, 24)
        outer_high = np.stack(
            [np.interp(rise, [crotch, m.hip, top], [outer_low[-1, 0], quarter_seat, quarter_waist]), rise],
            axis=1,
        )
        outer = np.vstack([outer_low[:-1], outer_high])
        hip_height = max(m.hip, crotch + 5 * s)
        t = np.linspace(0, 1, 20)[:, None]
        slope = (1.6 if back else 0.5) * s
        a, b, c = (
            np.array([-reach, crotch]),
            np.array([0.0, crotch + 0.3 * s]),
            np.array([0.0, hip_height + 1 * s]),
        )
        curve = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
        seam = np.vstack([curve[:-1], [c, (slope * 0.3, top)]])
        inner[-1] = a
        edges = {
            "outer": outer[:-1],
            "waist": np.array([outer[-1], seam[-1]])[:-1],
            "rise": seam[::-1][:-1],
            "inner": inner[::-1][:-1],
            "hem": np.array([inner[0], outer[0]])[:-1],
        }
        name = "back" if back else "front"
        for hand, sign in (("l", 1), ("r", -1)):
            placed = _around_leg(m, sign, back, crotch, middle, around, z, outer, seam)
            part = f"leg_{'left' if sign > 0 else 'right'}"
            lines = edges if sign > 0 else _mirrored(edges)
            panels.append(Panel(f"{name}_{hand}", lines, placed, part, flip=back))
    seams = []
    for hand in "lr":
        seams += [
            Seam((f"front_{hand}", "outer"), (f"back_{hand}", "outer"), same=True),
            Seam((f"front_{hand}", "inner"), (f"back_{hand}", "inner"), same=True),
        ]
    for name in ("front", "back"):
        seams.append(Seam((f"{name}_l", "rise"), (f"{name}_r", "rise")))
    return panels, seams


def _mirrored(edges: dict[str, Points]) -> dict[str, Points]:
    """The same outline on the other side of the middle, counter-clockwise again."""
    names = list(edges)
    full = {
        name: np.vstack([line, edges[names[(k + 1) % len(names)]][:1]])
        for k, (name, line) in enumerate(edges.items())
    }
    return {name: (full[name][::-1] * np.array([-1.0, 1.0]))[:-1] for name in reversed(names)}


def _around_leg(
    m: Measures,
    sign: int,
    back: bool,
    crotch: float,
    middle: float,
    around: Points,
    z: Points,
    outer: Points,
    seam: Points,
) -> Callable[[Points], Points]:
    leg = m.legs[0 if sign > 0 else 1]
    side = 1.0 if back else -1.0

    def place(points: Points) -> Points:
        u, v = points[:, 0] * sign, points[:, 1]
        low = np.minimum(v, crotch - 3 * m.size)
        half = np.interp(low, z, around) / 2
        angle = np.clip((u - middle) / np.maximum(half, 1.0), -1.25, 1.25) * np.pi / 2
        radius = np.maximum(half * 2 / np.pi, leg.at("deep", low) + 1.0)
        x = leg.at("x", low) * (1 if sign > 0 else -1) + radius * np.sin(angle)
        y = leg.at("y", low) + side * radius * np.cos(angle)
        edge = np.interp(v, outer[:, 1], outer[:, 0])
        quarter = np.clip(u / np.maximum(edge, 1.0), -0.3, 1.1) * np.pi / 2
        up_x = (m.trunk.at("wide", v) + 1.5) * np.sin(quarter)
        up_y = m.trunk.at("y", v) + side * (m.trunk.at("deep", v) + 1.5) * np.cos(quarter)
        share = np.clip((v - crotch + 2 * m.size) / (8 * m.size), 0, 1)
        return np.stack([(x * (1 - share) + up_x * share) * sign, y * (1 - share) + up_y * share, v], axis=1)

    return place
