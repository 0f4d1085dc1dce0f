"""Fewer layers to rasterise: similar parts that do not touch (two pockets, two shoes) become one part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from datagen.render.layers import Layer, Line, Part, Span

BACK = 8
"""How many layers back to look for a similar part."""

SPREAD, ROOM = 4.0, 2500.0
"""The area of the common box is at most this many times the two areas, plus this many pixels."""


def merge_layers(layers: Sequence[Layer], spans: Sequence[Span], tiny: float) -> list[tuple[Layer, Span]]:
    """Fewer layers that give the same picture; coordinates in pixels.

    A layer joins an earlier one of the same style if it touches nothing painted between the two; a part must
    not touch that earlier one either. Parts whose pieces are smaller than ``tiny`` are dropped.
    """
    result: list[Layer] = []
    boxes: list[Span] = []
    for layer, box in zip(layers, spans, strict=True):
        if isinstance(layer, Part) and box.first < tiny:
            continue
        at = _partner(layer, box, result, boxes)
        if at < 0:
            result.append(layer)
            boxes.append(box)
            continue
        other = result[at]
        boxes[at] = _union(boxes[at], box)
        if isinstance(layer, Line) and isinstance(other, Line):
            result[at] = replace(other, paths=other.paths + layer.paths)
        elif isinstance(layer, Part) and isinstance(other, Part):
            result[at] = replace(
                other,
                outlines=other.outlines + layer.outlines,
                holes=other.holes + layer.holes,
                folds=other.folds + layer.folds,
            )
    return list(zip(result, boxes, strict=True))


def _partner(layer: Layer, box: Span, result: list[Layer], boxes: list[Span]) -> int:
    """Index of an earlier layer that this one can join, or -1."""
    for at in range(len(result) - 1, max(-1, len(result) - 1 - BACK), -1):
        other = result[at]
        if isinstance(layer, Line):
            if isinstance(other, Line):
                if (layer.role, layer.width) == (other.role, other.width):
                    return at
            elif _touch(boxes[at], box):
                return -1
            continue
        if _touch(boxes[at], box):
            return -1
        if isinstance(other, Part) and _same_style(layer, other):
            around = _area(_union(boxes[at], box))
            if around <= SPREAD * (_area(boxes[at]) + _area(box)) + ROOM:
                return at
    return -1


def _same_style(a: Part, b: Part) -> bool:
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
    # Shadows and rims extend slightly beyond the part.
    return a.x0 < b.x1 + 3 and b.x0 < a.x1 + 3 and a.y0 < b.y1 + 3 and b.y0 < a.y1 + 3


def _union(a: Span, b: Span) -> Span:
    return Span(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1), max(a.first, b.first))


def _area(box: Span) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)
