"""The ground truth of a picture, from the renderer's own state: parts, the subject's box, a segmentation.

No pixel is inspected: the stencils that the picture is composed from are laid out again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from datagen.columns.ground_truth import BACKDROP, FEATURES, FIGURE_LABEL, SUBJECT, bounds, sampled
from datagen.product.product import Product
from datagen.render.composed.labels import LABELS
from datagen.render.layers import FIGURE
from datagen.render.outlines import Box
from datagen.render.planes import Bytes
from datagen.render.scene import compose, is_worn
from datagen.render.stencil import Stencil
from datagen.schemas.folder import ATTRIBUTES

HALF = 128
"""The coverage at which a pixel belongs to the layer that covers it."""

SEEN = 0.002
"""A part is listed if it covers at least this share of the subject."""


class Truth(NamedTuple):
    """What a picture shows of its product.

    ``parts`` are the visible fills (names of ``layers.FILLS``), ``worn`` says whether a figure wears it,
    ``box`` (x0, y0, x1, y1) bounds its visible pixels. ``mask`` is uint8, shape (height, width):
    ``BACKDROP``, ``SUBJECT`` or ``FIGURE_LABEL``; shadows count as backdrop.
    """

    parts: tuple[str, ...]
    worn: bool
    box: Box
    mask: Bytes


def truth(product: Product, size: tuple[int, int]) -> Truth:
    """The ground truth of the picture that ``scene.draw`` makes of the product at that size.

    Raises ValueError for unknown words and sizes.
    """
    stencil, shift, head, head_at = compose(product, size)
    mask = np.zeros((size[1], size[0]), dtype=np.uint8)
    own = _labels(stencil)
    _paste_labels(mask, own, (stencil.box[0] + shift[0], stencil.box[1] + shift[1]))
    if head is not None:
        person = (head.cover >= HALF) * np.uint8(FIGURE_LABEL)
        _paste_labels(mask, person, (head.box[0] + head_at[0], head.box[1] + head_at[1]))
    return Truth(_parts(stencil, own), is_worn(product), bounds(mask), mask)


def _labels(stencil: Stencil) -> Bytes:
    """Labels inside the stencil's box: a pixel at an edge belongs to whatever covers most of it."""
    labels = (stencil.cover >= HALF).view(np.uint8)  # true is 1, the subject
    if stencil.cloth is not None:
        np.copyto(labels, np.uint8(FIGURE_LABEL), where=stencil.cloth.labels.figure() & (labels > BACKDROP))
    for fill in stencil.trims:
        if fill.fill in FIGURE:
            x0, y0, x1, y1 = fill.box
            part = labels[y0:y1, x0:x1]
            most = fill.mask >= stencil.cover[y0:y1, x0:x1] >> 1
            most &= part > BACKDROP
            part[most] = FIGURE_LABEL
    return labels


def _paste_labels(mask: Bytes, labels: Bytes, at: tuple[int, int]) -> None:
    """Paste labels into a picture's mask, cropped at its edges."""
    x, y = at
    rows = slice(max(0, -y), max(0, min(labels.shape[0], mask.shape[0] - y)))
    columns = slice(max(0, -x), max(0, min(labels.shape[1], mask.shape[1] - x)))
    cut = labels[rows, columns]
    if cut.size:
        under = mask[y + rows.start : y + rows.stop, x + columns.start : x + columns.stop]
        np.copyto(under, cut, where=cut > 0)


def _parts(stencil: Stencil, labels: Bytes) -> tuple[str, ...]:
    """Names of the product's visible fills: the ground first, the others in alphabetical order."""
    areas: dict[str, int] = {}
    for fill in stencil.trims:
        if fill.fill not in FIGURE:
            areas[fill.fill] = areas.get(fill.fill, 0) + int(np.count_nonzero(fill.mask >= HALF))
    if stencil.cloth is not None:
        counts = np.bincount(stencil.cloth.labels.first[labels == SUBJECT], minlength=len(LABELS)).tolist()
        areas = {name: area for name, area in zip(LABELS[1:], counts[1:], strict=True) if area}
    least = SEEN * max(1, int(np.count_nonzero(labels == SUBJECT)))
    return ("ground", *sorted(name for name, area in areas.items() if area >= least))


def attributes(product: Product, truth: Truth) -> dict[str, Any]:
    """The value of the attributes column for a product and the ground truth of its picture."""
    shown = {"parts": list(truth.parts), "worn": truth.worn, "box": list(truth.box)}
    values = {**sampled(product), **shown}
    return {name: values[name] for name in FEATURES[ATTRIBUTES]}
