"""How a figure is cropped: from joints of its body to a window of its frame."""

from __future__ import annotations

from datagen.render.baked.layers import HEIGHT, Figure
from datagen.render.composed.window import Window

NOSE, EYES, SHOULDERS, HIPS, KNEES = (0,), (1, 2), (5, 6), (11, 12), (13, 14)
"""COCO's numbers of the body points."""

LARGE = 0.86
"""A figure that fills this share of the frame is shown in the frame as it is: nothing needs resampling."""


def window_of(figure: Figure, crop: str, *, magnified: bool, size: tuple[int, int], margin: int) -> Window:
    """What a picture of ``size`` shows in a crop of ``CROPS``, and ``margin`` pixels beyond its edges.

    ``magnified``: the view that shows a detail.
    """
    top, bottom = _heights(figure, crop, magnified=magnified)
    scale = min(size[0] / 75, size[1] / 100) * 100 / (bottom - top)
    middle = sum(_mean(figure, pair, 0) for pair in (SHOULDERS, HIPS)) / 2
    left, upper = middle - size[0] / 2 / scale, (top + bottom) / 2 - size[1] / 2 / scale
    if scale == 1.0:
        left, upper = float(round(left)), float(round(upper))
    return Window(left, upper, scale, (-margin, -margin, size[0] + margin, size[1] + margin))


def _heights(figure: Figure, crop: str, *, magnified: bool) -> tuple[float, float]:
    """The rows (top, bottom) of the frame between which the picture shows the figure."""
    crown, foot = float(figure.body.top), float(figure.body.top + figure.body.coverage.shape[0])
    hips, knees, shoulders = (_mean(figure, pair, 1) for pair in (HIPS, KNEES, SHOULDERS))
    # The eyes lie half-way down a head, the joints of the shoulders a third of a head below the chin.
    eyes = figure.keypoints[list(EYES), 2].min() > 0
    head = 2 * (_mean(figure, EYES, 1) - crown) if eyes else (shoulders - crown) * 0.75
    crotch = hips + head * 0.36
    full = crown - head * 0.34, foot + head * 0.26
    if full[1] - full[0] > HEIGHT * LARGE:
        full = 0.0, float(HEIGHT)
    if magnified:
        if crop == "legs":
            return hips - head, hips + head * 1.15
        return crown + head * 0.85, crown + head * 3.15
    return {
        "full": full,
        "knee": (crown - head * 0.28, knees + head * 0.36),
        "hip": (crown - head * 0.24, crotch + (knees - crotch) * 0.3),
        "chest": (crown - head * 0.2, shoulders + head * 1.45),
        "chin": (crown + head * 0.75, crotch + (knees - crotch) * 0.25),
        "legs": (hips - head * 1.25, foot + head * 0.24),
    }[crop]


def _mean(figure: Figure, points: tuple[int, ...], axis: int) -> float:
    """The mean column (0) or row (1) of body points."""
    return sum(float(figure.keypoints[at, axis]) for at in points) / len(points)
