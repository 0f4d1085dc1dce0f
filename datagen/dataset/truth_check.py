"""Checking the columns of ground truth: each row's against its product and each other.

What a picture was drawn from is sampled again, which takes microseconds a row; nothing is drawn again. The
values are not trusted: a mask is decoded only if its header has the size of the pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from datagen.columns.code import code_texts
from datagen.columns.ground_truth import (
    ABSENT,
    FIGURE_LABEL,
    LABELS,
    MASK_END,
    VISIBILITY,
    VISIBLE,
    Labels,
    bounds,
    sampled,
)
from datagen.dataset.folder import Folder
from datagen.dataset.map_check import wrong_with_maps
from datagen.dataset.png_check import read_png
from datagen.dataset.split_rows import SplitRows
from datagen.product.blocks import BLOCK
from datagen.product.product import Product
from datagen.product.sampler import Sampler
from datagen.product.selection import read_selection
from datagen.product.splits import TitleSplits
from datagen.render.baked.layers import index
from datagen.render.layers import FIGURE, FILLS
from datagen.render.scene import is_worn
from datagen.schemas.folder import ATTRIBUTES, KEYPOINTS, MAPS, MASK, Size

PARTS = frozenset(FILLS) - frozenset(FIGURE)


class Fault(NamedTuple):
    """What is wrong with the row at a position of a table; ``column`` may name a field of the attributes."""

    at: int
    column: str
    rule: str
    value: str


class TruthCheck:
    """The check of one dataset; :meth:`faults` takes its rows a table at a time."""

    def __init__(self, folder: Folder) -> None:
        """Raises InputError where the profile and the seed make no products."""
        self._folder = folder
        recipe = folder.manifest.recipe
        self._sampler = None
        if folder.profile and recipe:
            asked = recipe.where or {}, recipe.parts or {}, bool(recipe.balance)
            selection = read_selection(folder.schema, folder.profile, *asked)
            self._sampler = Sampler(folder.profile, recipe.seed, selection)
        # Other layers than those that the pictures were composed from may show other products.
        composed_from = recipe.layers.sha256 if recipe and recipe.layers else ""
        self._knows_geometry = self._folder.manifest.has_pictures and composed_from == index().digest
        self._first: dict[str, int] = {}
        self._split_rows: dict[str, SplitRows] = {}
        if self._sampler and folder.profile and recipe and recipe.splits:
            splits = TitleSplits(folder.profile, recipe.splits)
            first = 0
            for split, count in folder.manifest.rows_by_split.items():
                self._first[split] = first
                self._split_rows[split] = SplitRows(self._sampler, splits, split, folder.manifest.rows)
                first += count

    def _products(self, rows: NDArray[np.int64], split: str | None) -> Iterator[Product]:
        """The products that rows of a split were made from, ascending; fewer where it has no more."""
        assert self._sampler is not None  # noqa: S101 - faults() made sure
        if split is not None:
            rows = self._split_rows[split].at(rows - self._first[split])
        for block in np.split(rows, np.flatnonzero(np.diff(rows // BLOCK)) + 1):
            if len(block):
                products = self._sampler.products(int(block[0]), int(block[-1]) + 1)
                yield from (self._sampler.one(products, int(row - block[0])) for row in block)

    def faults(self, table: pa.Table, rows: NDArray[np.int64], split: str | None = None) -> Iterator[Fault]:
        """The faults of a table whose rows have these numbers in the dataset; without nulls, but for maps.

        ``split``: the one that they are of, in a dataset with splits.
        """
        names, size = self._folder.ground_truth, self._folder.manifest.image_size
        if not names or size is None or self._sampler is None or not len(rows):
            return
        codes = code_texts(table, self._folder.schema)
        products = self._products(rows, split)
        for at in range(len(rows)):
            labels, product = None, next(products, None)
            if product is None:
                yield Fault(at, names[0], "is in a split that has no such row", "...")
                return
            if MASK in names:
                value = table[MASK][at].as_py()
                labels, wrong = read_mask(value.get("bytes"), size)
                if wrong:
                    yield Fault(at, MASK, f"the mask {wrong}", "...")
                name = str(value.get("path"))
                if codes is not None and name != f"{codes[at].as_py()}{MASK_END}":
                    yield Fault(at, MASK, f"is named by the code and {MASK_END}", name)
            if ATTRIBUTES in names:
                attributes = table[ATTRIBUTES][at].as_py()
                for field, rule in wrong_with(attributes, product, size, labels):
                    yield Fault(at, f"{ATTRIBUTES}.{field}", rule, str(attributes.get(field)))
            if KEYPOINTS in names:
                value = table[KEYPOINTS][at].as_py()
                for rule in wrong_with_keypoints(value, is_worn(product), size, labels):
                    yield Fault(at, KEYPOINTS, rule, str(value))
            maps = {name: table[name][at].as_py() for name in MAPS if name in names}
            code = None if codes is None else codes[at].as_py()
            for name, rule, text in wrong_with_maps(
                maps, code, product if self._knows_geometry else None, size, labels
            ):
                yield Fault(at, name, rule, text)


def wrong_with(
    attributes: dict[str, Any], product: Product, size: Size, labels: Labels | None
) -> Iterator[tuple[str, str]]:
    """The fields of a row's attributes that are wrong, and the rules that they break.

    ``labels`` is the mask, shape (height, width), where there is one.
    """
    for field, value in {**sampled(product), "worn": is_worn(product)}.items():
        if attributes.get(field) != value:
            yield field, "matches the product of the row"
    parts = attributes.get("parts") or []
    if parts[:1] != ["ground"] or parts[1:] != sorted({*parts[1:]} & PARTS - {"ground"}):
        yield "parts", "lists parts that are drawn, the ground first"
    if labels is not None and not attributes.get("worn") and (labels == FIGURE_LABEL).any():
        yield "worn", "is true where the mask shows a figure"
    box = attributes.get("box") or [None]
    if labels is not None and box != list(bounds(labels)):
        yield "box", "bounds the subject of the mask"
    elif None in box or not is_inside(box, size):
        yield "box", "lies inside the picture"


def wrong_with_keypoints(
    keypoints: list[list[int]], worn: bool, size: Size, labels: Labels | None
) -> Iterator[str]:
    """The rules that a row's keypoints break. ``labels`` as for :func:`wrong_with`."""
    try:
        points = np.array(keypoints, np.int64)
        x, y, visibility = points.T
    except (TypeError, ValueError):
        yield "has three numbers for each keypoint"
        return
    present = visibility != ABSENT
    if ((visibility < min(VISIBILITY)) | (visibility > max(VISIBILITY))).any():
        yield f"has the visibility {' or '.join(map(str, VISIBILITY))}"
    elif points[~present].any():
        yield "has zeros where a keypoint is absent"
    elif ((x < 0) | (x >= size[0]) | (y < 0) | (y >= size[1])).any():
        yield "lies inside the picture"
    elif present.any() and not worn:
        yield "has keypoints only where a figure wears the product"
    elif labels is not None:
        seen = visibility == VISIBLE
        if (labels[y[seen], x[seen]] != FIGURE_LABEL).any():
            yield "has visible keypoints only on the figure of the mask"


def read_mask(content: bytes | None, size: Size) -> tuple[Labels | None, str]:
    """The labels of a mask, shape (height, width), or None and what is wrong with it in a few words."""
    pixels, fault = read_png(content, size, "P", "with a palette")
    if pixels is None:
        return None, fault
    labels = np.frombuffer(pixels, np.uint8).reshape(size[1], size[0])
    high = int(labels.max())
    return (None, f"has the label {high}, which has no meaning") if high not in LABELS else (labels, "")


def is_inside(box: list[int], size: Size) -> bool:
    """Whether a box lies in the picture; (0, 0, 0, 0) means that nothing of the product can be seen."""
    x0, y0, x1, y1 = box
    return box == [0, 0, 0, 0] or (0 <= x0 < x1 <= size[0] and 0 <= y0 < y1 <= size[1])
