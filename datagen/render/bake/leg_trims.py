"""What tells trousers, jeans and shorts apart: pockets, flies, stitches, creases, loops, cords.

Places are in the coordinates of a piece: across from the middle seam, up from the floor, cm.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.fastenings import circle, rectangle
from datagen.render.bake.finish import Drawn, Garb, patch
from datagen.render.bake.measures import Measures

Trim = Callable[[Garb, Measures], None]

STITCH = 0.4
"""Width of a contrast stitch, cm: a pixel of the frame."""

FRONTS = ((1, "front_l"), (-1, "front_r"))
BACKS = ((1, "back_l"), (-1, "back_r"))


def stroke(line: Points, wide: float = STITCH) -> Points:
    """The outline of a line of that width."""
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    out = np.stack([-along[:, 1], along[:, 0]], axis=1) * wide / 2
    return np.vstack([line + out, (line - out)[::-1]])


def arc(*points: tuple[float, float], count: int = 16) -> Points:
    """A curve through start and end that bends towards the middle point."""
    a, b, c = (np.array(point) for point in points)
    t = np.linspace(0, 1, count)[:, None]
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)


def _edge(garb: Garb, panel: str, edge: str) -> Points:
    return garb.cloth.flat[garb.cloth.edges[panel, edge]]


def _waist(garb: Garb, back: bool = False) -> tuple[float, float]:
    """Height of the waist, and how far a left piece reaches from the middle there."""
    edge = _edge(garb, "back_l" if back else "front_l", "waist")
    return float(edge[:, 1].max()), float(edge[:, 0].max())


def sewn(name: str, edge: str, inward: float, part: str = "stitch", wide: float = STITCH) -> Trim:
    """A line of stitches along an edge of the pieces whose names begin with ``name``."""

    def trim(garb: Garb, m: Measures) -> None:
        for panel in garb.cloth.panels:
            if not panel.name.startswith(name) or (panel.name, edge) not in garb.cloth.edges:
                continue
            line = _edge(garb, panel.name, edge)
            along = np.gradient(line, axis=0)
            along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
            # Outlines run counter-clockwise: the piece lies to their left.
            inner = line + np.stack([-along[:, 1], along[:, 0]], axis=1) * inward * m.size
            garb.drawn.append(Drawn((panel.name,), part, stroke(inner, wide)))

    return trim


def fly(part: str = "fly", stitched: bool = False, deep: float = 16.0) -> Trim:
    """A fly on the left front: its outline is a seam, or two lines of stitches."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        top, _ = _waist(garb)
        top -= 3.5 * s
        curve = np.vstack(
            [
                [(3.4 * s, top)],
                arc((3.4 * s, top - (deep - 7) * s), (3.2 * s, top - (deep - 2) * s), (0.3, top - deep * s)),
            ]
        )
        garb.drawn.append(Drawn(("front_l",), part, np.vstack([[(0.0, top)], curve])))
        if stitched:
            for shift in (0.0, 0.75):
                garb.drawn.append(Drawn(("front_l",), "stitch", stroke(curve - [shift * s, -shift * s])))

    return trim


def button(radius: float = 0.85, part: str = "button") -> Trim:
    """The button of a waistband."""

    def trim(garb: Garb, m: Measures) -> None:
        top, _ = _waist(garb)
        s = m.size
        garb.laid.append(patch(garb, "front_l", circle(1.3 * s, top - 1.75 * s, radius * s), part, 0.5, 0.35))

    return trim


def slanted(deep: float = 15.0) -> Trim:
    """Slanted pockets of trousers: a narrow shadowed opening with a turned edge."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        top, side = _waist(garb)
        line = np.array([(side - 5.0 * s, top - 3.6 * s), (side + 1.2 * s, top - deep * s)])
        for sign, name in FRONTS:
            garb.drawn.append(Drawn((name,), "pocket", stroke(line, 1.0) * [sign, 1]))

    return trim


def five_pockets(garb: Garb, m: Measures) -> None:
    """Of jeans: two curved front pockets, a small one in the right, two laid on behind; rivets."""
    s = m.size
    top, side = _waist(garb)
    top -= 3.5 * s
    low = top - 8.5 * s
    curve = arc((side - 8.5 * s, top), (side - 7.5 * s, low), (side + 1.6 * s, low - 0.8 * s))
    bag = np.vstack([curve, [(side + 6 * s, low), (side + 6 * s, top + 0.2)]])
    for sign, name in FRONTS:
        garb.drawn.append(Drawn((name,), "pocket", bag * [sign, 1]))
        for shift in (0.45, 1.2):
            garb.drawn.append(Drawn((name,), "stitch", stroke((curve - [shift * s, shift * s]) * [sign, 1])))
        for spot in (curve[1] + [0.6, -0.9], curve[-4] + [0.2, -0.9]):
            shape = circle(float(spot[0]), float(spot[1]), 0.5 * s) * [sign, 1]
            garb.laid.append(patch(garb, name, shape, "rivet", 0.35, 0.3))
    coin = np.array([(side - 4.2 * s, top - 3.2 * s), (side + 1.2 * s, top - 3.2 * s)])
    garb.drawn.append(Drawn(("front_r",), "stitch", stroke(coin) * [-1, 1]))
    high, wide = _waist(garb, back=True)
    # Patches behind are told by their edges: a seam of their own shade and a line of stitches.
    for sign, name in BACKS:
        u, z = wide * 0.55, high - 16.5 * s
        shape = np.array([(-6.6, 6.5), (6.6, 7.2), (6.2, -5.5), (0.0, -8.2), (-6.2, -5.9)]) * s + [u, z]
        garb.laid.append(patch(garb, name, shape * [sign, 1], "pocket", 0.3))
        yoke = np.array([(0.0, high - 9.5 * s), (wide + 8 * s, high - 5.5 * s)])
        garb.drawn.append(Drawn((name,), "stitch", stroke(yoke) * [sign, 1]))
        above = np.vstack(
            [yoke + np.array([0.0, 0.5]), [(wide + 8 * s, high - 3.5 * s), (0.0, high - 3.5 * s)]]
        )
        garb.drawn.append(Drawn((name,), "yoke", above * [sign, 1]))


def welted(garb: Garb, m: Measures) -> None:
    """Two welted pockets behind."""
    s = m.size
    high, wide = _waist(garb, back=True)
    for sign, name in BACKS:
        line = rectangle(wide * 0.55, high - 9.5 * s, 12.5 * s, 1.1 * s)
        garb.drawn.append(Drawn((name,), "pocket", line * [sign, 1]))


def loops(garb: Garb, m: Measures) -> None:
    """Belt loops, three on each side."""
    s = m.size
    for back, places in ((False, (0.42, 0.9)), (True, (0.06, 0.6))):
        top, side = _waist(garb, back)
        for sign, name in BACKS if back else FRONTS:
            for share in places:
                shape = rectangle(side * share, top - 1.9 * s, 1.2 * s, 4.8 * s)
                garb.laid.append(patch(garb, name, shape * [sign, 1], "belt_loop", 0.5, 0.5))


def pressed(high: float = 0.5, wide: float = 1.5) -> Trim:
    """A pressed crease down the middle of each leg, from the thigh to the hem."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        middle = float(np.abs(_edge(garb, "front_l", "hem")[:, 0]).mean())
        top, _ = _waist(garb)

        def relief(place: Points) -> Points:
            off = np.abs(np.abs(place[:, 0]) - middle) / (wide * s)
            fade = np.clip((top - 7 * s - place[:, 1]) / (12 * s), 0, 1)
            return np.asarray(high * s * np.clip(1 - off, 0, 1) * fade)

        garb.relief = relief

    return trim


def waist_pleats(count: int = 2) -> Trim:
    """Pleats that open downwards from the waistband."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        top, _ = _waist(garb)
        middle = float(np.abs(_edge(garb, "front_l", "hem")[:, 0]).mean())
        at = [middle - 0.5 * s + 3.2 * s * k for k in range(count)]
        for sign, name in FRONTS:
            for u in at:
                line = np.array([(u, top - 3.4 * s), (u + (middle - u) * 0.4, top - 17 * s)])
                garb.drawn.append(Drawn((name,), "pleat", stroke(line, 0.5) * [sign, 1]))
        before = garb.relief

        def relief(place: Points) -> Points:
            base = np.zeros(len(place)) if before is None else before(place)
            u, down = np.abs(place[:, 0]), np.clip((top - place[:, 1]) / (24 * s), 0, 1)
            fade = np.sin(np.pi * down) * (down < 1)
            bump = sum(np.exp(-(((u - x) / (1.3 * s)) ** 2)) for x in at)
            return np.asarray(base + 0.55 * s * fade * bump)

        garb.relief = relief

    return trim


def cord(long: float = 13.0) -> Trim:
    """The two ends of a drawcord that hang from the middle of the waist."""

    def trim(garb: Garb, m: Measures) -> None:
        s = m.size
        top, _ = _waist(garb)
        for sign, name in FRONTS:
            a, length = 0.9, long * (1.0 if sign > 0 else 0.85)
            shape = np.array([(a, 0), (a + 0.8, 0), (a + 2.3, -length), (a + 1.5, -length)]) * s
            shape += np.array([0.0, top - 1.4 * s])
            garb.laid.append(patch(garb, name, shape * [sign, 1], "drawcord", 0.6, 0.45))

    return trim


def elastic(garb: Garb, m: Measures) -> None:
    """Ripples of a waistband with an elastic in it."""
    s = m.size
    top, _ = _waist(garb)
    before = garb.relief

    def relief(place: Points) -> Points:
        base = np.zeros(len(place)) if before is None else before(place)
        near = np.exp(-(np.clip((top - 2 * s - place[:, 1]) / (5 * s), -0.4, 3) ** 2) * 3)
        return np.asarray(base + 0.28 * s * near * np.sin(place[:, 0] * 2 * np.pi / (2.1 * s)))

    garb.relief = relief


def cargo(garb: Garb, m: Measures) -> None:
    """Bellows pockets with flaps on the outer thighs."""
    s = m.size
    z = m.crotch - 16 * s
    for sign, name in FRONTS:
        line = _edge(garb, name, "outer")
        outer = float(np.abs(line[np.abs(line[:, 1] - z).argmin(), 0]))
        u = outer - 6.0 * s
        bag = rectangle(u, z, 13 * s, 17 * s)
        flap = rectangle(u, z + 7.5 * s, 14 * s, 6 * s)
        garb.laid.append(patch(garb, name, bag * [sign, 1], "pocket", 1.0))
        garb.laid.append(patch(garb, name, flap * [sign, 1], "flap", 1.5))
        garb.laid.append(patch(garb, name, circle(u, z + 5.8 * s, 0.7 * s) * [sign, 1], "button", 1.9, 0.35))


def stripe(wide: float = 1.2) -> Trim:
    """Tapes down the outer seams in another colour."""
    return sewn("front", "outer", wide / 2 + 0.2, "tape", wide)
