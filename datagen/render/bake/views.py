"""What a camera sees of a surface: rays through a grid of points in each pixel, and from there towards the
light."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import trimesh
from scipy import ndimage
from trimesh.ray.ray_pyembree import RayMeshIntersector

from datagen.render.bake.bodies import Points, Whole, normals
from datagen.render.baked.layers import GROUND, HEIGHT, PARTS, PIXELS_PER_CM, WIDTH, Layer

SAMPLES = 3
"""Points across and down a pixel."""

EYE = np.array([0.0, -520.0, 95.0])
"""The camera, cm; it looks straight to the back with a shifted lens, so verticals stay vertical."""

KEY = np.array([-0.50, -0.66, 0.56]) / np.linalg.norm([-0.50, -0.66, 0.56])
"""Towards the key light: to the picture's left, in front, above."""

SKY, WINDOW = 16, 6
"""Rays into the half space and towards the key light."""

PART = {name: number for number, name in enumerate(PARTS)}


class Surface(NamedTuple):
    """Triangles with what is told about each corner."""

    vertices: Points
    faces: Whole
    flat: Points
    """(m, 3, 2): place on the cloth, cm."""
    part: Whole
    """(m,): index into PARTS."""
    more: Points | None = None
    """(m, 3, k): further values that ``paint`` gets."""
    paint: Callable[[Whole, Points], Whole] | None = None
    """From parts and further values of points: their parts."""
    normal: Points | None = None
    """(n, 3): where it isn't that of the triangles."""


class Rays:
    """Triangles that rays are cast against."""

    def __init__(self, *parts: tuple[Points, Whole]) -> None:
        offsets = np.cumsum([0] + [len(vertices) for vertices, _ in parts])
        self.vertices = np.vstack([vertices for vertices, _ in parts])
        self.faces = np.vstack([faces + offset for (_, faces), offset in zip(parts, offsets, strict=False)])
        self.mesh: Any = RayMeshIntersector(trimesh.Trimesh(self.vertices, self.faces, process=False))

    def first(self, origins: Points, directions: Points) -> Whole:
        """(n,): the first triangle that each ray meets, -1 for none."""
        return np.asarray(self.mesh.intersects_first(origins, directions))

    def free(self, origins: Points, directions: Points) -> npt.NDArray[np.bool_]:
        """(n,): whether a ray meets nothing."""
        return ~np.asarray(self.mesh.intersects_any(origins, directions))

    def hits(self, triangles: Whole, directions: Points) -> tuple[Points, Points]:
        """Where rays from the eye meet their triangles: points, and weights of the corners."""
        a, b, c = (self.vertices[self.faces[triangles, k]] for k in range(3))
        flat = np.cross(b - a, c - a)
        far = ((a - EYE) * flat).sum(1) / ((directions * flat).sum(1) + 1e-12)
        points = EYE + directions * far[:, None]
        v0, v1, v2 = b - a, c - a, points - a
        d00, d01, d11 = (v0 * v0).sum(1), (v0 * v1).sum(1), (v1 * v1).sum(1)
        d20, d21 = (v2 * v0).sum(1), (v2 * v1).sum(1)
        under = d00 * d11 - d01 * d01 + 1e-12
        second, third = (d11 * d20 - d01 * d21) / under, (d00 * d21 - d01 * d20) / under
        return points, np.stack([1 - second - third, second, third], axis=1)


def pixels_of(points: Points, zoom: int = 1) -> Points:
    """(n, 2): column and row in the frame, or one ``zoom`` times as large, of points in space."""
    off = points - EYE
    on_plane = EYE + off * (-EYE[1] / off[:, 1])[:, None]
    at = np.stack(
        [WIDTH / 2 + on_plane[:, 0] * PIXELS_PER_CM, GROUND - on_plane[:, 2] * PIXELS_PER_CM], axis=1
    )
    return np.asarray(at * zoom)


def directions_of(columns: Points, rows: Points) -> Points:
    """(n, 3): unit vectors from the eye through places in the frame."""
    target = np.stack(
        [(columns - WIDTH / 2) / PIXELS_PER_CM, np.zeros(len(columns)), (GROUND - rows) / PIXELS_PER_CM],
        axis=1,
    )
    out = target - EYE
    return np.asarray(out / np.linalg.norm(out, axis=1, keepdims=True))


def box_of(vertices: Points, zoom: int = 1) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in the frame, with a pixel to spare."""
    at = pixels_of(vertices, zoom)
    left, top = np.floor(at.min(0)).astype(int) - 1
    right, bottom = np.ceil(at.max(0)).astype(int) + 1
    return max(0, int(left)), max(0, int(top)), min(WIDTH * zoom, int(right)), min(HEIGHT * zoom, int(bottom))


def seen(
    surface: Surface,
    around: Rays,
    hidden_by: Callable[[Points, Points], npt.NDArray[np.bool_]] | None = None,
    zoom: int = 1,
) -> Layer:
    """The layer of a surface. ``around`` throws shadows on it; ``hidden_by`` says, for points of the surface
    and
    the rays that lead to them, which are hidden by something that is no part of it; ``zoom`` is of the
    frame."""
    left, top, right, bottom = box_of(surface.vertices[np.unique(surface.faces)], zoom)
    wide, high = right - left, bottom - top
    inner = (np.arange(SAMPLES) + 0.5) / SAMPLES
    columns = left + (np.arange(wide)[:, None] + inner).ravel()
    rows = top + (np.arange(high)[:, None] + inner).ravel()
    grid = np.meshgrid(columns, rows)
    rays = directions_of(grid[0].ravel() / zoom, grid[1].ravel() / zoom)
    own = Rays((surface.vertices, surface.faces))
    triangles = own.first(np.broadcast_to(EYE, rays.shape), rays)
    hit = np.flatnonzero(triangles >= 0)
    points, weights = own.hits(triangles[hit], rays[hit])
    if hidden_by is not None:
        free = ~hidden_by(points, rays[hit])
        hit, points, weights = hit[free], points[free], weights[free]
    triangle = triangles[hit]
    corner = normals(surface.vertices, surface.faces) if surface.normal is None else surface.normal
    facing = np.einsum("nk,nkj->nj", weights, corner[surface.faces[triangle]])
    facing /= np.linalg.norm(facing, axis=1, keepdims=True) + 1e-9
    # Told by the triangle, not by the smoothed normal, which turns away a little too early at an outline.
    a, b, c = (surface.vertices[surface.faces[triangle, k]] for k in range(3))
    behind = (np.cross(b - a, c - a) * rays[hit]).sum(1) > 0
    facing[behind] *= -1
    along = np.minimum(0.0, -(facing * rays[hit]).sum(1) - 0.02)
    facing += along[:, None] * rays[hit]
    facing /= np.linalg.norm(facing, axis=1, keepdims=True) + 1e-9
    part = surface.part[triangle].copy()
    if surface.paint is not None and surface.more is not None:
        values = np.einsum("nk,nkj->nj", weights, surface.more[triangle])
        part = surface.paint(part, values)
        if surface.normal is None:  # no solid, whose triangles may be turned either way
            # What is laid on the cloth, which has values below 0, is never seen from within.
            part[behind & (values[:, 0] >= 0)] = PART["inside"]
    elif surface.normal is None:
        part[behind] = PART["inside"]
    flat = np.einsum("nk,nkj->nj", weights, surface.flat[triangle])
    return _gathered((left, top, wide, high), hit, points, facing, part, flat, around)


def _gathered(
    box: tuple[int, int, int, int],
    hit: Whole,
    points: Points,
    facing: Points,
    part: Whole,
    flat: Points,
    around: Rays,
) -> Layer:
    """Samples as pixels: the covered sample nearest to the middle speaks for its pixel, normals are
    averaged."""
    left, top, wide, high = box
    row, column = np.divmod(hit, wide * SAMPLES)
    pixel = (row // SAMPLES) * wide + column // SAMPLES
    middle = (SAMPLES - 1) / 2
    off = (row % SAMPLES - middle) ** 2 + (column % SAMPLES - middle) ** 2
    order = np.lexsort((off, pixel))
    chosen_pixel, first = np.unique(pixel[order], return_index=True)
    chosen = order[first]
    count = np.bincount(pixel, minlength=wide * high)
    speaks = np.full(wide * high, -1)
    speaks[chosen_pixel] = chosen
    alike = part == part[speaks[pixel]]
    mean = np.stack([np.bincount(pixel[alike], facing[alike, k], wide * high) for k in range(3)], axis=1)
    mean = mean[chosen_pixel]
    mean /= np.linalg.norm(mean, axis=1, keepdims=True) + 1e-9
    openness, lit = _light(points[chosen], facing[chosen], around)

    def plane(values: Points, kind: type) -> npt.NDArray[Any]:
        out = np.zeros((wide * high, *values.shape[1:]), kind)
        out[chosen_pixel] = np.round(values)
        return out.reshape(high, wide, *values.shape[1:])

    coverage = np.round(count * (255 / SAMPLES**2)).astype(np.uint8).reshape(high, wide)
    covered = coverage > 0
    flatter = np.stack([flat[chosen, 0], -flat[chosen, 1]], axis=1) * 20
    layers = [
        plane(part[chosen].astype(float), np.uint8),
        plane(np.stack([mean[:, 0], -mean[:, 2]], axis=1) * 127, np.int8),
        plane(np.clip(flatter, -32000, 32000), np.int16),
        _smooth(plane(openness * 255, np.uint8), covered),
        _smooth(plane(lit * 255, np.uint8), covered),
        plane(np.clip(-points[chosen][:, 1] * 10, -32000, 32000), np.int16),
    ]
    planes: list[npt.NDArray[Any]] = [_extended(each, covered) for each in layers]
    return trimmed(Layer(left, top, coverage, *planes))


def _light(points: Points, facing: Points, around: Rays) -> tuple[Points, Points]:
    """Shares of open sky (cosine-weighted) and of a key light the size of a soft box."""
    rng = np.random.default_rng(7)
    start = points + facing * 0.12
    sky, window = np.zeros(len(points)), np.zeros(len(points))
    for _ in range(SKY):
        ball = rng.normal(size=(len(points), 3))
        ball /= np.linalg.norm(ball, axis=1, keepdims=True)
        sky += around.free(start, facing + ball * 0.985)
    for _ in range(WINDOW):
        window += around.free(start, KEY + rng.normal(0, 0.14, (len(points), 3)))
    return sky / SKY, window / WINDOW


def _smooth(plane: npt.NDArray[np.uint8], covered: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Less of the noise of few rays: a small blur within what is covered."""
    share = ndimage.gaussian_filter(covered.astype(float), 0.8)
    value = ndimage.gaussian_filter(plane * covered.astype(float), 0.8) / np.maximum(share, 1e-6)
    return np.where(covered, np.round(value), 0).astype(np.uint8)


def _extended(plane: npt.NDArray[Any], covered: npt.NDArray[np.bool_]) -> npt.NDArray[Any]:
    """The plane with its edge repeated outwards: two pixels from the nearest, then along the rows."""
    away, (rows, columns) = ndimage.distance_transform_edt(~covered, return_indices=True)
    near = away <= 2.5
    out = np.where(near if plane.ndim == 2 else near[..., None], plane[rows, columns], 0).astype(plane.dtype)
    last = np.maximum.accumulate(np.where(near, np.arange(near.shape[1])[None], 0), axis=1)
    out = np.take_along_axis(out, last if plane.ndim == 2 else last[..., None], axis=1)
    return np.asarray(out)


def trimmed(layer: Layer) -> Layer:
    """The layer without empty rows and columns around it."""
    rows, columns = np.flatnonzero(layer.coverage.any(1)), np.flatnonzero(layer.coverage.any(0))
    if not len(rows):
        raise ValueError("nothing of the surface is in the frame")
    y, x = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    planes: list[npt.NDArray[Any]] = [np.ascontiguousarray(plane[y, x]) for plane in layer[2:]]
    return Layer(layer.left + int(columns[0]), layer.top + int(rows[0]), *planes)
