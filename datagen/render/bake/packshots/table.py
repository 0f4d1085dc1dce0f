"""The kinds and cuts that are baked without a wearer, each in its views."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from datagen.render.bake.packshots import bags, trainers
from datagen.render.bake.packshots.shots import Camera, Solid


class Shot(NamedTuple):
    """One cut of a kind as one camera sees it."""

    kind: str
    cut: str
    view: str
    make: Callable[[], Solid]
    camera: Camera


FRONTAL, TURNED = Camera(0.0, 8.0), Camera(28.0, 12.0)
LYING = Camera(0.0, 0.0, lies=True)
"""Products that lie are turned towards the camera already."""

SHOTS: list[Shot] = [
    Shot("tote", "open", "front", bags.tote, FRONTAL),
    Shot("tote", "open", "three_quarter", bags.tote, TURNED),
    Shot("sneakers", "plimsoll", "front", trainers.pair, LYING),
    Shot("sneakers", "runner", "front", lambda: trainers.pair(True, 2.6), LYING),
]
