"""Checking maps of normals and depth: each against the mask, against the other, and by what it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.columns.ground_truth import BACKDROP, ENDS, UNIT, Labels
from datagen.dataset.png_check import read_png
from datagen.product.product import Product
from datagen.render.maps import has_geometry
from datagen.schemas.folder import DEPTH, MAPS, NORMALS, Size

MODES = {NORMALS: "RGB", DEPTH: "I;16"}
"""What Pillow calls the pixels of a map."""

PIXELS = {NORMALS: "three bytes", DEPTH: "16 bits"}

ROUNDING = 1
"""By how much the length of a vector of whole numbers may differ from ``UNIT``: half for each component."""

Values = NDArray[Any]


def wrong_with_maps(
    row: dict[str, Any], code: str | None, product: Product | None, size: Size, labels: Labels | None
) -> Iterator[tuple[str, str, str]]:
    """The maps of a row that are wrong, as (column, the rule that it breaks, value).

    ``row``: its cells by column. ``product``: what it was made from, or None where it cannot be known which
    pictures have geometry. ``labels``: the mask, shape (height, width), where there is one.
    """
    shown = None if labels is None else labels != BACKDROP
    for name in MAPS:
        if name not in row:
            continue
        cell = row[name]
        if product is not None and (cell is not None) != has_geometry(product):
            yield name, "is null exactly where the picture is drawn from a silhouette", "..."
        if cell is None:
            continue
        file = str(cell.get("path"))
        if code is not None and file != f"{code}{ENDS[name]}":
            yield name, f"is named by the code and {ENDS[name]}", file
        values, wrong = read_map(name, cell.get("bytes"), size)
        if values is None:
            yield name, f"the map {wrong}", "..."
            continue
        surface = values.any(axis=2) if values.ndim == 3 else values > 0
        if shown is not None and not np.array_equal(surface, shown):
            other = "the mask shows backdrop" if labels is not None else "the normals are"
            yield name, f"is 0 exactly where {other}", "..."
        shown = surface if shown is None else shown
        if name == NORMALS and not are_unit_vectors(values[surface]):
            yield name, "has vectors of the length 1 that point to the camera", "..."


def read_map(name: str, content: bytes | None, size: Size) -> tuple[Values | None, str]:
    """A map's values, or None and what is wrong with it in a few words: uint8, shape (height, width, 3), of
    normals, uint16, (height, width), of depth."""
    pixels, fault = read_png(content, size, MODES[name], f"of {PIXELS[name]} a pixel")
    if pixels is None:
        return None, fault
    values = np.frombuffer(pixels, "<u2" if name == DEPTH else np.uint8)
    return values.reshape(size[1], size[0], *([3] if name == NORMALS else [])), ""


def are_unit_vectors(pixels: Values) -> bool:
    """Whether pixels of normals, shape (n, 3), are vectors of the length 1, within rounding, towards the
    camera."""
    vectors = pixels.astype(np.int32) - 128
    squares = (vectors * vectors).sum(axis=1)
    is_unit = (squares >= (UNIT - ROUNDING) ** 2) & (squares <= (UNIT + ROUNDING) ** 2)
    return bool((is_unit & (vectors[:, 2] >= 0)).all())
