"""Features of a picture, without learning: its subject's position, gradients and colours.

Histograms of oriented gradients after Dalal and Triggs, "Histograms of oriented gradients for human
detection" (CVPR 2005), of the subject's box; and a coarse histogram of the subject's colours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats = npt.NDArray[Any]
Box = tuple[int, int, int, int]

SIDE = 96, 128
"""The size in pixels to which a subject's box is scaled."""

CELL, BINS = 16, 9


def subject_mask(picture: npt.NDArray[Any], far: float = 28.0) -> npt.NDArray[np.bool_]:
    """Where a picture (height, width, 3) differs from its backdrop, a plane through its border."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    terms = np.stack([np.ones_like(x), x / width - 0.5, y / height - 0.5], axis=-1)
    edge = np.zeros((height, width), dtype=bool)
    rim = max(2, width // 40)
    # The lower edge often cuts the subject.
    edge[:rim] = edge[: height * 3 // 4, :rim] = edge[: height * 3 // 4, -rim:] = True
    edge[: height * 3 // 4, :rim] = edge[: height * 3 // 4, -rim:] = True
    where, colours = terms[edge], picture[edge].astype(np.float32)
    keep = np.abs(colours - np.median(colours, axis=0)).sum(axis=1) < 60
    plane, *_ = np.linalg.lstsq(where[keep], colours[keep], rcond=None)
    distance = np.abs(picture - terms @ plane).sum(axis=-1)
    made: npt.NDArray[np.bool_] = distance > far
    return made


def subject_box(mask: npt.NDArray[np.bool_]) -> Box:
    """(x0, y0, x1, y1) around a mask; specks smaller than half a percent of a side do not count."""
    rows = np.flatnonzero(mask.mean(axis=1) > 0.005)
    columns = np.flatnonzero(mask.mean(axis=0) > 0.005)
    if not len(rows) or not len(columns):
        return 0, 0, mask.shape[1], mask.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def features(image: Image.Image) -> Floats:
    """The features of one picture, about 1,350 numbers."""
    small = image.convert("RGB").resize((180, 240), Image.Resampling.BILINEAR)
    pixels = np.asarray(small, dtype=np.float32)
    mask = subject_mask(pixels)
    box = subject_box(mask)
    shape = np.array([box[0] / 180, box[1] / 240, box[2] / 180, box[3] / 240, mask.mean()], dtype=np.float32)
    # The box, on a square with its longer side, to keep the proportions.
    wide, tall = box[2] - box[0], box[3] - box[1]
    scale = min(SIDE[0] / wide, SIDE[1] / tall)
    size = max(1, round(wide * scale)), max(1, round(tall * scale))
    at = (SIDE[0] - size[0]) // 2, (SIDE[1] - size[1]) // 2
    crop = small.crop(box).resize(size, Image.Resampling.BILINEAR)
    cover = Image.fromarray(mask).convert("L").crop(box).resize(size, Image.Resampling.BILINEAR)
    grey, shade = Image.new("L", SIDE, 255), Image.new("L", SIDE)
    grey.paste(crop.convert("L"), at)
    shade.paste(cover, at)
    return np.concatenate(
        [
            _gradients(np.sqrt(np.asarray(grey, dtype=np.float32))),
            0.5 * _cells(shade),
            _colours(pixels[mask]),
            2 * shape,
        ]
    )


def _gradients(grey: Floats) -> Floats:
    """Histograms of gradient directions by cell, each block of 2 x 2 cells of unit length."""
    dx, dy = np.zeros_like(grey), np.zeros_like(grey)
    dx[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    dy[1:-1] = grey[2:] - grey[:-2]
    size = np.hypot(dx, dy)
    turn = (np.arctan2(dy, dx) % np.pi) / np.pi * BINS
    low = np.floor(turn).astype(int) % BINS
    share = turn - np.floor(turn)
    rows, columns = grey.shape[0] // CELL, grey.shape[1] // CELL
    cells = np.zeros((rows, columns, BINS), dtype=np.float32)
    for number in range(BINS):
        votes = np.where(low == number, size * (1 - share), 0) + np.where(
            (low + 1) % BINS == number, size * share, 0
        )
        cells[..., number] = votes.reshape(rows, CELL, columns, CELL).sum(axis=(1, 3))
    blocks = np.concatenate([cells[:-1, :-1], cells[1:, :-1], cells[:-1, 1:], cells[1:, 1:]], axis=-1)
    blocks /= np.linalg.norm(blocks, axis=-1, keepdims=True) + 0.5
    made: Floats = np.minimum(blocks, 0.3).ravel()
    return made


def _cells(shade: Image.Image) -> Floats:
    made: Floats = np.asarray(shade.reduce(8), dtype=np.float32).ravel() / 255
    return made


def _colours(pixels: Floats) -> Floats:
    """Shares of 4 x 4 x 4 colours."""
    if not len(pixels):
        return np.zeros(64, dtype=np.float32)
    index = (np.clip(pixels, 0, 255) // 64).astype(int) @ np.array([16, 4, 1])
    return np.bincount(index, minlength=64).astype(np.float32) / len(pixels)
