"""A dataset on disk: the folder's layout, its manifest, and opening one that somebody gave us.

README.md        the card
manifest.json    what was asked for or where it comes from, versions, and a checksum for each shard
schema.yaml      the columns
profile.yaml     what the rows were made from, where they were made
preview.jpg      a contact sheet, where there are pictures
rejected.parquet what a catalogue that was pulled in had besides, with reasons
data/train-00000-of-000NN.parquet
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from datagen import ground_truth
from datagen.profile import Profile, load_profile
from schemas import InputError, Schema, load_schema
from schemas.yaml_file import validate

CARD, MANIFEST, SCHEMA, PROFILE = "README.md", "manifest.json", "schema.yaml", "profile.yaml"
PREVIEW, REJECTED = "preview.jpg", "rejected.parquet"
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


class Source(_Entry):
    """A schema or profile: its name and the SHA-256 of its content."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Asked(_Entry):
    """What was asked for: the values of :meth:`datagen.recipe.Recipe.as_json`."""

    table: Source = Field(alias="schema")
    profile: Source
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

    table: Source = Field(alias="schema")
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
    recipe: Asked | None = None
    origin: Origin | None = None
    families: int = Field(default=0, ge=0, le=MOST_ROWS)
    shards: tuple[ShardEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _made_or_pulled(self) -> Manifest:
        if (self.recipe is None) == (self.origin is None):
            raise ValueError("it needs a recipe or an origin, and not both")
        return self

    @property
    def table(self) -> Source:
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
        """The columns of :mod:`datagen.ground_truth` that the rows have, in their order."""
        asked = self.recipe
        return ground_truth.wanted(asked.attributes, asked.masks) if asked and asked.image_size else ()

    def as_json(self) -> str:
        """The text of manifest.json."""
        return self.model_dump_json(indent=2, by_alias=True, exclude_none=True) + "\n"

    @property
    def rows(self) -> int:
        """Rows of all shards."""
        return sum(shard.rows for shard in self.shards)


class Folder:
    """A dataset folder that is there and whole by its own word; ``verify`` checks that word."""

    def __init__(self, path: Path, manifest: Manifest, schema: Schema, profile: Profile | None) -> None:
        """``profile``: what the rows were made from; None for rows that were pulled in."""
        self.path = path
        self.manifest = manifest
        self.schema = schema
        self.profile = profile

    @property
    def has_pictures(self) -> bool:
        """Whether the rows have pictures."""
        return self.manifest.has_pictures

    @property
    def ground_truth(self) -> tuple[str, ...]:
        """The columns of ground truth that the rows have, in their order."""
        return self.manifest.ground_truth

    def shard_paths(self) -> list[Path]:
        """The shard files in order."""
        return [self.path / shard.path for shard in self.manifest.shards]


def open_folder(path: str | Path) -> Folder:
    """The dataset in a folder. Raises InputError where there is none, or half of one."""
    folder = Path(path)
    if not folder.is_dir():
        if partial(folder).is_dir():
            raise InputError(
                f"{folder} is not finished; start the same command again (datagen make: with --resume)."
            )
        raise InputError(f"There is no dataset folder {folder}.")
    manifest = folder / MANIFEST
    try:
        if manifest.stat().st_size > MOST_MANIFEST_BYTES:
            raise InputError(f"{manifest} is larger than any manifest.")
        text = manifest.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{folder} is not a finished dataset: it has no {MANIFEST}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{manifest} cannot be read ({error}).") from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(f"{manifest} is not JSON.") from None
    told = validate(Manifest, value, str(manifest))
    profile = load_profile(folder / PROFILE) if told.recipe else None
    schema = load_schema(folder / SCHEMA)
    ground_truth.refuse_taken(schema, told.ground_truth)
    return Folder(folder, told, schema, profile)


def partial(out: Path) -> Path:
    """Where the dataset ``out`` is written until it is whole. Raises InputError for no name, as ``.``."""
    if out.name in {"", ".."}:
        raise InputError(f"{out} is no name for a new folder; give another --out.")
    return out.with_name(out.name + ".partial")


def to_yaml(value: BaseModel) -> str:
    """A schema or profile as YAML that reads back as an equal one."""
    plain = value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(plain, Dumper=dumper, sort_keys=False, allow_unicode=True, width=110))


def write_file(path: Path, text: str) -> None:
    """Write a text file whole or not at all, and on disk before returning. Raises OSError."""
    aside = path.with_name(path.name + ".part")
    try:
        with aside.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


PICTURE_SUFFIXES = ("jpg", "png", "webp")


def picture_name(code: str) -> str:
    """The name of a product's picture, without its suffix: the code, with what no file name bears escaped.

    Two codes never get the same name.

    >>> picture_name("80595081"), picture_name("A/7 b"), picture_name("")
    ('80595081', 'A+2F7+20b', '+')
    """
    plain = re.sub(
        r"[^A-Za-z0-9._-]|^[._-]",
        lambda odd: "".join(f"+{byte:02X}" for byte in odd[0].encode("utf-8", "surrogatepass")),
        code,
    )
    return plain or "+"


def safe_file_name(name: str) -> str:
    """``name`` if it can be a file's name in a folder, else InputError: contents are not to be trusted."""
    if not re.fullmatch(r"[A-Za-z0-9+][A-Za-z0-9 ._+-]{0,249}", name) or name.endswith((".", " ")):
        raise InputError(f"{name[:80]!r} cannot be used as a file name.")
    return name
