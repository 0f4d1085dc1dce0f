"""Shoes lofted over a foot: convex sections from heel to toe on a sole."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from datagen.render.bake.bodies import Points, Rest, Whole
from datagen.render.bake.views import PART

SOLE = 2.2
"""Thickness under the foot of a grown woman, cm."""


class Style(NamedTuple):
    """A kind of shoe; lengths in cm on a grown woman's foot."""

    vamp: float
    """Height of the opening's front above the sole of the foot."""
    heel: float
    """Height of the opening's back."""
    pale: float
    """Height up to which the sole is pale, above the sole of the foot; what is below has the shoe's
    colour."""
    shaft: float = 0.0
    """Height of a boot's shaft above the foot's sole."""
    laces: bool = False
    thick: float = 0.45
    """Of the upper."""


STYLES = {
    "sneaker": Style(9.0, 9.0, 1.6, laces=True, thick=0.65),
    "slip_on": Style(9.0, 9.0, 0.2),
    "loafer": Style(5.4, 6.4, -1.7),
    "flat": Style(3.4, 5.6, -9.0, thick=0.25),
    "boot": Style(12.0, 12.0, -9.0, shaft=17.0, thick=0.6),
}
"""By name; all have a sole of the same thickness, so that whoever wears them is equally tall."""

ANGLES = np.linspace(0, 2 * np.pi, 40, endpoint=False)


def shoe(rest: Rest, side: str, style: Style) -> tuple[Points, Whole, Points]:
    """Vertices, faces, and what ``parts`` asks of each vertex (n, 5), on a body at rest."""
    size = np.ptp(rest.vertices[:, 2]) / 176
    sign = 1 if side == "L" else -1
    ankle, toe = rest.joint(f"foot.{side}"), rest.joint(f"toe2-2.{side}")
    along = (toe - ankle) * [1, 1, 0]
    along /= np.linalg.norm(along)
    across = np.cross(along, [0.0, 0.0, 1.0])
    near = rest.vertices[np.isin(rest.group, ["foot", "leg"]) & (rest.vertices[:, 0] * sign > 0)]
    near = near[near[:, 2] < 8.5 * size]
    off = near - ankle * [1, 1, 0]
    local = np.stack([off @ across, off @ along, off[:, 2]], axis=1)
    low, high = local[:, 1].min() - 0.6, local[:, 1].max() + 1.0
    stations = np.linspace(low, high, 30)
    reach = []
    for at in stations:
        section = local[np.abs(local[:, 1] - np.clip(at, low + 1.2, high - 1.4)) < 1.3]
        upper = section[:, [0, 2]] + [0.0, SOLE * size]
        points = np.vstack([upper, upper * [1.0, 0.0] + [0.0, 0.45 * size]])
        reach.append((points[:, :1] * np.cos(ANGLES) + points[:, 1:] * np.sin(ANGLES)).max(0))
    support = gaussian_filter(np.array(reach), (1.6, 1.0), mode=("nearest", "wrap")) + style.thick * size
    # Heel and toe are rounded over the last fifth of the length, seen from above.
    end = np.clip((np.abs(stations - (low + high) / 2) / ((high - low) / 2) - 0.72) / 0.28, 0, 1)
    round_off = np.sqrt(1 - np.minimum(end, 0.995) ** 2)
    slope = (np.roll(support, -1, axis=1) - np.roll(support, 1, axis=1)) / (2 * (ANGLES[1] - ANGLES[0]))
    x = support * np.cos(ANGLES) - slope * np.sin(ANGLES)
    z = support * np.sin(ANGLES) + slope * np.cos(ANGLES)
    middle = x.mean(1, keepdims=True)
    x = middle + (x - middle) * round_off[:, None]
    top = 1 - (1 - round_off[:, None]) * 0.45
    z = np.maximum(z * np.where(z > 1.5 * size, top, 1.0), 0.0)
    welt = z < (SOLE + 0.2) * size
    x = middle + (x - middle) * np.where(welt, 1.05, 1.0)
    vertices = (
        ankle * [1, 1, 0]
        + x[..., None] * across
        + stations[:, None, None] * along
        + (z - SOLE * size)[..., None] * [0.0, 0.0, 1.0]
    )
    count = len(ANGLES)
    grid = np.arange(vertices.shape[0] * count).reshape(-1, count)
    after = np.roll(grid, -1, axis=1)
    a, b, c, d = grid[:-1].ravel(), after[:-1].ravel(), grid[1:].ravel(), after[1:].ravel()
    points = vertices.reshape(-1, 3)
    ends = np.stack([points[grid[0]].mean(0), points[grid[-1]].mean(0)])
    heel, tip = len(points), len(points) + 1
    faces = np.vstack(
        [
            np.stack([a, c, b], axis=1),
            np.stack([b, c, d], axis=1),
            np.stack([np.full(count, heel), grid[0], after[0]], axis=1),
            np.stack([np.full(count, tip), after[-1], grid[-1]], axis=1),
        ]
    )
    points = np.vstack([points, ends])
    flat = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    if (flat * (points[faces].mean(1) - points.mean(0))).sum() < 0:
        faces = faces[:, ::-1]
    place = np.zeros((len(points), 5))
    place[:, 2] = ((points - ankle * [1, 1, 0]) @ across - middle.mean()) / size
    place[:, 3] = ((points - ankle * [1, 1, 0]) @ along - low) / (high - low)
    place[:, 4] = points[:, 2] / size
    faces = faces.astype(np.int64)
    if style.shaft:
        tube, more = _shaft(rest, side, style, size)
        faces, points = np.vstack([faces, more + len(points)]), np.vstack([points, tube])
        place = np.vstack([place, np.zeros((len(tube), 5))])
        place[-len(tube) :, 4] = 4.0
    return points, faces, place


def opening(style: Style, along: Points) -> Points:
    """(n,): the height up to which a shoe covers the foot, at shares of its length from the heel."""
    front = np.clip((along - 0.25) / 0.3, 0, 1)
    toe = np.clip((along - 0.62) / 0.1, 0, 1)
    return np.asarray(style.heel + (style.vamp - style.heel) * front * front * (3 - 2 * front) + 9.0 * toe)


def parts(style: Style, place: Points) -> Whole:
    """(n,): the part at places of a shoe, which are (.., .., across, share of the length, height above the
    foot's sole): the shoe, its sole, laces, or the bare foot above its opening."""
    across, along, high = place[:, 2], place[:, 3], place[:, 4]
    out = np.full(len(place), PART["shoe"])
    out[high < style.pale] = PART["sole"]
    if style.laces:
        tied = (along > 0.42) & (along < 0.66) & (np.abs(across) < 1.9) & (high > 3.2)
        out[tied & (np.sin(along * 150 + np.abs(across) * 1.2) > 0.25)] = PART["laces"]
    out[high > opening(style, along)] = PART["foot"]
    return out


def _shaft(rest: Rest, side: str, style: Style, size: float) -> tuple[Points, Whole]:
    """The part of a boot around the leg: convex rings."""
    sign = 1 if side == "L" else -1
    leg = rest.vertices[np.isin(rest.group, ["leg", "foot"]) & (rest.vertices[:, 0] * sign > 0)]
    rings = []
    for high in np.arange(4.5, style.shaft + 0.1, 1.0) * size:
        near = leg[np.abs(leg[:, 2] - high) < 1.6 * size]
        near = near[near[:, 1] > rest.joint(f"foot.{side}")[1] - 8.5 * size]
        middle = near[:, :2].mean(0)
        reach = ((near[:, :2] - middle) @ np.array([np.cos(ANGLES), np.sin(ANGLES)])).max(0) + 0.6 * size
        ring = middle + reach[:, None] * np.stack([np.cos(ANGLES), np.sin(ANGLES)], 1)
        rings.append(np.column_stack([ring, np.full(len(ANGLES), high)]))
    points, count = (
        gaussian_filter1d(np.array(rings), 1.5, axis=0, mode="nearest").reshape(-1, 3),
        len(ANGLES),
    )
    grid = np.arange(len(points)).reshape(-1, count)
    after = np.roll(grid, -1, axis=1)
    a, b, c, d = grid[:-1].ravel(), after[:-1].ravel(), grid[1:].ravel(), after[1:].ravel()
    return points, np.vstack([np.stack([a, b, c], 1), np.stack([b, d, c], 1)]).astype(np.int64)
