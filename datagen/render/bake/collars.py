"""Collars, lapels, hoods: what is sewn to a neckline."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from datagen.render.bake.bodies import Points, normals
from datagen.render.bake.finish import Garb, fronts, loft, patch
from datagen.render.bake.measures import Measures
from datagen.render.bake.panels import resampled

Trim = Callable[[Garb, Measures], None]

UP = np.array([0.0, 0.0, 1.0])


def neckline(garb: Garb, count: int = 96) -> Points:
    """(count, 3): from the middle of the front over the wearer's left, the back and the right to the
    middle."""
    left, right = fronts(garb)
    line = np.vstack(
        [
            garb.line(left, "neck_l")[::-1],
            garb.line("back", "neck_l")[1:],
            garb.line("back", "neck_r")[1:],
            garb.line(right, "neck_r")[::-1][1:],
        ]
    )
    even = resampled(line, count - 1)
    smooth = gaussian_filter1d(even, 1.5, axis=0, mode="nearest")
    smooth[0], smooth[-1] = even[0], even[-1]
    return np.asarray(smooth)


def _frame(line: Points) -> tuple[Points, Points]:
    """(n, 3) each: outwards from the neck, level; and along the line."""
    middle = line.mean(0)
    out = (line - middle) * [1, 1, 0]
    out /= np.linalg.norm(out, axis=1, keepdims=True) + 1e-9
    along = np.gradient(line, axis=0)
    return out, along / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-9)


def outside(garb: Garb, points: Points, gap: float) -> Points:
    """Points pushed out of the garment and of the body by at least ``gap``."""
    base, facing = garb.draped.vertices, normals(garb.draped.vertices, garb.draped.faces)
    near = np.vstack([base, garb.skin[0]])
    normal = np.vstack([facing, garb.skin[1]])
    tree = cKDTree(near)
    for _ in range(3):
        distance, index = tree.query(points, 4)
        share = 1 / (distance + 0.3) ** 2
        share /= share.sum(1, keepdims=True)
        n = np.einsum("nk,nkj->nj", share, normal[index])
        n /= np.linalg.norm(n, axis=1, keepdims=True) + 1e-9
        depth = ((points - np.einsum("nk,nkj->nj", share, near[index])) * n).sum(1)
        points = points + n * (np.clip(gap - depth, 0, 3) * (distance[:, 0] < 5))[:, None]
    return points


def _add(garb: Garb, rows: list[Points], part: str) -> None:
    centre = neckline(garb).mean(0)
    garb.laid.append(loft(rows, part, outward=lambda at: (at - centre) * [1, 1, 0.2]))


def stand(height: float, lean: float = 0.25, part: str = "collar", front: float = 1.0) -> Trim:
    """A collar that stands; in front it has ``front`` of its height."""

    def trim(garb: Garb, m: Measures) -> None:
        line = neckline(garb)
        out, _ = _frame(line)
        up = UP + lean * out
        up /= np.linalg.norm(up, axis=1, keepdims=True)
        t = np.abs(np.linspace(-1, 1, len(line)))[:, None]
        high = height * m.size * (1 - (1 - front) * t**3)
        rows = [line - up * 0.3] + [line + up * high * share for share in (0.25, 0.5, 0.75, 0.95)]
        rows += [
            line + up * high + out * 0.25,
            line + up * high * 0.93 + out * 0.5,
            line + up * high * 0.5 + out * 0.55,
        ]
        rows.append(line + up * 0.2 + out * 0.6)
        inner = [rows[0], *[outside(garb, row, 0.15) for row in rows[1:]]]
        _add(garb, inner, part)

    return trim


def fold(stood: float, fall: float, point: float, spread: float = 0.6, part: str = "collar") -> Trim:
    """A collar that stands and falls, with points in front: of shirts, polo shirts and coats."""

    def trim(garb: Garb, m: Measures) -> None:
        line = neckline(garb)
        out, _ = _frame(line)
        s = m.size
        t = np.linspace(-1, 1, len(line))[:, None]
        end = np.clip((np.abs(t) - 0.62) / 0.38, 0, 1) ** 1.6
        side = np.where(t < 0, 1.0, -1.0) * np.array([1.0, 0.0, 0.0])
        forward = np.array([0.0, -1.0, 0.0])
        up = UP + 0.22 * out
        up /= np.linalg.norm(up, axis=1, keepdims=True)
        down = -UP + (0.55 - 0.25 * end) * out
        down = down + end * (spread * side + 0.25 * forward)
        down /= np.linalg.norm(down, axis=1, keepdims=True)
        high = stood * s * (1 - 0.45 * end)
        deep = s * (fall * (1 - end) + point * end)
        top = line + up * high
        rows = [line - up * 0.2, line + up * high * 0.5, top, top + out * 0.3 + up * 0.12]
        rows += [top + out * 0.45 + down * deep * share for share in (0.15, 0.35, 0.55, 0.75, 0.9, 1.0)]
        lifted = rows[:2] + [outside(garb, row, 0.2 + 0.12 * (k > 1)) for k, row in enumerate(rows[2:])]
        lifted.append(outside(garb, lifted[-1] - 0.3 * down, 0.12) + 0.25 * down)
        _add(garb, lifted, part)

    return trim


def roll_collar(garb: Garb, m: Measures) -> None:
    """The doubled collar of a roll-neck."""
    line = neckline(garb)
    out, _ = _frame(line)
    high = 7.0 * m.size
    start = line.mean(0) * [1, 1, 0] + line * [0, 0, 1]
    neck = start + out * 6.3 * m.size * [1.0, 1.08, 0]
    rows = [line - UP * 0.3, line * 0.5 + (neck + UP * high * 0.3) * 0.5]
    rows += [neck + UP * high * share for share in (0.55, 0.8, 0.97)]
    rows += [neck + UP * high + out * 0.5, neck + UP * high * 0.93 + out * 1.0]
    rows += [neck + UP * high * share + out * (1.2 + 0.5 * (1 - share)) for share in (0.7, 0.45, 0.2, 0.08)]
    rows.append(neck + UP * high * 0.06 + out * 1.1)
    _add(garb, rows, "collar")


FRONT = ((0, -0.3), (0.9, 0.0), (1.8, 0.4), (2.5, 1.2), (2.5, 2.3), (1.7, 1.9), (0.8, 1.1), (0.1, 0.4))
SIDE = ((0, -0.4), (2.6, -1.3), (4.8, -0.4), (6.0, 2.6), (5.2, 6.8), (4.2, 5.2), (2.6, 2.4), (0.8, 0.8))
NAPE = ((0, -0.5), (2.8, -4.5), (6.8, -8.0), (10.2, 0.8), (7.0, 9.6), (5.8, 7.4), (3.4, 3.4), (0.9, 0.9))
"""Sections of a hood that lies on the shoulders, in front, at the side of the neck and behind it: cm outwards
and up from the neckline, over the outer side to the rim, the fifth point, and down within."""

RIM = 4


def _sections(across: Points) -> list[tuple[Points, Points]]:
    """Out and up, (n,) each, of each line of a hood at places from the nape, 0, to the front, 1."""
    ease = [t * t * (3 - 2 * t) for t in (np.clip(across * 2, 0, 1), np.clip(across * 2 - 1, 0, 1))]
    out = []
    for nape, side, front in zip(NAPE, SIDE, FRONT, strict=True):
        both = [nape[k] + (side[k] - nape[k]) * ease[0] + (front[k] - side[k]) * ease[1] for k in (0, 1)]
        out.append((both[0], both[1]))
    return out


def hood(size: float = 5.0, part: str = "hood") -> Trim:
    """A hood that lies on the shoulders, open upwards: one sees its lining beside the neck."""

    def trim(garb: Garb, m: Measures) -> None:
        line = neckline(garb)
        out, _ = _frame(line)
        at = np.linspace(-1, 1, len(line))
        scale = m.size * size / 5.0
        waves = 1 + 0.08 * np.sin(at * 8.3 + 0.9) + 0.07 * np.sin(at * 17 + 2.1)
        lines = []
        for k, (away, up) in enumerate(_sections(np.abs(at))):
            far = away * (waves if 1 < k < 6 else 1.0) * scale
            lines.append(line + out * far[:, None] + UP * (up * scale)[:, None])
        keys = np.stack(lines)
        fine = make_interp_spline(np.arange(len(keys)), keys, k=3)(np.linspace(0, len(keys) - 1, 22))
        rows = [fine[0], *[outside(garb, row, 0.3) for row in fine[1:]]]
        rim = round(RIM / (len(keys) - 1) * 21)
        _add(garb, rows[: rim + 1], part)
        centre = line.mean(0)
        garb.laid.append(loft(rows[rim:], "inside", outward=lambda p: (centre - p) * [1, 1, 0.2] + UP))

    return trim


def lapels(width: float = 8.0, peak: float = 0.0, gorge: float = 0.26) -> Trim:
    """Lapels on both fronts and the collar that meets them in a notch; ``peak`` lifts their tips."""

    def trim(garb: Garb, m: Measures) -> None:
        left, right = fronts(garb)
        s = m.size
        edge = garb.cloth.flat[garb.cloth.edges[left, "neck_l"]]
        (neck, high), (low_u, low) = edge[0], edge[-1]

        def roll(z: float) -> float:
            return float(low_u + (neck - low_u) * (z - low) / (high - low))

        at = high - max(gorge * (high - low), 8.0 * s)
        shoulder = float(garb.cloth.flat[garb.cloth.edges[left, "shoulder_l"]][:, 0].max())
        reach = min(width * s, shoulder - 1.5 * s - roll(at))
        tip = (roll(at) + reach, at - 0.8 * s + peak * s)
        notch = (roll(at) + reach * 0.5, at + 0.5 * s)
        belly = [
            (roll(low + (at - low) * q) + reach * (q**0.62), low + (at - low) * q - 0.6 * s)
            for q in (0.82, 0.64, 0.46, 0.3, 0.15)
        ]
        lapel = np.array(
            [
                (low_u - 0.1, low - 1.5 * s),
                *[(roll(z) - 0.15, z) for z in np.linspace(low, at, 8)],
                notch,
                tip,
                *belly,
            ]
        )
        long = width / 8.5 * s
        end = (notch[0] + 2.2 * long, notch[1] + 2.9 * long)
        collar = np.array(
            [
                (roll(at) - 0.15, at),
                (roll((at + high) / 2) - 0.15, (at + high) / 2),
                (neck - 0.1, high),
                (neck + 4.6 * s, high - 2.0 * s),
                end,
                notch,
            ]
        )
        for name, sign in ((left, 1), (right, -1)):
            garb.laid.append(patch(garb, name, collar * [sign, 1], "collar", 0.55, turned=35.0 * sign))
            garb.laid.append(patch(garb, name, lapel * [sign, 1], "lapel", 0.75, turned=-12.0 * sign))
        _behind(garb, s)

    return trim


def warmer(garb: Garb, m: Measures) -> None:
    """A padded inner front that is seen between lapels, in level chambers."""
    left, right = fronts(garb)
    one = resampled(garb.line(left, "neck_l"), 40)
    other = resampled(garb.line(right, "neck_r"), 40)
    # The line of the right front runs from its lower end up.
    other = other[::-1] if abs(other[0, 2] - one[0, 2]) > abs(other[-1, 2] - one[0, 2]) else other
    across = np.linspace(-0.04, 1.04, 24)[:, None]
    rows = []
    for a, b in zip(one, other, strict=True):
        row = outside(garb, a + (b - a) * across, 0.5)
        filled = np.abs(np.sin(np.pi * row[:, 2:] / (5.0 * m.size))) ** 0.55
        rows.append(row + np.array([0.0, -0.9 * m.size, 0.0]) * filled * np.sin(np.pi * across.clip(0, 1)))
    garb.laid.append(loft(rows, "lining", outward=lambda at: np.tile([0.0, -1.0, 0.0], (len(at), 1))))


def _behind(garb: Garb, size: float) -> None:
    """The collar of lapels around the back of the neck."""
    line = np.vstack([garb.line("back", "neck_l"), garb.line("back", "neck_r")[1:]])
    line = gaussian_filter1d(resampled(line, 50), 1.5, axis=0, mode="nearest")
    out, _ = _frame(neckline(garb))
    centre = neckline(garb).mean(0)
    out = (line - centre) * [1, 1, 0]
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    t = np.abs(np.linspace(-1, 1, len(line)))[:, None]
    high = size * (3.4 - 2.2 * t**2)
    top = line + (UP + 0.15 * out) * high
    down = -UP + 0.6 * out
    down /= np.linalg.norm(down, axis=1, keepdims=True)
    rows = [line - UP * 0.2, line + UP * high * 0.5, top, top + out * 0.35]
    rows += [top + out * 0.45 + down * size * 5.6 * share for share in (0.2, 0.45, 0.7, 0.9, 1.0)]
    garb.laid.append(
        loft(
            [rows[0], *[outside(garb, row, 0.45) for row in rows[1:]]],
            "collar",
            outward=lambda at: (at - centre) * [1, 1, 0.2],
        )
    )
