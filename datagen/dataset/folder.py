"""Opening an existing dataset folder; :mod:`datagen.schemas.folder` describes its layout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from datagen.columns import ground_truth
from datagen.product.profile import Profile, load_profile
from datagen.schemas import InputError, Schema, load_schema
from datagen.schemas.folder import PROFILE, SCHEMA, Manifest, partial, read_manifest


@dataclass(frozen=True)
class Folder:
    """A dataset folder, whole according to its manifest; ``verify`` checks that.

    ``profile`` is what the rows were made from, None for an imported catalogue.
    """

    path: Path
    manifest: Manifest
    schema: Schema
    profile: Profile | None

    @property
    def has_pictures(self) -> bool:
        """Whether the rows have pictures."""
        return self.manifest.has_pictures

    @property
    def ground_truth(self) -> tuple[str, ...]:
        """The columns of ground truth that the rows have, in their order."""
        return self.manifest.ground_truth

    @contextmanager
    def parquet(self, name: str) -> Iterator[pq.ParquetFile]:
        """A shard, by its path within the dataset, to read columns and metadata from."""
        with pq.ParquetFile(self.path / name) as shard:
            yield shard

    def shard_paths(self) -> list[Path]:
        """The shard files in order."""
        return [self.path / shard.path for shard in self.manifest.shards]


def open_folder(path: str | Path) -> Folder:
    """The dataset in a folder. Raises InputError where there is none or it is not finished."""
    folder = Path(path)
    if not folder.is_dir():
        if partial(folder).is_dir():
            raise InputError(
                f"{folder} is not finished; run the same command again (datagen make: with --resume)."
            )
        raise InputError(f"There is no dataset folder {folder}.")
    manifest = read_manifest(folder)
    profile = load_profile(folder / PROFILE) if manifest.recipe else None
    schema = load_schema(folder / SCHEMA)
    ground_truth.refuse_taken(schema, manifest.ground_truth)
    return Folder(folder, manifest, schema, profile)
