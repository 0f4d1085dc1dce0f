"""Garments photographed as if on an invisible body: draped on one, and seen without it.

The trade calls it a ghost mannequin. One sees the inside of the back through the neck, and no hand hides a
hem.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from datagen.render.bake.baking import draped
from datagen.render.bake.bodies import Build, rest_body
from datagen.render.bake.figures import Person, joints, person
from datagen.render.bake.measures import Measures, measures
from datagen.render.bake.packshots.shots import FAR, evened, framed
from datagen.render.bake.people import BUILDS, ORIGINS
from datagen.render.bake.poses import Arm, Leg, Pose
from datagen.render.bake.views import Rays, pixels_of, seen
from datagen.render.bake.wardrobe import item_of
from datagen.render.baked.layers import PIXELS_PER_CM
from datagen.render.baked.packshots import Packshot
from datagen.render.composed.motifs import FRONT, motifs_at

MOST = (300, 380)
"""The largest width and height of a garment in the frame, pixels."""

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
    measured, who = _model(wearers.split("-")[0])
    surface = draped(who, measured, item_of(f"{kind} {cut}"))
    frame = framed(surface.vertices[np.unique(surface.faces)], MOST)
    placed = surface._replace(vertices=frame.placed(surface.vertices))
    wall = np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]]) * FAR
    wall[:, 1] = placed.vertices[np.unique(surface.faces)][:, 1].max() + BEHIND
    layer = seen(placed, Rays((placed.vertices, placed.faces), (wall, np.array([[0, 1, 2], [0, 2, 3]]))))
    layer = layer._replace(open=evened(layer, layer.open, 1.8), lit=evened(layer, layer.lit, 1.2))
    layer = layer._replace(depth=np.round(layer.depth / frame.scale).astype(np.int16))
    unit = frame.scale * PIXELS_PER_CM
    front = FRONT[layer.part] & (layer.coverage > 0)
    at = pixels_of(frame.placed(joints(who))).astype(np.float32)
    mark, badge = motifs_at(at, kind, layer, front, layer.cloth[..., 0], unit)
    return Packshot(kind, f"{wearers}-{cut}", "front", round(unit, 3), mark, badge, layer)
