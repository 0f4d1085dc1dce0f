"""A Faker provider: ``fake.add_provider(ProductProvider)``, then ``fake.product()``.

Products follow Faker's own seed: after ``Faker.seed(1)`` or ``fake.seed_instance(1)`` the same
calls give the same products.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pyarrow as pa
from faker.providers import BaseProvider

from datagen.generation.maker import Maker
from datagen.generation.recipe import write_recipe
from datagen.product.blocks import BLOCK

CATALOGUE_ROWS = 16 * BLOCK
"""Products are picked from a catalogue of this many rows, which is kept in memory once made (about 20 MB)."""


class ProductProvider(BaseProvider):
    """Rows of the built-in catalogue, one at a time."""

    def product(self, images: bool = False) -> dict[str, Any]:
        """One product as a dict of the schema's columns; with ``images``, its picture as JPEG bytes too."""
        row: int = self.random_int(0, CATALOGUE_ROWS - 1)
        if images:
            return dict(_maker(True).piece(row, row + 1).table.to_pylist()[0])
        return dict(_block(row // BLOCK).slice(row % BLOCK, 1).to_pylist()[0])


@lru_cache(maxsize=2)
def _maker(images: bool) -> Maker:
    return Maker(write_recipe(CATALOGUE_ROWS, image_size=(480, 640) if images else None))


@lru_cache(maxsize=16)
def _block(block: int) -> pa.Table:
    return _maker(False).piece(block * BLOCK, (block + 1) * BLOCK).table
