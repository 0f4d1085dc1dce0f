"""The maker: makes any stretch of the rows of a recipe, pictures included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import contents, numbers, text
from datagen.columns import ground_truth
from datagen.columns.rows import RowMaker
from datagen.dataset.shards import IMAGE_TYPE, Piece
from datagen.generation.recipe import Recipe
from datagen.product.product import House, Product, Products
from datagen.product.splits import TitleSplits
from datagen.render.truth import attributes
from datagen.schemas.folder import ATTRIBUTES, DEPTH, KEYPOINTS, MASK, NORMALS, Size
from datagen.schemas.schema import Image


class Picture(NamedTuple):
    """A row's picture as JPEG, and the ground truth that the recipe includes: attributes, a mask as PNG,
    keypoints as 17 lists of x, y and visibility, normals and depth as PNG (None without geometry)."""

    jpeg: bytes
    attributes: dict[str, Any] | None = None
    mask: bytes | None = None
    keypoints: list[list[int]] | None = None
    normals: bytes | None = None
    depth: bytes | None = None


class Maker:
    """Makes any stretch of the rows of a recipe. Making a row again gives the same bytes."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._sampler = recipe.sampler()
        self._rows = RowMaker(recipe.schema, self._sampler)
        self._splits = TitleSplits(recipe.profile, dict(recipe.splits)) if recipe.splits else None
        self._house = House(recipe.profile.house.name, recipe.profile.house.letters)
        self._sampled: tuple[range, Products] | None = None

    @property
    def capacity(self) -> int:
        """The most rows that a dataset of this recipe can have."""
        fixed = self.recipe.parts and not self.recipe.balance
        return self.recipe.rows if fixed else self._sampler.codes.capacity

    def piece(self, start: int, stop: int) -> Piece:
        """The rows [start, stop); see :meth:`rows`."""
        return self.rows(range(start, stop))

    def rows(self, rows: Sequence[int], pictures: Mapping[int, Picture] | None = None) -> Piece:
        """Some rows, ascending: all columns of the schema in order (the image if the recipe has pictures).

        What lies between them is sampled, too, so they should be near each other.
        ``pictures``: by row number, where they are drawn already; otherwise they are drawn here.
        """
        products = self._products(range(rows[0], rows[-1] + 1) if len(rows) else range(0))
        if len(products) != len(rows):
            products = products.take(np.flatnonzero(np.isin(products.row, rows)))
        splits = self._splits.of(self._sampler.titles.compose(products.phrases)) if self._splits else None
        piece = Piece(self._rows.table(products), products.leads, splits)
        column = self.recipe.schema.one(Image)
        if self.recipe.image_size is None or column is None:
            return piece
        drawn = self.pictures(rows) if pictures is None else pictures
        in_order = [drawn[row] for row in rows]
        codes = self._sampler.codes.text(products.number)
        table = piece.table
        files = partial(_files, codes=codes)
        images = files([picture.jpeg for picture in in_order], end=".jpg")
        at = self.recipe.schema.columns.index(column)
        table = table.add_column(at, pa.field(column.name, IMAGE_TYPE), images)
        if self.recipe.attributes:
            known = [picture.attributes for picture in in_order]
            column_of_attributes = ground_truth.array(known, ground_truth.TYPES[ATTRIBUTES])
            table = table.append_column(ATTRIBUTES, column_of_attributes)
        if self.recipe.masks:
            masks = files([picture.mask for picture in in_order], end=ground_truth.ENDS[MASK])
            table = table.append_column(MASK, masks)
        if self.recipe.keypoints:
            joints = ground_truth.array(
                [picture.keypoints for picture in in_order], ground_truth.TYPES[KEYPOINTS]
            )
            table = table.append_column(KEYPOINTS, joints)
        if self.recipe.normals:
            normals = files([picture.normals for picture in in_order], end=ground_truth.ENDS[NORMALS])
            table = table.append_column(NORMALS, normals)
        if self.recipe.depth:
            depth = files([picture.depth for picture in in_order], end=ground_truth.ENDS[DEPTH])
            table = table.append_column(DEPTH, depth)
        return piece._replace(table=table)

    def drawing_keys(self, rows: Sequence[int]) -> list[tuple[str, str]]:
        """For each row what its picture shows; see :func:`datagen.render.scene.drawing_key`."""
        from datagen.render.scene import drawing_key

        return [drawing_key(product) for product in self._each(rows)]

    def pictures(
        self,
        rows: Sequence[int],
        on_picture: Callable[[], None] = lambda: None,
        *,
        among: range | None = None,
    ) -> dict[int, Picture]:
        """The pictures of some rows, drawn in that order, by row number. Calls ``on_picture`` after each.

        ``among``: a range in which they lie; all of it is sampled, once for calls with the same range.
        """
        size = self.recipe.image_size
        if size is None or not rows:
            return {}
        pictures: dict[int, Picture] = {}
        for product in self._each(rows, among):
            pictures[product.row] = self._picture(product, size)
            on_picture()
        return pictures

    def _each(self, rows: Sequence[int], among: range | None = None) -> Iterator[Product]:
        among = among or range(min(rows), max(rows) + 1)
        if self._sampled is None or self._sampled[0] != among:
            self._sampled = among, self._products(among)
        products = self._sampled[1]
        return (self._sampler.one(products, row - among.start) for row in rows)

    def _products(self, rows: range) -> Products:
        return self._sampler.products(rows.start, rows.stop)

    def _picture(self, product: Product, size: Size) -> Picture:
        from datagen.render.keypoints import keypoints
        from datagen.render.maps import maps
        from datagen.render.scene import jpeg
        from datagen.render.truth import truth

        drawn = jpeg(product, self._house, size, self.recipe.jpeg_quality)
        if not self.recipe.ground_truth:
            return Picture(drawn)
        known = truth(product, size) if self.recipe.attributes or self.recipe.masks else None
        surfaces = maps(product, size) if self.recipe.normals or self.recipe.depth else None
        return Picture(
            drawn,
            attributes(product, known) if known and self.recipe.attributes else None,
            ground_truth.mask_png(known.mask) if known and self.recipe.masks else None,
            keypoints(product, size).tolist() if self.recipe.keypoints else None,
            ground_truth.map_png(surfaces.normals) if surfaces and self.recipe.normals else None,
            ground_truth.map_png(surfaces.depth) if surfaces and self.recipe.depth else None,
        )


def _files(content: Sequence[bytes | None], codes: pa.Array, end: str) -> pa.Array:
    """Files named by codes and an ending, as a column of pictures; None as null."""
    names = pc.binary_join_element_wise(codes, text(end), text(""))
    missing = np.array([each is None for each in content], np.bool_)
    fields = [contents([each or b"" for each in content]), names]
    return pa.StructArray.from_arrays(
        fields, fields=list(IMAGE_TYPE), mask=numbers(missing) if missing.any() else None
    )
