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
from pathlib import Path

from datagen.columns import ground_truth
from datagen.product.profile import Profile, load_profile
from datagen.schemas import InputError, Schema, load_schema
from datagen.schemas.folder import MANIFEST, MOST_MANIFEST_BYTES, PROFILE, SCHEMA, Manifest, partial
from datagen.schemas.yaml_file import validate


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
