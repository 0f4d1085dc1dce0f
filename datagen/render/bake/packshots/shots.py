"""A solid before the camera: turned, scaled to the frame, and seen as a layer."""

# ruff: noqa: RUF005 (arrays are added, not joined)
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from datagen.render.bake.bodies import Points, Whole
from datagen.render.bake.packshots.solids import Piece
from datagen.render.bake.views import PART, Rays, Surface, pixels_of, seen
from datagen.render.baked.layers import GROUND, HEIGHT, PIXELS_PER_CM, WIDTH, Layer

MOST = (372, 470)
"""The largest width and height of a packshot in the frame, pixels."""

MIDDLE = (GROUND - HEIGHT / 2) / PIXELS_PER_CM
"""The height of the middle of the frame, cm."""

FAR = 400.0
"""Half the side of the floor."""


class Solid(NamedTuple):
    """A product: its pieces, standing on z = 0 or lying on it; places of motifs on its ``flat``, cm."""

    pieces: list[Piece]
    mark: tuple[float, float, float]
    badge: tuple[float, float, float]


class Camera(NamedTuple):
    """How a product is turned before it, in degrees: about the vertical, then its top towards the camera."""

    yaw: float = 0.0
    pitch: float = 8.0
    roll: float = 0.0
    lies: bool = False
    """Whether it lies on a table behind it instead of standing on a floor."""


class Frame(NamedTuple):
    """How a product is enlarged and moved so that it fills the frame."""

    middle: Points
    scale: float
    move: Points

    def placed(self, points: Points) -> Points:
        """Points (n, 3) of the product in the frame."""
        return np.asarray((points - self.middle) * self.scale + self.move)


def framed(vertices: Points, most: tuple[int, int] = MOST) -> Frame:
    """The frame that a product fills as far as a width and height allow, in its middle."""
    scale = 1.0
    middle, raised = (vertices.min(0) + vertices.max(0)) / 2, np.array([0, 0, MIDDLE])
    for _ in range(4):
        at = pixels_of((vertices - middle) * scale + raised)
        scale *= min(most[0] / np.ptp(at[:, 0]), most[1] / np.ptp(at[:, 1]))
    at = pixels_of((vertices - middle) * scale + raised)
    shift = (at.min(0) + at.max(0)) / 2 - [WIDTH / 2, HEIGHT / 2]
    return Frame(middle, scale, np.array([-shift[0], 0, shift[1]]) / PIXELS_PER_CM + raised)


def photographed(solid: Solid, camera: Camera, most: tuple[int, int] = MOST) -> tuple[Layer, float]:
    """The layer, and pixels per cm of the product."""
    turn = Rotation.from_euler("zxy", [camera.yaw, camera.pitch, camera.roll], degrees=True)
    vertices = turn.apply(np.vstack([one.vertices for one in solid.pieces]))
    low = min(float(one.vertices[:, 2].min()) for one in solid.pieces) - 0.02
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * FAR
    if camera.lies:
        floor = corners[:, [0, 2, 1]] + [0, float(vertices[:, 1].max()) + 0.02, 0]
    else:
        floor = turn.apply(corners + [0, 0, low])
    frame = framed(vertices, most)
    surface = _surface(solid.pieces, frame.placed(vertices), turn)
    around = Rays((surface.vertices, surface.faces), (frame.placed(floor), np.array([[0, 1, 2], [0, 2, 3]])))
    layer = seen(surface, around)
    layer = layer._replace(open=evened(layer, layer.open, 2.2), lit=evened(layer, layer.lit, 1.2))
    # Depths are those of the frame, which is larger than life.
    layer = layer._replace(depth=np.round(layer.depth / frame.scale).astype(np.int16))
    return layer, frame.scale * PIXELS_PER_CM


def rougher(layer: Layer, step: int) -> Layer:
    """A layer whose normals and depths are rounded to steps, and its openness and light to steps twice as
    large."""
    if step == 1:
        return layer
    normal, depth = (np.round(plane / step) * step for plane in (layer.normal, layer.depth))
    opened, lit = (
        np.minimum(np.round(plane / (2 * step)) * 2 * step, 255).astype(np.uint8)
        for plane in (layer.open, layer.lit)
    )
    return layer._replace(
        normal=normal.clip(-126, 126).astype(np.int8), depth=depth.astype(np.int16), open=opened, lit=lit
    )


def _surface(pieces: list[Piece], placed: Points, turn: Rotation) -> Surface:
    offsets = np.cumsum([0] + [len(one.vertices) for one in pieces])
    faces = np.vstack([one.faces + offset for one, offset in zip(pieces, offsets, strict=False)])
    number = np.repeat(np.arange(len(pieces)), [len(one.faces) for one in pieces])
    flat = np.vstack([one.flat for one in pieces])[faces]
    own = np.vstack([one.own for one in pieces])[faces]
    more = np.concatenate([own, np.repeat(number[:, None, None], 3, 1).astype(float)], axis=2)
    part = np.array([PART[one.part] for one in pieces])[number]
    painted = [(k, one.paint) for k, one in enumerate(pieces) if one.paint is not None]

    def paint(parts: Whole, values: Points) -> Whole:
        for k, how in painted:
            mine = np.flatnonzero(np.round(values[:, 3]) == k)
            names, where = np.unique(how(values[mine, :3]), return_inverse=True)
            parts[mine] = np.array([PART[str(name)] for name in names], int)[where]
        return parts

    normal = turn.apply(np.vstack([one.normal for one in pieces]))
    return Surface(placed, faces.astype(np.int64), flat, part, more, paint, normal)


def evened(layer: Layer, plane: npt.NDArray[np.uint8], reach: float) -> npt.NDArray[np.uint8]:
    """Less of the noise of few rays, within surfaces at nearly the same depth and of the same part."""
    size = int(np.ceil(reach * 2))
    high, wide = plane.shape

    def around(values: npt.NDArray[np.float32], dy: int, dx: int) -> npt.NDArray[np.float32]:
        return values[size + dy : size + dy + high, size + dx : size + dx + wide]

    value = np.pad(plane.astype(np.float32), size, mode="edge")
    depth = np.pad(layer.depth.astype(np.float32), size, mode="edge")
    there = np.pad((layer.coverage > 0).astype(np.float32), size)
    total, share = np.zeros(plane.shape, np.float32), np.zeros(plane.shape, np.float32)
    for dy in range(-size, size + 1):
        for dx in range(-size, size + 1):
            near = np.abs(around(depth, dy, dx) - layer.depth) < 14
            weight = np.float32(np.exp(-(dx * dx + dy * dy) / (2 * reach**2))) * near * around(there, dy, dx)
            total += weight * around(value, dy, dx)
            share += weight
    return np.where(layer.coverage > 0, np.round(total / np.maximum(share, 1e-6)), plane).astype(np.uint8)
