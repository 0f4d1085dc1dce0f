"""Hand-made features of pictures: what a photographer would measure, and where colours and edges lie.

Nothing is learnt and nothing is downloaded. All pictures are brought to one size first, so neither resolution
nor proportions give anything away; these are compared by themselves. The subject, with whoever wears
it, is what differs from the backdrop, a colour that may change evenly from top to bottom.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

WIDTH, HEIGHT = 120, 160
"""The size in pixels at which pictures are measured."""

STATISTICS: dict[str, str] = {
    "backdrop brightness": "mean grey level of the backdrop, 0 to 255",
    "backdrop slope": "grey levels by which the backdrop grows brighter from top to bottom",
    "backdrop grain": "mean absolute deviation of a backdrop pixel from the mean of its neighbours",
    "halo": "grey levels by which the backdrop beside the subject is brighter than away from it",
    "subject share": "share of the picture that the subject covers",
    "subject width": "width of the subject's box, as a share of the picture",
    "subject height": "height of the subject's box, as a share of the picture",
    "subject off centre": "distance of the box's middle from the picture's, as a share of its width",
    "asymmetry": "share of the subject's outline that its mirror image does not cover",
    "outline strength": "mean step in grey levels along the subject's outline",
    "edges inside": "share of the subject's pixels with a step of more than 24 grey levels",
    "texture inside": "mean absolute deviation of a subject pixel from the mean of its neighbours",
    "brightness": "mean grey level of the subject",
    "contrast": "standard deviation of the subject's grey levels",
    "saturation": "mean difference between the strongest and the weakest colour of a subject pixel",
}
"""Low-level statistics in the order of their columns: name -> what it is."""

CELLS = 4, 5
"""Columns and rows of the grid on which colours and edges are located."""
DIRECTIONS = 6
SHADES = 3
"""Levels of each colour in the histogram of the subject's colours."""
FAR_FROM_BACKDROP = 28.0
"""Sum of the differences in red, green and blue from which a pixel is the subject's."""

COLUMNS = len(STATISTICS) + CELLS[0] * CELLS[1] * (3 + DIRECTIONS) + SHADES**3


def pixels_of(picture: Image.Image) -> U8:
    """A picture as pixels of the common size: uint8 (HEIGHT, WIDTH, 3)."""
    small = picture.convert("RGB")
    if small.size != (WIDTH, HEIGHT):
        small = small.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    return np.asarray(small)


def features(pictures: Sequence[U8]) -> F32:
    """The features of pictures of the common size: float32 (pictures, COLUMNS).

    First those of :data:`STATISTICS`, then the mean colour and the directions of edges in each cell of a
    grid, after Dalal and Triggs (CVPR 2005), then the shares of the subject's colours.
    """
    made = np.empty((len(pictures), COLUMNS), dtype=np.float32)
    for at, pixels in enumerate(pictures):
        made[at] = _of_one(pixels)
    return made


def _of_one(pixels: U8) -> F32:
    planes: F32 = np.ascontiguousarray(pixels.transpose(2, 0, 1)).astype(np.float32)
    red, green, blue = planes
    grey: F32 = np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue
    backdrop = _backdrop(pixels)
    away = np.zeros_like(grey)
    for plane, line in zip(planes, backdrop.T, strict=True):
        away += np.abs(plane - line[:, None])
    mask: Mask = away > FAR_FROM_BACKDROP
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, 1:-1] = (grey[:, 2:] - grey[:, :-2]) / 2
    down[1:-1] = (grey[2:] - grey[:-2]) / 2
    step: F32 = np.hypot(across, down)
    rough = np.zeros_like(grey)
    middle = (grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]) / 4
    rough[1:-1, 1:-1] = np.abs(grey[1:-1, 1:-1] - middle)
    strongest = np.maximum(np.maximum(red, green), blue)
    saturation = strongest - np.minimum(np.minimum(red, green), blue)
    return np.concatenate(
        [
            _statistics(grey, backdrop.mean(axis=1), mask, step, rough, saturation),
            *(_cell_means(plane).ravel() for plane in planes),
            *_directions(across, down, step),
            _shades(pixels[mask]),
        ]
    )


def _backdrop(pixels: U8) -> F32:
    """The backdrop's colour in each row of a picture (HEIGHT, 3): a line through the left and right edges."""
    upper = pixels[: HEIGHT * 3 // 4]  # the lower edge often cuts the subject
    rim = np.median(np.concatenate([upper[:, :4], upper[:, -4:]], axis=1), axis=1)
    at = np.arange(len(rim), dtype=np.float32)
    kept = np.abs(rim - np.median(rim, axis=0)).sum(axis=1) < 60  # without what reaches the edge
    if not kept.any():
        kept[:] = True
    x, y = at[kept], rim[kept]
    x_off, y_off = x - x.mean(), y - y.mean(axis=0)
    slope = (x_off @ y_off) / max(float(x_off @ x_off), 1.0)
    every = np.arange(HEIGHT, dtype=np.float32)[:, None] - x.mean()
    line: F32 = np.clip(y.mean(axis=0) + every * slope, 0, 255).astype(np.float32)
    return line


def _statistics(grey: F32, level: F32, mask: Mask, step: F32, rough: F32, saturation: F32) -> F32:
    """The figures of :data:`STATISTICS`; those of a subject are 0 where there is none."""
    near = _grown(mask, 4)
    far, beside = ~near, near & ~mask
    inside = ~_grown(~mask, 1)
    outline = mask & ~inside
    rows, columns = np.flatnonzero(mask.mean(axis=1) > 0.01), np.flatnonzero(mask.mean(axis=0) > 0.01)
    found = len(rows) > 0 and len(columns) > 0
    left, right = (columns[0], columns[-1] + 1) if found else (0, 0)
    top, bottom = (rows[0], rows[-1] + 1) if found else (0, 0)
    away = _mean(grey[far])
    inner = grey[inside]
    return np.array(
        [
            away if far.any() else level.mean(),
            level[-1] - level[0],
            _mean(rough[far]),
            _mean(grey[beside]) - away if far.any() and beside.any() else 0,
            mask.mean(),
            (right - left) / WIDTH,
            (bottom - top) / HEIGHT,
            abs((left + right) / 2 / WIDTH - 0.5) if found else 0,
            (mask & ~mask[:, ::-1]).sum() / max(1, mask.sum()),
            _mean(step[outline]),
            _mean((step[inside] > 24).astype(np.float32)),
            _mean(rough[inside]),
            _mean(inner),
            inner.std() if len(inner) else 0,
            _mean(saturation[inside]),
        ],
        dtype=np.float32,
    )


def _grown(mask: Mask, by: int) -> Mask:
    """A mask grown by some pixels in each direction."""
    grown = mask.copy()
    for _ in range(by):
        wider = grown.copy()
        wider[1:] |= grown[:-1]
        wider[:-1] |= grown[1:]
        grown = wider.copy()
        grown[:, 1:] |= wider[:, :-1]
        grown[:, :-1] |= wider[:, 1:]
    return grown


def _mean(values: F32) -> float:
    return float(values.mean()) if len(values) else 0.0


def _cell_means(values: F32) -> F32:
    """Means over the cells of a grid: (cells down, cells across)."""
    across, down = CELLS
    made: F32 = values.reshape(down, HEIGHT // down, across, WIDTH // across).mean(axis=(1, 3))
    return made


def _directions(across: F32, down: F32, step: F32) -> list[F32]:
    """The strength of the edges of each direction in each cell, as square roots."""
    turn = (np.arctan2(down, across) * np.float32(DIRECTIONS / np.pi)).astype(np.int8) % DIRECTIONS
    return [
        np.sqrt(_cell_means(np.where(turn == direction, step, np.float32(0)))).ravel()
        for direction in range(DIRECTIONS)
    ]


def _shades(pixels: U8) -> F32:
    """Shares of SHADES ** 3 colours."""
    if not len(pixels):
        return np.zeros(SHADES**3, dtype=np.float32)
    index = (pixels.astype(np.int32) * SHADES // 256) @ np.array([SHADES * SHADES, SHADES, 1])
    counted: F32 = np.bincount(index, minlength=SHADES**3).astype(np.float32) / len(pixels)
    return counted
