"""Shoes lofted over a foot: convex sections from heel to toe on a sole."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from datagen.render.bake.bodies import Points, Rest, Whole

SOLE = 2.2
"""Thickness under the foot of a grown woman, cm."""

ANGLES = np.linspace(0, 2 * np.pi, 40, endpoint=False)


def shoe(rest: Rest, side: str) -> tuple[Points, Whole, Points]:
    """Vertices, faces, and heights of the vertices above the foot's sole (n,), on a body at rest."""
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
    support = gaussian_filter(np.array(reach), (1.6, 1.0), mode=("nearest", "wrap")) + 0.45 * size
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
    return points, faces.astype(np.int64), points[:, 2] / size
