"""The maker: makes any stretch of the rows of a recipe, pictures included."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from datagen.arrow import contents, text
from datagen.columns import ground_truth
from datagen.columns.rows import RowMaker
from datagen.dataset.shards import IMAGE_TYPE, Piece
from datagen.generation.recipe import Recipe
from datagen.product.product import House, Product, Products
from datagen.product.sampler import Sampler
from datagen.render.truth import attributes
from datagen.schemas.folder import ATTRIBUTES, MASK, Size
from datagen.schemas.schema import Image


class Picture(NamedTuple):
    """A row's picture as JPEG, and the ground truth that the recipe includes: attributes, a mask as PNG."""

    jpeg: bytes
    attributes: dict[str, Any] | None = None
    mask: bytes | None = None


class Maker:
    """Makes any stretch of the rows of a recipe. Making a row again gives the same bytes."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._sampler = Sampler(recipe.profile, recipe.seed)
        self._rows = RowMaker(recipe.schema, self._sampler)
        self._house = House(recipe.profile.house.name, recipe.profile.house.letters)

    @property
    def capacity(self) -> int:
        """The most rows that a dataset of this profile can have."""
        return self._sampler.codes.capacity

    def piece(self, start: int, stop: int, pictures: Mapping[int, Picture] | None = None) -> Piece:
        """The rows [start, stop), all columns of the schema in order (the image if the recipe has pictures).

        ``pictures``: by row number, where they are drawn already; otherwise they are drawn here.
        """
        products = self._sampler.products(start, stop)
        families = int((products.family == products.row).sum())
        table = self._rows.table(products)
        column = self.recipe.schema.one(Image)
        if self.recipe.image_size is None or column is None:
            return Piece(table, families)
        drawn = self.pictures(range(start, stop)) if pictures is None else pictures
        in_order = [drawn[row] for row in range(start, stop)]
        codes = self._sampler.codes.text(products.number)
        images = _files([picture.jpeg for picture in in_order], codes, ".jpg")
        at = self.recipe.schema.columns.index(column)
        table = table.add_column(at, pa.field(column.name, IMAGE_TYPE), images)
        if self.recipe.attributes:
            known = [picture.attributes for picture in in_order]
            column_of_attributes = ground_truth.array(known, ground_truth.TYPES[ATTRIBUTES])
            table = table.append_column(ATTRIBUTES, column_of_attributes)
        if self.recipe.masks:
            masks = _files([picture.mask or b"" for picture in in_order], codes, ground_truth.MASK_END)
            table = table.append_column(MASK, masks)
        return Piece(table, families)

    def stencils(self, rows: range) -> list[int]:
        """For each row the number of the silhouette that its picture is made with."""
        from datagen.render.scene import stencil_id

        return [stencil_id(product) for product in self._sampler.each(self._products(rows))]

    def pictures(
        self, rows: Sequence[int], on_picture: Callable[[], None] = lambda: None
    ) -> dict[int, Picture]:
        """The pictures of some rows, in ascending order, by row number. Calls ``on_picture`` after each."""
        size = self.recipe.image_size
        if size is None or not rows:
            return {}
        stretch = range(rows[0], rows[-1] + 1)
        products = self._products(stretch)
        each = (self._sampler.one(products, row - stretch.start) for row in rows)
        pictures: dict[int, Picture] = {}
        for product in each:
            pictures[product.row] = self._picture(product, size)
            on_picture()
        return pictures

    def _products(self, rows: range) -> Products:
        return self._sampler.products(rows.start, rows.stop)

    def _picture(self, product: Product, size: Size) -> Picture:
        from datagen.render.scene import jpeg
        from datagen.render.truth import truth

        drawn = jpeg(product, self._house, size, self.recipe.jpeg_quality)
        if not self.recipe.ground_truth:
            return Picture(drawn)
        known = truth(product, size)
        return Picture(
            drawn,
            attributes(product, known) if self.recipe.attributes else None,
            ground_truth.mask_png(known.mask) if self.recipe.masks else None,
        )


def _files(content: Sequence[bytes], codes: pa.Array, end: str) -> pa.Array:
    """Files named by codes and an ending, as a column of pictures."""
    names = pc.binary_join_element_wise(codes, text(end), text(""))
    return pa.StructArray.from_arrays([contents(content), names], fields=list(IMAGE_TYPE))
