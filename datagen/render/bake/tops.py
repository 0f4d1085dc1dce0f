"""Patterns of what hangs from the shoulders: fronts, backs and sleeves of tops, dresses, jackets and
coats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datagen.render.bake.bodies import Points
from datagen.render.bake.measures import Measures
from datagen.render.bake.panels import Panel, Seam, length

Place = Callable[[Points], Points]
"""Where points of a piece start around the body: (n, 2) -> (n, 3)."""


@dataclass(frozen=True)
class Top:
    """The cut of a top. Lengths in cm on a grown woman; they scale with the body."""

    ease: float = 10.0
    """Added to the chest."""
    hem: float = -8.0
    """Height of the hem above the hip joint."""
    flare: float = 0.0
    """Added to the hem's girth, growing from the waist."""
    waist: float = 0.0
    """How far the sides follow the waist: 0 straight, 1 with the ease all over."""
    shoulder: float = 0.5
    """How far the shoulder reaches beyond the body's; negative for straps."""
    neck: tuple[float, float, float] = (1.6, 7.5, 1.5)
    """Wider than the neck on each side, depth in front, depth behind."""
    v_neck: bool = False
    sleeve: float = 0.0
    """Share of the arm that a sleeve covers; 0: none."""
    biceps: float = 8.0
    """Ease of the upper arm."""
    cuff: float = 12.0
    """Ease at the end of the sleeve."""
    open: str = "closed"
    """"closed", "open" from the hem up, "half" from the neck to the waist."""
    lap: float = 0.0
    """How far open fronts reach beyond the middle."""
    armhole: float = 2.0
    """How far below the armpit the armhole ends."""
    rib: float = 1.0
    """Girth of hem and cuffs as a share of the cloth above, where a rib draws it in."""
    rib_depth: float = 6.0
    gather: float = 1.0
    """Girth of cuffs as a share of the sleeve above that is gathered into them."""
    tail: float = 0.0
    """How much higher the hem is at the sides than in the middle, as on shirts."""
    legs: float | None = None
    """Of swimsuits, whose pieces meet between the legs: height of the leg's opening above the hip joint."""


def _curve(*points: tuple[float, float], bend: float = 0.0) -> Points:
    """A quadratic curve through three points given as start, control, end."""
    a, b, c = (np.array(point) for point in points)
    t = np.linspace(0, 1, 24)[:, None]
    return np.asarray((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)


def _join(*lines: Points) -> Points:
    return np.vstack([line[:-1] for line in lines[:-1]] + [lines[-1]])


def _outline(m: Measures, cut: Top, back: bool) -> dict[str, float]:
    """The measures of one body piece."""
    s = m.size
    bust = float(m.trunk.at("girth", m.bust))
    chest = (bust + cut.ease * s) / 4 + (-0.4 if back else 0.4) * s
    neck = m.neck_half + cut.neck[0] * s
    tip = m.tip[0] + cut.shoulder * s
    rise = (2.2 if not back else 1.6) * s + cut.ease * 0.04 * s
    high = m.neck[2] + 1.5 * s + rise
    return {
        "chest": chest,
        "neck": neck,
        "tip": max(tip, neck + 2.0),
        "high": high,
        "low": m.tip[2] + rise - 0.6 * s - max(0.0, cut.shoulder) * 0.3 * s,
        "arm": m.armpit - cut.armhole * s,
        "hem": m.joint + cut.hem * s,
        "dip": high - (cut.neck[2] if back else cut.neck[1]) * s,
    }


def half_width(m: Measures, cut: Top, z: Points, chest: float | None = None) -> Points:
    """Half the width of a body piece at heights below the armhole; ``chest`` is half of it there."""
    if chest is None:
        chest = _outline(m, cut, back=False)["chest"]
    body = m.trunk.at("girth", z) / 4 + cut.ease * m.size / 4
    # Straight sides hang from the widest place above; they never go in.
    straight = np.maximum(chest, np.maximum.accumulate(body[::-1])[::-1] * 0 + chest)
    below = z < m.hip + 4
    room = np.where(below, np.maximum(straight, body - 0.6 * m.size), straight)
    out = room * (1 - cut.waist) + np.maximum(body, 0) * cut.waist
    flare = (
        cut.flare
        * m.size
        / 4
        * np.clip((m.waist - z) / max(m.waist - (m.joint + cut.hem * m.size), 1.0), 0, 2)
    )
    return np.asarray(out + flare)


def _wrap(m: Measures, half: Points, z: Points, back: bool, air: float) -> tuple[Points, Points]:
    """Half axes of the ellipse around the body on which a piece of a half width starts."""
    ratio = m.trunk.at("wide", z) / np.maximum(m.trunk.at("deep", z), 4)
    ratio = np.clip(ratio, 1.1, 1.9)
    # Ramanujan: girth = pi (a + b) (1 + ...); the last factor is below 1.02 for such ratios.
    b = 4 * half / (np.pi * (ratio + 1)) / 1.01
    deep = np.maximum(b, m.trunk.at("deep", z) + air)
    return np.maximum(ratio * b, 0), deep


def _placed(m: Measures, cut: Top, chest: float, back: bool, offset: float) -> Place:
    def place(points: Points) -> Points:
        u, z = points[:, 0], points[:, 1]
        half = half_width(m, cut, np.minimum(z, m.armpit), chest)
        a, b = _wrap(m, half, np.minimum(z, m.armpit + 4 * m.size), back, 2.0 + offset)
        angle = np.clip(u / half, -1.4, 1.4) * np.pi / 2
        # An ellipse is not walked at an even pace, but the first steps of sewing even that out.
        side = -1.0 if not back else 1.0
        y = m.trunk.at("y", np.minimum(z, m.armpit)) + side * b * np.cos(angle)
        wide = a * np.sin(angle)
        up = np.clip((z - m.armpit) / (6 * m.size), 0, 1)
        wide = wide * (1 - up) + u * up
        y = y * (1 - up) + up * (m.trunk.at("y", m.armpit) + side * (b * 0.75 + 1.0))
        if cut.legs is not None:
            # Between the legs the pieces turn towards each other.
            under = np.clip((m.crotch - z) / (8 * m.size), 0, 1)
            y = y * (1 - under) + m.trunk.at("y", m.crotch) * under
            z = np.maximum(z, m.crotch - 2.0 * m.size)
        return np.stack([wide, y, z], axis=1)

    return place


def body_panels(m: Measures, cut: Top) -> tuple[list[Panel], list[Seam]]:
    """Front (in two where it is open) and back, with their seams."""
    panels: list[Panel] = []
    seams: list[Seam] = []
    for back in (False, True):
        o = _outline(m, cut, back)
        foot = o["hem"] + cut.tail * m.size if cut.legs is None else m.joint + cut.legs * m.size
        z = np.linspace(foot, o["arm"], 40)
        side = np.stack([half_width(m, cut, z, o["chest"]), z], axis=1)
        inner = max(o["tip"] - (1.6 if not back else 0.9) * m.size, o["neck"] + 1.3 * m.size)
        arm_end = (side[-1, 0], o["arm"])
        armhole = _join(
            _curve(arm_end, (inner - 0.2, o["arm"] + 0.4), (inner, (o["arm"] * 0.55 + o["low"] * 0.45))),
            _curve(
                (inner, o["arm"] * 0.55 + o["low"] * 0.45),
                (inner, (o["arm"] * 0.2 + o["low"] * 0.8)),
                (o["tip"], o["low"]),
            ),
        )
        shoulder = np.array([(o["tip"], o["low"]), (o["neck"], o["high"])])
        if cut.v_neck and not back:
            neckline = np.array([(o["neck"], o["high"]), (0.0, o["dip"])])
        else:
            neckline = _curve((o["neck"], o["high"]), (o["neck"] * 0.98, o["dip"]), (0.0, o["dip"]))
        name = "back" if back else "front"
        place = _placed(m, cut, o["chest"], back, 0.0)
        if back or cut.open != "open":
            below = _hem(side[0], o["hem"]) if cut.legs is None else _leg_openings(m, side[0], back)
            panels.append(_whole(name, side, armhole, shoulder, neckline, below, place, back))
        else:
            panels += _halves(cut, side, armhole, shoulder, neckline, place, m.size)
    fronts = {"r": "front", "l": "front"} if cut.open != "open" else {"r": "front_r", "l": "front_l"}
    for hand in "lr":
        seams += [
            Seam((fronts[hand], f"side_{hand}"), ("back", f"side_{hand}"), same=True),
            Seam((fronts[hand], f"shoulder_{hand}"), ("back", f"shoulder_{hand}"), same=True),
        ]
    if cut.legs is not None:
        seams.append(Seam(("front", "crotch"), ("back", "crotch"), same=True))
    return panels, seams


def _hem(corner: Points, low: float) -> dict[str, Points]:
    """A hem from left to right, lower in the middle than at its ends."""
    t = np.linspace(-1, 1, 24)
    z = low + (corner[1] - low) * np.abs(t) ** 2.4
    return {"hem": np.stack([t * corner[0], z], axis=1)[:-1]}


def _leg_openings(m: Measures, corner: Points, back: bool) -> dict[str, Points]:
    """What ends a swimsuit's piece below: two leg openings and a short seam between them."""
    s = m.size
    half, low = (4.0 if back else 3.2) * s, m.crotch - (9.0 if back else 7.0) * s
    out = (0.80 if back else 0.30) * corner[0]
    line = _curve((corner[0], corner[1]), (out, corner[1] - (12 if back else 7) * s), (half, low))
    other = line * [-1, 1]
    return {
        "leg_r": other[:-1],
        "crotch": np.array([(-half, low), (half, low)])[:-1],
        "leg_l": line[::-1][:-1],
    }


def _whole(
    name: str,
    side: Points,
    armhole: Points,
    shoulder: Points,
    neckline: Points,
    below: dict[str, Points],
    place: Place,
    back: bool,
) -> Panel:
    """A piece on both sides of the middle, counter-clockwise from its lower right corner."""
    right = [side, armhole, shoulder, neckline]
    left = [np.stack([-line[::-1, 0], line[::-1, 1]], axis=1) for line in right]
    names = ["side", "armhole", "shoulder"]
    edges = {f"{edge}_l": line[:-1] for edge, line in zip(names, right, strict=False)}
    edges["neck_l"] = neckline[:-1]
    edges["neck_r"] = left[3][:-1]
    edges["shoulder_r"], edges["armhole_r"], edges["side_r"] = left[2][:-1], left[1][:-1], left[0][:-1]
    edges.update(below)
    return Panel(name, edges, place, "back" if back else "body", flip=back)


def _lapped(neckline: Points, lap: float) -> Points:
    """The neckline of one front, on to the edge beyond the middle; a straight one (of a V) stays straight."""
    if not lap:
        return neckline
    if len(neckline) == 2:
        return np.array([neckline[0], (-lap, neckline[1, 1])])
    return np.vstack([neckline, [(-lap, neckline[-1, 1])]])


def _halves(
    cut: Top, side: Points, armhole: Points, shoulder: Points, neckline: Points, place: Place, size: float
) -> list[Panel]:
    """Two fronts; each reaches ``lap`` beyond the middle."""
    lap = cut.lap * size
    low, high = side[0, 1], neckline[-1, 1]
    edge = np.array([(-lap, high), (-lap, low)])
    hem = np.array([(-lap, low), (side[0, 0], low)])
    line = {
        "side": side,
        "armhole": armhole,
        "shoulder": shoulder,
        "neck": _lapped(neckline, lap),
        "front": edge,
        "hem": hem,
    }
    left = Panel("front_l", {f"{k}_l": v[:-1] for k, v in line.items()}, place, "body")
    turned = {k: np.stack([-v[::-1, 0], v[::-1, 1]], axis=1) for k, v in line.items()}
    order = ["hem", "front", "neck", "shoulder", "armhole", "side"]
    right = Panel("front_r", {f"{k}_r": turned[k][:-1] for k in order}, place, "body", offset=0.0)
    return [right, left]


def sleeve_panels(
    m: Measures, cut: Top, front: Panel, other: Panel, back: Panel
) -> tuple[list[Panel], list[Seam]]:
    """Both sleeves, with caps as long as the armholes, and their seams."""
    if cut.sleeve <= 0:
        return [], []
    s = m.size
    hole_front = length(_edge(front, "armhole_l"))
    hole_back = length(_edge(back, "armhole_l"))
    half = (m.biceps + cut.biceps * s) / 2
    reach = float(np.linalg.norm(m.arm[1] - m.arm[0]) + np.linalg.norm(m.arm[2] - m.arm[1])) * cut.sleeve
    wrist = (m.wrist + cut.cuff * s) / 2
    share = np.clip(cut.sleeve, 0, 1)
    end = half * (1 - share) + wrist * share if cut.sleeve < 0.75 else wrist
    height = _cap_height(half, (hole_front + hole_back) / 2)
    top = _cap(half, height)
    # The sleeve begins above the joint that an arm is measured from, and bends with the elbow.
    low = -max(reach + (5.5 * share - max(0.0, cut.shoulder)) * s, height + 2.0)
    panels, seams = [], []
    for hand, sign in (("l", 1), ("r", -1)):
        # Seen from outside with the hem down: on the left arm the front is at smaller u.
        t = np.linspace(0, 1, 20)
        widths = half + (end - half) * t
        zs = -height + (low + height) * t
        right = np.stack([widths, zs], axis=1)
        left = np.stack([-widths, zs], axis=1)
        cap_right = top
        cap_left = np.stack([-top[::-1, 0], top[::-1, 1]], axis=1)
        edges = {
            "under_b": right[::-1][:-1],
            "cap_b": cap_right[:-1],
            "cap_a": cap_left[:-1],
            "under_a": left[:-1],
            "end": np.stack([np.linspace(-end, end, 10), np.full(10, low)], axis=1)[:-1],
        }
        name = f"sleeve_{hand}"
        panels.append(
            Panel(
                name,
                edges,
                _around_arm(m, sign, half, end, low, height),
                f"sleeve_{'left' if hand == 'l' else 'right'}",
            )
        )
        # Edge a is at u < 0: towards the middle of the picture's left, which is the front of the left arm.
        first, second = (front if hand == "l" else other, back) if hand == "l" else (back, other)
        seams += [
            Seam((name, "under_a"), (name, "under_b")),
            Seam((name, "cap_a"), (first.name, f"armhole_{hand}"), same=hand == "r"),
            Seam((name, "cap_b"), (second.name, f"armhole_{hand}"), same=hand == "l"),
        ]
    return panels, seams


def _edge(panel: Panel, name: str) -> Points:
    names = list(panel.edges)
    after = panel.edges[names[(names.index(name) + 1) % len(names)]][:1]
    return np.vstack([panel.edges[name], after])


def _cap(half: float, height: float) -> Points:
    """The right half of a sleeve's cap, from the underarm (half, -height) to the top (0, 0): an S."""
    t = np.linspace(0, 1, 30)
    u = half * (1 - t)
    drop = (1 - np.cos(np.pi * (1 - t))) / 2
    return np.stack([u, -height * drop], axis=1)


def _cap_height(half: float, hole: float) -> float:
    low, high = 1.0, 24.0
    for _ in range(40):
        middle = (low + high) / 2
        if length(_cap(half, middle)) < hole:
            low = middle
        else:
            high = middle
    return low


def _around_arm(m: Measures, sign: int, half: float, end: float, low: float, height: float) -> Place:
    shoulder, elbow, wrist = (point * np.array([sign, 1, 1]) for point in m.arm)
    start = shoulder + np.array([sign * 1.0, 0, 2.0]) * m.size * 0.6
    line = np.array([start, elbow, wrist, wrist + (wrist - elbow) * 0.5])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])

    def place(points: Points) -> Points:
        u, v = points[:, 0], points[:, 1]
        at = np.stack([np.interp(-v, along, line[:, k]) for k in range(3)], axis=1)
        ahead = np.stack([np.interp(-v + 1, along, line[:, k]) for k in range(3)], axis=1) - at
        ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
        front = np.array([0.0, -1.0, 0.0])
        front = front - ahead * (ahead @ front)[:, None]
        front /= np.linalg.norm(front, axis=1, keepdims=True)
        outer = np.cross(front, ahead) * sign
        outer = np.where(outer[:, 2:] < 0, -outer, outer)
        width = np.interp(-v, [0, height, -low], [half, half, end])
        angle = u / width * np.pi * 0.97
        # On the left arm (to the picture's right) smaller u is the front, on the right arm larger u.
        radius = (width / np.pi * 1.02)[:, None]
        return np.asarray(
            at + radius * (np.cos(angle)[:, None] * outer - sign * np.sin(angle)[:, None] * front)
        )

    return place
