"""Plackets, zips, buttons, pockets, belts: what fastens a garment or is laid on its front."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter1d

from datagen.render.bake.bodies import Points
from datagen.render.bake.finish import Drawn, Garb, fronts, loft, patch
from datagen.render.bake.measures import Measures

Trim = Callable[[Garb, Measures], None]

UP = np.array([0.0, 0.0, 1.0])


def rectangle(u: float, z: float, wide: float, high: float, slant: float = 0.0) -> Points:
    """A rectangle by its middle; ``slant`` raises its outer side."""
    a, b = wide / 2, high / 2
    return np.array([(u - a, z - b), (u + a, z - b + slant), (u + a, z + b + slant), (u - a, z + b)])


def circle(u: float, z: float, radius: float) -> Points:
    """A circle as a polygon."""
    a = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    return np.stack([u + radius * np.cos(a), z + radius * np.sin(a)], axis=1)


def placket(
    wide: float = 3.2,
    count: int = 7,
    part: str = "placket",
    half: bool = False,
    radius: float = 0.6,
    button: str = "button",
) -> Trim:
    """A band down the middle of a closed front, with buttons; ``half``: the upper quarter only, as on a
    polo."""

    def trim(garb: Garb, m: Measures) -> None:
        left, _ = fronts(garb)
        if left != "front":
            for name in (left, fronts(garb)[1]):
                for edge in ("front_l", "front_r"):
                    garb.drawn.append(Drawn((name,), part, edge=edge, within=wide * m.size))
            return
        s = m.size
        high, low = _middle(garb)
        low = high - 14 * s if half else low
        band = np.array(
            [(-wide / 2 * s, low), (wide / 2 * s, low), (wide / 2 * s, high), (-wide / 2 * s, high)]
        )
        garb.laid.append(patch(garb, "front", band, part, 0.22))
        _buttons(
            garb,
            [(0.0, z) for z in np.linspace(high - 1.5 * s, low + (2 if half else 9) * s, count)],
            radius * s,
            button,
        )

    return trim


def _middle(garb: Garb) -> tuple[float, float]:
    """Heights of neck and hem in the middle of the front."""
    left, _ = fronts(garb)
    high = float(garb.cloth.flat[garb.cloth.edges[left, "neck_l"]][-1, 1])
    hem = "hem" if left == "front" else "hem_l"
    return high, float(garb.cloth.flat[garb.cloth.edges[left, hem]][:, 1].min())


def _buttons(garb: Garb, places: list[tuple[float, float]], radius: float, part: str = "button") -> None:
    for u, z in places:
        garb.laid.append(patch(garb, "front", circle(u, z, radius), part, 0.7, spacing=0.3))


def zipper(garb: Garb, m: Measures) -> None:
    """A zip down the middle, between two facings; along the edges of open fronts."""
    left, right = fronts(garb)
    if left != "front":
        for name, edge in ((left, "front_l"), (right, "front_r")):
            garb.drawn.append(Drawn((name,), "zip", edge=edge, within=0.7 * m.size))
        return
    high, low = _middle(garb)
    a = 0.55 * m.size
    garb.drawn.append(Drawn(("front",), "zip", np.array([(-a, low), (a, low), (a, high), (-a, high)])))


def buttons(
    count: int, apart: float = 0.0, low: float = 0.35, high: float = 0.95, radius: float = 1.1
) -> Trim:
    """A row of buttons, or two rows; heights as shares of the way from hem to the opening."""

    def trim(garb: Garb, m: Measures) -> None:
        if fronts(garb)[0] != "front":
            return
        top, hem = _middle(garb)
        rows = (0.0,) if not apart else (-apart / 2 * m.size, apart / 2 * m.size)
        spots = [(u, hem + (top - hem) * q) for q in np.linspace(low, high, count) for u in rows]
        _buttons(garb, spots, radius * m.size)

    return trim


def overlap(wide: float = 8.0) -> Trim:
    """The edge of the upper front of a closed coat, to the wearer's right of the middle."""

    def trim(garb: Garb, m: Measures) -> None:
        if fronts(garb)[0] != "front":
            return
        high, low = _middle(garb)
        s = m.size
        at = -wide * s
        edge = garb.cloth.flat[garb.cloth.edges["front", "neck_l"]]
        top = high + (edge[0, 1] - high) * 0.1 if wide > 4 else high
        band = np.array(
            [(at, low + 0.2), (at + 5 * s, low + 0.2), (at + 5 * s, top - 2 * s), (at, top - 2 * s)]
        )
        garb.laid.append(
            patch(
                garb,
                "front",
                band,
                "body",
                0.4,
                ramp=lambda p: np.clip((at + 4.6 * s - p[:, 0]) / (4 * s), 0, 1),
            )
        )

    return trim


def pockets(
    u: float,
    z: float,
    wide: float,
    high: float,
    part: str = "pocket",
    slant: float = 0.0,
    height: float = 0.3,
    one: bool = False,
) -> Trim:
    """Pockets on both fronts at a height above the hip joint; ``one``: on the wearer's left only."""

    def trim(garb: Garb, m: Measures) -> None:
        left, right = fronts(garb)
        s = m.size
        for name, sign in ((left, 1), (right, -1)):
            if one and sign < 0:
                continue
            shape = rectangle(u * s, m.joint + z * s, wide * s, high * s, slant * s) * [sign, 1]
            garb.laid.append(patch(garb, name, shape, part, height))

    return trim


def belt(wide: float = 4.2, tail: float = 24.0) -> Trim:
    """A belt around the waist, or around the waistband of legs, with a buckle and a hanging end."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        legs = ("front_l", "waist") in garb.cloth.edges
        at = (
            float(garb.cloth.flat[garb.cloth.edges["front_l", "waist"]][:, 1].max()) - 2.0 * s
            if legs
            else m.waist
        )
        _ring(garb, at, wide * s, s)
        front = "front_l" if legs else fronts(garb)[0]
        if front not in ("front", "front_l"):
            return
        for part, high, shape in (
            ("buckle", 1.15, rectangle(0.0, at, 6.0 * s, (wide + 1.8) * s)),
            ("belt", 1.35, rectangle(0.0, at, 3.8 * s, wide * s)),
            ("buckle", 1.6, rectangle(0.6 * s, at, 3.0 * s, 0.8 * s)),
        ):
            # The middle of legs is where two pieces meet: the buckle lies beside it, on the wearer's left.
            garb.laid.append(
                patch(garb, front, shape + np.array([3.2 * s if legs else 0.0, 0.0]), part, high)
            )
        end = np.array(
            [(2.2, 0.0), (2.2 + wide * 0.9, 0.0), (3.4 + wide * 0.9, -tail), (3.0, -tail - 1.5)]
        ) * s + [0, at]
        garb.laid.append(patch(garb, front, end, "belt", 0.75))

    return trim


def _ring(garb: Garb, at: float, wide: float, size: float) -> None:
    """A band around the body's pieces at a height, ``wide`` high, both in cm."""
    names = [panel.name for panel in garb.cloth.panels]
    body = np.array([not name.startswith("sleeve") for name in names])[garb.cloth.panel]
    level = body & (np.abs(garb.cloth.flat[:, 1] - at) < 1.8 * size)
    index = np.full(len(garb.cloth.flat), -1)
    index[garb.draped.corners.ravel()] = garb.draped.faces.ravel()
    used = index[np.flatnonzero(level)]
    spots = garb.draped.vertices[used[used >= 0]]
    middle = spots.mean(0)
    angle = np.arctan2(spots[:, 1] - middle[1], spots[:, 0] - middle[0])
    grid = np.linspace(-np.pi, np.pi, 96, endpoint=False)
    radius = np.zeros(len(grid))
    for k, a in enumerate(grid):
        near = np.abs((angle - a + np.pi) % (2 * np.pi) - np.pi) < 0.12
        radius[k] = np.linalg.norm((spots[near] - middle)[:, :2], axis=1).max() if near.any() else 0
    radius = np.maximum(radius, np.median(radius[radius > 0]) * 0.7)
    radius = gaussian_filter1d(radius, 1.2, mode="wrap") + 0.5
    ring = np.stack([np.cos(grid), np.sin(grid), np.zeros(len(grid))], axis=1)
    half = wide / 2

    def around(extra: float, up: float) -> Points:
        return np.asarray(middle + ring * (radius + extra)[:, None] + UP * up)

    rows = [
        around(-0.6, -half),
        around(0.1, -half),
        around(0.2, 0.0),
        around(0.1, half),
        around(-0.6, half),
    ]
    garb.laid.append(loft(rows, "belt", closed=True, outward=lambda p: (p - middle) * [1, 1, 0]))


def yoke(depth: float = 9.0) -> Trim:
    """A seam across both fronts, as on denim jackets."""

    def trim(garb: Garb, m: Measures) -> None:
        left, right = fronts(garb)
        tip = garb.cloth.flat[garb.cloth.edges[left, "shoulder_l"]][0]
        z = tip[1] - depth * m.size
        for name, sign in ((left, 1), (right, -1)):
            shape = np.array(
                [
                    (-3 if left != "front" else 0.0, z),
                    (tip[0] + 4, z),
                    (tip[0] + 4, z + 40),
                    (-3 if left != "front" else 0.0, z + 40),
                ]
            )
            garb.drawn.append(Drawn((name,), "yoke", shape * [sign, 1]))

    return trim


def strings(garb: Garb, m: Measures) -> None:
    """The two ends of a hood's cord."""
    left, right = fronts(garb)
    high = float(garb.cloth.flat[garb.cloth.edges[left, "neck_l"]][-1, 1])
    s = m.size
    for name, sign, long in ((left, 1, 17), (right, -1, 15)):
        shape = np.array([(3.6, 0), (4.3, 0), (3.9, -long), (3.2, -long)]) * s * [sign, 1] + [0, high]
        garb.laid.append(patch(garb, name, shape, "drawcord", 0.55, spacing=0.4))


def half_zip(long: float = 15.0, edge: str = "neck_l") -> Trim:
    """A zip in the middle of a closed front, from the neck, or from a skirt's waist, so far down."""

    def trim(garb: Garb, m: Measures) -> None:
        name = fronts(garb)[0]
        line = garb.cloth.flat[garb.cloth.edges[name, edge]]
        high = float(line[np.abs(line[:, 0]).argmin(), 1])
        a, low = 0.55 * m.size, high - long * m.size
        garb.drawn.append(Drawn((name,), "zip", np.array([(-a, low), (a, low), (a, high), (-a, high)])))

    return trim
