"""Recipe: the dataset to make, as pure data, checked before anything is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from datagen.columns import ground_truth
from datagen.columns.rows import check, try_out
from datagen.dataset.shards import MOST_SHARDS, Shard
from datagen.generation.options import check_options
from datagen.product.codes import CodeBook
from datagen.product.profile import Profile, load_profile, profile_of
from datagen.product.vocabulary import LARGEST_SIDE, SMALLEST_SIDE, check_drawable
from datagen.schemas import DEFAULT_SCHEMA, InputError, Schema, load_schema
from datagen.schemas.folder import Size, ground_truth_columns
from datagen.schemas.keyed import MAX_SEED
from datagen.schemas.schema import Category, Image, schema_digest
from datagen.schemas.yaml_file import nearest

PIECE_ROWS = 8192
PIECE_PICTURES = 200
PIECE_BYTES = 32_000_000  # of pictures, at half a byte a pixel


class RowOptions(TypedDict, total=False):
    """What decides the content of a row, besides its number; :func:`write_recipe` has the defaults."""

    seed: int
    """From 0 to 2**64 - 1; another seed gives other products."""
    schema: str | Path
    """The columns: the name of a built-in schema, or a YAML file."""
    profile: str | Path | None
    """What the catalogue looks like: a built-in name, or a YAML file. None: the name of the schema."""
    image_size: Size | None
    """(width, height) of the pictures in pixels, each from 64 to 4,096. None: no pictures."""
    jpeg_quality: int
    """From 1 to 100."""
    where: Mapping[str, str | Sequence[str]] | None
    """Category column -> the value or values to make; columns that are not named are not restricted."""
    attributes: bool
    """Whether to add a column of what each picture shows (:mod:`datagen.columns.ground_truth`)."""
    masks: bool
    """Whether to add a column of masks, PNG: which pixels are the product."""


class RecipeOptions(RowOptions, total=False):
    """What decides the bytes of a dataset, besides its number of rows."""

    shard_rows: int | None
    """Rows in a shard. None: 1,000 with pictures, 250,000 without; more where that gives over 50 shards."""


@dataclass(frozen=True)
class Recipe:
    """A dataset to make. ``image_size``: (width, height) in pixels, or None for rows only.

    ``attributes`` and ``masks``: whether it has the columns of :mod:`datagen.columns.ground_truth`.

    Equal recipes give equal bytes.
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
        """The columns of ground truth, in their order; they follow those of the schema."""
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
        """A shard's rows in stretches that are made at once, small enough to keep memory low."""
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
    where: Mapping[str, str | Sequence[str]] | None = None,
    attributes: bool = False,
    masks: bool = False,
) -> Recipe:
    """A checked recipe. The options are those of :class:`RecipeOptions`. Raises InputError."""
    options = check_options(
        {
            "rows": rows,
            "seed": seed,
            "schema": schema,
            "profile": profile,
            "image_size": image_size,
            "jpeg_quality": jpeg_quality,
            "shard_rows": shard_rows,
            "where": where,
            "attributes": attributes,
            "masks": masks,
        }
    )
    rows, seed, image_size, where = (options[name] for name in ("rows", "seed", "image_size", "where"))
    jpeg_quality, shard_rows = options["jpeg_quality"], options["shard_rows"]
    attributes, masks = options["attributes"], options["masks"]
    loaded = load_schema(schema)
    likeness = load_profile(profile if profile is not None else profile_of(schema, loaded.name))
    if where:
        likeness = likeness.only(_levels(loaded, where))
    if image_size and loaded.one(Image) is None:
        raise InputError(f"The schema {loaded.name} has no image column; make it without pictures.")
    if (attributes or masks) and not image_size:
        raise InputError(
            "Attributes and masks say what a picture shows, and there are no pictures; "
            "leave out --no-images, or --attributes and --masks."
        )
    ground_truth.refuse_taken(loaded, ground_truth_columns(attributes, masks))
    if rows < 1:
        raise InputError(f"{rows} rows cannot be made; give 1 or more.")
    if not 0 <= seed <= MAX_SEED:
        raise InputError(f"The seed {seed} is out of range; give a whole number from 0 to {MAX_SEED}.")
    if image_size and not all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in image_size):
        raise InputError(
            f"A picture of {image_size[0]}x{image_size[1]} cannot be drawn: each side is "
            f"{SMALLEST_SIDE} to {LARGEST_SIDE} pixels."
        )
    if not 1 <= jpeg_quality <= 100:
        raise InputError(f"The JPEG quality {jpeg_quality} is out of range; give 1 to 100.")
    if shard_rows is not None and shard_rows < 1:
        raise InputError(f"A shard cannot hold {shard_rows} rows; give 1 or more.")
    usual = 1000 if image_size else 250_000
    shard_rows = shard_rows or max(usual, -(-rows // MOST_SHARDS))
    if -(-rows // shard_rows) > 99_999:
        raise InputError(
            f"{shard_rows} rows per shard would give more than 99,999 shards; give more rows per shard."
        )
    check(loaded, likeness)
    try_out(loaded, likeness)
    check_drawable(likeness)
    capacity = CodeBook(likeness, seed).capacity
    if rows > capacity:
        raise InputError(
            f"{rows:,} rows need more product codes than the profile {likeness.name} has: "
            f"ask for at most {capacity:,}."
        )
    return Recipe(loaded, likeness, rows, seed, image_size, jpeg_quality, shard_rows, attributes, masks)


def _levels(schema: Schema, where: Mapping[str, str | Sequence[str]]) -> dict[int, set[str]]:
    """Category column -> values, as level -> values. Raises InputError for any other column."""
    categories = {column.name: column.level for column in schema.of(Category)}
    for name in where:
        if name not in categories:
            raise InputError(
                f"{name!r} is not a category column of {schema.name}: {nearest(name, categories)}."
            )
    return {categories[name]: set(values) for name, values in where.items()}
