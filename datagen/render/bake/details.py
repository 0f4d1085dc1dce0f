"""What names a coat or jacket: storm flaps, epaulettes, straps, toggles, seams, stitches, welts, fringes.

Places are in the coordinates of a front: across from the middle, up from the hip joint, in cm of a grown
woman.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from scipy.ndimage import gaussian_filter1d

from datagen.render.bake.bodies import Points
from datagen.render.bake.collars import outside
from datagen.render.bake.fastenings import circle, rectangle
from datagen.render.bake.finish import Drawn, Garb, fronts, loft, patch
from datagen.render.bake.measures import Measures
from datagen.render.bake.panels import resampled

Trim = Callable[[Garb, Measures], None]
Line = Sequence[tuple[float, float]]

UP = np.array([0.0, 0.0, 1.0])


def stroke(line: Points, wide: float) -> Points:
    """The outline of a line of that width."""
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    out = np.stack([-along[:, 1], along[:, 0]], axis=1) * wide / 2
    return np.vstack([line + out, (line - out)[::-1]])


def both(garb: Garb) -> tuple[tuple[str, int], tuple[str, int]]:
    """The wearer's left and right front, with the sign of what lies across on them."""
    left, right = fronts(garb)
    return (left, 1), (right, -1)


def seams(*lines: Line, part: str = "seam", wide: float = 0.5, one: bool = False) -> Trim:
    """Lines on both fronts; ``one``: as they are, on a closed front or the wearer's left."""

    def trim(garb: Garb, m: Measures) -> None:
        for name, sign in both(garb)[: 1 if one else 2]:
            for line in lines:
                at = np.array(line, float) * m.size + [0, m.joint]
                garb.drawn.append(Drawn((name,), part, stroke(at, wide) * [sign, 1]))

    return trim


def across(z: float, part: str = "seam", wide: float = 0.6) -> Trim:
    """A line around the body at a height above the waist."""

    def trim(garb: Garb, m: Measures) -> None:
        at = m.waist + z * m.size
        band = np.array([(-90, at), (90, at), (90, at + wide), (-90, at + wide)])
        names = tuple(p.name for p in garb.cloth.panels if not p.name.startswith("sleeve"))
        garb.drawn.append(Drawn(names, part, band))

    return trim


def piped(edge: str, inward: float, part: str = "seam", wide: float = 0.45) -> Trim:
    """A line along an edge of the pieces, such as stitches along a hem."""

    def trim(garb: Garb, m: Measures) -> None:
        for panel in garb.cloth.panels:
            keys = [key for key in garb.cloth.edges if key[0] == panel.name and key[1].startswith(edge)]
            for key in keys:
                line = garb.cloth.flat[garb.cloth.edges[key]]
                if len(line) < 2:
                    continue
                along = np.gradient(line, axis=0)
                along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
                # Outlines run counter-clockwise: the piece lies to their left.
                inner = line + np.stack([-along[:, 1], along[:, 0]], axis=1) * inward * m.size
                garb.drawn.append(Drawn((panel.name,), part, stroke(inner, wide)))

    return trim


def storm_flap(garb: Garb, m: Measures) -> None:
    """The flap over a trench coat's right shoulder, which stands off below."""
    name, sign = both(garb)[1]
    left, _ = fronts(garb)
    edge = garb.cloth.flat[garb.cloth.edges[left, "shoulder_l"]]
    (tip_u, tip_z), (neck_u, neck_z) = edge[0], edge[-1]
    s = m.size
    low = tip_z - 23 * s
    shape = np.array(
        [
            (neck_u + 2.5 * s, neck_z - 0.8 * s),
            (tip_u - 1.0 * s, tip_z - 0.4),
            (tip_u - 2.0 * s, tip_z - 12 * s),
            (tip_u - 4.0 * s, low + 4 * s),
            (tip_u - 8.0 * s, low),
            (7.5 * s, low - 0.5 * s),
            (3.0 * s, low + 4 * s),
            (neck_u, neck_z - 9 * s),
        ]
    )

    def ramp(p: Points) -> Points:
        return np.asarray(1 + 1.6 * np.clip((low + 7 * s - p[:, 1]) / (7 * s), 0, 1))

    garb.laid.append(patch(garb, name, shape * [sign, 1], "flap", 0.55, ramp=ramp))
    garb.laid.append(
        patch(garb, name, circle((tip_u - 8 * s) * sign, low + 2.4 * s, 0.8 * s), "button", 1.6, 0.3)
    )


def epaulettes(garb: Garb, m: Measures) -> None:
    """Straps along both shoulders with a button near the neck."""
    s = m.size
    for (name, _), hand in zip(both(garb), "lr", strict=True):
        line = garb.line(name, f"shoulder_{hand}")
        line = resampled(line if abs(line[0, 0]) > abs(line[-1, 0]) else line[::-1], 24)
        line = gaussian_filter1d(line[: int(24 * 0.86)], 2.0, axis=0, mode="nearest")
        ahead = np.array([0.0, -1.0, -0.35])
        half = np.full(len(line), 2.8 * s)
        half[-3:] *= [0.95, 0.75, 0.35]
        rows = [outside(garb, line + ahead * (half * 1.05 + 1.6 * s)[:, None], 0.05)]
        for q in (1.0, 0.4, -0.3, -1.0):
            rows.append(outside(garb, line + ahead * (half * q + 1.6 * s)[:, None], 1.0))
        rows.append(outside(garb, line + ahead * (1.6 * s - half * 1.05)[:, None], 0.05))
        garb.laid.append(loft(rows, "epaulette", outward=lambda p: np.tile(UP, (len(p), 1))))
        at = (garb.cloth.flat[garb.cloth.edges[name, f"shoulder_{hand}"]]).copy()
        at = at[np.argsort(np.abs(at[:, 0]))]
        place = at[0] * 0.72 + at[-1] * 0.28 - [0, 2.0 * s]
        garb.laid.append(
            patch(garb, name, circle(float(place[0]), float(place[1]), 0.75 * s), "button", 1.5, 0.3)
        )


def button_rows(*rows: tuple[float, float], radius: float = 1.2) -> Trim:
    """Pairs of buttons on a closed front: heights above the waist, and how far from the middle."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        for z, u in rows:
            for sign in (1, -1):
                spot = circle(u * s * sign, m.waist + z * s, radius * s)
                garb.laid.append(patch(garb, "front", spot, "button", 0.8, 0.3))

    return trim


def cuff_straps(up: float = 6.5, wide: float = 3.4, buckle: bool = True) -> Trim:
    """Straps around the ends of sleeves, buckled towards the front."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        for hand, ahead in (("l", -1), ("r", 1)):
            name = f"sleeve_{hand}"
            if (name, "end") not in garb.cloth.edges:
                continue
            end = garb.cloth.flat[garb.cloth.edges[name, "end"]]
            half, low = float(end[:, 0].max()), float(end[:, 1].min())
            band = rectangle(0.0, low + up * s, 2 * half - 0.8, wide * s)
            garb.laid.append(patch(garb, name, band, "strap", 0.4))
            if buckle:
                at = ahead * half * 0.42
                frame = rectangle(at, low + up * s, 3.6 * s, (wide + 1.6) * s)
                garb.laid.append(patch(garb, name, frame, "buckle", 0.75))
                hole = rectangle(at, low + up * s, 2.0 * s, (wide - 0.2) * s)
                garb.laid.append(patch(garb, name, hole, "strap", 0.95, 0.4))
            else:
                garb.laid.append(
                    patch(garb, name, circle(ahead * half * 0.42, low + up * s, 0.7 * s), "button", 0.8, 0.3)
                )

    return trim


def toggles(count: int = 4, high: float = 8.0, low: float = 6.0) -> Trim:
    """Horn toggles in loops of cord, held by triangles of leather; heights below the neck and above the
    joint."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        left, _ = fronts(garb)
        top = float(garb.cloth.flat[garb.cloth.edges[left, "neck_l"]][-1, 1])
        for z in np.linspace(top - high * s, m.joint + low * s, count):
            for name, sign in both(garb):
                cord = stroke(np.array([(0.5, 0.0), (6.4, 0.0)]) * s, 0.75 * s) * [sign, 1] + [0, z]
                held = np.array([(5.4, 0.0), (8.6, 1.9), (8.6, -1.9)]) * s * [sign, 1] + [0, z]
                garb.laid.append(patch(garb, name, cord, "strap", 0.55, 0.4))
                garb.laid.append(patch(garb, name, held, "flap", 0.5, 0.4))
            angle = np.linspace(0, 2 * np.pi, 18, endpoint=False)
            horn = np.stack([2.9 * np.cos(angle) - 0.4, 0.85 * np.sin(angle)], axis=1) * s + [0, z]
            garb.laid.append(patch(garb, left, horn, "button", 1.2, 0.35))

    return trim


def welts(
    u: float, z: float, long: float, wide: float = 4.0, lean: float = 14.0, button: bool = False
) -> Trim:
    """Slanted pockets with a welt: the upper end nearer to the middle by ``lean`` degrees."""

    def trim(garb: Garb, m: Measures) -> None:
        s, a = m.size, np.radians(lean)
        turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        for name, sign in both(garb):
            shape = rectangle(0.0, 0.0, wide, long) @ turn.T * [-1, 1]
            at = np.array([u, z]) * s + [0, m.joint]
            garb.laid.append(
                patch(garb, name, (shape * s + at) * [sign, 1], "pocket", 0.5, ramp=_outer(at[0], sign, s))
            )
            if button:
                garb.laid.append(patch(garb, name, circle(at[0] * sign, at[1], 0.75 * s), "button", 0.9, 0.3))

    return trim


def _outer(u: float, sign: int, size: float) -> Callable[[Points], Points]:
    return lambda p: 0.5 + np.clip((p[:, 0] * sign - u) / (2 * size) + 0.5, 0, 1.2)


def flapped(
    u: float, z: float, wide: float, high: float, flap: float, button: bool = True, point: float = 0.0
) -> Trim:
    """Pockets laid on, with a flap that stands off below; ``z`` is the height of their upper edge; without
    ``high`` only the flap is seen. ``point`` is how much lower the flap is in its middle."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        top = m.joint + z * s
        for name, sign in both(garb):
            if high:
                bag = rectangle(u * s, top - high / 2 * s, wide * s, high * s)
                bag[[0, 1]] += np.array([(0.8, 0.0), (-0.8, 0.0)]) * s
                garb.laid.append(patch(garb, name, bag * [sign, 1], "pocket", 0.55))
            a, b = (wide + 0.9) / 2 * s, flap * s
            outline = np.array([(-a, 0), (-a, -b), (0, -b - point * s), (a, -b), (a, 0)])
            shape = (outline + np.array([u * s, top + 0.6 * s])) * [sign, 1]
            under = 0.75 if high else 0.35
            garb.laid.append(patch(garb, name, shape, "flap", under, ramp=_standing_off(top, b)))
            if button:
                spot = circle(u * s * sign, top - b + (0.8 - point) * s, 0.65 * s)
                garb.laid.append(patch(garb, name, spot, "button", under * 1.9 + 0.3, 0.3))

    return trim


def _standing_off(top: float, high: float) -> Callable[[Points], Points]:
    return lambda p: 1 + 0.9 * np.clip((top - p[:, 1]) / high, 0, 1)


def cords(u: float, z: float, long: float = 11.0, from_waist: bool = False) -> Trim:
    """Two ends of a cord that hang from a height above the joint, or above the waist."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        top = (m.waist if from_waist else m.joint) + z * s
        for (name, sign), more in zip(both(garb), (1.0, 0.85), strict=True):
            line = np.array([(u, 0), (u + 0.5, -long * 0.5 * more), (u + 0.2, -long * more)]) * s + [0, top]
            garb.laid.append(patch(garb, name, stroke(line, 0.8 * s) * [sign, 1], "drawcord", 0.6, 0.4))

    return trim


def _along(points: Points, direction: list[float]) -> Points:
    return np.tile(direction, (len(points), 1))


def fringe(long: float = 7.0, every: float = 1.15) -> Trim:
    """Threads that hang from the hem."""

    def trim(garb: Garb, m: Measures) -> None:
        rng = np.random.default_rng(11)
        for name in ("front", "back"):
            towards = partial(_along, direction=[0.0, -1.0 if name == "front" else 1.0, 0.0])
            line = garb.line(name, "hem")
            count = int(np.linalg.norm(np.diff(line, axis=0), axis=1).sum() / every)
            even = resampled(line, count)
            along = np.gradient(even, axis=0)
            along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
            reach = long * m.size * rng.uniform(0.85, 1.1, len(even))
            sway = rng.normal(0, 0.35, (len(even), 3)) * [1, 1, 0]
            half = along * 0.36
            bottom = even - UP * reach[:, None] + sway
            for k in range(len(even)):
                rows = [
                    np.array([even[k] - half[k] + UP * 0.4, even[k] + half[k] + UP * 0.4]),
                    np.array([bottom[k] - half[k] * 0.8, bottom[k] + half[k] * 0.8]),
                ]
                garb.laid.append(loft(rows, "hem", outward=towards))

    return trim


def hanging_belt(u: float = 12.0, long: float = 30.0, wide: float = 4.0) -> Trim:
    """The ends of a belt that hang open at both sides of an open coat."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        for (name, sign), more in zip(both(garb), (1.0, 0.86), strict=True):
            line = np.array([(u, 0.0), (u - 0.8, -long * 0.5 * more), (u - 0.3, -long * more)]) * s
            line = line + np.array([0.0, m.waist])
            garb.laid.append(patch(garb, name, stroke(line, wide * s) * [sign, 1], "belt", 0.7))
            loop = rectangle((u + 0.1) * s * sign, m.waist, (wide + 1.4) * s, 1.2 * s)
            garb.laid.append(patch(garb, name, loop, "belt_loop", 1.0, 0.4))

    return trim
