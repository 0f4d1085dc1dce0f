"""A dataset on disk, as both wings read it: the names of its files, and its manifest.

README.md        the card
manifest.json    what was asked for or where it comes from, versions, and a checksum for each shard
schema.yaml      the columns
profile.yaml     what the rows were made from, where they were made
preview.jpg      a contact sheet, where there are pictures
rejected.parquet what a catalogue that was pulled in had besides, with reasons
data/train-00000-of-000NN.parquet
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from datagen.schemas import InputError

CARD, MANIFEST, SCHEMA, PROFILE = "README.md", "manifest.json", "schema.yaml", "profile.yaml"
PREVIEW, REJECTED = "preview.jpg", "rejected.parquet"

ATTRIBUTES, MASK = "attributes", "mask"
"""The columns of ground truth."""

MOST_MANIFEST_BYTES = 50_000_000
MOST_ROWS = 10**15


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShardEntry(_Entry):
    """One shard as the manifest knows it."""

    path: str = Field(pattern=r"^data/[A-Za-z0-9._-]+\.parquet$")
    rows: int = Field(ge=1, le=MOST_ROWS)
    bytes: int = Field(ge=0, le=MOST_ROWS)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class NamedDigest(_Entry):
    """A schema or profile: its name and the SHA-256 of its content."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class RecipeRecord(_Entry):
    """What was asked for: the values of :meth:`datagen.generation.recipe.Recipe.as_json`."""

    table: NamedDigest = Field(alias="schema")
    profile: NamedDigest
    rows: int = Field(ge=1, le=MOST_ROWS)
    seed: int
    image_size: tuple[int, int] | None = None
    jpeg_quality: int | None = None
    shard_rows: int
    attributes: bool | None = None
    masks: bool | None = None


class Origin(_Entry):
    """Where a real catalogue was taken from, and what became of its rows.

    ``source`` is a dataset id or a file's name; ``columns``: ours -> theirs; ``given``: ours -> a value for
    every row; ``unused``: theirs that went nowhere; ``filled``: ours -> rows whose value followed from
    others; ``header_lost``: columns were taken by position; ``relaxed``: what the rows do not keep of the
    schema that was asked for; ``reasons``: why rows were rejected, and how many.
    """

    table: NamedDigest = Field(alias="schema")
    source: str
    commit: str | None = None
    config: str | None = None
    split: str | None = None
    columns: dict[str, str]
    given: dict[str, str] = Field(default_factory=dict)
    unused: tuple[str, ...] = ()
    filled: dict[str, int] = Field(default_factory=dict)
    header_lost: bool = False
    pictures: Literal["none", "column", "files", "links"]
    relaxed: dict[str, str] = Field(default_factory=dict)
    rows_read: int = Field(ge=1, le=MOST_ROWS)
    rejected: int = Field(default=0, ge=0, le=MOST_ROWS)
    reasons: dict[str, int] = Field(default_factory=dict)


class Manifest(_Entry):
    """What a dataset folder says of itself; ``families``: products apart from their colourways.

    It was made from a ``recipe`` or pulled from an ``origin``. There is no time and no host in it: the
    same command gives the same bytes.
    """

    versions: dict[str, str]
    recipe: RecipeRecord | None = None
    origin: Origin | None = None
    families: int = Field(default=0, ge=0, le=MOST_ROWS)
    shards: tuple[ShardEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _made_or_pulled(self) -> Manifest:
        if (self.recipe is None) == (self.origin is None):
            raise ValueError("it needs a recipe or an origin, and not both")
        return self

    @property
    def table(self) -> NamedDigest:
        """The schema that the rows keep."""
        whence = self.recipe or self.origin
        assert whence is not None  # noqa: S101 - the validator saw to it
        return whence.table

    @property
    def image_size(self) -> tuple[int, int] | None:
        """Width and height of every picture in pixels; None where there are none or they differ."""
        return self.recipe.image_size if self.recipe else None

    @property
    def has_pictures(self) -> bool:
        """Whether the rows have pictures."""
        return (
            self.image_size is not None
            if self.recipe
            else self.origin is not None and (self.origin.pictures != "none")
        )

    @property
    def ground_truth(self) -> tuple[str, ...]:
        """The columns of ground truth that the rows have, in their order."""
        asked = self.recipe
        return ground_truth_columns(asked.attributes, asked.masks) if asked and asked.image_size else ()

    def as_json(self) -> str:
        """The text of manifest.json."""
        return self.model_dump_json(indent=2, by_alias=True, exclude_none=True) + "\n"

    @property
    def rows(self) -> int:
        """Rows of all shards."""
        return sum(shard.rows for shard in self.shards)


def partial(out: Path) -> Path:
    """Where the dataset ``out`` is written until it is whole. Raises InputError for no name, as ``.``."""
    if out.name in {"", ".."}:
        raise InputError(f"{out} is no name for a new folder; give another --out.")
    return out.with_name(out.name + ".partial")


def ground_truth_columns(attributes: bool | None, masks: bool | None) -> tuple[str, ...]:
    """The columns of ground truth that are asked for, in their order."""
    return (ATTRIBUTES,) * bool(attributes) + (MASK,) * bool(masks)


Size = tuple[int, int]
