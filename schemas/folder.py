"""A dataset on disk, as both wings read it: the names of its files, and its manifest.

README.md        the card
manifest.json    the recipe it was made from or the origin of an import, versions, a checksum per shard
schema.yaml      the columns
profile.yaml     what the rows were made from; made datasets only
preview.jpg      a contact sheet; datasets with pictures only
report.html      how close the rows are to real ones, where datagen report wrote it; report.json: its numbers
rejected.parquet the rows of an imported catalogue that could not be kept, with reasons
data/train-00000-of-000NN.parquet; in a dataset with splits, data/SPLIT-00000-of-000NN.parquet for each
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from datagen.schemas import InputError
from datagen.schemas.files import read_file
from datagen.schemas.yaml_file import validate

CARD, MANIFEST, SCHEMA, PROFILE = "README.md", "manifest.json", "schema.yaml", "profile.yaml"
PREVIEW, REJECTED = "preview.jpg", "rejected.parquet"

REPORT, REPORT_NUMBERS = "report.html", "report.json"
REPORT_FORMAT = "datagen report 1"
"""By which report.json is known."""

ATTRIBUTES, MASK, KEYPOINTS, NORMALS, DEPTH = "attributes", "mask", "keypoints", "normals", "depth"
"""The columns of ground truth."""

MAPS = (NORMALS, DEPTH)
"""Those that are null where a picture was drawn without geometry."""

SPLITS = ("train", "validation", "test")
"""The usual splits, in the order in which they are listed."""

Size = tuple[int, int]
"""Width and height in pixels."""

MOST_MANIFEST_BYTES = 50_000_000
MOST_ROWS = 10**15


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


SPLIT_NAME = r"^[A-Za-z0-9][A-Za-z0-9_]{0,39}$"


class ShardEntry(_Entry):
    """One shard in the manifest. ``split``: the one it is of, in a dataset with splits."""

    path: str = Field(pattern=r"^data/[A-Za-z0-9._-]+\.parquet$")
    split: str | None = Field(default=None, pattern=SPLIT_NAME)
    rows: int = Field(ge=1, le=MOST_ROWS)
    bytes: int = Field(ge=0, le=MOST_ROWS)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class NamedDigest(_Entry):
    """The name of a schema or profile and the SHA-256 of its content."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class RecipeRecord(_Entry):
    """What a dataset was made from: the values of :meth:`datagen.generation.recipe.Recipe.as_json`.

    ``where``: what every product satisfies, values or bounds by name; ``parts``: rows by ``column:value``,
    and those of the ``rest``; ``balance``: the column whose values have equal numbers of rows; ``like``: the
    name and the digest of the rows that schema and profile were fitted to; ``layers``: the digest of the
    index of baked figures and garments that the pictures were composed from.
    """

    table: NamedDigest = Field(alias="schema")
    profile: NamedDigest
    rows: int = Field(ge=1, le=MOST_ROWS)
    seed: int
    image_size: tuple[int, int] | None = None
    jpeg_quality: int | None = None
    shard_rows: int
    splits: dict[str, float] | None = None
    attributes: bool | None = None
    masks: bool | None = None
    keypoints: bool | None = None
    normals: bool | None = None
    depth: bool | None = None
    where: dict[str, list[str]] | None = None
    parts: dict[str, Annotated[int, Field(ge=0, le=MOST_ROWS)]] | None = None
    balance: str | None = None
    like: NamedDigest | None = None
    layers: NamedDigest | None = None


class UnreadPart(_Entry):
    """A part of a source that could not be read: bytes [start, end) of a file, as it unpacks.

    ``end``: absent for a part whose end is unknown; ``rows``: how many were in it, where that is known.
    """

    file: str
    start: int = Field(ge=0, le=MOST_ROWS)
    end: int | None = None
    rows: int | None = None
    reason: str


class Origin(_Entry):
    """Where a real catalogue was imported from, and what became of its rows.

    ``source`` is a dataset id or a file name; ``columns`` maps columns of the schema to those of the source,
    ``given`` columns to a value for every row, ``filled`` columns to the number of rows whose value was
    derived from other columns; ``unused``: columns of the source that were not used; ``header_lost``: the
    source had no header and its columns were taken by position; ``relaxed``: rules of the requested schema
    that the rows do not keep; ``reasons``: why rows were rejected, with counts; ``unread``: what was too
    damaged to be read.
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
    unread: tuple[UnreadPart, ...] | None = None


class Manifest(_Entry):
    """The record of a dataset folder; ``families``: products, all colourways of one counted once.

    The dataset was made from a ``recipe`` or imported from an ``origin``. The manifest holds no time and no
    host, so the same command gives the same bytes.
    """

    versions: dict[str, str]
    recipe: RecipeRecord | None = None
    origin: Origin | None = None
    families: int = Field(default=0, ge=0, le=MOST_ROWS)
    shards: tuple[ShardEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _made_or_pulled(self) -> Manifest:
        if (self.recipe is None) == (self.origin is None):
            raise ValueError("it needs a recipe or an origin, but not both")
        known = set((self.recipe and self.recipe.splits) or {})
        for shard in self.shards:
            if (shard.split is None) == bool(known) or (shard.split and shard.split not in known):
                raise ValueError(f"its shards and its recipe do not have the same splits ({shard.path})")
            if shard.split and not shard.path.startswith(f"data/{shard.split}-"):
                raise ValueError(f"{shard.path} is not the name of a shard of the split {shard.split}")
        return self

    @property
    def rows(self) -> int:
        """The number of rows in all shards."""
        return sum(shard.rows for shard in self.shards)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits of a dataset that was made with splits, in order; empty for any other."""
        return tuple(dict.fromkeys(shard.split for shard in self.shards if shard.split))

    @property
    def rows_by_split(self) -> dict[str, int]:
        """The number of rows in each of :attr:`splits`."""
        return {name: sum(shard.rows for shard in self.shards if shard.split == name) for name in self.splits}

    @property
    def table(self) -> NamedDigest:
        """The schema of the rows."""
        source = self.recipe or self.origin
        assert source is not None  # noqa: S101 - the validator made sure
        return source.table

    @property
    def image_size(self) -> tuple[int, int] | None:
        """Width and height of every picture in pixels; None where there are none or they differ."""
        return self.recipe.image_size if self.recipe else None

    @property
    def has_pictures(self) -> bool:
        """Whether the rows have pictures."""
        if self.origin is not None:
            return self.origin.pictures != "none"
        return self.image_size is not None

    @property
    def ground_truth(self) -> tuple[str, ...]:
        """The columns of ground truth that the rows have, in their order."""
        if self.recipe is None or self.recipe.image_size is None:
            return ()
        recipe = self.recipe
        return ground_truth_columns(
            recipe.attributes, recipe.masks, recipe.keypoints, recipe.normals, recipe.depth
        )

    @property
    def files(self) -> list[str]:
        """The files of the dataset folder, as paths within it."""
        names = [CARD, MANIFEST, SCHEMA, *(shard.path for shard in self.shards)]
        names += [PROFILE] * bool(self.recipe) + [PREVIEW] * self.has_pictures
        return names + [REJECTED] * bool(self.origin and self.origin.rejected)

    def as_json(self) -> str:
        """The text of manifest.json."""
        return self.model_dump_json(indent=2, by_alias=True, exclude_none=True) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a dataset folder. Raises InputError."""
    path = folder / MANIFEST
    try:
        text = read_file(path, MOST_MANIFEST_BYTES).decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{folder} is not a finished dataset: it has no {MANIFEST}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error}).") from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{path} is not JSON.") from None
    return validate(Manifest, value, str(path))


def irregular_files(folder: Path, names: Iterable[str]) -> list[str]:
    """Those of some names in a folder that are there but no plain files: links, ways through links, pipes.

    A link may lead to a file that its owner never meant to show. So links are followed where a dataset is
    read (the Hub's cache consists of them), but they are neither pushed nor accepted by ``verify``.
    """
    top = folder.resolve()
    paths = {name: top / name for name in names}
    return [
        name
        for name, path in paths.items()
        if os.path.lexists(path) and (path.resolve() != path or not path.is_file())
    ]


def ground_truth_columns(
    attributes: bool | None,
    masks: bool | None,
    keypoints: bool | None,
    normals: bool | None = None,
    depth: bool | None = None,
) -> tuple[str, ...]:
    """The columns of ground truth that are requested, in their order."""
    asked = {
        ATTRIBUTES: attributes,
        MASK: masks,
        KEYPOINTS: keypoints,
        NORMALS: normals,
        DEPTH: depth,
    }
    return tuple(name for name, wanted in asked.items() if wanted)


def partial(out: Path) -> Path:
    """Where the dataset ``out`` is written until it is whole. Raises InputError for no name, as ``.``."""
    if out.name in {"", ".."}:
        raise InputError(f"{out} is not a name for a new folder; give another --out.")
    return out.with_name(out.name + ".partial")
