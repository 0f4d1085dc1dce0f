"""Fewer parts to cut: like parts that lie apart (two pockets, two shoes) become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from datagen.render.layers import Layer, Line, Part, Span

BACK = 8
"""How many layers back a like part is looked for."""

SPREAD, ROOM = 4.0, 2500.0
"""The common box may be this many times the parts' own boxes, plus this many pixels."""


def merged(layers: Sequence[Layer], spans: Sequence[Span], tiny: float) -> list[tuple[Layer, Span]]:
    """The same picture from fewer layers; all in pixels.

    A layer joins an earlier one that is drawn alike if nothing that is painted between the two touches it;
    of parts, nor may the earlier one. Parts whose pieces are smaller than ``tiny`` are left out.
    """
    made: list[Layer] = []
    boxes: list[Span] = []
    for layer, box in zip(layers, spans, strict=True):
        if isinstance(layer, Part) and box.first < tiny:
            continue
        at = _partner(layer, box, made, boxes)
        if at < 0:
            made.append(layer)
            boxes.append(box)
            continue
        other = made[at]
        boxes[at] = _around(boxes[at], box)
        if isinstance(layer, Line) and isinstance(other, Line):
            made[at] = replace(other, paths=other.paths + layer.paths)
        elif isinstance(layer, Part) and isinstance(other, Part):
            made[at] = replace(
                other,
                outlines=other.outlines + layer.outlines,
                holes=other.holes + layer.holes,
                folds=other.folds + layer.folds,
            )
    return list(zip(made, boxes, strict=True))


def _partner(layer: Layer, box: Span, made: list[Layer], boxes: list[Span]) -> int:
    """Index of an earlier layer that this one may join, or -1."""
    for at in range(len(made) - 1, max(-1, len(made) - 1 - BACK), -1):
        other = made[at]
        if isinstance(layer, Line):
            if isinstance(other, Line):
                if (layer.role, layer.width) == (other.role, other.width):
                    return at
            elif _touch(boxes[at], box):
                return -1
            continue
        if _touch(boxes[at], box):
            return -1
        if isinstance(other, Part) and _alike(layer, other):
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


def _touch(a: Span, b: Span) -> bool:
    # Shadows and rims reach a little further than the part.
    return a.x0 < b.x1 + 3 and b.x0 < a.x1 + 3 and a.y0 < b.y1 + 3 and b.y0 < a.y1 + 3


def _around(a: Span, b: Span) -> Span:
    return Span(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1), max(a.first, b.first))


def _area(box: Span) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)
