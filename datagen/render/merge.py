"""Fewer parts to cut: like parts that lie apart (two pockets, two shoes) become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from datagen.render.layers import Layer, Layers, Part
from datagen.render.outlines import bounds

Bounds = tuple[float, float, float, float]

BACK = 8
"""How many layers back a like part is looked for."""

SPREAD, ROOM = 4.0, 2500.0
"""The common box may be this many times the parts' own boxes, plus this many pixels."""


def merged(layers: Sequence[Layer]) -> Layers:
    """The same picture from fewer layers; all in pixels.

    A part joins an earlier one of the same fill and shape of surface if nothing that is painted between
    the two, nor the earlier part, touches it.
    """
    made: Layers = []
    boxes: list[Bounds] = []
    for layer in layers:
        paths = layer.outlines if isinstance(layer, Part) else layer.paths
        box = bounds(paths)
        at = _partner(layer, box, made, boxes) if isinstance(layer, Part) else -1
        other = made[at] if at >= 0 else None
        if isinstance(layer, Part) and isinstance(other, Part):
            made[at] = replace(
                other,
                outlines=other.outlines + layer.outlines,
                holes=other.holes + layer.holes,
                folds=other.folds + layer.folds,
            )
            boxes[at] = _around(boxes[at], box)
        else:
            made.append(layer)
            boxes.append(box)
    return made


def _partner(part: Part, box: Bounds, made: Layers, boxes: list[Bounds]) -> int:
    """Index of an earlier part that this one may join, or -1."""
    for at in range(len(made) - 1, max(-1, len(made) - 1 - BACK), -1):
        if _touch(boxes[at], box):
            return -1
        other = made[at]
        if isinstance(other, Part) and _alike(part, other):
            around = _area(_around(boxes[at], box))
            if around <= SPREAD * (_area(boxes[at]) + _area(box)) + ROOM:
                return at
    return -1


def _alike(a: Part, b: Part) -> bool:
    return (
        a.fill == b.fill
        and a.bulge == b.bulge
        and a.lift == b.lift
        and a.crumple == b.crumple
        and a.channels == b.channels
        and a.shine == b.shine
        and (a.fill != "ground" or round(a.turn / 12) == round(b.turn / 12))
    )


def _touch(a: Bounds, b: Bounds) -> bool:
    # Shadows and rims reach a little further than the part.
    return a[0] < b[2] + 3 and b[0] < a[2] + 3 and a[1] < b[3] + 3 and b[1] < a[3] + 3


def _around(a: Bounds, b: Bounds) -> Bounds:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _area(box: Bounds) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
