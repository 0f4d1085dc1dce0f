"""The body keypoints of a picture: the figure's own joints, laid out as the picture is."""

from __future__ import annotations

import numpy as np

from datagen.columns.ground_truth import ABSENT, HIDDEN, KEYPOINT_NAMES, VISIBLE, Keypoints
from datagen.product.product import Product
from datagen.render.composed.labels import LABELS
from datagen.render.scene import compose
from datagen.render.stencil import Stencil
from datagen.render.truth import HALF

BARE = ("flesh", "brow", "eye", "lips")
"""Fills that are skin and face: a joint on them is visible, under anything else it is hidden."""


def keypoints(product: Product, size: tuple[int, int]) -> Keypoints:
    """The keypoints of the picture that ``scene.draw`` makes of the product at that size.

    Raises ValueError for unknown words and sizes.
    """
    found = np.zeros((len(KEYPOINT_NAMES), 3), np.int32)
    stencil, shift, head, head_at = compose(product, size)
    if stencil.joints is None:
        return found
    # The head lies over the body.
    placed = [(stencil, shift)] if head is None else [(head, head_at), (stencil, shift)]
    for part, offset in placed:
        places = np.zeros((0, 2)) if part.joints is None else part.joints + offset
        for at, (x, y) in enumerate(places):
            if 0 <= x < size[0] and 0 <= y < size[1]:  # false where there is no number
                found[at] = x, y, ABSENT
                found[at, 2] = _visibility(found[at], placed)
    return found


def _visibility(at: Keypoints, placed: list[tuple[Stencil, tuple[int, int]]]) -> int:
    """Whether the uppermost stencil that covers a pixel shows skin there."""
    for stencil, (dx, dy) in placed:
        x, y = int(at[0]) - stencil.box[0] - dx, int(at[1]) - stencil.box[1] - dy
        height, width = stencil.cover.shape
        if 0 <= x < width and 0 <= y < height and stencil.cover[y, x] >= HALF:
            return VISIBLE if _is_bare(stencil, x, y) else HIDDEN
    return HIDDEN


def _is_bare(stencil: Stencil, x: int, y: int) -> bool:
    """Whether skin or face is most of what the stencil shows at a pixel of it."""
    if stencil.cloth is not None:
        return LABELS[stencil.cloth.labels.first[y, x]] in BARE
    least = stencil.cover[y, x] >> 1
    for fill in stencil.trims:
        x0, y0, x1, y1 = fill.box
        inside = fill.fill in BARE and x0 <= x < x1 and y0 <= y < y1
        if inside and fill.mask[y - y0, x - x0] >= least:
            return True
    return False
