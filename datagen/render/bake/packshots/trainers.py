"""Trainers: a laced upper on a rubber sole, a pair lying, one on its side and one seen from above."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

import numpy as np
import numpy.typing as npt

from datagen.render.bake.bodies import Points
from datagen.render.bake.packshots.lasts import (
    Upper,
    bent,
    footbed,
    lace,
    lying,
    outline,
    skin,
    sole,
    topline,
    upper,
)
from datagen.render.bake.packshots.shots import Solid
from datagen.render.bake.packshots.solids import Piece, grid, noise, spline, stitches, through, tube

FOOT = [
    (-0.5, 0.0),
    (-0.35, 1.6),
    (0.6, 3.0),
    (3.0, 3.75),
    (8.0, 3.7),
    (13.5, 3.7),
    (18.5, 4.5),
    (22.5, 4.9),
    (26.0, 4.3),
    (28.4, 2.9),
    (29.5, 1.3),
    (29.8, 0.0),
]
"""A sole from above: x and half width."""

LOW = [
    (12.6, 10.2, 0.6, 8.4, 3.3, 2.5),
    (13.2, 9.7, 0.1, 6.6, 3.6, 2.3),
    (14.0, 9.2, -0.2, 3.8, 3.8, 1.4),
    (15.0, 8.5, -0.3, 1.2, 3.8, 0.6),
    (16.2, 7.8, 0.6, 0.0, 3.75, 0.1),
    (18.0, 6.9, 6.0, 0.0, 3.85, 0.0),
    (20.0, 6.0, 13.0, 0.0, 4.3, 0.0),
    (22.2, 5.2, 19.0, 0.0, 4.75, 0.0),
    (25.0, 4.5, 23.4, 0.0, 4.6, 0.0),
    (27.4, 3.9, 26.6, 0.0, 3.8, 0.0),
    (28.9, 2.9, 28.5, 0.0, 2.4, 0.0),
    (29.4, 1.0, 29.4, 0.0, 0.5, 0.0),
]
"""A low upper: front and back of each ring, half width, sag."""


def one_shoe(chunky: bool, thick: float) -> list[Piece]:
    """A left shoe, sole down, heel at x = 0."""
    end = 0.56
    throat = through([0.0, 0.1, end - 0.04, end, 1.0], [2.1, 2.0, 1.15, 0.0, 0.0])
    top = upper(LOW, throat)
    pieces: list[Piece] = [skin(top, "body", _plimsoll if not chunky else _runner)]
    inner = Upper(top.points * [1, 0.9, 1] + [0.1, 0.05, -0.25], top.arc)
    pieces += [skin(inner, "lining", rows=slice(0, 54))]
    rim = topline(top)
    pieces.append(tube(rim, 0.36, 0.36, "collar", count=12))
    plan = outline(FOOT)
    depth = through(
        [-1, 4, 12, 20, 24, 30],
        [thick * 1.35, thick * 1.35, thick * 1.1, thick, thick * 0.95, thick * 0.8]
        if chunky
        else [thick] * 6,
    )
    pieces += sole(
        plan,
        depth,
        flare=0.45 if chunky else 0.12,
        lip=1.2 if chunky else 1.0,
        tread=0.55 if chunky else 0.45,
    )
    pieces.append(footbed(plan, 1.3, "insole"))
    pieces += tongue(top, end)
    pieces += laces(top, end)
    pieces += _seams(top, end, chunky)
    if chunky:
        pieces = [_carved(one) if one.part == "sole" else one for one in pieces]
    return bent(pieces, lambda x: np.asarray(0.05 * np.clip(x - 19.0, 0, None) ** 1.6 / 2.0))


def _carved(one: Piece) -> Piece:
    """A sole with waves in its wall."""
    off = 0.16 * np.sin(one.vertices[:, 0] * 1.9) * np.exp(-(((one.vertices[:, 2] + 1.2) / 0.9) ** 2))
    return one._replace(
        vertices=one.vertices + one.normal * off[:, None] + 0 * noise(one.vertices, 9)[:, None]
    )


def _plimsoll(own: Points) -> npt.NDArray[np.str_]:
    """A rubber toe cap and a strip up the heel."""
    x, z = own[:, 0], own[:, 2]
    part = np.where(x > 24.6 + 0.12 * (own[:, 1] - 0.7) ** 2 * 0.5, "toe_cap", "body")
    return np.where((x < 1.6) & (np.abs(own[:, 1]) < 1.5) & (z > 2), "edge", part)


def _runner(own: Points) -> npt.NDArray[np.str_]:
    """A mudguard around the toe, a counter at the heel, an eyestay."""
    x, y, z = own[:, 0], own[:, 1] - 0.9 * (np.clip(own[:, 0] / 29, 0, 1)) ** 2, own[:, 2]
    part = np.full(len(own), "body")
    part = np.where(
        (x > 20.5) & (z < 1.4 + 0.28 * np.clip(x - 21, 0, 9)) & (x > 22 + 0.35 * (3.2 - np.abs(y))),
        "panel",
        part,
    )
    part = np.where((x < 6.2 - 0.45 * z) & (z < 7.2), "edge", part)
    return part


def tongue(top: Upper, end: float, rising: float = 1.0) -> list[Piece]:
    """From the vamp under the laces to above the ankle."""
    rows = []
    for s in np.linspace(0, 1, 26):
        share = end + 0.04 - s * (end + 0.04)
        left, right = top.at(np.array([[share, 2.6], [share, -2.6]]))
        middle = top.at(np.array([[share, 0.0]]))[0]
        crown = (left + right) / 2
        crown[2] = max(left[2], right[2], middle[2]) + 0.15
        rise = np.array([-1.3, 0, 1.5]) * max(0.0, (s - 0.86) / 0.14) * rising
        line = []
        for q in np.linspace(-1, 1, 17):
            at = (left * (1 + q) + right * (1 - q)) / 2 * 1.0
            at[2] = at[2] + (crown[2] - (left[2] + right[2]) / 2) * (1 - q * q) - 0.42
            at[1] = (left[1] + right[1]) / 2 + (at[1] - (left[1] + right[1]) / 2) * (
                1 - 0.25 * max(0.0, (s - 0.9) / 0.1)
            )
            line.append(at + rise)
        rows.append(line)
    front = np.array(rows)
    back = front + np.array([-0.3, 0, -0.3])
    return [
        grid(front, "tongue"),
        grid(back, "lining"),
        tube(front[-1] + [-0.22, 0, 0.02], 0.3, 0.3, "tongue", count=10),
    ]


def laces(top: Upper, end: float, count: int = 6) -> list[Piece]:
    """Crossed laces through six pairs of eyelets, and a bow."""
    shares = np.linspace(end - 0.055, 0.045, count)
    pieces: list[Piece] = []
    holes = {}
    gap = through([0.0, 0.1, end - 0.04, end], [2.1, 2.0, 1.15, 0.9])
    for k, share in enumerate(shares):
        for sign in (-1, 1):
            arc = sign * (float(gap(np.array([share]))[0]) + 0.75)
            at = top.at(np.array([[share, arc], [share + 0.01, arc], [share, arc + 0.1 * sign]]))
            up = np.cross(at[1] - at[0], at[2] - at[0])
            up /= np.linalg.norm(up) + 1e-9
            up *= np.sign(up[2]) if up[2] else 1
            holes[k, sign] = at[0], up
            t = np.linspace(0, 2 * np.pi, 19)
            a = at[1] - at[0]
            a /= np.linalg.norm(a)
            b = np.cross(up, a)
            pieces.append(
                tube(
                    at[0] + up * 0.06 + 0.3 * (np.cos(t)[:, None] * a + np.sin(t)[:, None] * b),
                    0.1,
                    0.1,
                    "eyelet",
                    count=8,
                    capped=False,
                )
            )
    for k in range(count):
        for sign in (-1, 1):
            if k == 0:
                if sign < 0:
                    continue
                ends = holes[0, 1], holes[0, -1]
            else:
                ends = holes[k - 1, sign], holes[k, -sign]
            (p, up), (q, other) = ends
            out = (up + other) * [1, 0, 1]
            out /= np.linalg.norm(out)
            middle = (p + q) / 2 + out * (0.42 + (0.2 if sign > 0 else 0.0))
            near = [a * 0.72 + b * 0.28 + out * 0.3 for a, b in ((p, q), (q, p))]
            path = spline([p + up * 0.08, near[0], middle, near[1], q + other * 0.08], 30)
            pieces.append(lace(path, 0.38, 0.13, out))
    (left, _), (right, _) = holes[count - 1, 1], holes[count - 1, -1]
    knot = (left + right) / 2 + np.array([0.5, 0, 0.75])
    for sign in (-1, 1):
        wing = spline(
            [
                knot,
                knot + [0.5, sign * 1.6, 0.7],
                knot + [1.6, sign * 3.4, 0.0],
                knot + [2.4, sign * 3.5, -0.9],
                knot + [1.6, sign * 1.9, 0.0],
                knot,
            ],
            50,
        )
        pieces.append(lace(wing, 0.32, 0.12))
        tail = spline(
            [
                knot,
                knot + [1.4, sign * 1.0, 0.2],
                knot + [3.0, sign * 1.7, -0.5],
                knot + [4.4, sign * 2.9, -1.6],
            ],
            40,
        )
        pieces.append(lace(tail, 0.3, 0.12))
    pieces.append(
        lace(spline([knot + [-0.2, -0.5, 0.1], knot + [0.1, 0, 0.35], knot + [0.2, 0.5, 0.1]], 12), 0.4, 0.3)
    )
    return pieces


def _seams(top: Upper, end: float, chunky: bool) -> list[Piece]:
    """Stitches around the eyestay and on the quarter."""
    pieces = []
    gap = through([0.0, 0.1, end - 0.04, end], [2.1, 2.0, 1.15, 0.6])
    up = np.array([0.0, 0.0, 1.0])
    for sign in (-1, 1):
        shares = np.linspace(0.03, end + 0.045, 24)
        arc = sign * (
            gap(np.minimum(shares, end)) + 1.55 * np.sqrt(np.clip((end + 0.05 - shares) / 0.12, 0, 1))
        )
        pieces.append(
            stitches(top.at, np.column_stack([shares, arc]), towards=up, pitch=0.42, thick=0.06, lift=0.03)
        )
        shares = np.full(24, 0.05)
        arc = sign * np.linspace(3.4, 13.0, 24)
        pieces.append(
            stitches(
                top.at,
                np.column_stack([shares, arc]),
                towards=np.array([0, sign, 0.3]),
                pitch=0.45,
                thick=0.06,
                lift=0.03,
            )
        )
    return pieces


def pair(chunky: bool = False, thick: float = 1.5) -> Solid:
    """One on its side, one from above, toes down."""
    return Solid(lying(one_shoe(chunky, thick)), (-7.0, -9.5, 6.5), (-7.5, -11.0, 3.2))
