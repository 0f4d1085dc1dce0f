"""Garments photographed as if on an invisible body: draped on one, and seen without it.

The trade calls it a ghost mannequin. One sees the inside of the back through the neck, and no hand hides a
hem.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from datagen.render.bake.baking import draped
from datagen.render.bake.bodies import Build, rest_body
from datagen.render.bake.figures import Person, joints, person
from datagen.render.bake.measures import Measures, measures
from datagen.render.bake.packshots.ghost_cuts import SETS
from datagen.render.bake.packshots.hats import beanie
from datagen.render.bake.packshots.shots import FAR, Camera, Frame, evened, framed, photographed
from datagen.render.bake.people import BUILDS, ORIGINS
from datagen.render.bake.poses import Arm, Leg, Pose
from datagen.render.bake.views import Rays, Surface, pixels_of, seen
from datagen.render.bake.wardrobe import item_of
from datagen.render.baked.layers import PIXELS_PER_CM, Layer
from datagen.render.baked.packshots import Packshot
from datagen.render.composed.motifs import FRONT, motifs_at

MOST = (300, 380)
"""The largest width and height of a garment in the frame, pixels."""

SET = (300, 310)
"""The same of a set without its hat."""

HAT, GAP = 15.0, 1.2
"""The width of a baby's hat, and how far above a set it lies, cm."""

HAT_CAMERA = Camera(0.0, 4.0)

BEHIND = 0.3
"""How far behind the garment the wall is, cm."""

ARM = Arm((0.40, 0.02, -1.0), (0.24, -0.03, -1.0), (0.20, -0.05, -1.0), -10.0, 10.0)
LEG = Leg((0.10, 0.0, -1.0), (0.06, 0.02, -1.0), 10.0)
POSE = Pose(ARM, ARM, LEG, LEG)
"""Arms and legs apart, so that sleeves and legs lie beside one another."""

BABY = Build(
    "baby",
    "1",
    72,
    {
        "gender": 0.5, "age": 0.06, "weight": 0.55, "muscle": 0.45, "height": 0.5, "proportions": 0.7,
        "cupsize": 0.0, "firmness": 0.5, **ORIGINS["mixed"],
    },
    {},
)  # fmt: skip

BODIES = {"woman": BUILDS["mei"], "man": BUILDS["tom"], "child": BUILDS["ben"], "baby": BABY}
"""Wearer -> whose body is not seen."""


@cache
def _model(wearer: str) -> tuple[Measures, Person]:
    rest = rest_body(BODIES[wearer])
    return measures(rest), person(rest, POSE)


def ghost(kind: str, wearers: str, cut: str) -> Packshot:
    """A garment without its wearers, who are the first words of its name. Raises ValueError for a piece that
    cannot be cut."""
    if kind in SETS:
        return _set(kind, wearers, cut)
    measured, who = _model(wearers.split("-")[0])
    surface = draped(who, measured, item_of(f"{kind} {cut}"))
    frame = framed(surface.vertices[np.unique(surface.faces)], MOST)
    return _packshot(kind, wearers, cut, who, frame, _seen([surface], frame))


def _set(kind: str, wearers: str, cut: str) -> Packshot:
    """A top over trousers, and a hat above them."""
    measured, who = _model(wearers.split("-")[0])
    surfaces = [draped(who, measured, item_of(name)) for name in SETS[kind][cut]]
    frame = framed(np.vstack([one.vertices[np.unique(one.faces)] for one in surfaces]), SET)
    layer = _seen(surfaces, frame)
    unit = frame.scale * PIXELS_PER_CM
    hat, scale = photographed(beanie(), HAT_CAMERA, (round(HAT * unit), round(HAT * unit)))
    left = layer.left + (layer.coverage.shape[1] - hat.coverage.shape[1]) // 2
    above = layer.top - round(GAP * unit) - hat.coverage.shape[0]
    # A baby's hat is smaller than the one that it is a picture of, and so is its wool.
    cloth = np.round(hat.cloth * (scale / unit)).astype(np.int16)
    layer = joined([layer, hat._replace(left=left, top=above, cloth=cloth)])
    return _packshot(kind, wearers, cut, who, frame, layer)


def _seen(surfaces: Sequence[Surface], frame: Frame) -> Layer:
    """Garments, the outer ones last, before a wall, as one layer."""
    placed = [one._replace(vertices=frame.placed(one.vertices)) for one in surfaces]
    wall = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]]) * FAR
    wall[:, 1] = max(one.vertices[np.unique(one.faces)][:, 1].max() for one in placed) + BEHIND
    square = wall, np.array([[0, 1, 2], [0, 2, 3]])
    # Each is lit alone: cloth was draped without the other garment, which may come through it a little.
    layer = joined([seen(one, Rays((one.vertices, one.faces), square)) for one in placed])
    layer = layer._replace(open=evened(layer, layer.open, 1.8), lit=evened(layer, layer.lit, 1.2))
    return layer._replace(depth=np.round(layer.depth / frame.scale).astype(np.int16))


def joined(layers: Sequence[Layer]) -> Layer:
    """Layers as one, whatever comes later before what comes earlier."""
    if len(layers) == 1:
        return layers[0]
    left, top = min(one.left for one in layers), min(one.top for one in layers)
    right = max(one.left + one.coverage.shape[1] for one in layers)
    bottom = max(one.top + one.coverage.shape[0] for one in layers)
    planes = [
        np.zeros((bottom - top, right - left, *plane.shape[2:]), plane.dtype) for plane in layers[0][2:]
    ]
    for one in layers:
        high, wide = one.coverage.shape
        at = slice(one.top - top, one.top - top + high), slice(one.left - left, one.left - left + wide)
        mine = one.coverage >= np.maximum(planes[0][at], 1)
        most = np.maximum(planes[0][at], one.coverage)
        for plane, own in zip(planes, one[2:], strict=True):
            plane[at][mine] = np.asarray(own)[mine]
        planes[0][at] = most
    return Layer(left, top, *planes)


def _packshot(kind: str, wearers: str, cut: str, who: Person, frame: Frame, layer: Layer) -> Packshot:
    unit = frame.scale * PIXELS_PER_CM
    front = FRONT[layer.part] & (layer.coverage > 0)
    at = pixels_of(frame.placed(joints(who))).astype(np.float32)
    mark, badge = motifs_at(at, kind, layer, front, layer.cloth[..., 0], unit)
    return Packshot(kind, f"{wearers}-{cut}", "front", round(unit, 3), mark, badge, layer)
