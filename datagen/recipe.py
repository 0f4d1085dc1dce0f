"""Recipe: what is wanted, as pure data, checked before anything is made. And the cook that follows it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from datagen import ground_truth
from datagen.arrow import contents, text
from datagen.codes import CodeBook
from datagen.products import House, Product, Products, Sampler
from datagen.profile import Profile, load_profile
from datagen.rows import RowMaker, check
from datagen.streams import MAX_SEED
from schemas import DEFAULT_SCHEMA, InputError, Schema, load_schema
from schemas.schema import Category, Image
from schemas.yaml_file import nearest

Size = tuple[int, int]

SMALLEST, LARGEST = 64, 4096
MOST_SHARDS = 50  # one commit on the Hub takes about so many files
PIECE_ROWS = 8192
PIECE_PICTURES = 200
PIECE_BYTES = 32_000_000  # of pictures, at half a byte a pixel
IMAGE_TYPE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@dataclass(frozen=True)
class Shard:
    """Rows [start, stop) of a dataset, in one file."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Recipe:
    """A dataset that is wanted. ``image_size``: (width, height) in pixels, or None for rows only.

    ``attributes`` and ``masks``: whether it has the columns of :mod:`datagen.ground_truth`.

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
        return ground_truth.wanted(self.attributes, self.masks)

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
    ground_truth.refuse_taken(loaded, ground_truth.wanted(attributes, masks))
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
    if image_size:
        check_drawable(wanted)
    capacity = CodeBook(wanted, seed).capacity
    if rows > capacity:
        raise InputError(
            f"{rows:,} rows need more product codes than the profile {wanted.name} has: "
            f"ask for at most {capacity:,}."
        )
    return Recipe(loaded, wanted, rows, seed, image_size, jpeg_quality, shard_rows, attributes, masks)


def schema_digest(schema: Schema) -> str:
    """SHA-256 (hex) of a schema's content."""
    return hashlib.sha256(schema.model_dump_json().encode()).hexdigest()


def check_drawable(profile: Profile) -> None:
    """Raises InputError where a profile uses a word that the renderer does not know."""
    from datagen.render import vocabulary

    known = {
        "size": vocabulary.SIZES,
        "detail": vocabulary.DETAILS,
        "pattern": vocabulary.PATTERNS,
        "material": vocabulary.MATERIALS,
    }

    def refuse(word: str, words: Any, where: str) -> None:
        if word not in words:
            raise InputError(f"The profile {profile.name}: {where} draws {word!r}; {nearest(word, words)}.")

    for name, kind in profile.kinds.items():
        refuse(kind.drawing or name, vocabulary.KINDS, f"the kind {name}")
        for attribute, word in kind.plain.items():
            refuse(word, known[attribute], f"the kind {name}")
    for slot, words in profile.words.items():
        for name, spoken in words.items():
            drawn = dict(spoken.draw) or ({slot: name} if slot in known else {})
            for attribute, word in drawn.items():
                if attribute in known:
                    refuse(word, known[attribute], f"the {slot} word {name}")
    for shelf in profile.shelves:
        wearer = shelf.wearer or profile.wearers[shelf.path[0]]
        refuse(wearer, vocabulary.WEARERS, f"the shelf {' / '.join(shelf.path)}")


class Picture(NamedTuple):
    """A row's picture as JPEG, and what is wanted of its ground truth: attributes, the mask as PNG."""

    jpeg: bytes
    attributes: dict[str, Any] | None = None
    mask: bytes | None = None


class Piece(NamedTuple):
    """A stretch of rows as a table, and how many families have their first row in it."""

    table: pa.Table
    families: int


class Cook:
    """Follows a recipe: makes any stretch of its rows, pictures included."""

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
        """The rows [start, stop), all columns of the schema in order (the image only if wanted).

        ``pictures``: by row number, where somebody else drew them; else they are drawn here.
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
            told = ground_truth.array(
                [picture.attributes for picture in in_order], ground_truth.TYPES[ground_truth.ATTRIBUTES]
            )
            table = table.append_column(ground_truth.ATTRIBUTES, told)
        if self.recipe.masks:
            masks = _files([picture.mask or b"" for picture in in_order], codes, ground_truth.MASK_END)
            table = table.append_column(ground_truth.MASK, masks)
        return Piece(table, families)

    def stencils(self, rows: range) -> list[int]:
        """For each of the rows a number of the silhouette that its picture is made with."""
        from datagen.render.scene import stencil_of

        return [stencil_of(product) for product in self._sampler.each(self._products(rows))]

    def pictures(self, rows: Sequence[int]) -> dict[int, Picture]:
        """The pictures of some rows, in ascending order, by row number."""
        size = self.recipe.image_size
        if size is None or not rows:
            return {}
        stretch = range(rows[0], rows[-1] + 1)
        products = self._products(stretch)
        each = (self._sampler.one(products, row - stretch.start) for row in rows)
        return {product.row: self._picture(product, size) for product in each}

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
            ground_truth.attributes(product, known) if self.recipe.attributes else None,
            ground_truth.mask_png(known.mask) if self.recipe.masks else None,
        )


def _files(content: Sequence[bytes], codes: pa.Array, end: str) -> pa.Array:
    """Files called by codes and an end, as a column of pictures."""
    names = pc.binary_join_element_wise(codes, text(end), text(""))
    return pa.StructArray.from_arrays([contents(content), names], fields=list(IMAGE_TYPE))


def _levels(schema: Schema, where: Mapping[str, Sequence[str]]) -> dict[int, set[str]]:
    """Category column -> values, as level -> values. Raises InputError for a column that is no category."""
    categories = {column.name: column.level for column in schema.of(Category)}
    for name in where:
        if name not in categories:
            raise InputError(f"{name!r} is no category column of {schema.name}: {nearest(name, categories)}.")
    return {categories[name]: set(values) for name, values in where.items()}
