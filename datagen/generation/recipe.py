"""Recipe: the dataset to make, as pure data, checked before anything is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from datagen.columns import ground_truth
from datagen.columns.rows import check, try_out
from datagen.dataset.shards import MOST_SHARDS, Shard, shard_name
from datagen.generation.options import check_options
from datagen.generation.row_splits import split_shards
from datagen.product.codes import CodeBook
from datagen.product.conditions import Where, read_where, restrict
from datagen.product.profile import Profile, load_profile, profile_of
from datagen.product.sampler import Sampler
from datagen.product.selection import Selection, balanced, counted, read_selection, refuse_rare
from datagen.product.splits import checked_shares
from datagen.product.vocabulary import LARGEST_SIDE, SMALLEST_SIDE, check_drawable
from datagen.render.baked.layers import index
from datagen.schemas import DEFAULT_SCHEMA, InputError, Schema, load_schema
from datagen.schemas.folder import NamedDigest, Size, ground_truth_columns
from datagen.schemas.keyed import MAX_SEED
from datagen.schemas.schema import Image, schema_digest

MOST_PICTURES, MOST_PLAIN_ROWS = 10_000, 5_000_000
"""The most rows of a shard, unless more are asked for: about 400 MB, which one core makes in about a minute.
Fewer and larger shards would leave most of a cluster without work."""

NUMBERED_SHARDS = 99_999
"""The number of a shard has five digits in its name."""

PIECE_ROWS = 8192
PIECE_PICTURES = 200
PIECE_BYTES = 32_000_000  # of pictures, at half a byte a pixel


class RowOptions(TypedDict, total=False):
    """What decides the content of a row, besides its number; :func:`write_recipe` has the defaults."""

    seed: int
    """From 0 to 2**64 - 1; another seed gives other products."""
    schema: str | Path | Schema
    """The columns: the name of a built-in schema, a YAML file, or the schema itself."""
    profile: str | Path | Profile | None
    """What the catalogue looks like: a built-in name, a YAML file, or the profile itself. None: the name of
    the schema."""
    image_size: Size | None
    """(width, height) of the pictures in pixels, each from 64 to 4,096. None: no pictures."""
    jpeg_quality: int
    """From 1 to 100."""
    where: Where | None
    """Conditions on every product: ``["kind=tote,clutch", "price<500"]``, or by name ``{"kind": "tote"}``.

    Names are the category columns, kind, wearer, what a picture shows (size, detail, pattern, material,
    colourway) and the price columns. Case, blanks and underscores do not matter."""
    count: Mapping[str, int] | None
    """Exact numbers of rows by category value or kind, ``{"BAGS": 200, "category3:CAPS": 50}``; further rows
    are of other products. A value without a column is that of the outermost category which has it."""
    balance: str | None
    """A category column, ``kind`` or ``wearer``, each of whose values gets as many rows as the others."""
    attributes: bool
    """Whether to add a column of what each picture shows (:mod:`datagen.columns.ground_truth`)."""
    masks: bool
    """Whether to add a column of masks, PNG: which pixels are the product."""
    keypoints: bool
    """Whether to add a column of 17 body keypoints of whoever wears the product."""
    normals: bool
    """Whether to add a column of normals, PNG: which way surfaces face. Null for pictures without geometry
    (:mod:`datagen.render.maps`)."""
    depth: bool
    """Whether to add a column of depth, 16-bit PNG: millimetres from the camera. Null as normals are."""


class RecipeOptions(RowOptions, total=False):
    """What decides the bytes of a dataset, besides its number of rows."""

    shard_rows: int | None
    """Rows in a shard. None: 1,000 with pictures, 250,000 without; more where that gives over 50 shards, but
    at most 10,000 and 5,000,000."""
    splits: Mapping[str, float] | None
    """Split -> its share of the rows; the shares add up to 1. Products of like titles are in one split
    (:mod:`datagen.product.splits`). None: one split, train."""


@dataclass(frozen=True)
class Recipe:
    """A dataset to make. ``image_size``: (width, height) in pixels, or None for rows only.

    ``attributes``, ``masks``, ``keypoints``, ``normals`` and ``depth``: whether it has the columns of
    :mod:`datagen.columns.ground_truth`.
    ``where``: what every product satisfies; ``parts``: rows by part, mixed by number, or in turn where
    ``balance`` names the column (:mod:`datagen.product.selection`). The profile has what they leave.
    ``splits``: names and shares of its splits; empty for a dataset that has none. ``like``: the name and the
    digest of the rows that schema and profile were fitted to by the same command.

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
    keypoints: bool = False
    normals: bool = False
    depth: bool = False
    where: Mapping[str, list[str]] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    balance: str | None = None
    splits: tuple[tuple[str, float], ...] = ()
    like: NamedDigest | None = None

    @property
    def selection(self) -> Selection:
        """What is asked for, as the sampler takes it."""
        return read_selection(self.schema, self.profile, self.where, self.parts, bool(self.balance))

    @property
    def ground_truth(self) -> tuple[str, ...]:
        """The columns of ground truth, in their order; they follow those of the schema."""
        return ground_truth_columns(self.attributes, self.masks, self.keypoints, self.normals, self.depth)

    @property
    def size_of_files(self) -> int:
        """About how many times the size of a row's picture all its files have: a map of depth is as large
        as the picture, one of normals three times."""
        return 1 + 3 * self.normals + self.depth

    @property
    def libraries(self) -> tuple[str, ...]:
        """The libraries whose version decides the rows, apart from those that every dataset needs."""
        return ("faker",) * any(entry.faker is not None for entry in self.profile.drawn.values())

    def sampler(self) -> Sampler:
        """What draws the products of its rows."""
        return Sampler(self.profile, self.seed, self.selection)

    def shards(self) -> list[Shard]:
        """The shards in order; with splits, found by a pass over the titles.

        Raises InputError where a split would be empty.
        """
        if self.splits:
            return split_shards(self.sampler(), self.rows, dict(self.splits), self.shard_rows)
        count = -(-self.rows // self.shard_rows)
        return [
            Shard(shard_name("train", at, count), start, stop, rows=stop - start)
            for at in range(count)
            for start, stop in [(at * self.shard_rows, min((at + 1) * self.shard_rows, self.rows))]
        ]

    def pieces(self, shard: Shard) -> list[range]:
        """A shard's rows in stretches that are made at once."""
        rows = self.piece_rows
        return [range(at, min(at + rows, shard.stop)) for at in range(shard.start, shard.stop, rows)]

    @property
    def piece_rows(self) -> int:
        """How many rows are made at once: few enough to keep memory low."""
        if self.image_size is None:
            return PIECE_ROWS
        pixels = self.image_size[0] * self.image_size[1]
        return max(1, min(PIECE_PICTURES, 2 * PIECE_BYTES // (pixels * self.size_of_files)))

    def as_json(self) -> dict[str, Any]:
        """What decides the rows and their bytes, for manifests: names, digests and plain numbers.

        Raises RunFailed where pictures are asked for and the layers that figures are made from are missing.
        """
        return {
            "schema": {"name": self.schema.name, "sha256": schema_digest(self.schema)},
            "profile": {"name": self.profile.name, "sha256": self.profile.digest()},
            "rows": self.rows,
            "seed": self.seed,
            "image_size": list(self.image_size) if self.image_size else None,
            "jpeg_quality": self.jpeg_quality if self.image_size else None,
            "shard_rows": self.shard_rows,
            "splits": dict(self.splits) or None,
            "attributes": self.attributes or None,
            "masks": self.masks or None,
            "keypoints": self.keypoints or None,
            "normals": self.normals or None,
            "depth": self.depth or None,
            "where": self.where or None,
            "parts": self.parts or None,
            "balance": self.balance,
            "like": self.like.model_dump() if self.like else None,
            "layers": {"name": "baked", "sha256": index().digest} if self.image_size else None,
        }


def write_recipe(
    rows: int | None = None,
    *,
    seed: int = 0,
    schema: str | Path | Schema = DEFAULT_SCHEMA,
    profile: str | Path | Profile | None = None,
    image_size: Size | None = (480, 640),
    jpeg_quality: int = 90,
    shard_rows: int | None = None,
    where: Where | None = None,
    count: Mapping[str, int] | None = None,
    balance: str | None = None,
    attributes: bool = False,
    masks: bool = False,
    keypoints: bool = False,
    normals: bool = False,
    depth: bool = False,
    splits: Mapping[str, float] | None = None,
) -> Recipe:
    """A checked recipe. The options are those of :class:`RecipeOptions`. Raises InputError.

    ``rows`` may be left out where ``count`` says how many there are.
    """
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
            "count": count,
            "balance": balance,
            "attributes": attributes,
            "masks": masks,
            "keypoints": keypoints,
            "normals": normals,
            "depth": depth,
            "splits": splits,
        }
    )
    rows, seed, image_size, where = (options[name] for name in ("rows", "seed", "image_size", "where"))
    jpeg_quality, shard_rows = options["jpeg_quality"], options["shard_rows"]
    count, balance = options["count"], options["balance"]
    attributes, masks, keypoints = options["attributes"], options["masks"], options["keypoints"]
    normals, depth = options["normals"], options["depth"]
    splits = options["splits"]
    named = schema.name if isinstance(schema, Schema) else schema
    loaded = schema if isinstance(schema, Schema) else load_schema(schema)
    if isinstance(profile, Profile):
        likeness = profile
    else:
        likeness = load_profile(profile or profile_of(named, loaded.name))
    if image_size and loaded.one(Image) is None:
        raise InputError(f"The schema {loaded.name} has no image column; make it without pictures.")
    asked = ground_truth_columns(attributes, masks, keypoints, normals, depth)
    if asked and not image_size:
        options_of = " and ".join(ground_truth.OPTIONS[name] for name in asked)
        raise InputError(
            "Columns of ground truth say what a picture shows, and there are no pictures; "
            f"leave out --no-images, or {options_of}."
        )
    ground_truth.refuse_taken(loaded, asked)
    if not 0 <= seed <= MAX_SEED:
        raise InputError(f"The seed {seed} is out of range; give a whole number from 0 to {MAX_SEED}.")
    if image_size and not all(SMALLEST_SIDE <= side <= LARGEST_SIDE for side in image_size):
        raise InputError(
            f"A picture of {image_size[0]}x{image_size[1]} cannot be drawn: each side is "
            f"{SMALLEST_SIDE} to {LARGEST_SIDE} pixels."
        )
    if not 1 <= jpeg_quality <= 100:
        raise InputError(f"The JPEG quality {jpeg_quality} is out of range; give 1 to 100.")
    check(loaded, likeness)
    conditions = read_where(where, loaded, likeness)
    likeness = restrict(likeness, conditions) if where else likeness
    parts: dict[str, int] = {}
    if count:
        if balance:
            raise InputError(
                "Exact numbers and balance contradict each other; give one of --count and --balance."
            )
        parts = counted(loaded, likeness, count, rows)
        rows = sum(parts.values())
    if rows is None:
        raise InputError("The number of products is missing; give --rows, or --count for some of them.")
    if rows < 1:
        raise InputError(f"{rows} rows cannot be made; give 1 or more.")
    if balance:
        balance, parts = balanced(loaded, likeness, conditions.texts, balance, rows, seed)
    if shard_rows is not None and shard_rows < 1:
        raise InputError(f"A shard cannot hold {shard_rows} rows; give 1 or more.")
    shard_rows = shard_rows or usual_shard_rows(rows, pictures=image_size is not None)
    if -(-rows // shard_rows) > NUMBERED_SHARDS:
        raise InputError(
            f"{shard_rows} rows per shard would give more than 99,999 shards; give more rows per shard."
        )
    shares = tuple(checked_shares(splits).items()) if splits is not None else ()
    try_out(loaded, likeness)
    check_drawable(likeness)
    capacity = CodeBook(likeness, seed).capacity
    if rows > capacity:
        raise InputError(
            f"{rows:,} rows need more product codes than the profile {likeness.name} has: "
            f"ask for at most {capacity:,}."
        )
    recipe = Recipe(
        loaded,
        likeness,
        rows,
        seed,
        image_size,
        jpeg_quality,
        shard_rows,
        attributes,
        masks,
        keypoints,
        normals,
        depth,
        conditions.texts,
        parts,
        balance or None,
        shares,
    )
    if where or parts:
        refuse_rare(likeness, recipe.selection)
    return recipe


def usual_shard_rows(rows: int, *, pictures: bool) -> int:
    """How many rows a shard has unless somebody says so: about as many shards as one commit takes.

    >>> usual_shard_rows(3040, pictures=True), usual_shard_rows(1_000_000, pictures=True)
    (1000, 10000)
    """
    usual, most = (1000, MOST_PICTURES) if pictures else (250_000, MOST_PLAIN_ROWS)
    few = max(usual, -(-rows // MOST_SHARDS))
    return max(min(most, few), -(-rows // NUMBERED_SHARDS))
