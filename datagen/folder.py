"""A dataset on disk: the folder's layout, its manifest, and opening one that somebody gave us.

README.md        the card
manifest.json    what was asked for, with which versions, and a checksum for each shard
schema.yaml      the columns
profile.yaml     what the rows were made from
preview.jpg      a contact sheet, where there are pictures
data/train-00000-of-000NN.parquet
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from datagen.profile import Profile, load_profile
from schemas import InputError, Schema, load_schema
from schemas.yaml_file import validate

CARD, MANIFEST, SCHEMA, PROFILE = "README.md", "manifest.json", "schema.yaml", "profile.yaml"
PREVIEW = "preview.jpg"
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
    image_size: tuple[int, int] | None
    jpeg_quality: int | None
    shard_rows: int


class Manifest(_Entry):
    """What a dataset folder says of itself; ``families``: products apart from their colourways.

    There is no time and no host in it: the same command gives the same bytes.
    """

    versions: dict[str, str]
    recipe: Asked
    families: int = Field(default=0, ge=0, le=MOST_ROWS)
    shards: tuple[ShardEntry, ...] = Field(min_length=1)

    @property
    def rows(self) -> int:
        """Rows of all shards."""
        return sum(shard.rows for shard in self.shards)


class Folder:
    """A dataset folder that is there and whole by its own word; ``verify`` checks that word."""

    def __init__(self, path: Path, manifest: Manifest, schema: Schema, profile: Profile) -> None:
        self.path = path
        self.manifest = manifest
        self.schema = schema
        self.profile = profile

    @property
    def has_pictures(self) -> bool:
        """Whether the rows have pictures."""
        return self.manifest.recipe.image_size is not None

    def shard_paths(self) -> list[Path]:
        """The shard files in order."""
        return [self.path / shard.path for shard in self.manifest.shards]


def open_folder(path: str | Path) -> Folder:
    """The dataset in a folder. Raises InputError where there is none, or half of one."""
    folder = Path(path)
    if not folder.is_dir():
        if partial(folder).is_dir():
            raise InputError(f"{folder} is not finished; start the same datagen make again with --resume.")
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
    return Folder(
        folder,
        validate(Manifest, value, str(manifest)),
        load_schema(folder / SCHEMA),
        load_profile(folder / PROFILE),
    )


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


def safe_file_name(name: str) -> str:
    """``name`` if it can be a file's name in a folder, else InputError: contents are not to be trusted."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,199}", name) or name.endswith((".", " ")):
        raise InputError(f"{name[:80]!r} cannot be used as a file name.")
    return name
