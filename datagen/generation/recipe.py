"""Recipe: what is wanted, as pure data, checked before anything is made. And the cook that follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.columns import ground_truth
from datagen.columns.rows import check, try_out
from datagen.dataset.shards import MOST_SHARDS, Shard
from datagen.product.codes import CodeBook
from datagen.product.profile import Profile, load_profile
from datagen.product.vocabulary import check_drawable
from datagen.schemas import DEFAULT_SCHEMA, InputError, Schema, load_schema
from datagen.schemas.folder import Size, ground_truth_columns
from datagen.schemas.keyed import MAX_SEED
from datagen.schemas.schema import Category, Image, schema_digest
from datagen.schemas.yaml_file import nearest

SMALLEST, LARGEST = 64, 4096
PIECE_ROWS = 8192
PIECE_PICTURES = 200
PIECE_BYTES = 32_000_000  # of pictures, at half a byte a pixel


@dataclass(frozen=True)
class Recipe:
    """A dataset that is wanted. ``image_size``: (width, height) in pixels, or None for rows only.

    ``attributes`` and ``masks``: whether it has the columns of :mod:`datagen.columns.ground_truth`.

    Where two recipes differ, so may the bytes of their datasets; where they are equal, never.
    """

    schema: Schema
    profile: Profile
    rows: int
    seed: int = 0
    image_size: Size | None = (480, 640)
    jpeg_quality: int = 90
    shard_rows: int = 1000
    attributes: bool = False
    masks: bool = False

    @property
    def ground_truth(self) -> tuple[str, ...]:
        """The columns of ground truth that are wanted, in their order, behind those of the schema."""
        return ground_truth_columns(self.attributes, self.masks)

    @property
    def libraries(self) -> tuple[str, ...]:
        """The libraries whose version decides the rows, apart from those that every dataset needs."""
        return ("faker",) * any(entry.faker is not None for entry in self.profile.drawn.values())

    def shards(self) -> list[Shard]:
        """The shards in order, named as the Hub names them."""
        count = -(-self.rows // self.shard_rows)
        return [
            Shard(
                name=f"data/train-{at:05d}-of-{count:05d}.parquet",
                start=at * self.shard_rows,
                stop=min((at + 1) * self.shard_rows, self.rows),
            )
            for at in range(count)
        ]

    def pieces(self, shard: Shard) -> list[range]:
        """A shard's rows cut into what is made at once: few enough to keep memory low."""
        rows = PIECE_ROWS
        if self.image_size:
            pixels = self.image_size[0] * self.image_size[1]
            rows = max(1, min(PIECE_PICTURES, 2 * PIECE_BYTES // pixels))
        return [range(at, min(at + rows, shard.stop)) for at in range(shard.start, shard.stop, rows)]

    def as_json(self) -> dict[str, Any]:
        """What decides the rows and their bytes, for manifests: names, digests and plain numbers."""
        return {
            "schema": {"name": self.schema.name, "sha256": schema_digest(self.schema)},
            "profile": {"name": self.profile.name, "sha256": self.profile.digest()},
            "rows": self.rows,
            "seed": self.seed,
            "image_size": list(self.image_size) if self.image_size else None,
            "jpeg_quality": self.jpeg_quality if self.image_size else None,
            "shard_rows": self.shard_rows,
            "attributes": self.attributes or None,
            "masks": self.masks or None,
        }


def write_recipe(
    rows: int,
    *,
    seed: int = 0,
    schema: str | Path = DEFAULT_SCHEMA,
    profile: str | Path | None = None,
    image_size: Size | None = (480, 640),
    jpeg_quality: int = 90,
    shard_rows: int | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    attributes: bool = False,
    masks: bool = False,
) -> Recipe:
    """A checked recipe. ``profile`` defaults to the one named like the schema.

    ``where``: category column -> the values wanted. ``shard_rows`` defaults to 1,000 rows with
    pictures and 250,000 without, more where that would give over 50 shards. ``attributes``, ``masks``:
    add a column of what each picture shows. Raises InputError.
    """
    loaded = load_schema(schema)
    wanted = load_profile(profile if profile is not None else loaded.name)
    if where:
        wanted = wanted.only(_levels(loaded, where))
    if image_size and loaded.one(Image) is None:
        raise InputError(f"The schema {loaded.name} has no image column; make it without pictures.")
    if (attributes or masks) and not image_size:
        raise InputError(
            "Attributes and masks tell what a picture shows, and none is wanted; leave out --no-images, or "
            "--attributes and --masks."
        )
    ground_truth.refuse_taken(loaded, ground_truth_columns(attributes, masks))
    if rows < 1:
        raise InputError(f"{rows} rows cannot be made; ask for 1 or more.")
    if not 0 <= seed <= MAX_SEED:
        raise InputError(f"The seed {seed} is out of range: it is a whole number from 0 to {MAX_SEED}.")
    if image_size and not all(SMALLEST <= side <= LARGEST for side in image_size):
        raise InputError(
            f"A picture of {image_size[0]}x{image_size[1]} cannot be drawn: each side is "
            f"{SMALLEST} to {LARGEST} pixels."
        )
    if not 1 <= jpeg_quality <= 100:
        raise InputError(f"The JPEG quality {jpeg_quality} is out of range: it is 1 to 100.")
    if shard_rows is not None and shard_rows < 1:
        raise InputError(f"A shard cannot hold {shard_rows} rows; give 1 or more.")
    usual = 1000 if image_size else 250_000
    shard_rows = shard_rows or max(usual, -(-rows // MOST_SHARDS))
    if -(-rows // shard_rows) > 99_999:
        raise InputError(
            f"{shard_rows} rows a shard would give more than 99,999 shards; give more rows a shard."
        )
    check(loaded, wanted)
    try_out(loaded, wanted)
    if image_size:
        check_drawable(wanted)
    capacity = CodeBook(wanted, seed).capacity
    if rows > capacity:
        raise InputError(
            f"{rows:,} rows need more product codes than the profile {wanted.name} has: "
            f"ask for at most {capacity:,}."
        )
    return Recipe(loaded, wanted, rows, seed, image_size, jpeg_quality, shard_rows, attributes, masks)


def _levels(schema: Schema, where: Mapping[str, Sequence[str]]) -> dict[int, set[str]]:
    """Category column -> values, as level -> values. Raises InputError for a column that is no category."""
    categories = {column.name: column.level for column in schema.of(Category)}
    for name in where:
        if name not in categories:
            raise InputError(f"{name!r} is no category column of {schema.name}: {nearest(name, categories)}.")
    return {categories[name]: set(values) for name, values in where.items()}
